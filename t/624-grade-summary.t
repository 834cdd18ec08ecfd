#!/bin/sh
# grade --summary: accuracy, pass@k, votes and baselines, against their definitions.
. "${0%/*}/lib.sh"

# answers ID ANSWER TEXT...: a rollout for each text
answers() {
	id=$1 answer=$2; shift 2
	for text; do
		printf '{"id":"%s","ids":[1,2,3,4],"text":"%s","answer":"%s","stop":"eos","task":"t%s"}\n' \
			"$id" "$text" "$answer" "$((id % 2))"
	done
}
# value KEY FILE: the number, null or list after "KEY": in its last line
value() { tail -n 1 "$2" | sed "s/.*\"$1\"://; s/^\(\[[^]]*\]\|[^],}]*\).*/\1/"; }

{ answers 1 7 7 7 8 9; answers 2 5 "It is 5" 4 "4." "**4**"; answers 3 7 1 2 3 4; } >in
ok 'accuracy counts each prompt once; pass@k is 1 - C(n-c,k)/C(n,k)' '
	grade -q --number --summary sum -o graded in
	test $(wc -l <sum) = 1
	test "$(value rollouts sum)" = 12
	test "$(value prompts sum)" = 3
	close "$(value accuracy sum)" "(2/4 + 1/4 + 0) / 3" 1e-12
	close "$(value pass@2 sum)" "((1 - 1/6) + (1 - 3/6) + 0) / 3" 1e-12
	close "$(value pass@4 sum)" "2 / 3" 1e-12
	not grep pass@8 sum
	close "$(value mean sum)" "3 / 12" 1e-12
	test "$(value mean_tokens sum)" = 4
'
ok 'the summary changes no rollout' '
	grade -q --number in | cmp - graded
'
ok 'a majority is of equal values in any words; of two the first; the baseline is the commonest answer' '
	close "$(value majority_vote sum)" "1 / 3" 1e-12
	close "$(value baseline sum)" "2 / 3" 1e-12
	{ answers 1 B A "The answer is B." "(B)"; answers 2 C A B; answers 3 A A B; } |
		grade -q --choice --summary sum -o graded
	close "$(value majority_vote sum)" "2 / 3" 1e-12
	close "$(value baseline sum)" "1 / 3" 1e-12
	test "$(value chance sum)" = 0.25
	{ answers 1 "the cat" "A cat." dog "cat!"; } | grade -q --em --summary sum -o graded
	test "$(value majority_vote sum)" = 1
'
ok 'the interval is that of Wilson for the number of prompts' '
	for i in $(seq 20); do answers $i 1 $((i <= 10)); done |
		grade -q --number --summary sum -o graded
	value accuracy_interval sum | tr -d "[]" | tr , " " >interval
	read low high <interval
	close "$low" 0.2993 .00005
	close "$high" 0.7007 .00005
'
ok 'answers that cannot be judged are counted by cause, and nowhere else' '
	{ answers 1 7 7; answers 1 none 7; answers 2 none 7; echo "{\"text\":\"7\"}"; } |
		grade -q --number --summary sum -o graded
	grep "\"ungraded\":{\"no usable answer\":3}" sum
	test "$(value accuracy sum)" = 1
	test "$(value prompts sum)" = 3
'
ok 'the share of truncated answers; a summary for each value of a key, in order, then of all' '
	{ answers 1 7 7; answers 2 7 8; answers 3 7 7; } | sed "2s/eos/length/" |
		grade -q --number --summary sum --by task -o graded
	cut -d , -f 1-4 sum >heads
	printf "%s\n" "{\"task\":\"t1\",\"rollouts\":2,\"prompts\":2,\"truncated\":0" \
		"{\"task\":\"t0\",\"rollouts\":1,\"prompts\":1,\"truncated\":1" >want
	head -n 2 heads | cmp - want
	close "$(value truncated sum)" "1 / 3" 1e-12
	test $(wc -l <sum) = 3
'
ok 'without an id, equal prompts are one; without both, each is its own' '
	printf "%s\n" "{\"prompt_ids\":[1,2],\"text\":\"7\",\"answer\":7}" "{\"prompt_ids\":[1,2],\"text\":\"8\",\"answer\":7}" \
		"{\"prompt_ids\":[3],\"text\":\"8\",\"answer\":7}" "{\"text\":\"8\",\"answer\":7}" "{\"text\":\"8\",\"answer\":7}" |
		grade -q --number --summary sum -o graded
	test "$(value prompts sum)" = 4
'
ok 'a summary of nothing' '
	: | grade -q --number --summary sum -o graded
	test "$(value rollouts sum)" = 0
	test "$(value accuracy sum)" = null
	grep "accuracy_interval\":\[null,null\]" sum
'
fails 2 'rollouts and summary both on standard output' 'grade --number --summary - </dev/null' 'summary'
fails 2 '--by without --summary' 'grade --number --by task </dev/null' 'no effect without --summary'
fails 1 'a summary that cannot be written' 'grade --number --summary nodir/sum </dev/null' 'nodir/sum'
done_testing
