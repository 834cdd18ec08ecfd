#!/bin/sh
# pretrain and sft give the same bytes with any number of threads. Short enough for
# the sanitizer of threads.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 400; i++) { a = i * 7 % 10; b = int(i * 13 / 7) % 10
	printf "{\"text\":\"What is %d+%d? It is %d.\",\"id\":\"%d\"}\n", a, b, a + b, i } }' >docs
bpe-train -n 300 -p smollm docs -o tok.json 2>/dev/null
tokenize -t tok.json --val-share 0.1 -o s docs 2>/dev/null
awk 'BEGIN { for (i = 0; i < 9; i++) {
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Who is %d?\"},", i
	printf "{\"role\":\"assistant\",\"content\":\"I am %d.\"}]}\n", i } }' >chats
small="--layers 2 --width 64 --heads 4 --context 32 --batch 8 -t tok.json"

same() {	# DIR DIR...: the same files as in the first
	first=$1
	shift
	for dir; do
		for f in model.safetensors training.safetensors trainlog.tsv config.json tokenizer.json; do
			cmp "$first/$f" "$dir/$f"
		done
	done
}

i=0
while IFS=, read -r what options; do
	i=$((i + 1))
	ok "$what: two runs give equal bytes, one thread or two" "
		for run in 1 2 2b; do
			pretrain -q $small -j \${run%b} -o p$i.\$run $options --steps 6 \
				--val-every 3 --val-file s_val_000000.bin s_train_000001.bin
		done
		same p$i.1 p$i.2 p$i.2b
	"
done <<END
defaults,
gpt2 with AdamW,--arch gpt2 --optimizer adamw
key-value heads shared and documents apart,--kv-heads 2 --untied --separate
END
ok 'also of sft' '
	for run in 1 2 2b; do
		sft -q -j ${run%b} -m p1.1 -o f$run --steps 4 chats
	done
	same f1 f2 f2b
'
# In bf16 what is kept of norms and activation is rounded already.
for arch in "--arch gpt2" "--arch llama --kv-heads 2 --separate" "--arch qwen3 --untied" \
	"--arch gpt2 --compute bf16" "--arch qwen3 --compute bf16"; do
	ok "what backward computes again has the same bits: $arch" "
		for how in none selective full; do
			pretrain -q -j2 -o \$how --force -t tok.json --layers 3 --width 64 \
				--heads 4 --context 32 --batch 4 --steps 4 $arch \
				--recompute \$how s_train_000001.bin
		done
		for f in model.safetensors training.safetensors trainlog.tsv; do
			cmp none/\$f selective/\$f
			cmp none/\$f full/\$f
		done
	"
done
ok 'bf16 halves what is kept for products only: 3 of 16 widths of a GPT-2 token' '
	activations() { awk "/^bytes-activations/ { print \$2 }"; }
	shape="--layers 48 --width 64 --heads 4 --context 32 --batch 4 --arch gpt2"
	fp32=$(pretrain -n -t tok.json $shape s_train_000001.bin | activations)
	bf16=$(pretrain -n -t tok.json $shape --compute bf16 s_train_000001.bin | activations)
	test $((100 * bf16 / fp32)) -ge 80
	test $((100 * bf16 / fp32)) -le 84
'
done_testing
