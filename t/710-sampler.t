#!/bin/sh
# What is drawn from logits: against the definition, on a grid of numbers that
# is as good as exact.
. "${0%/*}/lib.sh"

ok 'every filter keeps the tokens and shares that its definition says' '
	unit sampler distributions
'
ok 'ids above the vocabulary are never sampled, but their probability counts' '
	unit sampler padding
'
ok 'the repetition penalty is taken once, in its window, and taken back' '
	unit sampler penalty
'
ok 'greedy and top take the largest, of equal ones the lowest id' '
	unit sampler greedy
'
ok 'numbers are uniform along seed, prompt, sample and position' '
	unit sampler uniform
'
ok 'logits at the ends of float are drawn from, NaN and infinity never' '
	unit sampler extremes
'
for isa in c avx2; do
	ok "every filter with PIPELM_ISA=$isa" "
		PIPELM_ISA=$isa unit sampler distributions
	"
	ok "the same with PIPELM_ISA=$isa" "
		PIPELM_ISA=$isa unit sampler padding
	"
done

done_testing
