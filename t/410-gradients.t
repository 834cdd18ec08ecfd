#!/bin/sh
# Gradients of all architectures and features against central differences of a reference
# in double precision, in every instruction set.
. "${0%/*}/lib.sh"

has() {		# FLAG: whether the processor has it
	grep -qw "$1" /proc/cpuinfo
}

for arch in gpt2 llama llama+bias llama+qknorm qwen2 qwen3 mistral; do
	for isa in c avx2 avx512; do
		name="$arch, $isa: log-probabilities and gradients to 1e-5"
		case $isa in
		avx2) has avx2 && has fma || {
			skip "$name" 'no AVX2'; continue; } ;;
		avx512) has avx512bw && has avx512vl || {
			skip "$name" 'no AVX-512'; continue; } ;;
		esac
		ok "$name" "unit gradcheck $arch $isa"
	done
done

ok 'linear maps in bf16 multiply rounded factors, forward and backward, in every set' '
	unit linear
'
ok 'heads: log-probabilities, one number per token, hidden states, and gradients' '
	unit heads
'
ok 'objectives: advantages, losses and derivatives are those of the papers' '
	unit objectives
'
ok 'optimizers: AdamW follows its formulas, also with moments in bf16, Muon equalizes singular values' '
	unit optimizers
'
ok 'the gradient of a step has nothing of the step before' 'unit fresh'
ok 'a split batch has each row once' 'unit parts'
done_testing
