#!/bin/sh
# The model directory: its content, and what is refused.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 300; i++) printf "{\"text\":\"number %d\"}\n", i }' >docs
bpe-train -n 280 -p gpt2 docs -o tok.json 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
small="-q -j1 --layers 2 --width 32 --heads 4 --context 16 --batch 4 --steps 1 -t tok.json"
pretrain -o llama $small --kv-heads 2 <tokens
pretrain -o gpt2 $small --arch gpt2 <tokens

has() {		# FILE LINE...: the JSON text without spaces contains each
	file=$1; shift
	for s; do
		tr -d ' \n' <"$file" | grep -qF -e "$s" || { echo "no $s"; return 1; }
	done
}
# Adds empty tensors to the header of a safetensors file, replacing the padding
# spaces after it, which are added first.
extra() {	# FILE NAME...
	file=$1; shift
	n=$(od -An -tu8 -N8 "$file" | tr -d ' ')
	head -c $((n + 8)) "$file" | tail -c +9 | sed 's/ *$//; s/}$//' >header
	tail -c +$((n + 9)) "$file" >data
	for name; do
		printf ',"%s":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}' "$name"
	done >>header
	printf '}' >>header
	while [ $((($(wc -c <header) + 8) % 64)) != 0 ]; do printf ' ' >>header; done
	n=$(wc -c <header)
	{ printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256)))\0\0\0\0\0\0"
		cat header data; } >"$file"
}
# Replaces text in the header of a safetensors file by text of the same length.
patch() {	# FILE OLD NEW
	LC_ALL=C sed -i "s/$2/$3/" "$1"
}

ok 'every file exists' '
	for d in llama gpt2; do
		for f in config.json model.safetensors tokenizer.json tokenizer_config.json \
			generation_config.json provenance.txt trainlog.tsv training.safetensors; do
			[ -s $d/$f ] || { echo no $d/$f; exit 1; }
		done
		[ "$(ls -A $d | grep -c tmp)" = 0 ]
	done
'
ok 'config.json of llama, with the rotary base where transformers 4 and 5 look for it' '
	has llama/config.json "\"model_type\":\"llama\"" "[\"LlamaForCausalLM\"]" \
		"\"num_key_value_heads\":2" "\"head_dim\":8" "\"rope_theta\":10000," \
		"\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":10000}" \
		"\"rms_norm_eps\":1e-05" "\"vocab_size\":384" "\"tie_word_embeddings\":true"
'
ok 'config.json of gpt2' '
	has gpt2/config.json "\"model_type\":\"gpt2\"" "[\"GPT2LMHeadModel\"]" \
		"\"n_embd\":32" "\"n_inner\":128" "\"activation_function\":\"gelu_new\"" \
		"\"layer_norm_epsilon\":1e-05"
'
ok 'the header of model.safetensors is a multiple of 8 bytes, format pt' '
	n=$(od -An -tu8 -N8 llama/model.safetensors | tr -d " ")
	[ $(((n + 8) % 64)) = 0 ]
	head -c $((n + 8)) llama/model.safetensors | tail -c +9 >header
	has header "\"format\":\"pt\"" "\"model.embed_tokens.weight\":{\"dtype\":\"F32\",\"shape\":[384,32]" \
		"\"model.layers.1.self_attn.k_proj.weight\":{\"dtype\":\"F32\",\"shape\":[16,32]"
	[ "$(wc -c <llama/model.safetensors)" = $((n + 8 + 4 * $(ckpt info llama | awk "\$1 == \"parameters\" { print \$2 }"))) ]
'
ok 'the first GPT-2 files, whose names lack a prefix, are read' '
	cp -r gpt2 plain
	LC_ALL=C sed -i "1s/\"transformer\.\([^\"]*\)\":/\"\1\":            /g" plain/model.safetensors
	ckpt compare gpt2 plain --tolerance 0
'
ok 'an unneeded tensor is named, extra tensors of old files are not' '
	cp -r llama more
	extra more/model.safetensors v_head.weight model.layers.0.self_attn.rotary_emb.inv_freq
	ckpt compare llama more --tolerance 0 2>err
	grep -q "tensor .v_head.weight. is not used" err
	[ "$(wc -l <err)" = 1 ]
'
ok 'a number beyond 64 bits, which transformers writes for an unlimited length' '
	cp -r llama long
	printf "{\"eos_token\":\"<|endoftext|>\",\"model_max_length\":1000000000000000019884624838656}\n" \
		>long/tokenizer_config.json
	echo a | tokenize -t llama -r -a >want
	echo a | tokenize -t long -r -a | cmp - want
	sed -i "s/\"num_hidden_layers\": 2/\"num_hidden_layers\": 2, \"n\": 1000000000000000019884624838656/" \
		long/config.json
	ckpt compare llama long --tolerance 0
'
ok 'F16 and BF16 are read' '
	for t in f16 bf16; do
		ckpt convert --type $t llama half_$t
		ckpt compare llama half_$t --tolerance 0.005
	done
	ckpt compare llama half_f16 --tolerance 0.001
'
ok 'unknown text in config.json is ignored' '
	cp -r llama more
	sed -i "s/^{/{\"something\": {\"new\": [1, null]},/" more/config.json
	ckpt info more >/dev/null
'

# greedy DIR: the JSON of a 6-token answer to the ids 1 2 3
greedy() {
	echo "{\"prompt_ids\":[1,2,3]}" |
		generate -q -j1 -m "$1" --jsonl --greedy -n 6 --top 3
}
ok 'every id of eos_token_id ends an answer, also those of generation_config.json' '
	greedy llama >all
	third=$(sed "s/.*\"ids\":\[\([0-9,]*\)\].*/\1/" all | cut -d, -f3)
	[ -n "$third" ]
	for file in config.json generation_config.json; do
		rm -rf stops; cp -r llama stops
		sed -i "s/\"eos_token_id\": [0-9]*/\"eos_token_id\": [279, $third]/" \
			stops/$file
		grep -q "\[279, $third\]" stops/$file
		greedy stops >got
		grep -q "\"stop\":\"eos\"" got
		python3 -c "
import json
a, b = (json.load(open(f))[\"ids\"] for f in (\"all\", \"got\"))
assert b == a[:a.index($third) + 1], (a, b)"
	done
'
ok 'all of them are written back' '
	rm -rf stops; cp -r llama stops
	sed -i "s/\"eos_token_id\": [0-9]*/\"eos_token_id\": [279, 7, 8]/" \
		stops/config.json stops/generation_config.json
	ckpt convert stops again
	has again/config.json "\"eos_token_id\":[279,7,8]"
	ckpt info again | grep "^eos	279 7 8$"
'
ok 'gelu_pytorch_tanh is the same as gelu_new' '
	rm -rf tanh; cp -r gpt2 tanh
	sed -i s/gelu_new/gelu_pytorch_tanh/ tanh/config.json
	greedy gpt2 >want
	greedy tanh | cmp - want
'

# A head that is not the embedding but twice it, so that all logits double.
double_head() {	# DIR
	python3 - "$1" <<END
import array, json, struct, sys
file = sys.argv[1] + "/model.safetensors"
data = open(file, "rb").read()
n = struct.unpack("<Q", data[:8])[0]
head, body = json.loads(data[8:8 + n]), data[8 + n:]
e = head["model.embed_tokens.weight"]
a = array.array("f", body[e["data_offsets"][0]:e["data_offsets"][1]])
more = array.array("f", [2 * x for x in a]).tobytes()
head["lm_head.weight"] = dict(e, data_offsets=[len(body),
    len(body) + len(more)])
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
open(file, "wb").write(struct.pack("<Q", len(text)) + text + body + more)
END
}
# The first of the largest logits.
largest() { sed "s/.*\"top\":\[\[[0-9]*,\([-0-9.e]*\).*/\1/"; }
ok 'tie_word_embeddings with a different lm_head.weight: it is used and reported' '
	rm -rf headed; cp -r llama headed
	double_head headed
	has headed/config.json "\"tie_word_embeddings\":true"
	a=$(greedy llama | largest)
	b=$(greedy headed 2>err | largest)
	[ -n "$a" ] && close "$b" "2 * $a" 1e-4
	grep -q "the head is not the embedding" err
	ckpt convert headed untied 2>/dev/null
	has untied/config.json "\"tie_word_embeddings\":false"
	close "$(greedy untied | largest)" "2 * $a" 1e-4
'

# rope DIR KEY VALUE ...: the frequencies of DIR with these keys in rope_scaling
rope() {
	rm -rf rope; cp -r llama rope
	sed -i "s/\"rope_parameters\".*/\"rope_scaling\": {$1},/" rope/config.json
	unit rope rope
}
ok 'rotary positions of type linear and llama3' '
	rope "\"type\":\"linear\",\"factor\":4" >got
	python3 -c "
for j in range(4):
    print(10000 ** (-2 * j / 8) / 4)" >want
	paste got want >both
	[ $(wc -l <both) = 4 ]
	awk "\$1 / \$2 > 1.000001 || \$1 / \$2 < .999999 { exit 1 }" both
	rope "\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,\"high_freq_factor\":4,\"original_max_position_embeddings\":200" >got
	python3 -c "
import math
for j in range(4):
    f = 10000 ** (-2 * j / 8)
    w = 2 * math.pi / f
    s = (200 / w - 1) / 3
    print(f if w < 50 else f / 8 if w > 200 else (1 - s) * f / 8 + s * f)" >want
	paste got want >both
	[ $(wc -l <both) = 4 ]
	awk "\$1 / \$2 > 1.000001 || \$1 / \$2 < .999999 { exit 1 }" both
	ckpt convert rope scaled
	unit rope scaled | cmp - got
'

bad() {		# NAME REGEX COMMAND: a copy changed by COMMAND is refused
	rm -rf bad; cp -r llama bad
	eval "$3"
	fails 1 "$1" 'ckpt info bad' "$2"
}
bad 'no directory' 'bad: not a model directory: No such file' 'rm -r bad'
bad 'a file' 'bad: not a model directory, which holds config.json' 'rm -r bad; : >bad'
bad 'no weights' 'model.safetensors is missing' 'rm bad/model.safetensors'
bad 'weights of PyTorch' 'only safetensors files are read: save_pretrained' \
	'mv bad/model.safetensors bad/pytorch_model.bin'
bad 'no config.json' 'bad: not a model directory: config.json is missing' 'rm bad/config.json'
bad 'a truncated config.json' 'bad/config.json:[0-9]*:[0-9]*: not valid JSON' \
	'head -c 100 llama/config.json >bad/config.json'
bad 'another architecture' 'model_type .mamba. is not supported, only gpt2.llama' \
	'sed -i "s/\"llama\"/\"mamba\"/" bad/config.json'
bad 'scaled rotary positions' 'rope_type .yarn. is not supported, only default' \
	'sed -i "s/\"default\"/\"yarn\"/" bad/config.json'
bad 'rotary positions per kind of attention' 'full_attention. of the rotary positions is not supported' \
	'sed -i "s/\"rope_type\": \"default\"/\"full_attention\": {\"rope_theta\": 5}/" bad/config.json'
bad 'rope_scaling next to rope_parameters' 'rope_scaling. and .rope_parameters. disagree' \
	'sed -i "s/^{/{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2},/" bad/config.json'
bad 'rotary scaling without its factor' 'factor. of the rotary positions is missing' \
	'sed -i "s/\"rope_type\": \"default\"/\"rope_type\": \"linear\"/" bad/config.json'
bad 'sliding-window attention' 'sliding_window. is not supported' \
	'sed -i "s/^{/{\"sliding_window\": 128,/" bad/config.json'
bad 'quantized weights' 'quantization_config. is not supported' \
	'sed -i "s/^{/{\"quantization_config\": {},/" bad/config.json'
bad 'an id beyond the vocabulary' 'eos_token_id. 5000 is not below' \
	'sed -i "s/\"eos_token_id\": [0-9]*/\"eos_token_id\": [1, 5000]/" bad/generation_config.json'
bad 'another activation' 'hidden_act' 'sed -i s/silu/relu/ bad/config.json'
bad 'a size that is text' 'hidden_size. is not a whole number' \
	'sed -i "s/\"hidden_size\": 32/\"hidden_size\": \"32\"/" bad/config.json'
bad 'rope_parameters that are not an object' 'rope_parameters. is not an object' \
	'sed -i "s/\"rope_parameters\": {.*}/\"rope_parameters\": []/" bad/config.json'
bad 'rope_scaling that is text' 'rope_scaling. is not an object' \
	'sed -i "s/^{/{\"rope_scaling\": \"linear\",/" bad/config.json'
bad 'a factor without rotary scaling' 'factor. of the rotary positions without' \
	'sed -i "s/\"rope_type\": \"default\"/\"factor\": 2/" bad/config.json'
bad 'a size below 1' 'num_hidden_layers. is not from 1' \
	'sed -i "s/\"num_hidden_layers\": 2/\"num_hidden_layers\": -2/" bad/config.json'
bad 'a size that would fill the memory' "model-?.*tensor|not from 1|shape|memory" \
	'sed -i "s/\"vocab_size\": 384/\"vocab_size\": 16777217/" bad/config.json'
bad 'a shape that differs from that of the tensors' 'has shape .384,32. but config.json implies .385,32.' \
	'sed -i "s/\"vocab_size\": 384/\"vocab_size\": 385/" bad/config.json'
bad 'heads that do not divide evenly' 'not a multiple of the key-value heads' \
	'sed -i "s/\"num_key_value_heads\": 2/\"num_key_value_heads\": 3/" bad/config.json'
bad 'one layer too many in config.json' 'model.layers.2.*is missing' \
	'sed -i "s/\"num_hidden_layers\": 2/\"num_hidden_layers\": 3/" bad/config.json'
bad 'one layer too few in config.json' 'model.layers.1.*is not of the model that config.json describes' \
	'sed -i "s/\"num_hidden_layers\": 2/\"num_hidden_layers\": 1/" bad/config.json'
bad 'an empty model.safetensors' 'shorter than its header' ': >bad/model.safetensors'
bad 'a header longer than the file' 'not a safetensors file, or truncated' \
	'printf "\377\377\377\377\377\377\377\377" | cat - llama/model.safetensors >bad/model.safetensors'
bad 'truncated data' 'ends after the file: cut off' \
	'head -c 20000 llama/model.safetensors >bad/model.safetensors'
bad 'a truncated header' 'truncated' 'head -c 500 llama/model.safetensors >bad/model.safetensors'
bad 'an unknown type' 'unknown type .F99.' 'patch bad/model.safetensors "F32" "F99"'
bad 'numbers that are not floats' 'of type I32, not of a model' 'patch bad/model.safetensors "F32" "I32"'
bad 'offsets that disagree with the shape' 'shape and data_offsets disagree' \
	'patch bad/model.safetensors "\[384,32\]" "[384,31]"'
bad 'overlapping tensors' 'does not start where the one before it ends' '
	was=$(LC_ALL=C grep -ao "shape\":.32.,\"data_offsets\":.[0-9]*,[0-9]*.}}" bad/model.safetensors)
	fill=$(printf "%*s" $((${#was} - 38)) "")
	patch bad/model.safetensors "$(echo "$was" | sed "s/[][]/./g")" \
		"shape\":[32],\"data_offsets\":[128,256]}$fill}"'
bad 'bytes after the last tensor' '4 bytes belong to no tensor' \
	'printf abcd >>bad/model.safetensors'
bad 'a flipped bit in the header' 'byte [0-9]* of a safetensors header|missing|unknown' \
	'patch bad/model.safetensors "\"dtype\"" "\"dtypf\""'
bad 'a duplicate name' 'duplicate name' \
	'patch bad/model.safetensors "layers.1.self_attn.q_proj" "layers.0.self_attn.q_proj"'
bad 'a NaN among the weights' 'holds a NaN or infinity' \
	'n=$(wc -c <bad/model.safetensors); printf "\377\377\377\377" |
		dd of=bad/model.safetensors bs=1 seek=$((n - 8)) conv=notrunc 2>/dev/null'
# Decoding packs the weights without a flat model and finds the same.
n=$(wc -c <llama/model.safetensors)
for at in 8 $((n / 2 / 4 * 4)) $((n - 8)); do
	rm -rf bad; cp -r llama bad
	[ "$at" != 8 ] || at=$((8 + $(od -An -tu8 -N8 llama/model.safetensors | tr -d ' ')))
	printf '\377\377\377\377' | dd of=bad/model.safetensors bs=1 seek="$at" conv=notrunc 2>/dev/null
	fails 1 "generate finds a NaN at byte $at" 'greedy bad' 'holds a NaN or infinity'
done
ok 'gpt2 with quantized weights is refused too' '
	rm -rf bad; cp -r gpt2 bad
	sed -i "s/^{/{\"quantization_config\": {\"bits\": 4},/" bad/config.json
	not ckpt info bad 2>err
	grep -q "quantization_config. is not supported" err
'

# ---- sharded weights ----------------------------------------------------------
# shards DIR CODE: writes DIR's tensors as three files and an index; the lines of
# Python in CODE may first change `parts` (a dict of each file's tensors,
# name -> (type, shape, bytes)) and `map`.
shards() {
	python3 - "$1" "$2" <<'END'
import json, os, struct, sys
top = sys.argv[1]
data = open(top + "/model.safetensors", "rb").read()
n = struct.unpack("<Q", data[:8])[0]
head, body = json.loads(data[8:8 + n]), data[8 + n:]
head.pop("__metadata__", None)
files = ["model-%05d-of-00003.safetensors" % (i + 1) for i in range(3)]
parts, map = {f: {} for f in files}, {}
for i, (name, t) in enumerate(sorted(head.items())):
    b, e = t["data_offsets"]
    parts[files[i % 3]][name] = (t["dtype"], t["shape"], body[b:e])
    map[name] = files[i % 3]
exec(sys.argv[2])
for f, tensors in parts.items():
    h, at = {}, 0
    for name, (dtype, shape, raw) in tensors.items():
        h[name] = dict(dtype=dtype, shape=shape, data_offsets=[at, at + len(raw)])
        at += len(raw)
    text = json.dumps(h).encode()
    text += b" " * (-len(text) % 8)
    with open(top + "/" + f, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(t[2] for t in tensors.values()))
json.dump(dict(metadata={}, weight_map=map), open(top + "/model.safetensors.index.json", "w"))
os.remove(top + "/model.safetensors")
END
}
for model in llama gpt2; do
	ok "$model in shards is the same model, for training and for sampling" "
		rm -rf parted; cp -r $model parted; shards parted ''
		[ ! -e parted/model.safetensors ]
		ckpt compare $model parted --tolerance 0
		ckpt info --tensors $model | grep F32 | sort >want
		ckpt info --tensors parted | grep F32 | sort | cmp - want
		greedy $model >want
		greedy parted | cmp - want
	"
done
first='"model.embed_tokens.weight"'
broken() {	# NAME REGEX CODE
	bad "$1" "$2" "shards bad '$3'"
}
broken 'a tensor in two shards' \
	'00003-of-00003.safetensors: tensor .model.embed_tokens.weight. is in .*00001-of-00003.safetensors too' \
	"parts[files[2]][$first] = parts[files[0]][$first]"
broken 'a tensor in no shard' 'index.json: tensor .model.embed_tokens.weight. is missing' \
	"del parts[files[0]][$first]; del map[$first]"
broken 'a tensor missing from the shard that the index names' \
	'00002-of-00003.safetensors: tensor .model.embed_tokens.weight. is missing, which the index' \
	"map[$first] = files[1]"
broken 'a missing shard' '00003-of-00003.safetensors: cannot open' \
	'del parts[files[2]]'
broken 'a shard in another directory' 'is not the name of a safetensors file in its directory' \
	"map[$first] = \"../llama/model.safetensors\""
broken 'an empty index' 'weight_map. is not an object' 'map.clear()'
broken 'an index with a number as a file name' 'has no file name' "map[$first] = 1"
broken 'a shard with a tensor of another shape' '00001-of-00003.safetensors: tensor .model.embed_tokens.weight. has shape .32,384.' \
	"t = parts[files[0]][$first]; parts[files[0]][$first] = (t[0], [32, 384], t[2])"
broken 'a NaN in a shard' '00001-of-00003.safetensors: tensor .model.embed_tokens.weight. holds a NaN' \
	"t = parts[files[0]][$first]; parts[files[0]][$first] = (t[0], t[1], bytes([255] * 4) + t[2][4:])"
bad 'a truncated shard' '00002-of-00003.safetensors: .*cut off' "shards bad ''
	head -c 9000 bad/model-00002-of-00003.safetensors >cut; mv cut bad/model-00002-of-00003.safetensors"
done_testing
