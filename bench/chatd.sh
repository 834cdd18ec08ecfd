#!/bin/sh
# chatd.sh - many clients that stream from chatd and from llama-server: same
# weights, 2 threads, one run
#
# usage: make build/bench/clients; PATH=build/bin:$PATH BUILD=build sh bench/chatd.sh
#
# Each figure is the median of RUNS runs (3), which alternate between the two
# servers; every run has prompts that neither has seen. See llamacpp.sh for what
# is fetched.
set -eu
RUNS=${RUNS:-3} THREADS=${THREADS:-2} CLIENTS=${CLIENTS:-16} TOKENS=${TOKENS:-64}
TYPES=${TYPES:-f32 q8_0 q4_0} WORDS=${WORDS:-0 100}
here=$(cd "${0%/*}" && pwd)
clients=$(cd "$BUILD/bench" && pwd)/clients
mkdir -p "$BUILD/bench/generate"
cd "$BUILD/bench/generate"
. "$here/lib.sh"
. "$here/llamacpp.sh"
needs_models $TYPES
needs_llamacpp llama-server

theirs= ours=
trap 'kill $theirs $ours 2>/dev/null || true' EXIT
trap 'exit 1' HUP INT TERM

wait_for() {	# COMMAND: until it succeeds; a minute at most
	i=0
	until eval "$1"; do
		i=$((i + 1))
		[ $i -lt 600 ] || { echo "no answer: $1" >&2; exit 1; }
		sleep .1
	done
}
free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
start() {	# TYPE
	port=$(free_port)
	context=1024
	"$llama/llama-server" -m "$1.gguf" -t "$THREADS" -tb "$THREADS" -np "$CLIENTS" \
		-c $((context * CLIENTS)) --host 127.0.0.1 --port "$port" >theirs.log 2>&1 &
	theirs=$! their_address=127.0.0.1:$port
	chatd -q -m "$1.gguf" -j "$THREADS" --parallel "$CLIENTS" --context $context \
		--listen 127.0.0.1:0 2>ours.log &
	ours=$!
	wait_for "grep -q 'listening on http' ours.log"
	our_address=$(sed -n 's,.*listening on http://\(.*\)/,\1,p' ours.log)
	wait_for "curl -sf http://$their_address/health >/dev/null"
}
stop() {
	kill $theirs $ours
	wait $theirs $ours || true
	theirs= ours=
}
first=0
run() {	# ADDRESS WORDS FILE: one run's line is appended to FILE
	"$clients" "$1" "$CLIENTS" "$TOKENS" $first "$2" >>"$3"
	first=$((first + CLIENTS))
}
show() {	# WHAT COLUMN BAR UNIT: of the lines in the files theirs and ours
	awk -v what="$1" -v bar="$3" -v unit="$4" \
		-v a="$(cut -f "$2" theirs | median)" -v b="$(cut -f "$2" ours | median)" 'BEGIN {
		ok = bar > 1 ? b >= bar * a : b <= bar * a
		printf "%-34s llama.cpp %8.1f  ours %8.1f %s  %5.2f times, bar %.1f  %s\n",
			what, a, b, unit, b / a, bar, ok ? "ok" : "missed" }'
}

machine
echo "$CLIENTS clients, $TOKENS tokens each, $THREADS threads, medians of $RUNS alternating runs"
for type in $TYPES; do
	start $type
	run "$their_address" 0 /dev/null	# both have computed something
	run "$our_address" 0 /dev/null
	for words in $WORDS; do
		rm -f theirs ours
		for _ in $(seq "$RUNS"); do
			run "$their_address" "$words" theirs
			run "$our_address" "$words" ours
		done
		show "$type, $words words: all" 4 1.5 tokens/s
		show "$type, $words words: first, median" 5 1 ms
		show "$type, $words words: first, last" 6 1 ms
	done
	stop
done
