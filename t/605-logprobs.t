#!/bin/sh
# Sampler and trainer compute the same log-probabilities, bit for bit.
. "${0%/*}/lib.sh"

unit mkmodel llama scale=3 kv=2 layers=4 context=1024
unit mkmodel gpt2 arch=gpt2 scale=2 layers=3 context=1024
unit mkmodel qwen3 arch=qwen3 scale=2 kv=1 layers=3 context=1024
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

# Prompts that begin alike share keys and values.
for i in 1 2 3 4 5; do
	printf '{"id":"s%s","prompt":"%s %s","answer":"a"}\n' $i \
		'It was the best of times, it was the worst of times, and of year' $i
done >>prompts

# MODEL OPTIONS: the trainer accepts what rlsample writes, without any tolerance.
agrees() {
	model=$1
	shift
	rlsample -q -m $model "$@" prompts | grade -q --regex e >graded
	rltrain -m $model --force -o new --check-logprobs 0 graded 2>err
	grep 'largest difference 0$' err
}

for isa in c avx2 avx512; do
	PIPELM_ISA=$isa unit prefixes list 2>err
	if grep 'has no' err; then
		skip "$isa" 'this processor has no such instructions'
		continue
	fi
	for model in llama gpt2 qwen3 learned; do
		ok "$model: the trainer finds the logprobs that rlsample wrote ($isa)" "
			export PIPELM_ISA=$isa
			agrees $model -N 8 -n 100
		"
	done
	ok "with products in bf16, which give others than in fp32 ($isa)" "
		export PIPELM_ISA=$isa
		for model in llama gpt2 qwen3 learned; do
			rlsample -q -m \$model -N 4 -n 80 --compute bf16 prompts |
				grade -q --regex e >graded
			rltrain -m \$model --force -o new --compute bf16 \
				--check-logprobs 0 graded 2>err
			grep 'largest difference 0$' err
			not rltrain -q -m \$model --force -o new --check-logprobs 0 graded
		done
	"
	ok "also in long answers, whatever is sampled and trained at once ($isa)" "
		export PIPELM_ISA=$isa
		agrees llama -N 2 -n 450 --parallel 5 -j 1
		agrees gpt2 -N 3 -n 450 --parallel 2
		agrees qwen3 -N 2 -n 420 --parallel 100
	"
done
PIPELM_ISA=avx512 unit prefixes list 2>err
if grep 'has no' err; then
	skip 'rollouts of AVX2 are those of AVX-512' 'this processor has no AVX-512'
else
	ok 'rollouts of AVX2 are those of AVX-512, and so are the logprobs of training' '
		for model in llama gpt2 qwen3 learned; do
			PIPELM_ISA=avx512 rlsample -q -m $model -N 3 -n 90 prompts >wide
			PIPELM_ISA=avx2 rlsample -q -m $model -N 3 -n 90 prompts |
				cmp - wide
			grade -q --regex e wide >graded
			PIPELM_ISA=avx2 rltrain -q -m $model --force -o new \
				--check-logprobs 0 graded
		done
	'
fi
ok 'a whole run gives equal bytes each time, with any number of threads' '
	for j in 1 2 2; do
		rm -rf policy
		cp -r llama policy
		for round in 1 2; do
			rlsample -q -j $j -s $round -m policy -N 8 -n 30 prompts |
				grade -q --regex "[a-e]" >graded
			rltrain -q -j $j -m policy -o policy --lr 1e-3 \
				--check-logprobs 0 graded
		done
		cat graded policy/model.safetensors >run
		[ -e first ] || mv run first
		differ llama/model.safetensors policy/model.safetensors
		[ ! -e run ] || cmp run first
	done
'
ok 'also if the sampler drew from another distribution' '
	rlsample -q -m llama -N 8 -n 100 --temp .7 --top-k 20 prompts |
		grade -q --regex e >graded
	rltrain -m llama --force -o new2 --check-logprobs 0 graded
'
fails 1 'those of another model are refused' '
	unit mkmodel other scale=3 kv=2 layers=4 seed=2
	rlsample -q -m llama -N 8 -n 100 prompts | grade -q --regex e >graded
	rltrain -m other -o new3 --any-model --check-logprobs 1e-5 graded
' 'logprob'

done_testing
