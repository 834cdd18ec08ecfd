#!/bin/sh
# rlhf.sh - a reward model improves what no rule checks, until it is fooled
#
# People compare answers, and err: a rater of this script is right three times in four
# and otherwise prefers the longer answer. A reward model learns from the comparisons.
# Reinforcement learning on its score first gains true quality, then loses it, while
# the score stays; a KL penalty keeps what was gained.
. "${0%/*}/lib.sh"
ROUNDS=${ROUNDS:-150} WITH_KL=${WITH_KL:-100} EVERY=${EVERY:-10} PAIRS=${PAIRS:-6000}

# SEED: judge-SEED, a reward model from PAIRS pairs of answers, at a temperature at which
# answers that are worked out are often wrong, too
judge() {
	sums -v what=prompts -v n=$PAIRS -v seed=$((400 + $1)) |
		rlsample -q -m ../sums-$1/chat -N 2 -n 64 --temp 1.5 -s $((500 + $1)) |
		grade -q --number >pair-$1.jsonl
	awk -v seed="$1" "$record"'
		BEGIN { srand(seed) }
		{	text[NR % 2] = string("text")
			right[NR % 2] = number("reward") }
		NR % 2 == 0 {
			a = rand() < .25 ? length(text[1]) - length(text[0]) : right[1] - right[0]
			better = a > 0
			if (a)
				printf "{\"prompt\":\"%s\",\"chosen\":\"%s\",\"rejected\":\"%s\"}\n",
					string("question"), text[better], text[!better] }' pair-$1.jsonl >pairs-$1.jsonl
	rmtrain -q -m ../sums-$1/chat -o judge-$1 --epochs 2 --lr 1e-3 --batch 32 \
		--val-share .15 -s "$1" pairs-$1.jsonl
}

# NAME SEED ROUNDS [OPTION...]: NAME-SEED.tsv, every EVERY rounds: score, truth, KL.
# Options are about the KL. Without any, it is only measured, when the rest is.
learn() {
	name=$1 seed=$2 rounds=$3
	shift 3
	dir=$name-$seed
	say "$dir"
	cp -r ../sums-$seed/chat $dir
	round=0
	while :; do
		if [ $((round % EVERY)) = 0 ]; then
			head -n 100 ../sums-$seed/held.jsonl | rlsample -q -m $dir -N 3 -n 64 -s 7 |
				grade -q --number | grade -q --reward-model judge-$seed -w 0 \
				--summary $dir.json >$dir.$round
			kl=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "ref_kl") k = i; next }
				k { kl = $k } END { print kl + 0 }' $dir/trainlog.tsv 2>/dev/null || echo 0)
			row $round "$(graded reward-model mean $dir.json)" \
				"$(awk '{ r += /"number":1/; n++ } END { printf "%.3f\n", r / n }' $dir.$round)" \
				"$kl" >>$dir.tsv
		fi
		[ $round -lt $rounds ] || break
		round=$((round + 1))
		penalty=$*
		[ "$penalty" ] || [ $((round % EVERY)) != 0 ] || penalty='--kl 1e-9'
		sums -v what=prompts -v n=32 -v seed=$((1000 * seed + round)) |
			rlsample -q -m $dir -N 16 -n 64 -s $round |
			grade -q --reward-model judge-$seed |
			rltrain -q -m $dir -o $dir --loss dr-grpo --lr 2e-4 \
				${penalty:+--ref ../sums-$seed/chat $penalty}
	done
}
ways() {	# of $seed
	world $seed
	judge $seed
	learn free $seed $ROUNDS
	learn held $seed $WITH_KL --kl-reward .05
}
each_seed ways
column() { cut -f "$2" $1.tsv; }
peak() { most $(column $1 3); }
final() { column $1 "$2" | tail -n 1; }
at_peak() { awk -F '\t' -v k="$2" 'NR == 1 || $3 > best { best = $3; x = $k } END { print x }' $1.tsv; }

first=${SEEDS%% *}
echo '## A reward model, its gain and its over-optimisation'
echo
echo "Two answers each to $PAIRS sums are compared by a rater that is right three times
in four and otherwise prefers the longer answer. A reward model learns from these pairs
and gives the only reward: no rule is asked. Truth is measured beside it, on 300 answers
to sums that no stage has seen."
echo
begin table
row seed '#pairs' '#right before' '#right at best' '#right at the end' '#score at best' \
	'#score at the end' '#with a KL penalty: right at the end'
for seed in $SEEDS; do
	row $seed $(wc -l <pairs-$seed.jsonl) "$(head -n 1 free-$seed.tsv | cut -f 3)" \
		"$(peak free-$seed)" "$(final free-$seed 3)" "$(at_peak free-$seed 2)" \
		"$(final free-$seed 2)" "$(final held-$seed 3)"
done
end
for seed in $SEEDS; do
	begin "chart Without a KL penalty, seed $seed"
	row round 'score of the reward model' 'share right'
	cut -f 1-3 free-$seed.tsv
	end
	begin "chart With a KL penalty, seed $seed"
	row round 'score of the reward model' 'share right'
	cut -f 1-3 held-$seed.tsv
	end
done
echo 'Wrong answers that the reward model likes at the end:'
echo
begin ''
grep '"number":0' free-$first.$ROUNDS | head -n 5 |
	samples reward-model
end
bar 'share right at best without KL, worst seed' \
	"$(least $(for s in $SEEDS; do peak free-$s; done))" least .9
bar 'gain of the share right at best without KL, worst seed' \
	"$(least $(for s in $SEEDS; do calc "$(peak free-$s) - $(head -n 1 free-$s.tsv | cut -f 3)"; done))" least .2
bar 'share right with KL at the end, worst seed' \
	"$(least $(for s in $SEEDS; do final held-$s 3; done))" least .9
bar 'fall of the share right without KL, from its best, largest over the seeds' \
	"$(most $(for s in $SEEDS; do calc "$(peak free-$s) - $(final free-$s 3)"; done))" least .2
bar 'score at the end less that at the best, without KL, worst seed' \
	"$(least $(for s in $SEEDS; do calc "$(final free-$s 2) - $(at_peak free-$s 2)"; done))" least -.1
