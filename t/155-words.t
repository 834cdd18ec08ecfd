#!/bin/sh
# Words are those of spaCy's English tokenizer: t/words.tsv has texts with its
# words; T_LONG=1 compares with spaCy itself.
. "${0%/*}/lib.sh"

ok 'prefixes, suffixes, infixes, exceptions and addresses' '
	[ "$(wc -l <"$TOP/t/words.tsv")" -ge 400 ]
	cut -f 1 "$TOP/t/words.tsv" >texts
	unit words <texts | cut -f 2 | paste texts - | diff "$TOP/t/words.tsv" - >&2
'
ok 'a word is split the same among other words' '
	paste -s -d " " texts | unit words | cut -f 2 | tr "\037" "\n" >got
	cut -f 2 "$TOP/t/words.tsv" | tr "\037" "\n" | diff - got >&2
'
if [ -z "${T_LONG:-}" ]; then
	skip 'the words equal those of spaCy itself' 'T_LONG=1 runs it'
	done_testing
fi
venv spacy
ok 'the words equal those of spaCy itself' '
	python3 "$TOP/t/words.py" list >texts
	"$venv/bin/python" "$TOP/t/words.py" spacy <texts |
		diff "$TOP/t/words.tsv" - >&2
'
done_testing
