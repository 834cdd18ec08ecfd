#!/bin/sh
# Every manual page with both common formatters, mandoc and man-db's groff, at 80
# and 100 columns: no warning, nothing lost, nothing beyond the margin.
. "${0%/*}/lib.sh"
needs_command mandoc
command -v groff >/dev/null && command -v tbl >/dev/null ||
	skip_all 'there is no groff'

by_mandoc() {
	mandoc -T utf8 -O width=$2 "$1" | LC_ALL=C.UTF-8 sed 's/.\x08//g'
}
by_groff() {	# as man-db calls it, which leaves two columns free
	groff -k -t -mdoc -Tutf8 -P-cbou -rLL=$(($2 - 2))n -rLT=$(($2 - 2))n -ww "$1" 2>warnings
	not grep . warnings >&2
}
# The text without blanks and dashes, which the two set differently, and without
# the first and last line.
text() {
	sed '1d; $d' "$1" | tr -d ' \t\n-' |
		LC_ALL=C.UTF-8 sed 's/[‐–—−]//g; s/\xc2\xa0//g'
}

ok 'a macro in a title, which swallows what follows, is detected' '
	printf "%s\n" ".Dd November 1, 2026" ".Dt X 1" ".Os" ".Sh NAME" ".Nm x" \
		".Nd y" ".Sh DESCRIPTION" .Rs ".%T Muon: An optimizer" .Re >title.1
	not by_groff title.1 80 >/dev/null
'
for page in "$TOP"/man/*.[157]; do
	for width in 80 100; do
		ok "${page##*/} at $width columns" "
			by_mandoc '$page' $width >m
			by_groff '$page' $width >g
			text m >mt; text g >gt
			cmp mt gt
			test \"\$(LC_ALL=C.UTF-8 wc -L <m)\" -le $width
			test \"\$(LC_ALL=C.UTF-8 wc -L <g)\" -le $width
		"
	done
done
done_testing
