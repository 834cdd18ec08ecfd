#!/bin/sh
# Pages: ticks at round numbers, curves with gaps, maps, and text that stays text.
. "${0%/*}/lib.sh"

ok 'ticks are round numbers within their axis, not too many' '
	unit page ticks
'
ok 'a page of all kinds; 200,000 points take less than 200 kB' '
	unit page sample page.html
	[ "$(wc -c <page.html)" -lt 200000 ]
'
ok 'no number in it is NaN or infinite' '
	not grep -Ei "[^a-z](nan|inf)[^a-z]" page.html >&2
'
ok 'it needs nothing from elsewhere' '
	not grep -E "https?:|//[a-z]|@import|url\(|src=" page.html >&2
'
ok 'colours for dark and light, and a width for telephones' '
	grep -q "prefers-color-scheme: dark" page.html
	grep -q "name=\"viewport\" content=\"width=device-width" page.html
'
curve() {	# TITLE: the path of its first curve
	awk -v title="<figcaption>$1</figcaption>" 'index($0, title) { on = 1 }
		on && /class="curve/ { print; exit }' page.html
}
ok 'a curve has a gap where there is no number; a lone point is a dot' '
	# 0-99, 150-199, 201-299, 301 (a dot), 303-
	[ "$(curve Gaps | grep -o M | wc -l)" = 5 ]
	[ "$(awk "/figcaption>Gaps/ { on = 1 } /figcaption>Many/ { on = 0 } on && /<circle/" page.html | wc -l)" = 1 ]
	[ "$(curve "One point" | grep -o M | wc -l)" = 1 ]
	[ "$(awk "/figcaption>Nothing/ { on = 1 } on && /<svg/ { exit 1 } /No data/ { exit 0 }" page.html; echo $?)" = 0 ]
'
ok 'of many points in a pixel the lowest and the highest are drawn' '
	# The curve starts at the top of the drawing, between the axis pad and its tick.
	curve "Many points" | grep -oE "[ML][0-9.]+ [0-9.]+" | cut -d " " -f 2 | sort -n >y
	close "$(head -n 1 y)" "10 + 244 * .05 / 1.1" 0.2
	close "$(tail -n 1 y)" "254 - 244 * .05 / 1.1" 0.2
'
ok 'a map has a rectangle for each run of cells, and none where there is no value' '
	awk "/Six cells/ { on = 1 } /<script/ { on = 0 } on && /<path class=\"s[1-9]\"/" page.html |
		grep -oE "M[0-9]+ [0-9]+h[0-9]+" | sort >cells
	# .2 at 1,0; .6 .8 1 at 0..2,1; NaN at 2,0 and 0 at 0,0
	printf "%s\n" "M0 1h1" "M1 0h1" "M1 1h1" "M2 1h1" | cmp - cells
'
if command -v python3 >/dev/null; then
ok 'elements are closed, and text has no markup of its own' '
	cat >strict.py <<-X
	import html.parser
	class P(html.parser.HTMLParser):
	    stack, text, seen = [], [], set()
	    def handle_starttag(self, tag, attrs):
	        self.seen.add(tag)
	        if tag not in ("meta", "input"):
	            self.stack.append(tag)
	    def handle_startendtag(self, tag, attrs): pass
	    def handle_endtag(self, tag):
	        assert self.stack and self.stack.pop() == tag, (tag, self.stack)
	    def handle_data(self, s):
	        if self.stack and self.stack[-1] not in ("script", "style"):
	            self.text.append(s)
	p = P(convert_charrefs=True)
	p.feed(open("page.html", encoding="utf-8", newline="").read())
	p.close()
	text = "".join(p.text)
	assert not p.stack
	assert not p.seen & {"of", "b", "eight", "run"}, p.seen
	assert "Samples <of> a page" in text and "Loss of <eight> runs & one more" in text
	assert "a < b && c > \"d\" " + chr(39) + "e" + chr(39) + "\t\ufffd\n\ufffd\ufffd\ufffd" in text
	assert "\n\nfirst line is empty\n  indented\n" in text
	assert "run <8>" in text and "cell <6>" in text
	X
	python3 strict.py
'
else skip 'elements are closed' 'there is no python3'; fi
done_testing
