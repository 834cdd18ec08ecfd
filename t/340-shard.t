#!/bin/sh
# shard(5): the llm.c layout byte by byte, both widths, files of other programs,
# joining, splitting and shuffling.
. "${0%/*}/lib.sh"

seq 1 300 | sed 's/$/ the cat sat on the mat/' >text
bpe-train -q -n 300 -r text -o t.json
for i in $(seq 1 40); do doc $i "the cat $i"; done >docs
tokenize -q -t t.json docs >s
shard split -o x s

# Reads like the loaders of llm.c and modded-nanogpt: only header words 0 to 2.
cat >llmc.py <<'END'
import struct, sys
b = open(sys.argv[1], 'rb').read()
magic, version, n = struct.unpack_from('<3i', b)
width = {(20240520, 1): 2, (20240801, 7): 4}[magic, version]
assert len(b) == 1024 + width * n
print(*struct.unpack('<%d%s' % (n, 'H' if width == 2 else 'I'), b[1024:]))
END

ok 'header words' '
	python3 - <<END
import struct, zlib
b = open("x_train_000001.bin", "rb").read()
w = struct.unpack_from("<256i", b)
assert w[0] == 20240520 and w[1] == 1 and w[2] == (len(b) - 1024) // 2
assert b[12:16] == b"plm1" and w[4] == 301 and w[5] == 300
assert w[8] & 0xffffffff == zlib.crc32(b[1024:]) and w[9] == 40
assert w[10] & 0xffffffff == zlib.crc32(b[:40])
assert not any(w[11:])
END
	test "$(od -An -tx1 -j 24 -N 8 x_train_000001.bin |
		awk "{ for (i = 8; i; i--) printf \"%s\", \$i }")" = \
		"$(shard info s | sed -n "s/^tokenizer.//p")"
'
ok 'a loader of llm.c reads the tokens' '
	python3 llmc.py x_train_000001.bin >got
	tokenize -q -t t.json docs -a | sed "s/$/ 300/" | tr "\n" " " |
		sed "s/ $/\n/" | cmp - got
'
ok 'with more than 65,536 ids tokens have 32 bits' '
	python3 - <<END
import json
j = json.load(open("t.json"))
j["model"]["vocab"]["<|far|>"] = 70000
j["added_tokens"].append({"id": 70000, "content": "<|far|>", "special": True})
json.dump(j, open("far.json", "w"))
END
	tokenize -q -t far.json docs -o far
	python3 llmc.py far_train_000001.bin >got
	test "$(od -An -td4 -N 8 far_train_000001.bin | tr -s " ")" = \
		" 20240801 7"
	shard check far_*.bin
'
ok 'shards of other programs are read' '
	python3 - <<END
import struct
t = list(range(1000))
open("gpt2.bin", "wb").write(struct.pack("<256i", 20240520, 1, 1000, *[0] * 253)
    + struct.pack("<1000H", *t))
open("llama.bin", "wb").write(struct.pack("<256i", 20240801, 7, 1000, *[0] * 253)
    + struct.pack("<1000I", *t))
END
	for f in gpt2 llama; do
		shard info $f.bin | grep -q "another program"
		shard check $f.bin
		shard cat $f.bin | shard split -o $f
		python3 llmc.py ${f}_train_000001.bin >a
		python3 llmc.py $f.bin | cmp - a
	done
'
ok 'split and cat are inverses of each other' '
	shard split --shard-size 7 -o y s
	shard cat y_train_*.bin | tokenize -t t.json -d --specials >a
	tokenize -t t.json -d --specials s | cmp - a
	test "$(shard info y_train_000001.bin | grep tokens)" = "tokens	7"
'
ok 'shuffle keeps documents whole and loses none' '
	shard shuffle -o z x_train_000001.bin
	shard cat z_train_000001.bin | tokenize -t t.json -d --specials |
		sed "s/<|endoftext|>/\n/g" >got
	seq 1 40 | sed "s/^/the cat /" >want
	grep . got | differ - want
	sort want >w
	grep . got | sort | cmp - w
'
ok 'shuffle depends only on the seed' '
	shard shuffle -o a x_train_000001.bin
	cmp a_train_000001.bin z_train_000001.bin
	shard shuffle -s 2 -o b x_train_000001.bin
	differ a_train_000001.bin b_train_000001.bin
'
ok 'head takes as many as requested' '
	shard head -n 3 s | shard info - | grep -qx "tokens	3"
	shard head -n 0 s | shard info - | grep -qx "tokens	0"
'
ok 'info and check read standard input if no file is given' '
	shard info <s >got && shard info s | sed "1s/.*/file	-/" | cmp - got
	shard cat s | shard check | grep -qx -e "-	ok	$(shard info s | sed -n "s/^tokens.//p")"
	not shard check <docs 2>err && grep -q "^shard: standard input: " err
'
ok 'a bit flipped anywhere in our part of the header is detected' '
	python3 - <<END
import subprocess
b = open("x_train_000001.bin", "rb").read()
for i in list(range(44)) + [1024, len(b) - 1]:
    c = bytearray(b)
    c[i] ^= 4
    open("bad.bin", "wb").write(c)
    r = subprocess.run(["shard", "check", "bad.bin"], capture_output=True)
    assert r.returncode == 1 and b"bad.bin" in r.stderr, i
END
'
fails 1 'a truncated shard' '
	head -c -2 x_train_000001.bin >cut.bin
	shard check cut.bin
' 'cut.bin: the shard has [0-9]+ bytes of tokens, its header says'
fails 1 'a truncated header' '
	head -c 1000 x_train_000001.bin >cut.bin
	shard check cut.bin
' 'cut.bin: too short'
fails 2 'no prefix' 'shard split s' 'use -o'
fails 2 'an unknown command' 'shard frobnicate s' 'first operand'
done_testing
