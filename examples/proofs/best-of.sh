#!/bin/sh
# best-of.sh - judging is easier than making: the best of N answers, by a reward model
#
# From 64 answers to each question the reward model of rlhf.sh chooses among the first
# N. True quality and score over N, beside a model that reinforcement learning has
# trained on the same score, from as many samples.
. "${0%/*}/lib.sh"
QUESTIONS=${QUESTIONS:-100} MOST=${MOST:-64}

choose() {	# FILE: N, mean score and mean truth of the answer with the highest score
	awk -v most=$MOST "$record"'
		{	k = (NR - 1) % most
			score = number("reward-model"); right = number("number")
			if (!k || score > best) { best = score; truth = right }
			s[k + 1] += best; t[k + 1] += truth; n += !k }
		END { for (k = 1; k <= most; k *= 2)
			printf "%d\t%.4f\t%.4f\n", k, s[k] / n, t[k] / n }' "$1"
}
learn() {	# of $seed
	world $seed
	[ -e ../rlhf/judge-$seed ] || { say 'rlhf.sh must run first'; exit 1; }
	say "seed $seed"
	head -n $QUESTIONS ../sums-$seed/held.jsonl |
		rlsample -q -m ../sums-$seed/chat -N $MOST -n 64 -s 11 | grade -q --number |
		grade -q --reward-model ../rlhf/judge-$seed -w 0 >answers-$seed.jsonl
	choose answers-$seed.jsonl >best-$seed.tsv
	# The same number of samples for reinforcement learning: 256 a round.
	rounds=$((QUESTIONS * MOST / 256))
	[ $rounds -gt 0 ] || rounds=1
	sums -v what=prompts -v n=$((16 * rounds)) -v seed=$((600 + seed)) >prompts-$seed
	N=16 EACH=16 LENGTH=64 GRADE="--reward-model ../rlhf/judge-$seed" \
		sh "$examples/rl.sh" ../sums-$seed/chat rl-$seed prompts-$seed $rounds \
		--loss dr-grpo --lr 3e-4 --ref ../sums-$seed/chat --kl-reward .05 >/dev/null
	head -n $QUESTIONS ../sums-$seed/held.jsonl | rlsample -q -m rl-$seed -N 4 -n 64 -s 12 |
		grade -q --number --summary rl-$seed.json >/dev/null
}
each_seed learn
at() { awk -F '\t' -v n="$1" '$1 == n { print $3 }' best-$2.tsv; }

echo '## Judging is easier than making'
echo
echo "The reward model of the last part chooses the best of N answers to each of
$QUESTIONS sums that no stage has seen; the model that answers is not trained further."
echo
begin table
row seed '#right: any answer' '#the best of 4' '#of 16' "#of $MOST" \
	'#after reinforcement learning from as many samples'
for seed in $SEEDS; do
	row $seed "$(at 1 $seed)" "$(at 4 $seed)" "$(at 16 $seed)" "$(at $MOST $seed)" \
		"$(graded number accuracy rl-$seed.json)"
done
end
for seed in $SEEDS; do
	begin "chart log-x The best of N, seed $seed"
	row N 'score of the reward model' 'share right'
	cat best-$seed.tsv
	end
done
bar 'the best of 4: share right, worst seed' \
	"$(least $(for s in $SEEDS; do at 4 $s; done))" least .6
