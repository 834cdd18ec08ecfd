#!/bin/sh
# The tools of examples/tools: right answers, and nothing else whatever a model
# writes.
. "${0%/*}/lib.sh"

needs_command python3
tools=$TOP/examples/tools

# ---- calculator ----

# computes EXPRESSION VALUE
computes() {
	printf '%s' "$1" | "$tools/calculator" >got
	printf '%s\n' "$2" | cmp - got || { cat got >&2; return 1; }
}
ok 'calculator: fractions are exact' '
	computes "1/3 + 1/6" 0.5
	computes "0.1 + 0.2" 0.3
	computes "1/3" "1/3 = 0.333333333333..."
	computes "-10/3" "-10/3 = -3.333333333333..."
	computes "1/1024" 0.0009765625
	computes "2 ** 100" 1267650600228229401496703205376
	computes "2 ** -2" 0.25
	computes "1,234,567 * 2" 2469134
	computes "1e-3" 0.001
	computes ".5 + 5." 5.5
'
ok 'calculator: precedence and signs are those of Python' '
	for e in "2+3*4" "-2**2" "2**3**2" "(2+3)*4" "7//2" "-7//2" "-7 % 3" \
		"7 % 3 * 2" "10 - 4 - 3" "100/10/2" "--3" "2*-3" "2**-1"; do
		computes "$e" "$(python3 -c "from fractions import Fraction as F
import re
x = eval(re.sub(r\"(\\d+)\", r\"F(\\1)\", \"$e\"))
print(int(x) if x == int(x) else float(x))")"
	done
'
ok 'calculator: comparisons, percentages, typography' '
	computes "9.11 < 9.9" true
	computes "9.11 ? 9.9" "9.11 < 9.9"
	computes "9.11 > 9.9" false
	computes "0.5 ? 1/2" "0.5 = 0.5"
	computes "1/3 = 0.333" false
	computes "12% * 50" 6
	computes "50%" 0.5
	computes "3 × 4 − 2" 10
	computes "3 x 4 =" 12
'
ok 'calculator: what is no arithmetic is a line of error' '
	for e in "" "1+" "(1" "1)" "2 3" "1/0" "5 % 0" "0**-1" "2**0.5" "x" \
		"__import__(\"os\").system(\"touch pwned\")" "\$(touch pwned)" \
		"1; 2" "1,2" "1e99999" "1<2<3" "9**9**9**9" "2**100000" \
		"1e2000*1e2000" "0x10" "1_000"; do
		printf %s "$e" | "$tools/calculator" >got
		[ "$(wc -l <got)" = 1 ]
		grep -q "^error: " got
	done
	[ ! -e pwned ]
'
ok 'calculator: hostile input ends soon' '
	for p in "\"(\" * 999" "\"-\" * 999 + \"1\"" "\"2**\" * 300 + \"1\"" \
		"\"9\" * 900 + \"**999\"" "\"1/\" * 400 + \"7\"" "\"9\" * 10**7" \
		"\"(1+\" * 200 + \"1\""; do
		python3 -c "print($p)" >hostile
		timeout 10 "$tools/calculator" <hostile >got
		[ "$(wc -l <got)" = 1 ]
	done
	head -c 100000 /dev/urandom | timeout 10 "$tools/calculator" | grep "^error"
'

# ---- search ----

if command -v sqlite3 >/dev/null; then
cat >docs <<'X'
{"id":"tower","text":"The Eiffel tower stands in Paris.\nIt is 330 m high."}
{"text":"The great wall of China is long; select it, drop table docs.","id":"wall"}
{"id":"rhein","text":"Düsseldorf liegt am Rhein. Ein Turm steht dort, im Osten eine Mauer."}
not a document
{"id":5,"text":7}
X
"$tools/search" --index i.db docs 2>index.err
find() { printf '%s' "$1" | "$tools/search" i.db >got; }
first() { find "$1" && head -n 1 got | grep -q "^\[$2\]"; }

ok 'search: documents are indexed, others counted' '
	grep -qx "search: documents=3 invalid=2" index.err
	gzip -c docs >docs.gz
	"$tools/search" --index j.db docs.gz 2>err
	grep -q documents=3 err
	"$tools/search" --index k.db <docs 2>err
	grep -q documents=3 err
	[ "$(ls | grep -c "^[ijk].db\\.")" = 0 ]
'
ok 'search: the best passage comes first, on one line' '
	first "how high is the eiffel tower?" tower
	grep -q "Paris. It is 330 m" got
	first "China wall" wall
	first dusseldorf rhein
	first "TURM" rhein
	SEARCH_RESULTS=1 find "the"
	[ "$(wc -l <got)" = 1 ]
'
ok 'search: rare words weigh more, as in BM25' '
	for i in 1 2 3 4 5 6 7 8 9; do doc $i "common words here and common there"; done >more
	doc x "one rare word and common ones" >>more
	"$tools/search" --index m.db more 2>err
	echo "common rare" | "$tools/search" m.db | head -n 1 | grep "^.x."
'
ok 'search: a long document gives the passage with the words' '
	{ printf "{\"id\":\"l\",\"text\":\""; yes "filler text" | head -n 3000 | tr "\n" " "
	  printf "the needle is here"; yes " more filler" | head -n 3000 | tr "\n" " "
	  echo "\"}"; } >long
	"$tools/search" --index l.db long 2>err
	echo needle | "$tools/search" l.db >got
	grep -q "the needle is here" got
	[ "$(wc -c <got)" -lt 2000 ]
'
ok 'search: a query is data, never SQL, FTS5 syntax, a command of sqlite3 or the shell' '
	for q in "wall; drop table docs; --" "wall OR tower AND" "NOT wall" "\"wall" \
		"wall*" "wall NEAR(tower, 2)" "text : wall" "id:tower" "{id text}: wall" \
		"^wall" "wall + tower" "(wall" "wall\"\"" ; do
		find "$q"
		not grep -i error got
		grep -q "^\[" got
	done
	cp i.db before
	printf ".shell touch pwned\n.output pwned\n.once pwned\n" | "$tools/search" i.db
	for q in "\$(touch pwned)" "\`touch pwned\`" "|touch pwned" "; touch pwned" \
		"1); ATTACH \"pwned\" AS x; --" "writefile(\"pwned\", 1)" "&touch pwned&"; do
		find "$q"
	done
	[ ! -e pwned ]
	cmp i.db before
'
ok 'search: nothing to search for, nothing found' '
	for q in "" "!?.," "   " "\\"; do
		find "$q" && grep -qx "error: no words to search for" got
	done
	find zzz && grep -qx "nothing found" got
	head -c 100000 /dev/urandom | "$tools/search" i.db >got
	yes "wall of" | head -c 10000000 | timeout 10 "$tools/search" i.db | grep "^.wall"
'
fails 1 'search: a missing index' '"$tools/search" no.db </dev/null' 'no.db: no such index'
ok 'search: names of files are names' "
	cp docs ./-x.jsonl
	\"\$tools/search\" --index -i.db -x.jsonl 2>err
	grep -q documents=3 err
	echo tower | \"\$tools/search\" ./-i.db | grep '^.tower'
	\"\$tools/search\" --index \"a b'c.db\" docs 2>err
	echo tower | \"\$tools/search\" \"a b'c.db\" | grep '^.tower'
"
else
	skip 'search' 'there is no sqlite3'
fi

# ---- python ----

# python PROGRAM: what it writes, in got
python() { printf '%s\n' "$1" | timeout 60 "$tools/python" >got; }

mkdir few	# the commands of a system without bwrap
for c in sh cat head wc id dirname; do ln -s "$(command -v $c)" few; done
ok 'python: without bwrap, it says so' '
	echo "print(1)" | PATH=$PWD/few "$tools/python" >got || true
	grep -qx "error: no sandbox: bwrap (Debian: bubblewrap) is not installed" got
'
if ! command -v bwrap >/dev/null; then
	skip 'python' 'there is no bwrap (Debian: bubblewrap)'
elif ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
	skip 'python' 'bwrap cannot make name spaces here'
elif [ ! -x /usr/bin/python3 ]; then
	skip 'python' 'there is no /usr/bin/python3'
else
ok 'python: a program runs, and its errors are shown' '
	python "print(2 ** 64)"
	echo 18446744073709551616 | cmp - got
	python "print(1)
1 / 0"
	head -n 1 got | grep -qx 1
	grep -qx "ZeroDivisionError: division by zero" got
	tail -n 1 got | grep -qx "error: exit status 1"
	python "import sys; sys.exit(3)"
	grep -qx "error: exit status 3" got
'
ok 'python: no network' '
	python "import socket
for n in ((\"1.1.1.1\", 53), (\"127.0.0.1\", 22)):
    try: socket.create_connection(n, 2); print(\"open\")
    except OSError: print(\"closed\")"
	[ "$(sort -u got)" = closed ]
'
ok 'python: no file of ours, nothing written but in /tmp, no environment' '
	echo secret >secret
	export SECRET=1
	python "import os
def tried(f):
    try: f(); print(\"done\")
    except OSError: print(\"refused\")
for name in (\"$PWD/secret\", \"/etc/passwd\", \"$HOME\"):
    tried(lambda: os.stat(name))
for name in (\"/x\", \"/usr/x\", \"/etc/x\", \"/dev/x\", \"/proc/sys/kernel/hostname\"):
    tried(lambda: open(name, \"w\"))
print(os.environ.get(\"SECRET\"), os.listdir(\"/tmp\"))
open(\"/tmp/x\", \"w\")"
	[ "$(grep -c refused got)" = 8 ]
	grep -q "^None .*program.py" got
	python "import os; print(os.listdir(\"/tmp\"))"
	not grep -w x got
'
ok 'python: time' '
	export PYTHON_SECONDS=1
	python "while True: pass"
	tail -n 1 got | grep -qx "error: no result within 1 s, or killed"
	python "import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True: time.sleep(9)"
	tail -n 1 got | grep -q "^error: no result"
'
ok 'python: memory, also in files' '
	python "x = bytearray(10 ** 10)"
	grep -qx MemoryError got
	python "f = open(\"/tmp/f\", \"wb\")
while True: f.write(bytes(10 ** 6))"
	grep -q "No space left on device" got
'
ok 'python: output' '
	export PYTHON_BYTES=1000
	python "while True: print(\"x\" * 99)"
	[ "$(wc -c <got)" -lt 1100 ]
	tail -n 1 got | grep -qx "error: the rest of the output was cut off"
'
ok 'python: a fork bomb and processes left behind end with it' '
	export PYTHON_SECONDS=2
	python "import os
while True:
    try: os.fork()
    except OSError: pass"
	python "import os, time
if not os.fork():
    os.setsid()
    time.sleep(600)
print(\"left\")"
	grep -qx left got
	sleep .2
	# Processes of others may vanish meanwhile, which grep reports as an error.
	grep -ls /tmp/program.py /proc/[0-9]*/cmdline >there || true
	cat there
	[ ! -s there ]
'
ok 'python: the text of a program is not a command' "
	python '\"; touch pwned; \" + \"\$(touch pwned)\" + \`touch pwned\`'
	python 'EOF
\`touch pwned\`
\$(touch pwned)'
	[ ! -e pwned ]
	head -c 30000000 /dev/zero | timeout 60 \"\$tools/python\" >got
	grep -q '^error: ' got
"
fi

# ---- with a model ----

ok 'a model computes with the calculator' '
	unit mkmodel sums layers=1 width=384 heads=4 ffn=16 tokens=256 \
		chain="Q <|python_start|> 1 + 2 <|python_end|> ; 3 . <|endoftext|>"
	generate -q -m sums --tool "<|python_start|>,<|python_end|>,$tools/calculator" Q >got
	[ "$(cat got)" = 1+23. ]
'
done_testing
