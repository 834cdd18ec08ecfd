#!/bin/sh
# Small random models of every architecture written by transformers, in fp32,
# bf16 and shards: loss, logits and gradients are PyTorch's. Models trained here
# load in transformers.
. "${0%/*}/lib.sh"
needs_long
needs_command python3

venv torch transformers safetensors

python() { HF_HUB_OFFLINE=1 "$venv/bin/python" "$@" 2>err || { cat err; return 1; }; }
mkdir theirs
ok 'transformers writes models' 'python "$TOP/t/random_models.py" theirs >names'
parity() {	# DIR
	unit gradients "$1" 2 64 grad
	python "$TOP/t/parity.py" "$1" grad
}
for name in $(cat names); do
	ok "$name: loss, logits and gradients of PyTorch; bf16 and shards too" "
		[ -e theirs/$name.shards/model.safetensors.index.json ]
		for form in '' .bf16 .shards; do parity theirs/$name\$form; done
		ckpt compare theirs/$name theirs/$name.shards --tolerance 0
	"
	ok "$name: read and written back, transformers computes the same" "
		ckpt convert theirs/$name.shards ours.$name
		unit gradients theirs/$name 2 64 grad
		python \"\$TOP/t/parity.py\" ours.$name grad
	"
done

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Number %d comes after %d.\"}\n", i, i - 1 }' >docs
bpe-train -q -n 300 -p gpt2 -o tok.json docs
tokenize -q -t tok.json -o s docs
for arch in $(pretrain --help | sed -n 's/^ *--arch \([^ ]*\).*/\1/p' | tr '|' ' '); do
	ok "$arch: a model trained here loads in transformers, with the same logits" "
		pretrain -q -o $arch --arch $arch -t tok.json --layers 3 --width 96 --heads 4 \
			--context 64 --batch 8 --steps 40 s_train_000001.bin
		parity $arch
	"
done
done_testing
