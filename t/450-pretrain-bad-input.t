#!/bin/sh
# pretrain refuses bad input, says what is wrong and where, and leaves no partial
# output.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 300; i++) printf "{\"text\":\"number %d\"}\n", i }' >docs
bpe-train -n 280 -p gpt2 docs -o tok.json 2>/dev/null
bpe-train -n 270 -p gpt2 docs -o other.json 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
tokenize -t tok.json -o s docs 2>/dev/null
shard=s_train_000001.bin
small="-q -j1 --layers 1 --width 32 --heads 4 --context 16 --batch 4 --steps 2 -t tok.json"

refused() {	# NAME REGEX ARGUMENTS [INPUT]: exit 1 and no model
	fails 1 "$1" "rm -rf m; pretrain -o m $small $3 <${4:-/dev/null} || {
		status=\$?; [ ! -e m/model.safetensors ]; exit \$status; }" "$2"
}
refused 'empty standard input' 'standard input' ''
refused 'no file' 'nothere: cannot open' nothere
refused 'a directory' 'a regular file|is a directory' .
: >empty
refused 'an empty shard' 'empty: ' empty
head -c 1000 $shard >short
refused 'a shard truncated in its header' 'short: ' short
head -c 1500 $shard >short
refused 'a shard truncated in its tokens' 'short: ' short
printf 'hello, this is no shard at all' | dd bs=2000 conv=sync 2>/dev/null >text
refused 'another magic' 'text: ' text
cp $shard flipped
printf '\377' | dd of=flipped bs=1 seek=16 conv=notrunc 2>/dev/null
refused 'a bit flipped in the header of a shard' 'flipped: ' flipped
cp $shard flipped
printf '\377' | dd of=flipped bs=1 seek=1100 conv=notrunc 2>/dev/null
refused 'a bit flipped in the tokens of a shard' 'flipped: ' flipped
head -c -3 tokens >cut
refused 'a stream truncated in its trailer' 'standard input: ' '--steps 100000' cut
printf 'not a token stream' >text
refused 'a stream as an operand' 'a token stream, not a shard: give it as standard input, or make shards' tokens
cat $shard $shard >both
refused 'shards joined by cat' 'both: .*joined with .shard cat., not cat' both
refused 'text instead of a stream' 'standard input: ' '' text
refused 'fewer tokens than a row' 'fewer tokens than one window|too few tokens for one row' \
	'--context 5000' "$shard"
refused 'shards of another tokenizer' 'tokenizer' "-t other.json $shard"
refused 'a missing validation shard' 'nothere: cannot open' "--val-file nothere $shard"
refused 'a missing initial model' 'nothere: not a model directory' \
	"-m nothere $shard"
printf '{"model"' >bad.json
refused 'a truncated tokenizer' 'bad.json' "-t bad.json $shard"
refused 'a learning rate so high that numbers stop being finite' 'not finite' \
	"--lr 1e30 --clip 0 --warmup 0 --steps 30 $shard"

# Words 3 to 10 are 0 in the files of other programs.
{ head -c 12 $shard; head -c 1012 /dev/zero; tail -c +1025 $shard; } >foreign

ok 'the operand - is the stream on standard input' '
	pretrain -o one $small <tokens
	pretrain -o two $small - <tokens
	cmp one/model.safetensors two/model.safetensors
'
usage() {	# NAME REGEX ARGUMENTS
	fails 2 "$1" "pretrain $3" "$2"
}
usage 'no directory' 'no output directory: give -o DIR' "$shard"
usage 'an unknown option' 'there is no option' "-o m --colour $shard"
usage 'no layers' 'layers: 0 is not from 1' "-o m --layers 0 $shard"
usage 'a width that is not a multiple of the heads' 'does not divide' "-o m --width 33 --heads 4 -t tok.json $shard"
usage 'an odd head size' 'odd' "-o m --width 12 --heads 4 -t tok.json $shard"
usage 'an unknown architecture' 'rnn. is not one of gpt2.llama' "-o m --arch rnn $shard"
usage 'a negative learning rate' 'lr: -1 is not from 0' "-o m --lr -1 -t tok.json $shard"
usage 'shards of other programs without a tokenizer' 'give the tokenizer with -t' "-o m foreign"
fails 1 'a directory that cannot be created' "
	: >file; pretrain -o file/m $small $shard" 'file/m: cannot make the directory'
ok 'a full disk: exit 1, the reason, no temporary file' '
	mkdir full; ln -s /dev/full full/model.safetensors
	status=0; pretrain --force -o full '"$small $shard"' 2>err || status=$?
	[ $status = 1 ]; grep -q "full/model.safetensors: cannot write: No space" err
	[ "$(ls -A full | grep -c "tmp\.")" = 0 ]
'
ok 'closed standard input is an error, not a hang' '
	status=0; pretrain -o closed '"$small"' <&- 2>err || status=$?
	[ $status = 1 ]
'
fails 1 'an upstream that dies causes an error without pipefail' "
	{ head -c 200 tokens; } | pretrain -o dead $small --steps 1000
" 'standard input: '
# Rates so high that the parameters, or the numbers computed with them, overflow.
for rate in 1e4 1e20; do
	ok "--lr $rate: the tensor is named, and the last checkpoint is kept" "
		rm -rf m
		status=0
		pretrain -o m $small --optimizer adamw --lr $rate --warmup 0 --steps 40 \
			--schedule constant --save-every 1 $shard 2>err || status=\$?
		test \$status = 1
		grep -Eq 'step [0-9]+: (the gradient of )?(model|lm_head)[a-z0-9_.]* is not finite' err
		ckpt info m >info
		ckpt compare m m --tolerance 0
		test ! -e m/training.safetensors.next
	"
done
done_testing
