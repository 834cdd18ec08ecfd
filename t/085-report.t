#!/bin/sh
# report: a page from plain text with tables and charts.
. "${0%/*}/lib.sh"

report_of() { printf "$1" | report 2>err; }
body() { sed -n '/^<body>/,/^<script>/p'; }

ok 'title, sections, headings and paragraphs, escaped' '
	report_of "# A <b> & c\n\none\ntwo\n\n## S\n### H\nlast" | body >out
	grep -qx "<h1>A &lt;b&gt; &amp; c</h1>" out
	grep -qx "<p>one two</p>" out
	grep -q "<h2[^>]*>.*S.*</h2>" out
	grep -q "<h3>H</h3>" out
	grep -qx "<p>last</p>" out
'
ok 'the title is that of --title, and the first line a section then' '
	printf "# One\n" | report --title Two | body >out
	grep -qx "<h1>Two</h1>" out
	grep -q "<h2[^>]*>.*One" out
'
ok 'an empty text is a page with a title' '
	report </dev/null | body | grep -qx "<h1>Report</h1>"
'
ok 'a table: names, cells, columns of numbers' '
	report_of "\`\`\`table\nname\t#n\na<\t1\n\t2\n\`\`\`\n" | body >out
	grep -q "<th>name</th><th class=\"n\">n</th>" out
	grep -q "<td>a&lt;</td><td class=\"n\">1</td>" out
	grep -q "<td></td><td class=\"n\">2</td>" out
'
ok 'a sample keeps its lines, whatever they look like' '
	report_of "\`\`\`\n# no title\n\n\`\`\`\`\n  x\n\`\`\`\n" | body |
		sed -n "/<pre>/,/<.pre>/p" >out
	printf "<pre>\n# no title\n\n\`\`\`\`\n  x\n</pre>\n" | cmp - out
'
ok 'a chart: a line for each column after the first, with title, names and gaps' '
	report_of "\`\`\`chart log-x Loss of <x>\tnats\nstep\ta\tb\n1\t3\t4\n10\t\t3\n100\t1\t2\n1000\t1\tnan\n\`\`\`\n" |
		body >out
	grep -q "<figcaption>Loss of &lt;x&gt;</figcaption>" out
	for text in step nats /svg\>a /svg\>b; do grep -q "$text<" out; done
	grep "^<path class=\"curve" out >curves
	[ "$(wc -l <curves)" = 2 ]
	[ "$(head -n 1 curves | grep -o M | wc -l)" = 2 ]
	[ "$(tail -n 1 curves | grep -o M | wc -l)" = 1 ]
'
ok 'a trainlog is drawn as it is' '
	printf "step\tloss\tval_loss\n1\t5.5\tnan\n2\t5.25\t5.3\n" >trainlog.tsv
	{ echo "\`\`\`chart"; cat trainlog.tsv; echo "\`\`\`"; } | report | body |
		grep -q ">val_loss<"
'
ok 'only whole words after chart are for axes; lines may end in CR LF' '
	report_of "\`\`\`chart log-y log-x log-like\r\nx\ty\r\n1\t3\r\n\`\`\`\r\n" | body >out
	grep -q "<figcaption>log-like</figcaption>" out
	grep -q ">y</\|>y<" out
	not grep -q "$(printf "\r")" out
'
ok 'a chart of names alone has no lines' '
	report_of "\`\`\`chart\nx\ty\n\`\`\`\n" | body | grep -q "No data"
'
ok 'files follow each other' '
	printf "# A\n\none\n" >a; printf "# B\n\ntwo" >b
	report a b | body >out
	grep -qx "<h1>A</h1>" out
	grep -q "<h2[^>]*>.*B" out
	grep -qx "<p>two</p>" out
'
ok 'invalid bytes become U+FFFD, and a message says so once' '
	printf "a\n\n\377b\n\n\377c\n" >in
	report in 2>err | body >out
	grep -q "<p>$(printf "\357\277\275")b</p>" out
	[ "$(grep -c "in:3: not valid UTF-8" err)" = 1 ] && [ "$(wc -l <err)" = 1 ]
'
wrong() {	# TEXT MESSAGE
	printf "$1" >in
	fails 1 "refused: $2" 'report -o page in; [ ! -e page ]' "$2"
}
wrong '```\nx\n' 'a block without its closing'
wrong '```html\n```\n' 'a block is ```, ```table or ```chart'
wrong '\n```table\na\tb\n1\n```\n' 'in:4: another number of fields'
wrong '```table\n```\n' 'a block without a line of names'
wrong '```chart\nx\n1\n```\n' 'a chart without a column for y'
wrong '```chart\nx\ty\n2\t1\n1\t1\n```\n' 'in:4: a chart whose x decreases'
wrong '```chart\nx\ty\n\t1\n```\n' 'in:3: a chart whose x decreases or is missing'
wrong '```chart\nx\ty\n1\tone\n```\n' 'in:3: not a number'
wrong '```charts\nx\ty\n```\n' 'a block is ```, ```table or ```chart'
wrong 'a\0b\n' 'in:1: a NUL character'
wrong '```table\na\0b\n```\n' 'in:2: a NUL character'
done_testing
