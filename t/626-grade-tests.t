#!/bin/sh
# grade --tests: code of answers, run with unit tests; hostile programs.
. "${0%/*}/lib.sh"
needs_command python3

# line TEXT TESTS: a rollout; TEXT is the content of a JSON string, TESTS JSON; a ~
# in both is a quote within a string
line() { printf '{"text":"%s","tests":%s}\n' "$1" "$2" | sed 's/~/\\"/g'; }
# passes SCORE TEXT TESTS OPTIONS
passes() {
	want=$1
	line "$2" "$3" >in; shift 3
	grade -q --tests share --timeout 3 "$@" in 2>err | sed 's/.*"tests":\([^}]*\)}}$/\1/' >got
	printf '%s\n' "$want" | cmp - got || { cat err in got; return 1; }
}
# isolated: whether the kernel lets us
isolated() { line x '["1"]' | grade -q --tests share 2>&1 >/dev/null | not grep -q 'no user namespaces'; }

ok 'the share of tests passed, or all of them; one test or a list, in answer too' '
	f="def f(x):\\n    return x + 1"
	passes 1 "$f" "[\"assert f(1) == 2\"]"
	passes 0.5 "$f" "[\"assert f(1) == 2\",\"assert f(1) == 3\"]"
	passes 0 "$f" "[\"assert f(1) == 3\"]"
	passes 1 "$f" "\"assert f(1) == 2\\nassert f(2) == 3\""
	line "$f" "[\"assert f(1) == 2\",\"assert f(1) == 3\"]" | sed "s/tests/answer/" >in
	grade -q --tests share in | grep "\"reward\":0.5,"
	grade -q --tests all in | grep "\"reward\":0,"
	sed "s/== 3/== 2/" in | grade -q --tests all | grep "\"reward\":1,"
'
ok 'the last code block is run, closed or not, without it the text; thoughts are not' '
	passes 1 "First:\\n\`\`\`python\\nx = 1\\n\`\`\`\\nthen\\n\`\`\`python\\nx = 2\\n\`\`\`\\nDone." "\"assert x == 2\""
	passes 1 "\`\`\`\\nx = 2\\n" "\"assert x == 2\""
	passes 0 "Here is the code: x = 2" "\"assert x == 2\""
	passes 1 "<think>\`\`\`\\nx = 1\\n\`\`\`</think>x = 2" "\"assert x == 2\""
'
ok 'an input and the output that is wanted, white space at ends of lines aside' '
	t="[{\"input\":\"4\\n\",\"output\":\"8\\n\"},{\"input\":\"5\\n\",\"output\":\"10\"}]"
	passes 1 "print(int(input()) * 2)" "$t"
	passes 0.5 "print(8)" "$t"
	passes 1 "print(~a  \\\\nb\\\\n~)" "{\"output\":\"a\\nb\"}"
	passes 0 "print(~a\\\\n\\\\nb~)" "{\"output\":\"a\\nb\"}"
	passes 0 "print(~ab~)" "{\"output\":\"a\\nb\"}"
'
ok 'what runs only as a program is not run with tests; a test can be a program of its own' '
	passes 1 "def f(): return 1\\nif __name__ == ~__main__~: raise SystemExit(f(input()))" "\"assert f() == 1\""
	passes 1 "def f(): return 1" "\"if __name__ == ~__main__~: assert f() == 1\""
'
ok 'a program that exits before its test is over has not passed it' '
	for p in "raise SystemExit" "import os\\nos._exit(0)" "import sys\\nsys.exit(0)" \
		"def f():\\n    import os\\n    os._exit(0)" "def f():\\n    exit(0)" \
		"import os\\nos.kill(os.getpid(), 9)" "print(0)\\nimport os\\nos.execlp(~true~, ~true~)"; do
		passes 0 "$p" "\"assert f() == 1\""
	done
'
ok 'a syntax error, an exception, endless loops and recursion fail' '
	for p in "def f(:" "1 / 0" "while True: pass" "import time\\ntime.sleep(60)" \
		"def f(): return f()" "f = lambda: 2" ""; do
		passes 0 "$p" "\"assert f() == 1\"" --timeout .7
	done
'
ok 'limits: memory, output, files, processes' '
	passes 0 "x = ~ ~ * (1 << 29)" "\"assert 1\"" --test-memory 300M
	passes 1 "x = ~ ~ * (1 << 20)" "\"assert 1\"" --test-memory 300M
	passes 0 "while True: print(~x~ * 1000)" "\"assert 1\""
	passes 0 "print(~x~ * 5000)" "\"assert 1\"" --test-output 4000
	passes 0 "open(~big~, ~wb~).write(b~0~ * 3000000)" "\"assert 1\"" --test-files 2M
	passes 1 "open(~big~, ~wb~).write(b~0~ * 1000000)" "\"assert 1\"" --test-files 2M
'
if isolated; then
	ok 'a fork bomb ends with its test, also when its processes leave the group' '
		line "import os\nwhile True:\n    try:\n        if not os.fork(): os.setsid()\n    except OSError: pass" "\"assert 1\"" >in
		line "x = 1" "\"assert x == 1\"" >>in
		grade -q --tests share --timeout 1 -j 1 in >out
		sed "s/.*\"reward\":\([0-9]\).*/\1/" out | tr "\n" " " >got
		printf "0 1 " | cmp - got
	'
	ok 'no more processes than the limit' '
		p="import os, time\\nn = 0\\ntry:\\n    while n < 50:\\n        if not os.fork():\\n            time.sleep(9)\\n        n += 1\\nexcept OSError: pass"
		passes 1 "$p" "\"assert 5 < n < 12\"" --test-processes 12
	'
	ok 'a process left behind by a test does not live on' '
		p="import os, time\\nif not os.fork():\\n    os.setsid()\\n    if os.fork(): os._exit(0)\\n    while True: time.sleep(.1)"
		passes 1 "$p" "\"assert 1\""
		cat /proc/[0-9]*/cmdline 2>&1 | tr "\000" " " >running	# of all users
		not grep "python3 -I -B run.py" running
	'
	ok 'no writing outside, no network, no other processes, no /tmp of others' '
		echo secret >"/tmp/pipelm-secret.$$"
		passes 0 "open(~$SCRATCH/hole~, ~w~).write(~x~)" "\"assert 1\""
		passes 1 "import os\\nassert not os.path.exists(~/tmp/pipelm-secret.$$~)" "\"assert 1\""
		rm "/tmp/pipelm-secret.$$"
		test ! -e "$SCRATCH/hole"
		passes 0 "import os\\nos.unlink(~$SCRATCH/work/in~)" "\"assert 1\""
		test -e in
		passes 1 "import socket\\ntry:\\n    socket.create_connection((~127.0.0.1~, 1), .5)\\nexcept OSError as e:\\n    n = e.errno" "\"assert n == 101\""
		passes 1 "import os\\nn = len([p for p in os.listdir(~/proc~) if p.isdigit()])" "\"assert n <= 4\""
		passes 1 "import os\\nfor p in 1, os.getppid():\\n    os.kill(p, 9)\\nok = os.getuid() != 0" "\"assert ok\""
	'
	ok 'each test has a fresh directory' '
		passes 1 "import os\\nassert sorted(os.listdir(~.~)) == [~answer.py~, ~test.py~]\\nopen(~left~, ~w~)" "[\"assert 1\",\"assert 1\"]"
	'
	ok 'without namespaces it says so, cleans up, and still kills and limits' '
		line "import time\\ntime.sleep(60)" "\"assert 1\"" >in
		line "x = 1" "\"assert x == 1\"" >>in
		unshare -Ur sh -c "echo 0 >/proc/sys/user/max_user_namespaces; exec grade --tests share --timeout 1 in" >out 2>err
		grep "permits no user namespaces" err
		sed "s/.*\"reward\":\([0-9]\).*/\1/" out | tr "\n" " " >got
		printf "0 1 " | cmp - got
		test -z "$(ls "$TMPDIR")"
	'
else
	skip 'hostile programs' 'the kernel permits no user namespaces'
fi
ok 'another command: the program is $1, and its exit status says whether it passed' '
	passes 0.5 "f() { echo 1; }" "[\"test \$(f) = 1\",\"test \$(f) = 2\"]" --run "sh -e \"\$1\""
	passes 1 "read x; echo \$((x * 2))" "{\"input\":\"4\\n\",\"output\":\"8\"}" --run "sh \"\$1\""
'
fails 1 'a command that cannot be started' 'line x "\"y\"" | grade --tests share --run nosuch' 'cannot be started'
ok 'no tests, or none of a known form: no reward' '
	{ line x "\"y\""; line x "[]"; line x "[3]"; line x "{\"input\":\"\"}"; echo "{\"text\":\"x\"}"; } |
		grade -q --tests share 2>err | grep -c "\"ungraded\":{\"tests\":\"no usable answer\"}" | grep "^4\$"
'
ok 'results stand with their rollouts, whatever -j is' '
	for i in $(seq 40); do line "import time\\ntime.sleep($((i * 7 % 5)) / 50)\\nx = $i" "\"assert x % 3 == 0\""; done >in
	grade -q --tests share -j 4 in | sed "s/.*x = \([0-9]*\)\".*\"reward\":\([0-9]\).*/\1 \2/" >got
	for i in $(seq 40); do echo "$i $((i % 3 == 0))"; done | cmp - got
'
for o in '--run sh' '--test-memory 1G' '--test-processes 4'; do
	fails 2 "an option without effect: $o" "grade --number $o </dev/null" 'no effect without --tests'
done
if [ -e "$SHARED/data/post/humaneval/HumanEval.jsonl.gz" ]; then
	ok 'HumanEval: the reference solutions pass, empty ones do not' '
		cat >human.py <<-"END"
		import gzip, json, sys
		for line in gzip.open(sys.argv[1], "rt"):
		    x = json.loads(line)
		    test = x["test"] + "\ncheck(" + x["entry_point"] + ")\n"
		    for i, body in enumerate((x["canonical_solution"], "    pass\n")):
		        print(json.dumps({"text": x["prompt"] + body, "tests": [test], "want": 1 - i}))
		END
		python3 human.py "$SHARED/data/post/humaneval/HumanEval.jsonl.gz" >in
		grade -q --tests all in >out
		test $(grep -c "\"want\": 1, *.*\"reward\":1,\|\"want\": 1}*,\"reward\":1," out) = 164
		test $(grep -c "\"want\": 0.*\"reward\":0," out) = 164
	'
else
	skip 'HumanEval' 'there is no shared/data/post'
fi
done_testing
