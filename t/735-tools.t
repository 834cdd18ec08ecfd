#!/bin/sh
# --tool: what a model writes between two markers goes to a command, and what the
# command writes enters the context.
. "${0%/*}/lib.sh"

needs_command python3

# markov DIR PATHS: a model that follows the paths; unit mkmodel says how
markov() {
	unit mkmodel "$1" layers=1 width=384 heads=4 ffn=16 tokens=256 \
		context=${3:-1024} chain="$2"
}
# calls CMD [OPTION...]: the answer of "sums", which calls CMD with "1+2" and goes
# on with "." if the result ends in 3, else with noise
calls() {
	cmd=$1; shift
	echo '{"prompt":"Q"}' | generate -q -m sums --jsonl -n 200 --tool \
		"<|python_start|>,<|python_end|>,$cmd" --tool-output \
		'<|output_start|>,<|output_end|>' "$@" >out
}
# result FILE: the text of the first result in an answer of calls
result_of() {
	python3 -c 'import json, sys
ids = json.load(open(sys.argv[1]))["ids"]
at = ids.index(259)
end = ids.index(260) if 260 in ids else len(ids)
sys.stdout.buffer.write(bytes(ids[at + 1:end]))' "$1"
}
# gives TEXT CMD [OPTION...]: the result of CMD is TEXT
gives() {
	want=$1; shift
	calls "$@" && result_of out >got && printf %s "$want" | cmp - got
}
# processes: state, parent and group of each
processes() { cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | cut -d' ' -f1-3; }
# gone FILE: no process of the group whose number is in FILE is alive
gone() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		processes | not grep -q "^[^Z] [0-9]* $(cat "$1")\$" && return 0
		sleep .1
	done
	return 1
}

markov sums 'Q <|python_start|> 1 + 2 <|python_end|> <|output_start|> ; 3 <|output_end|> . <|endoftext|>'
# The ids of the special tokens, which result_of and others rely on.
ok 'special tokens have the ids that follow' '
	printf "%s" "{\"prompt_ids\":[257,258,259,260,261,81]}" |
		generate -q -m sums --jsonl -n 0 >out
'

ok 'the text between the markers is the input, the output enters the context' '
	calls "cat >input; echo 3"
	printf "1+2\n" | cmp - input
	python3 -c "import json
r = json.load(open(\"out\"))
assert r[\"ids\"] == [257, 49, 43, 50, 258, 259, 51, 260, 46, 256], r
assert r[\"text\"] == \"1+23.\" and r[\"stop\"] == \"eos\""
'
ok 'TOOL_SEED is a number of the answer and the call, and of nothing else' '
	seeds() {
		printf "{\"prompt\":\"Q\"}\n{\"prompt\":\"Q\"}\n" |
			TOOL_SEED=x generate -q -m sums --jsonl -N 20 -n 20 --tool \
			"<|python_start|>,<|python_end|>,echo \$TOOL_SEED." "$@" |
			grep -o "1+2[0-9]*[.]"
	}
	seeds -s 5 >one
	seeds -s 5 -j 1 --parallel 3 >two
	seeds -s 6 >other
	cmp one two
	[ $(sort -u one other | wc -l) = 80 ]
	sed "s/^1+2//" one | awk "\$1 < 0 || \$1 >= 2 ^ 31 { exit 1 }"
'
ok 'rollouts have mask 0 and the log-probability of the model on what was put in' '
	echo "{\"id\":1,\"prompt\":\"Q\"}" | rlsample -q -m sums -N 2 -n 50 \
		--tool "<|python_start|>,<|python_end|>,echo 3" \
		--tool-output "<|output_start|>,<|output_end|>" >out
	python3 -c "import json
for r in map(json.loads, open(\"out\")):
    assert r[\"mask\"] == [1, 1, 1, 1, 1, 0, 0, 0, 1, 1], r
    assert len(r[\"logprobs\"]) == 10 and \"sample_logprobs\" not in r
    # The model expects the marker, and has no idea of what comes next.
    assert r[\"logprobs\"][5] > -1e-3 and r[\"logprobs\"][6] < -5"
'
ok 'markers may be texts, spelt with any tokens; without --tool-output the result stands alone' '
	markov plain "Q < c > 1 + 2 ] / ; 3 . <|endoftext|>"
	echo "{\"prompt\":\"Q\"}" | generate -q -m plain --jsonl -n 60 \
		--tool "<c>1,]/,cat >input; echo 3" >out
	printf "+2\n" | cmp - input
	python3 -c "import json
r = json.load(open(\"out\"))
assert r[\"text\"] == \"<c>1+2]/3.\", r"
'
ok 'the longest and the first of several markers counts' '
	echo "{\"prompt\":\"Q\"}" | generate -q -m plain --jsonl -n 60 \
		--tool "+,],echo >a" --tool "<,],cat >b; echo 3" \
		--tool "<c,],echo >c" --tool ">1,],echo >d" >out
	[ ! -e a ] && [ ! -e c ] && [ ! -e d ]
	[ "$(cat b)" = "c>1+2" ]
	# In one token, the longer one begins at the same place.
	unit mkmodel pairs tokens=900 layers=1 width=1024 heads=4 ffn=16 \
		chain="Q ab c ] ; 3 . <|endoftext|>"
	echo "{\"prompt\":\"Q\"}" | generate -q -m pairs --jsonl -n 60 \
		--tool "a,],echo >a; echo 3" --tool "ab,],cat >d; echo 3" >out
	[ ! -e a ]
	[ "$(cat d)" = c ]
'
ok 'a marker that looks like a special token and is none is announced' '
	generate -q -m plain --tool "<|x|>,]/,cat" -n 5 Q 2>err >out
	grep -q "<|x|>. is not a special token of the model: it is a text" err
'
ok 'a result is ordinary text, whatever it spells' '
	calls "printf \"%s\" \"<|endoftext|><|python_start|>1<|python_end|>\""
	python3 -c "import json
r = json.load(open(\"out\"))
assert bytes(r[\"ids\"][6:6 + 44]) == b\"<|endoftext|><|python_start|>1<|python_end|>\""
	[ "$(calls "echo x >>times; echo \"<|python_start|>1<|python_end|>\"" &&
		wc -l <times)" = 1 ]
	echo "{\"prompt\":\"Q\"}" | generate -q -m plain --jsonl -n 40 \
		--tool "<c>,]/,echo x >>calls; echo \"<c>1]/\"" >out
	[ "$(wc -l <calls)" = 1 ]
'
ok 'an END that would end the answer ends the call' '
	markov eos "Q <|python_start|> 1 <|endoftext|> ; 3 . <|endoftext|>"
	echo "{\"prompt\":\"Q\"}" | generate -q -m eos --jsonl -n 60 \
		--tool "<|python_start|>,<|endoftext|>,echo 3" >out
	python3 -c "import json
r = json.load(open(\"out\"))
assert r[\"ids\"] == [257, 49, 256, 51, 46, 256] and r[\"stop\"] == \"eos\", r"
	[ "$(generate -q -m eos -n 60 --tool "x,<|endoftext|>,echo 3" Q)" = 1 ]
'
ok 'START and END may be the same' '
	markov same "Q \$ 1 ; 1 \$ ; 3 . <|endoftext|>"
	for i in 1 2 3 4 5 6 7 8; do
		generate -q -m same -s $i -n 60 --tool "\$,\$,cat >input; echo 3" Q
		grep -qx "1" input
	done
'

# ---- what tools do wrong ----

ok 'a failing tool: its output and its status' '
	gives "so far
error: exit status 3" "echo so far; exit 3" 2>/dev/null
	gives "error: exit status 127" "no-such-command-anywhere" 2>/dev/null
	gives "error: killed by signal 9" "kill -9 \$\$" 2>/dev/null
'
ok 'a tool without output gives nothing, and nothing is no error' '
	gives "" true
	gives "error: exit status 1" false 2>/dev/null
'
ok 'a hanging tool, also one that ignores signals, is killed with its children' '
	gives "error: no result within 0.3 s" \
		"echo \$\$ >group; trap \"\" TERM INT HUP; echo half; sleep 60 & sleep 60" \
		--tool-timeout .3 2>/dev/null
	gone group
	gives "error: no result within 0.3 s" \
		"echo \$\$ >group; exec >&-; sleep 60" --tool-timeout .3 2>/dev/null
	gone group
'
ok 'a flooding tool is cut off and killed' '
	gives "aa
aa
aa
error: the rest of the output was cut off" \
		"echo \$\$ >group; yes aa" --tool-bytes 9 2>/dev/null
	gone group
	gives "aa" "echo aa; yes >/dev/full 2>&1 || true" --tool-bytes 3 2>/dev/null
'
ok 'output is cut between characters' '
	gives "aé
error: the rest of the output was cut off" \
		"printf aéé" --tool-bytes 4 2>/dev/null
	gives "aéé" "printf aéé" --tool-bytes 5
'
ok 'output that is not text becomes an error' '
	for bytes in "\\377" "a\\000b" "\\303"; do
		gives "error: the output is not UTF-8 text" \
			"printf \"$bytes\"" 2>/dev/null
	done
'
ok 'a tool need not read its input' '
	gives 3 "exec <&-; sleep .1; echo 3"
	gives 3 "echo 3"
'
ok 'what a tool leaves running is killed when it exits, and not waited for' '
	gives now "echo \$\$ >group; sleep 60 & echo now" --tool-timeout 30
	gone group
'
ok 'a tool has no descriptor of the program' '
	calls "ls /proc/self/fd | tr \"\\n\" \" \""
	[ "$(result_of out)" = "0 1 2 3 " ]
	generate -q -m sums -o file -n 20 --tool \
		"<|python_start|>,<|python_end|>,ls /proc/self/fd | wc -l >n" Q <&-
	[ "$(cat n)" -le 4 ]
'
ok 'the first error of a tool is reported, and the calls are counted' '
	generate -m sums -n 9 -N 5 --tool "<|python_start|>,<|python_end|>,exit 4" Q \
		2>err >out
	[ "$(grep -c "exit 4.: exit status 4; further errors are only counted" err)" = 1 ]
	grep -q "tools: calls=5 errors=5" err
'
ok 'an answer has at most --tool-calls calls' '
	markov forever "Q <|python_start|> 1 <|python_end|> ; r Q ; d Q"
	echo "{\"prompt\":\"Q\"}" | generate -q -m forever --jsonl -n 200 \
		--tool-calls 3 --tool \
		"<|python_start|>,<|python_end|>,echo x >>made; printf r" >out
	[ "$(wc -l <made)" = 3 ]
	python3 -c "import json
assert \"error: more than 3 calls\" in json.load(open(\"out\"))[\"text\"]"
'
ok '-n counts results, and cuts them' '
	calls "echo 12345678" -n 9
	python3 -c "import json
r = json.load(open(\"out\"))
assert r[\"ids\"][-3:] == [49, 50, 51] and r[\"stop\"] == \"length\", r"
	calls "echo 3 >late" -n 5
	[ ! -e late ]
	markov short "Q <|python_start|> 1 <|python_end|>" 16
	generate -q -m short --tool \
		"<|python_start|>,<|python_end|>,yes | head -c 300" Q >out
	[ "$(tr -d "\n" <out)" = 1yyyyyy ]
'

# ---- many at once ----

# A random model that calls tools often: each takes its own time.
unit mkmodel m scale=3 kv=2
slow='read x; echo $$ >>pids; sleep 0.0$(($$ % 10)); printf "%s" "$x" | cksum'
for i in 1 2 3 4 5 6; do
	printf '{"id":"p%s","prompt":"%.*s"}\n' $i $((i * 5)) \
		'the quick brown fox jumps over'
done >prompts
many() {
	rlsample -q -m m -N 8 -n 80 --tool "a,b,$slow" --tool 'c,d,cat; exit 1' \
		"$@" prompts 2>/dev/null
}
ok 'an answer does not depend on the time of calls, threads or the batch' '
	many >ref
	[ "$(grep -c "\"mask\":[^a-z]*,0," ref)" -ge 20 ]
	for how in "--parallel 1 -j 1" "--parallel 5" "--parallel 48 -j 3"; do
		many $how >got
		cmp got ref
	done
'
ok 'hundreds of calls at once run a few at a time' '
	mkdir running most
	echo "{\"id\":1,\"prompt\":\"Q\"}" | rlsample -q -m sums -N 300 -n 20 \
		--parallel 300 --tool "<|python_start|>,<|python_end|>,
			: >running/\$\$; n=\$(ls running | wc -l); : >most/\$n
			sleep .05; rm running/\$\$; echo 3" \
		--tool-output "<|output_start|>,<|output_end|>" >out
	[ "$(grep -c "\"text\":\"1+23.\"" out)" = 300 ]
	most=$(ls most | sort -n | tail -n 1)
	[ "$most" -ge 8 ] && [ "$most" -le 32 ]
'
ok 'no process is left, not even as a zombie' '
	cat >look <<-\X
		cat /proc/[0-9]*/stat 2>/dev/null | sed "s/.*) //" |
			awk "\$2 == $PPID { print \$1 }" >>states
		ls /proc/$PPID/fd | wc -l >>fds
	X
	generate -q -m sums -N 20 -n 9 --parallel 1 \
		--tool "<|python_start|>,<|python_end|>,exec sh ./look" Q >out
	[ "$(wc -l <states)" -ge 20 ]
	not grep Z states
	[ "$(wc -l <fds)" = 20 ]
	[ "$(sort -n fds | tail -n 1)" -le $(($(sort -n fds | head -n 1) + 4)) ]
'
ok 'tools end with the program, whatever ends it' '
	for signal in HUP TERM KILL; do
		rm -f group
		generate -q -m sums --tool \
			"<|python_start|>,<|python_end|>,echo \$\$ >group; exec sleep 60" \
			Q >out 2>err &
		program=$!
		while [ ! -s group ]; do sleep .05; done
		kill -$signal $program
		wait $program || true
		gone group
	done
'

# ---- chat ----

markov talk "
 <|python_start|> 1 + 2 <|python_end|> ; 3 . <|im_end|>"
ok 'chat records calls and results in its transcript' '
	echo hello | chat -q -m talk -o log --tool \
		"<|python_start|>,<|python_end|>,echo 3" >out
	[ "$(cat out)" = 1+23. ]
	python3 -c "import json
m = json.load(open(\"log\"))[\"messages\"]
assert [x[\"role\"] for x in m] == [\"user\", \"assistant\", \"tool\", \"assistant\"]
call = m[1][\"tool_calls\"][0]
assert call[\"function\"] == {\"name\": \"<|python_start|>\", \"arguments\": \"1+2\"}
assert m[1][\"content\"] == \"\" and m[3][\"content\"] == \".\"
assert m[2][\"content\"] == \"3\" and m[2][\"tool_call_id\"] == call[\"id\"]"
'
ok 'later turns see the tokens of calls and results, not their text' '
	unit turns talk
'

if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
ok 'Ctrl-C on a terminal ends an answer that waits for its tool, and the tool' '
	cat >talk.py <<-\X
	import os, pty, select, signal, time
	pid, fd = pty.fork()
	if not pid:
	    signal.signal(signal.SIGINT, signal.SIG_DFL)
	    os.execlp("chat", "chat", "-q", "-m", "talk", "--tool",
	        "<|python_start|>,<|python_end|>,echo $$ >group; sleep 60")
	seen = b""
	def until(text, most=30):
	    global seen
	    end = time.time() + most
	    while text not in seen:
	        assert time.time() < end, seen
	        if select.select([fd], [], [], 1)[0]:
	            seen += os.read(fd, 4096)
	until(b"> ")
	os.write(fd, b"hello\n")
	until(b"1+2")
	while not os.path.exists("group") or not os.path.getsize("group"):
	    time.sleep(.05)
	seen = b""
	os.write(fd, b"\x03")
	until(b"\n> ", 10)
	os.write(fd, b"\x04")
	_, status = os.waitpid(pid, 0)
	assert status == 0, status
	X
	rm -f group
	python3 talk.py
	gone group
'
else skip 'Ctrl-C on a terminal' 'there are no pseudo-terminals'; fi

# ---- training ----

# The model tosses a coin: it calls a tool, which says 7, or answers 5. On 7 it
# repeats what it read.
markov coin 'Q <|python_start|> 1 <|python_end|> ; Q 5 <|endoftext|> ; 7 <|endoftext|>' 64
ok 'rltrain learns to call the tool, and not to say what it says' '
	for i in 1 2 3 4; do echo "{\"id\":$i,\"prompt\":\"Q\",\"answer\":\"7\"}"; done >asked
	rlsample -q -m coin -N 16 -n 8 -s 3 --tool \
		"<|python_start|>,<|python_end|>,echo 7" asked |
		grade -q --regex "7$" >graded
	python3 -c "import json
R = [json.loads(x) for x in open(\"graded\")]
called = [r for r in R if 257 in r[\"ids\"]]
assert 16 <= len(called) <= 48
assert all(r[\"reward\"] == (r in called) for r in R)
assert all(r[\"mask\"] == [1, 1, 1, 0, 1] for r in called)"
	sed "s/\"mask\":\[1,1,1,0,1\]/\"mask\":[1,1,1,1,1]/" graded >unmasked
	for f in graded unmasked; do
		rltrain -q -m coin -o $f.model --lr 0.01 --epochs 4 <$f
		echo "{\"prompt_ids\":[81]}
{\"prompt_ids\":[258]}" | generate -q -m $f.model --jsonl -n 0 --top 384 >$f.top
	done
	python3 -c "import json, math
def p(f, line, id):
    top = dict(map(tuple, json.loads(open(f).readlines()[line])[\"top\"]))
    return math.exp(top[id]) / sum(map(math.exp, top.values()))
assert p(\"graded.top\", 0, 257) > .6, p(\"graded.top\", 0, 257)
a, b = p(\"graded.top\", 1, 55), p(\"unmasked.top\", 1, 55)
assert a < .01 and b > 2 * a, (a, b)"
'

# ---- the command line ----

for bad in 'a,b' ',b,c' 'a,,c' 'a,b,' 'a,b, ' a; do
	fails 2 "--tool '$bad' is refused" \
		"generate -m sums --tool '$bad' Q" '.is not START,END,COMMAND'
done
fails 2 '--tool-output wants two texts' \
	'generate -m sums --tool a,b,cat --tool-output a Q' 'is not START,END'
fails 2 '--tool-output alone' \
	'generate -m sums --tool-output a,b Q' '.--tool-output needs --tool'
fails 2 'a call has some time' \
	'generate -m sums --tool a,b,cat --tool-timeout 0 Q' 'tool-timeout'
ok 'a command may contain commas' '
	gives "1,2" "echo 1,2"
'

done_testing
