#!/bin/sh
# score against transformers: losses of documents in windows, attention, residual
# stream and logit lens of every architecture.
. "${0%/*}/lib.sh"
needs_long
needs_command python3
venv torch transformers safetensors

python() { HF_HUB_OFFLINE=1 "$venv/bin/python" "$@" 2>err || { cat err; return 1; }; }
mkdir theirs
ok 'transformers writes models' 'python "$TOP/t/random_models.py" theirs >names'
for name in $(cat names); do
	ok "$name: attentions, hidden states and their lens are those of transformers" "
		unit inside theirs/$name 64 dump
		python \"\$TOP/t/inside_parity.py\" theirs/$name dump
	"
done

awk 'BEGIN { for (i = 0; i < 300; i++) {
	printf "{\"text\":\"Number %d comes", i
	for (k = 0; k < i % 40; k++) printf " after %d", i - k
	print ".\"}" } }' >docs
bpe-train -q -n 300 -p gpt2 -o tok.json docs
tokenize -q -t tok.json -o s docs
head -n 60 docs >few
cat >loss.py <<'X'
import json, math, sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
dir, docs, each, context, stride = sys.argv[1:4] + [int(x) for x in sys.argv[4:]]
model = AutoModelForCausalLM.from_pretrained(dir, torch_dtype=torch.float32).eval()
tok = AutoTokenizer.from_pretrained(dir)
for line, got in zip(open(docs), open(each)):
    text, got = json.loads(line)["text"], json.loads(got)
    ids = [model.config.bos_token_id] + tok(text, add_special_tokens=False)["input_ids"]
    total, before, n = 0.0, 1, 0
    for begin in range(0, len(ids), stride):
        end = min(begin + context + 1, len(ids))
        with torch.no_grad():
            logits = model(torch.tensor([ids[begin:end - 1]])).logits[0].log_softmax(-1)
        for i in range(before, end):
            total -= logits[i - 1 - begin, ids[i]].item()
            n += 1
        before = end
        if end == len(ids):
            break
    assert n == got["tokens"] and got["bytes"] == len(text.encode()), (n, got)
    assert abs(total / n - got["loss"]) <= 1e-4, (total / n, got)
    assert abs(total / math.log(2) / got["bytes"] - got["bits_per_byte"]) <= 1e-4
X
for arch in gpt2 llama qwen3; do
	ok "$arch: loss and bits per byte of documents, with and without overlap" "
		pretrain -q -o $arch --arch $arch -t tok.json --layers 3 --width 96 --heads 4 \
			--context 64 --batch 8 --steps 40 s_train_000001.bin
		score -q -m $arch --each few >each
		python loss.py $arch few each 64 64
		score -q -m $arch --each --context 48 --stride 10 few >each
		python loss.py $arch few each 48 10
	"
done
done_testing
