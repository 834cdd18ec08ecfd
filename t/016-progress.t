#!/bin/sh
# Progress and the summary at the end.
. "${0%/*}/lib.sh"
needs_command python3
python3 -c 'import pty; pty.openpty()' 2>/dev/null || skip_all 'there are no pseudo-terminals'

# Runs a command with a terminal as standard error and prints what the terminal
# receives.
cat >terminal.py <<'END'
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
os.close(theirs)
out = b''
try:
    while data := os.read(ours, 4096):
        out += data
except OSError:
    pass
sys.stdout.buffer.write(out)
sys.exit(p.wait())
END
seq 1 3000 | sed 's/.*/What comes after &?/' >text
bpe-train -q -n 300 -r -o tok.json text
tokenize -q -t tok.json -r -o s text 2>log	# all of it goes into training
small='-j1 --layers 2 --width 64 --heads 4 --context 32 --batch 8 --steps 800 -t tok.json s_train_000001.bin'
cr=$(printf '\r') esc=$(printf '\033')
ok 'on a terminal the live line is updated in place, and counts up' '
	python3 terminal.py pretrain -o a $small >out
	tr "\r" "\n" <out | sed -n "s/^pretrain: .*step=\([0-9]*\)\/800 .*/\1/p" >seen
	test "$(wc -l <seen)" -ge 3
	sort -nu seen | cmp - seen
	grep -q "$cr" out && grep -q "$esc\[K" out
'
ok 'at the end the summary replaces it, on a line of its own' '
	tr "\r" "\n" <out | sed "s/$esc\[K//" | grep . | tail -n 1 | grep -q "^pretrain: steps=800 "
	tail -n 1 out | grep -q "steps=800 "
'
ok '-q suppresses it' '
	python3 terminal.py pretrain -q -o b $small >out
	test ! -s out
'
ok 'in a file a run this short leaves only the summary' '
	for i in 1 2 3; do doc $i "number $i"; sleep .3; done | dedup --by exact 2>err >docs
	test "$(wc -l <err)" = 1
	grep -q "^dedup: documents=3 kept=3" err
	not grep -q "$cr" err
'
done_testing
