#!/bin/sh
# curves: training logs as plots and as a page.
. "${0%/*}/lib.sh"

log() {	# LOSS...: a log with these losses, one for each step of 100 tokens
	printf "step\tloss\tval_loss\tlr\tgrad_norm\ttokens\tbits\n"
	n=0
	for loss; do
		n=$((n + 1))
		printf "%d\t%s\tnan\t0.001\t1\t%d\t32\n" $n "$loss" $((n * 100))
	done
}
rep() { printf "%$2s" "" | sed "s/ /$1/g"; }	# CHARACTER N
# The characters of a drawing, which is between its title and the axis of x.
drawing() { sed '/^ *+[-+]*$/,$d; 1d; s/^[^|+]*[|+]//'; }
body() { sed -n '/^<body>/,/^<script>/p'; }

# ---- plots ----
# A width of 20 leaves 17 columns. A straight line is in the nearest of the rows.
log 3 1 >down
log 1 3 >up
log 2 2 >flat
ok 'a falling line in ASCII, to the character' '
	curves --ascii --width 20 --height 2 down >got
	{	echo loss
		echo "  |$(rep "*" 8)"
		echo "2 +$(rep " " 8)$(rep "*" 9)"
		echo "  ++$(rep - 15)+"
		echo "   1               2"
		echo "         step"
		echo "   * down"
	} | diff - got >&2
'
ok 'the same in Braille: two dots of each character, four of its rows' '
	LC_ALL=C.UTF-8 curves --width 20 --height 2 down >got
	LC_ALL=C.UTF-8 curves --width 20 --height 2 flat >flat.got
	# 34 dots from the top to the bottom of 8, rounded: 3 of them at the ends, else 5.
	{ echo "  │⠉⠑⠒⠒⠤⠤⣀⣀⡀"; echo "2 ┤        ⠈⠉⠉⠒⠒⠤⠤⢄⣀"; } >want
	sed -n 2,3p got | diff want - >&2
	sed -n 3p flat.got | grep -qx "2 ┤$(rep ⠉ 17)"
	grep -qx "  └┬───────────────┬" got
	grep -qx "   ⠒ down" got
'
ok 'without UTF-8 and with --ascii there is nothing but ASCII' '
	for how in "LC_ALL=C curves" "LC_ALL=C.UTF-8 curves --ascii" "LANG=de_DE.ISO-8859-1 LC_ALL= curves"; do
		env $how up >got
		not grep -q "[^ -~]" got
	done
	env LC_ALL= LC_CTYPE= LANG=en_US.utf8 curves up | grep -q ⠒
'
ok 'several runs have marks of their own, the last one on top, and a legend' '
	curves --width 20 --height 3 down up >got
	[ "$(drawing <got | tr -dc "+\n" | tr -d "\n" | wc -c)" = 17 ]
	drawing <got | sed -n 1p | grep -q "^\*.*+$"
	drawing <got | sed -n 3p | grep -q "^+.*\*$"
	tail -n 1 got | grep -qx "   \* down  + up"
	LC_ALL=C.UTF-8 curves --width 20 --height 3 down up | not grep -q ⠒
'
ok 'a long legend is on several lines, none wider than the plot' '
	curves --width 40 --height 2 down up flat down up flat down up flat >got
	[ "$(sed "1,/step/d" got | wc -l)" -ge 2 ]
	awk "length > 40 { exit 1 }" got
'
ok 'columns of one run in one plot, and plots one after another' '
	curves -c loss,lr -c tokens --width 30 --height 4 up >got
	grep -qx loss,lr got
	grep -qx "   *\* loss  + lr" got
	grep -qx tokens got
	[ "$(grep -c "^ *step$" got)" = 2 ]
'
ok 'what was not measured is no gap' '
	log 1 nan nan nan nan 2 >sparse
	log 1 2 >dense
	curves --width 20 --height 4 sparse | drawing >got
	curves --width 20 --height 4 dense | drawing | diff - got >&2
'
ok 'a column that was never measured says so' '
	curves -c val_loss up | grep -qx "no data"
	log >begun
	curves begun | grep -qx "no data"
'
ok '-x tokens counts them' '
	curves -x tokens --width 30 --height 2 up >got
	grep -q "100 .* 200" got
	grep -qx " *tokens" got
'
ok '--log-x: powers are at equal distances; --log-y leaves out what is not above 0' '
	log $(seq 100) >hundred
	curves --log-x --width 44 --height 2 hundred >got
	grep -qx "    ++$(rep - 18)+$(rep - 18)+" got
	grep -qx " *1  *10  *100" got
	log 0 -1 1 100 >signs
	curves --log-y --width 20 --height 2 signs >got
	grep -q "^ *3 .* 4$" got
	curves --log-y --width 20 --height 2 flat | grep -q "^ *2 +"
'
ok '--smooth is the mean over the last steps' '
	log 5 0 10 0 10 0 10 >wave
	log 5 2.5 5 5 5 5 5 >smooth
	curves --smooth 2 --width 20 --height 4 wave | drawing >got
	curves --width 20 --height 4 smooth | drawing | diff - got >&2
	{ log; printf "10\t4\tnan\t1\t1\t1\t32\n20\t8\tnan\t1\t1\t1\t32\n"; } >rare
	curves --width 20 --height 4 rare >got	# no other step is near
	curves --smooth 10 --width 20 --height 4 rare | diff got - >&2
	curves --smooth 11 --width 20 --height 4 rare | grep -q "^ *6 +"
'
ok 'the log of standard input, and a directory' '
	mkdir run
	cp up run/trainlog.tsv
	curves --width 20 --height 2 <up | drawing >got
	curves --width 20 --height 2 - <up | drawing | diff got - >&2
	curves --width 20 --height 2 run | drawing | diff got - >&2
'
ok 'control characters of a name are spelt out' '
	cp up "$(printf "a\033[31mb")"
	curves --width 20 --height 2 a*b >got
	grep -qF "a\\x1b[31mb" got
	not grep -q "$(printf "\033")" got
'
ok 'a million steps are drawn in no time; --width and --height are kept' '
	awk "BEGIN { print \"step\tloss\tval_loss\tlr\tgrad_norm\ttokens\"
		for (i = 1; i <= 300000; i++) print i \"\t\" (i % 7) \"\tnan\t1\t1\t\" i }" >many
	timeout 20 curves --width 100 --height 30 many >got
	[ "$(drawing <got | wc -l)" = 30 ]
	[ "$(wc -L <got)" = 100 ]
'
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
cat >terminal.py <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
try:
    while piece := os.read(fd, 65536):
        sys.stdout.buffer.write(piece)
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
ok 'on a terminal: its width, and colours, unless NO_COLOR is set' '
	esc=$(printf "\033")
	TERM=xterm LC_ALL=C.UTF-8 python3 terminal.py curves down up | tr -d "\r" >got
	grep -q "$esc\[36m⠒$esc\[0m down  $esc\[33m⠒$esc\[0m up" got
	grep └ got | LC_ALL=C.UTF-8 grep -qx ".\{50\}"
	for how in "NO_COLOR=1 TERM=xterm" TERM=dumb; do
		env $how python3 terminal.py curves down up >got
		not grep -q "$esc" got
		grep -q "\* down  + up" got
	done
	TERM=xterm LC_ALL=C.UTF-8 python3 terminal.py curves up >got
	not grep -q "$esc" got
'
else skip 'on a terminal: its width, and colours' 'there are no pseudo-terminals'; fi

# ---- bad input ----
bad() {	# WHAT MESSAGE: the file in is refused
	fails 1 "refused: $1" 'curves in >stdout; [ ! -s stdout ]' "$2"
	fails 1 "and nothing is written of a page: $1" 'curves --html page in || { [ ! -e page ] && exit 1; }' "$2"
}
printf '' >in
bad 'an empty file' '^curves: in:1: not a trainlog'
echo hello >in
bad 'text' '^curves: in:1: not a trainlog: it looks like plain text'
printf 'step\tloss\n1\t2\n' >in
bad 'other columns' '^curves: in:1: not a trainlog'
{ log 1 2; printf '3\t1\n'; } >in
bad 'a line with fewer fields' 'in:4: 2 fields, but the first line has 7'
{ log 1 2; printf '3\t1\t1\t1\t1\t1\t1\t1\n'; } >in
bad 'a line with more' 'in:4: 8 fields'
{ log 1; echo; } >in
bad 'an empty line' 'in:3: 1 fields'
log 1 one 2 >in
bad 'a word' "in:3: 'one' is not a number"
log 1 '' 2 >in
bad 'an empty field' "in:3: '' is not a number"
log 1 1x >in
bad 'a number with more behind it' "in:3: '1x' is not a number"
{ log 1; printf 'nan\t1\tnan\t1\t1\t1\t32\n'; } >in
bad 'a step that is NaN' 'in:3: the step is missing'
{ log 1 2 3; printf '2\t1\tnan\t1\t1\t1\t32\n'; } >in
bad 'a step backwards' 'in:5: the step is lower'
{ log 1; printf '2\t1\0\tnan\t1\t1\t1\t32\n'; } >in
bad 'a NUL' 'in:3: a NUL character'
fails 1 'a column that no log has names those there are' '
	curves -c reward up
' "^curves: up: there is no column 'reward': it has step, loss, val_loss, lr, grad_norm, tokens, bits$"
fails 1 'a directory without a log' '
	mkdir none
	curves none
' '^curves: none/trainlog.tsv: '
ok 'a last line that is being written is left out, with a warning' '
	log 1 3 >whole
	{ cat whole; printf "3\t9.1"; } >writing
	curves --width 20 --height 4 whole | drawing >want
	curves --width 20 --height 4 writing 2>err | drawing | diff want - >&2
	grep -qx "curves: writing:4: an incomplete line, which is left out" err
'
ok 'huge numbers and infinities do no harm' '
	log 1e308 -1e308 inf 1e-308 5 >huge
	curves huge >got
	curves --log-y --log-x huge >got
	curves --html page huge
	not grep -Ei "[^a-z](nan|inf)[^a-z]" page >&2
'
for how in '--width 19' '--height 1' '--height 5000' '--smooth 0' '-x loss' '--html p -c loss' '--html p -o q'; do
	fails 2 "refused: $how" "curves $how up" '^curves: '
done

# ---- the page ----
awk 'BEGIN { for (i = 0; i < 500; i++)
	printf "{\"text\":\"Line %d of %d, that is all.\"}\n", i * 37 % 500, 500 }' >docs
bpe-train -q -n 300 -p gpt2 docs -o tok.json
tokenize -q -t tok.json --val-share 0.05 -o s docs
small="-q -j1 --layers 2 --width 32 --heads 2 --context 32 --batch 4 -t tok.json"
pretrain -o one $small --steps 12 --val-file s_val_000000.bin --val-every 4 s_train_000001.bin
pretrain -o 't<w>o' $small --steps 6 --optimizer adamw s_train_000001.bin
charts() { grep -o '<figcaption>[^<]*' | sed 's/.*>//'; }

ok 'the page of a run: its ends, its model, its charts, its commands' '
	curves --html page one
	body <page >got
	grep -q "<h1>one</h1>" got
	last=$(column loss one/trainlog.tsv | tail -n 1)
	grep "^<tr><td>one</td><td class=\"n\">12</td><td class=\"n\">1536</td><td class=\"n\">$(printf %.4f $last)<" got |
		grep -q "$(printf %.4f $(column val_loss one/trainlog.tsv | tail -n 1))"
	parameters=$(ckpt info one | awk "/^parameters/ { print \$2; exit }")
	grep -q "<td>llama</td><td class=\"n\">2</td><td class=\"n\">32</td><td class=\"n\">2</td><td class=\"n\">32</td>.*<td class=\"n\">$parameters</td>" got
	printf "%s\n" Loss "Learning rate" "Norm of the gradient before clipping" >want
	charts <got | diff want - >&2
	for name in loss val_loss one; do grep -q "$name<output" got; done
	grep -q "^pretrain -o one" got
	not grep -E "https?:|//[a-z]|@import|url\(|src=" page >&2
'
ok 'of several runs: a row each, a line each in every chart, names escaped' '
	curves --html page one "t<w>o" up
	body <page >got
	grep -q "<h1>Training runs</h1>" got
	[ "$(grep -c "^<tr><td>up</td>" got)" = 1 ]
	[ "$(grep -c "^<tr><td>t&lt;w&gt;o</td>" got)" = 2 ]
	[ "$(awk "/figcaption>Learning/ { on = 1 } on && /^<path class=\"curve/ { print } on && /<.figure/ { exit }" got | wc -l)" = 3 ]
	charts <got | grep -qx "Loss on held-out data"
	not grep -q "<w>" got
'
ok 'columns that other trainers add have charts, and those never measured none' '
	printf "step\tloss\tval_loss\tlr\tgrad_norm\ttokens\taccuracy\tval_accuracy\tkl\tbits\n" >rl
	printf "1\t1\tnan\t1\t1\t9\t.5\tnan\tnan\t32\n2\t.9\tnan\t1\t1\t18\t.6\t.55\tnan\t32\n" >>rl
	curves --html page rl
	charts <page | grep -qx accuracy
	grep -q "val_accuracy<output" page
	not grep -q ">kl<" page
	curves --html page rl up
	charts <page | grep -qx val_accuracy
'
ok 'a log from before there was the column bits' '
	cut -f 1-6 up >old
	curves --html page old up
	grep -q "<tr><td>old</td>.*<td class=\"n\">-</td></tr>" page
'
if command -v python3 >/dev/null; then
ok 'elements of the page are closed' '
	curves --html page one "t<w>o" rl
	cat >strict.py <<-X
	import html.parser
	class P(html.parser.HTMLParser):
	    stack = []
	    def handle_starttag(self, tag, attrs):
	        if tag not in ("meta", "input"):
	            self.stack.append(tag)
	    def handle_startendtag(self, tag, attrs): pass
	    def handle_endtag(self, tag):
	        assert self.stack and self.stack.pop() == tag, (tag, self.stack)
	p = P()
	p.feed(open("page", encoding="utf-8").read())
	p.close()
	assert not p.stack
	X
	python3 strict.py
'
else skip 'elements of the page are closed' 'there is no python3'; fi

# ---- pages of trainers ----
awk 'BEGIN { for (i = 0; i < 20; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Line %d?\"},{\"role\":\"assistant\",\"content\":\"All %d.\"}]}\n", i, i % 7 }' >conv
ok 'pretrain --html, also into the directory of the model: what curves writes of it' '
	pretrain -o own $small --steps 3 --html own/run.html s_train_000001.bin
	curves --html page own
	cmp page own/run.html
	pretrain --resume -o own --steps 5	# and remembered
	grep -q "<tr><td>own</td><td class=\"n\">5</td>" own/run.html
'
ok 'a page of a running pretrain is there after its first checkpoint' '
	pretrain -o going $small --steps 1000000 --save-every 5 --html going.html s_train_000001.bin &
	pid=$!
	n=0
	until [ -e going.html ] || [ $n -ge 1000 ]; do sleep .01; n=$((n + 1)); done
	kill -KILL $pid
	wait $pid || true
	[ "$(charts <going.html | head -n 1)" = Loss ]
	tail -n 1 going.html | grep -q "</html>"
'
ok 'sft --html, and what it trains is the same' '
	sft -q -j1 -m one -o tuned --steps 3 conv
	sft -q -j1 -m one -o tuned2 --steps 3 --html sft.html conv
	cmp tuned/model.safetensors tuned2/model.safetensors
	cmp tuned/trainlog.tsv tuned2/trainlog.tsv
	curves --html page tuned2
	cmp page sft.html
'
fails 2 '--html to standard output is refused: it is written more than once' '
	pretrain -o no $small --html - --steps 1 s_train_000001.bin
' '^pretrain: --html: '
fails 1 'a page that cannot be written is reported before training' '
	pretrain -o no $small --html /nowhere/page --steps 100000 s_train_000001.bin
' '/nowhere/page'
done_testing
