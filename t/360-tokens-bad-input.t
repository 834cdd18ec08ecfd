#!/bin/sh
# bpe-train, tokenize and shard on bad input: a clear message, exit 1 or 2, no
# partial file.
. "${0%/*}/lib.sh"

seq 1 300 | sed 's/$/ the cat sat on the mat/' >text
bpe-train -q -n 300 -r text -o t.json
bpe-train -q -n 300 -r text -o t.tiktoken
doc 1 "the cat" >docs
tokenize -q -t t.json docs >s
tokenize -q -t t.json -o x docs 2>/dev/null
mkdir dir

left() { ls | grep -F .tmp. && return 1 || return 0; }

fails 1 'bpe-train: empty input' 'bpe-train -q -o o.json </dev/null' 'no text'
fails 1 'bpe-train: no file' 'bpe-train -q -o o.json none' 'none: '
fails 1 'bpe-train: a directory' 'bpe-train -q -r -o o.json dir' 'dir: is a directory'
fails 1 'bpe-train: not a document with --strict' '
	echo "{\"a\":1}" >bad
	bpe-train -q --strict -o o.json bad' 'bad:1: '
fails 1 'bpe-train: a truncated last line' '
	printf "{\"text\":\"a b c\"}\n{\"text\":\"a" >bad
	bpe-train -q -o o.json bad' '^bpe-train: bad:2: byte 11: .*cut off'
fails 1 'bpe-train: a full disk' 'bpe-train -q -r -o /dev/full text' 'cannot write'
fails 2 'bpe-train: no output' 'bpe-train text' 'use -o'
fails 2 'bpe-train: a size below 256' 'bpe-train -n 100 -o o.json text' '256'
fails 2 'bpe-train: an invalid pattern' 'bpe-train -p "(" -r -o o.json text' 'pattern'
fails 1 'bpe-train: a file without counts' '
	bpe-train --merge-counts text -o o.json' 'not a file of word counts'
fails 1 'bpe-train: a bad line of counts' '
	printf "#words 1\tgpt2\n12\tab\nx\ty\n" >c.tsv
	bpe-train --merge-counts c.tsv -o o.json' 'c.tsv:3: '
ok 'bpe-train: invalid UTF-8 is learned as bytes' '
	printf "\377\377\377\377 \377\377" >inv
	bpe-train -q -n 257 -r inv -o o.tiktoken
	test "$(tail -n 1 o.tiktoken)" = "//8= 256"
'
fails 2 'tokenize: no tokenizer' 'tokenize docs' 'use -t'
fails 1 'tokenize: a missing tokenizer' 'tokenize -t none docs' 'none: '
fails 1 'tokenize: an empty tokenizer' 'tokenize -t /dev/null docs' 'empty'
fails 1 'tokenize: a rank file without a pattern' 'tokenize -t t.tiktoken docs' \
	'can be told a pattern, -p; a model needs a tokenizer.json'
fails 1 'tokenize: a rank file with a bad line' '
	sed "5s/ /  /" t.tiktoken >bad
	tokenize -t bad -p gpt2 -r docs' 'bad:5: '
fails 1 'tokenize: a duplicate rank' '
	sed "5p" t.tiktoken >bad
	tokenize -t bad -p gpt2 -r docs' 'bad:6: duplicate rank'
fails 1 'tokenize: a truncated rank file' '
	head -n 100 t.tiktoken >bad
	tokenize -t bad -p gpt2 -r docs' 'no token for byte'
fails 1 'tokenize: no file' 'tokenize -q -t t.json none' 'none: '
fails 1 'tokenize: a directory' 'tokenize -q -t t.json dir' 'dir'
fails 1 'tokenize: truncated gzip' '
	gzip -c docs | head -c -9 >bad.gz
	tokenize -q -t t.json bad.gz >o' '^tokenize: bad.gz: byte [0-9]+: .*ends early'
fails 1 'tokenize: a truncated last line' '
	printf "{\"text\":\"a" >bad
	tokenize -q -t t.json bad >o' '^tokenize: bad:1: byte 11: .*cut off'
ok 'tokenize: a bad line is skipped and counted' '
	{ cat docs; echo "{"; cat docs; } >bad
	tokenize -t t.json bad -a >o 2>err
	test "$(wc -l <o)" = 2
	grep -q "skipped 1 invalid document.* of 3 lines.* bad:2: " err
'
ok 'tokenize: empty input gives an empty stream, which the next program accepts' '
	tokenize -q -t t.json </dev/null | shard info - | grep -qx "tokens	0"
'
fails 1 'tokenize: a full disk' 'tokenize -q -t t.json docs >/dev/full' 'cannot write'
fails 1 'tokenize: closed standard output' 'tokenize -q -t t.json docs >&-' 'closed'
fails 1 'tokenize: closed standard input' 'tokenize -q -t t.json <&-' 'closed'
fails 1 'tokenize -d: not ids' 'echo "1 2 x" | tokenize -t t.json -d' 'standard input:1: '
fails 1 'tokenize -d: ids without a token' 'echo "1 2 4000" | tokenize -t t.json -d' 'not in the vocabulary'
fails 1 'tokenize -d: a full disk' 'tokenize -t t.json -d s >/dev/full' 'cannot write'
fails 2 'tokenize: -a and -d' 'tokenize -t t.json -a -d s' 'only one of'
ok 'tokenize: a line of 100 MB' '
	{ printf "{\"text\":\""
	yes "the cat sat on the mat" | head -c 100000000 | tr "\n" " "
	printf "\"}\n"; } >big
	tokenize -q -t t.json -c big | grep -q "^1	100000000	"
'
fails 1 'tokenize -o: bad input leaves no file' '
	printf "{\"text\":\"a" >bad
	tokenize -q -t t.json -o half bad || { s=$?; ls half* && exit 0; exit $s; }
' '^tokenize: bad:1: byte 11: the string does not end'
fails 1 'shard: empty input' 'shard cat </dev/null' 'is empty'
fails 1 'shard: no file' 'shard info none' 'none: '
fails 1 'shard: a directory' 'shard info dir' 'dir: is a directory'
fails 1 'shard: wrong magic' 'shard check text' 'neither'
fails 1 'shard: a full disk' 'shard cat s >/dev/full' 'cannot write'
fails 1 'shard: closed standard output' 'shard cat s >&-' 'closed'
fails 1 'shard: closed standard input' 'shard cat <&-' 'closed'
fails 1 'shard: an id beyond the vocabulary' '
	python3 - <<END
import struct, zlib
b = bytearray(open("x_train_000001.bin", "rb").read())
struct.pack_into("<H", b, 1024, 60000)
struct.pack_into("<I", b, 32, zlib.crc32(b[1024:]))
struct.pack_into("<I", b, 40, zlib.crc32(b[:40]))
open("bad.bin", "wb").write(b)
END
	shard check bad.bin' 'bad.bin: token 60000'
ok 'none of these leaves a partial file' left
printf 'plain text\nin lines\n' >plain
for p in 'bpe-train -o o.json' 'tokenize -t t.json'; do
	fails 1 "${p%% *}: plain text without -r" "$p plain" \
		'none of 2 lines is a document: .*: -r reads plain text$'
done
fails 1 'with a JSON line among them -r is not suggested' '
	echo "{}" | cat - plain | tokenize -t t.json
' 'no key .text.(: it looks like JSON)?$'
fails 1 'bpe-train: an output that cannot be written is reported before the work' '
	bpe-train -r -o nowhere/x.json nofile
' 'nowhere/x.json: cannot create'
ok 'tokenize: an empty validation set is reported' '
	tokenize -q -t t.json -r -o few plain 2>err
	grep -q "none of 1 documents was held out for validation: give a larger --val-share" err
	tokenize -q -t t.json -r --val-share 1 -o few plain 2>err
	tokenize -q -t t.json -r --val-share 0 -o few plain 2>>err
	[ ! -s err ]
'
fails 1 'tokenize -d: the id that is not in the vocabulary is named' '
	echo "5 6 99999 7" | tokenize -t t.json -d
' 'standard input: the id 99999 is not in the vocabulary'
slow='[xy]|(?:a|a)+[bc]'
yes a | head -n 60 | tr -d '\n' >runs
fails 1 'tokenize: a pattern that takes too many steps is reported with its position' '
	{ printf "xy"; cat runs; } >in
	tokenize -q -t t.json -p "$slow" -r -a in
' 'tokenize: in: the pattern takes too many steps from byte 3 on'
fails 1 'so it is in a document' '
	{ cat docs; doc 2 "$(cat runs)"; } >in
	tokenize -q -t t.json -p "$slow" -a in
' 'tokenize: in:2: the pattern takes too many steps from byte 1 of the text on'
fails 1 'so it is in bpe-train' '
	bpe-train -q -p "$slow" -r -o o.json runs
' 'bpe-train: runs: the pattern takes too many steps'
fails 1 'bpe-train: an invalid pattern in a file of counts is not a usage error' '
	printf "#words 1\t(\n3\tab\n" >c.tsv
	bpe-train -q --merge-counts c.tsv -o o.json
' 'bpe-train: c.tsv: the pattern .\(.: at byte 2: not supported: a group without its \)$'
fails 2 'tokenize: an invalid pattern on the command line is' 'tokenize -t t.json -p "(" -r text' \
	"tokenize -h"
fails 1 'tokenize: a rank file has no token that ends documents' '
	tokenize -t t.tiktoken -p gpt2 docs
' 'use --no-eot, or a tokenizer.json of bpe-train'
done_testing
