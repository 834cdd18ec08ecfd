#!/bin/sh
# dedup: bad input and failing output.
. "${0%/*}/lib.sh"

doc 1 "a b c" >good
fails 1 'a missing file' 'dedup nofile' "dedup: nofile: cannot open: No such file"
fails 1 'a directory' 'mkdir d; dedup d' 'dedup: d: is a directory'
fails 1 'standard input closed' 'dedup <&-' 'standard input is closed'
fails 1 'standard output closed' 'dedup good >&-' 'standard output'
if [ -w /dev/full ]; then
	fails 1 'a full disk' 'dedup -q good >/dev/full' 'standard output: cannot write: No space'
fi
fails 2 'an unknown option' 'dedup --nonsense' "there is no option '--nonsense'"
fails 2 'an unknown mode' 'dedup --by fuzzy' "'fuzzy' is not one of"
fails 2 'no bands' 'dedup --bands 0 good' 'bands'
fails 2 'too little memory' 'dedup -M 1000 good' '1000 bytes are less than the [0-9]*M that -j'

ok 'bad lines are skipped and reported as one count' '
	{ cat good; echo "{\"text\":5}"; echo "[1]"; doc 2 x; echo "{\"id\":1}"; } >in
	dedup -q in >out 2>err && test $(wc -l <out) = 2 &&
	test $(wc -l <err) = 1 &&
	grep "dedup: skipped 3 invalid documents of 5 lines: the first: in:2: byte 9: .text. is not a string" err
'
fails 1 '--strict makes the first bad line fatal' '
	{ cat good; echo "{\"text\":5}"; } | dedup -q --strict
' "standard input:2: not a document: byte 9: 'text' is not a string"
fails 1 'nothing but bad lines' 'echo "{}" | dedup -q' 'none of 1 lines is a document'
fails 1 'a truncated last line' '
	{ cat good; printf "%s" "{\"text\":\"abc"; } | dedup -q
' 'standard input:2: byte 13: the string does not end: the last line is cut off'
ok 'a last line that only lacks its newline is accepted' '
	printf "%s" "$(cat good)" | dedup -q | cmp - good
'
ok 'invalid UTF-8 is a bad line' '
	{ cat good; printf "{\"text\":\"\377\"}\n"; } >in
	dedup -q in >out 2>err && cmp good out && grep "in:2: byte 9: the string is not UTF-8" err
'
ok 'NUL bytes, control characters and half a surrogate pair' '
	{ printf "{\"text\":\"a\000b\"}\n"; printf "{\"text\":\"a\001b\"}\n"
	printf "%s\n" "{\"text\":\"\\ud800\"}"; } >in
	dedup -q in >out 2>err && test $(wc -l <out) = 1 && grep "skipped 2 invalid documents of 3" err
'
ok 'a line with a duplicate key is a bad line' '
	{ cat good; echo "{\"text\":\"a\",\"text\":\"b\"}"; } >in
	dedup -q in >out 2>err && cmp good out && grep "duplicate key" err
'
fails 1 'gzip data truncated in the middle: the message states the file and byte' '
	for i in 1 2 3 4 5 6 7 8 9; do cat good; done | gzip | head -c 30 >in.gz
	dedup -q in.gz >out
' 'in.gz: byte 30: the gzip data ends early'
fails 1 'gzip data truncated in its trailer' '
	gzip -c good | head -c -3 | dedup -q
' 'the gzip data ends early'
fails 1 'gzip data with a flipped bit' '
	seq -f "{\"text\":\"%g and more words\"}" 1 2000 | gzip >in.gz
	printf "\125" | dd of=in.gz bs=1 seek=3000 conv=notrunc 2>/dev/null
	dedup -q in.gz >out
' 'in.gz: byte [0-9]+: '
ok 'brackets nested a million deep are refused, not followed' '
	{ cat good; printf "{\"text\":\"x\",\"a\":"; head -c 1000000 /dev/zero |
		tr "\000" "["; echo; } >in
	dedup -q in >out 2>err && cmp good out && grep "nested too deeply" err
'
ok 'a line of 100 MB passes' '
	{ printf "{\"id\":1,\"text\":\""; head -c 100000000 /dev/zero |
		tr "\000" "a"; printf "\"}\n"; } >in
	dedup -q in | cmp - in
'
fails 1 'a line longer than --max-line' '
	dedup -q --max-line 10 good' 'good:1: the line is longer than 10 bytes'
ok 'no partial file is left' '
	printf "%s" "{\"text\":\"abc" >in
	rm -f out; not dedup -q -o out in 2>err && test ! -e out && not ls out.tmp* 2>/dev/null
'
ok 'a document line truncated anywhere gives a message, never silence' '
	n=$(wc -c <good); i=1
	while [ $i -lt $((n - 1)) ]; do
		head -c $i good | dedup -q >out 2>err && exit 1
		test -s err && test ! -s out
		i=$((i + 1))
	done
'
ok 'failing allocations are fatal with a message' '
	i=1
	while [ $i -le 40 ]; do
		PIPELM_FAIL_ALLOC=$i dedup -q good >out 2>err || {
			test $? = 1 && grep "out of memory" err; }
		i=$((i + 1))
	done
'
fails 1 'plain text' 'echo plain text | dedup' \
	"plain text, which docs turns into documents$"
fails 2 'clusters and documents cannot both go to standard output' '
	dedup --clusters - good
' 'send one of them to a file'
fails 1 '--clusters that cannot be written is reported before the work' '
	dedup --clusters nowhere/x nofile
' 'nowhere/x: cannot create'
done_testing
