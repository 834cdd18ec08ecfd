#!/bin/sh
# Sampling from logits compared with the definition, on a grid of random numbers
# that is practically exact.
. "${0%/*}/lib.sh"

ok 'every filter keeps the tokens and probabilities of its definition' '
	unit sampler distributions
'
ok 'ids beyond the vocabulary are never sampled, but their probability counts' '
	unit sampler padding
'
ok 'the repetition penalty applies once, within its window, and is undone' '
	unit sampler penalty
'
ok 'presence and frequency penalty are those of the formula, also among allowed tokens' '
	unit sampler counts
	unit sampler counts-allowed
'
ok 'greedy and top take the largest logits, the lowest id among equals' '
	unit sampler greedy
'
ok 'biases act like logits, before the penalty, and are undone' '
	unit sampler biases
'
ok 'alternatives are the likeliest tokens, with the logprobs of a choice' '
	unit sampler alternatives
'
ok 'only allowed tokens are drawn, in proportion; the logits stay as they were' '
	unit sampler allowed
'
ok 'random numbers are uniform along seed, prompt, sample and position' '
	unit sampler uniform
'
ok 'logits at the limits of float are sampled, NaN and infinity never' '
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
