#!/bin/sh
# grade: every rule, answers made to cheat, judges of many, external programs, bad
# input.
. "${0%/*}/lib.sh"

# score TEXT ANSWER OPTIONS: the score of a text; TEXT and ANSWER are the content
# of JSON strings
score() {
	text=$1 answer=$2; shift 2
	printf '{"text":"%s","answer":%s}\n' "$text" "$answer" |
		grade -q --name s "$@" | sed 's/.*"s"://; s/}.*//'
}
# is SCORE TEXT ANSWER OPTIONS
is() {
	want=$1; shift
	got=$(score "$@")
	test "$got" = "$want" || { echo "'$1' for $2: $got, not $want"; return 1; }
}

ok 'exact: surrounding white space is ignored' '
	is 1 "  Paris\\n" "\"Paris\"" --exact
	is 0 "paris" "\"Paris\"" --exact
	is 0 "Paris, France" "\"Paris\"" --exact
	is 1 "b" "[\"a\",\"b\"]" --exact
	is 1 "42" 42 --exact
'
ok 'the summary counts answers, their mean score, and those with full marks' '
	for text in 3 4 3 x; do
		echo "{\"text\":\"$text\",\"answer\":\"3\"}"
	done | grade --exact 2>err
	grep "rollouts=4 .*=0\.5000 full=2\$" err
'
ok 'number: the one after ####, otherwise the last, compared by value' '
	is 1 "6*7 is 42\\n#### 42" "\"42\"" --number
	is 1 "The answer is 42." 42 --number
	is 1 "#### 1,200.00" 1200 --number
	is 1 "costs \$1,200" "\"1200.0\"" --number
	is 1 "so it is -7" "\"-7\"" --number
	is 0 "so it is 7" "\"-7\"" --number
	is 1 "10-7" 7 --number
	is 1 "0.50" "\".5\"" --number
	is 0 "no number" 5 --number
	is 1 "12345678901234567890123" "\"12345678901234567890123\"" --number
	is 0 "12345678901234567890124" "\"12345678901234567890123\"" --number
'
ok 'the right answer may be a worked solution of GSM8K' '
	is 1 "#### 72" "\"48/2 = <<48/2=24>>24 clips\\n#### 72\"" --number
	is 0 "#### 24" "\"48/2 = <<48/2=24>>24 clips\\n#### 72\"" --number
'
ok 'of several #### the last one with a number on its line counts, with gsm8k the first' '
	is 1 "#### 5\\n#### 72" 72 --number
	is 0 "#### 72\\n#### 5" 72 --number
	is 0 "#### 5\\n#### 72" 72 --number --rule strict
	is 1 "#### 5\\n#### 72" 72 --number --rule last
	is 1 "#### Step 1: add\\n5+7=12\\n#### 12" 12 --number
	is 1 "#### 12\\n#### Done" 12 --number
	is 1 "#### Answer\\n12" 12 --number
	is 1 "#### 72 apples and 3 pears\\nsee 9" 72 --number
	is 0 "#### 5\\n#### 72" 5 --number
	is 1 "so it is 5" "\"5+7 = 12\\n#### Sum\\n#### 5\\n#### end\"" --number
'
ok 'GSM8K as published: one space, characters compared without commas' '
	is 1 "#### 1,200" 1200 --number --rule strict
	is 0 "#### 18." 18 --number --rule strict
	is 0 "#### 18.00" 18 --number --rule strict
	is 0 "####18" 18 --number --rule strict
	is 0 "the answer is 18" 18 --number --rule strict
	is 1 "#### -3" "\"-3\"" --number --rule strict
'
# number WANT TEXT ANSWER ...: three words a case; the texts are not JSON
numbers() {
	while [ $# -gt 0 ]; do
		text=$(printf '%s' "$2" | sed 's/\\/\\\\/g')
		answer=$(printf '%s' "$3" | sed 's/\\/\\\\/g')
		is "$1" "$text" "\"$answer\"" --number || return
		shift 3
	done
}
ok 'number: a minus is a sign before a currency or as U+2212, but not between numbers' '
	numbers 1 "-\$5" -5	0 "-\$5" 5	1 "−\$3.50" -3.5	1 "-€5" -5 \
		1 "The answer is −3." -3	0 "The answer is −3." 3 \
		1 "-\\\$5" -5	1 "\$-5\$" -5	1 "x = - 5" -5	1 "+5" 5 \
		1 "10 - 5" 5	1 "3−4" 4	1 "pages 3–4" 4	1 "10%-20%" 20 \
		1 "the answer is--5" 5	1 "-0" 0	0 "-5" 5 \
		1 "It is negative 5" -5	1 "negative 5" -5	1 "a Xnegative 5" 5
'
ok 'number: fractions have their value' '
	numbers 0 3/2 1/2	1 3/2 1.5	1 1/2 0.5	1 0.5 1/2	1 2/6 1/3 \
		0 0.333 1/3	0 "\\frac{9}{2}" 1/2	1 "\\frac{9}{2}" 4.5 \
		1 "-\\frac{1}{2}" -0.5	1 "\\dfrac{-1}{2}" -1/2	1 "\\frac12" 0.5 \
		1 "1 1/2" 1.5	1 1½ 1.5	1 ½ 0.5	1 "2\\frac{1}{2}" 2.5 \
		1 "1 / 2" 0.5	1 "48/2 = 24" 24	1 "due 12/25/2024" 2024 \
		0 1/0 1	0 "\\frac{1}{0}" 0 \
		1 123456789012345678901/2 61728394506172839450.5 \
		0 123456789012345678902/2 61728394506172839450.5
'
ok 'number: an answer without a decimal value gives no number' '
	numbers 0 "\\pi/2" 2	0 "3\\pi/4" 4	0 "\\sqrt{2}/2" 2 \
		0 "√3 / 2" 2	0 "2/\\sqrt{3}" 3	1 "\\pi/2 > 1" 1
	numbers 0 "\\frac{\\pi}{2}" 2	0 "2\\pi" 2	0 "2\\sqrt{3}" 3 \
		0 "2\\sqrt{3}" 2	0 "\\frac{x}{2}" 2	0 "3 of √2" 3 \
		0 "x^{12}" 12	0 "x_{7}" 7
'
ok 'number: exponents, powers of ten, groups of digits' '
	numbers 1 1e3 1000	0 1e3 3	1 1000 1e3	1 1.5E-3 0.0015 \
		1 "3 \\times 10^5" 300000	1 "3 × 10^{-2}" 0.03	1 10^3 1000 \
		0 10^3 3	1 "2^{10}" 1024	1 "\\boxed{\$9{,}500}" 9500 \
		0 "\\boxed{\$9{,}500}" 500	1 "1,\\!000" 1000	1 "1\\,000" 1000 \
		1 1,000,000 1e6	1 1,2,3 3	1 "90^\\circ" 90	0 1e400 1e401 \
		1 1e400 1e400	1 5e 5
	is 1 1000 1e3 --number
	is 0 3 1e3 --number
	is 1 0.00001 1e-05 --number
	is 0 5 1e-05 --number
	is 1 5 5e0 --number
'
ok 'number: a percentage equals its number or a hundredth of it' '
	numbers 1 50% 50	1 50% 0.5	1 0.5 50%	1 "50\\%" 1/2	1 50% 50% \
		1 "50 percent" 0.5	0 5% 0.5	0 50 0.5	0 50% 0.005
'
ok 'number: a box takes precedence over the last number; the last of box and #### counts' '
	numbers 1 "\\boxed{42}. Check: 6 times 7, 3 steps" 42	0 "\\boxed{42}. 5" 5 \
		1 "\\boxed{1}, no, \\boxed{2}: 7" 2	1 "\\boxed{x=\\frac{3}{4}} 7" 0.75 \
		1 "\\boxed 5 and 6" 5	1 "\\boxed{\\text{no}} 7" 7 \
		1 "\\boxed{1 and 7" 7	0 "\\boxed{\\pi} 7" 7
	is 1 "#### Step 1\\n\\\\\\\\boxed{12} 7" 12 --number
	is 1 "\\\\\\\\boxed{12}\\n#### 13" 13 --number
'
ok 'the rules of lm-eval: strict as in GSM8K, flexible the last match of its pattern' '
	is 1 "It is \$1,200." 1200 --number --rule flexible
	is 1 "#### 18." 18 --number --rule flexible
	is 0 "18.00" 18 --number --rule flexible
	is 1 "5 and -3" "\"-3\"" --number --rule flexible
	is 1 "10-3" "\"-3\"" --number --rule flexible
	is 0 "18 ..." 18 --number --rule flexible
	is 1 "so 7" "\"6+1\\n#### 7\"" --number --rule flexible
	is 1 "#### 7" "\"6+1\\n#### 7\"" --number --rule strict
'
ok 'an answer that is a JSON number counts however JSON writes it' '
	is 1 1000 1e3 --exact
	is 1 18 18.0 --exact
	is 1 18.0 18.0 --exact
	is 0 180 18.0 --exact
	is 1 "#### 18" 18.0 --number --rule strict
	is 1 -0.5 -5e-1 --em
	is 1 0.00001 1e-05 --f1
	is 1 1.25 0.125E+1 --exact
	is 1 3 3.0 --choice --letters 1234
'
ok 'a hedged number scores 0 for each alternative, in every place' '
	for want in 4 5; do
		numbers 0 "4 or 5" $want	0 "The answer is 4 or 5." $want \
			0 "either 4 or 5" $want	0 "#### 4 or 5" $want \
			0 "\\boxed{4} or \\boxed{5}" $want	0 "\\boxed{4}\\boxed{5}" $want \
			0 "\\boxed{4 \\text{ or } 5}" $want	0 "Maybe 4, maybe 5." $want \
			0 "The answer is 4. Alternatively, it is 5." $want \
			0 "Answer: 4. Answer: 5." $want	0 "The answer is 4, 5" $want
	done
'
ok 'what looks like a hedge but settles on a number counts' '
	numbers 1 "4 or 5 apples were bought; the answer is 4" 4 \
		0 "4 or 5 apples were bought; the answer is 4" 5 \
		1 "8 or more" 8	1 "14, no, 15" 15	1 "It is 15, not 14." 15 \
		1 "2 hours, or 120 minutes" 120	1 "2 hours, or 120 minutes" 2 \
		0 "2 hours, or 110 minutes" 2	1 "5 + 3, or 8" 8
'
ok 'a list of all numbers scores nothing' '
	is 0 "#### 1 2 3 4 5 6 7 8 9 10" 7 --number
	is 0 "1 or 2 or 3 or 7 or 9" 7 --number
'
ok 'choice: the one letter the text decides on' '
	is 1 "B" "\"B\"" --choice
	is 1 "(B)" "\"B\"" --choice
	is 1 "The answer is **B**." "\"B\"" --choice
	is 1 "Answer: B) Paris" "\"B\"" --choice
	is 1 "It cannot be A or C. The answer is B." "\"B\"" --choice
	is 0 "The answer is C." "\"B\"" --choice
	is 0 "Because" "\"B\"" --choice
	is 1 "E" "\"E\"" --choice --letters ABCDE
'
ok 'choice: an option with its letter, the line below "answer", ####, a box' '
	is 1 "B. Vitamin C" "\"B\"" --choice
	is 1 "B" "\"B. Vitamin C\"" --choice
	is 1 "(B) Vitamin C" "\"B\"" --choice
	is 1 "The answer is B) Vitamin C" "\"B\"" --choice
	is 1 "Not A.\\nAnswer:\\n**B**" "\"B\"" --choice
	is 1 "A or C?\\n#### B" "\"B\"" --choice
	is 1 "Not A. \\\\\\\\boxed{\\\\\\\\text{B}}" "\"B\"" --choice
	is 1 "Choose the answer:\\nA) x\\nB) y\\nThe answer is B" "\"B\"" --choice
	is 1 "C is tempting, D too, but B is the correct choice." "\"B\"" --choice
	is 1 "C or D? B is clearly the best." "\"B\"" --choice
'
ok 'choice: a letter next to punctuation and scripts without case' '
	is 1 "Answer：B" "\"B\"" --choice
	is 1 "答案是B" "\"B\"" --choice
	is 1 "答案：（B）。" "\"B\"" --choice
	is 1 "정답은 B입니다" "\"B\"" --choice
	is 1 "The answer is “B”." "\"B\"" --choice
	is 1 "Answer — B" "\"B\"" --choice
	is 0 "Bären" "\"B\"" --choice
	is 0 "éB" "\"B\"" --choice
	is 0 "答案是A或B" "\"B\"" --choice
'
ok 'choice: naming several is naming none' '
	is 0 "A or B or C" "\"B\"" --choice
	is 0 "The answer is A or B" "\"B\"" --choice
	is 0 "The answer is A, B, C, D" "\"B\"" --choice
	is 0 "Answer: A. Answer: B. Answer: C." "\"B\"" --choice
	is 0 "Answer: B. No, the answer is C." "\"B\"" --choice
	is 0 "ABCD" "\"B\"" --choice
	is 0 "A) or B)" "\"A\"" --choice
	is 0 "A. B. C. D." "\"A\"" --choice
	is 0 "The answer is not (A) but B" "\"A\"" --choice
	is 0 "\\\\\\\\boxed{A} \\\\\\\\boxed{B}" "\"A\"" --choice
	is 0 "Answer: B. \\\\\\\\boxed{C}" "\"C\"" --choice
'
ok 'f1 and em are as in SQuAD' '
	is 1 "The Cat." "\"cat\"" --em
	is 0 "a black cat" "\"cat\"" --em
	is 1 "an  APPLE!" "[\"pear\",\"apple\"]" --f1
	close "$(score "the black cat" "\"cat\"" --f1)" 0.666667 .00001
	close "$(score "cat cat cat" "\"cat\"" --f1)" 0.5 .00001
	is 0 "dog" "\"cat\"" --f1
	is 0 "" "\"cat\"" --f1
	is 0 "..." "\"cat\"" --f1
'
ok 'regex and extract' '
	is 1 "say yes" 0 --regex "\\byes\\b"
	is 0 "eyes" 0 --regex "\\byes\\b"
	is 1 "<answer> 5 </answer> 7" 5 --number --extract "<answer>(.*?)</answer>"
	is 0 "5" 5 --number --extract "<answer>(.*?)</answer>"
	is 1 "x=ab" "\"ab\"" --exact --extract "x=(\\w+)"
'
ok 'format: each tag once, in order, nothing around them' '
	is 1 "<think>a\\nb</think>\\n<answer>5</answer>" 0 --format think-answer
	is 0 "<think>a</think><answer>5</answer> x" 0 --format think-answer
	is 0 "x <think>a</think><answer>5</answer>" 0 --format think-answer
	is 0 "<think>a</think> x <answer>5</answer>" 0 --format think-answer
	is 0 "<think>a</think><answer>5</answer><answer>6</answer>" 0 --format think-answer
	is 0 "<answer>5</answer><think>a</think>" 0 --format think-answer
	is 0 "<think><think>a</think><answer>5</answer>" 0 --format think-answer
	is 1 "text <answer>5</answer>" 0 --format answer
	is 1 "<think>a</think> text" 0 --format think
	is 0 "<think>a</think>" 0 --format think
	is 1 "so \\\\\\\\boxed{1+{2}}" 0 --format boxed
	is 0 "so \\\\\\\\boxed{1" 0 --format boxed
	is 0 "so \\\\\\\\boxed{ }" 0 --format boxed
	is 1 "so \\\\\\\\boxed{1 or \\\\\\\\boxed{2}" 0 --format boxed
'
ok 'graders chain: names, weights, sums; everything else stays byte for byte' '
	printf "%s\n" "{ \"id\":7,\"text\":\"#### 5\" , \"answer\":5,\"logprobs\":[-0.50]}" >in
	grade -q --number in | grade -q --regex "^####" --name form -w .25 >out
	printf "%s\n" "{ \"id\":7,\"text\":\"#### 5\" , \"answer\":5,\"logprobs\":[-0.50],\"reward\":1.25,\"rewards\":{\"number\":1,\"form\":1}}" |
		cmp - out
	grade -q --exact --replace out >again &&
	grep "\"reward\":0,\"rewards\":{\"exact\":0}" again
'
ok 'several graders in one run give what a pipe of them gives, byte for byte' '
	printf "%s\n" "{\"text\":\"#### 5\",\"answer\":5,\"reward\":0.1}" "{\"text\":\"<answer>5</answer>\",\"answer\":4}" \
		"{\"text\":\"a\"}" "{\"text\":\"<answer>6</answer>\",\"answer\":6,\"stop\":\"length\"}" >in
	for finished in "" --finished; do
		grade -q --exact $finished in | grade -q --number -w .7 $finished |
			grade -q --format answer -w -0.3 $finished >pipe
		grade -q --exact --number --format answer -w format=-0.3,number=.7 $finished in >one
		cmp pipe one
	done
'
fails 2 'a weight for one of several graders, which is not named' 'grade --number --exact -w .5 </dev/null' 'which grader'
fails 2 'a weight for a grader that is not there' 'grade --number --exact -w em=.5 </dev/null' "no grader 'em'"
fails 2 'a weight that is no number' 'grade --number -w x </dev/null' "'x' is not a number"
fails 2 'one name for two graders' 'grade --number --exact --name a </dev/null' 'no effect with several'
ok 'scores stay with their rollouts while programs answer in any order' '
	for i in $(seq 200); do echo "{\"text\":\"$i\"}"; done >in
	p="while read -r l; do l=\${l#*:\\\"}; l=\${l%%\\\"*}; sleep .00\$((l * 7919 % 10)); echo \$l; done"
	grade -q -j 8 -x "$p" in >out
	sed "s/.*\"text\":\"\([0-9]*\)\".*\"reward\":\([0-9]*\),.*/\1 \2/" out >pairs
	seq 200 | sed "s/.*/& &/" | cmp - pairs
'
ok 'a judge that scores many at once: scores stand with their rollouts, causes too, beside a rule' '
	awk "BEGIN { for (i = 1; i <= 500; i++) {
		t = \"5\"; for (k = 1; k < i % 90 + 1; k++) t = t (i % 7 ? \".\" : \"x\")
		if (i % 11) printf \"{\\\"text\\\":\\\"%s\\\",\\\"answer\\\":5}\\n\", t; else print \"[]\" } }" >in
	for j in 1 3; do
		unit judges $j <in >out$j 2>err$j
	done
	cmp out1 out3
	awk "{ split(\$0, p, \"\\\"\"); n = length(p[4])
		want = p[4] ~ /x/ ? \"null\" : n == 3 ? \"null\" : n / 2 + 1
		cause = p[4] ~ /x/ ? \"an x in \" n \" bytes\" : n == 3 ? \"score is not a finite number\" : \"\"
		if (index(\$0, \"\\\"reward\\\":\" want \",\") == 0) { print NR, want, \$0; exit 1 }
		if (cause != \"\" && index(\$0, \"\\\"ungraded\\\":{\\\"length\\\":\\\"\" cause \"\\\"}\") == 0) { print NR, \$0; exit 1 }
		if (cause == \"\" && /ungraded/) { print NR, \$0; exit 1 } }" out1
	test $(wc -l <out1) = $((500 - 500 / 11))
	grep "other causes" err1
'
fails 1 'grading twice under one name is refused' '
	printf "%s\n" "{\"text\":\"5\",\"answer\":5}" | grade -q --number | grade --number
' "there is a reward 'number' already"
ok '--finished: a truncated answer gets 0' '
	printf "%s\n" "{\"text\":\"5\",\"answer\":5,\"stop\":\"length\"}" \
		"{\"text\":\"5\",\"answer\":5,\"stop\":\"eos\"}" |
		grade -q --number --finished | cut -d, -f 4 >out
	printf "%s\n" "\"reward\":0" "\"reward\":1" | cmp - out
'
ok 'a program grades, in order, whatever -j is' '
	awk "BEGIN { for (i = 0; i < 300; i++) printf \"{\\\"text\\\":\\\"%d\\\"}\\n\", i }" >in
	p="while read -r l; do l=\${l#*:\\\"}; echo \${l%%\\\"*}; done"
	grade -q -x "$p" -j 1 in >one && grade -q -x "$p" -j 4 in | cmp - one &&
	sed "s/.*\"reward\":\([0-9]*\).*/\1/" one >got && awk "BEGIN { for (i = 0; i < 300; i++) print i }" | cmp - got
'
ok 'a program that exits after one question is restarted' '
	for i in 1 2 3 4 5; do echo "{\"text\":\"$i\"}"; done |
		grade -q -j 1 -x "read l; echo 1" >out && test $(grep -c "\"reward\":1" out) = 5
'
ok 'an answer not graded in time has no reward, and the next answer is correct' '
	for i in 1 hang 3; do echo "{\"text\":\"$i\"}"; done |
		grade -q -j 1 --timeout .3 -x "while read -r l; do case \$l in *hang*) sleep 60;; esac; echo 1; done" \
		>out 2>err && sed "s/.*\"reward\"://; s/,.*//" out | tr "\n" " " >got &&
	printf "1 null 1 " | cmp - got &&
	grep "\"hang\",\"reward\":null,\"rewards\":{\"command\":null},\"ungraded\":{\"command\":\"timeout\"}}\$" out &&
	grep "1 answers have no reward from .command.: timeout" err
'
ok 'an answer at which the program dies has no reward' '
	for i in 1 die 3; do echo "{\"text\":\"$i\"}"; done |
		grade -q -j 1 -x "while read -r l; do case \$l in *die*) exit 3;; esac; echo 1; done" \
		>out 2>err && sed "s/.*\"reward\"://; s/,.*//" out | tr "\n" " " >got &&
	printf "1 null 1 " | cmp - got && grep "\"ungraded\":{\"command\":\"program ended\"}" out
'
fails 1 'a program that always dies ends the run' '
	for i in 1 2 3 4 5 6 7 8 9; do echo "{\"text\":\"$i\"}"; done | grade -q -x "exit 3"
' '8 times in a row'
for n in 1 2 20; do
	fails 1 "a missing program ends the run, with $n rollouts" "
		for i in \$(seq $n); do echo '{\"text\":\"5\"}'; done |
		grade -q -o out -x nosuchcmd; ls out
	" "the program of -x cannot be started: 'nosuchcmd'"
done
fails 1 'a program that cannot be executed ends the run' '
	echo "{\"text\":\"5\"}" >in; cp in noprogram; grade -q -x ./noprogram in
' 'cannot be started'
fails 1 'so does one that exits without an answer to either of two' '
	for i in 1 2; do echo "{\"text\":\"$i\"}"; done | grade -q -x "exit 3"
' 'ended without an answer at every rollout'
fails 1 'a program that answers only at the end of its input is distinguished from a slow one' '
	for i in 1 2; do echo "{\"text\":\"$i\"}"; done | grade -q --timeout .3 -x "wc -l"
' 'answers only when its input ends'
fails 1 'a program that is always too slow ends the run' '
	for i in 1 2 3 4 5 6 7 8 9; do echo "{\"text\":\"$i\"}"; done |
		grade -q -j 4 --timeout .1 -x "while read -r l; do sleep 9; done"
' 'has not answered one of 8 rollouts'
ok 'a program that exits after each answer works, even without reading, with a hint to loop' '
	for i in 1 2 3 4 5 6; do echo "{\"text\":\"$i\"}"; done >in
	for p in "read -r l; echo 2" "echo 2" "printf 2"; do
		grade -j 1 -x "$p" in >out 2>err
		test $(grep -c "\"reward\":2" out) = 6
		grep "ends after one answer .*: let it loop" err
	done
	for n in 1 2 3; do
		sed "${n}q" in | grade -j 2 -x "read -r l; echo 2" >out 2>err
		grep "ends after one answer" err
		sed "${n}q" in | grade -j 2 -x "while read -r l; do echo 2; done" >out 2>err
		not grep "loop" err
	done
'
for p in 'echo ready; while read -r l; do echo 1; done' \
	'while read -r l; do printf "1\\n1\\n"; done' \
	'while read -r l; do echo 1; done; echo bye'; do
	fails 1 "a program that writes more than one line per rollout is refused: $p" "
		for i in 1 2 3; do echo '{\"text\":\"5\"}'; done |
		grade -q -j 1 -o out -x '$p'; ls out
	" 'said more lines than it was asked for'
done
ok 'a question longer than the pipe buffer, to a program that does not read it' '
	{ printf "{\"text\":\""; head -c 1000000 /dev/zero | tr "\000" a; printf "\"}\n"; } >in
	grade -q -x "echo 3" in | grep -o "\"reward\":3"
'
ok 'an answer that cannot be scored has no reward' '
	echo "{\"text\":\"x\"}" | grade -q -x "while read l; do echo nan; done" >out 2>err &&
	grep "\"reward\":null" out && grep "\"ungraded\":{\"command\":\"reply is not a number\"}" out
'
ok 'a line of 1 MB passes through a program that reads it slowly' '
	{ printf "{\"text\":\""; head -c 1000000 /dev/zero | tr "\000" a; printf "\"}\n"; } >in
	grade -q -x "while read -r l; do echo \${#l}; done" in | grep -o "\"reward\":[0-9]*" >out &&
	echo "\"reward\":1000011" | cmp - out
'
ok 'a pattern that would take forever is given up: no reward, and the cause' '
	{ printf "{\"text\":\""; head -c 5000 /dev/zero | tr "\000" a; printf "cb\"}\n"; } >in
	grade -q --regex "^(a+)+b" in >out 2>err &&
	grep -q "\"reward\":null,\"rewards\":{\"regex\":null},\"ungraded\":{\"regex\":\"pattern takes too long\"}" out
'
ok 'texts made to be slow are not: some 6 MB each, all within 20 s of CPU time' '
	t() { printf "{\"answer\":\"B 7\",\"text\":\""; awk -v s="$1" "BEGIN { for (i = 0; i < 1000000; i++) printf \"%s\", s }"; printf "\"}\n"; }
	for s in "answer " "1,111," "#### " "<think>" "A B " "the a " "####\\\\n" \
		"\\\\\\\\frac{" "\\\\\\\\boxed{1" "= -" "**" "**1" "5 the the " "四五六" \
		"1 or " "A is " "twenty " "(1 "; do t "$s"; done >in
	sed "s/B 7/7/" in >in7
	for grader in "--number in" "--choice in" "--f1 in" \
		"--format think-answer in" "--number --rule strict in7"; do
		(ulimit -t 20; grade -q --strict $grader >out) &&
		test $(wc -l <out) = 18
	done
'
fails 2 'no grader' 'grade </dev/null' 'no grader'
ok 'length: tokens that were sampled, words or characters, in a range with a soft edge' '
	tokens() { printf "{\"text\":\"a bc  d\",\"ids\":[%s]%s}\n" "$1" "$2" >in; shift 2; got=$(grade -q --length "$@" in | sed "s/.*\"length\"://; s/}}//"); }
	tokens 1,2,3,4 "" 4-4 && test "$got" = 1
	tokens 1,2,3,4 "" 4 && test "$got" = 1
	tokens 1,2,3,4 "" 5-9 && test "$got" = 0
	tokens 1,2,3,4 "" 5- && test "$got" = 0
	tokens 1,2,3,4 "" 1- && test "$got" = 1
	tokens 1,2,3,4 "" 0-2 --edge 4 && test "$got" = 0.5
	tokens 1,2,3,4 "" 0-2 --edge 2 && test "$got" = 0
	tokens 1,2,3,4 "" 7-8 --edge 4 && test "$got" = 0.25
	tokens 1,2,3,4 ",\"mask\":[1,0,0,1]" 2-2 && test "$got" = 1
	tokens 1 "" 3-3 --unit words && test "$got" = 1
	tokens 1 "" 7-7 --unit characters && test "$got" = 1
	printf "{\"text\":\"äöü\"}\n" | grade -q --length 3-3 --unit characters | grep "\"reward\":1,"
	{ printf "{\"text\":\"a\",\"ids\":[1]}\n{\"text\":\"a\"}\n"; } | grade -q --length 1-3 2>err | grep "\"ungraded\":{\"length\":\"no ids\"}"
'
ok 'length: the penalty of DAPO for long answers, with a weight' '
	for n in 1 6 8 9 10 12; do echo "{\"text\":\"\",\"ids\":[$(seq -s , $n)]}"; done |
		grade -q --length 0-6 --edge 4 | sed "s/.*\"length\"://; s/}}//" | tr "\n" " " >got
	printf "1 1 0.5 0.25 0 0 " | cmp - got
'
for o in 5-3 a 1-b -1-2 3-4x; do
	fails 2 "a length that is no range: $o" "grade --length=$o </dev/null" 'is not FROM-TO'
done
for o in "--exact --rule last" "--number --letters AB" "--exact --timeout 3" \
	"-x cat --extract a"; do
	fails 2 "an option without effect: $o" "grade $o </dev/null" 'has no effect with'
done
fails 2 'a weight that overflows rewards' 'grade --exact -w 1e300 </dev/null' '--weight'
ok 'rewards beyond the range of float are refused, as input and output' '
	for r in 1e400 -1e400 1e39; do
		echo "{\"text\":\"5\",\"answer\":5,\"reward\":$r}" >in
		not env grade -q --number in 2>err
		grep "reward. is not a finite number" err
	done
	echo "{\"text\":\"5\"}" | not env grade -q -x "echo 1e30" -w 1e30 2>err
	grep "more than a trainer can read" err
'
fails 2 'a pattern that does not compile' 'grade --regex "a(" </dev/null' "--regex: 'a\\(': at character"
fails 1 'a missing file' 'grade --number nofile' 'nofile: cannot open'
fails 1 'a directory' 'mkdir dir; grade --number dir' 'is a directory'
fails 1 'standard input closed' 'grade --number <&-' 'standard input is closed'
if [ -w /dev/full ]; then
	fails 1 'a full disk' 'echo "{\"text\":\"5\",\"answer\":5}" | grade -q --number >/dev/full' 'cannot write'
fi
fails 1 'no answer in any line' 'echo "{\"text\":\"5\"}" | grade --number' "none of 1 rollouts has an 'answer' that --number can use"
fails 1 'a missing answer with --strict' '
	printf "%s\n" "{\"text\":\"5\",\"answer\":5}" "{\"text\":\"5\"}" | grade --number --strict
' "no 'answer' that --number can use"
ok 'a line without a usable answer is kept, without a reward, with the cause' '
	printf "%s\n" "{\"text\":\"5\",\"answer\":5}" "{\"text\":\"5\"}" "{\"text\":\"5\",\"answer\":\"none\"}" |
		grade --number >out 2>err
	printf "%s\n" "{\"text\":\"5\",\"answer\":5,\"reward\":1,\"rewards\":{\"number\":1}}" \
		"{\"text\":\"5\",\"reward\":null,\"rewards\":{\"number\":null},\"ungraded\":{\"number\":\"no usable answer\"}}" \
		"{\"text\":\"5\",\"answer\":\"none\",\"reward\":null,\"rewards\":{\"number\":null},\"ungraded\":{\"number\":\"no usable answer\"}}" |
		cmp - out
	grep "2 answers have no reward from .number.: no usable answer" err
	grep "rollouts=3 number=1.0000 full=1" err
	grade -q --regex 5 out 2>err | grep -c "\"reward\":null" | grep "^2\$"
	grade -q --regex 5 --replace out | grep -c "\"reward\":1,\"rewards\":{\"regex\":1},\"ungraded\":{}" | grep "^2\$"
'
fails 1 'a truncated line' 'printf "%s" "{\"text\":\"5" | grade --number' 'cut off'
ok 'bad lines are skipped and counted' '
	{ echo "{\"text\":\"5\",\"answer\":5}"; echo "{\"text\":3}"; printf "{\"text\":\"\377\"}\n"; echo "[]"; } >in
	grade -q --number in >out 2>err && test $(wc -l <out) = 1 && grep "skipped 3 invalid .* of 4 lines" err
'
fails 1 'with --strict they are fatal' '
	{ echo "{\"text\":3}"; } | grade -q --strict --number' "'text' is not a string"
ok 'empty input gives empty output' ': | grade -q --number >out && test ! -s out'
done_testing
