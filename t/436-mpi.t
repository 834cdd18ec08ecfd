#!/bin/sh
# Several processes train one model through MPI: what they learn, what they write, and
# how they end.
. "${0%/*}/lib.sh"
needs_command mpirun
case $BUILD in */tsan) skip_all 'the thread sanitizer does not know MPI' ;; esac
ldd "$BUILD/bin/pretrain" 2>/dev/null | grep -q libmpi ||
	skip_all 'pretrain is built without MPI'
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
case $(mpirun --version) in *'Open MPI'*) more=--oversubscribe ;; *) more= ;; esac
mpi() {	# RANKS COMMAND...
	n=$1; shift
	timeout 120 mpirun $more -n "$n" "$@"
}
mpi 2 true >log 2>&1 || skip_all "mpirun does not work here: $(head -n 1 log)"

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Line %d of %d, that is all.\"}\n", i * 37 % 2000, 2000 }' >docs
bpe-train -q -n 300 -p gpt2 docs -o tok.json
tokenize -q -t tok.json --val-share 0.05 -o s docs
tokenize -q -t tok.json docs >tokens
awk 'BEGIN { for (i = 0; i < 40; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Line %d?\"},{\"role\":\"assistant\",\"content\":\"All %d.\"}]}\n", i, i % 7 }' >conv
shape="-j1 --layers 2 --width 48 --heads 4 --context 32 --batch 8 -t tok.json --schedule constant --warmup 0"
small="-q $shape --val-file s_val_000000.bin --val-every 4"
endless="--steps 10000000"

# Two logs: column C of all lines differs by at most BOUND, relative to the first.
agree() {	# DIR DIR BOUND COLUMN...
	one=$1 other=$2 bound=$3
	shift 3
	for c; do
		column $c $one/trainlog.tsv >one.column
		column $c $other/trainlog.tsv >other.column
		[ "$(wc -l <one.column)" = "$(wc -l <other.column)" ]
		paste one.column other.column | awk -v b=$bound '
			$1 == "nan" && $2 == "nan" { next }
			{ n++; d = $1 - $2; m = $1 < 0 ? -$1 : $1; m = m < 1e-3 ? 1e-3 : m
			if (!(d <= b * m && -d <= b * m)) { print FILENAME, NR, $0 >"/dev/stderr"; exit 1 } }'
	done
}
whole() {	# DIR: a model and a state that load, and nothing half-written
	ckpt info $1 >/dev/null
	[ -z "$(find $1 -name "*.next")" ]
}
until_there() {	# FILE LINES
	n=0
	while [ $n -lt 2000 ] && [ "$(wc -l 2>/dev/null <"$1" || echo 0)" -lt "$2" ]
	do sleep .01; n=$((n + 1)); done
}
rank_pid() {	# MPIRUN RANK: the process id
	for p in $(pgrep -P $1); do
		tr '\0' '\n' </proc/$p/environ | grep -qE "^(OMPI_COMM_WORLD_RANK|PMI_RANK)=$2\$" &&
			echo $p && return
	done
}

ok 'only trainers are linked with MPI' '
	for p in "$BUILD"/bin/*; do
		case ${p##*/} in
		pretrain | sft | rltrain) ldd "$p" | grep -q libmpi ;;
		*) ldd "$p" >linked; not grep -q libmpi linked ;;
		esac
	done
'

# ---- what they learn ----
# Muon's direction changes more with the rounding of a gradient.
for optimizer in adamw muon; do
	[ $optimizer = adamw ] && bound=1e-5 || bound=3e-5
	pretrain -o one-$optimizer $small --optimizer $optimizer --steps 12 s_train_000001.bin
	for n in 2 3; do
		ok "$n ranks learn what one does: $optimizer" "
			mpi $n pretrain -o $optimizer-$n $small --optimizer $optimizer --steps 12 \
				s_train_000001.bin
			agree one-$optimizer $optimizer-$n $bound loss val_loss grad_norm
			agree one-$optimizer $optimizer-$n 0 lr tokens
			agree one-$optimizer $optimizer-$n 0 step
			whole $optimizer-$n
			ckpt info $optimizer-$n/best >/dev/null
		"
	done
done
ok 'the same run again: the same bytes' '
	mpi 3 pretrain -o again $small --optimizer muon --steps 12 s_train_000001.bin
	for f in model.safetensors training.safetensors trainlog.tsv best/model.safetensors; do
		cmp muon-3/$f again/$f
	done
'
ok 'more ranks than rows, rows in parts, and several threads each' '
	pretrain -o few1 $small --batch 2 --steps 6 s_train_000001.bin
	mpi 3 pretrain -o few3 $small -j2 --batch 2 --steps 6 s_train_000001.bin
	agree few1 few3 1e-5 loss val_loss grad_norm
	least=$(mpi 2 pretrain -o parts $small -M 1M s_train_000001.bin 2>&1 |
		sed -n "s/.*needs at least \([0-9.]*M\) with one row.*/\1/p" | head -n 1)
	mpi 2 pretrain -o parts $small -M $least --optimizer adamw --steps 12 s_train_000001.bin
	agree one-adamw parts 1e-5 loss val_loss grad_norm
'
ok '--wire bf16: nearly the same' '
	mpi 2 pretrain -o wire $small --wire bf16 --optimizer adamw --steps 12 s_train_000001.bin
	agree one-adamw wire 1e-2 loss val_loss
	differ wire/model.safetensors adamw-2/model.safetensors
	grep -q "^wire=bf16$" wire/run.txt
'
ok 'moments in bf16 are rounded alike' '
	pretrain -o half1 $small --moments bf16 --optimizer adamw --steps 12 s_train_000001.bin
	mpi 3 pretrain -o half3 $small --moments bf16 --optimizer adamw --steps 12 s_train_000001.bin
	agree half1 half3 1e-3 loss val_loss
	[ "$(wc -c <half1/training.safetensors)" = "$(wc -c <half3/training.safetensors)" ]
'
for n in 1 3; do
	ok "a run of two ranks is continued by $n" "
		mpi 2 pretrain -o to$n $small --optimizer muon --steps 8 s_train_000001.bin
		mpi $n pretrain -o to$n -q -j1 --resume --steps 12
		agree one-muon to$n 3e-5 loss val_loss
		whole to$n
	"
done

# ---- what they write ----
ok 'one of them reports, and writes the log' '
	mpi 3 pretrain -o told $shape --steps 5 s_train_000001.bin 2>err
	[ "$(grep -c . err)" = 1 ]
	grep -q "^pretrain: steps=5 loss=.* compute=fp32 tokens/s=" err
	[ "$(wc -l <told/trainlog.tsv)" = 6 ]
'
fails 1 'one of them says what is wrong with the data' '
	mpi 3 pretrain -o x $small no.bin 2>err || {
		status=$?; cat err >&2
		[ "$(grep -c no.bin err)" = 1 ]; exit $status; }
' '^pretrain: no.bin: cannot open: No such file'
fails 2 'and with the command line' 'mpi 2 pretrain -o x --nope' "^pretrain: there is no option '--nope'"

# ---- data ----
fails 2 'a stream is refused' '
	mpi 2 pretrain -o x $small <tokens
' '^pretrain: 2 ranks cannot read one standard input: name files'
fails 2 'under a name, too' '
	mkfifo stream
	mpi 2 sft -m one-muon -o x stream
' '^sft: stream: 2 ranks cannot read one stream: name a file'
fails 2 'statistics of a part of the gradient' \
	'mpi 2 pretrain -o x -t tok.json --stats-every 2 s_train_000001.bin' \
	'^pretrain: --stats-every: not with several ranks'
ok 'the speed and samples of several ranks are written by the first' '
	pretrain -o alone $small --steps 4 --sample-every 2 s_train_000001.bin
	mpi 2 pretrain -o both $small --steps 4 --speed --sample-every 2 s_train_000001.bin
	[ "$(wc -l <both/speed.tsv)" = 5 ]
	cmp alone/samples.jsonl both/samples.jsonl
	[ ! -e alone/speed.tsv ]
'
fails 2 'and --plan' 'mpi 2 pretrain -n -t tok.json' '^pretrain: --plan is of one process, not of 2'
fails 1 'rmtrain runs as one' 'mpi 2 rmtrain -m one-muon -o x conv' \
	'^rmtrain: 2 processes were started, but this program runs as one'
fails 1 'processes that a launcher started, but that MPI does not connect' '
	SLURM_STEP_NUM_TASKS=4 pretrain -o x $small s_train_000001.bin
' '4 processes were started, but MPI connects 1'

# ---- the end ----
ok 'a killed rank ends the job; the last checkpoint is resumed' '
	timeout 60 mpirun $more -n 2 pretrain -o killed $small $endless --save-every 3 --optimizer muon \
		s_train_000001.bin 2>err &
	until_there killed/training.safetensors 1
	job=$(pgrep -P $!)
	kill -KILL $(rank_pid $job 1)
	status=0; wait $! || status=$?
	[ $status != 0 ]
	grep -q "signal 9" err
	whole killed
	rm -f killed/*.tmp.*
	step=$(ckpt info killed | sed -n "s/^step	//p")
	steps=$(($(sed 1d killed/trainlog.tsv | wc -l) + 4))
	mpi 2 pretrain -o killed -q -j1 --resume --steps $steps
	pretrain -o unkilled $small --steps $steps --optimizer muon s_train_000001.bin
	agree unkilled killed 1e-4 loss
'
fails 1 'a rank that dies ends the job with its message' '
	timeout 60 mpirun $more -n 1 pretrain -o x $small $endless s_train_000001.bin : \
		-n 1 env PIPELM_FAIL_ALLOC=500 pretrain -o x $small $endless s_train_000001.bin
' '^pretrain: rank 1: out of memory'
fails 1 'rank 0 that cannot write its checkpoint, too' '
	mkdir -p x2/run.txt
	mpi 2 pretrain -o x2 $small --steps 3 s_train_000001.bin
' '^pretrain: x2/run.txt: '
ok 'SIGTERM: all finish the step and write the checkpoint' '
	timeout 60 mpirun $more -n 2 pretrain -o term $small $endless s_train_000001.bin 2>err &
	until_there term/trainlog.tsv 6
	job=$(pgrep -P $!)
	kill -TERM $(rank_pid $job 0)
	status=0; wait $! || status=$?
	[ $status = 1 ]
	[ "$(grep -c "^pretrain: stopped by a signal after step [0-9]*; --resume continues$" err)" = 1 ]
	steps=$(($(sed 1d term/trainlog.tsv | wc -l) + 2))
	pretrain -o term -q -j1 --resume --steps $steps
'
ok 'SIGUSR1 to mpirun: the same' '
	timeout 60 mpirun $more -n 2 pretrain -o usr $small $endless s_train_000001.bin 2>err &
	until_there usr/trainlog.tsv 6
	kill -USR1 $(pgrep -P $!)
	status=0; wait $! || status=$?
	[ $status != 0 ]
	grep -q "^pretrain: stopped by a signal after step [0-9]*; --resume continues$" err
	whole usr
'
ok '--minutes: they stop together' '
	mpi 2 pretrain -o min $small --minutes 0.02 --save-minutes 0.005 s_train_000001.bin
	whole min
'

# ---- the other trainers ----
ok 'sft: what one learns, also of an adapter' '
	for more_options in "--val-share .2" "--lora 4"; do
		rm -rf sft1 sft2
		sft -q -j1 -m one-muon -o sft1 --epochs 2 --batch 3 $more_options conv
		mpi 2 sft -q -j1 -m one-muon -o sft2 --epochs 2 --batch 3 $more_options conv
		agree sft1 sft2 1e-5 loss val_loss grad_norm
	done
'
sft -q -j1 -m one-muon -o chat --epochs 2 conv
head -n 4 conv | sed 's/{"messages":\[\([^]]*\),{"role":"assistant[^]]*]/{"id":"x","messages":[\1]/' |
	awk '{ sub(/"id":"x"/, "\"id\":\"p" NR "\""); print }' >prompts
rlsample -q -j1 -m chat -N 6 -n 8 <prompts | awk '{ sub(/}$/, ",\"reward\":" NR % 3 "}"); print }' >graded
ok 'rltrain: what one learns from rewards, with its measures' '
	rltrain -j1 -m chat -o rl1 --ref chat --kl .1 --lr 1e-3 --batch 12 --epochs 2 graded 2>err1
	mpi 2 rltrain -j1 -m chat -o rl2 --ref chat --kl .1 --lr 1e-3 --batch 12 --epochs 2 graded 2>err2
	agree rl1 rl2 2e-5 loss grad_norm reward length entropy
	agree rl1 rl2 1e-3 kl ref_kl
	[ "$(grep -c . err2)" = "$(grep -c . err1)" ]
	for f in err1 err2; do sed -n "s/.*\(entropy=[0-9.]*\).*/\1/p" $f >$f.entropy; done
	cmp err1.entropy err2.entropy
'
ok 'and from pairs' '
	rltrain -q -j1 -m chat -o dpo1 --loss dpo --best-worst --lr 1e-3 --batch 2 graded
	mpi 3 rltrain -q -j1 -m chat -o dpo3 --loss dpo --best-worst --lr 1e-3 --batch 2 graded
	agree dpo1 dpo3 2e-5 loss grad_norm chosen rejected
'
done_testing
