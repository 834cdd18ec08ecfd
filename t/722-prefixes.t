#!/bin/sh
# Prompts that begin alike: what an earlier one has in common with a prompt is read
# once, and no byte of any answer depends on it.
. "${0%/*}/lib.sh"

unit mkmodel llama scale=3 kv=2 layers=3 context=1024
unit mkmodel gpt2 arch=gpt2 scale=2 context=1024

ok 'the longest prefix is found; the oldest runs go; nearly equal ones are one' \
	'unit prefixes list'
for model in llama gpt2; do
	ok "$model: conversations in turn read only what is new, with the same bits" \
		"unit prefixes engine $model"
done

# Four families of questions after the same 200 bytes, one after the other.
few() {	# FAMILY: its examples
	yes "Family $1 has examples of its own: $1 $1 gives $1$1." | head -n 4 |
		tr -d '\n'
}
for i in 1 2 3 4 5; do
	for f in a b c d; do
		echo "{\"prompt\":\"$(few $f) And $i of $f?\"}"
	done
done >shuffled
split -l 1 shuffled one.
for model in llama gpt2; do
	for f in one.*; do
		generate -q -m $model --jsonl -N 2 -n 20 --top 9 --logprobs $f
	done >$model.alone
	for how in '--parallel 1' '--parallel 5' '-j 1' '--kv bf16'; do
		ok "$model $how: four families of prompts in turn are read once each" "
			generate -m $model --jsonl -N 2 -n 20 --top 9 --logprobs $how shuffled >got 2>err
			case '$how' in
			*bf16) for f in one.*; do
					generate -q -m $model --jsonl -N 2 -n 20 --top 9 --logprobs $how \$f
				done | cmp - got ;;
			*) cmp got $model.alone ;;
			esac
			read=\$(sed -n 's/.*read \\([0-9]*\\) tokens.*/\\1/p' err)
			all=\$(sed 's/.*:\"//; s/\"}//' shuffled | tr -d '\n' | wc -c)
			once=\$(for f in a b c d; do few \$f; done | wc -c)
			echo \"\$read of \$all, \$once\"
			[ \$read -le \$((once + 20 * 14)) ]
			[ \$((read * 3)) -lt \$all ]
		"
	done
done
done_testing
