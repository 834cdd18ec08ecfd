#!/bin/sh
# smollm.sh - a released model, SmolLM2-135M-Instruct, on word problems of GSM8K
#
# Fine-tuning with an adapter on worked solutions, then rounds of reinforcement
# learning, and the accuracy on held-out problems before and after, whatever it is.
# $GSM8K is a folder with its train.jsonl, the last problems of which are held out.
. "${0%/*}/lib.sh"
TESTED=${TESTED:-200} LEARN=${LEARN:-400} ROUNDS=${ROUNDS:-4}
LENGTH=${LENGTH:-256} CONTEXT=${CONTEXT:-512}

gsm8k=${GSM8K:-$proofs/../../../shared/data/post/gsm8k}
[ -e "$gsm8k/train.jsonl" ] || { say 'skipped: no GSM8K: set GSM8K to the folder of its files'; exit 3; }
smollm

# Questions, and worked solutions with the number after ####.
problems() {
	sed -n 's/^{"question": *\(".*"\), *"answer": *\(".*"\)} *$/"messages":[{"role":"user","content":\1}],"question":\1,"answer":\2}/p' |
		awk '{ print "{\"id\":" NR "," $0 }'
}
tail -n "$TESTED" "$gsm8k/train.jsonl" | problems >held.jsonl
head -n "$LEARN" "$gsm8k/train.jsonl" |
	sed 's/<<[^>]*>>//g; s/^{"question": *\(".*"\), *"answer": *\(".*"\)} *$/{"prompt":\1,"completion":\2}/' >learn.jsonl
tail -n +$((LEARN + 1)) "$gsm8k/train.jsonl" | head -n $((8 * ROUNDS)) | problems >prompts.jsonl

answers() {	# MODEL NAME: NAME.json about greedy answers to the held-out problems
	say "$2"
	rlsample -q -m $1 -N 1 --greedy -n $LENGTH --compute auto held.jsonl |
		grade -q --number --rule flexible --summary $2.json >$2.jsonl
}
answers "$smollm" before
say 'fine-tuning'
sft -q -m "$smollm" -o sft --lora 16 --steps ${SFT_STEPS:-24} --batch 8 --context $CONTEXT learn.jsonl
answers sft fine-tuned
ckpt merge sft rl
round=0
while [ $round -lt $ROUNDS ]; do
	round=$((round + 1))
	say "round $round"
	tail -n +$((8 * round - 7)) prompts.jsonl | head -n 8 |
		rlsample -q -m rl -N 8 -n $LENGTH -s $round | grade -q --number --rule flexible \
		--summary round.json >round.jsonl
	row $round "$(graded number accuracy round.json)" "$(summed mean_tokens round.json)" >>rounds.tsv
	rltrain -q -m rl -o rl --loss grpo --lr 1e-5 --batch 16 round.jsonl
done
answers rl after

echo '## A released model on word problems'
echo
echo "SmolLM2-135M-Instruct answers $TESTED problems of GSM8K that are held out (greedy, at most $LENGTH
tokens; the last number counts). Then an adapter of rank 16 learns $LEARN worked
solutions of others, and $ROUNDS rounds of GRPO follow, 8 answers to each of 8
problems. The intervals are of 95%; so small a model solves few of them, before and
after."
echo
begin table
row when '#right' 'interval' '#tokens' '#cut off'
for when in before fine-tuned after; do
	row $when "$(graded number accuracy $when.json)" \
		"$(sed 's/.*"accuracy_interval":\(\[[^]]*\]\).*/\1/' $when.json)" \
		"$(summed mean_tokens $when.json)" "$(summed truncated $when.json)"
done
end
begin 'chart Rounds of reinforcement learning'
row round 'share right, sampled'
cut -f 1,2 rounds.tsv
end
for when in before after; do
	echo "A problem, $when:"
	echo
	begin ''
	sed -n 2p $when.jsonl | samples
	end
done
