#!/bin/sh
# What a run keeps during and after training: log, checkpoints, the best model,
# its options; its limits; and what it refuses to replace.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Line %d of %d, that is all.\"}\n", i * 37 % 2000, 2000 }' >docs
bpe-train -q -n 300 -p gpt2 docs -o tok.json
bpe-train -q -n 280 -p gpt2 docs -o other.json
tokenize -q -t tok.json --val-share 0.05 -o s docs
tokenize -q -t tok.json docs >tokens
awk 'BEGIN { for (i = 0; i < 40; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Line %d?\"},{\"role\":\"assistant\",\"content\":\"All %d.\"}]}\n", i, i % 7 }' >conv
shape="-j1 --layers 2 --width 48 --heads 4 --context 32 --batch 8"
small="-q $shape -t tok.json"
pretrain -o base $small --steps 20 s_train_000001.bin
endless="--steps 10000000"

until_there() {	# FILE LINES: waits until FILE has that many lines
	n=0
	while [ $n -lt 1000 ] && [ "$(wc -l 2>/dev/null <"$1" || echo 0)" -lt "$2" ]
	do sleep .01; n=$((n + 1)); done
}
killed() {	# SIGNAL COMMAND...: starts it and sends the signal after 5 lines of its log
	signal=$1; shift
	"$@" 2>killed.err &
	pid=$!
	until_there run/trainlog.tsv 6
	kill -$signal $pid
	wait $pid 2>/dev/null || true
}
same() {	# DIR DIR
	for f in model.safetensors training.safetensors trainlog.tsv; do
		cmp "$1/$f" "$2/$f" || return 1
	done
}

# ---- start ----
ok '--resume without a checkpoint reports that the run starts from the beginning' '
	pretrain -o fresh $small --steps 2 --resume s_train_000001.bin 2>err
	grep -q "^pretrain: fresh: no checkpoint to resume from: a new run begins$" err
	pretrain -o fresh -q --steps 3 --resume 2>err
	[ ! -s err ]
	sft -m fresh -o fresh2 -q -j1 --steps 1 --resume conv 2>err
	grep -q "^sft: fresh2: no checkpoint to resume from: a new run begins$" err
'
fails 1 'sft: other conversations are reported rather than the batch that follows from them' '
	sft -m fresh -o fresh4 -q -j1 --steps 1 conv
	head -n 3 conv >fewer
	sft -o fresh4 -q --resume --steps 3 fewer
' 'fresh4/training.safetensors: the run was trained on other data: it cannot resume'
fails 1 'a limit on the size of files is a message, not a signal' '
	ulimit -f 20
	pretrain -o large $small --steps 2 s_train_000001.bin
' 'training.safetensors.*: cannot write: File too large$'
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
fails 2 'tokens are not read from a terminal' '
	python3 -c "import os, pty, sys
master, slave = pty.openpty()
os.set_inheritable(master, True)
os.dup2(slave, 0)
os.execvp(sys.argv[1], sys.argv[1:])" timeout 20 pretrain -o fresh3 -t tok.json
' '^pretrain: no shards given, and standard input is a terminal: '
else skip 'tokens are not read from a terminal' 'there are no pseudo-terminals'; fi

ok 'two ranks train as one does: rows, first loss, the model up to rounding' '
	unit ranks -q base s_train_000001.bin
'

# ---- monitoring ----
ok 'the log has every step of a run that is killed before a checkpoint' '
	killed KILL pretrain -o run $small $endless s_train_000001.bin
	[ ! -e run/model.safetensors ]
	[ "$(sed 1d run/trainlog.tsv | wc -l)" -ge 5 ]
	awk -F "\t" "NR > 1 && (\$1 != NR - 1 || NF != 7) { exit 1 }" run/trainlog.tsv
'
ok 'so does the log of sft' '
	rm -rf run
	killed KILL sft -q -j1 -m base -o run $endless conv
	[ "$(sed 1d run/trainlog.tsv | wc -l)" -ge 5 ]
'
ok 'a truncated last line does not prevent --resume' '
	pretrain -o torn $small --steps 4 s_train_000001.bin
	pretrain -o untorn $small --steps 8 --schedule constant s_train_000001.bin
	rm -rf torn
	pretrain -o torn $small --steps 4 --schedule constant s_train_000001.bin
	printf "5\t3.1" >>torn/trainlog.tsv
	pretrain -o torn --resume -q -j1 --steps 8
	same torn untorn
'
ok 'checkpoints are written by time' '
	rm -rf run
	pretrain -o run $small $endless --save-minutes 0.001 s_train_000001.bin &
	pid=$!
	until_there run/training.safetensors 1
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	ckpt info run >/dev/null
'
ok 'the progress line shows the last validation loss' '
	cat >terminal.py <<-END
	import os, pty, sys
	sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
	END
	python3 terminal.py pretrain -o live $shape -t tok.json --steps 400 \
		--val-file s_val_000000.bin --val-every 5 s_train_000001.bin >seen
	tr "\r" "\n" <seen | grep -a " step=[0-9]*/400" | grep -aq "val_loss=[0-9]"
'
ok 'best/ is the model with the lowest validation loss, and loads' '
	pretrain -o b $small --lr 0.02 --schedule constant --clip 0 --warmup 2 --steps 60 --val-file s_val_000000.bin \
		--val-every 4 s_train_000001.bin
	least=$(column val_loss b/trainlog.tsv | grep -v nan | sort -g | head -1)
	at=$(awk -F "\t" -v l="$least" "\$3 == l { print \$1; exit }" b/trainlog.tsv)
	pretrain -o b2 $small --lr 0.02 --schedule constant --clip 0 --warmup 2 --steps $at s_train_000001.bin
	ckpt compare b/best b2 --tolerance 0
	generate -q -m b/best -n 4 Line >/dev/null
'
ok 'best/ is the same if the run was killed in between' '
	pretrain -o bw $small --steps 40 --val-file s_val_000000.bin --val-every 4 s_train_000001.bin
	rm -rf run
	killed KILL pretrain -o run $small --steps 40 --save-every 3 --val-file s_val_000000.bin \
		--val-every 4 s_train_000001.bin
	pretrain -o run -q -j1 --resume --steps 40 --val-file s_val_000000.bin $shape s_train_000001.bin \
		--val-every 4 -t tok.json
	cmp bw/best/model.safetensors run/best/model.safetensors
'
ok 'best/ of the previous model is not taken for that of the new one' '
	cp -r bw old
	pretrain -o old --force $small --steps 2 s_train_000001.bin
	[ ! -e old/best/model.safetensors ]
'

# ---- limits ----
ok '--minutes: the run ends in time, its learning rate follows the clock' '
	began=$(date +%s)
	pretrain -o min $small --minutes 0.05 --val-file s_val_000000.bin s_train_000001.bin
	[ $(($(date +%s) - began)) -le 10 ]
	peak=$(column lr min/trainlog.tsv | sort -g | tail -1)
	last=$(column lr min/trainlog.tsv | tail -1)
	awk "BEGIN { exit !($last < 0.3 * $peak) }"
	column val_loss min/trainlog.tsv | tail -1 | grep -q "^[0-9]"
'
ok '--minutes: sft trains as many epochs as fit' '
	sft -q -j1 -m base -o smin --minutes 0.02 conv
	[ "$(sed 1d smin/trainlog.tsv | wc -l)" -gt 20 ]
	last=$(column lr smin/trainlog.tsv | tail -1)
	peak=$(column lr smin/trainlog.tsv | sort -g | tail -1)
	awk "BEGIN { exit !($last < 0.3 * $peak) }"
'
ok '--resume does not restart a time limit that is used up' '
	cp min/model.safetensors before
	pretrain -o min --resume -j1 2>err
	cmp min/model.safetensors before
	grep -q "the run is complete" err
'

# ---- resuming ----
ok '--resume alone continues: same bytes as a run that was not stopped' '
	how="--optimizer muon --schedule linear --lr 0.01 --clip 0.3 --beta2 0.9 --warmup 3
		--val-file s_val_000000.bin --val-every 6 --separate -s 5 -M 36M --momentum 0.9"
	pretrain -o w1 $small $how --steps 40 s_train_000001.bin
	rm -rf run
	killed TERM pretrain -o run $small $how --steps 40 --save-every 3 s_train_000001.bin
	pretrain --resume -o run
	same w1 run
	cmp w1/best/model.safetensors run/best/model.safetensors
'
ok 'so does sft' '
	sft -q -j1 -m base -o w2 --epochs 4 --batch 2 --val-share 0.1 --lr 0.002 conv
	rm -rf run
	killed TERM sft -q -j1 -m base -o run --epochs 4 --batch 2 --val-share 0.1 --lr 0.002 --save-every 3 conv
	sft --resume -o run
	same w2 run
'
ok 'a killed sft is resumed from its checkpoint' '
	rm -rf run
	sft -q -j1 -m base -o run --epochs 4 --batch 2 --val-share 0.1 --lr 0.002 --save-every 3 conv &
	pid=$!
	until_there run/training.safetensors 1
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	sft -q --resume -o run
	same w2 run
'
fails 1 'missing shards are named, with what to do' '
	pretrain -o moved $small --steps 2 s_train_000001.bin
	mkdir elsewhere
	cd elsewhere
	pretrain -o ../moved --resume -q --steps 4
' 's_train_000001.bin: the run in ../moved read this file, which is missing'
ok 'shards given at another path resume the run; the tokenizer is in the directory' '
	cd elsewhere
	pretrain -o ../moved --resume -q --steps 4 ../s_train_000001.bin
	[ "$(sed 1d ../moved/trainlog.tsv | wc -l)" = 4 ]
'
ok 'an option given again replaces the recorded one' '
	pretrain -o more $small --steps 6 --lr 0.01 s_train_000001.bin
	pretrain -o more -q --resume --steps 9 --lr 0
	[ "$(sed 1d more/trainlog.tsv | wc -l)" = 9 ]
	[ "$(column lr more/trainlog.tsv | tail -1)" = 0 ]
'
fails 1 'other shards with as many rows cannot replace the original ones' '
	shard shuffle -o s2 s_train_000001.bin
	pretrain -o more -q --resume --steps 12 s2_train_000001.bin
' "the run was trained on other data: it cannot resume"
fails 1 'nor can other conversations' '
	sed "s/Line/Row/" conv >conv2
	sft -q -j1 -o w2 --resume --epochs 9 conv2
' "the run was trained on other data: it cannot resume"
fails 1 'nor can another initial model' '
	sft -q -j1 -m w1 -o w2 --resume --epochs 9
' "the run had 'model=base'"
fails 1 'nor can another tokenizer' '
	pretrain -o more -q --resume --steps 12 -t other.json
' 'not the tokenizer'
fails 1 'sft does not resume a run of pretrain' '
	sft -q -m base -o base --resume conv
' 'training state is of pretrain'
fails 1 'a stream shorter than what the run has already used' '
	pretrain -o st $small --steps 20 <tokens
	docs=$(head -60 docs | tokenize -q -t tok.json | shard info - | sed -n "s/^tokens.//p")
	[ "$docs" -lt $((20 * 8 * 32)) ]
	head -60 docs | tokenize -q -t tok.json | pretrain -o st --resume -q --steps 30
' 'ends after [0-9]+ rows, but the run had consumed 160'
ok 'a stream without further rows is reported and changes nothing' '
	head -200 docs | tokenize -q -t tok.json >short
	pretrain -o sh $small <short
	cp -r sh sh2
	pretrain -o sh --resume <short 2>err
	diff -r sh sh2
	grep -q "the run is complete" err
	not grep -q "loss=0" err
'

# ---- nothing is replaced silently ----
fails 1 'a model is not replaced by pretrain' '
	cp -r base kept
	pretrain -o kept $small --steps 1 s_train_000001.bin || {
		diff -r base kept >&2 && exit 1; exit 9; }
' 'kept: holds a model already: --resume continues its training, --force'
fails 1 'pretrain does not resume as a run from another model' '
	pretrain -q -o base -m w1 --resume
' "the run had 'model=random', this one has 'model=w1'"
ok 'the same command starts a run from a model and resumes it' '
	pretrain $small -m base -o from9 --steps 9 s_train_000001.bin
	for steps in 4 9; do
		pretrain $small -m base -o from4 --steps $steps --schedule constant --resume s_train_000001.bin 2>err
	done
	[ ! -s err ]
	pretrain $small -m base -o from8 --steps 9 --schedule constant s_train_000001.bin
	same from4 from8
	pretrain -q --resume -o from4 --steps 10
	differ from9/trainlog.tsv from8/trainlog.tsv
'
fails 1 'nor by sft' '
	sft -q -m base -o w1 conv
' 'w1: holds a model already: '
ok '--force replaces it' '
	pretrain -o kept $small --force --steps 1 s_train_000001.bin
	[ "$(sed 1d kept/trainlog.tsv | wc -l)" = 1 ]
'
for f in config.json tokenizer.json tokenizer_config.json generation_config.json provenance.txt
do
	fails 1 "$f of another program is not replaced" "
		rm -rf theirs; mkdir theirs; echo '{\"mine\": 1}' >theirs/$f
		sft -q -m base -o theirs conv || {
			grep -q mine theirs/$f && exit 1; exit 9; }
	" "theirs/$f: is there already, without a model"
	fails 1 "nor by pretrain: $f" "
		pretrain -o theirs $small --steps 1 s_train_000001.bin
	" "theirs/$f: is there already, without a model"
done
ok 'the tokenizer given may be in the directory' '
	mkdir own
	cp tok.json own/tokenizer.json
	pretrain -q -o own $shape -t own/tokenizer.json --steps 1 s_train_000001.bin
'
fails 1 'a log of another program is not replaced' '
	mkdir logs; echo mine >logs/trainlog.tsv
	pretrain -o logs $small --steps 1 s_train_000001.bin || {
		grep -q mine logs/trainlog.tsv && exit 1; exit 9; }
' 'logs/trainlog.tsv: not a trainlog'
for p in 'pretrain -o' 'sft -m base -o'; do
	fails 1 "$p: a file where a directory is expected" "
		cp docs afile
		case '$p' in
		pre*) $p afile $small s_train_000001.bin ;;
		*) $p afile conv ;;
		esac
	" 'afile: a file, not a directory to write a model to: .*tokenize'
done
fails 1 'a directory where a file is expected' '
	mkdir adir
	pretrain -o x $small adir
' 'adir: is a directory, not a shard'
for program in 'generate -q -n 1 hi -m' 'chat -m' 'sft -q -o x conv -m' 'pretrain -q -o x s_train_000001.bin -m'
do
	fails 1 "a tokenizer of another model is refused: ${program%% *}" "
		rm -rf mixed; cp -r w2 mixed; cp other.json mixed/tokenizer.json
		case '$program' in pre*) rm -rf mixed; cp -r base mixed; cp other.json mixed/tokenizer.json ;; esac
		$program mixed
	" 'mixed/tokenizer.json: not the tokenizer that the model was trained'
done
ok 'ckpt and pretrain -m keep what the model records of its tokenizer' '
	ckpt convert base conv1
	cp other.json conv1/tokenizer.json
	status=0; generate -q -m conv1 -n 1 hi 2>err || status=$?
	[ $status = 1 ]; grep -q "not the tokenizer" err
'

# ---- pipes ----
ok 'tokenize | pretrain --steps ends well under pipefail' '
	command -v bash >/dev/null || exit 0
	for i in $(seq 40); do cat docs; done >many
	bash -c "set -o pipefail
		tokenize -q -t tok.json many | pretrain -o p1 $small --steps 2
		cat many | tokenize -q -t tok.json | pretrain -o p2 $small --steps 2"
	[ "$(sed 1d p1/trainlog.tsv | wc -l)" = 2 ]
'
fails 1 'what follows the last step is checked too; the model is written' '
	for i in $(seq 40); do cat docs; done | tokenize -q -t tok.json |
		head -c 100000 | pretrain -o p3 $small --steps 2 || {
			[ -s p3/model.safetensors ]; exit 1; }
' 'the token stream ends early'

# ---- provenance ----
ok 'provenance passes through shards, split and shuffled ones too' '
	shard split -o sp tokens
	shard shuffle -o sh sp_train_000001.bin
	pretrain -o prov $small --steps 1 sh_train_000001.bin
	cut -d " " -f 1-2 prov/provenance.txt >got
	printf "%s\n" "tokenize -q" "shard split" "shard shuffle" "pretrain -o" | cmp - got
	pretrain -o prov2 $small --steps 1 s_train_000001.bin
	grep -q "^tokenize -q -t tok.json --val-share" prov2/provenance.txt
	shard cat s_train_000001.bin | pretrain -o prov3 $small --steps 1
	grep -q "^tokenize -q -t tok.json --val-share" prov3/provenance.txt
'
ok 'shards are still llm.c shards: its three header words and our own part' '
	[ "$(od -An -v -tx1 -j 44 -N 980 s_train_000001.bin | tr -d " \n0")" = "" ]
	size=$(wc -c <s_train_000001.bin)
	[ $((1024 + 2 * $(od -An -td4 -j 8 -N 4 s_train_000001.bin))) = $size ]
'

# ---- series of shards ----
fails 1 'a series of shards of another tokenizer is not replaced' '
	tokenize -q -t tok.json -o row docs
	cp row_train_000001.bin before
	tokenize -q -t other.json -o row docs || {
		cmp row_train_000001.bin before; exit 1; }
' 'row_train_000001.bin: exists already, made with another tokenizer'
fails 1 'nor is a file that is not a shard' '
	cp docs notes_train_000001.bin
	shard split -o notes tokens || {
		cmp docs notes_train_000001.bin; exit 1; }
' 'notes_train_000001.bin: exists already and is not a shard: .*JSON'
ok 'shards left over from an older, longer series are reported' '
	tokenize -q -t tok.json --shard-size 3000 -o row docs
	[ -e row_train_000003.bin ]
	tokenize -q -t tok.json -o row docs 2>err
	grep -q "row_train_000002.bin: left over from an older series" err
'

# ---- memory ----
fails 2 '-M too small for a row states the minimum' '
	pretrain -o x $small -M 10K --steps 1 s_train_000001.bin
' '-M 10.0K: this model needs at least [0-9.]+M with one row of 32 tokens at once: parameters'
# Sanitizers take memory of their own, and terabytes of address space.
if command -v python3 >/dev/null && (ulimit -v 4000000 && pretrain -h) >/dev/null 2>&1; then
cat >peak.py <<-'END'
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
END
peak() {	# COMMAND...: its peak memory in KB, as when run outside the tests
	rm -rf x; env -u MALLOC_PERTURB_ python3 peak.py "$@"
}
wide="--layers 2 --width 256 --heads 4 --context 128 --batch 32"
ok '-M is the memory of the whole process: pretrain' '
	free=$(peak pretrain -q -o x $wide -t tok.json --steps 2 s_train_000001.bin)
	for memory in 72 96; do
		for how in "--optimizer adamw" "--optimizer muon" "--compute bf16" \
				"--compute bf16 --recompute full"; do
			most=$(peak pretrain -q -o x -M ${memory}M $wide -t tok.json \
				$how --steps 2 s_train_000001.bin)
			[ $most -le $((memory * 1024)) ]
			[ $most -ge $((memory * 640)) ]
			[ $most -lt $free ]
		done
	done
'
pretrain -q -o wide $wide -t tok.json --steps 1 s_train_000001.bin
ok '-M is the memory of the whole process: sft and rltrain' '
	free=$(peak sft -q -m wide -o x --steps 2 --batch 32 --context 64 conv conv conv conv conv conv)
	most=$(peak sft -q -m wide -o x -M 80M --steps 2 --batch 32 --context 64 conv conv conv conv conv conv)
	[ $most -le 81920 ]
	[ $most -lt $free ]
	awk "BEGIN { for (i = 0; i < 64; i++) {
		printf \"{\\\"id\\\":1,\\\"prompt_ids\\\":[1],\\\"reward\\\":%d,\\\"ids\\\":[\", i % 2
		for (k = 0; k < 100; k++) printf \"%s5\", k ? \",\" : \"\"
		printf \"],\\\"logprobs\\\":[\"
		for (k = 0; k < 100; k++) printf \"%s-1\", k ? \",\" : \"\"
		print \"]}\" } }" >rolled
	for ref in "" "--ref wide --kl 0.1"; do
		free=$(peak rltrain -q -m wide -o x $ref rolled)
		most=$(peak rltrain -q -m wide -o x $ref -M 80M rolled)
		[ $most -le 81920 ]
		[ $most -lt $free ]
	done
'
rm -rf x
else skip '-M is the memory of the whole process' 'there is no python3, or a sanitizer takes more'; fi
for program in 'pretrain -o x $small --steps 1 s_train_000001.bin' 'sft -q -j1 -m base -o x conv'; do
	ok "a message about too little memory names the options: ${program%% *}" "
		n=1; named=0
		while [ \$n -le 400 ]; do
			rm -rf x
			PIPELM_FAIL_ALLOC=\$n $program 2>err && break
			grep -q 'out of memory.*--batch' err && named=\$((named + 1))
			n=\$((n + 1))
		done
		[ \$named -gt 20 ]
	"
done
fails 1 'a model too large for the memory of the machine is refused at the start' '
	pretrain -o x -q -t tok.json --width 60000 --layers 20 --heads 8 s_train_000001.bin
' 'needs [0-9.]+G of memory, but the machine has .*--layers.*--width'
ok 'none of these leaves a partial file' '
	[ ! -e x/model.safetensors ] && [ -z "$(find . -name "*.tmp.*" ! -path "./run/*")" ]'
done_testing
