#!/bin/sh
# Web archives found in practice: padded, damaged and truncated, with responses
# of every encoding and type. Intact parts are read, damaged ones reported.
. "${0%/*}/lib.sh"

texts() { sed 's/.*"text":"\([^"]*\)".*/\1/' "$@"; }
response() {	# URI FILE: a record whose block is FILE
	printf 'WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: %s\r\nWARC-Date: 2021-03-04T05:06:07Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n' \
		"$1" "$(wc -c <"$2")"
	cat "$2"
	printf '\r\n\r\n'
}
http() {	# HEADER...: a response whose body is standard input
	printf 'HTTP/1.1 200 OK\r\n'
	for h; do printf '%s\r\n' "$h"; done
	printf '\r\n'
	cat
}
html='Content-Type: text/html; charset=utf-8'
page() {	# N: a page with a distinct text
	printf '<!DOCTYPE html><title>Page %d</title><p>The lighthouse number %d was built by masons from the mainland, who carried every one of its %d stones up the cliff by hand.' \
		"$1" "$1" $((1000 * $1))
}
for i in 1 2 3; do
	page $i | http "$html" >block
	response "http://example.org/$i" block >r$i
	gzip -n <r$i >g$i
	crawlclean -q -x r$i | texts >t$i
done
cat t1 t2 t3 >all
printf '\0' >nul
head -c 700 /dev/zero >nuls
printf '\r\n\n \t\r\n' >blank
printf '\357\273\277' >bom
awk 'BEGIN { srand(1); for (i = 0; i < 400; i++)
	printf "%c", 33 + int(rand() * 90) }' >junk

whole() {	# FILE...: their concatenation gives all pages and no message
	cat "$@" >in
	crawlclean -x in >out 2>err
	texts out | cmp - all
	not grep -e lost: -e damaged err
}
lossy() {	# WANT FILE...: the pages of WANT, a message, exit 1
	want=$1; shift
	cat "$@" >in
	s=0; crawlclean -x in >out 2>err || s=$?
	test $s = 1
	texts out | cmp - $want
	grep -q -e "records lost: [1-9]" -e "byte [0-9]*: " err
}

ok 'three pages give three texts' '
	test "$(sort -u all | wc -l)" = 3
	grep -q "3000 stones" t3
	whole r1 r2 r3
	whole g1 g2 g3
'
ok 'an archive whose beginning is missing: the remaining records are read' '
	cat t2 t3 >want
	for n in 2 40 200 300 390; do
		tail -c +$n r1 >rest
		lossy want rest r2 r3
		mv in in.warc
		s=0; crawlclean -x in.warc >out 2>err || s=$?
		test $s = 1
		texts out | cmp - want
	done
	{ tail -c +300 r1; cat r2 r3; } | gzip >rest.gz
	s=0; crawlclean -x <rest.gz >out 2>err || s=$?
	test $s = 1
	texts out | cmp - want
'
ok 'so they are in an archive compressed record by record' '
	cat t2 t3 >want
	for n in 2 40 150 250; do
		{ tail -c +$n g1; cat g2 g3; } >rest.warc.gz
		s=0; crawlclean -x rest.warc.gz >out 2>err || s=$?
		test $s = 1
		texts out | cmp - want
		grep "rest.warc.gz: byte 0: not gzip data: is its beginning missing" err
	done
'
ok 'on standard input, with a long first record, it is not taken for text' '
	{ head -c 100000 /dev/zero | tr "\\0" x; printf "\r\n\r\n"; cat r2 r3; } >rest
	s=0; crawlclean -x <rest >out 2>err || s=$?
	test $s = 1
	not test -s out
	grep "standard input: a web archive whose beginning is missing" err
'
for pad in nul nuls blank bom; do
	ok "padding before the first record: $pad" "
		whole $pad r1 r2 r3
		gzip -n <$pad >p.gz; whole p.gz g1 g2 g3
	"
done
for pad in nul nuls blank; do
	ok "padding between records: $pad" "
		whole r1 $pad r2 $pad r3 $pad
		gzip -n <$pad >p.gz; whole g1 p.gz g2 p.gz g3 p.gz
	"
done
ok 'zero bytes between gzip members are skipped' '
	whole g1 nul g2 nuls g3 nuls
'
ok 'other bytes between records and members are reported, all pages are read' '
	lossy all r1 junk r2 r3
	lossy all g1 junk g2 g3
	lossy all g1 g2 g3 junk
'
ok 'a Content-Length that is too short or missing costs its own page only' '
	sed "/^WARC/,/^Content-Len/s/^\(Content-Length:\).*/\1 150\r/" r2 >short
	sed "s/^\(Content-Len\)gth/\1/" r2 >none
	cat t1 t3 >two
	lossy two r1 none r3
	s=0; cat r1 short r3 >in; crawlclean -x in >out 2>err || s=$?
	test $s = 1
	texts out | grep -qxF -f t1
	texts out | grep -qxF -f t3
	grep -q "records lost: 1" err
'

# One byte of the second member is wrong: whichever it is, the other two pages
# are read, the second is complete or missing, and a missing one is an error.
ok 'a record without WARC-Type is lost, but not those after it' '
	sed "s/WARC-Type/WARA-Type/" r2 >bad
	cat t1 t3 >want
	lossy want r1 bad r3
	grep "records lost: 1," err
	gzip -n <bad >gbad
	lossy want g1 gbad g3
'
ok 'a length past the end of the input is reported, whatever the record' '
	for length in 20000000 1000000000000000000; do
		sed "s/^Content-Length:.*/Content-Length: $length/" r2 >bad
		lossy t1 r1 bad r3
		sed "s/WARC-Type: response/WARC-Type: request/" bad >request
		lossy t1 r1 request r3
	done
	head -c 300 r2 | sed "s/WARC-Type: response/WARC-Type: request/" >cut
	lossy t1 r1 cut
'
ok 'one damaged byte anywhere in a gzip member' '
	n=$(wc -c <g2)
	cat t1 t3 >two
	at=0; missing=0
	while [ $at -lt $n ]; do
		{ head -c $at g2; tail -c +$((at + 1)) g2 | head -c 1 |
			tr "\000-\377" "\200-\377\000-\177"
		tail -c +$((at + 2)) g2; } >bad
		cat g1 bad g3 >in
		s=0; crawlclean -q -x in >out 2>err || s=$?
		texts out >got
		if cmp -s got all; then test $s = 0
		else
			cmp got two
			test $s = 1
			missing=$((missing + 1))
		fi
		at=$((at + 1))
	done
	test $missing -gt $((n / 2))
'
ok 'a damaged first and a damaged last member' '
	{ head -c 150 g1; printf XXXX; tail -c +155 g1; } >bad
	cat t2 t3 >two
	lossy two bad g2 g3
	{ head -c 150 g3; printf XXXX; tail -c +155 g3; } >bad
	cat t1 t2 >two
	lossy two g1 g2 bad
'
ok 'a member without its end does not lose the next one' '
	cat t1 t3 >two
	for cut in 1 9 60 150; do
		head -c -$cut g2 >bad
		lossy two g1 bad g3
	done
'
ok 'a long member damaged near its end: those after it are read' '
	awk "BEGIN { srand(7); printf \"<title>x</title><p>\"
		for (i = 0; i < 300000; i++)
			printf \"%c\", 97 + int(rand() * 26) }" | http "$html" >block
	response http://example.org/long block | gzip -n >long
	n=$(($(wc -c <long) - 2000))
	{ head -c $n long; printf XXXXXXXX; tail -c +$((n + 9)) long; } >bad
	cat t1 t3 >two
	lossy two g1 bad g3
'
# Truncated anywhere, the archive gives the complete pages, perhaps the start of
# the truncated one, and exit 1 unless the cut is between two records.
ok 'an archive truncated anywhere' '
	cat r1 r2 >in
	n=$(wc -c <in); one=$(wc -c <r1)
	at=$((one + 1))
	while [ $at -lt $((n - 4)) ]; do
		s=0; head -c $at in | crawlclean -q -x >out 2>err || s=$?
		test $s = 1
		texts out | sed -n 1p | cmp - t1
		more=$(texts out | sed -n 2p)
		case $(cat t2) in "$more"*) ;; *) exit 1 ;; esac
		test "$(wc -l <out)" = 1 || test -n "$more"
		at=$((at + 7))
	done
	s=0; head -c $((one - 700)) in | crawlclean -q -x >out || s=$?
	test $s = 1
'
ok 'an end inside a record header is reported' '
	head -c 100 r2 >bad
	lossy t1 r1 bad
'
fails 1 '--strict: the first lost record is fatal' '
	cat r1 junk r2 >in; crawlclean --strict -x in
' 'in: byte [0-9]+: not a record: bytes that belong to no record'
ok '-v names the lost records' '
	cat g1 bad g3 >in
	crawlclean -v -x in >out 2>err || true
	grep -q "in: byte [0-9]*: " err
'

# One response in many forms, all with the text of page 1.
page 1 >body
gives() {	# FILE: the response FILE gives page 1
	response http://example.org/x "$1" >in
	crawlclean -q -x in >out
	texts out | cmp - t1
}
nothing() {	# FILE: it gives no document, which is not an error
	response http://example.org/x "$1" >in
	crawlclean -q -x in >out
	test ! -s out
}
ok 'interim responses before the page' '
	{ printf "HTTP/1.1 100 Continue\r\n\r\n"
	printf "HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\nContent-Type: text/css\r\n\r\n"
	http "$html" <body; } >r
	gives r
'
ok 'HTTP/0.9: no header' 'gives body'
for type in 'Content-Type: application/xhtml+xml' 'Content-Type:' X-None:\ 1 \
	'Content-Type: unknown/unknown' 'Content-Type: */*' 'content-type:text/HTML'
do
	ok "a page as '$type'" "http '$type' <body >r; gives r"
done
ok 'text/plain is a page if it starts with html' '
	{ printf "<!-- saved --><html>"; cat body; } | http "Content-Type: text/plain" >r
	gives r
'
ok 'XHTML served as XML is a page, a feed is not' '
	{ printf "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><body>"
	sed "s/<!DOCTYPE html>//" body; } | http "Content-Type: text/xml" >r
	gives r
	printf "<?xml version=\"1.0\"?><rss><channel><title>News</title><link>http://x.org</link><item>One of the items of this feed is this.</item></channel></rss>" |
		http "Content-Type: application/xml" >r
	nothing r
'
ok 'plain text is a document but not counted as a page' '
	sed "s/.*<p>//" body | http "Content-Type: text/plain" >r
	response http://example.org/x r >in
	crawlclean -q -x --stats st in | texts | cmp - t1
	grep -qx "pages	0" st
	grep -qx "texts	1" st
'
ok 'binary data without a type, pictures, scripts and robots.txt are skipped' '
	head -c 500 /dev/zero | http X-None:\ 1 >r && nothing r
	http "Content-Type: image/png" <body >r && nothing r
	http "Content-Type: application/javascript" <body >r && nothing r
	printf "User-agent: *\nDisallow: /secret\n" | http "Content-Type: text/plain" >r
	response http://example.org/robots.txt r >in
	test -z "$(crawlclean -q -x in)"
'
gzip -n <body >body.gz
gzip -n <body.gz >body.gz.gz
coded() { http "$html" "$@" >r; gives r; }
ok 'gzip: declared, undeclared, declared but already decoded, applied twice' '
	coded "Content-Encoding: gzip" <body.gz
	coded "Content-Encoding: x-gzip" <body.gz
	coded <body.gz
	coded "Content-Encoding: gzip" <body
	coded "Content-Encoding: gzip, gzip" <body.gz.gz
	coded "Content-Encoding: gzip" <body.gz.gz
	coded "Transfer-Encoding: gzip" <body.gz
	coded "Content-Encoding: identity" <body
	coded "Content-Encoding: utf-8" <body
'
chunked() {
	n=$(wc -c)
	printf "%x\r\n" 7; head -c 7 "$1"; printf "\r\n%x;ext=1\r\n" $(($(wc -c <"$1") - 7))
	tail -c +8 "$1"; printf "\r\n0\r\n\r\n"
}
ok 'chunked bodies, plain and around gzip' '
	chunked body | coded "Transfer-Encoding: chunked"
	chunked body.gz | coded "Transfer-Encoding: chunked" "Content-Encoding: gzip"
	chunked body.gz | coded "Transfer-Encoding: gzip, chunked"
	coded "Transfer-Encoding: chunked" <body
'
# These bodies were compressed by other programs.
lamp='The lamp of the lighthouse burned whale oil for ten years, and an electric bulb has been in its place ever since.'
lamp() {	# CODING BASE64
	printf %s "$2" | base64 -d | http "$html" "Content-Encoding: $1" >r
	response http://example.org/x r >in
	crawlclean -q -x --stats st in | texts >out
}
zstd=KLUv/SCXzQMA0ogbHGBFqwOYaMIrbZSlkeW3DvgtI2NbgTAiZ2wQLB6nGWbwtPLZfXE/oTa/Ta/0+pEfKiNdkFO6Tdd7oZGFFjyHD/D62rHEmsxXVABGvtyC/LcwtUqR64S5Kai+Ok4zhtlz3VxzVFllAyJxEA6FgAkCAF7CikMZAw==
zlib=eNolijEOAiEUBa/y7I17AUKj1lpsYwnsWyH5CwT+ary9GJOZZIoxh8vtPD/uV0TdxBpNKrRqpn+YaudIiNsqygr9dXpGjWXvhN9b5oJ3dEKUJFhLgzLjQ9f6ES4vQ1AYtKUwfvGIrsNzTGmgHVVcIPhiQ0858GSmar+U7jS9
raw=JYoxDgIhFAWv8uyNewFCo9ZabGMJ7Fsh+QsE/mq8vRiTmWSKMYfL7Tw/7ldE3cQaTSq0aqZ/mGrnSIjbKsoK/XV6Ro1l74TfW+aCd3RClCRYS4My40PX+hEuL0NQGLSlMH7xiK7Dc0xpoB1VXCD4YkNPOfBkpmq/
br=G5YAwIyULu4U1OZSvRoMRUFw8NsMjoUP1OQC5m4fJJhoGkSceO8QryNLtkQNOgAB1iwMfG2VyHcTuECBUvLPVf/lSu6SydbkgYucx6JMu+MpmBsrTyOL109o2q9dAA==
for c in "zstd $zstd" "deflate $zlib" "deflate $raw"; do
	ok "${c%% *}" "
		lamp $c
		test \"\$(cat out)\" = '$lamp'
	"
done
ok 'brotli is read if built in, otherwise counted as unreadable' "
	lamp br $br
	if grep -qx 'unreadable	0' st; then test \"\$(cat out)\" = '$lamp'
	else grep -qx 'unreadable	1' st; test ! -s out; fi
"
ok 'bodies of damaged or unknown encoding are unreadable, not text' '
	{ head -c 60 body.gz; printf XXXXXXXX; tail -c +69 body.gz; } |
		http "$html" "Content-Encoding: gzip" >r
	response http://example.org/x r >in
	crawlclean -q -x --stats st in >out
	test ! -s out
	grep -qx "unreadable	1" st
	http "$html" "Content-Encoding: dcb" <body.gz.gz | tail -c +1 >r
	{ printf "HTTP/1.1 200 OK\r\n%s\r\nContent-Encoding: x-own\r\n\r\n" "$html"
	printf "\001\002\003\004\005\006\007"; } >r
	response http://example.org/x r >in
	crawlclean -q -x --stats st in >out
	test ! -s out
	grep -qx "unreadable	1" st
'
begins() {	# FILE: the beginning of the page in FILE is read, and exit 1
	response http://example.org/x "$1" >in
	s=0; crawlclean -x in >out 2>err || s=$?
	test $s = 1
	grep "cut off: 1" err
	texts out | grep "^The lighthouse number 1 was built"
}
ok 'a truncated body gives what remains of it, and is reported' '
	head -c -30 body.gz | http "$html" "Content-Encoding: gzip" >r
	begins r
	{ printf "1000\r\n"; cat body; } |
		http "$html" "Transfer-Encoding: chunked" >r
	begins r
'
ok 'a page that exceeds the limit only when decoded is reported' '
	{ cat body; head -c 3000 /dev/zero | tr "\0" " "; echo "<p>The end."; } |
		gzip -n | http "$html" "Content-Encoding: gzip" >r
	response http://example.org/x r >in
	crawlclean -x --max-page 3000 in >out 2>err
	test ! -s out
	grep "left out 1 page of more than 3000 bytes when decoded" err
	crawlclean -x --max-page 4000 in >out 2>err
	test "$(wc -l <out)" = 1
	not grep "left out" err
'
if ! command -v python3 >/dev/null; then
	skip 'archives with a damaged member' 'there is no python3'
	done_testing
fi
ok 'a damaged member of a zip file: the others are read, exit 1' '
	for i in 1 2 3; do page $i >$i.html; done
	python3 -c "
import zipfile
z = zipfile.ZipFile(\"z.zip\", \"w\")
for i in \"123\":
    z.write(i + \".html\")
z.close()
b = bytearray(open(\"z.zip\", \"rb\").read())
b[b.index(b\"number 2\") + 7] = ord(\"9\")
open(\"z.zip\", \"wb\").write(b)
"
	cat t1 t3 >two
	lossy two z.zip
'
ok 'a truncated archive: what precedes the cut, and other files, are read' '
	tar cf a.tar 1.html 2.html
	head -c 1200 a.tar >cut.tar
	page 3 >last.html
	s=0; crawlclean -q -x cut.tar last.html >out 2>err || s=$?
	test $s = 1
	grep -q "cut.tar: byte" err
	texts out >got
	grep -qxF -f t1 got
	grep -qxF -f t3 got
'
done_testing
