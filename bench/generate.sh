#!/bin/sh
# generate.sh - decoding beside llama.cpp: same weights, 2 threads, one run
#
# usage: PATH=build/bin:$PATH BUILD=build sh bench/generate.sh
#
# Each figure is the median of RUNS runs (5), which alternate between the two
# programs. Products are in fp32 with F32 and F16, in bf16 with BF16, in integers
# with others. See llamacpp.sh for what is fetched and kept in $BUILD/bench.
set -eu
RUNS=${RUNS:-5} THREADS=${THREADS:-2}
here=$(cd "${0%/*}" && pwd)
mkdir -p "$BUILD/bench/generate"
cd "$BUILD/bench/generate"
. "$here/lib.sh"
. "$here/llamacpp.sh"
PEER=llama.cpp
needs_models f32 f16 bf16 q8_0 q4_0
# The weights of f32 are those of q4_1, so they have more digits than bf16. These have
# as many as those of models that were released in bf16 and converted to fp32.
[ -e f32-of-bf16.gguf ] || ckpt convert --type f32 bf16.gguf f32-of-bf16.gguf
needs_llamacpp llama-bench llama-batched-bench

# ---- figures, tokens per second ----------------------------------------------

theirs() {	# MODEL PROMPT LENGTH
	"$llama/llama-bench" -m "$1" -p "$2" -n "$3" -t "$THREADS" -r 1 -o json 2>/dev/null |
		sed -n 's/.*"avg_ts": *\([0-9.]*\).*/\1/p'
}
theirs_many() {	# MODEL SAMPLES LENGTH
	"$llama/llama-batched-bench" -m "$1" -c $(($2 * $3 + 512)) -npp 16 -ntg "$3" -npl "$2" \
		-pps -t "$THREADS" --output-format jsonl 2>/dev/null |
		sed -n 's/.*"speed_tg": *\([0-9.]*\).*/\1/p'
}
prompt() {	# N: a prompt of N ids
	awk -v n="$1" 'BEGIN { printf "{\"prompt_ids\":[1"
		for (i = 1; i < n; i++) printf ",%d", 1000 + i * 37 % 40000
		print "]}" }'
}
ours() {	# TYPE PROMPT LENGTH SAMPLES read|wrote: the rate of what is named
	compute=auto
	[ "$1" != bf16 ] || compute=bf16
	prompt "$2" >prompt.$2
	generate -j "$THREADS" -m "$1.gguf" --compute $compute --jsonl --ignore-eos -n "$3" \
		-N "$4" --parallel "$4" prompt.$2 2>&1 >/dev/null |
		sed -n "s/.*$5 [0-9]*[a-z ]* at \([0-9]*\)\/s.*/\1/p"
}

machine
echo "$THREADS threads, medians of $RUNS alternating runs, tokens a second"
while read -r type bar; do
	compare "1 sequence, $type" "$bar" "theirs $type.gguf 0 64" "ours $type 8 64 1 wrote"
done <<END
f32 1.2
f32-of-bf16 1.2
f16 1.6
bf16 1.6
q8_0 1.6
q4_0 1.8
q4_1 1.8
END
for type in f32 f32-of-bf16 bf16 q8_0 q4_0; do
	compare "prompt of 512, $type" 1.3 "theirs $type.gguf 512 0" "ours $type 512 1 1 read"
done
for type in f32 f32-of-bf16 bf16 q8_0 q4_0; do
	compare "32 samples, $type" 2 "theirs_many $type.gguf 32 64" "ours $type 16 64 32 wrote"
done
