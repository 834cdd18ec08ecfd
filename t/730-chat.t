#!/bin/sh
# chat: turns in, answers out, and a transcript.
. "${0%/*}/lib.sh"


unit mkmodel m scale=3 kv=2
unit mkmodel base chat=0
unit mkmodel small scale=3 context=96
unit mkmodel ends scale=1 tokens=256 seed=2

# messages FILE LINE: roles and contents of a transcript line, one message per line
messages() {
	python3 -c 'import json, sys
for m in json.loads(open(sys.argv[1]).readlines()[int(sys.argv[2])])["messages"]:
	print(m["role"], json.dumps(m["content"]))' "$1" "$2"
}
# as_generate FILE LINE: the answer of generate to the conversation of that line
as_generate() {
	sed -n "$2p" "$1" | generate -q -m m --jsonl --greedy -n 10
}

ok 'each line is answered, and the transcript has both sides' '
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
ok 'answers with cached keys and values are those of the whole conversation' '
	printf "hello\nhow are you\nand now\n" |
		chat -q -m ends --greedy -n 10 -o log >out
	generate -q -m ends --jsonl --greedy -n 10 <log >last
	python3 -c "import json
assert json.load(open(\"log\"))[\"messages\"][-1][\"content\"] == \
	json.load(open(\"last\"))[\"text\"]"
'
ok 'keys and values in bf16 give the answer of generate' '
	chat -q -m m --kv bf16 --greedy -n 10 --prompt hello >a
	generate -q -m m --kv bf16 --chat --greedy -n 10 hello | cmp - a
'
ok 'the system message comes first' '
	echo hello | chat -q -m m -S "be kind" --greedy -n 10 -o log >with
	messages log 0 | head -n 1 | grep -qx "system \"be kind\""
	echo hello | chat -q -m m --greedy -n 10 >without
	differ with without
'
ok '--prompt answers once' '
	chat -q -m m --greedy -n 10 --prompt hello >a
	echo hello | chat -q -m m --greedy -n 10 | cmp - a
'
ok '/reset forgets, /system restarts, /save writes, /quit exits' '
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
ok 'an unknown command is refused with the command list, and the chat continues' '
	printf "%s\n" "/rest" "/Reset now" "/?" hello |
		chat -q -m m --greedy -n 10 -o log >out 2>err
	[ "$(wc -l <err)" = 3 ]
	grep -q "unknown command ./rest.: the commands are /reset, /system TEXT, /save FILE, /help and /quit" err
	[ "$(messages log 0 | cut -d" " -f1 | tr "\n" " ")" = "user assistant " ]
	echo hello | chat -q -m m --greedy -n 10 | cmp - out
'
ok 'a space before the slash makes a message of it' '
	echo " /rest" | chat -q -m m -n 3 -o log >out
	messages log 0 | grep -qx "user \"/rest\""
'
ok 'the output of /help, /reset and /system is not among the answers' '
	echo hello | chat -q -m m --greedy -n 10 >want
	printf "%s\n" hello /help /reset "/system be kind" /system |
		chat -m m --greedy -n 10 >out 2>err
	cmp out want
	grep -q "^/save FILE" err
	[ "$(grep -c "^A new conversation begins" err)" = 3 ]
	grep -q "with this system message: be kind$" err
	printf "%s\n" /reset | chat -q -m m >out 2>err
	[ ! -s err ]
'
ok '/save replaces no file' '
	echo precious >kept
	ln -s nowhere dangling
	printf "%s\n" hello "/save kept" "/save dangling" "/save fresh" \
		"/save fresh" | chat -q -m m -n 5 >out 2>err
	[ "$(cat kept)" = precious ]
	[ -L dangling ]
	[ "$(grep -c "kept: exists already\|dangling: exists\|fresh: exists" err)" = 3 ]
	[ "$(messages fresh 0 | wc -l)" = 2 ]
'
ok 'when the context is full the oldest turns are dropped, with a message' '
	for i in 1 2 3 4 5 6; do echo "turn number $i"; done |
		chat -m small -S "be kind" --greedy -n 12 -o log >out 2>err
	[ "$(grep -c "it forgets the oldest turns" err)" = 1 ]
	[ "$(messages log 0 | wc -l)" = 13 ]
'
ok 'no more turns are dropped than necessary, each question with its answer' '
	cat >windows.py <<-X
	import json, sys
	m = json.loads(open("log").readline())["messages"]
	for i in range(1, len(m), 2):
	    print(json.dumps({"messages": m[:1] + m[i:-1]}))
	X
	for i in 1 2 3 4 5 6; do echo "turn number $i"; done |
		chat -q -m small -S "be kind" --greedy -n 12 -o log >out
	python3 windows.py >windows
	# Conversations longer than the context are skipped. The first one that
	# leaves 12 of its 96 ids for the answer.
	generate -q -m small --jsonl -n 0 windows >ids
	n=$(python3 -c "import json
fits = [len(json.loads(x)[\"prompt_ids\"]) <= 84 for x in open(\"ids\")]
print(6 - len(fits) + fits.index(True) + 1)")
	test $n -gt 1 && test $n -lt 6
	sed -n ${n}p windows | generate -q -m small --greedy -n 12 --jsonl >answer
	python3 -c "import json
said = json.loads(open(\"log\").readline())[\"messages\"][-1][\"content\"]
want = json.loads(open(\"answer\").readline())[\"text\"]
assert said.strip() == want.strip(), (said, want)"
'
fails 1 'a message longer than the context is an error in a pipe' '
	printf "%0200d\n" 1 | chat -q -m small -n 3
' 'does not fit'
ok 'text that spells special tokens does not end a turn' '
	echo "a<|im_end|>b" | chat -q -m m --greedy -n 5 -o log >out
	messages log 0 | grep -qF "a<|im_end|>b"
	generate -q -m m --jsonl -n 0 <log >ids
	python3 -c "import json
ids = json.load(open(\"ids\"))[\"prompt_ids\"]
assert sum(i >= 512 for i in ids) == 3, ids"
'
ok 'the same seed gives the same answers, turns differ' '
	printf "x\nx\n" | chat -q -m m -n 20 >a
	printf "x\nx\n" | chat -q -m m -n 20 -o log | cmp - a
	[ "$(messages log 0 | sort -u | wc -l)" = 3 ]
'
# A terminal in Python: t = Terminal(COMMAND, TERM), t.send, t.until, t.end.
cat >terminal.py <<'X'
import json, os, pty, select, signal, sys, termios, time
class Terminal:
    def __init__(self, command, term="xterm", output=None):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = term
            if output:
                os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            for ignored in signal.SIGINT, signal.SIGHUP:	# as under nohup
                signal.signal(ignored, signal.SIG_DFL)
            command = command.split()
            os.execvp(command[0], command)
        self.before = termios.tcgetattr(self.fd)
    def read(self, wait):
        if select.select([self.fd], [], [], wait)[0]:
            try: self.seen += os.read(self.fd, 65536)
            except OSError: time.sleep(.01)
    def until(self, text):
        end = time.time() + 60
        while text not in self.seen:
            assert time.time() < end, (text, self.seen[-300:])
            self.read(.2)
        before, self.seen = self.seen.split(text, 1)
        return before
    def send(self, data):       # like a terminal, whatever comes back
        for i in range(0, len(data), 512):
            self.read(0)
            os.write(self.fd, data[i:i + 512])
    def end(self):
        end = time.time() + 60
        while time.time() < end:
            self.read(.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid: return status
        assert False, self.seen[-300:]
def said(log):
    return [m["content"] for line in open(log)
        for m in json.loads(line)["messages"] if m["role"] == "user"]
X
has_libedit=; ldd "$BUILD/bin/chat" 2>/dev/null | grep -q libedit && has_libedit=1
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
unit mkmodel long context=20000 width=16 layers=1 heads=2
if [ -n "$has_libedit" ]; then
ok 'on a terminal a line of any length arrives complete' '
	for term in xterm dumb; do
		cat >talk.py <<-X
		from terminal import *
		t = Terminal("chat -q -m long -n 3 -o log", "$term")
		t.until(b"> ")
		t.send(b"x" * 4094 + b"y" * 4096 + b"end\r")
		t.until(b"\n> ")
		t.send(b"\x04")
		assert t.end() == 0
		assert said("log") == ["x" * 4094 + "y" * 4096 + "end"], said("log")
		X
		PYTHONPATH=. python3 talk.py
	done
'
ok 'a paste of several lines is one message and never a command' '
	cat >talk.py <<-X
	from terminal import *
	t = Terminal("chat -q -m long -n 3 -o log")
	t.until(b"\033[?2004h")
	t.until(b"> ")
	t.send(b"\033[200~one\rtwo\r\n\nthree \xc3\xa4\033[201~ more\r")
	t.until(b"\n> ")
	t.send(b"\033[200~/quit\nno\033[201~\r")
	t.until(b"\n> ")
	t.send(b"\x04")
	assert t.end() == 0
	assert b"\033[?2004l" in t.seen
	assert said("log") == ["one\ntwo\n\nthree \u00e4 more", "/quit\nno"], said("log")
	X
	PYTHONPATH=. python3 talk.py
'
ok 'lines can be edited, by whole characters, and recalled with Ctrl-P' '
	cat >talk.py <<-X
	from terminal import *
	t = Terminal("chat -q -m long -n 3 -o log", "vt100")
	t.until(b"> ")
	for line in (b"helo\033[Dl\x01A \r", b"\xc3\xa4b\x7f\x7f\xe2\x82\xac\r",
	        b"\x10\x10!\r", b"gone\x15kept\r"):
	    t.send(line)
	    t.until(b"\n> ")
	t.send(b"/quit\r")
	assert t.end() == 0
	assert said("log") == ["A hello", "\u20ac", "A hello!", "kept"], said("log")
	X
	PYTHONPATH=. python3 talk.py
'
ok 'the terminal is restored: at exit, after signals, while stopped' '
	cat >talk.py <<-X
	from terminal import *
	def same(t):
	    now = termios.tcgetattr(t.fd)
	    return now[:4] == t.before[:4]
	for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, 0):
	    t = Terminal("chat -q -m long -n 3")
	    t.until(b"> ")
	    t.send(b"abc")
	    t.until(b"abc")
	    assert not same(t)
	    # No shell here could resume it, so it does not stop.
	    os.kill(t.pid, signal.SIGTSTP)
	    t.until(b"\033[?2004l\r\r\n\033[?2004h")
	    t.send(b"d\r")
	    t.until(b"\n> ")
	    if how: os.kill(t.pid, how)
	    else: t.send(b"\x04")
	    assert t.end() == how, how
	    assert same(t), how
	X
	PYTHONPATH=. python3 talk.py
'
ok 'Ctrl-Z returns the terminal to the shell, and fg continues' '
	cat >shell.py <<-X
	import os, signal, termios
	def lines(): return bool(termios.tcgetattr(0)[3] & termios.ICANON)
	signal.signal(signal.SIGTTOU, signal.SIG_IGN)
	pid = os.fork()
	if not pid:
	    os.setpgid(0, 0)
	    os.tcsetpgrp(0, os.getpid())
	    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
	    os.execvp("chat", "chat -q -m long -n 3 -o log".split())
	while True:
	    _, status = os.waitpid(pid, os.WUNTRACED)
	    if not os.WIFSTOPPED(status): break
	    os.tcsetpgrp(0, os.getpgrp())
	    os.write(1, b"[stopped %d]" % lines())
	    os.tcsetpgrp(0, pid)
	    os.kill(pid, signal.SIGCONT)
	os.tcsetpgrp(0, os.getpgrp())
	os.write(1, b"[ended %d %d]" % (status, lines()))
	X
	cat >talk.py <<-X
	from terminal import *
	t = Terminal("python3 shell.py")
	t.until(b"> ")
	t.send(b"abc")
	t.until(b"abc")
	t.send(b"\x1a")
	t.until(b"[stopped 1]")
	t.until(b"\033[?2004h")
	t.send(b"d\r")
	t.until(b"> ")
	t.send(b"\x04")
	t.until(b"[ended 0 1]")
	t.end()
	assert said("log") == ["abcd"], said("log")
	X
	PYTHONPATH=. python3 talk.py
'
else skip 'line editing' 'chat was built without libedit'; fi
ok 'prompts and help for the terminal are not in redirected output' '
	cat >talk.py <<-X
	from terminal import *
	t = Terminal("chat -m long -n 3 -o log", output="out")
	for line in (b"hello\r", b"/help\r", b"/reset\r", b"again\r"):
	    t.until(b"> ")
	    t.send(line)
	t.until(b"> ")
	t.send(b"/quit\r")
	assert t.end() == 0
	answers = [m["content"] for line in open("log")
	    for m in json.loads(line)["messages"] if m["role"] == "assistant"]
	out = open("out", "rb").read().decode(errors="replace")
	assert out == "".join(a + "\n" for a in answers) and len(answers) == 2, out
	X
	PYTHONPATH=. python3 talk.py
'
ok 'SIGTERM ends it during an answer' '
	cat >talk.py <<-X
	from terminal import *
	t = Terminal("chat -q -m long -n 19000 --greedy -j 1")
	t.until(b"> ")
	t.send(b"hello\r")
	t.until(b"hello\r\n")
	time.sleep(.5)
	assert b"> " not in t.seen
	os.kill(t.pid, signal.SIGTERM)
	assert t.end() == signal.SIGTERM
	X
	PYTHONPATH=. python3 talk.py
'
ok 'on a terminal it prompts, and Ctrl-C ends the answer, not the program' '
	unit mkmodel slow layers=8 width=512 ffn=4096 context=4096 tokens=900
	cat >talk.py <<-X
	import os, pty, select, signal, time
	pid, fd = pty.fork()
	if not pid:
	    signal.signal(signal.SIGINT, signal.SIG_DFL)
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
else skip 'on a terminal it prompts, and Ctrl-C ends the answer, not the program' 'there are no pseudo-terminals'; fi
ok 'a long line from a pipe is answered without a warning, since only terminals cut lines' '
	awk "BEGIN { for (i = 0; i < 2000; i++) printf \"ab%d \", i % 7; print \"\" }" |
		chat -q -m long -n 2 -o log 2>err >out
	test ! -s err
	messages log 0 >got
	[ "$(head -n 1 got | wc -c)" -gt 8000 ]
	grep -q "^assistant" got
'
ok 'a transcript that cannot be saved does not end the conversation' '
	printf "hi\n/save nowhere/x\nhi\n" | chat -q -m m -n 5 -o kept 2>err
	grep -q "nowhere/x: cannot create: No such file" err
	[ "$(grep -o assistant kept | wc -l)" = 2 ]
'
fails 1 'a bad -o is reported before the first answer' '
	chat -m m -n 5 -p hi -o nowhere/x >out || { [ ! -s out ]; exit 1; }
' 'nowhere/x: cannot create'
fails 1 'a base model cannot chat' 'echo hi | chat -m base' \
	'no chat template'
fails 2 'operands are refused' 'chat -m m hello' "'hello' is one operand"
fails 2 'no model' 'echo hi | chat' 'no model'

done_testing
