#!/bin/sh
# rmtrain: reward models from pairs, rankings and graded rollouts; grade with them.
. "${0%/*}/lib.sh"

awk 'BEGIN { split("red green blue black", w); for (i = 0; i < 3000; i++)
	printf "{\"text\":\"Pick some: %s %s\"}\n", w[1 + i * 7 % 4], w[1 + i * 5 % 4] }' >docs
bpe-train -q -n 300 -p gpt2 docs -o tok.json
tokenize -q -t tok.json docs | pretrain -q -j1 -o base --layers 2 --width 48 \
	--heads 4 --context 64 --batch 8 --steps 40 -t tok.json
awk 'BEGIN { split("red green blue black", w); for (i = 0; i < 100; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Pick some:\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", w[1 + i * 7 % 4] }' >conv
sft -q -j1 -m base -o chat --steps 150 --batch 4 conv

# Answers of one to six colours to many prompts; the better one has "blue".
cat >pairs.awk <<'END'
function words(blue,	n, at, i, s, one) {
	n = 1 + int(rand() * 6)
	at = 1 + int(rand() * n)
	for (i = 1; i <= n; i++) {
		one = w[1 + int(rand() * 3)]
		if (blue && i == at)
			one = "blue"
		s = i > 1 ? s " " one : one
	}
	return s
}
BEGIN {
	srand(seed)
	split("red green black", w)
	for (i = 0; i < n; i++)
		printf "{\"prompt\":\"Pick %d:\",\"chosen\":\"%s\",\"rejected\":\"%s\"}\n",
			i, words(1), words(0)
}
END
awk -v seed=1 -v n=500 -f pairs.awk >pairs
awk -v seed=2 -v n=200 -f pairs.awk >held
same() {	# DIR DIR
	for f in model.safetensors training.safetensors trainlog.tsv; do
		cmp "$1/$f" "$2/$f" || return 1
	done
}
value() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" "$2"; }	# NAME FILE

ok 'the loss and its gradient, by finite differences, any rows, two ranks' 'unit reward'

ok 'a preference is learned: at least .95 of held-out pairs' '
	rmtrain -m chat -o judge --val-file held pairs 2>err
	cat err
	test "$(value prompts err)" = 500
	test "$(value held_out err)" = 200
	awk "BEGIN { exit !($(value val_accuracy err) >= .95) }"
'
ok 'loss and accuracy of held-out pairs are in the log, the best is kept' '
	head -n 1 judge/trainlog.tsv | grep -q "accuracy	val_accuracy	bits$"
	column val_accuracy judge/trainlog.tsv | grep -v nan >seen
	column val_loss judge/trainlog.tsv | grep -v nan >losses
	test $(wc -l <seen) = $(wc -l <losses)
	test $(wc -l <seen) = 16
	test "$(tail -n 1 seen)" = "$(value val_accuracy err | sed "s/0*\$//")" ||
		close "$(tail -n 1 seen)" "$(value val_accuracy err)" 1e-4
	rmtrain -q -m chat -o short --lr 0.1 --val-file held --epochs 3 pairs
	best=$(column val_loss short/trainlog.tsv | grep -v nan | sort -g | head -n 1)
	rmtrain -q -m short/best -o again --lr 0 --val-file held --steps 1 pairs
	close "$(column val_loss again/trainlog.tsv | tail -n 1)" "$best" 1e-5
'
ok 'an untrained head gives a loss near log 2; margin and centering add to it' '
	rmtrain -q -m chat -o zero --steps 1 --lr 0 --batch 500 pairs
	base=$(column loss zero/trainlog.tsv)
	close "$base" "log(2)" 0.05
	sed "s/}\$/,\"margin\":2}/" pairs >wide
	rmtrain -q -m chat -o margin --steps 1 --lr 0 --batch 500 wide
	close "$(column loss margin/trainlog.tsv)" "log(1 + exp(2))" 0.2
	rmtrain -q -m zero -o centred --steps 1 --lr 0 --batch 500 --center 10 pairs
	awk "BEGIN { exit !($(column loss centred/trainlog.tsv) > $base) }"
'
ok 'centering keeps the scores around 0' '
	for c in 0 1; do
		rmtrain -q -m judge -o c$c --center $c --epochs 2 pairs
	done
	for c in 0 1; do
		sed "s/.*\"prompt\":\(\"[^\"]*\"\),\"chosen\":\(\"[^\"]*\"\),\"rejected\":\(\"[^\"]*\"\)}/{\"prompt\":\1,\"text\":\2}\n{\"prompt\":\1,\"text\":\3}/" held |
			grade -q --reward-model c$c | sed "s/.*\"reward\":\([^,}]*\).*/\1/" |
			awk "{ s += \$1 } END { m = s / NR; print m < 0 ? -m : m }" >mean$c
	done
	cat mean0 mean1
	awk "BEGIN { exit !($(cat mean1) < .2 && $(cat mean1) < $(cat mean0) + .05) }"
'
ok 'equal bytes on one thread and on two' '
	rmtrain -q -m chat -o j1 -j1 pairs
	rmtrain -q -m chat -o j2 -j2 pairs
	same j1 j2
'
ok 'the seed chooses the new head' '
	rmtrain -q -m chat -o s2 -s 2 pairs
	differ j1/model.safetensors s2/model.safetensors
	ckpt info --tensors j1 | grep -q "^score.weight	F32	1,48$"
	ckpt info j1 | grep -q "^head	reward$"
	not grep -q lm_head j1/model.safetensors
'
ok 'a killed run is resumed bit for bit' '
	long="-q -j1 --epochs 6 --val-file held"
	rmtrain $long -m chat -o whole pairs
	rmtrain $long --save-every 1 -m chat -o run pairs &
	pid=$!
	n=0
	while [ $n -lt 1000 ] && [ ! -e run/training.safetensors ]; do
		sleep .01; n=$((n + 1)); done
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	rmtrain --resume -o run
	same whole run
	cmp whole/best/model.safetensors run/best/model.safetensors
'
ok 'more epochs continue a run; its comparisons must be the same' '
	rmtrain --resume -o whole 2>err
	grep "the run is complete; more --steps or --epochs continue it" err
	s=0
	rmtrain -q --resume -o whole held 2>err || s=$?
	test $s = 1
	grep "trained on other data: it cannot resume" err
'
ok 'a reward model is trained further, with its own head' '
	rmtrain -q -m judge -o further --lr 0 --steps 1 pairs
	ckpt compare judge further --tolerance 0
'

# ---- formats ----
ok 'a pair as text, as messages and as two conversations is the same' '
	head -n 40 pairs >text
	sed "s/\"prompt\":\(\"[^\"]*\"\)/\"prompt\":[{\"role\":\"user\",\"content\":\1}]/; s/\"\(chosen\|rejected\)\":\(\"[^\"]*\"\)/\"\1\":[{\"role\":\"assistant\",\"content\":\2}]/g" text >messages
	awk -F "\"" "{ p = \"{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"\" \$4 \"\\\"}\"
		a = \"{\\\"role\\\":\\\"assistant\\\",\\\"content\\\":\\\"\"
		printf \"{\\\"chosen\\\":[%s,%s%s\\\"}],\\\"rejected\\\":[%s,%s%s\\\"}]}\\n\", p, a, \$8, p, a, \$12 }" text >whole.pairs
	for f in text messages whole.pairs; do
		rmtrain -q -m chat --force -o f.$f --batch 8 $f
	done
	cmp f.text/model.safetensors f.messages/model.safetensors
	cmp f.text/model.safetensors f.whole.pairs/model.safetensors
'
rank() { printf '{"prompt":"Pick:","answers":["blue","red","green","black"],%s}\n' "$1"; }
ok 'ranks and scores give the same comparisons; ties give none' '
	rank "\"ranks\":[1,2,2,3]" >ranks
	rank "\"scores\":[0.9,0.5,0.5,0]" >scores
	for f in ranks scores; do
		rmtrain -m chat --force -o r.$f --epochs 60 --lr 0.01 $f 2>err
		grep "prompts=1 comparisons=5 " err
	done
	cmp r.ranks/model.safetensors r.scores/model.safetensors
	for w in red blue black; do
		echo "{\"prompt\":\"Pick:\",\"text\":\"$w\"}"
	done | grade -q --reward-model r.ranks | sed "s/.*\"reward\":\([^,}]*\).*/\1/" >order
	cat order
	sort -gr order | tail -n 2 | cmp - - <<-X
	$(sed -n 1p order)
	$(sed -n 3p order)
	X
'
ok 'the ranked answers to each turn of a tree' '
	node() { printf "{\"role\":\"%s\",\"text\":\"%s\",\"rank\":%s,\"replies\":[%s]%s}" "$@"; }
	a=$(node assistant red 1 "" ""),$(node assistant blue 0 "" "")
	b=$(node prompter "Pick more:" null "$(node assistant green 0 "" ""),$(node assistant black 1 "" "")" "")
	{ node prompter "Pick:" null "$a,$(node assistant black 2 "$b" "")" ""; echo; } >tree
	printf "{\"prompt\":%s,\"message_tree_id\":1}\n" "$(cat tree)" >tree2
	{ rank "\"ranks\":[1,0,2]" | sed "s/\"blue\",\"red\",\"green\",\"black\"/\"red\",\"blue\",\"black\"/"
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Pick:\"},{\"role\":\"assistant\",\"content\":\"black\"},{\"role\":\"user\",\"content\":\"Pick more:\"}],\"answers\":[\"green\",\"black\"],\"ranks\":[0,1]}\n"; } >as.ranks
	for f in tree tree2 as.ranks; do
		rmtrain -m chat --force -o t.$f $f 2>err
		grep "prompts=2 comparisons=4 " err
		cmp t.tree/model.safetensors t.$f/model.safetensors
	done
	{ node prompter "Pick:" null "$a" "" | sed "s/blue/red/"; echo; } >flat.tree
	fail=0
	rmtrain -q -m chat -o x --strict flat.tree 2>err || fail=$?
	test $fail = 1
	grep "flat.tree:1: .*no two answers that differ" err
	sed "s/\"green\"/\"\"/" tree >empty.tree
	rmtrain -m chat --force -o t.tree empty.tree 2>err
	grep "prompts=1 comparisons=3 " err
	grep "1 turns of trees are left out" err
'
ok 'a prompt with many comparisons weighs as much as a pair' '
	rank "\"ranks\":[1,2,3,4]" >many
	head -n 1 pairs >one
	cat many one >both
	for f in many one both; do
		rmtrain -q -m chat --force -o w.$f --steps 1 --lr 0 $f
		column loss w.$f/trainlog.tsv >loss.$f
	done
	close "$(cat loss.both)" "($(cat loss.many) + $(cat loss.one)) / 2" 1e-6
'
ok 'a prompt whose answers are all equal counts for nothing' '
	rank "\"ranks\":[1,1,1,1]" | sed "s/Pick/Say/" >first
	for w in red green black; do
		printf "{\"prompt\":\"Pick:\",\"chosen\":\"blue\",\"rejected\":\"%s\"}\n" $w
	done | cat first - >after.equal
	rmtrain -m chat -o equal --batch 1 --epochs 1 after.equal 2>err
	cat err
	grep "prompts=1 comparisons=3 .* steps=1 " err
'
ok 'pairs with the same prompt are in one update, and held out together' '
	for w in red green black; do
		printf "{\"prompt\":\"Pick:\",\"chosen\":\"blue\",\"rejected\":\"%s\"}\n" $w
	done >same.pairs
	rmtrain -m chat -o together --batch 1 --epochs 2 same.pairs 2>err
	grep "prompts=1 comparisons=3 .* steps=2 " err
	for i in 1 2 3 4 5 6 7 8; do
		sed "s/Pick/Pick $i/" same.pairs
	done >more.pairs
	rmtrain -m chat -o apart --val-share .5 more.pairs 2>err
	cat err
	n=$(value held_out err)
	test $((n % 3)) = 0
	test "$n" -gt 0
	test $(($(value comparisons err) + n)) = 24
'
printf '{"id":1,"messages":[{"role":"user","content":"Pick some:"}]}\n{"id":2,"messages":[{"role":"user","content":"Pick 2:"}]}\n' >prompts
rlsample -q -j1 -m chat -N 24 -n 8 <prompts >rollouts
ok 'graded rollouts: any two of a group that differ in reward' '
	grade -q --regex "blue" rollouts >graded
	rmtrain -m chat -o colours --epochs 40 graded 2>err
	cat err
	awk "BEGIN { exit !($(value accuracy err) >= .9) }"
	awk "{ id = \$0; sub(/.*\"id\":/, \"\", id); sub(/,.*/, \"\", id)
		r = (\$0 ~ /\"reward\":1/); n[id, r]++ }
		END { print n[1, 0] * n[1, 1] + n[2, 0] * n[2, 1] }" graded >want
	cat want
	test "$(value comparisons err)" = "$(cat want)"
'
ok 'the same as text: the ids that the template gives' '
	sed "s/\"prompt_ids\":.*\"stop\"/\"stop\"/" graded |
		sed "s/^{\"id\":1,/{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Pick some:\"}],/; s/^{\"id\":2,/{\"id\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Pick 2:\"}],/" >astext
	whole="\"stop\":\"eos\",\"text\":\"\(red\|green\|blue\|black\)\""
	grep "$whole" astext >finished
	grep "$whole" graded >finished.ids
	grade -q --reward-model judge --name rm finished | sed "s/.*\"rm\":\([^,}]*\).*/\1/" >a
	grade -q --reward-model judge --name rm finished.ids | sed "s/.*\"rm\":\([^,}]*\).*/\1/" >b
	test $(sort -u a | wc -l) -ge 3
	cmp a b
'

# ---- what is wrong ----
bad() {	# NAME LINE REGEX
	printf '%s\n' "$2" >bad.line
	fails 1 "$1" 'rmtrain -q -m chat -o x --strict bad.line' "bad.line:1: .*$3"
	ok "$1: skipped and counted" '
		{ head -n 4 pairs; cat bad.line; } >some
		rmtrain -m chat --force -o some.d some 2>err
		grep "comparisons=4 " err
		grep "1 .*some:5" err
	'
}
bad 'a missing rejected answer' '{"prompt":"q","chosen":"a"}' "one of 'chosen' and 'rejected' is missing"
bad 'a missing chosen answer' '{"prompt":"q","rejected":"a"}' "one of 'chosen' and 'rejected' is missing"
bad 'equal answers' '{"prompt":"q","chosen":"a","rejected":"a"}' 'both answers are the same'
bad 'an empty answer' '{"prompt":"q","chosen":"","rejected":"a"}' 'an empty answer'
bad 'a margin of text' '{"prompt":"q","chosen":"b","rejected":"a","margin":"x"}' "'margin' is not a finite"
bad 'a margin of 1e400' '{"prompt":"q","chosen":"b","rejected":"a","margin":1e400}' "'margin' is not a finite"
bad 'a margin of NaN' '{"prompt":"q","chosen":"b","rejected":"a","margin":NaN}' 'byte'
bad 'equal ranks' '{"prompt":"q","answers":["a","b"],"ranks":[1,1]}' 'no two answers that differ in rank'
bad 'too few ranks' '{"prompt":"q","answers":["a","b"],"ranks":[1]}' "'ranks' or 'scores' is not"
bad 'too many ranks' '{"prompt":"q","answers":["a","b"],"ranks":[1,2,3]}' "'ranks' or 'scores' is not"
bad 'no ranks' '{"prompt":"q","answers":["a","b"]}' "neither 'ranks' nor 'scores'"
bad 'one answer' '{"prompt":"q","answers":["a"],"ranks":[1]}' 'two answers or more'
bad 'an answer that is no text' '{"prompt":"q","answers":["a",5],"ranks":[1,2]}' '.'
bad 'a document' '{"text":"q"}' 'none of the keys chosen, answers, reward, replies'
bad 'ids of another tokenizer' '{"prompt_ids":[5],"ids":[100000],"reward":1}' 'ids of another tokenizer'
bad 'ids that do not spell the text' '{"prompt_ids":[5],"ids":[6],"text":"something else","reward":1}' 'ids of another tokenizer'
ok 'an answer that is longer than the context' '
	long=$(printf "red %.0s" $(seq 100))
	printf "{\"prompt\":\"q\",\"chosen\":\"%s\",\"rejected\":\"a\"}\n" "$long" >long
	head -n 4 pairs >>long
	rmtrain -m chat -o long.d long 2>err
	grep "longer than the model.s context" err
	grep "comparisons=4 " err
'
ok 'rollouts without rewards and flat groups are counted' '
	{ head -n 10 rollouts; sed "s/\"text\"/\"reward\":1,\"text\"/; s/\"id\":2/\"id\":3/" rollouts | tail -n 8
	head -n 2 pairs; } >mixed
	rmtrain -m chat -o mixed.d mixed 2>err
	cat err
	grep "10 rollouts without a reward are left out" err
	grep "1 groups of rollouts without two different answers of different reward" err
	grep "comparisons=2 " err
'
fails 1 'rollouts that were not graded' 'rmtrain -m chat -o x rollouts' 'no comparison to learn from: .*grade'
fails 1 'an answer graded in two ways is no comparison' '
	r="\"prompt_ids\":[5],\"ids\":[6]"
	printf "{%s,\"reward\":1}\n{%s,\"reward\":0}\n" "$r" "$r" | rmtrain -m chat -o x
' 'no comparison to learn from'
fails 1 'empty input' 'rmtrain -m chat -o x' 'no comparison to learn from'
fails 2 'no -m' 'rmtrain -o x pairs' 'no model: give -m'
fails 2 'no -o' 'rmtrain -m chat pairs' 'no output directory: give -o'
for o in '--batch 0' '--epochs 0' '--center -1' '--center nan' '--val-share 1' '--val-share -.1'; do
	fails 2 "out of range: $o" "rmtrain -m chat -o x $o pairs" ": (-?[0-9.e+]+ is not |.nan. is no)"
done
fails 2 'two kinds of validation' 'rmtrain -m chat -o x --val-share .1 --val-file held pairs' 'give one of them'

# ---- programs and heads ----
for c in 'generate -m judge hi' 'score -m judge docs' 'rlsample -m judge prompts' \
	'sft -m judge -o x conv' 'rltrain -m judge -o x graded' \
	'rltrain -m chat -o x --kl 1 --ref judge graded' \
	'pretrain -m judge -o x -t tok.json --steps 1 tokens'; do
	fails 1 "$c: a reward model is named" "tokenize -q -t tok.json docs >tokens; $c" \
		'judge: a reward model, which rmtrain and grade --reward-model read'
done
fails 1 'grade needs a reward model' 'grade --reward-model chat rollouts' 'chat: a language model, without the score'
for out in x.gguf x.bin; do
	fails 1 "ckpt convert to $out" "ckpt convert judge $out" 'judge: a reward model, whose score only a directory holds'
done
ok 'ckpt converts to a directory, compares and averages' '
	ckpt convert --type bf16 judge half
	ckpt compare judge half --tolerance 0.01
	ckpt average -o mean judge judge
	ckpt compare judge mean --tolerance 1e-6
	not ckpt compare judge chat --tolerance 1 2>/dev/null
'
fails 1 'a classifier with more classes' '
	cp -r judge classes
	sed -i "s/\"0\": \"LABEL_0\"/\"0\": \"a\", \"1\": \"b\"/" classes/config.json
	grade --reward-model classes rollouts
' 'a classifier with 2 classes; only reward models, which have one'

# ---- grading ----
ok 'grade: scores do not depend on threads, on batches or on other answers' '
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat rollouts; done >lots
	grade -q -j1 --reward-model judge lots >j1.out
	grade -q -j2 --reward-model judge lots >j2.out
	cmp j1.out j2.out
	head -n 7 lots | grade -q --reward-model judge >few.out
	head -n 7 j1.out | cmp - few.out
	for i in 1 2 3; do
		sed -n ${i}p lots | grade -q --reward-model judge
	done >single.out
	head -n 3 j1.out | cmp - single.out
'
ok 'grade: lines stay in order, unchanged but for the reward' '
	not grep null j1.out
	sed "s/,\"reward\".*/}/" j1.out | cmp - lots
'
ok 'grade: name, weight and rewards of other graders' '
	grade -q --regex blue rollouts | grade -q --reward-model judge -w 2 --name judge >two
	sed "s/.*\"reward\":\([^,]*\),\"rewards\":{\"regex\":\([^,]*\),\"judge\":\([^}]*\)}.*/\1 \2 \3/" two |
		awk "{ d = \$1 - \$2 - 2 * \$3; if (d > 1e-6 || d < -1e-6) exit 1 }"
	grade -q --reward-model judge rollouts | head -n 1 | grep "\"rewards\":{\"reward-model\":"
'
ok 'grade: what cannot be scored has no reward, and says why' '
	long=$(printf "red %.0s" $(seq 100))
	{ printf "{\"prompt\":\"q\",\"text\":\"%s\"}\n" "$long"
	echo "{\"text\":\"blue\"}"
	echo "{\"prompt_ids\":[5],\"ids\":[6],\"text\":\"other\"}"
	echo "{\"prompt\":5,\"text\":\"a\"}"
	echo "{\"prompt\":\"q\",\"text\":\"blue\"}"; } >odd
	grade --reward-model judge odd >odd.out 2>err
	cat err
	test $(wc -l <odd.out) = 5
	test $(grep -c "\"reward\":null" odd.out) = 4
	sed -n 1p odd.out | grep "\"ungraded\":{\"reward-model\":\"longer than the reward model.s context\"}"
	sed -n 2p odd.out | grep "\"ungraded\":{\"reward-model\":\"no prompt as text, and no ids\"}"
	sed -n 3p odd.out | grep "\"ungraded\":{\"reward-model\":\"ids of another tokenizer"
	grep "have no reward from .reward-model.: longer than the reward model.s context" err
'
ok 'grade: with other graders in one run, as in a pipe' '
	grade -q --reward-model judge --regex blue -w reward-model=.5 rollouts |
		sed "s/\"rewards\":.*//" >one
	grade -q --regex blue rollouts | grade -q --reward-model judge -w .5 |
		sed "s/\"rewards\":.*//" >pipe
	cmp one pipe
'
fails 2 'grade: --extract' 'grade --reward-model judge --extract a rollouts' 'has no effect without a grader by rule'
ok 'none of these leaves a partial file' '[ ! -e x ] && [ -z "$(find . -name "*.tmp.*")" ]'
done_testing
