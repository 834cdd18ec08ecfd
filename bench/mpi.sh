#!/bin/sh
# mpi.sh - what MPI costs: two ranks of one thread beside one process of two threads
#
# usage: PATH=build/bin:$PATH BUILD=build sh bench/mpi.sh [SHAPE]
# SHAPE: gpt2 (124M, the default) or small.
#
# Both train the same model on the same 4,096 tokens a step; RUNS runs (3) alternate, and
# the medians of their seconds a step are compared. A step is what a run of STEPS (4)
# steps takes longer than one of a single step, divided by the others: without loading,
# the first step and the checkpoint. MPIRUN has other options for mpirun.
set -eu
RUNS=${RUNS:-3}
STEPS=${STEPS:-4}
here=$(cd "${0%/*}" && pwd)
mkdir -p "$BUILD/bench/mpi"
cd "$BUILD/bench/mpi"
. "$here/lib.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

case ${1:-gpt2} in
gpt2) shape='--arch gpt2 --layers 12 --width 768 --heads 12 --context 256 --batch 16' words=50257 ;;
small) shape='--arch gpt2 --layers 6 --width 384 --heads 6 --context 256 --batch 16' words=8192 ;;
*) echo "mpi.sh: no shape is called '$1'" >&2; exit 2 ;;
esac
[ -e $words.bin ] || python3 "$here/pretrain.py" shard $words.bin $words 300000

# Seconds of a run of N steps.
timed() {	# N THREADS LAUNCHER...
	n=$1 threads=$2
	shift 2
	rm -rf model
	began=$(date +%s.%N)
	"$@" pretrain -q -j $threads -o model $shape --optimizer adamw --save-minutes 0 --steps $n $words.bin 2>log ||
		{ cat log >&2; exit 1; }
	echo "$began $(date +%s.%N)" | awk '{ print $2 - $1 }'
}
one() { timed "$1" 2 env; }
two() { timed "$1" 1 mpirun --oversubscribe --bind-to core -n 2 ${MPIRUN:-}; }
step() {	# one|two: seconds of a step
	short=$($1 1) long=$($1 $((STEPS + 1)))
	echo "$short $long" | awk -v n="$STEPS" '{ print ($2 - $1) / n }'
}
rate() { median <$1 | awk '{ print 4096 / $1 }'; }

machine
rm -f times.*
run=0
while [ $run -lt "$RUNS" ]; do
	step one >>times.one
	step two >>times.two
	run=$((run + 1))
done
echo "$(rate times.one) $(rate times.two)" | awk '{
	printf "one process, 2 threads %9.1f tokens/s  two ranks %9.1f  %.3f times, bar .95  %s\n",
		$1, $2, $2 / $1, ($2 >= .95 * $1) ? "ok" : "below" }'
