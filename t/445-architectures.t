#!/bin/sh
# Every architecture of the table in every program: a trained model is read,
# sampled and trained further; and config.json values that are refused.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 400; i++)
	printf "{\"text\":\"Number %d comes after %d.\"}\n", i, i - 1 }' >docs
bpe-train -q -n 300 -p gpt2 -o tok.json docs
tokenize -q -t tok.json -o s docs
awk 'BEGIN { for (i = 0; i < 40; i++)
	printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%d\"},{\"role\":\"assistant\",\"content\":\"%d\"}]}\n", i, i, i + 1 }' >conv
words=$(pretrain --help | sed -n 's/^ *--arch \([^ ]*\).*/\1/p')

make() {	# DIR ARCH OPTION...
	dir=$1 arch=$2; shift 2
	pretrain -q -j1 -o "$dir" --arch "$arch" -t tok.json --layers 2 --width 48 \
		--heads 4 --context 48 --batch 8 --steps 30 "$@" s_train_000001.bin
}
key() {		# FILE KEY: the value in a line of config.json
	sed -n "s/^ *\"$2\": \(.*[^,]\),*$/\1/p" "$1"
}
ok 'the help names the architectures, gpt2 and llama among them' '
	echo "$words" | tr "|" "\n" >names
	grep -qx gpt2 names && grep -qx llama names
'
for arch in $(echo "$words" | tr '|' ' '); do
	ok "$arch: trained, written, read; config.json says what it is" "
		make $arch $arch
		[ \"\$(key $arch/config.json model_type)\" = '\"$arch\"' ]
		ckpt info $arch | grep -qx 'arch	$arch'
		ckpt convert $arch again.$arch
		cmp $arch/config.json again.$arch/config.json
		ckpt compare $arch again.$arch --tolerance 0
	"
	ok "$arch: sft, rlsample and rltrain; trainer and sampler find the same logprobs" "
		sft -q -j1 -m $arch -o chat.$arch --epochs 2 conv
		rlsample -q -j1 -m chat.$arch -N 4 -n 20 conv >rolled
		grade -q --regex 1 rolled >graded
		rltrain -q -j1 -m chat.$arch -o better.$arch --check-logprobs 0 graded
		generate -q -j1 -m better.$arch --greedy -n 5 --ids 1 >out
		[ \$(wc -w <out) -ge 1 ]
	"
	ok "$arch: --resume continues a run bit for bit" "
		make whole.$arch $arch --steps 6 --schedule constant
		make part.$arch $arch --steps 3 --schedule constant
		pretrain -q -j1 -o part.$arch --resume --steps 6 --schedule constant
		tail -c 4096 whole.$arch/model.safetensors >a
		tail -c 4096 part.$arch/model.safetensors | cmp - a
	"
done
fails 2 'an architecture that is not in the table' 'make x mamba' 'mamba'

# config NAME ARCH SED REGEX: this change of its config.json is refused
config() {
	rm -rf changed; cp -r "$2" changed
	sed -i "$3" changed/config.json
	fails 1 "$1" 'ckpt info changed' "$4"
}
# same NAME ARCH SED: this change means the same
same() {
	rm -rf changed; cp -r "$2" changed
	sed -i "$3" changed/config.json
	differ changed/config.json "$2/config.json"
	generate -q -j1 -m "$2" --jsonl --greedy -n 4 --top 3 <ids >want
	ok "$1" "generate -q -j1 -m changed --jsonl --greedy -n 4 --top 3 <ids | cmp - want"
}
echo '{"prompt_ids":[1,2,3]}' >ids
config 'llama: another kind of attention in one layer' llama \
	's/^{/{"layer_types": ["full_attention", "linear_attention"],/' \
	'layer_types. has .linear_attention.'
same 'llama: layer_types of full attention' llama \
	's/^{/{"layer_types": ["full_attention", "full_attention"],/'
config 'llama: biases that the file does not have' llama \
	's/"attention_bias": false/"attention_bias": true/' \
	'q_proj.bias. is missing'
config 'llama: biases of the MLP that the file does not have' llama \
	's/"mlp_bias": false/"mlp_bias": true/' 'gate_proj.bias. is missing'

ok 'qwen2: biases of q, k and v only, and they are trained' '
	ckpt info --tensors qwen2 >info
	for t in q k v; do grep -q "layers.1.self_attn.${t}_proj.bias	F32	48$" info; done
	[ $(grep -c "bias	F32" info) = 6 ]
	make q2start qwen2 --steps 1
	ckpt compare qwen2 q2start | awk "/bias/ && \$2 > 1e-5 { n++ } END { exit n != 6 }"
	[ "$(key qwen2/config.json architectures)" = "[\"Qwen2ForCausalLM\"]" ]
'
same 'qwen2: an unused window' qwen2 \
	's/"use_sliding_window": false/"use_sliding_window": false, "sliding_window": 4/'
same 'qwen2: a window as long as the context' qwen2 \
	's/"use_sliding_window": false/"use_sliding_window": true, "sliding_window": 48/'
config 'qwen2: a window shorter than the context' qwen2 \
	's/"use_sliding_window": false/"use_sliding_window": true, "sliding_window": 47/' \
	'sliding_window. is 47, shorter than the context of 48'

ok 'qwen3: norms of queries and keys, no biases' '
	ckpt info --tensors qwen3 >info
	for t in q k; do grep -q "layers.1.self_attn.${t}_norm.weight	F32	12$" info; done
	not grep "bias	F32" info
	make q3start qwen3 --steps 1
	ckpt compare qwen3 q3start | awk "/[qk]_norm/ && \$2 > 1e-5 { n++ } END { exit n != 4 }"
	[ "$(key qwen3/config.json architectures)" = "[\"Qwen3ForCausalLM\"]" ]
'
config 'qwen3: a head size that the file does not have' qwen3 '/"head_dim"/d' \
	'q_proj.weight. has shape .48,48. but config.json implies .512,48.'
config 'qwen3: norms that the architecture does not have' qwen3 's/"qwen3"/"llama"/' \
	'[qk]_norm.weight. is not of the model'

ok 'mistral: models trained here have no window; a long window is kept' '
	[ "$(key mistral/config.json sliding_window)" = null ]
	rm -rf changed; cp -r mistral changed
	sed -i "s/\"sliding_window\": null/\"sliding_window\": 48/" changed/config.json
	ckpt convert changed kept
	[ "$(key kept/config.json sliding_window)" = 48 ]
	[ "$(key kept/config.json architectures)" = "[\"MistralForCausalLM\"]" ]
'
same 'mistral: a window as long as the context' mistral \
	's/"sliding_window": null/"sliding_window": 48/'
config 'mistral: a window shorter than the context' mistral \
	's/"sliding_window": null/"sliding_window": 47/' \
	'sliding_window. is 47, shorter than the context of 48'
config 'mistral: the default window is 4096' mistral \
	'/"sliding_window"/d; s/"max_position_embeddings": 48/"max_position_embeddings": 4097/' \
	'sliding_window. is missing, which means 4096'
done_testing
