#!/bin/sh
# rl.sh - reinforcement learning finds what the model can do, and makes answers longer
#
# A chat model that knows how to work out a sum, and mostly does not, samples answers;
# a rule says which are right; it is trained on its own answers, and again.
. "${0%/*}/lib.sh"
ROUNDS=${ROUNDS:-40}
each=32 samples=16

# LOSS SEED OPTION...: OUT/rounds.tsv by rounds of 32 prompts with 16 answers each
learn() {
	loss=$1 seed=$2
	shift 2
	say "$loss, seed $seed"
	sums -v what=prompts -v n=$((each * ROUNDS)) -v seed=$((300 + seed)) >prompts.$seed
	N=$samples EACH=$each LENGTH=64 HELD=../sums-$seed/held.jsonl \
		GRADE='--number --regex Work: -w regex=0' \
		sh "$examples/rl.sh" ../sums-$seed/chat $loss-$seed prompts.$seed $ROUNDS \
		--loss $loss -s $seed "$@" >/dev/null
}
at() { awk -F '\t' -v round="$1" -v k="$2" '$1 == round { print $k }' "$3/rounds.tsv"; }
worked() { awk -F '\t' -v round="$1" '$1 == round { sub(/.*regex=/, "", $8); print $8 }' "$2/rounds.tsv"; }

methods() {	# of $seed
	world $seed
	learn grpo $seed --lr 8e-4
	learn rloo $seed --lr 8e-4
	learn expert $seed --lr 8e-4 --batch 64
}
each_seed methods

echo '## Reinforcement learning'
echo
echo "A model of .4 million parameters has read sums with four digits: two in five of
them worked, digit by digit, the others answered at once and nine in ten of these wrong. After
fine-tuning it answers likewise. Then $ROUNDS rounds: 16 answers to each of 32 new sums are
sampled and graded by the number at their end, and the model learns from them. Accuracy
is that of sampled answers (temperature 1) to sums that no stage has seen; the commonest
answer is that of a model that always says the same."
echo
begin table
row method '#seed' '#before' '#after' '#commonest answer' '#tokens before' '#tokens after' \
	'#worked before' '#worked after'
for loss in expert rloo grpo; do
	for seed in $SEEDS; do
		dir=$loss-$seed
		row $loss $seed "$(at 0 2 $dir)" "$(at final 2 $dir)" "$(at 0 5 $dir)" \
			"$(at 0 6 $dir)" "$(at final 6 $dir)" "$(worked 0 $dir)" "$(worked final $dir)"
	done
done
end
first=${SEEDS%% *}
curves() {	# TITLE Y COMMAND: a chart of all methods, the first seed
	begin "chart $1	$2"
	row round expert rloo grpo
	round=1
	while [ $round -le $ROUNDS ]; do
		row $round $(for loss in expert rloo grpo; do $3 $round $loss-$first; done)
		round=$((round + 1))
	done
	end
}
right() { at $1 2 $2; }
tokens() { at $1 6 $2; }
curves "Accuracy on the sums of each round, seed $first" 'share right' right
curves "Length of an answer, seed $first" tokens tokens
curves "Share of answers that are worked out, seed $first" 'share worked' worked
echo 'Nobody told the model to think longer: it is what is rewarded.'
echo
for when in before after; do
	model=../sums-$first/chat
	[ $when = before ] || model=grpo-$first
	echo "Answers $when:"
	echo
	begin ''
	head -n 1 ../sums-$first/held.jsonl | rlsample -q -m $model -N 4 -n 64 -s 9 | samples
	end
done

for loss in expert rloo grpo; do
	bar "$loss: accuracy before, of the best seed" \
		"$(most $(for s in $SEEDS; do at 0 2 $loss-$s; done))" most .5
	bar "$loss: accuracy after, of the worst seed" \
		"$(least $(for s in $SEEDS; do at final 2 $loss-$s; done))" least .9
done
bar 'accuracy of the commonest answer' \
	"$(most $(for s in $SEEDS; do at 0 5 grpo-$s; done))" most .1
bar 'growth of the length, grpo, of the worst seed' \
	"$(least $(for s in $SEEDS; do calc "$(at final 6 grpo-$s) / $(at 0 6 grpo-$s)" 2; done))" least 1.5
