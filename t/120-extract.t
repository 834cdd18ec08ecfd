#!/bin/sh
# Main text: what of a page is content, and how it is written down.
. "${0%/*}/lib.sh"

long='It was in the spring of that year that the two brothers began to build the boat, and nobody in the village believed that it would ever float.'
page() {	# BODY: the text of a page of it
	printf '<html><head><title>The boat</title></head><body>%s</body></html>' "$1" >p.html
	crawlclean -q -x p.html | sed 's/^{"text":"\(.*\)","id":.*/\1/'
}
ok 'paragraphs are apart, white space runs are one blank' '
	page "<p>$long</p><p>$long  Then  came
		the winter.</p>" >out
	grep -q "float.\\\\n\\\\n.*Then came the winter\\." out
'
ok 'navigation, forms, scripts and comments are not text' '
	page "<nav><ul><li><a href=/>Start</a><li><a href=/x>Other</a></ul></nav>
		<script>var x = \"scripted\"</script><!-- comment --><main><p>$long</p>
		<p>$long</p></main><form><label>Search <input></label></form>" >out
	grep -q "two brothers" out
	! grep -q -e Start -e scripted -e comment -e Search out
'
ok 'a list has its dashes, a table its tabs, pre its lines' '
	page "<article><h1>The boat</h1><p>$long</p><ul><li>planks of the old oak tree</li>
		<li>nails from the smith of the village</li></ul><p>$long $long</p>
		<table><tr><td>planks</td><td>forty</td></tr><tr><td>nails</td><td>three
		hundred</td></tr></table><p>$long And more of it.</p>
		<pre>saw  the oak
  twice</pre><p>$long That was all there was to it.</p></article>" >out
	grep -q "\\\\n- planks of the old oak tree\\\\n- nails from" out
	grep -q "planks\\\\tforty\\\\nnails\\\\tthree hundred" out
	grep -q "saw  the oak\\\\n  twice" out
'
ok 'entities and odd encodings become UTF-8' '
	printf "<meta charset=iso-8859-1><p>Caf\351 &amp; cr\350me: $long</p><p>$long</p>" >l.html
	crawlclean -q -x l.html | grep -q "Café & crème"
'
ok 'a page of scripts, an empty page: no text, no failure' '
	page "<script>document.write(1)</script>" >out
	test "$(cat out)" = ""
	: >e.html
	crawlclean -q -x e.html >out
	! grep -q "\"text\":\"[^\"]" out
'
ok 'what is hostile ends soon' '
	awk "BEGIN { for (i = 0; i < 200000; i++) printf \"<div><p>a<b>\" }" >deep.html
	timeout 20 crawlclean -q -x deep.html >out
	awk "BEGIN { for (i = 0; i < 300000; i++) printf \"<p class=c%d>word word</p>\", i }" >many.html
	timeout 20 crawlclean -q -x many.html >out
	awk "BEGIN { printf \"<p>\"; for (i = 0; i < 2000000; i++) printf \"word. \" }" >line.html
	timeout 20 crawlclean -q -x line.html >out
'

gold=$SHARED/data/clean
if [ -e "$gold/score.py" ] && command -v python3 >/dev/null
then
	cat >split.py <<-'PY'
	import json, os, sys
	for line in open(sys.argv[1], encoding='utf-8'):
	    d = json.loads(line)
	    name = os.path.basename(d['source'])[:-len('.html')] + '.txt'
	    open(os.path.join(sys.argv[2], name), 'w', encoding='utf-8').write(d['text'])
	PY
	# The pages are those that data/extract.bin was trained on, so the bar is
	# far below the figure; data/README has the one for pages held out.
	f1() {	# SET COLUMN: the F1 of shingles (1) or words (2)
		mkdir -p "pred/$1"
		crawlclean -q -x "$gold/$1"/*.html >"$1.jsonl"
		python3 split.py "$1.jsonl" "pred/$1"
		python3 "$gold/score.py" "$gold/$1" "pred/$1" |
			awk -v k="$2" '{ for (i = 1; i <= NF; i++)
				if ($i == "F1" && ++n == k) print $(i + 1) }'
	}
	ok 'mixed pages: word F1 at least .86' '
		f=$(f1 mixed 2); echo "$f"
		awk "BEGIN { exit !($f >= .86) }"
	'
	echo "# word F1 on mixed $(cat "$SCRATCH/case.out")"
	ok 'articles: shingle F1 at least .96' '
		f=$(f1 article 1); echo "$f"
		awk "BEGIN { exit !($f >= .96) }"
	'
	echo "# shingle F1 on article $(cat "$SCRATCH/case.out")"
else
	skip 'pages with gold text' 'there is no shared/data/clean, or no python3'
fi
done_testing
