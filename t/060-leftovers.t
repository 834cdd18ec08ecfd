#!/bin/sh
# The next run removes temporary files of killed runs and leaves others alone.
. "${0%/*}/lib.sh"

# A process id that is not in use.
sleep 0 &
gone=$!
wait $gone

# temporary NAME: waits for the single file NAME.tmp.HOST.PID and prints it
temporary() {
	for tick in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		set -- "$1" "$1".tmp.*
		[ -e "$2" ] && echo "$2" && return
		sleep 0.1
	done
	return 1
}
# begin FILE: starts a writer of FILE that waits for its input; sets $writer
begin() {
	rm -f in
	mkfifo in
	dedup -q -o "$1" <in &
	writer=$!
	exec 3>in
	# Enough input for a program that checks whether it is an archive.
	head -c 100000 /dev/zero | tr "\0" "\n" >&3
}

# The suffix of temporary names on this machine whose process is gone.
begin first
left=$(temporary first)
exec 3>&-
wait $writer
host=${left#first.tmp.}
host=${host%.*}
gone=$host.$gone

ok 'what kill -9 leaves of a file is removed by its next writer' '
	begin out
	left=$(temporary out)
	kill -9 $writer
	wait $writer || :
	[ -e "$left" ]
	exec 3>&-
	doc 1 x | dedup -q -o out
	[ -e out ]
	[ ! -e "$left" ]
'
ok 'a file still being written stays, and is completed' '
	begin two
	left=$(temporary two)
	doc 1 x | dedup -q -o two
	[ -e "$left" ]
	doc 2 y >&3
	exec 3>&-
	wait $writer
	[ ! -e "$left" ]
	doc 2 y | cmp - two
'
ok 'a locked file stays although its process id is not in use here' '
	echo x >three.tmp.$gone
	python3 -c "import fcntl, subprocess
f = open(\"three.tmp.$gone\")
fcntl.flock(f, fcntl.LOCK_EX)
subprocess.run([\"dedup\", \"-q\", \"-o\", \"three\"], input=b\"\", check=True)"
	[ -e three.tmp.$gone ]
	dedup -q -o three </dev/null
	[ ! -e three.tmp.$gone ]
'
ok 'a kept checkpoint with such a file is removed with it' '
	doc 1 "$(seq 300)" | tr "\n" " " >words
	bpe-train -q -n 260 -o tok.json words
	tokenize -q -t tok.json -o steps words
	pretrain -q -o kept -t tok.json --layers 1 --width 16 --heads 2 --context 8 --batch 1 \
		--steps 3 --save-every 1 --keep 3 steps_train_000001.bin
	echo half >kept/step-2/run.txt.tmp.$gone
	pretrain -q -o kept --resume --steps 5
	[ ! -e kept/step-2 ]
	[ -e kept/step-5 ]
'
ok 'names that only look similar stay, as do links and their targets' '
	mkdir d
	echo x >d/target
	ln -s target d/out.tmp.$gone
	for name in other.tmp.$gone out.tmp. out.tmp.1x out.tmp.$host.0${gone#*.} out.tmp \
		out.tmp.$host.$$ outx.tmp.$gone out.tmp.$host.99999999999 \
		out.tmp.${gone#*.} out.tmp.0$gone out.tmp.x${gone#?}; do
		echo x >"d/$name"
	done
	ls d >before
	dedup -o d/out </dev/null 2>err
	ls d | grep -vx out | cmp - before
	not grep -q removed err
'
ok 'names identify the machine; those of another machine stay for a day' '
	printf "%s\n" "$host" | grep -Eq "^[0-9a-f]{8}\$"
	other=00000000
	[ $host != $other ]
	echo x >d/far.tmp.$other.1
	touch -d "25 hours ago" d/far.tmp.$other.2
	dedup -q -o d/far </dev/null
	[ -e d/far.tmp.$other.1 ]
	[ ! -e d/far.tmp.$other.2 ]
	rm d/far.tmp.$other.1
'
ok 'their number is reported, except with -q' '
	for how in "" -q; do
		echo x >d/new.tmp.$gone
		dedup $how -o d/new </dev/null 2>>err
	done
	[ "$(grep -c "d: removed 1 temporary file of a run that was" err)" = 1 ]
'
ok 'a series of shards: also numbers that this run does not reach' '
	doc 1 "some text" >docs
	unit mkmodel m
	for n in train_000001 train_000009 val_000000; do
		echo x >s_$n.bin.tmp.$gone
		echo x >other_$n.bin.tmp.$gone
	done
	tokenize -q -t m -o s docs
	ls s_* >names
	grep -q "s_train_000001.bin$" names
	not grep -q tmp names
	[ "$(ls other_*.tmp.$gone | wc -l)" = 3 ]
'
ok 'a model directory: whichever file it was for' '
	mkdir k
	for name in model.safetensors config.json trainlog.tsv checkpoint.7; do
		echo x >k/$name.tmp.$gone
	done
	echo x >k/notes.tmp
	ckpt convert m k
	[ "$(ls k | grep tmp)" = notes.tmp ]
	ckpt compare m k --tolerance 0 >/dev/null
'
done_testing
