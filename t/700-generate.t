#!/bin/sh
# generate: text, ids and logits from a prompt.
. "${0%/*}/lib.sh"


# check FILE EXPRESSION: a Python expression on the records R, r being the first
check() {
	python3 -c 'import json, math, sys
R = [json.loads(line) for line in open(sys.argv[1])]; r = R[0]
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$@"
}

unit mkmodel m scale=3 kv=2 tokens=900
unit mkmodel g arch=gpt2 scale=2
unit mkmodel base chat=0 scale=3

ok 'greedy ids are those of the training forward pass, one token at a time' '
	echo "{\"prompt\":\"some words\"}" |
		generate -q -m m --jsonl --greedy -n 12 --top 1 --ignore-eos >out
	python3 - <<-X
	import json, subprocess
	r = json.load(open("out"))
	ids = list(r["prompt_ids"])
	for want in r["ids"]:
	    line = json.dumps({"prompt_ids": ids})
	    p = subprocess.run("generate -q -m m --jsonl -n 0 --top 1".split(),
	        input=line, capture_output=True, text=True, check=True)
	    assert json.loads(p.stdout)["top"][0][0] == want
	    ids.append(want)
	X
'
ok 'the prompt may be an operand or standard input' '
	generate -q -m m --greedy -n 20 "some words" >a
	printf "some words\n" | generate -q -m m --greedy -n 20 >b
	printf "some words\n" | generate -q -m m --greedy -n 20 - >c
	[ -s a ] && cmp a b && cmp a c
'
ok 'the streamed text is that of --jsonl' '
	for seed in 1 2 3 4 5; do
		generate -q -m m -s $seed -n 50 "some words" >a
		echo "{\"prompt\":\"some words\"}" |
			generate -q -m m -s $seed -n 50 --jsonl >b
		python3 -c "import json
a = open(\"a\", \"rb\").read()
b = json.load(open(\"b\"))[\"text\"]
assert a[-1:] == b\"\n\" and a[:-1].decode(errors=\"replace\") == b"
	done
'
ok '--top lists logits, largest first; their softmax gives --logprobs' '
	echo "{\"prompt\":\"x\"}" |
		generate -q -m m --jsonl --greedy -n 3 --top 5 --logprobs >out
	check out "len(r[\"top\"]) == 5 and r[\"top\"][0][0] == r[\"ids\"][0] and
		sorted([x for _, x in r[\"top\"]], reverse=True) ==
			[x for _, x in r[\"top\"]]"
'
ok 'ids in and ids out, in the format of tokenize' '
	generate -q -m m --greedy -n 9 "some words" >text
	printf "some words" | tokenize -q -t m -r -a - >ids
	generate -q -m m --ids --greedy -n 9 <ids >more
	[ "$(wc -w <more)" = 9 ]
	tokenize -q -t m -d more >a
	echo >>a
	cmp a text
'
ok '--ids --echo: a line of ids, those of the prompt first' '
	echo "104 105  32" | generate -q -m m --ids --greedy -n 6 >alone
	echo "104 105  32" | generate -q -m m --ids --greedy -n 6 --echo >with
	sed "s/^/104 105 32 /" alone | cmp - with
	echo "104 105  32" | generate -q -m m --ids --greedy -n 6 -N 3 --echo >three
	{ cat with; echo ---; cat with; echo ---; cat with; } | cmp - three
'
ok '--echo: each of several answers starts with the prompt' '
	generate -q -m m -n 9 -N 3 "some words" >plain
	generate -q -m m -n 9 -N 3 --echo "some words" >with
	python3 -c "
plain, echo = (open(f, \"rb\").read().split(b\"\\n---\\n\") for f in (\"plain\", \"with\"))
assert len(plain) == 3 and echo == [b\"some words\" + p for p in plain]"
'
ok '--ids --logprobs: a prompt of ids gives lines of logprobs' '
	generate -q -m m -n 9 --logprobs hi >a
	printf hi | tokenize -q -t m -r -a - >ids
	generate -q -m m -n 9 --logprobs --ids <ids | cmp - a
	[ "$(wc -l <a)" = 9 ]
'
fails 2 '--logprobs --echo would mix two formats' \
	'generate -m m --logprobs --echo x' '.--echo does not go with --logprobs'
fails 2 '--ids --chat would ignore one of them' \
	'generate -m m --ids --chat 1' '.--ids: the prompt is ids already'
ok 'a text does not depend on other prompts, nor on its position' '
	for p in "the cat" "a dog" x "the cat" x; do
		echo "{\"prompt\":\"$p\"}"
	done >five
	generate -q -m m --jsonl -n 20 -N 2 five >all
	echo "{\"prompt\":\"a dog\"}" | generate -q -m m --jsonl -n 20 -N 2 >dog
	sed -n "3,4p" all | cmp - dog
	generate -q -m m -n 20 "a dog" >text
	python3 -c "import json
assert json.loads(open(\"dog\").readline())[\"text\"] + \"\\n\" == \
	open(\"text\", errors=\"replace\").read()"
	sed -n "3p; 5p" five | generate -q -m m --jsonl -n 20 -N 2 >x
	sed -n "5,6p; 9,10p" all | cmp - x
	# A repeated prompt should give another answer.
	[ "$(sort -u all | wc -l)" = 10 ]
'
ok 'ids need no tokenizer; answers of a model without a tokenizer have no text' '
	# No spare rows, which only the tokenizer distinguishes from tokens.
	unit mkmodel full tokens=509
	cp -r full bare; rm bare/tokenizer*.json
	for p in "[104,105]" "[1]"; do
		echo "{\"id\":7,\"prompt_ids\":$p}"
	done >in
	generate -q -m full --jsonl --greedy -n 9 --logprobs --top 3 in >with
	generate -q -m bare --jsonl --greedy -n 9 --logprobs --top 3 in >without
	python3 -c "import json
for a, b in zip(*([json.loads(x) for x in open(f)] for f in (\"with\", \"without\"))):
    n = len(a[\"ids\"])
    assert b[\"text\"] is None and b[\"ids\"][:n] == a[\"ids\"], (a, b)
    assert b[\"top\"] == a[\"top\"] and b[\"id\"] == 7"
	[ "$(wc -l <without)" = 2 ]
	echo "104 105" | generate -q -m full --ids --greedy -n 9 >a
	echo "104 105" | generate -q -m bare --ids --greedy -n 9 | cmp - a
	generate -q -m bare --ids --logprobs --greedy -n 1 104 | grep -q "	null$"
'
fails 1 'a text prompt needs it, and the missing file is named' '
	{ cat in; echo "{\"prompt\":\"x\"}"; } | generate -m bare --jsonl -n 2
' 'bare/tokenizer.json: missing'
fails 1 'so does --stop' 'generate -m bare --jsonl --stop x in' \
	'bare/tokenizer.json: missing'
ok '-N gives that many answers, the first ones as with a smaller N' '
	generate -q -m m -n 9 -N 3 "some words" >three
	[ "$(grep -c "^---$" three)" = 2 ]
	generate -q -m m -n 9 "some words" >one
	head -c "$(wc -c <one)" three | cmp - one
'
ok '--logprobs: one token per line' '
	generate -q -m m -n 9 --ignore-eos --logprobs "some words" >out
	[ "$(wc -l <out)" = 9 ]
	awk -F"\t" "NF != 3 || \$1 > 0 { bad = 1 } END { exit bad }" out
'
ok '--stop ends before the stop string, also across tokens' '
	generate -q -m m -s 3 -n 60 "some words" >whole
	stop=$(tr -cd "[:alpha:] " <whole | cut -c 5-7)
	python3 - <<-X
	import subprocess
	whole = open("whole", "rb").read()[:-1]
	for at in range(2, len(whole) - 3):
	    stop = whole[at:at + 3]
	    if min(stop) < 33 or max(stop) > 126: continue
	    p = subprocess.run(["generate", "-q", "-m", "m", "-s", "3", "-n",
	        "60", "--stop", stop, "some words"], capture_output=True)
	    want = whole[:whole.index(stop)] + b"\n"
	    assert p.stdout == want, (stop, p.stdout, want)
	X
'
ok 'the same seed gives the same text, another seed another text' '
	for s in 1 1 2; do generate -q -m m -s $s -n 30 "some words"; done >out
	[ "$(sort -u out | wc -l)" -ge 2 ]
	generate -q -m m -s 1 -n 30 x >a
	generate -q -m m -s 1 -n 30 x | cmp - a
	generate -q -m m -s 2 -n 30 x >b
	differ a b
'
ok 'temperatures near and below the smallest float are --greedy' '
	generate -q -m m --greedy -n 20 --top-p 1 x >want
	for t in 1e-37 1e-38 1e-39 1e-45 1e-300 4e-320; do
		generate -q -m m --temp $t -n 20 --top-p 1 x | cmp - want
		generate -q -m m --temp $t -n 20 --top-k 5 x | cmp - want
		generate -q -m m --temp $t -n 20 --repeat-penalty 1.1 x >penalty
	done
	generate -q -m m --greedy -n 20 --repeat-penalty 1.1 x | cmp - penalty
	echo "{\"prompt\":\"x\"}" |
		rlsample -q -m m -N 2 -n 20 --temp 1e-39 >out
	check out "len(R) == 2 and R[0][\"ids\"] == R[1][\"ids\"] and
		all(x < 900 + 3 for x in r[\"ids\"])"
'
ok '--temp 0 is --greedy' '
	generate -q -m m --temp 0 -n 20 x >a
	generate -q -m m --greedy -n 20 x | cmp - a
'
ok '--chat wraps the prompt, --system adds a system message' '
	generate -q -m m --chat --greedy -n 5 hi >a
	echo "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}" |
		generate -q -m m --jsonl --greedy -n 5 >b
	python3 -c "import json
assert json.load(open(\"b\"))[\"text\"] + \"\n\" == \
	open(\"a\", errors=\"replace\").read()"
	generate -q -m m --system "be kind" --greedy -n 5 hi >c
	differ a c
'
ok 'the id of a line is in its record' '
	echo "{\"id\":  [1, 2],\"prompt\":\"x\"}" |
		generate -q -m m --jsonl -n 1 | grep -qF "{\"id\":[1, 2],"
'
ok 'other keys of a line pass through, for grade' '
	echo "{\"prompt\":\"x\",\"answer\":  \"\\u0041\",\"top\":1,\"n\":{\"a\":1e2}}" >in
	generate -q -m m --jsonl -n 1 -N 2 --top 1 in >out
	[ "$(grep -c "\"answer\":\"\\\\u0041\",\"n\":{\"a\":1e2}}$" out)" = 2 ]
	not grep -q "\"top\":1," out
	not grep -q "\"prompt\":" out
	sed "s/\"text\":\"[^\"]*\"/\"text\":\"A\"/" out | grade -q --exact >graded
	[ "$(grep -c "\"reward\":1" graded)" = 2 ]
'
ok '--bos begins with the end-of-text token' '
	generate -q -m base --bos --greedy -n 4 "" >a
	eot=$(python3 -c "import json
print(json.load(open(\"base/config.json\"))[\"eos_token_id\"])")
	echo "{\"prompt_ids\":[$eot]}" |
		generate -q -m base --jsonl --greedy -n 4 >b
	python3 -c "import json
assert json.load(open(\"b\"))[\"text\"] + \"\n\" == \
	open(\"a\", errors=\"replace\").read()"
'
ok 'gpt2 models work too' '
	generate -q -m g --greedy -n 20 "some words" >a
	[ "$(wc -c <a)" -gt 10 ]
'
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
ok 'control characters are escaped on a terminal but not in a pipe' '
	cat >see.py <<-X
	import os, pty, sys
	data = []
	def read(fd):
	    d = os.read(fd, 1000)
	    data.append(d)
	    return d
	status = pty.spawn(sys.argv[1:], read, lambda fd: b"")
	out = b"".join(data)
	assert status == 0, status
	assert len(out) > 100
	bad = [c for c in out if c < 32 and c not in b"\r\n\t" or c == 127]
	assert not bad, bad
	assert b"\\\\x" in out
	X
	python3 see.py generate -q -m m --temp 9 --top-p 1 -n 200 x >/dev/null
	generate -q -m m --temp 9 --top-p 1 -n 200 x >out
	LC_ALL=C grep -q "[$(printf "\001-\010\016-\037")]" out
'
else skip 'control characters are escaped on a terminal but not in a pipe' 'there are no pseudo-terminals'; fi
ok 'on a terminal: line ends and tabs unchanged, other controls escaped' '
	printf "a\tb\nc\r\001\033[31m\037 ~\177\302\200\302\237\302\240" | unit terminal >out
	printf "a\tb\nc\\\\x0d\\\\x01\\\\x1b[31m\\\\x1f ~\\\\x7f\\\\x80\\\\x9f\302\240" | cmp - out
	# Bidirectional controls U+202A to U+202E, U+2066 to U+2069, and their neighbours.
	printf "\342\200\251\342\200\252\342\200\256\342\200\257" | unit terminal >out
	printf "\342\200\251\\\\u202a\\\\u202e\342\200\257" | cmp - out
	printf "\342\201\245\342\201\246\342\201\251\342\201\252" | unit terminal >out
	printf "\342\201\245\\\\u2066\\\\u2069\342\201\252" | cmp - out
	printf "x\377y\360\237\230\200" | unit terminal >out
	printf "x\357\277\275y\360\237\230\200" | cmp - out
'
ok 'statistics go to standard error, -q suppresses them' '
	generate -m m -n 3 x >out 2>err
	grep -q "wrote 3 " err
	grep -Eq "wrote 3 at [1-9][0-9]*/s" err
	generate -q -m m -n 3 x >out 2>err
	[ ! -s err ]
'
ok '-o writes a complete file' '
	generate -q -m m --greedy -n 9 -o f x
	generate -q -m m --greedy -n 9 x | cmp - f
'
fails 1 'a prompt as long as the context is refused' '
	generate -m m "$(printf %0400d 1)"
' 'no room in the model.s context'
fails 1 'an empty prompt is refused' 'generate -m m ""' 'prompt is empty'
ok 'the last id of the vocabulary is accepted, the next one is refused' '
	n=$(ckpt info m | sed -n "s/^vocab	//p")
	generate -q -m m --ids -n 2 $((n - 1))
	not generate -q -m m --ids -n 2 "$n" 2>err
	grep -q "not an id of the model" err
	for id in $((n - 1)) "$n"; do
		echo "{\"id\":$id,\"prompt_ids\":[65,$id]}"; done >in
	rlsample -q -m m -N 1 -n 2 in >out 2>err
	check out "[x[\"id\"] for x in R] == [$n - 1]"
'
fails 1 'ids beyond the vocabulary are refused' 'generate -m m --ids 99999' \
	'not an id of the model'
fails 2 'two prompts are refused' 'generate -m m one two' 'more than one'
for bad in '--samples 0' '--length -1' '--stop=' '--top 3'; do
	name=${bad%%[ =]*}
	fails 2 "$bad is refused by name" "generate -m m $bad x" \
		"^generate: $name[: ]"
done

ok 'messages in every form of conversations(5) give the same prompt' '
	cat >in <<-X
	{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"some words"}]}
	{"messages":[{"role":"system","content":"be kind"},{"role":"human","content":[{"type":"text","text":"some "},{"type":"text","text":"words"}]},{"role":"assistant","content":"x"}]}
	{"messages":[{"from":"system","value":"be kind"},{"from":"human","value":"some words"}]}
	{"prompt":[{"role":"system","content":"be kind"},{"role":"user","content":"some words"}]}
	X
	generate -q -m m --jsonl -n 2 <in >out
	check out "len(R) == 4 and all(x[\"prompt_ids\"] == r[\"prompt_ids\"] for x in R)"
	rlsample -q -m m -N 1 -n 2 <in >out
	check out "len(R) == 4 and all(x[\"prompt_ids\"] == r[\"prompt_ids\"] for x in R)"
'
done_testing
