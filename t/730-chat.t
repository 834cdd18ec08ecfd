#!/bin/sh
# chat: turns in, answers out, a transcript kept.
. "${0%/*}/lib.sh"


unit mkmodel m scale=3 kv=2
unit mkmodel base chat=0
unit mkmodel small scale=3 context=96
unit mkmodel ends scale=1 tokens=256 seed=2

# messages FILE LINE: role and content of a transcript's line, a message a line
messages() {
	python3 -c 'import json, sys
for m in json.loads(open(sys.argv[1]).readlines()[int(sys.argv[2])])["messages"]:
	print(m["role"], json.dumps(m["content"]))' "$1" "$2"
}
# as_generate FILE LINE: what generate answers to that line's conversation
as_generate() {
	sed -n "$2p" "$1" | generate -q -m m --jsonl --greedy -n 10
}

ok 'each line is answered, the transcript holds both sides' '
	printf "hello\nhow are you\n" |
		chat -q -m m --greedy -n 10 -o log >out
	messages log 0 >got
	[ "$(cut -d" " -f1 got | tr "\n" " ")" = "user assistant user assistant " ]
	[ "$(sed -n 1p got)" = "user \"hello\"" ]
	[ "$(sed -n 3p got)" = "user \"how are you\"" ]
	python3 -c "import json
m = json.load(open(\"log\"))[\"messages\"]
assert open(\"out\", errors=\"replace\").read() == \
	m[1][\"content\"] + \"\n\" + m[3][\"content\"] + \"\n\""
'
ok 'answers with kept keys and values are those of the whole conversation' '
	printf "hello\nhow are you\nand now\n" |
		chat -q -m ends --greedy -n 10 -o log >out
	generate -q -m ends --jsonl --greedy -n 10 <log >last
	python3 -c "import json
assert json.load(open(\"log\"))[\"messages\"][-1][\"content\"] == \
	json.load(open(\"last\"))[\"text\"]"
'
ok 'the system message is the first one' '
	echo hello | chat -q -m m -S "be kind" --greedy -n 10 -o log >with
	messages log 0 | head -n 1 | grep -qx "system \"be kind\""
	echo hello | chat -q -m m --greedy -n 10 >without
	differ with without
'
ok '--prompt answers once' '
	chat -q -m m --greedy -n 10 --prompt hello >a
	echo hello | chat -q -m m --greedy -n 10 | cmp - a
'
ok '/reset forgets, /system begins anew, /save writes, /quit ends' '
	printf "%s\n" hello "/reset" hello "/system be kind" hello \
		"/save f" "/quit" never |
		chat -q -m m --greedy -n 10 -o log >out
	[ "$(wc -l <log)" = 3 ]
	messages log 0 >a; messages log 1 | cmp - a
	messages log 2 | head -n 1 | grep -qx "system \"be kind\""
	cmp f log
	[ "$(grep -c never log)" = 0 ]
'
ok 'a line that only looks like a command is a message' '
	echo "/etc/passwd is a file" | chat -q -m m -n 3 -o log >out
	messages log 0 | grep -q "/etc/passwd is"
'
ok 'oldest turns are forgotten when the context is full, and it is said' '
	for i in 1 2 3 4 5 6; do echo "turn number $i"; done |
		chat -m small -S "be kind" --greedy -n 12 -o log >out 2>err
	[ "$(grep -c "it forgets the oldest turns" err)" = 1 ]
	[ "$(messages log 0 | wc -l)" = 13 ]
'
fails 1 'a message longer than the context is an error in a pipe' '
	printf "%0200d\n" 1 | chat -q -m small -n 3
' 'does not fit'
ok 'text that spells special tokens ends no turn' '
	echo "a<|im_end|>b" | chat -q -m m --greedy -n 5 -o log >out
	messages log 0 | grep -qF "a<|im_end|>b"
	generate -q -m m --jsonl -n 0 <log >ids
	python3 -c "import json
ids = json.load(open(\"ids\"))[\"prompt_ids\"]
assert sum(i >= 512 for i in ids) == 3, ids"
'
ok 'the same seed says the same, turns differ' '
	printf "x\nx\n" | chat -q -m m -n 20 >a
	printf "x\nx\n" | chat -q -m m -n 20 -o log | cmp - a
	[ "$(messages log 0 | sort -u | wc -l)" = 3 ]
'
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
ok 'on a terminal it prompts, and Ctrl-C ends an answer, not the program' '
	unit mkmodel slow layers=8 width=512 ffn=4096 context=4096 tokens=900
	cat >talk.py <<-X
	import os, pty, select, time
	pid, fd = pty.fork()
	if not pid:
	    os.execvp("chat", "chat -q -m slow -n 4000 --temp 5 -j 1".split())
	seen = b""
	def until(text, most=60):
	    global seen
	    end = time.time() + most
	    while text not in seen:
	        assert time.time() < end, seen
	        if select.select([fd], [], [], 1)[0]:
	            seen += os.read(fd, 4096)
	until(b"> ")
	seen = b""
	os.write(fd, b"hello\n")
	until(b"hello\r\n")
	seen = b""
	time.sleep(1)
	os.write(fd, b"\x03")
	until(b"\n> ")
	seen = b""
	os.write(fd, b"\x04")
	until(b"\r\n")
	_, status = os.waitpid(pid, 0)
	assert status == 0, status
	X
	python3 talk.py
'
else skip 'on a terminal it prompts, and Ctrl-C ends an answer, not the program' 'there are no pseudo-terminals'; fi
ok 'a transcript that cannot be saved ends no conversation' '
	printf "hi\n/save nowhere/x\nhi\n" | chat -q -m m -n 5 -o kept 2>err
	grep -q "nowhere/x: cannot create: No such file" err
	[ "$(grep -o assistant kept | wc -l)" = 2 ]
'
fails 1 'nor does a bad -o wait for the first answer' '
	chat -m m -n 5 -p hi -o nowhere/x >out || { [ ! -s out ]; exit 1; }
' 'nowhere/x: cannot create'
fails 1 'a base model cannot chat' 'echo hi | chat -m base' \
	'no chat template'
fails 2 'operands are refused' 'chat -m m hello' "'hello' is one operand"
fails 2 'no model' 'echo hi | chat' 'no model'

done_testing
