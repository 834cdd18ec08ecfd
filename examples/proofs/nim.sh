#!/bin/sh
# nim.sh - reinforcement learning passes what it could imitate
#
# A model learns Nim from the games of a mediocre player: it plays as well as that one,
# and no better. Then it plays against a program, which it calls as a tool, and learns
# which positions win, from how its games went. Like AlphaGo, it finds moves that its
# teacher never showed.
. "${0%/*}/lib.sh"
ROUNDS=${ROUNDS:-120} GAMES=${GAMES:-12} PLAYED=${PLAYED:-72}

nim() { awk -f "$proofs/random.awk" -f "$proofs/record.awk" -f "$proofs/nim.awk" "$@"; }
play() {	# MODEL N SEED: N games from each start on standard input
	rlsample -q -m "$1" -N $2 -n 100 -s $3 \
		--tool "<take>,</take>,. $proofs/opponent.sh"
}
# Of a round: each from 1 to 21, and 6 where the most is lost
starts() {
	nim -v what=prompts -v n=21
	nim -v what=lost -v known=known-$seed -v n=6 -v past=21
}
wins() { awk '{ n++; r += /won/ } END { printf "%.3f\n", r / n }'; }
# MODEL: its wins from 12 to 21 stones
strength() { nim -v what=prompts -v from=12 -v n=10 | play $1 $PLAYED 1 | nim -v what=result | wins; }
# MODEL: for 9, 13, 17 and 21 stones, the share of first moves that win: one stone
rare() {
	for start in 9 13 17 21; do
		echo "{\"id\":$start,\"messages\":[{\"role\":\"user\",\"content\":\"$start stones.\"}]}" |
			rlsample -q -m "$1" -N 1000 -n 20 -s 3 --stop '</take>' |
			awk -v move="\"text\":\"<take>$start-1\"" '
				{ n++; r += index($0, move) > 0 } END { printf "%.3f ", r / n }'
	done
}

learn() {	# of $seed
	say "imitation, seed $seed"
	nim -v what=games -v n=12000 -v seed=$seed >games-$seed.jsonl
	sed 's/"prompt":"\(.*\)","completion":"/"text":"\1 /' games-$seed.jsonl >text-$seed.jsonl
	bpe-train -q -n 300 -p smollm -o tok-$seed.json text-$seed.jsonl
	tokenize -q -t tok-$seed.json -o tokens-$seed text-$seed.jsonl
	pretrain -q -o base-$seed -t tok-$seed.json -s $seed $network --layers 2 --width 64 --heads 4 \
		--context 128 --batch 32 --steps ${STEPS:-200} --optimizer muon tokens-${seed}_train_*.bin
	sft -q -m base-$seed -o imitator-$seed -s $seed --steps ${SFT_STEPS:-300} --batch 32 \
		--optimizer muon --matrix-lr 0.01 games-$seed.jsonl
	strength imitator-$seed >imitator-$seed.wins
	rare imitator-$seed >imitator-$seed.rare

	say "reinforcement learning, seed $seed"
	cp -r imitator-$seed player-$seed
	round=0
	while [ $round -lt $ROUNDS ]; do
		round=$((round + 1))
		starts | play player-$seed $GAMES $((1000 * seed + round)) >games-$seed
		nim -v what=moves -v known=known-$seed games-$seed >moves-$seed
		# In the last third the rate falls.
		rate=$(calc "8e-4 * ($round < $ROUNDS * 2 / 3 ? 1 : 3 * (1.02 - $round / $ROUNDS))" 7)
		[ ! -s moves-$seed ] || rltrain -q -m player-$seed -o player-$seed \
			--loss reinforce --entropy .1 --lr $rate moves-$seed
		row $round "$(nim -v what=result games-$seed | wins)" >>wins-$seed.tsv
	done
	strength player-$seed >player-$seed.wins
	rare player-$seed >player-$seed.rare
}
each_seed learn
nim -v what=perfect -v n=20000 -v seed=1 >perfect

echo '## Reinforcement learning passes imitation'
echo
echo "One pile of stones, each player takes one to three, who takes the last one wins.
The teacher sees a win with seven stones or fewer, mostly, and takes what it can with
more. The opponent, a program that the model calls as a tool, plays right half the time.
Wins are over starts from 12 to 21 stones. With 9, 13, 17 or 21 stones only one move
wins, to take a single stone, and the teacher almost never does."
echo
begin table
row seed '#teacher' '#imitator' "#after $ROUNDS rounds" '#perfect play' \
	'the winning move with 9, 13, 17, 21: imitator' 'after'
for seed in $SEEDS; do
	row $seed "$(cut -f 2 perfect)" "$(cat imitator-$seed.wins)" "$(cat player-$seed.wins)" \
		"$(cut -f 1 perfect)" "$(cat imitator-$seed.rare)" "$(cat player-$seed.rare)"
done
end
begin 'chart Games won in each round, all starts'
row round $(for seed in $SEEDS; do echo "seed-$seed"; done)
set -- $SEEDS
case $# in
1) cat wins-$1.tsv ;;
*) paste $(for seed; do echo wins-$seed.tsv; done) |
	awk -F '\t' '{ printf "%s", $1; for (i = 2; i <= NF; i += 2) printf "\t%s", $i; print "" }' ;;
esac
end
echo 'A move is worth the chance of winning from the position that it leads to, less the
mean of this over the moves that were made in its place: by the result of its own game, a
good move in a game that is lost later is punished, and a rare one dies before it is
understood. The chance is computed from the end of the game backwards, by how often the
model made each move in a round, and how the opponent has answered so far: a table where
AlphaGo has a network. A move counts in units of its spread over those in that position,
nearly as in GRPO: with 21 stones little is at stake, and the right one would be learned
last. More games begin where, by these chances, the most is lost, and an entropy bonus
keeps rare moves alive.'
echo
first=${SEEDS%% *}
for who in imitator player; do
	echo "Games of the $who:"
	echo
	begin ''
	nim -v what=prompts -v from=17 -v n=5 | play $who-$first 1 5 |
		sed 's/.*"text":"\([^"]*\)".*/\1/; s/<take>//g; s/<.take>/ > /g'
	end
done
bar 'imitator, wins, best seed' "$(most $(for s in $SEEDS; do cat imitator-$s.wins; done))" most .6
bar 'after reinforcement learning, wins, worst seed' "$(least $(for s in $SEEDS; do cat player-$s.wins; done))" least .85
bar 'imitator: the winning move with 9, 13, 17 or 21 stones, most' "$(most $(for s in $SEEDS; do cat imitator-$s.rare; done))" most .03
bar 'after: the winning move, least' "$(least $(for s in $SEEDS; do cat player-$s.rare; done))" least .5
