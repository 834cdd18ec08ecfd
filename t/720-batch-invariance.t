#!/bin/sh
# The bytes of a sample depend on prompt and options, never on threads, the
# number of sequences in flight, or what else is sampled.
. "${0%/*}/lib.sh"


unit mkmodel llama scale=3 kv=2 layers=3
unit mkmodel gpt2 arch=gpt2 scale=2
for i in 1 2 3 4 5 6 7 8 9; do
	printf '{"id":"p%s","prompt":"%.*s"}\n' $i $((i * 5)) \
		'the quick brown fox jumps over the lazy dog again'
done >prompts

ok 'rows of a batch are computed as if alone, bit for bit' '
	unit decode invariance
'

for isa in c "${PIPELM_ISA:-}"; do
	ok "weights packed from files of any type give the same bits as the flat model ${isa:+($isa)}" "
		PIPELM_ISA=$isa unit decode forms
	"
done

for model in llama gpt2; do
	ok "$model: an answer that waits for a tool has the same bits and delays no other" "
		unit waiting $model
	"
done
for model in llama gpt2; do
	rlsample -q -m $model -N 3 -n 40 <prompts >$model.ref 2>$model.err
	ok "$model: the reference run has every sample, in order" "
		sed 's/^{\"id\":\"\(p.\)\",\"sample\":\(.\),.*/\1 \2/' $model.ref >got
		for i in 1 2 3 4 5 6 7 8 9; do
			for s in 0 1 2; do echo p\$i \$s; done
		done | cmp - got
	"
	for how in '-j 1' '-j 3' '--parallel 1' '--parallel 2' '--parallel 7' \
		'--parallel 100 -j 1'; do
		ok "$model: $how gives the same bytes" "
			rlsample -q -m $model -N 3 -n 40 $how <prompts >got
			cmp got $model.ref
		"
	done
done

ok 'a prompt gives the same alone and among others' '
	sed -n 4p prompts | rlsample -q -m llama -N 3 -n 40 >alone
	grep "^{\"id\":\"p4\"" llama.ref | cmp - alone
'
ok 'what a prompt shares with the one before is read once, with the same bytes' '
	{ for i in 1 2 3 4 5; do
		echo "{\"prompt\":\"$(cat prompts | tr -dc a-z) and $i\"}"
	  done; echo "{\"prompt\":\"the end\"}"; } >shared
	for model in llama gpt2; do
		generate -m $model --jsonl -N 2 -n 20 --top 9 --logprobs shared >got 2>err
		split -l 1 shared one.
		for f in one.*; do
			generate -q -m $model --jsonl -N 2 -n 20 --top 9 --logprobs $f
		done | cmp - got
		n=$(wc -c <one.aa)
		[ "$(sed -n "s/.*read \([0-9]*\) tokens.*/\1/p" err)" -lt $((n + 60)) ]
	done
'
ok 'the first samples are the same if more are requested' '
	sed -n 4p prompts | rlsample -q -m llama -N 8 -n 40 >more
	head -n 3 more | cmp - alone
'
ok 'reordered prompts give the same rollouts in the new order' '
	sort -r prompts >turned
	rlsample -q -m llama -N 3 -n 40 turned >got
	differ got llama.ref
	sort got >a
	sort llama.ref | cmp - a
'
ok 'another seed gives other rollouts, and samples of a prompt differ' '
	rlsample -q -m llama -N 3 -n 40 -s 2 <prompts >other
	[ "$(sort -u other llama.ref | wc -l)" = 54 ]
	n=$(sed "s/.*\"ids\":\(.*\),\"mask.*/\1/" llama.ref | sort -u | wc -l)
	[ "$n" = 27 ]
'
ok 'the same with keys and values in bf16, whose results differ from fp32' '
	rlsample -q -m llama -N 3 -n 40 --kv bf16 <prompts >half
	differ half llama.ref
	for how in "-j 1" "-j 3" "--parallel 1" "--parallel 7"; do
		rlsample -q -m llama -N 3 -n 40 --kv bf16 $how <prompts >got
		cmp got half
	done
	sed -n 4p prompts | rlsample -q -m llama -N 3 -n 40 --kv bf16 >alone
	grep "^{\"id\":\"p4\"" half | cmp - alone
	rlsample -m llama -n 1 --kv bf16 <prompts 2>err >got
	grep -q "^rlsample: --kv bf16: the logprobs differ from those of rltrain" err
'
ok 'the same with products in bf16, whose results differ from fp32' '
	for model in llama gpt2; do
		rlsample -q -m $model -N 3 -n 40 --compute bf16 <prompts >half
		differ half $model.ref
		for how in "-j 1" "-j 3" "--parallel 1" "--parallel 7"; do
			rlsample -q -m $model -N 3 -n 40 --compute bf16 $how <prompts >got
			cmp got half
		done
		sed -n 4p prompts | rlsample -q -m $model -N 3 -n 40 --compute bf16 >alone
		grep "^{\"id\":\"p4\"" half | cmp - alone
		# with the instruction and without it
		if grep -qw avx512_bf16 /proc/cpuinfo; then
			for isa in bf16 avx512; do
				PIPELM_ISA=$isa rlsample -q -m $model -N 3 -n 40 --compute bf16 \
					<prompts >half.$isa
			done
			cmp half.bf16 half.avx512
		fi
	done
'
ok 'in bf16 a model whose weights are in bf16 gives what the one in fp32 does' '
	ckpt convert -q --type bf16 llama half.gguf
	generate -q --jsonl --top 20 -n 5 --compute bf16 -m llama prompts >want
	generate -q --jsonl --top 20 -n 5 --compute bf16 -m half.gguf prompts | cmp - want
	generate -q --jsonl --top 20 -n 5 --compute fp32 -m half.gguf prompts >other
	differ other want
'
ok 'generate gives the same bytes whatever -j and --parallel' '
	generate -q -m llama --jsonl -N 2 -n 30 --repeat-penalty 1.2 \
		--top 3 --logprobs <prompts >ref
	[ "$(wc -l <ref)" = 18 ]
	for how in "-j 1" "--parallel 1" "--parallel 5"; do
		generate -q -m llama --jsonl -N 2 -n 30 --repeat-penalty 1.2 \
			--top 3 --logprobs $how <prompts >got
		cmp got ref
	done
'

done_testing
