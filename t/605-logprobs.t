#!/bin/sh
# Sampler and trainer share one engine: their logprobs agree to 1e-5.
. "${0%/*}/lib.sh"

unit mkmodel llama scale=3 kv=2 layers=4
unit mkmodel gpt2 arch=gpt2 scale=2 layers=3
# A trained model, on the headers of this project.
python3 -c 'import glob, json, os
for name in sorted(glob.glob(os.environ["TOP"] + "/common/*/*.h")):
	print(json.dumps({"text": open(name).read(), "id": name[-20:]}))' >docs
bpe-train -q -n 1000 -p gpt2 -o tok.json docs
tokenize -q -t tok.json -o text docs
pretrain -q -o learned -t tok.json --arch llama --layers 4 --width 128 \
	--heads 4 --context 256 --batch 8 --steps 30 text_train_000001.bin
for i in 1 2 3 4 5 6 7; do
	printf '{"id":%s,"prompt":"%.*s","answer":"a"}\n' $i $((i * 6)) \
		'the quick brown fox jumps over the lazy dog again'
done >prompts

for model in llama gpt2 learned; do
	ok "$model: the trainer finds the logprobs that rlsample wrote" "
		rlsample -q -m $model -N 8 -n 100 prompts >rollouts
		grade -q --regex e rollouts >graded
		rltrain -m $model --force -o new --check-logprobs 1e-5 graded
	"
done
ok 'also if the sampler drew from another distribution' '
	rlsample -q -m llama -N 8 -n 100 --temp .7 --top-k 20 prompts |
		grade -q --regex e >graded
	rltrain -m llama --force -o new2 --check-logprobs 1e-5 graded
'
fails 1 'those of another model are refused' '
	unit mkmodel other scale=3 kv=2 layers=4 seed=2
	rlsample -q -m llama -N 8 -n 100 prompts | grade -q --regex e >graded
	rltrain -m other -o new3 --any-model --check-logprobs 1e-5 graded
' 'logprob'

done_testing
