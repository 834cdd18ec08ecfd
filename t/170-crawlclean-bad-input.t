#!/bin/sh
# crawlclean on bad input: a message, exit 1 or 2, never a crash.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1

ok 'empty input gives no document' '
	crawlclean -q </dev/null >out
	test ! -s out
	: >empty.html
	crawlclean -q empty.html >out
	test ! -s out
'
fails 1 'no file' 'crawlclean nowhere.html' 'nowhere.html: cannot open'
fails 1 'an empty directory' 'mkdir none; crawlclean none' 'none: no file in the directory'
fails 1 'an archive that contains only text' '
	echo text >only.txt; tar cf only.tar only.txt; crawlclean -q only.tar
' 'only.tar: nothing read: left out 1 member that is .*-i text'
ok 'its text is read on request' '
	crawlclean -q -x -i text only.tar | grep -q "\"text\":\"text\""
'
ok 'skipped members are counted for each operand, and named with -v' '
	mkdir -p mixed/sub
	cp page.html mixed/z.html; cp page.html mixed/sub/a.html
	cp only.txt only.tar mixed; cp crawl.warc mixed/sub
	ln -s . mixed/sub/loop
	crawlclean -x mixed page.html >out 2>err
	grep -o "\"id\":\"[^\"]*html\"" out >ids
	printf "%s\n" "\"id\":\"mixed/sub/a.html\"" "\"id\":\"mixed/z.html\"" \
		"\"id\":\"page.html\"" | cmp - ids
	test "$(wc -l <out)" = 11
	grep -q "mixed: left out 2 files that are neither" err
	not grep -q "page.html: left out" err
	crawlclean -v -x mixed 2>err >out
	grep -q "mixed/only.txt: left out: neither" err
	grep -q "mixed/only.tar/only.txt: left out: neither" err
'
fails 1 'a file whose members are all too large gives an error' '
	crawlclean -q -x --max-page 100 page.html
' 'page.html: nothing read: left out 1 page of more than 100 bytes'
ok 'a page of invalid UTF-8 gives valid UTF-8' '
	printf "<p>gr\374n und \377\376 sch\366n, so soll es sein, sagte er.</p>" >bad.html
	crawlclean -q -x bad.html >out
	test "$(wc -l <out)" = 1
	if command -v python3; then
		python3 -c "import json;json.loads(open(\"out\",encoding=\"utf-8\").read())"
	fi
'
fails 1 'truncated gzip' '
	head -c 300 crawl.warc.gz >cut.gz; crawlclean -x cut.gz
' 'cut'
fails 1 'a truncated record' '
	head -c 3000 crawl.warc >cut; crawlclean -x cut >out
' 'cut off'
fails 1 'a truncated line of documents' '
	head -c 100 docs.jsonl | crawlclean -i docs
' 'standard input:1: .*cut off'
ok 'a bad line is skipped and counted' '
	{ head -n 1 docs.jsonl; echo "{broken"; head -n 2 docs.jsonl | tail -n 1; } |
		crawlclean -i docs --why >out 2>err
	test "$(wc -l <out)" = 2
	grep -q "skipped 1 invalid document of 3 lines" err
'
fails 1 '--strict makes it fatal' '
	{ head -n 1 docs.jsonl; echo "{broken"; } | crawlclean --strict -i docs
' 'standard input:2: '
ok 'a line of 100 MB: the page is too large, memory is bounded' '
	s=0
	head -c 100000000 /dev/zero | tr "\0" a | crawlclean -x >out 2>err || s=$?
	test $s = 1
	test ! -s out
	grep -q "too_large=1" err
'
ok 'a page of nothing but tags finishes quickly' '
	awk "BEGIN { for (i = 0; i < 1000000; i++) printf \"<b><div>\" }" >tags.html
	timeout 30 crawlclean -q -x tags.html >out
'
ok 'a table of a million cells finishes quickly' '
	awk "BEGIN { printf \"<table>\"; for (i = 0; i < 1000000; i++)
		printf \"%s<td>%d\", i % 100 ? \"\" : \"<tr>\", i }" >cells.html
	timeout 30 crawlclean -q -x cells.html >out
'
fails 1 'garbage is not a known kind of input' '
	awk "BEGIN { for (i = 0; i < 999; i++) printf \"%c%c%c\", 1 + i % 8, 200, 255 }" |
		tr "\1\2" "\0\0" | crawlclean
' 'neither a web archive'
fails 1 'a full disk' 'crawlclean -q -x page.html >/dev/full' 'cannot write'
fails 1 'a closed standard output' 'crawlclean -q -x page.html >&-' 'closed'
fails 1 'a closed standard input' 'crawlclean -q <&-' 'closed'
fails 1 'an invalid language model' '
	crawlclean --language-model page.html page.html
' 'page.html'
ok 'no partial file is left if writing fails' '
	mkdir d
	crawlclean --strict -i docs -o d/out nowhere || true
	echo "{broken" | crawlclean -q --strict -i docs -o d/out || true
	test -z "$(ls d)"
'
for list in eng english en,xx en, ; do
	fails 2 "-l $list: a language that the model does not know" "
		crawlclean -l $list page.html
	" "is no language that the model knows"
done
ok '-l accepts the codes that crawlclean writes' 'crawlclean -q -l en,zh-Hant,und page.html'
fails 1 '--stats that cannot be written is reported before the work' '
	crawlclean --stats nowhere/x nofile
' 'nowhere/x: cannot create'
fails 2 'counts and documents cannot both go to standard output' '
	crawlclean --stats - page.html
' 'send one of them to a file'
ok 'but counts alone can' '
	crawlclean -q -o docs --stats - page.html | grep -qx "pages	1"
'
ok 'an output that is empty because of the rules is reported, even with -q' '
	printf "<html><title>T</title><p>Too short for a page." >short.html
	crawlclean -q short.html >out 2>err
	[ ! -s out ]
	grep -q "^crawlclean: the rules dropped every page: -w .*, --rules-for docs" err
	crawlclean -q --rules-for docs short.html >out 2>err
	grep -q "^crawlclean: the rules dropped every page: -w says which rule each$" err
	crawlclean -q -x short.html 2>err
	[ ! -s err ]
'
fails 1 'a damaged archive on standard input' '
	{ printf "!<arch>\n"; head -c 999 /dev/zero | tr "\0" x; } | crawlclean
' 'standard input: byte'
done_testing
