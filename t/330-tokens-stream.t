#!/bin/sh
# tokens(5): layout, joining, the chain of commands; a stream truncated or
# damaged anywhere is refused.
. "${0%/*}/lib.sh"

seq 1 300 | sed 's/$/ the cat sat on the mat/' >text
bpe-train -q -n 300 -r text -o t.json
bpe-train -q -n 301 -r text -o other.json
for i in 1 2 3; do doc $i "the cat $i"; done >docs
tokenize -q -t t.json docs >s

ok 'magic, header, chunks and trailer are where the manual says' '
	python3 - <<END
import zlib, struct
b = open("s", "rb").read()
assert b[:8] == b"\x89TOK\r\n\x1a\n"
head, rest = b[8:].split(b"\n\n", 1)
lines = dict(l.split(b" ", 1) for l in head.split(b"\n"))
assert lines[b"version"] == b"1" and lines[b"width"] == b"2"
assert lines[b"vocab"] == b"301" and lines[b"eot"] == b"300"
assert len(lines[b"tokenizer"]) == 16
assert lines[b"by"].startswith(b"tokenize -q -t")
tokens = b""
while True:
    n, = struct.unpack_from("<I", rest)
    if n == 0:
        break
    tokens += rest[4:4 + 2 * n]
    rest = rest[4 + 2 * n:]
zero, total, crc, end = struct.unpack("<IQI4s", rest)
assert total == len(tokens) // 2 and end == b"END\n"
assert crc == zlib.crc32(tokens)
END
'
ok 'each stage adds its command line' '
	shard cat s | shard head -n 5 - >h
	shard info h | grep "^by" >by
	test "$(wc -l <by)" = 3
	sed -n 2p by | grep -q "shard cat s"
'
ok 'cat a b gives a valid stream' '
	cat s s >two
	shard cat two | tokenize -t t.json -d >got
	{ tokenize -t t.json -d s; tokenize -t t.json -d s; } | cmp - got
	shard cat s two >three
	shard info three | grep -qx "tokens	$((3 * $(shard info s |
		sed -n "s/^tokens.//p")))"
'
ok 'a stream truncated at any byte is refused' '
	n=$(wc -c <s)
	i=0
	while [ $i -lt "$n" ]; do
		if head -c $i s | shard cat - >out 2>err; then
			echo "accepted: $i bytes of $n"
			exit 1
		fi
		grep -Eq "standard input: .*(ends early|is empty|neither)" err
		i=$((i + 1))
	done
'
ok 'a stream damaged at any byte of tokens or trailer is refused' '
	python3 - <<END
import subprocess
b = bytearray(open("s", "rb").read())
start = b.index(b"\n\n", 8) + 2
for i in range(start, len(b)):
    for bit in (1, 128):
        c = bytearray(b)
        c[i] ^= bit
        r = subprocess.run(["shard", "cat"], input=bytes(c), capture_output=True)
        assert r.returncode == 1, i
END
'
fails 1 'a reader notices that its upstream died' '
	head -c -1 s | tokenize -t t.json -d >/dev/null
' 'standard input: the token stream ends early'
fails 1 'streams of two tokenizers cannot be joined' '
	tokenize -q -t other.json docs >o
	shard cat s o >/dev/null
' 'o: made with another tokenizer than s'
fails 1 'decoding with another vocabulary is refused' '
	tokenize -t other.json -d s
' 'another tokenizer'
fails 1 'a file that is not a stream is refused' '
	echo hello | shard cat -
' 'standard input: neither a token stream nor a shard'
ok 'control characters in arguments do not break the header' '
	cp t.json "$(printf "a\nb.json")"
	tokenize -q -t "$(printf "a\nb.json")" docs | shard info - >info
	test "$(grep -c "^by" info)" = 1
'
done_testing
