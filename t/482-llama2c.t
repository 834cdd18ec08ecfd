#!/bin/sh
# Checkpoints of llama2.c: models that a script of ours wrote, against the same
# models as directories; a published one; bad files.
. "${0%/*}/lib.sh"
needs_command python3

mkdir m
python3 "$TOP/t/llama2c.py" m >list
ok 'numbers and features are those of the same model as a directory' '
	for name in tied untied; do
		ckpt compare m/$name m/$name.bin --tolerance 0 >out
		ckpt info m/$name.bin | grep -qx "context	16"
	done
	ckpt info m/tied.bin | grep -qx "tied	yes"
	ckpt info m/untied.bin | grep -qx "tied	no"
'
ok 'the packed model computes the same' '
	echo "{\"prompt_ids\":[1,2,3,270,17]}" >ids
	for name in tied untied; do
		rm m/$name/tokenizer*.json
		generate -q -j1 -m m/$name --jsonl --greedy -n 6 --top 9 --ignore-eos ids >want
		generate -q -j1 -m m/$name.bin --jsonl --greedy -n 6 --top 9 --ignore-eos ids |
			cmp - want
	done
'
ok 'the name does not matter; it converts to the other formats' '
	cp m/untied.bin stories
	ckpt convert stories dir
	ckpt compare dir m/untied --tolerance 0
	ckpt convert stories stories.gguf 2>err
	ckpt compare stories.gguf m/untied --tolerance 0
'
stories=$SHARED/data/generate/tinyllamas
if [ -e "$stories" ]; then
	# The beginning that llama2.c itself tests with.
	ok 'stories260K tells the story that llama2.c does' '
		generate -q -m "$stories/stories260K.bin" --ids --greedy -n 60 1 >ids
		python3 - "$stories/tok512.bin" <<X >text
import struct, sys
b, at, words = open(sys.argv[1], "rb").read(), 4, []
while at < len(b):
    n, = struct.unpack_from("<i", b, at + 4)
    words.append(b[at + 8:at + 8 + n].decode())
    at += 8 + n
print("".join(words[int(i)] for i in open("ids").read().split()))
X
		grep -q "^ Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball" text
	'
else
	skip 'stories260K tells the story that llama2.c does' 'there is no shared/data/generate'
fi
fails 1 'a truncated checkpoint' 'head -c 9999 m/tied.bin >cut.bin; ckpt info cut.bin' \
	'cut.bin: not a checkpoint of llm.c, nor a whole one of llama2.c'
fails 1 'one that is too long' 'cat m/tied.bin m/tied.bin >long.bin; ckpt info long.bin' \
	'nor a whole one of llama2.c'
fails 1 'a later version' '
	{ printf "24ka\001\000\000\000"; head -c 300 /dev/zero; } >later.bin; ckpt info later.bin
' 'later.bin: version 1 of llama2.c.s checkpoints is not supported, only 0'
for at in 0 4 8 12 16 20 24; do
	fails 1 "word $((at / 4)) of the header is 0" "
		cp m/tied.bin zero.bin
		dd if=/dev/zero of=zero.bin bs=1 seek=$at count=4 conv=notrunc 2>/dev/null
		ckpt info zero.bin" 'zero.bin: '
done
done_testing
