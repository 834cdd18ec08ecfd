#!/bin/sh
# Messages: one line, written at once, on a line of its own.
. "${0%/*}/lib.sh"

ok 'if several threads fail at once, only the first reports and ends the program' '
	i=0
	while [ $i -lt 100 ]; do
		status=0
		unit die 8 2>err || status=$?
		[ $status = 1 ]
		[ "$(wc -l <err)" = 1 ]
		grep -Eq "^die: part [0-9]+ of x{1499}(: [A-Z].*)?$" err
		i=$((i + 1))
	done
'

while read -r wrong right; do
	fails 2 "$wrong: $right is suggested" "pretrain $wrong 5" \
		"^pretrain: .*did you mean $right\\?\\): try 'pretrain -h'$"
done <<X
--step --steps
--setps --steps
--stepz=3 --steps
-step --steps
-stps --steps
--seeds --seed
--verion --version
X
while read -r prog wrong value; do
	fails 2 "$prog $wrong: two dashes are suggested" "$prog $wrong $value" \
		"^$prog: '${wrong%%=*}': long options start with two dashes: -${wrong%%=*}: "
done <<X
pretrain -steps 5
generate -temp 1
dedup -quiet
shard -output=x
X
fails 2 'nothing is suggested for an option unlike any other' 'pretrain --zzz' \
	"^pretrain: there is no option '--zzz': try 'pretrain -h'$"
ok 'clustered letters and a value attached to its letter still work' '
	doc 1 x >docs
	dedup -qv docs >out
	dedup -qoout docs
	doc 1 x | cmp - out
'
unit mkmodel m
for prog in "generate m hi" "chat m" "rlsample docs m" "sft m" "rltrain m" "rmtrain m" "score m"; do
	fails 2 "$prog: an operand that looks like a model suggests -m" \
		"$prog" "^${prog%% *}: no model: 'm' looks like one: -m m: "
done
ok 'a directory that only looks like a model is an operand' '
	generate -q -m m -n 1 m >out
'
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
ok 'on a terminal the message after Ctrl-C starts on a line of its own' '
	cat >interrupt.py <<-X
	import os, pty, re, select, signal, sys, time
	pid, fd = pty.fork()
	if not pid:
	    signal.signal(signal.SIGINT, signal.SIG_DFL)	# ignored under nohup
	    os.execvp(sys.argv[1], sys.argv[1:])
	def trains():
	    try:
	        return len(open("p/trainlog.tsv").readlines()) > 2
	    except OSError:
	        return False
	seen, sent, end = b"", False, time.time() + 60
	while True:
	    if select.select([fd], [], [], 0.5)[0]:
	        try:
	            data = os.read(fd, 4096)
	        except OSError:
	            break
	        if not data:
	            break
	        seen += data
	    if not sent and trains():
	        os.write(fd, b"\x03")
	        sent = True
	    if time.time() > end:
	        os.kill(pid, 9)
	    assert time.time() < end, seen
	after = seen.split(b"^C", 1)[1]
	prog = sys.argv[1].encode()
	assert prog + b": " in after, seen
	# Live lines overwrite the current line; others follow a line end.
	first = after[:after.index(prog + b": ")]
	assert re.search(rb"(\r|\n|\033\[K)$", first), seen
	X
	for i in 1 2 3 4 5 6 7 8 9; do doc $i "some words to learn"; done >docs
	tokenize -q -t m -o d docs
	python3 interrupt.py pretrain -o p -t m --layers 1 --width 32 \
		--heads 2 --context 8 --batch 2 --steps 9999999 d_train_000001.bin
	rm -r p
	python3 interrupt.py pretrain -q -o p -t m --layers 1 --width 32 \
		--heads 2 --context 8 --batch 2 --steps 9999999 d_train_000001.bin
'
else skip 'on a terminal the message after Ctrl-C starts on a line of its own' 'there are no pseudo-terminals'; fi
done_testing
