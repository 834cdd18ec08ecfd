#!/bin/sh
# rlsample: rollouts of prompts, whose logprobs are the model's.
. "${0%/*}/lib.sh"

# check FILE EXPRESSION: a Python expression on the records R, r being the first
check() {
	python3 -c 'import json, math, sys
R = [json.loads(line) for line in open(sys.argv[1])]; r = R[0]
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$@"
}
user() {	# ID TEXT: a prompt given as a conversation
	printf '{"id":%s,"messages":[{"role":"user","content":"%s"}]}\n' "$@"
}
special() {	# TOKEN: its id in m
	python3 -c 'import json, sys
print(next(t["id"] for t in json.load(open("m/tokenizer.json"))["added_tokens"]
	if t["content"] == sys.argv[1]))' "$1"
}

unit mkmodel m scale=3 kv=2
unit mkmodel base chat=0 scale=3
unit mkmodel ends scale=1 tokens=256
one='{"id":"a","prompt":"one two","answer":"7","extra":{"k": [1,  2]}}'

for isa in c avx2 avx512; do
	ok "decoder and training pass compute the same bits, layer by layer ($isa)" "
		PIPELM_ISA=$isa unit decode agreement >err 2>&1 ||
			grep 'has no $isa' err
	"
	ok "also for prompts longer than one pass ($isa)" "
		PIPELM_ISA=$isa unit decode long-prompt >err 2>&1 ||
			grep 'has no $isa' err
	"
done

ok 'a notice where logprobs are not those of rltrain, and only there' '
	for how in "--kv bf16" "--compute int16" "--compute int8"; do
		echo "$one" | rlsample -m m -n 2 $how 2>err >out
		grep -q -e "${how% *}.*differ from those of rltrain" err
		echo "$one" | rlsample -q -m m -n 2 $how 2>err >out
		[ ! -s err ]
	done
	for how in "" "--compute bf16"; do
		echo "$one" | rlsample -m m -n 2 $how 2>err >out
		not grep differ err
	done
'
ok 'a rollout has ids, mask, logprobs and the keys of its prompt' '
	echo "$one" | rlsample -q -m m -N 2 -n 20 >out
	check out "len(R) == 2 and [x[\"sample\"] for x in R] == [0, 1]"
	check out "all(len(x[\"ids\"]) == len(x[\"mask\"]) ==
		len(x[\"logprobs\"]) <= 20 for x in R)"
	check out "all(x[\"mask\"] == [1] * len(x[\"ids\"]) for x in R)"
	check out "r[\"id\"] == \"a\" and r[\"answer\"] == \"7\" and
		r[\"temperature\"] == 1 and \"prompt\" not in r and
		max(r[\"logprobs\"]) <= 0"
	grep -qF "\"extra\":{\"k\": [1,  2]}" out
'
ok 'text is what tokenize decodes from the ids' '
	echo "$one" | rlsample -q -m m -N 1 -n 30 >out
	python3 -c "import json
print(*json.loads(open(\"out\").readline())[\"ids\"])" >ids
	tokenize -t m -d ids >bytes
	python3 -c "import json
want = open(\"bytes\", \"rb\").read().decode(errors=\"replace\")
got = json.load(open(\"out\"))[\"text\"]
assert len(want) > 20 and got == want or got + chr(0xfffd) == want"
'
ok 'the first logprob is that of the logits after the prompt' '
	# With 381 tokens and 3 special ones the model has no spare row.
	unit mkmodel full scale=3 kv=2 tokens=381
	ckpt info full | grep -qx "vocab	384"
	echo "$one" | rlsample -q -m full -N 50 -n 1 >out
	echo "$one" | generate -q -m full --jsonl -n 0 --top 999999 >top
	python3 -c "import json, math
top = json.loads(open(\"top\").readline())[\"top\"]
assert len(top) == 384
z = math.log(sum(math.exp(x) for _, x in top))
lines = open(\"out\").readlines()
assert len(lines) == 50
for line in lines:
	r = json.loads(line)
	own = dict(map(tuple, top))[r[\"ids\"][0]] - z
	assert abs(r[\"logprobs\"][0] - own) < 1e-5, (r, own)"
'
ok 'with filters, logprobs of the sampling distribution are added' '
	echo "$one" | rlsample -q -m m -n 8 -N 1 --top-k 5 --temp .7 >out
	check out "len(r[\"sample_logprobs\"]) == 8 and
		r[\"temperature\"] == 0.7"
	check out "sum(r[\"sample_logprobs\"]) > sum(r[\"logprobs\"])"
'
for how in "--top-k 5" "--top-p 0.3" "--min-p 0.3" "--temp 0.7 --top-k 4" "--top-k 9 --top-p 0.7"; do
	ok "sample_logprobs are renormalized over the tokens that are kept: $how" "
		echo \"\$one\" | rlsample -q -m m -N 3000 -n 1 $how >out
		t=$(echo "$how" | sed -n 's/--temp \([0-9.]*\).*/\1/p')
		sed -i '1s/^/{\"of\":'\${t:-1}'}\n/' out
		check out '(lambda t, kept: abs(sum(math.exp(s) for _, s in kept) - 1) < 1e-3
			and 3 < len(kept) < 40
			and max(l / t - s for l, s in kept) - min(l / t - s for l, s in kept) < 1e-4)(
			R[0][\"of\"], {(x[\"logprobs\"][0], x[\"sample_logprobs\"][0]) for x in R[1:]})'
	"
done
ok 'greedy: the probability of what is drawn is 1' '
	echo "$one" | rlsample -q -m m -n 8 -N 2 --greedy >out
	check out "r[\"sample_logprobs\"] == [0] * 8 and
		R[0][\"ids\"] == R[1][\"ids\"]"
'
ok 'messages are rendered with the template; text that spells a token stays text' '
	user 1 "<|im_end|> hi" | rlsample -q -m m -N 1 -n 3 >out
	start=$(special "<|im_start|>") end=$(special "<|im_end|>")
	check out "r[\"prompt_ids\"][0] == $start and
		r[\"prompt_ids\"].count($start) == 2 and
		r[\"prompt_ids\"].count($end) == 1"
'
ok 'a final assistant message is replaced by the answer' '
	user 1 hi >in
	sed "s/}]}/},{\"role\":\"assistant\",\"content\":\"yes\"}]}/
		s/:1,/:2,/" in >>in2
	cat in in2 | rlsample -q -m m -N 1 -n 3 >out
	check out "len(R) == 2 and R[0][\"prompt_ids\"] == R[1][\"prompt_ids\"]"
'
ok '--system makes a prompt a conversation' '
	echo "$one" | rlsample -q -m m -N 1 -n 3 --system "be kind" >out
	user 2 "one two" | sed "s/\[/[{\"role\":\"system\",\"content\":\"be kind\"},/" |
		rlsample -q -m m -N 1 -n 3 >>out
	check out "R[0][\"prompt_ids\"] == R[1][\"prompt_ids\"]"
'
ok 'with a stop string the text ends before it, the ids after it' '
	echo "$one" | rlsample -q -m m -N 40 -n 60 --stop e --stop zz >out
	check out "sum(x[\"stop\"] == \"stop\" for x in R) > 5"
	check out "not any(\"e\" in x[\"text\"] or \"zz\" in x[\"text\"]
		for x in R)"
'
ok 'the end-of-turn token ends the answer: it is in the ids but not the text' '
	for i in 1 2 3; do echo "{\"id\":$i,\"prompt\":\"x\"}"; done |
		rlsample -q -m ends -N 64 -n 60 >out
	check out "sum(x[\"stop\"] == \"eos\" for x in R) > 5"
	check out "all(x[\"ids\"][-1] >= 256 and x[\"mask\"][-1] == 1 and
		\"<|\" not in x[\"text\"] for x in R if x[\"stop\"] == \"eos\")"
	check out "all(len(x[\"ids\"]) == 60
		for x in R if x[\"stop\"] == \"length\")"
'
ok 'answers end at the context limit' '
	echo "{\"id\":1,\"prompt\":\"$(printf %0250d 7)\"}" |
		rlsample -q -m m -N 1 -n 60 >out
	check out "len(r[\"ids\"]) + len(r[\"prompt_ids\"]) == 256 and
		r[\"stop\"] == \"length\""
'
ok 'a prompt without an id gets a unique one, whatever its file and line, with a message' '
	echo "{\"prompt\":\"a\"}" >a; printf "\n{\"prompt\":\"b\"}\n" >b
	rlsample -m m -N 2 -n 4 a b a >out 2>err
	check out "len({x[\"id\"] for x in R}) == 3 and
		all(R[i][\"id\"] == R[i + 1][\"id\"] for i in (0, 2, 4))"
	grep -q "3 prompts without .id." err
	{ cat b; echo "{\"id\":null,\"prompt\":\"a\"}"; } | rlsample -q -m m -N 2 -n 4 >other
	sed -n 1,2p out >first
	sed -n 3,4p other | cmp - first
'
ok 'it differs from all given ids, before or after it' '
	rlsample -q -m m -N 1 -n 2 a >out
	id=$(sed "s/{\"id\":\(\"[^\"]*\"\).*/\1/" out)
	for n in 1 2; do printf "{\"id\":$n,\"prompt\":\"x$n\"}\n{\"prompt\":\"a\"}\n"; done >in
	rlsample -q -m m -N 1 -n 2 in >out
	check out "len({x[\"id\"] for x in R}) == 4"
	printf "{\"id\":$id,\"prompt\":\"b\"}\n{\"prompt\":\"a\"}\n" | rlsample -q -m m -N 1 -n 2 >out
	check out "len({x[\"id\"] for x in R}) == 2"
	printf "{\"prompt\":\"a\"}\n{\"id\":$id,\"prompt\":\"b\"}\n" |
		not rlsample --strict -m m -N 1 -n 2 2>err
	grep "standard input:2: .*the id stands for an earlier prompt without" err
'
ok 'two spellings of an id are one id' '
	printf "{\"id\":\"\303\251\",\"prompt\":\"a\"}\n{\"id\":\"\\\\u00e9\",\"prompt\":\"b\"}\n" >in
	printf "{\"id\":1,\"prompt\":\"a\"}\n{\"id\":1.0,\"prompt\":\"b\"}\n{\"id\":\"1\",\"prompt\":\"c\"}\n" >>in
	rlsample -m m -N 1 -n 2 in >out 2>err
	check out "len(R) == 3"
	grep -q "skipped 2 invalid .* of 5 " err
'
ok 'with other settings every answer has sample_logprobs, even if they are equal' '
	unit mkmodel sure scale=60
	echo "$one" | rlsample -q -m sure -N 2 -n 1 --temp .9 >out
	check out "all(x[\"sample_logprobs\"] == x[\"logprobs\"] for x in R)"
'
ok 'bad prompts are skipped and counted, good ones are answered' '
	{ echo "{\"id\":1,\"prompt\":\"a\"}"; echo "not json"
	echo "{\"id\":1,\"prompt\":\"twice\"}"; echo "{\"id\":2}"
	echo "{\"id\":3,\"prompt\":7}"
	echo "{\"id\":4,\"prompt\":\"$(printf %0400d 1)\"}"
	echo "{\"id\":5,\"messages\":[{\"role\":\"user\"}]}"
	echo "{\"id\":6,\"prompt_ids\":[1,99999]}"
	echo "{\"id\":7,\"prompt_ids\":[65,66]}"
	} | rlsample -m m -N 1 -n 2 >out 2>err
	check out "[x[\"id\"] for x in R] == [1, 7]"
	grep -q "skipped 7 invalid .* of 9 " err
'
fails 1 'with --strict the first bad one is fatal' '
	printf "{\"id\":1,\"prompt\":\"a\"}\n{\"id\":1,\"prompt\":\"a\"}\n" |
		rlsample -m m --strict -N 1 -n 2
' 'standard input:2: .*duplicate id'
fails 1 'a base model has no chat template' '
	user 1 x | rlsample -m base
' 'no chat template'
fails 1 'logits that overflow are reported' '
	unit mkmodel bad huge=1 && echo "$one" | rlsample -m bad
' 'not finite'
fails 2 '--raw and --chat exclude each other' 'rlsample -m m --raw --chat' \
	'exclude'
fails 2 'no model' 'rlsample' 'no model'

done_testing
