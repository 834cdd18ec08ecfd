#!/bin/sh
# tools.sh - what a small model cannot do in its head it does with a tool
#
# Counting letters, comparing 9.11 with 9.9, multiplying, and where somebody was born
# whom no text names: one base model, fine-tuned to answer from its head, and
# fine-tuned to call a calculator, Python and a search.
. "${0%/*}/lib.sh"

tools() { awk -f "$proofs/random.awk" -f "$proofs/tools.awk" "$@"; }
python="$examples/tools/python"
echo 'print(1)' | "$python" 2>/dev/null | grep -qx 1 || {
	say 'skipped: no sandbox for Python (Debian: bubblewrap)'
	exit 3
}
answers() { rlsample -q -N 1 --greedy -n 100 "$@"; }
with_tools() {	# OPTION...: the same with the three tools
	answers \
		--tool "<calc>,</calc>,$examples/tools/calculator" \
		--tool "<py>,</py>,$python" \
		--tool "<search>,</search>,SEARCH_RESULTS=1 $examples/tools/search people-$seed.db" \
		--tool-output '<result>,</result>' "$@"
}
# The answer is what follows the last result.
grades() { grade -q --exact --extract '(?:.*</result>)?([^<>]*?)\.?$' --by kind --summary $1.json; }

learn() {	# of $seed
	say "pretraining, seed $seed"
	tools -v what=text -v n=${TEXTS:-40000} -v seed=$seed >text-$seed.jsonl
	bpe-train -q -n 400 -p smollm -o tok-$seed.json text-$seed.jsonl
	tokenize -q -t tok-$seed.json -o tokens-$seed text-$seed.jsonl
	pretrain -q -o base-$seed -t tok-$seed.json -s $seed $network --layers 4 --width 128 \
		--heads 4 --context 128 --batch 32 --steps ${STEPS:-1200} --optimizer muon \
		--schedule linear tokens-${seed}_train_*.bin
	for what in bare tools; do
		say "fine-tuning, $what, seed $seed"
		tools -v what=$what -v n=8000 -v seed=$((100 + seed)) >$what-$seed.conv
		sft -q -m base-$seed -o $what-$seed -s $seed --steps ${SFT_STEPS:-300} --batch 32 \
			--optimizer muon --matrix-lr 0.01 --schedule linear $what-$seed.conv
	done
	tools -v what=prompts -v n=${TESTED:-400} -v seed=$((200 + seed)) >held-$seed.jsonl
	tools -v what=people -v n=${TESTED:-400} -v seed=$((200 + seed)) >people-$seed.jsonl
	"$examples/tools/search" --index people-$seed.db people-$seed.jsonl
	say "answers, seed $seed"
	answers -m bare-$seed held-$seed.jsonl | grades bare-$seed >bare-$seed.jsonl
	with_tools -m tools-$seed held-$seed.jsonl | grades tools-$seed >tools-$seed.jsonl
}
each_seed learn
kinds='letters compare multiply person'
right() { grep "\"kind\":\"$2\"" $1.jsonl | awk '{ n++; r += /"reward":1/ } END { print n ? sprintf("%.3f", r / n) : "nan" }'; }

echo '## Tools for what a head is bad at'
echo
echo 'Four kinds of questions, new words and numbers each time. The model sees tokens, not
letters; it has a fixed amount of computation for each token; it has read of verses, where
9.11 comes after 9.9, and of numbers with two lengths, as these have, it has compared only
such with other wholes; and where somebody was born whom no text names it cannot know. The same base model learns
to answer from its head, or, by the same questions, to write a call: the program runs it,
and what it prints enters the context.'
echo
begin table
row question 'seed' '#from the head' '#with a tool'
for kind in $kinds; do
	for seed in $SEEDS; do
		row $kind $seed "$(right bare-$seed $kind)" "$(right tools-$seed $kind)"
	done
done
end
first=${SEEDS%% *}
for what in bare tools; do
	case $what in bare) echo 'From the head:' ;; *) echo 'With tools:' ;; esac
	echo
	begin ''
	for kind in $kinds; do grep "\"kind\":\"$kind\"" $what-$first.jsonl | head -n 1; done | samples
	end
done
for kind in $kinds; do
	bar "$kind: right from the head, best seed" \
		"$(most $(for s in $SEEDS; do right bare-$s $kind; done))" most .9
	bar "$kind: right with a tool, worst seed" \
		"$(least $(for s in $SEEDS; do right tools-$s $kind; done))" least .9
done
