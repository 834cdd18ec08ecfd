#!/bin/sh
# The rules decide as FineWeb's do, and each drops what it is for.
. "${0%/*}/lib.sh"
rules() { crawlclean -q -i docs --why --off language --off language-score --keep-pii "$@"; }

gold=$SHARED/data/clean/rules/filters.jsonl
if [ -e "$gold" ] && command -v python3 >/dev/null
then
	ok 'at least 99% of decisions and reasons are those of the reference' '
		python3 "$TOP/t/rules.py" "$gold" docs >docs
		rules docs >ours
		python3 "$TOP/t/rules.py" "$gold" compare ours | tee count
		awk "{ exit !(\$1 >= .99 * \$3 && \$5 >= .97 * \$3) }" count
	'
	[ -s count ] && echo "# $(cat count)"
else
	skip 'decisions of the reference' 'there is no shared/data/clean, or no python3'
fi

good='In the month of May the gardener walks to the old wall, and he looks at the apple trees that have stood there for a long time. He knows that they need water and light. When the work is done, all of the people sit down on the long bench. They talk about the weather and the bees. Nobody knows who built the wall that they have.'
drops() {	# RULE TEXT (JSON)
	ok "$1" "
		printf '%s\n' '{\"text\":\"$2\",\"id\":\"x\"}' | rules >out
		grep -q '\"drop\":\"$1\"' out || { cat out >&2; false; }
	"
}
ok 'good prose is kept' '
	printf "%s\n" "{\"text\":\"$good\",\"id\":\"x\"}" | rules >out
	not grep -q drop out
'
drops gopher-min-words 'In the month of May gardeners walk to their old wall, and look at some apple trees that have stood there for a long time now. They know what is needed: water, light.'
drops gopher-dup-paragraphs "$good\\n\\n$good\\n\\n$good"
drops gopher-hashes "#a #b #c #d #e #f #g #h #i #k #l $good"
drops gopher-letters "$good 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"
drops gopher-stop-words 'Der Gärtner läuft im Mai zur alten Mauer. Er schaut die Apfelbäume an. Alle Leute sitzen später lange auf der Bank. Niemand weiß, wer diese Mauer gebaut hat. Manche sagen, ein König habe es befohlen. Andere meinen, die Steine seien immer da gewesen. Man musste sie nur aufeinander legen. Die Bienen kommen zurück, wenn es warm wird. Dann reden sie lange über Brot.'
drops c4-curly-bracket "$good A curly { bracket."
drops c4-lorem-ipsum "$good Lorem ipsum dolor sit amet."
ok 'a threshold can be moved' '
	printf "%s\n" "{\"text\":\"$good\",\"id\":\"x\"}" |
		rules --set gopher-min-words=90 >out
	grep -q "\"drop\":\"gopher-min-words\"" out
'
done_testing
