#!/bin/sh
# The proofs at the smallest sizes: each runs through and leaves its part of the page
# with its verdicts. Nothing is learned, so bars are missed, and run.sh says so.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'

export SEEDS=1 DEMO=tiny STEPS=4 SFT_STEPS=3 TEXTS=400 TESTED=24 ROUNDS=2 WITH_KL=2 GAMES=2 PLAYED=4 \
	EVERY=1 PAIRS=24 QUESTIONS=2 MOST=4 OFTEN=16 RARE=8 NEVER=8 REFUSE=2 LEARN=6 \
	LENGTH=16 CONTEXT=64
names='chat probe tokens rl nim rlhf best-of smollm'
echo "print(1)" | "$TOP/examples/tools/python" >sandbox 2>/dev/null &&
	names="$names tools"

ok 'small stand-ins: pages for the demo, problems, a model that chats' '
	mkdir -p proofs/demo/pages gsm8k
	for i in 1 2 3 4 5 6 7 8 9; do
		sed "s/the old wall/& of house $i$i$i/; s/garden/$i garden/" s/page.html \
			>proofs/demo/pages/$i.html
	done
	for i in $(seq 40); do
		printf "%s\n" "{\"question\": \"What is $i and 1?\", \"answer\": \"It is <<$i+1>>.\\n#### $((i + 1))\"}"
	done >gsm8k/train.jsonl
'
ok 'all run through; missed bars are an exit status of 1' '
	status=0
	SMOLLM="$PWD/s/chat" GSM8K="$PWD/gsm8k" \
		sh "$TOP/examples/proofs/run.sh" proofs $names >missed 2>log || status=$?
	[ $status = 1 ] || { tail log >&2; false; }
	grep -q "	NO$" missed
'
for name in $names; do
	ok "$name: a part, its verdicts, figures where there are bars" '
		cd proofs
		grep -q "^## " $name/part
		test -s $name/seconds
		[ "$(grep -c "^\`\`\`" $name/part)" -ge 2 ]
		[ $(($(grep -c "^\`\`\`" $name/part) % 2)) = 0 ]
		awk -F "\t" "NF != 4 || \$2 !~ /^-?[0-9.]+$/ { exit 1 }" $name/verdicts
	'
done
ok 'the page has a line for every verdict, and every part' '
	cd proofs
	for name in $names; do
		[ "$(grep -c "^$name	" index.txt)" = "$(wc -l <$name/verdicts)" ]
		title=$(sed -n "s/^## //p" $name/part | head -n 1)
		grep -qF "$title" index.html
	done
'
ok 'a single proof again, with one seed more, beside what the others left' '
	SEEDS="1 2" SMOLLM=none sh "$TOP/examples/proofs/run.sh" proofs tokens >missed 2>log ||
		[ $? = 1 ]
	not grep "pretraining, seed 1" log
	grep -q "pretraining, seed 2" log
	test "$(grep -c "^[12]	" proofs/tokens/part)" = 2
	grep -q "^nim	" proofs/index.txt
'
ok 'a seed that fails fails the proof' '
	status=0
	SEEDS="1 none" sh "$TOP/examples/proofs/run.sh" proofs tokens >missed 2>log || status=$?
	[ $status = 1 ]
	grep -q "^pretrain: .*none" log
	not test -e proofs/tokens/part
'
fails 2 'a name that is none' "sh '$TOP/examples/proofs/run.sh' proofs chess" "no proof is called 'chess'"
fails 2 'no directory' "sh '$TOP/examples/proofs/run.sh'" '^usage'
done_testing
