#!/bin/sh
# chat.sh - a base model dreams documents; fine-tuning on conversations makes it answer
. "${0%/*}/lib.sh"

demo
# Greta the baker and Hugo the sailor are in no conversation that is learned.
grep -v -e 'You are Greta, a baker' -e 'You are Hugo, a sailor' ../demo/conv.jsonl >conv.jsonl
ask() { echo "{\"role\":\"user\",\"content\":\"$1\"}"; }
i=0
for question in 'Who are you?' 'What is your name?' 'Hello! Who are you?'; do
	i=$((i + 1))
	echo "{\"id\":$i,\"prompt\":\"$question\",\"question\":\"$question\"}" >>raw.jsonl
	echo "{\"id\":$i,\"messages\":[$(ask "$question")],\"question\":\"$question\",\"answer\":\"Pip\"}" >>self.jsonl
	for who in 'Greta, a baker' 'Hugo, a sailor'; do
		echo "{\"id\":\"$i $who\",\"messages\":[{\"role\":\"system\",\"content\":\"You are $who.\"},$(ask "$question")],\"question\":\"[You are $who.] $question\",\"answer\":\"${who%%,*}\"}"
	done >>system.jsonl
done
answers() { rlsample -q -N 20 -n 48 "$@"; }	# OPTION... FILE
share() {	# eos|named FILE
	awk -v what="$1" "$record"'
		{ n++; r += what == "eos" ? /"stop":"eos"/ : index(string("text"), string("answer")) > 0 }
		END { printf "%.3f\n", r / n }' "$2"
}

learn() {	# of $seed
	say "seed $seed"
	pages $seed
	sft -q -m $pages/base -o chat-$seed -s $seed --steps ${SFT_STEPS:-500} --optimizer muon \
		--matrix-lr 0.005 --schedule linear conv.jsonl
	answers -m $pages/base --raw raw.jsonl >base-$seed.jsonl
	answers -m chat-$seed self.jsonl >self-$seed.jsonl
	answers -m chat-$seed system.jsonl >system-$seed.jsonl
}
each_seed learn

first=${SEEDS%% *}
echo '## A base model dreams documents; conversations make an assistant of it'
echo
echo 'The demo pretrains on software manuals. Asked who it is, the base model continues the
text as a manual might, and does not stop. The same weights after 500 updates on
conversations, with a chat template whose special tokens appear only now, answer, end
their turn, give their own name, and take the one that a system message gives them, also
names and trades that were never learned together.'
echo
begin table
row seed '#base: ends by itself' '#chat: ends its turn' '#says it is Pip' \
	'#is who the system message says'
for seed in $SEEDS; do
	row $seed "$(share eos base-$seed.jsonl)" "$(share eos self-$seed.jsonl)" \
		"$(share named self-$seed.jsonl)" "$(share named system-$seed.jsonl)"
done
end
for what in base self system; do
	case $what in
	base) echo 'The base model:' ;;
	self) echo 'After fine-tuning:' ;;
	system) echo 'With a system message:' ;;
	esac
	echo
	begin ''
	awk 'NR % 20 == 1' $what-$first.jsonl | head -n 4 | samples
	end
done
bar 'base model: answers that end by themselves, most' \
	"$(most $(for s in $SEEDS; do share eos base-$s.jsonl; done))" most .1
bar 'chat model: answers that end, least' \
	"$(least $(for s in $SEEDS; do share eos self-$s.jsonl; done))" least .95
bar 'says its name, least' "$(least $(for s in $SEEDS; do share named self-$s.jsonl; done))" least .9
bar 'follows the system message, least' \
	"$(least $(for s in $SEEDS; do share named system-$s.jsonl; done))" least .9
