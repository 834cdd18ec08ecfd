#!/bin/sh
# E-mail and public IPv4 addresses are replaced as FineWeb does it.
. "${0%/*}/lib.sh"

ok 'e-mail and public IP addresses are replaced, private IP addresses stay' '
	printf "%s\n" "Write to jane.doe@mail.test.org from 8.8.8.8, not 192.168.1.1." |
		unit pii >out
	not grep -q -e jane -e "8\.8\.8\.8" out
	grep -q "192\.168\.1\.1" out
	grep -q -e "@example" out
'
ok 'crawlclean does so, except with --keep-pii' '
	doc 1 "Write to jane.doe@mail.test.org." >in
	crawlclean -q -i docs --off gopher --off c4 --off fineweb --off language \
		--off language-score in >out
	not grep -q jane out
	crawlclean -q -i docs --off gopher --off c4 --off fineweb --off language \
		--off language-score --keep-pii in >out
	grep -q jane out
'
if command -v python3 >/dev/null
then
	ok 'which strings are addresses, and which are public, is as in Python' '
		export PYTHONUTF8=1
		python3 "$TOP/t/pii.py" texts >texts
		python3 "$TOP/t/pii.py" replaced <texts >want
		test "$(diff texts want | grep -c "^<")" -gt 1000
		unit pii <texts | diff want - >&2
	'
else
	skip 'addresses as Python finds them' 'there is no python3'
fi
pii=$SHARED/data/clean/rules/pii.tsv
if [ -e "$pii" ]
then
	ok 'every case of the reference' '
		cut -f 3 "$pii" | unit pii >ours
		paste "$pii" ours | awk -F "\t" "
			\$4 != \$NF && \$5 != \$NF { print > \"/dev/stderr\"; bad = 1 }
			END { exit bad }"
	'
else
	skip 'cases of the reference' 'there is no shared/data/clean'
fi
done_testing
