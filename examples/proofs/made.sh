#!/bin/sh
# made.sh - conversations made by a model teach a smaller one
#
# As UltraChat was made: a released model asks, as a curious person, and answers, as an
# assistant. Graders keep what has the form of a question and of an answer, dedup what
# is new. The same base model is fine-tuned on these conversations and on as many
# written by hand; the released model is the judge of their answers.
. "${0%/*}/lib.sh"
EACH=${EACH:-20} MOST=${MOST:-900} TESTED=${TESTED:-60}
smollm

topics='cat dog horse cow hen fish bee spider whale bear fox wolf owl snake frog mouse
apple bread milk cheese egg rice salt sugar soup cake tea coffee honey onion carrot bean
rain snow wind cloud storm sun moon star river sea lake island hill forest desert cave
tree flower grass leaf root seed farm garden house door window roof wall bridge road train
ship plane bicycle car wheel clock lamp candle fire knife spoon cup chair table bed book
pen paper letter map school teacher doctor baker king money market music drum song dance
game ball winter summer morning night sleep dream heart hand eye tooth bone blood language'

turn() { printf '{"role":"%s","content":"%s"}' "$1" "$2"; }
of() { awk -v key="$1" "$record"'{ print string(key) }'; }
kept() { grep '"reward":1[,}]'; }
# SYSTEM [USER ASSISTANT ...]: messages for each text on standard input, a JSON string
# without its quotes, after examples: so small a model follows these, not the system's words
ask() {
	before=$(turn system "$1")
	shift
	while [ $# -gt 0 ]; do
		before="$before,$(turn user "$1"),$(turn assistant "$2")"
		shift 2
	done
	awk -v before="$before" '{ printf "{\"id\":%d,\"messages\":[%s,{\"role\":\"user\",\"content\":\"%s\"}],\"question\":\"%s\"}\n", NR, before, $0, $0 }'
}
say 'questions'
for topic in $topics; do echo "Ask about: $topic"; done |
	ask 'You are curious. You ask one short, simple question, and nothing else.' \
		'Ask about: piano' 'How many keys does a piano have?' \
		'Ask about: glass' 'What is glass made of?' \
		'Ask about: desk' 'Why do people work at a desk?' |
	rlsample -q -m "$smollm" --compute auto -N $EACH -n 24 -s 1 >asked.jsonl
grade -q --regex '^(What|Why|How|Where|When|Who|Which|Can|Do|Does|Is|Are)[a-zA-Z ,'\'']{6,60}\?$' \
	asked.jsonl | kept | of text | awk '{ printf "{\"text\":\"%s\",\"id\":\"%d\"}\n", $0, NR }' |
	dedup -q | of text >questions
say 'answers'
ask 'Answer in one short sentence.' \
	'How many keys does a piano have?' 'A piano has eighty-eight keys, black and white.' \
	'What is glass made of?' 'Glass is made of sand that is heated until it melts.' \
	'Why do people work at a desk?' 'A desk gives them room for what they need.' <questions |
	rlsample -q -m "$smollm" --compute auto --temp .7 -N 2 -n 40 -s 2 >answered.jsonl
# One answer to a question: the first that is a sentence and not about itself.
grade -q --regex '^(?!.*\b(AI|language model|sorry|I)\b)[A-Z][a-zA-Z ,;'\''-]{15,140}\.$' \
	answered.jsonl | kept | awk "$record"'
	!seen[string("question")]++ { printf "%s\t%s\n", string("question"), string("text") }' >made.tsv

# By hand: what the demo learns, without sums and system messages.
awk -f "$examples/conversations.awk" -v n=20000 -v seed=5 | cat "$examples/conversations.jsonl" - |
	grep -v -e '"system"' -e '[0-9]+[0-9]' |
	sed 's/^{"messages":\[{"role":"user","content":"\([^"]*\)"},{"role":"assistant","content":"\([^"]*\)"}.*/\1	\2/' |
	awk -F '\t' 'NF == 2 && !seen[$1]++' >hand.tsv

# Both in an order that has nothing to do with their making; the first are held out.
for set in made hand; do
	awk -v seed=3 'BEGIN { x = seed } { x = x * 16807 % 2147483647; printf "%010d\t%s\n", x, $0 }' $set.tsv |
		sort | cut -f 2- >$set.all
done
count=$(least $(wc -l <made.all) $(wc -l <hand.all) $((MOST + TESTED)))
conversations() {
	awk -F '\t' "$record"'{ conversation($1, $2) }'
}
for set in made hand; do
	head -n $count $set.all | tail -n +$((TESTED + 1)) | conversations >$set.jsonl
	head -n $TESTED $set.all | cut -f 1 | awk -v set=$set '{
		printf "{\"id\":\"%s-%d\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"question\":\"%s\"}\n",
			set, NR, $0, $0 }'
done >held.jsonl

# NAME QUESTION: the judge's loss, per token, of the answers in NAME.jsonl to QUESTION, an
# awk expression
judged() {
	awk "$record"'{ conversation('"$2"', string("text")) }' $1.jsonl |
		score -q -m "$smollm" --compute auto --chat --each |
		sed 's/.*"loss":\([^,}]*\).*/\1/'
}
# MODEL NAME: its answers to the held-out questions in NAME.jsonl; for each in NAME.likely
# the judge's loss, and in NAME.fits what the question takes from it
answers() {
	rlsample -q -m $1 -N 1 --greedy -n 64 held.jsonl >$2.jsonl
	judged $2 'string("question")' >$2.likely
	judged $2 '"Say something."' | paste $2.likely - | awk '{ print $1 - $2 }' >$2.fits
}
learn() {	# of $seed
	pages $seed
	for set in made hand; do
		say "fine-tuning on $set, seed $seed"
		sft -q -m $pages/base -o $set-$seed -s $seed --steps ${SFT_STEPS:-300} \
			--optimizer muon --matrix-lr 0.005 --schedule linear $set.jsonl
		answers $set-$seed $set-$seed
	done
}
demo
each_seed learn
# SEED SET HOW: how often the made one wins on the questions of SET
wins() {
	paste made-$1.$3 hand-$1.$3 | awk -v set="$2" -v n=$TESTED '
		(NR <= n) == (set == "made") { r += $1 < $2 ? 1 : $1 == $2 ? .5 : 0; k++ }
		END { printf "%.3f\n", r / k }'
}
tokens() { awk '{ s = $0; sub(/.*"ids":\[/, "", s); sub(/\].*/, "", s); t += split(s, a, ",") }
	END { printf "%.1f\n", t / NR }' $1.jsonl; }

first=${SEEDS%% *}
echo '## Conversations made by a model'
echo
echo "SmolLM2-135M-Instruct, its template executed, is asked for questions about \
$(echo $topics | wc -w) things, $EACH each, and answers them. Of $(wc -l <asked.jsonl) \
questions $(wc -l <questions) have the form of one and are new, and $(wc -l <made.tsv) get an
answer with the form of a sentence. The base model of .4 million parameters, which has
read software manuals, is fine-tuned on $(wc -l <made.jsonl) of these conversations, and
on as many that people wrote for the demo. To $((2 * TESTED)) questions that neither has
seen, half of each kind, both answer, and SmolLM2 judges in two ways: which answer it finds
likelier, per token, and which one fits its question, that is, becomes likelier by it than
after 'Say something.' (the measure of Li et al. 2016). So small a model says by heart what
people wrote, which is likely whatever the question."
echo
begin table
row seed '#made fits better: made questions' '#hand-written ones' '#made is likelier: made questions' \
	'#hand-written ones' '#tokens of an answer: made' '#hand-written'
for seed in $SEEDS; do
	row $seed "$(wins $seed made fits)" "$(wins $seed hand fits)" "$(wins $seed made likely)" \
		"$(wins $seed hand likely)" "$(tokens made-$seed)" "$(tokens hand-$seed)"
done
end
echo 'Conversations that were made:'
echo
begin ''
head -n 5 made.all | awk -F '\t' '{ print $1 "  " $2 }'
end
for set in made hand; do
	echo "Answers after learning those that were $([ $set = made ] && echo made || echo 'written by hand'):"
	echo
	begin ''
	for kind in made hand; do grep "\"id\":\"$kind-" $set-$first.jsonl | head -n 3; done | samples
	end
done
bar 'made against hand-written: fits its question, of those that were made, worst seed' \
	"$(least $(for s in $SEEDS; do wins $s made fits; done))" least .6
