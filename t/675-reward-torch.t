#!/bin/sh
# Reward models in transformers: the same scores from the same directory, the same
# loss and gradient; and those that transformers wrote.
. "${0%/*}/lib.sh"
needs_long
needs_command python3
venv torch transformers safetensors
export HF_HUB_OFFLINE=1
py() { "$venv/bin/python" "$TOP/t/reward_torch.py" "$@"; }

awk 'BEGIN { for (i = 0; i < 3000; i++)
	printf "{\"text\":\"Number %d comes after %d, and %d before it.\"}\n", i, i - 1, i - 2 }' >docs
bpe-train -q -n 400 -p gpt2 docs -o tok.json
tokenize -q -t tok.json docs >tokens
awk 'BEGIN { for (i = 0; i < 40; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"After %d?\"},{\"role\":\"assistant\",\"content\":\"Number %d.\"}]}\n", i, i + 1 }' >conv
awk 'BEGIN { for (i = 0; i < 30; i++)
	printf "{\"prompt\":\"After %d?\",\"chosen\":\"Number %d.\",\"rejected\":\"It is %d, and %d.\",\"margin\":%g}\n", i, i + 1, i, i * i, i % 3 / 2 }' >pairs
awk 'BEGIN { for (i = 0; i < 23; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"After %d?\"}],\"text\":\"%s\"}\n", i * 7, substr("Number after number, and so on.", 1, 1 + i) }' >texts
reward() { sed 's/.*"reward":\([^,}]*\).*/\1/'; }
equal() {	# FILE FILE BOUND: numbers, line by line, not all alike
	test "$(wc -l <"$1")" = "$(wc -l <"$2")"
	paste "$1" "$2" | awk -v b="$3" '{ d = $1 - $2
		if (d > b || d < -b) { print; bad = 1 } seen[$1] = 1 }
		END { for (x in seen) n++; exit bad || n < NR / 2 }'
}

for arch in gpt2 llama qwen2 qwen3 mistral; do
	for template in chatml llama3 plain; do
		case $arch,$template in
		llama,* | gpt2,* | *,chatml) ;;
		*) continue ;;
		esac
		d=$arch.$template
		pretrain -q -o base --arch $arch --layers 2 --width 48 --heads 4 --context 64 \
			--batch 8 --steps 20 -t tok.json --force <tokens
		sft -q -m base --force -o chat --template $template --steps 10 conv
		ok "$d: scores of apply_chat_template are those of grade" "
			rmtrain -q -m chat -o $d --steps 12 --lr .01 pairs
			grade -q --reward-model $d texts | reward >ours
			py score $d texts >theirs
			equal ours theirs 1e-4
		"
		ok "$d: loss and gradient, with margins and centering" "
			rmtrain -q -m $d --force -o got --lr 0 --batch 30 --epochs 1 --center .3 pairs
			set -- \$(py loss $d pairs .3)
			close \"\$(column loss got/trainlog.tsv)\" \$1 1e-5
			close \"\$(column grad_norm got/trainlog.tsv)\" \$2 \"1e-5 * \$2\"
		"
	done
	ok "$arch: those of the ids of rollouts, where the template ends with the turn" "
		sed 's/,\"text\".*/}/' texts | head -n 6 | awk '{ sub(/{/, \"{\\\"id\\\":\" NR \",\"); print }' >prompts
		sft -q -m base --force -o chat3 --template llama3 --steps 10 conv
		rmtrain -q -m chat3 --force -o $arch.ids --steps 12 --lr .01 pairs
		rlsample -q -m chat3 -N 4 -n 9 prompts >rollouts
		grade -q --reward-model $arch.ids rollouts | reward >ours
		py ids $arch.ids rollouts >theirs
		equal ours theirs 1e-4
	"
done
for class in GPT2 Llama Qwen2 Qwen3 Mistral; do
	ok "${class}ForSequenceClassification, written by transformers" "
		mkdir $class
		cp llama.chatml/tokenizer.json llama.chatml/tokenizer_config.json $class
		py make ${class}ForSequenceClassification $class
		grade -q --reward-model $class texts | reward >ours
		py score $class texts >theirs
		equal ours theirs 1e-4
		rmtrain -q -m $class -o further.$class --lr 0 --steps 1 pairs
		ckpt compare $class further.$class --tolerance 0
	"
done
done_testing
