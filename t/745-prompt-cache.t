#!/bin/sh
# generate --prompt-cache: the same bytes, in less time, or a refusal.
. "${0%/*}/lib.sh"


unit mkmodel m scale=3 kv=2 context=1024
unit mkmodel g arch=gpt2 scale=2 context=1024
unit mkmodel other scale=3 kv=2 seed=2 context=1024
long=$(yes 'the quick brown fox jumps over the lazy dog' | head -n 12)

for model in m g; do
	ok "$model: the same bytes without it, when it is made and when it is used" "
		for how in '' '-N 3' '--greedy' '-j 1' '--repeat-penalty 1.3'; do
			rm -f cache
			generate -q -m $model -n 30 \$how \"\$long and\" >ref
			generate -q -m $model -n 30 \$how --prompt-cache cache \"\$long and\" >made
			cmp ref made
			for i in 1 2; do
				generate -q -m $model -n 30 \$how --prompt-cache cache \"\$long and\" >used
				cmp ref used
			done
		done
	"
	ok "$model: a text that begins with that of the cache reads only the rest" "
		rm -f cache
		generate -q -m $model -n 0 --prompt-cache cache \"\$long\"
		cp cache before
		for rest in ' and' ' or another, longer end' s ''; do
			generate -q -m $model -n 20 \"\$long\$rest\" >ref
			generate -m $model -n 20 --prompt-cache cache \"\$long\$rest\" >got 2>err
			cmp ref got
			grep -q 'read [0-9]\\{1,2\\} tokens' err
		done
		cmp cache before
	"
done
ok 'ids, chat and logprobs' '
	rm -f cache
	printf "%s" "$long" | tokenize -q -t m -r -a - >ids
	for how in "--ids" "--ids --logprobs"; do
		generate -q -m m -n 9 $how <ids >ref
		generate -q -m m -n 9 $how --prompt-cache cache <ids | cmp - ref
		generate -q -m m -n 9 $how --prompt-cache cache <ids | cmp - ref
	done
	rm cache
	generate -q -m m -n 9 --chat -S "be kind" "$long" >ref
	generate -q -m m -n 9 --chat -S "be kind" --prompt-cache cache "$long" | cmp - ref
	generate -q -m m -n 9 --chat -S "be kind" --prompt-cache cache "$long" | cmp - ref
'
rm -f cache
generate -q -m m -n 0 --prompt-cache cache "$long"
fails 1 'the cache of another text is refused' \
	'generate -m m --prompt-cache cache "the quick brown cat"' \
	'cache: the cache of another text, which the prompt differs from at token 1[0-9];'
fails 1 'so is that of a longer text' \
	'generate -m m --prompt-cache cache "the quick brown fox"' 'of another text'
fails 1 'another model' \
	'generate -m other --prompt-cache cache "$long"' 'cache: the cache of another model'
fails 1 'another architecture' \
	'generate -m g --prompt-cache cache "$long"' 'cache: the cache of another model'
ok 'a copy of the model is the same model, one changed weight is another' '
	cp -r m copy
	generate -q -m copy -n 5 --prompt-cache cache "$long" >got
	size=$(wc -c <copy/model.safetensors)
	printf "\001" | dd of=copy/model.safetensors bs=1 seek=$((size - 2000)) conv=notrunc 2>dd.err
	differ m/model.safetensors copy/model.safetensors
	generate -q -m copy -n 5 --prompt-cache cache "$long" 2>err && exit 1
	grep -q "another model" err
'
ok 'another instruction set' '
	PIPELM_ISA=c generate -q -m m -n 5 --prompt-cache plain "$long" >got
	PIPELM_ISA=c generate -q -m m -n 5 "$long" | cmp - got
	for isa in avx2 avx512; do
		export PIPELM_ISA=$isa
		generate -q -m m -n 5 "$long" >there 2>&1 || continue
		generate -q -m m -n 5 --prompt-cache plain "$long" 2>err && exit 1
		grep -q "another version, or with another --compute, --kv or instruction set" err
	done
'
ok 'another type of keys and values; a file of bf16 is half as large' '
	generate -q -m m -n 30 --kv bf16 "$long and" >ref
	rm -f half
	for i in 1 2; do
		generate -q -m m -n 30 --kv bf16 --prompt-cache half "$long and" | cmp - ref
	done
	generate -q -m m -n 0 --prompt-cache whole "$long and"
	n=$(printf "%s and" "$long" | tokenize -q -t m -r -a - | wc -w)
	n=$(((n + 15) / 16 * 16))
	[ $(($(wc -c <whole) - $(wc -c <half))) = $((n * 2 * 2 * 2 * 16 * 2)) ]
	generate -q -m m -n 5 --prompt-cache half "$long" 2>err && exit 1
	grep -q "half: a cache made by another version, or with another --compute, --kv" err
	generate -q -m m -n 5 --kv bf16 --prompt-cache whole "$long" 2>err && exit 1
	grep -q "whole: a cache made by another version" err
	generate -q -m m -n 5 --compute int8 --prompt-cache whole "$long" 2>err && exit 1
	grep -q "whole: a cache made by another version" err
'
ok 'a damaged file is refused, whatever byte is wrong' '
	size=$(wc -c <cache)
	for at in 0 20 30 60 64 70 1000 $((size / 2)) $((size - 1)); do
		cp cache bad
		printf "\125" | dd of=bad bs=1 seek=$at conv=notrunc 2>dd.err
		cmp -s cache bad && continue
		generate -q -m m -n 5 --prompt-cache bad "$long" >got 2>err && exit 1
		grep -q "^generate: bad: " err
		[ ! -s got ]
	done
	for n in 0 10 63 64 200 $((size - 1)); do
		head -c $n cache >bad
		generate -q -m m -n 5 --prompt-cache bad "$long" 2>err && exit 1
		grep -q "^generate: bad: " err
	done
	{ cat cache; echo; } >bad
	generate -q -m m -n 5 --prompt-cache bad "$long" 2>err && exit 1
	grep -q "bad: damaged" err
'
ok 'a run that is killed leaves no half file' '
	for t in .01 .02 .04 .06 .08; do
		rm -f killed*
		timeout -s KILL $t generate -q -m m -n 400 --prompt-cache killed "$long" >out || true
		[ ! -e killed ] || generate -q -m m -n 5 --prompt-cache killed "$long" >out
	done
	generate -q -m m -n 5 --prompt-cache killed "$long" >out
	[ "$(ls | grep -c "^killed")" = 1 ]
'
fails 1 'a file that cannot be written is known before the work' \
	'generate -m m --prompt-cache none/cache "$long"' 'none/cache'
fails 2 'not with --jsonl' 'generate -m m --jsonl --prompt-cache cache' \
	'.--prompt-cache does not go with --jsonl'

done_testing
