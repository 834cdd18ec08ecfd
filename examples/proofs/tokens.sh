#!/bin/sh
# tokens.sh - models need tokens to think: one set of weights, two forms of answer
#
# The same chat model answers the same sums twice, held by a regular expression to
# give the number at once or to work it out first.
. "${0%/*}/lib.sh"

answers() {	# NAME SEED REGEX: greedy answers, so that only the form differs
	say "$1, seed $2"
	generate -q -m ../sums-$2/chat --jsonl --greedy -n 64 --regex "$3" ../sums-$2/held.jsonl |
		grade -q --number --summary $1-$2.json >$1-$2.jsonl
}
figure() { graded number accuracy $1.json; }

learn() {	# of $seed
	world $seed
	answers direct $seed 'Answer: [0-9]+'
	answers worked $seed 'Work: [0-9+= ]+\. Answer: [0-9]+'
}
each_seed learn

echo '## Tokens to think'
echo
echo 'A chat model answers sums with four digits that it has never seen. A regular
expression holds it to one of two forms: the number at once, or digit by digit and then
the number. Weights, questions and decoding (greedy) are the same. Each token is a fixed
amount of computation, so an answer in one token has to do all of it at once.'
echo
begin table
row seed '#right, at once' '#right, worked' '#tokens, at once' '#tokens, worked'
for seed in $SEEDS; do
	row $seed "$(figure direct-$seed)" "$(figure worked-$seed)" \
		"$(summed mean_tokens direct-$seed.json)" "$(summed mean_tokens worked-$seed.json)"
done
end
first=${SEEDS%% *}
for form in direct worked; do
	echo "The same three sums, $form:"
	echo
	begin ''
	head -n 3 $form-$first.jsonl | samples
	end
done
bar 'right at once, best seed' "$(most $(for s in $SEEDS; do figure direct-$s; done))" most .2
bar 'right when worked, worst seed' "$(least $(for s in $SEEDS; do figure worked-$s; done))" least .9
bar 'right when worked less right at once, worst seed' \
	"$(least $(for s in $SEEDS; do calc "$(figure worked-$s) - $(figure direct-$s)"; done))" least .5
