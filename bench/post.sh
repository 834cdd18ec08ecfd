#!/bin/sh
# post.sh - fine-tuning, rollouts and reinforcement learning beside TRL and PyTorch:
# same weights, same data, one thread, one run
#
# usage: make build/bench/seconds; PATH=build/bin:$PATH BUILD=build sh bench/post.sh
#
# Each figure is the median of RUNS runs (3), which alternate between the two. Of
# the peers only the steps are timed, without loading and without the first two; of
# ours, whole processes from start to end. $VENV is a virtual environment that has
# trl, torch, transformers and datasets; one is made in $BUILD/bench otherwise.
set -eu
RUNS=${RUNS:-3}
here=$(cd "${0%/*}" && pwd)
seconds=$(cd "$BUILD/bench" && pwd)/seconds
mkdir -p "$BUILD/bench/post"
cd "$BUILD/bench/post"
. "$here/lib.sh"
PEER=peer
python=${VENV:-$PWD/venv}/bin/python
if ! "$python" -c 'import trl' 2>/dev/null; then
	python3 -m venv venv
	venv/bin/pip -q install trl torch transformers datasets \
		--extra-index-url https://download.pytorch.org/whl/cpu
	python=$PWD/venv/bin/python
fi
peer() { "$python" "$here/post.py" "$@" 2>peer.log || { cat peer.log >&2; exit 1; }; }
took() { "$seconds" 1 "$@"; }	# COMMAND...: seconds of the whole process
calc() { awk "BEGIN { printf \"%.${2:-1}f\n\", $1 }"; }

# ---- data: sums in words, and models of two sizes that have seen some --------

awk 'BEGIN { srand(1)
	split("zero one two three four five six seven eight nine ten eleven twelve", w, " ")
	for (i = 0; i < 20000; i++) {
		a = int(rand() * 7); b = int(rand() * 7)
		q = "What is " w[a + 1] " and " w[b + 1] "?"
		r = "Count " w[b + 1] " on from " w[a + 1] ": that is " w[a + b + 1] "."
		text = text (i % 40 ? "\\n" : "") q " " r
		if (i % 40 == 39) {
			printf "{\"text\":\"%s\"}\n", text >"documents.jsonl"
			text = ""
		}
		printf "{\"prompt\":\"%s\",\"completion\":\" %s\"}\n", q, r >"pairs.jsonl"
		if (i < 64)
			printf "{\"id\":%d,\"prompt\":\"%s\",\"answer\":\"%s\"}\n",
				i, q, w[a + b + 1] >"prompts.jsonl"
	} }'
# NAME VOCABULARY OPTION...: of few steps and long documents, so that answers rarely end
# before their length
model() {
	name=$1
	bpe-train -q -n "$2" -p gpt2 -o $name.json documents.jsonl 2>/dev/null
	tokenize -q -t $name.json -o $name documents.jsonl
	shift 2
	pretrain -q --force -j 1 -o $name -t $name.json --context 256 --batch 4 --steps 2 \
		"$@" ${name}_train_000001.bin
}
model small 512 --layers 4 --width 128 --heads 4 --ffn 352
model large 4096 --layers 6 --width 384 --heads 6 --ffn 1024

# ---- sft ---------------------------------------------------------------------

our_sft() {	# MODEL STEPS: tokens of packed rows a second
	calc "16 * 256 * $2 / $(took sft -q --force -j 1 -m "$1" -o out --template plain \
		--batch 16 --context 256 --steps "$2" pairs.jsonl)"
}

# ---- rollouts and updates ----------------------------------------------------

# MODEL SEED SAMPLES LENGTH: one round on the prompts on standard input; about half of
# the answers have the first letter that is wanted.
round() {
	rlsample -q -j 1 -m "$1" -s "$2" -N "$3" -n "$4" |
		grade -q --regex '^[^a-z]*[a-m]' |
		rltrain -q -j 1 -m "$1" -o "$1" --loss grpo --lr 1e-4
}
now() { date +%s.%N; }
# MODEL PROMPTS SAMPLES LENGTH: seconds of 8 rounds, each of three processes
loop() {
	rm -rf policy
	cp -r "$1" policy
	start=$(now)
	for i in 1 2 3 4 5 6 7 8; do
		tail -n +$(((i - 1) * $2 + 1)) prompts.jsonl | head -n "$2" |
			round policy $i "$3" "$4" 2>>loop.log
	done
	calc "$(now) - $start" 4
}
our_rounds() { calc "8 * 64 / $(loop small 8 8 48)"; }

# What the processes cost: rounds with next to nothing to do, two answers of one token.
# One process that does all would not start, read and write the model each time.
overhead() {	# MODEL
	rm -f whole idle
	for run in $(seq "$RUNS"); do
		loop $1 8 8 48 >>whole
		loop $1 1 2 1 >>idle
	done
	awk -v size="$1" -v a="$(median <whole)" -v b="$(median <idle)" 'BEGIN {
		printf "a round of 3 processes, %-5s  %.3f s, idle %.3f s: overhead %.3f, bar .15  %s\n",
			size, a / 8, b / 8, b / (a - b), b / (a - b) <= .15 ? "ok" : "above" }'
}

# ---- sampling ----------------------------------------------------------------

our_sample() {	# MODEL ROWS LENGTH: tokens of the answers, some of which end early
	echo '{"id":1,"prompt":"What is one and two? "}' >one.jsonl
	s=$(took rlsample -j 1 -m "$1" -N "$2" -n "$3" --parallel "$2" one.jsonl 2>one.log)
	calc "$(sed -n 's/.*wrote \([0-9]*\) .*/\1/p' one.log) / $s"
}

machine
echo "one thread, medians of $RUNS alternating runs"
compare 'sft, .8M parameters, 16 x 256, tokens/s' 4 \
	'peer sft small pairs.jsonl 12 16 256' 'our_sft small 40'
compare 'sft, 14M parameters, 16 x 256, tokens/s' 1.5 \
	'peer sft large pairs.jsonl 6 16 256' 'our_sft large 8'
compare 'rollouts and update, .8M, 64 x 48, answers/s' 15 \
	'peer grpo small prompts.jsonl 8 64 48 8' our_rounds
compare 'sampling, .8M, 128 rows of 64, tokens/s' 10 \
	'peer sample small 128 64' 'our_sample small 128 64'
compare 'sampling, .8M, 128 rows of 192, tokens/s' 10 \
	'peer sample small 128 192' 'our_sample small 128 192'
for size in small large; do overhead $size; done
