#!/bin/sh
# dedup: exact, URL, line and paragraph modes, clusters, memory.
. "${0%/*}/lib.sh"

ok 'the first of two equal documents is kept' '
	doc 1 "a b c" >in && doc 2 "a b c" >>in &&
	dedup -q --by exact in >out && doc 1 "a b c" | cmp - out
'
ok 'documents pass byte for byte, unknown keys and odd spacing too' '
	printf "%s\n" "  {\"z\":[1, 2.50 ], \"text\" : \"caf\\u00e9 \\/\" ,\"id\":7 }" \
		"{\"text\":\"\",\"text2\":\"x\"}" >in
	dedup -q <in | cmp - in
'
ok 'texts are compared by their characters, not their JSON spelling' '
	printf "%s\n" "{\"text\":\"caf\\u00e9/\",\"id\":1}" >in
	printf "%s\n" "{\"id\":2,\"text\":\"café\\/\"}" >>in
	dedup -q --by exact in >out && head -n 1 in | cmp - out
'
ok 'files are read one after another, standard input as -' '
	doc 1 a >a && doc 2 b >b && doc 3 a >c &&
	dedup -q --by exact a - c <b >out && cat a b | cmp - out
'
ok 'gzip, zstd and xz are recognised' '
	doc 1 a >a && doc 2 b >b && cat a b >want &&
	gzip -k a && gzip -c b >b.bin && dedup -q --by exact a.gz b.bin | cmp - want &&
	for c in zstd xz; do
		command -v $c || continue
		$c -c <want >x && dedup -q <x | cmp - want
	done
'
ok 'URLs are compared in normalized form' '
	u() { printf "%s\n" "{\"text\":\"$1\",\"metadata\":{\"url\":\"$2\"}}"; }
	u a http://www.Example.org/p/ >in && u b https://example.org:443/p#top >>in
	u c https://example.org/P >>in; u d not-an-address >>in
	u e not-an-address >>in
	dedup -q --by url in >out && sed 2d in | cmp - out
'
ok 'without metadata.url the source is the URL' '
	printf "%s\n" "{\"text\":\"a\",\"source\":\"http://x.org\"}" \
		"{\"text\":\"b\",\"source\":\"https://x.org/\"}" >in
	test $(dedup -q --by url in | wc -l) = 1
'
ok 'a repeated line is removed, the rest of the document stays unchanged' '
	printf "%s\n" "{\"id\":1,\"text\":\"first line of all the pages\\nhere is one\",\"k\":[1 , 2]}" \
		"{\"id\":2,\"text\":\"other\\n  first line of all the pages \\nend\",\"k\":[1 , 2]}" >in
	dedup -q --by line --min-length 5 in >out &&
	printf "%s\n" "{\"id\":2,\"text\":\"other\\nend\",\"k\":[1 , 2]}" >two &&
	head -n 1 in | cat - two | cmp - out
'
ok 'short lines are kept' '
	doc 1 "ab\\nlong enough to be dropped" >in
	doc 2 "ab\\nlong enough to be dropped\\nnew" >>in
	dedup -q --by line in | tail -n 1 >out && doc 2 "ab\\nnew" | cmp - out
'
ok 'a document without remaining lines is dropped' '
	doc 1 "long enough to be dropped" >in && doc 2 "long enough to be dropped" >>in
	dedup -q --by line in >out && head -n 1 in | cmp - out
'
ok 'paragraphs are separated by blank lines' '
	doc 1 "head one\\nhead two\\n\\nbody of the first" >in
	doc 2 "head one\\nhead two\\n\\n\\nbody of the second" >>in
	doc 3 "head one\\nhead 2\\n\\nbody of the third" >>in
	dedup -q --by paragraph --min-length 1 in >out
	head -n 1 in >want; doc 2 "body of the second" >>want; tail -n 1 in >>want
	cmp want out
'
ok 'clusters list every duplicate with its first document' '
	for i in 1 2 3; do doc a$i "the same"; doc b$i "text number $i"; done >in
	dedup -q --by exact --clusters c in >out &&
	printf "a1\t1\na2\t1\na3\t1\n" | cmp - c
'
ok 'clusters are merged when a later document connects them' '
	f() { printf "%s\n" "{\"id\":\"$1\",\"text\":\"$2\",\"metadata\":{\"url\":\"http://$3/\"}}"; }
	f 1 x u >in; f 2 y v >>in; f 3 y u >>in; f 4 y w >>in
	dedup -q --by url,exact --clusters c in >out
	printf "1\t1\n3\t1\n" >url
	printf "2\t2\n4\t2\n" >exact
	cat url exact | sort | cmp - c
'
ok 'ids are written decoded, without breaking lines' '
	printf "%s\n" "{\"id\":\"a\\tb\",\"text\":\"x\"}" "{\"id\":5,\"text\":\"x\"}" \
		"{\"text\":\"x\"}" >in
	dedup -q --clusters c in >out
	printf "a b\t1\n5\t1\nin:3\t1\n" | cmp - c
'
ok 'the cluster file is complete or missing' '
	doc 1 a >in && not dedup -q --clusters nodir/c in >out 2>err &&
	grep "nodir/c" err && not ls c.tmp* 2>/dev/null
'
ok 'equal documents are found at any distance that memory allows' '
	awk "BEGIN { for (i = 0; i < 60000; i++)
		printf \"{\\\"text\\\":\\\"t%d\\\",\\\"id\\\":%d}\\n\", i % 30000, i }" >in
	test $(dedup -q -j 1 --by exact -M 15M in | wc -l) = 30000
'
ok 'a full table is reported, and only the oldest entries are forgotten' '
	awk "BEGIN { for (i = 0; i < 200000; i++)
		printf \"{\\\"text\\\":\\\"t%d\\\"}\\n\", i
		for (i = 160000; i < 200000; i++)
		printf \"{\\\"text\\\":\\\"t%d\\\"}\\n\", i }" >in
	dedup -q -j 1 --by exact -M 15M in >out 2>err
	test $(wc -l <out) = 200000 && grep "a table is full" err &&
	test $(wc -l <err) = 1
'
# Sanitizers take more memory than the program.
unit peakrss idle dedup -q
if [ $(cat idle) -lt 10000 ]; then
ok '-M is the memory of the whole process: the peak stays below it' '
	awk "BEGIN { for (i = 0; i < 300000; i++)
		printf \"{\\\"text\\\":\\\"t%d and what makes it two words longer\\\"}\\n\", i }" >in
	for how in "exact,near" exact line "near --bands 200" "near -j 2"; do
		unit peakrss peak dedup -q -j 1 -M 32M --by $how in >out 2>err ||
			grep "less than" err
		echo "$how: $(cat peak) KiB"
		test $(cat peak) -le 32768
	done
	unit peakrss peak dedup -q -j 1 --by near -M 48M in >out 2>err
	grep "a table is full" err
	test $(cat peak) -le 49152 && test $(cat peak) -ge 36864
'
ok 'the cluster list counts too, and no document is missing from it' '
	doc 1 "a b" >few && doc 2 "a b" >>few
	dedup -q -j 1 -M 16M --by exact --clusters c few >out && test $(wc -l <c) = 2
	not unit peakrss peak dedup -q -j 1 -M 16M --by exact --clusters c2 in >out 2>err
	grep "clusters of [0-9]* documents needs more than a quarter of -M 16M" err
	test $(cat peak) -le 16384 && test ! -e c2
'
else skip '-M is the memory of the whole process' 'a sanitizer takes more'; fi
fails 2 '-M too small for the program itself is refused, with what it needs' '
	dedup -j 1 -M 8M
' '--memory: 8388608 bytes are less than the 1[5-9]M that -j 1 and empty tables take'
ok '-o writes the complete file, and nothing goes to standard output' '
	doc 1 a >in && dedup -q -o out in >other && cmp in out && test ! -s other
'
ok 'the summary counts documents by outcome' '
	doc 1 a >in; doc 2 a >>in; doc 3 "b c" >>in; doc 4 "B c." >>in
	dedup in 2>err >out &&
	grep "documents=4 kept=2 url=0 exact=1 near=1" err
'
ok 'empty standard input gives empty output' '
	: | dedup -q >out && test ! -s out
'
done_testing
