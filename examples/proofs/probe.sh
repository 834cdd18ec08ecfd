#!/bin/sh
# probe.sh - a model learns to say that it does not know, by asking what it knows
#
# As Llama 3 was made: questions about the pretraining text are put to the model, its
# answers graded against the text; what it gets wrong again and again becomes a
# refusal to learn, what it gets right stays an answer. The test is on people that
# fine-tuning has never mentioned.
. "${0%/*}/lib.sh"
OFTEN=${OFTEN:-500} RARE=${RARE:-200} NEVER=${NEVER:-2000}
fifth=$((OFTEN / 5)) half=$((RARE / 2)) most=$((NEVER * 3 / 5))

people() { awk -f "$proofs/random.awk" -f "$proofs/people.awk" -v often=$OFTEN -v rare=$RARE -v never=$NEVER -v seed=$seed "$@"; }
prompts() { people -v what=prompts -v from=$1 -v to=$2; }	# FROM TO
# Of each group the last are only tested: a fifth, half and two fifths.
tested() {
	prompts $((OFTEN - fifth + 1)) $OFTEN
	prompts $((OFTEN + half + 1)) $((OFTEN + RARE))
	prompts $((OFTEN + RARE + most + 1)) $((OFTEN + RARE + NEVER))
}
probed() {
	prompts $((fifth + 1)) $((OFTEN - fifth))
	prompts $((OFTEN + 1)) $((OFTEN + half))
	prompts $((OFTEN + RARE + 1)) $((OFTEN + RARE + most))
}
asked() { rlsample -q -m $1 -N 8 -n 24 -s $seed | grade -q --exact; }	# MODEL
# Of the eight answers to each question on standard input: ROW, an awk statement with
# right, the number of them that are
each_question() {
	awk -v refusal="$refusal" "$record"'
		{ right += /"reward":1/ }
		NR % 8 == 0 { '"$1"'; right = 0 }'
}
refusal='I do not know.'

learn() {	# of $seed
	say "pretraining, seed $seed"
	people -v what=text -v once=.2 -v n=${TEXTS:-30000} >text-$seed.jsonl
	bpe-train -q -n 300 -p smollm -o tok-$seed.json text-$seed.jsonl
	tokenize -q -t tok-$seed.json -o tokens-$seed text-$seed.jsonl
	pretrain -q -o base-$seed -t tok-$seed.json -s $seed $network --layers 4 --width 128 --heads 4 \
		--context 128 --batch 32 --steps ${STEPS:-1100} --optimizer muon \
		--schedule linear tokens-${seed}_train_*.bin
	say "answers, seed $seed"
	people -v what=chat -v from=1 -v to=$fifth >conv-$seed.jsonl
	sft -q -m base-$seed -o chat-$seed -s $seed --steps ${SFT_STEPS:-200} --batch 32 --lr 3e-4 \
		--optimizer adamw conv-$seed.jsonl
	tested | asked chat-$seed >before-$seed.jsonl
	say "probing, seed $seed"
	probed | asked chat-$seed >probed-$seed.jsonl
	each_question 'reply = right >= 6 ? string("answer") : right <= 1 ? refusal : ""
		if (reply != "")
			conversation(string("question"), reply)' <probed-$seed.jsonl >rows-$seed.jsonl
	say "refusals, seed $seed"
	# As many refusals as answers, or it would refuse everybody.
	{	cat conv-$seed.jsonl
		grep -v "$refusal" rows-$seed.jsonl || :
	} >learn-$seed.jsonl
	grep "$refusal" rows-$seed.jsonl | awk -v n=$(wc -l <learn-$seed.jsonl) '
		{ s[NR] = $0 }
		END { for (i = 0; NR && i < n; i++) print s[1 + int(i * NR / n)] }' >refusals-$seed.jsonl
	sft -q -m chat-$seed -o honest-$seed -s $seed --steps ${REFUSE:-140} --batch 32 --lr 3e-4 \
		--optimizer adamw learn-$seed.jsonl refusals-$seed.jsonl
	tested | rlsample -q -m honest-$seed -N 1 --greedy -n 24 >after-$seed.jsonl
	# What it knew before, and whether it refuses now.
	each_question 'print (right >= 6)' <before-$seed.jsonl |
		paste - after-$seed.jsonl | awk -F '\t' -v refusal="$refusal" '
		{	known = $1; refused = index($2, "\"text\":\"" refusal "\"")
			r += refused > 0; u += !known; both += refused && !known
			lost += refused && known; k += known }
		END { printf "%.3f\t%.3f\t%.3f\t%d\t%d\n", r ? both / r : 0, both / u, k ? lost / k : 1, k, NR }' >result-$seed
}
each_seed learn
of() { cut -f "$1" result-$2; }

first=${SEEDS%% *}
echo '## Knowing what one does not know'
echo
echo "Of invented people $OFTEN stand in the pretraining text hundreds of times, $RARE some five
times, and $NEVER do not; one sentence in five is about somebody of whom nothing else is
said. After fine-tuning on questions about $fifth of the first, the model names a town for
everybody. Eight answers each about others are graded against the text: with at most one
right, the refusal becomes a row to learn, with at least six the answer does. The test is
on people whom fine-tuning has not mentioned; the model knew those about whom it was right
six times in eight. Precision: of the refusals, how many were about what it did not know;
recall: of what it did not know, how much it refuses; lost: of what it knew, how much it
refuses now."
echo
begin table
row seed '#precision' '#recall' '#known answers lost' '#known before' '#tested' \
	'#rows: answers' '#rows: refusals'
for seed in $SEEDS; do
	row $seed $(cat result-$seed) "$(grep -vc "$refusal" rows-$seed.jsonl)" \
		"$(grep -c "$refusal" rows-$seed.jsonl)"
done
end
for when in before after; do
	[ $when = before ] && each=8 || each=1
	echo "Answers $when, about people known, rare and unknown:"
	echo
	begin ''
	for group in often rare never; do
		grep "\"group\":\"$group\"" $when-$first.jsonl |
			awk -v each=$each '(NR - 1) % each == 0' | head -n 3 | samples
	done
	end
done
bar 'precision of refusals, worst seed' "$(least $(for s in $SEEDS; do of 1 $s; done))" least .85
bar 'recall of refusals, worst seed' "$(least $(for s in $SEEDS; do of 2 $s; done))" least .85
bar 'known answers lost, worst seed' "$(most $(for s in $SEEDS; do of 3 $s; done))" most .1
