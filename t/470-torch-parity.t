#!/bin/sh
# The same model directories in PyTorch and transformers: loss to 1e-6 relative,
# each gradient tensor to 1e-5, logits to 1e-4. Both are installed in build/venv.
. "${0%/*}/lib.sh"
needs_long
needs_command python3

venv torch transformers safetensors

awk 'BEGIN { for (i = 0; i < 3000; i++)
	printf "{\"text\":\"Number %d comes after %d, and %d before it.\"}\n", i, i - 1, i - 2 }' >docs
bpe-train -q -n 400 -p gpt2 docs -o tok.json
tokenize -q -t tok.json -o s docs
common="-q --layers 3 --width 96 --heads 4 --context 64 --batch 8 --steps 40 -t tok.json"

parity() {	# DIR ISA [bf16]
	PIPELM_ISA=$2 unit gradients "$1" 2 64 "$1.$2.grad" $3
	HF_HUB_OFFLINE=1 "$venv/bin/python" "$TOP/t/parity.py" "$1" "$1.$2.grad" $3 2>err ||
		{ cat err; return 1; }
}
trained() {	# NAME OPTIONS...
	name=$1; shift
	pretrain -o "$name" $common "$@" s_train_000001.bin
}
ok 'models are trained' '
	trained gpt2 --arch gpt2
	trained gpt2_untied --arch gpt2 --untied --optimizer muon
	trained llama --kv-heads 2
	trained llama_untied --untied --ffn 100 --rope-theta 500000
'
# Another rotary scaling: the same weights, other logits.
scaled() {	# NAME SCALING
	cp -r llama "$1"
	sed -i "s/\"rope_parameters\".*/\"rope_parameters\": {\"rope_theta\": 10000, $2},/" \
		"$1/config.json"
}
scaled llama_linear '"rope_type": "linear", "factor": 4'
scaled llama_llama3 '"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 48'
cp -r gpt2 gpt2_tanh
sed -i s/gelu_new/gelu_pytorch_tanh/ gpt2_tanh/config.json
best=c
grep -qw avx2 /proc/cpuinfo && best=avx2
grep -qw avx512bw /proc/cpuinfo && best=avx512
for model in gpt2 gpt2_untied gpt2_tanh llama llama_untied llama_linear \
		llama_llama3; do
	for isa in c $best; do
		ok "$model, $isa: loss, logits and gradients are PyTorch's" "
			parity $model $isa
		"
	done
done
for model in gpt2 llama_untied; do
	for isa in c $best; do
		ok "$model, $isa: products in bf16, loss and gradients of rounded factors" "
			parity $model $isa bf16
		"
	done
done
ok 'fp32 does not pass for bf16, in gradients of blocks either' '
	unit gradients gpt2 2 64 g
	not env HF_HUB_OFFLINE=1 "$venv/bin/python" "$TOP/t/parity.py" gpt2 g bf16 >out
	grep -q "^gradient of transformer.h.1" out
'
ok 'the comparison is sensitive: a changed gradient is refused' '
	unit gradients llama 2 64 g
	ckpt convert --type bf16 llama rounded
	not env HF_HUB_OFFLINE=1 "$venv/bin/python" "$TOP/t/parity.py" rounded g 2>/dev/null
'
ok 'AdamW takes the same steps as in torch' '
	HF_HUB_OFFLINE=1 "$venv/bin/python" "$TOP/t/adamw_parity.py" llama s_train_000001.bin
'
printf '{"messages":[{"role":"user","content":"Which number?"},{"role":"assistant","content":"42"}]}\n' >conv
ok 'the chat template of sft, rendered by transformers, gives the ids we train on' '
	sft -q -m llama -o chat --epochs 1 conv
	printf "%s\n" "{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Which number?\"}]}" |
		rlsample -q -m chat -N 1 -n 1 >roll
	HF_HUB_OFFLINE=1 "$venv/bin/python" - <<-END
	import json
	from transformers import AutoTokenizer
	tok = AutoTokenizer.from_pretrained("chat")
	ids = tok.apply_chat_template([{"role": "user", "content": "Which number?"}],
	    add_generation_prompt=True, tokenize=True, return_dict=False)
	ours = json.loads(open("roll").readline())["prompt_ids"]
	assert ids == ours, (ids, ours)
	END
'
done_testing
