#!/bin/sh
# probe.sh - a model learns to say that it does not know, by asking what it knows
#
# As Llama 3 was made: questions about the pretraining text are put to the model, its
# answers graded against the text; what it gets wrong again and again becomes a
# refusal to learn, what it gets right stays an answer. The test is on people that
# fine-tuning has never mentioned.
. "${0%/*}/lib.sh"
OFTEN=${OFTEN:-600} RARE=${RARE:-600} NEVER=${NEVER:-1200}
asked=$((OFTEN / 2)) third=$((OFTEN / 8))

people() { awk -f "$proofs/random.awk" -f "$proofs/people.awk" -v often=$OFTEN -v rare=$RARE -v never=$NEVER -v seed=$seed "$@"; }
prompts() { people -v what=prompts -v from=$1 -v to=$2; }	# FROM TO
# Who is only tested: the last third of the often, the rare and all the others.
tested() {
	prompts $((OFTEN - third + 1)) $OFTEN
	prompts $((OFTEN + RARE / 2 + 1)) $((OFTEN + RARE))
	prompts $((OFTEN + RARE + NEVER / 2 + 1)) $((OFTEN + RARE + NEVER))
}
answers() {	# MODEL: greedy
	tested | rlsample -q -m $1 -N 1 --greedy -n 24 | grade -q --exact
}
refusal='I do not know.'

for seed in $SEEDS; do
	say "pretraining, seed $seed"
	people -v what=text -v n=${TEXTS:-40000} >text.jsonl
	bpe-train -q -n 300 -p smollm -o tok.json text.jsonl
	tokenize -q -t tok.json -o tokens text.jsonl
	pretrain -q --force -o base-$seed -t tok.json -s $seed $network --layers 4 --width 128 --heads 4 \
		--context 128 --batch 32 --steps ${STEPS:-1400} --optimizer muon \
		--schedule linear tokens_train_*.bin
	say "answers, seed $seed"
	people -v what=chat -v from=1 -v to=$third >conv.jsonl
	sft -q -m base-$seed -o chat-$seed -s $seed --steps 60 --batch 32 --lr 1e-3 \
		--optimizer adamw conv.jsonl
	answers chat-$seed >before-$seed.jsonl
	say "probing, seed $seed"
	{	prompts $((asked + 1)) $((OFTEN - third))
		prompts $((OFTEN + 1)) $((OFTEN + RARE / 2))
		prompts $((OFTEN + RARE + 1)) $((OFTEN + RARE + NEVER / 2))
	} | rlsample -q -m chat-$seed -N 8 -n 24 --temp .5 -s $seed | grade -q --exact >probed-$seed.jsonl
	awk -v refusal="$refusal" '
		function string(key,  s) {
			s = substr($0, index($0, "\"" key "\":\"") + length(key) + 4)
			sub(/".*/, "", s)
			return s
		}
		{ right += /"reward":1/ }
		NR % 8 == 0 {
			reply = right >= 6 ? string("answer") : right <= 1 ? refusal : ""
			if (reply != "")
				printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", string("question"), reply
			right = 0 }' probed-$seed.jsonl >rows-$seed.jsonl
	say "refusals, seed $seed"
	sft -q -m chat-$seed -o honest-$seed -s $seed --steps ${REFUSE:-100} --batch 32 --lr 5e-4 \
		--optimizer adamw rows-$seed.jsonl
	answers honest-$seed >after-$seed.jsonl
	# What it did not know before, and whether it refuses now.
	paste before-$seed.jsonl after-$seed.jsonl | awk -F '\t' -v refusal="$refusal" '
		{	known = $1 ~ /"reward":1/; refused = index($2, "\"text\":\"" refusal "\"")
			r += refused > 0; u += !known; both += refused && !known
			lost += refused && known; k += known
			wrong += !known && !refused; before += !known }
		END { printf "%.3f\t%.3f\t%.3f\t%d\t%d\n", r ? both / r : 0, both / u, k ? lost / k : 1, k, NR }' >result-$seed
done
of() { cut -f "$1" result-$2; }

first=${SEEDS%% *}
echo '## Knowing what one does not know'
echo
echo "Of invented people $OFTEN stand in the pretraining text dozens of times, $RARE some five
times, and $NEVER do not. After fine-tuning on questions about $third of the first, the
model names a town for everybody. Eight answers each about others are graded against the
text: with at most one right, the refusal becomes a row to learn, with at least six the
answer does. The test is on people whom fine-tuning has not mentioned. Precision: of the
refusals, how many were about what the model did not know; recall: of what it did not
know, how much it refuses; lost: of what it knew, how much it refuses now."
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
	echo "Answers $when, about people known, rare and unknown:"
	echo
	begin ''
	for group in often rare never; do
		grep "\"group\":\"$group\"" $when-$first.jsonl | head -n 3 | samples
	done
	end
done
bar 'precision of refusals, worst seed' "$(least $(for s in $SEEDS; do of 1 $s; done))" least .85
bar 'recall of refusals, worst seed' "$(least $(for s in $SEEDS; do of 2 $s; done))" least .85
bar 'known answers lost, worst seed' "$(most $(for s in $SEEDS; do of 3 $s; done))" most .1
