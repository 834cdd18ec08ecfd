#!/bin/sh
# docs: plain text to documents and back.
. "${0%/*}/lib.sh"

mkdir -p notes/sub
printf 'one\ntwo\n\n\n \nthree "q" \\ \303\251\n' >notes/b.txt
printf 'four\n' >notes/sub/a.txt
printf '\n \n' >notes/c.txt

ok 'one document per file, directories in name order, blank files skipped' '
	docs -q notes | unmarked >out
	printf "%s\n" "{\"text\":\"one\ntwo\n\n\n \nthree \\\"q\\\" \\\\ é\",\"id\":\"notes/b.txt\",\"source\":\"notes/b.txt\"}" \
		"{\"text\":\"four\",\"id\":\"notes/sub/a.txt\",\"source\":\"notes/sub/a.txt\"}" | cmp - out
'
ok 'one document per paragraph or per line, with its first line number as id' '
	docs -q -b paragraph notes/b.txt | sed "s/.*\"text\":\"\(.*\)\",\"id\":\"\([^\"]*\)\".*/\2 \1/" >out
	printf "%s\n" "notes/b.txt:1 one\\ntwo" "notes/b.txt:6 three \\\"q\\\" \\\\ é" | cmp - out
	docs -q -b line notes/b.txt | sed "s/.*\"id\":\"\([^\"]*\)\".*/\1/" >out
	printf "notes/b.txt:%d\n" 1 2 6 | cmp - out
'
ok 'the output is valid documents: dedup passes it on unchanged' '
	docs -q -b line notes/b.txt | unmarked >in
	dedup -q in | cmp - in
'
ok 'back to text: separated by blank lines, or one per line' '
	printf "a\nb\n\nc\n" >in
	docs -q -b paragraph in | docs -q -d | cmp - in
	docs -q -b paragraph in | docs -q -d -b line >out
	printf "a b\nc\n" | cmp - out
	docs -q in | docs -q -d | cmp - in
	docs -q -b line in | docs -q -d -b line >out
	printf "a\nb\nc\n" | cmp - out
'
ok 'standard input, compressed input, CR LF and a byte order mark' '
	printf "\357\273\277one\r\ntwo\r\n" | gzip | docs -q - | unmarked >out
	printf "%s\n" "{\"text\":\"one\ntwo\",\"id\":\"-\",\"source\":\"-\"}" | cmp - out
'
ok 'a text without a final newline' '
	printf "a\n\nb" | docs -q -b paragraph | docs -q -d >out
	printf "a\n\nb\n" | cmp - out
'
ok 'invalid UTF-8 is replaced and counted' '
	printf "gr\374n\n" | docs >out 2>err
	grep -q "gr�n" out
	grep -q "invalid_utf8=1" err
'
ok 'one line of 20 MB and a million lines' '
	head -c 20000000 /dev/zero | tr "\0" x | docs -q -b line | docs -q -d | wc -c | grep -qx 20000001
	seq 1000000 | docs -q -b line | wc -l | grep -qx 1000000
'
ok 'the first altered file is named; -v names each' '
	printf "ok\nMonta\361a\n\351t\351\n" >latin.txt
	printf "gr\374n\n" >green.txt
	docs -q -b line latin.txt green.txt >out 2>err
	test "$(wc -l <err)" = 1
	grep "^docs: latin.txt: not valid UTF-8: .*crawlclean" err
	docs -qv -b line latin.txt green.txt >out 2>err
	test "$(wc -l <err)" = 2
	crawlclean -q -x -i text latin.txt | grep "Montaña"
'
ok 'text that belongs to another program is reported once, and read' '
	mkdir pages
	echo "<!doctype html><title>x</title><p>y" >pages/a.html
	cp pages/a.html pages/b.html
	docs -q notes/b.txt | tee pages/c.jsonl >/dev/null
	docs -q pages >out 2>err
	test "$(wc -l <out)" = 3
	test "$(wc -l <err)" = 1
	grep "^docs: pages/a.html: taken as plain text: .* crawlclean" err
	docs -q pages/c.jsonl 2>err >out
	grep "c.jsonl: taken as plain text: .*JSON" err
	docs -q notes/b.txt 2>err >out
	test ! -s err
'
mkdir empty
fails 1 'a directory without files' 'docs empty' 'empty: no file in the directory'
fails 1 'a file that is not text is skipped, the others are read' '
	head -c 99 /dev/zero >notes/z.bin
	docs -q notes >out || { test "$(wc -l <out)" = 2 || echo wrong; exit 1; }
' 'notes/z.bin: left out: not text in UTF-8'
fails 1 'a missing file' 'docs nowhere' 'nowhere: cannot open'
fails 1 'plain text where documents are wanted' 'docs -d notes/b.txt' 'notes/b.txt:1: .*not a value'
fails 1 'a full disk' 'docs -q notes/b.txt >/dev/full' 'cannot write'
ok 'no partial file is left' '
	docs -q -o out.jsonl nowhere 2>/dev/null || true
	test ! -e out.jsonl
	not ls out.jsonl.tmp* 2>/dev/null
'
ok 'characters lost to another encoding are reported, even with -q' '
	printf "Gr\374\337e\n" >latin1.txt
	docs -q notes/b.txt latin1.txt >out 2>err
	grep -q "^docs: latin1.txt: not valid UTF-8: its invalid bytes become U+FFFD" err
	crawlclean -q -x latin1.txt | grep -q "\"text\":\"Grüße\""
'
fails 1 'a PDF file without a zero byte is not text' '
	printf "%%PDF-1.4\n1 0 obj\n" >some.pdf
	docs some.pdf
' 'some.pdf: left out: not text in UTF-8: it looks like a PDF file, which no program here reads'
fails 1 'a directory without a file' '
	mkdir -p hollow/deeper
	docs notes/b.txt hollow
' 'docs: hollow: no file in the directory'
done_testing
