#!/bin/sh
# Adapters in PEFT: it loads ours, with the same logits and gradients; those it makes
# are loaded and merged.
. "${0%/*}/lib.sh"
needs_long
needs_command python3

venv torch transformers safetensors peft

awk 'BEGIN { for (i = 0; i < 3000; i++)
	printf "{\"text\":\"Number %d comes after %d, and %d before it.\"}\n", i, i - 1, i - 2 }' >docs
printf '{"messages":[{"role":"user","content":"Which number?"},{"role":"assistant","content":"42"}]}\n' >conv
bpe-train -n 300 -p smollm docs -o tok.json 2>/dev/null
tokenize -q -t tok.json -o s docs
trained() {	# NAME OPTIONS...
	name=$1; shift
	pretrain -q -o "$name" --layers 2 --width 64 --heads 4 --context 64 --batch 8 \
		--steps 40 -t tok.json "$@" s_train_000001.bin
}
ok 'models are trained' '
	trained gpt2 --arch gpt2
	trained llama --kv-heads 2
	trained llama_untied --untied
	trained qwen3 --arch qwen3 --kv-heads 2
	ckpt convert --type bf16 llama llama_bf16
'
python() { HF_HUB_OFFLINE=1 "$venv/bin/python" "$TOP/t/lora_parity.py" "$@" 2>err || { cat err; return 1; }; }
for model in gpt2 llama llama_untied qwen3 llama_bf16; do
	ok "$model: ours have PEFT's logits and gradients" "
		sft -q -m $model -o $model.ours --lora 4 --steps 5 conv
		unit gradients $model.ours 2 32 dump
		python check $model $model.ours dump
	"
	ok "$model: merged, PEFT's logits" "
		ckpt merge $model.ours $model.merged
		python merged $model $model.ours $model.merged
	"
	case $model in gpt2) modules=c_attn,mlp.c_proj ;; *) modules=q_proj,v_proj,up_proj ;; esac
	list=$(echo "$modules" | sed "s/,/','/g")
	ok "$model: PEFT's are loaded, with its logits and gradients, and merged" "
		python make $model $model.theirs \"dict(r=3, lora_alpha=5, use_rslora=True, target_modules=['$list'], trainable_token_indices=list(range(7, 90)))\"
		unit gradients $model.theirs 2 32 dump
		python check $model $model.theirs dump
		ckpt merge $model.theirs $model.theirs_merged
		python merged $model $model.theirs $model.theirs_merged
		generate -q -m $model.theirs -n 3 Number >/dev/null
	"
done
ok 'PEFT with one layer and fewer matrices' '
	python make llama one "dict(r=2, target_modules=[\"q_proj\", \"down_proj\"], layers_to_transform=[1])"
	unit gradients one 2 32 dump
	python check llama one dump
	sft -q -m one -o one_more --lora 2 --template plain --steps 2 conv
	unit gradients one_more 2 32 dump
	python check llama one_more dump
'
for bad in 'use_dora=True:use_dora' 'bias="all":bias' 'modules_to_save=["lm_head"]:modules_to_save' \
	'rank_pattern={"q_proj":1}:rank_pattern'; do
	fails 1 "not supported: ${bad%:*}" "
		python make llama_untied bad '$(echo "dict(r=2, target_modules=[\"q_proj\"], ${bad%:*})")'
		generate -q -m bad -n 1 a" "${bad##*:}"
done
done_testing
