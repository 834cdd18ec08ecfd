#!/bin/sh
# ckpt: info, convert, average, compare.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 300; i++) printf "{\"text\":\"number %d\"}\n", i }' >docs
bpe-train -n 280 -p gpt2 docs -o tok.json 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
small="-q -j1 --layers 2 --width 32 --heads 4 --context 16 --batch 4 -t tok.json"
pretrain -o a $small --arch gpt2 --steps 1 <tokens
pretrain -o b $small --arch gpt2 --steps 5 <tokens
pretrain -o llama $small --steps 1 <tokens

ok 'info: sizes, the number of parameters, the chain of commands' '
	ckpt info a >out
	grep -qx "arch	gpt2" out
	# V*C + T*C + L*(12 C^2 + 13 C) + 2 C
	grep -qx "parameters	$((384 * 32 + 16 * 32 + 2 * (12 * 32 * 32 + 13 * 32) + 2 * 32))" out
	grep -q "^by	tokenize -t tok.json docs" out
	grep -q "^by	pretrain -o a" out
'
ok 'info --tensors: one line per tensor' '
	ckpt info --tensors llama >out
	grep -qx "model.layers.1.mlp.up_proj.weight	F32	96,32" out
	[ "$(grep -c "	F32	" out)" = 20 ]
'
ok '16-bit numbers: every bit pattern has its value, ties round to even' 'unit half'
ok 'convert to bf16: half the bytes, close values' '
	ckpt convert --type bf16 a c
	[ "$(wc -c <c/model.safetensors)" -lt $(($(wc -c <a/model.safetensors) * 6 / 10)) ]
	ckpt compare a c --tolerance 0.004
	cmp a/tokenizer.json c/tokenizer.json
	grep -q "^ckpt convert" c/provenance.txt
'
ok 'existing tokenizer files are copied' '
	cp -r a with
	echo "{\"model_max_length\":16}" >with/tokenizer_config.json
	echo "{{ messages }}" >with/chat_template.jinja
	ckpt convert with also
	for f in tokenizer.json tokenizer_config.json chat_template.jinja; do
		cmp with/$f also/$f
	done
	rm with/chat_template.jinja
	ckpt convert with other
	[ ! -e other/chat_template.jinja ]
'
fails 1 'compare fails beyond the tolerance' 'ckpt compare a c --tolerance 1e-6' 'differ by .*, more than 1e-06'
ok 'numbers up to the limits of a type are written, larger ones are refused' '
	# ends FILE NUMBER: sets all weights of the last norm of a gpt2 model
	ends() {
		rm -rf ends && cp -r a ends
		python3 -c "import json, struct, sys
f = open(\"ends/model.safetensors\", \"r+b\")
n, = struct.unpack(\"<Q\", f.read(8))
begin, end = json.loads(f.read(n))[\"transformer.ln_f.weight\"][\"data_offsets\"]
f.seek(8 + n + begin)
f.write(struct.pack(\"<f\", float(sys.argv[1])) * ((end - begin) // 4))" "$2"
		status=0
		ckpt convert --force --type "$1" ends o 2>err || status=$?
	}
	for good in "f16 65519" "f16 -65519" "bf16 3.394e38" "f16 1e-30"; do
		ends $good
		[ $status = 0 ]
		ckpt info o >out
	done
	for bad in "f16 65520" "f16 -1e9" "bf16 3.4e38"; do
		ends $bad
		[ $status = 1 ]
		grep -q "^ckpt: o/model.safetensors: .* does not fit in the type" err
	done
'
ok 'f32 there and back is identical' '
	ckpt convert a d && ckpt convert d e && ckpt compare a e --tolerance 0
'
ok 'to llm.c and back' '
	ckpt convert a a.bin
	ckpt convert a.bin f
	ckpt compare a f --tolerance 0
	ckpt convert --type bf16 a a16.bin
	ckpt compare c a16.bin --tolerance 0
'
ok 'the header of llm.c, word by word; matrices are (out, in)' '
	[ "$(od -An -td4 -N32 a.bin | tr -s " \n" " ")" = " 20240326 3 16 384 2 4 32 384 " ]
	[ "$(wc -c <a.bin)" = $((1024 + 4 * $(ckpt info a | sed -n "s/^parameters	//p"))) ]
	# c_attn of layer 0 follows wte, wpe and the two ln_1 of all layers.
	at=$((1024 + 4 * (384 * 32 + 16 * 32 + 4 * 32)))
	x=$(od -An -tf4 -j $((at + 4)) -N4 a.bin)
	n=$(od -An -tu8 -N8 a/model.safetensors | tr -d " ")
	begin=$(head -c $((n + 8)) a/model.safetensors | tail -c +9 | sed "s/.*h.0.attn.c_attn.weight[^[]*[^]]*],.data_offsets.:\[\([0-9]*\).*/\1/")
	y=$(od -An -tf4 -j $((n + 8 + begin + 4 * 96)) -N4 a/model.safetensors)
	[ "$x" = "$y" ]
'
ok 'generate reads an llm.c checkpoint as it reads a directory' '
	for m in a a.bin; do
		echo "{\"prompt_ids\":[1,2,3]}" |
			generate -q -m $m --jsonl --greedy -n 6 --top 5 --ignore-eos >out.$m
	done
	grep -o "\"ids\":[^]]*]\|\"top\":.*" out.a >want
	grep -o "\"ids\":[^]]*]\|\"top\":.*" out.a.bin | cmp - want
	[ -s want ]
'
fails 1 'a llama model cannot be an llm.c checkpoint' 'ckpt convert llama x.bin' 'gpt2 models'
ok 'the average of two models is between them' '
	ckpt average -o g a b
	ckpt compare a g | awk "NR > 1 { print \$2 }" >ag
	ckpt compare g b | awk "NR > 1 { print \$2 }" >gb
	paste ag gb | awk "{ d = \$1 - \$2; if (d > 1e-6 || -d > 1e-6) exit 1; s += \$1 } END { exit !(s > 0) }"
'
ok 'the average of a model with itself is the model' '
	ckpt average -o h a a && ckpt compare a h --tolerance 0
'
# other NAME EXPRESSION FILE: a model that differs by a sed expression
other() {
	rm -rf "$1" && cp -r llama "$1"
	sed -i "$2" "$1/${3:-config.json}"
	not cmp -s "llama/${3:-config.json}" "$1/${3:-config.json}"
}
while read -r name expression; do
	fails 1 "models that differ in $name are not averaged, and the message says so" "
		other x '$expression'
		ckpt average -o i llama x 2>err || { [ ! -e i ]; cat err >&2
			exit 1; }
	" "^ckpt: llama and x differ in config.json: $name: "
	[ "$name" = eos_token_id ] || fails 1 \
		"compare --tolerance refuses models that differ in $name" "
		ckpt compare llama x --tolerance 0
	" "differ in config.json: $name: "
done <<X
rope_theta s/\("rope_theta": \)10000/\1500000/
rms_norm_eps s/\(_eps": \)1e-0*5/\11e-6/
max_position_embeddings s/\(max_position_embeddings": \)16/\132/
eos_token_id s/\("eos_token_id": \)[0-9]*/\11/
X
fails 1 'models with different tokenizers of the same size are not averaged either' '
	sed "s/number/letters/" docs >others
	bpe-train -n 280 -p gpt2 others -o other.json 2>/dev/null
	rm -rf x && cp -r llama x && cp other.json x/tokenizer.json
	ckpt average -o i llama x
' "^ckpt: llama and x have other tokenizers: token 256: '.+' and '.+'"
fails 1 'nor models with different special tokens' '
	other x "s/endoftext/EndOfText/" tokenizer.json
	sed -i "s/endoftext/EndOfText/" x/tokenizer_config.json
	ckpt average -o i llama x
' "^ckpt: llama and x have other tokenizers: token 280: the special '.+' and the special '.+'"
ok 'tokenizer.json may differ only in spelling' '
	rm -rf x && cp -r llama x
	python3 -c "import json
json.dump(json.load(open(\"llama/tokenizer.json\")), open(\"x/tokenizer.json\", \"w\"))"
	differ llama/tokenizer.json x/tokenizer.json
	ckpt average -o i llama x && ckpt compare i llama --tolerance 0
'
fails 1 'models with different chat templates are not averaged' '
	rm -rf x && cp -r llama x && echo "{{ messages }}" >x/chat_template.jinja
	ckpt average -o i llama x
' 'llama and x have other chat templates'
fails 1 'nor models whose tokenizer has more tokens' '
	bpe-train -n 285 -p gpt2 docs -o more.json 2>/dev/null
	rm -rf x && cp -r llama x && cp more.json x/tokenizer.json
	ckpt average -o i llama x
' 'llama and x have other tokenizers: '
fails 1 'models of different shapes are not averaged' 'ckpt average -o i a llama' 'not models of one shape: architectures: '
fails 1 'nor compared' 'ckpt compare a llama' 'not models of one shape'
fails 1 'no file' 'ckpt info nothere' 'nothere: not a model directory'
fails 1 'a truncated llm.c checkpoint' 'head -c 9999 a.bin >cut.bin; ckpt info cut.bin' 'cut off'
fails 1 'another magic' 'head -c 9999 /dev/zero >zero.bin; ckpt info zero.bin' 'not a checkpoint of llm.c'
fails 1 'a header word that is 0' '
	cp a.bin z.bin; dd if=/dev/zero of=z.bin bs=1 seek=16 count=4 conv=notrunc 2>/dev/null
	ckpt info z.bin' 'word 4 of the header'
fails 1 'a directory named like an llm.c checkpoint' 'mkdir d.bin; ckpt info d.bin' 'd.bin: not a model directory'
fails 2 'no command' 'ckpt' 'do what'
fails 2 'an unknown command' 'ckpt frobnicate a' 'not one of info'
fails 2 'too few operands' 'ckpt compare a' 'compare takes 2 operands'
fails 2 'average without an output' 'ckpt average a b' 'where to'
fails 1 'a full disk' 'ckpt info a >/dev/full' 'cannot write'
fails 1 'closed standard output' 'ckpt info a >&-' 'standard output is closed'
done_testing
