#!/bin/sh
# The rules decide as FineWeb's do, and each drops what it is meant to drop.
. "${0%/*}/lib.sh"
rules() { crawlclean -q -i docs --why --off language --off language-score --keep-pii "$@"; }

gold=$SHARED/data/clean/rules/filters.jsonl
if [ -e "$gold" ] && command -v python3 >/dev/null
then
	ok 'at least 99% of decisions and reasons agree with the reference' '
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
# Each rule alone, on both sides of its threshold, by datatrove's definitions:
# fractions of duplicate lines and paragraphs and of the characters in them,
# fractions of characters in repeated n-grams, and so on.
cat >sides.py <<'END'
import json, math, string
def word(i):
    return ''.join(string.ascii_lowercase[i // 26 ** k % 26] for k in range(3))
def words(n, glue=' '):
    return glue.join(map(word, range(n)))
def lines(n, repeated, glue='\n'):    # n lines, of which this many are repeats
    return glue.join([word(i) + ' one' for i in range(n - repeated)] + [word(0) + ' one'] * repeated)
def twice(n, text, filler=0):    # n short words, twice, and a filler word
    row = ' '.join('ab cd ef gh ij kl mn op qr st'.split()[:n])
    return f'{row} {row} '.ljust(text, 'x')
def pad(n, glue):    # the first of the lines twice, n characters in total
    return glue.join(['y' * 20, 'y' * 20, '']).ljust(n, 'z')
def marked(n, of, mark):
    return ' '.join([word(i) for i in range(of - n)] + [mark] * n)
def line_set(n, of, special, other):
    return '\n'.join([special(i) for i in range(n)] + [other(i + n) for i in range(of - n)])
def rows(n, of):    # newlines to words
    return '\n'.join([words(of - n)] + [word(i) for i in range(n)])
sides = {    # rule: a text that is kept, a text that is dropped
    'gopher-dup-lines': (lines(10, 3), lines(10, 4)),
    'gopher-dup-paragraphs': (lines(10, 3, '\n\n'), lines(10, 4, '\n\n')),
    'gopher-dup-line-chars': (pad(100, '\n'), pad(99, '\n')),
    'gopher-dup-paragraph-chars': (pad(100, '\n\n'), pad(99, '\n\n')),
    'gopher-top-2-gram': (twice(2, 50), twice(2, 49)),
    'gopher-top-3-gram': (twice(3, 89), twice(3, 88)),
    'gopher-top-4-gram': (twice(4, 138), twice(4, 137)),
    'gopher-min-words': (words(50), words(49)),
    'gopher-max-words': ('a b c d e f g h i k\n' * 10000, 'a b c d e f g h i k\n' * 10000 + 'l'),
    'gopher-min-word-length': (words(50), words(49) + ' ab'),
    'gopher-max-word-length': ('abcdefghij ' * 50, 'abcdefghij ' * 50 + 'abcdefghijk'),
    'gopher-hashes': (marked(10, 100, '#'), marked(11, 100, '#')),
    'gopher-ellipses': (marked(10, 100, '...'), marked(11, 100, '...')),
    'gopher-bullets': (line_set(9, 10, lambda i: '- ' + word(i), word),
                       line_set(10, 10, lambda i: '- ' + word(i), word)),
    'gopher-ellipsis-lines': (line_set(3, 10, lambda i: word(i) + '...', word),
                              line_set(4, 10, lambda i: word(i) + '...', word)),
    'gopher-letters': (marked(20, 100, '12'), marked(21, 100, '12')),
    'gopher-stop-words': (words(20) + ' the of', words(20) + ' the'),
    'c4-lorem-ipsum': (words(9) + ' lorem', words(9) + ' Lorem Ipsum'),
    'c4-curly-bracket': (words(9) + ' ()[]', words(9) + ' {'),
    'c4-sentences': (line_set(5, 5, lambda i: 'It rained on ' + word(i) + ' then.', word),
                     line_set(4, 4, lambda i: 'It rained on ' + word(i) + ' then.', word)),
    'fineweb-line-ends': (line_set(3, 25, lambda i: word(i) + '.', word),
                          line_set(2, 25, lambda i: word(i) + '.', word)),
    'fineweb-short-lines': (line_set(67, 100, lambda i: word(i) * 10, lambda i: word(i) * 10 + 'x'),
                            line_set(68, 100, lambda i: word(i) * 10, lambda i: word(i) * 10 + 'x')),
    'fineweb-dup-line-chars': ('y' * 10 + '\n' + 'y' * 10 + '\n' + 'z' * 980,
                               'y' * 10 + '\n' + 'y' * 10 + '\n' + 'z' * 979),
    'fineweb-newlines': (rows(3, 10), rows(4, 10)),
}
for n, limit in zip(range(5, 11), (.15, .14, .13, .12, .11, .1)):
    least = math.ceil(2 * n / limit - 1e-9)
    sides[f'gopher-dup-{n}-grams'] = twice(n, least), twice(n, least - 1)
for rule, pair in sides.items():
    for id, text in zip(('kept', rule), pair):
        print(json.dumps({'text': text, 'id': id, 'rule': rule}))
END
python3 sides.py >sides
crawlclean --rules | cut -f 1 | sed 1d >names
for rule in $(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' sides | grep -vx kept); do
	ok "$rule, both sides of its threshold" "
		grep -F '\"rule\": \"$rule\"' sides >two
		crawlclean -q -i docs --why --keep-pii \$(grep -vx -e $rule names |
			sed 's/^/--off /') two >out
		test \$(wc -l <out) = 2
		test \$(grep -cF '\"drop\"' out) = 1
		grep -F '\"id\": \"$rule\"' out | grep -q '\"drop\":\"$rule\"'
	"
done
# Bullets are counted per line of Python's splitlines(): two lines where it
# splits, so that half of them have one; otherwise one line.
python3 -c '
import json
for sep in ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029",
        "\t", "\x1b", "\x1f", "\x84", "\x86", "\xa0", "\u2026", "\u2027", "\u202a", "\u2128"]:
    text = "- one" + sep + "two"
    print(json.dumps({"text": text, "id": len(text.splitlines())}))' >seps
ok 'lines end where Python ends them' '
	crawlclean -q -i docs --why --keep-pii $(grep -vx -e gopher-bullets names |
		sed "s/^/--off /") --set gopher-bullets=.6 seps >out
	test $(wc -l <out) = 21
	test $(grep -c "\"id\": 2" out) = 11
	not grep "\"id\": 2.*\"drop\"" out
	test $(grep -c "\"id\": 1.*\"drop\":\"gopher-bullets\"" out) = 10
'
# What remains after C4 has removed single lines from a text.
left() {	# RULE TEXT REST
	ok "$1 removes what it should, and no more" "
		printf '%s\n' '{\"text\":\"$2\"}' | crawlclean -q -i docs --keep-pii \
			\$(grep -vx -e $1 names | sed 's/^/--off /') --on $1 >out
		printf '%s\n' '{\"text\":\"$3\"}' >want
		python3 -c 'import json
a, b = (json.loads(open(f).readline())[\"text\"] for f in (\"out\", \"want\"))
assert a == b, (a, b)'
	"
}
long=$(printf %0999d 0)
left c4-word-length "a b c\\nx 0$long y\\nx 01$long y\\nd" "a b c\\nx 0$long y\\nd"
left c4-line-words 'one two three\nfour five\nsix seven eight nine\nten' 'one two three\nsix seven eight nine'
left c4-citations 'It is so.[1] He said[2][3] it[edit] and[citation needed] left[4' 'It is so. He said it and left[4'
left c4-javascript 'Please turn on JavaScript now\nThe java script\nJAVASCRIPT' 'The java script'
left c4-policy 'We use cookies here\nSee our privacy policy\nTerms of Use\nThe cookie jar' 'The cookie jar'
left c4-terminal 'It rained.\nNo end\nWhy not?\n\"Because!\"' 'It rained.\nWhy not?\n\"Because!\"'
ok '--on: with every rule of C4, lines are edited before pages are judged' '
	printf "%s\n" "{\"text\":\"It rained on the hills.\\nNo {end}\\nIt was cold at night.\"}" >in
	crawlclean -q -i docs $(grep -v "^c4-" names | sed "s/^/--off /") --on c4 \
		--set c4-sentences=2 in >out
	grep -F "It rained on the hills.\\nIt was cold at night." out
	crawlclean --off c4 --on c4-policy --rules | grep "^c4-.*yes" >on
	test "$(cut -f 1 on)" = c4-policy
	code=0
	crawlclean -q --on c5 in 2>err || code=$?
	test $code = 2
	grep "there is no rule .c5." err
'
ok '--stats has the sums over all documents, whatever -j is' '
	printf "%s\n" "{\"text\":\"Mail a@b.org or c@d.com from 8.8.8.8.\",\"id\":\"m\"}" |
		cat - sides >all
	for j in 1 3; do
		crawlclean -q -j $j -i docs --why --stats st.$j all >out
		crawlclean -q -j $j -i docs --stats st2 all >kept
		cmp st.$j st2
	done
	cmp st.1 st.3
	python3 -c "
import collections, json
st = dict(line.rstrip().split(\"\\t\") for line in open(\"st.1\"))
docs = [json.loads(line) for line in open(\"all\")]
out = [json.loads(line) for line in open(\"out\")]
drops = collections.Counter(d.get(\"metadata\", {}).get(\"drop\") for d in out)
assert int(st[\"pages\"]) == len(docs) == len(out) == 61
assert int(st[\"kept\"]) == drops.pop(None, 0) == len(open(\"kept\").readlines())
assert {k[5:]: int(v) for k, v in st.items() if k.startswith(\"drop.\") and v != \"0\"} == drops
assert int(st[\"bytes\"]) == sum(len(d[\"text\"].encode()) for d in docs)
assert int(st[\"text-bytes\"]) == sum(len(json.loads(l)[\"text\"].encode()) for l in open(\"kept\"))
assert len(drops) > 5
"
	crawlclean -q -i docs --off language --off language-score --off gopher --off c4 \
		--off fineweb --stats st all >kept
	grep -qx "replaced	3" st
	grep -qx "pages	61" st && grep -qx "kept	61" st
'
ok 'a threshold can be changed' '
	printf "%s\n" "{\"text\":\"$good\",\"id\":\"x\"}" |
		rules --set gopher-min-words=90 >out
	grep -q "\"drop\":\"gopher-min-words\"" out
'
done_testing
