#!/bin/sh
# crawlclean: the same text from every kind of input; options; any -j.
. "${0%/*}/lib.sh"

sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1
texts() { grep -o '"text":"[^"]*"' "$@"; }
texts_of() { crawlclean -q -x "$@" | texts; }
mkdir pages
for i in 1 2 3; do sed "s/month 1/month $i/; s/number 1/number $i/" page.html >pages/$i.html; done
texts_of pages/1.html pages/2.html pages/3.html >want

ok 'navigation and footer are dropped, title and text stay' '
	crawlclean -q -x page.html >out
	grep -q "The garden in month 1.n.nIn the month" out
	not grep -q -e Home -e Copyright out
	grep -q "\"title\":\"Page 1\"" out
	grep -q "\"source\":\"page.html\"" out
'
ok 'a WARC is read, compressed or not; source and url are its addresses' '
	crawlclean -q -x crawl.warc >a
	crawlclean -q -x crawl.warc.gz >b
	cmp a b
	test "$(wc -l <a)" = 8
	grep -q "\"source\":\"http://example.org/3\"" a
	grep -q "\"url\":\"http://example.org/3\"" a
	grep -q "\"date\":\"2026-01-01T00:00:00Z\"" a
'
ok 'standard input, with and without -' '
	crawlclean -q -x <crawl.warc | cmp - a
	crawlclean -q -x - <crawl.warc.gz | cmp - a
'
ok 'an ARC is read' '
	{ printf "filedesc://x.arc 0.0.0.0 20260101000000 text/plain 76\n"
	printf "1 0 x\nURL IP-address Archive-date Content-type Archive-length\n%s\n\n" \
		"padding padd"
	for i in 1 2 3; do
		{ printf "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"
		cat pages/$i.html; } >b.$i
		printf "http://x.org/%d 10.0.0.1 20260101000000 text/html %d\n" \
			$i "$(wc -c <b.$i)"
		cat b.$i; echo
	done; } >x.arc
	texts_of x.arc | cmp - want
'
ok 'extracted text (WET) is taken as it is' '
	printf "Some text.\nMore of it.\n" >t
	{ printf "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://x.org/\r\n"
	printf "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n" "$(wc -c <t)"
	cat t; printf "\r\n\r\n"; } >x.wet
	crawlclean -q -x x.wet | grep -q "\"text\":\"Some text.\\\\nMore of it.\\(\\\\n\\)*\""
'
ok 'archives of pages in any container' '
	tar cf x.tar pages/[123].html
	gzip -k x.tar
	texts_of x.tar | cmp - want
	texts_of x.tar.gz | cmp - want
	if command -v zstd; then
		zstd -q x.tar -o x.tar.zst && texts_of x.tar.zst | cmp - want
	fi
	if command -v python3; then
		python3 -m zipfile -c x.zip pages/1.html pages/2.html pages/3.html
		texts_of x.zip | cmp - want
	fi
'
ok 'a Debian package is read directly' '
	tar czf data.tar.gz pages/[123].html; : >control; tar czf control.tar.gz control
	echo 2.0 >debian-binary
	{ printf "!<arch>\n"
	for f in debian-binary control.tar.gz data.tar.gz; do
		printf "%-16s%-12s%-6s%-6s%-8s%-10s\`\n" $f 0 0 0 100644 "$(wc -c <$f)"
		cat $f
		[ $(($(wc -c <$f) % 2)) = 0 ] || echo
	done; } >x.deb
	texts_of x.deb | cmp - want
'
ok 'plain text and documents also pass through the rules' '
	crawlclean -q -i text text.txt >/dev/null
	crawlclean -q -i docs --why docs.jsonl >out
	test "$(wc -l <out)" = "$(wc -l <docs.jsonl)"
'
ok 'any number of threads gives the same bytes' '
	crawlclean -q -j 1 crawl.warc >one
	crawlclean -q -j 4 crawl.warc | cmp - one
	test -s one
	unmarked <one >one.unmarked
'
ok '--why keeps everything and names the rule; -o writes a file' '
	crawlclean -q --why --set gopher-min-words=5000 -o out crawl.warc
	test "$(grep -c "\"drop\":\"gopher-min-words\"" out)" = 8
	crawlclean -q --set gopher-min-words=5000 crawl.warc >none
	test ! -s none
	crawlclean -q --off gopher-min-words crawl.warc | unmarked | cmp - one.unmarked
'
ok '--off turns off a family of rules by name, --set turns a member back on' '
	doc 1 "Few words of no use." >few
	crawlclean -q -i docs --why --off gopher --off language-score few >out
	not grep -q "\"drop\":\"gopher" out
	crawlclean -q -i docs --why --off gopher --off language-score \
		--set gopher-min-words=9 few >out
	grep -q "\"drop\":\"gopher-min-words\"" out
'
ok 'languages are chosen' '
	crawlclean -q -l de,fr crawl.warc >out
	test ! -s out
	crawlclean -q -l de,en crawl.warc | unmarked | cmp - one.unmarked
'
ok '--stats counts documents by outcome' '
	crawlclean -q --stats st --set gopher-min-words=5000 crawl.warc >/dev/null
	grep -qx "pages	8" st
	grep -qx "kept	0" st
	grep -qx "drop.gopher-min-words	8" st
	grep -qx "records	8" st
'
ok 'lists of addresses' '
	echo example.org >domains
	crawlclean -q --url-domains domains crawl.warc >out
	test ! -s out
	echo http://example.org/3 >addresses
	crawlclean -q --url-addresses addresses crawl.warc >out
	test "$(wc -l <out)" = $(($(wc -l <one) - 1))
'
ok 'a chunked and compressed body is decoded; an error page is dropped' '
	gzip -nc page.html >z
	{ printf "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	printf "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
	printf "100\r\n"; head -c 256 z; printf "\r\n%x\r\n" $(($(wc -c <z) - 256))
	tail -c +257 z; printf "\r\n0\r\n\r\n"; } >body
	{ printf "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n"
	cat page.html; } >gone
	for f in body gone; do
		printf "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://x.org/%s\r\n" $f
		printf "Content-Type: application/http; msgtype=response\r\n"
		printf "Content-Length: %d\r\n\r\n" "$(wc -c <$f)"
		cat $f; printf "\r\n\r\n"
	done >x.warc
	crawlclean -q --why x.warc >out
	grep "\"drop\":\"http-status\"" out | grep -q "http://x.org/gone"
	grep -v "\"drop\"" out | grep -q "http://x.org/body"
	crawlclean -q -x x.warc | head -n 1 | texts >t1
	texts_of page.html | cmp - t1
'
fails 2 '-x excludes rules' 'crawlclean -x --why page.html' 'applies no rules'
fails 2 'an unknown rule' 'crawlclean --set no-such-rule=1 page.html' 'no-such-rule'
ok 'the table of rules is printed' '
	crawlclean --rules >out
	test "$(wc -l <out)" -gt 40
	grep -q "^gopher-min-words	yes	50	" out
'

# Texts that the rules for English prose drop, and the sets that keep them: all
# have more than 50 words and five distinct sentences.
verdict() {	# SET: the rule that drops the document in text, or "kept"
	crawlclean -q -i docs --why --rules-for $1 text | grep -o "\"drop\":\"[^\"]*" |
		sed "s/.*\"//" | grep . || echo kept
}
ok '--rules-for any-language keeps prose in other languages' '
	doc a "$(printf "%s " "Der alte Leuchtturm am Kap wurde von Maurern gebaut." \
		"Sie trugen jeden Stein die Klippe hinauf." \
		"Damals gab es noch keine Straße." "Im Winter blieb das Licht oft dunkel." \
		"Niemand wusste warum." "Die Fischer warteten im Hafen auf besseres Wetter." \
		"Heute wohnt dort eine Familie mit drei Kindern." \
		"Sie zeigen Besuchern gern die Treppe und die alte Lampe.")" >text
	test "$(verdict fineweb)" = gopher-stop-words
	test "$(verdict any-language)" = kept
	test "$(verdict docs)" = kept
'
ok '--rules-for docs keeps handbooks with code' '
	doc a "$(printf "%s " "To show the files of a folder, type ls at the prompt." \
		"The shell prints one name for each of them." \
		"With the option -l it prints the sizes and the owners too." \
		"A function is written as f() { echo x ; } in this shell." \
		"You call it by its name, with its arguments behind it." \
		"That is all there is to know about functions in the shell, and of the rest you will read in the chapters that follow.")" >text
	test "$(verdict fineweb)" = c4-curly-bracket
	test "$(verdict docs)" = kept
'
ok '--set and --off modify the chosen set' '
	crawlclean --rules-for docs --set gopher-bullets=.5 --off empty --rules >list
	grep -q "^gopher-bullets	yes	0.5" list
	grep -q "^empty	no" list
	grep -q "^gopher-stop-words	no" list
	crawlclean --rules | grep -q "^gopher-stop-words	yes"
'
done_testing
