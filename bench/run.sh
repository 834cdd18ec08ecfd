#!/bin/sh
# run.sh - timings of whole processes beside the floors we promise
#
# Called by `make bench`. BUILD is the build directory; programs are in PATH.
# A line: what, figure, floor, and ok or BELOW. Medians of RUNS (3). Texts are
# made under BUILD/bench of what is on the machine and stay there for the next
# run.
set -eu
BUILD=${BUILD:-build}
TOP=$(cd "${0%/*}/.." && pwd)
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
SHARED=${PIPELM_SHARED:-$TOP/../shared}
RUNS=${RUNS:-3}
unset PIPELM_ISA
work=$BUILD/bench/data
mkdir -p "$work" && cd "$work"

now() { date +%s.%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# seconds COMMAND...: median wall time of RUNS runs
seconds() {
	i=0
	while [ $i -lt "$RUNS" ]; do
		t=$(now)
		"$@" >/dev/null 2>bench.err || { cat bench.err >&2; exit 1; }
		echo "$t $(now)" | awk '{ printf "%.4f\n", $2 - $1 }'
		i=$((i + 1))
	done | median
}
# line WHAT VALUE UNIT FLOOR least|most
line() {
	awk -v what="$1" -v v="$2" -v unit="$3" -v floor="$4" -v sense="$5" 'BEGIN {
		good = sense == "least" ? v >= floor : v <= floor
		printf "%-44s %9.3g %-6s floor %s %-6s %s\n", what, v, unit,
			floor, unit, good ? "ok" : "BELOW" }'
}
rate() { awk -v b="$1" -v s="$2" 'BEGIN { print b / s / 1e6 }'; }
size() { wc -c <"$1" | tr -d ' '; }

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, $(uname -m), kernels: $(cpu=c; grep -qw avx2 /proc/cpuinfo && cpu=avx2; grep -qw avx512bw /proc/cpuinfo && cpu=avx512; echo $cpu)"

# ---- texts ----
# Pages: the gold set where it is there, else what documentation is installed
# or the demo has fetched; repeated with another address until 30 MB.
if [ ! -s crawl.warc ]; then
	if [ -d "$SHARED/data/clean" ]; then
		echo "pages: $SHARED/data/clean"
		find "$SHARED/data/clean" -name '*.html' | sort >list
	else
		mkdir -p found
		for deb in "$TOP"/demo/pages/*.deb; do
			[ -e "$deb" ] || continue
			(cd found && ar p "$deb" data.tar.xz | tar xJ 2>/dev/null) || true
		done
		find found /usr/share/doc -name '*.html' -size +2k 2>/dev/null | sort | head -n 3000 >list
	fi
	n=0
	while read -r f; do
		n=$((n + 1))
		bytes=$(size "$f")
		printf 'WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://site%d.example.org/\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n' \
			$n $((bytes + 44))
		cat "$f"
		printf '\r\n\r\n'
	done <list >crawl.warc
fi
html=$(crawlclean -q --stats stats -x crawl.warc >pages.jsonl; awk -F '\t' '$1 == "bytes" { print $2 }' stats)
if [ ! -s text.txt ]; then
	# 30 MB of text: the pages' own, repeated with its lines in another order
	sed 's/.*"text":"\(.*\)","id":.*/\1/; s/\\n/\
/g; s/\\t/	/g; s/\\"/"/g; s/\\\\/\\/g' pages.jsonl >once.txt
	k=0
	while [ $k -lt 20 ] && [ "$(cat text.txt 2>/dev/null | wc -c)" -lt 30000000 ]; do
		k=$((k + 1))
		awk -v k=$k '{ x = (NR * 7919 + k * 104729) % 1000003; printf "%07d\t%s\n", x, $0 }' once.txt |
			sort | cut -f 2-
	done >text.tmp
	head -c 30000000 text.tmp >text.txt
	rm -f text.tmp once.txt
	awk '{ gsub(/[\\"\t\r]/, " "); s = s " " $0
		if (++n == 25) { printf "{\"text\":\"%s\",\"id\":\"%d\"}\n", s, NR; s = ""; n = 0 } }' text.txt |
		LC_ALL=C tr -d '\001-\010\013-\037' >docs.jsonl
fi
mb=$(size text.txt)

# ---- the text stages, one thread ----
line 'crawlclean, WARC, all rules, MB/s of HTML' \
	"$(rate "$html" "$(seconds crawlclean -q -j 1 crawl.warc)")" MB/s 15 least
line 'dedup -m exact,near' \
	"$(rate "$(size docs.jsonl)" "$(seconds dedup -q -j 1 -m exact,near docs.jsonl)")" MB/s 30 least
if [ -e "$SHARED/data/vocab/cl100k_base.tiktoken" ]; then
	line 'tokenize, cl100k' "$(rate "$mb" "$(seconds tokenize -q -j 1 \
		-t "$SHARED/data/vocab/cl100k_base.tiktoken" -p cl100k -r -c text.txt)")" MB/s 30 least
else
	echo 'tokenize, cl100k: left out, there is no vocabulary beside the checkout'
fi
line "bpe-train 8,192 on $((mb / 1000000)) MB" \
	"$(seconds bpe-train -q -j 1 -n 8192 -r -o tok.json text.txt)" s 5 most

# ---- training: a llama of 10 million parameters, two threads ----
[ -s shard_train_000001.bin ] || {
	bpe-train -q -n 4096 -p gpt2 -r -o tok4k.json text.txt
	tokenize -q -t tok4k.json -o shard docs.jsonl
}
model='--layers 5 --width 384 --heads 6 --ffn 1024 --context 256 --batch 16'
# Matrix weights besides the embedding: the floating-point operations of a
# token are 6 a weight, and 12 layers width context / 2 for attention.
peak=$("$BUILD/bench/peak" | awk '$1 == "fma-peak" && $2 > 1 { print $3 }')
steps=24
pretrain_rate() {
	i=0
	while [ $i -lt "$RUNS" ]; do
		rm -rf m10
		pretrain -j 2 -m m10 -t tok4k.json $model --steps $steps shard_train_000001.bin 2>&1 |
			sed -n 's/.*steps=.*tokens\/s=\([0-9]*\).*/\1/p'
		i=$((i + 1))
	done | median
}
tps=$(pretrain_rate)
params=$(ckpt info m10 | awk '$1 ~ /param/ { gsub(",", "", $2); print $2; exit }')
flops=$(awk -v t="$tps" -v p="$params" 'BEGIN { printf "%.1f", t * (6 * p + 12 * 5 * 384 * 256 / 2) / 1e9 }')
echo "pretrain, llama of $params parameters: $tps tokens/s, $flops GFLOP/s; FMA peak $peak GFLOP/s"
line 'pretrain, share of the FMA peak, 2 threads' \
	"$(awk -v a="$flops" -v b="$peak" 'BEGIN { print a / b }')" '' 0.5 least

# ---- sampling ----
sampled() {	# ROLLOUTS: tokens a second of a whole process
	i=0
	echo '{"id":"1","prompt":"The"}' >prompt.jsonl
	while [ $i -lt "$RUNS" ]; do
		t=$(now)
		rlsample -q -m m10 -n 200 -N "$1" --batch "$1" prompt.jsonl >roll
		tokens=$(sed 's/.*"ids":\[\([^]]*\)\].*/\1/' roll | tr ',' '\n' | wc -l)
		echo "$t $(now) $tokens" | awk '{ print $3 / ($2 - $1) }'
		i=$((i + 1))
	done | median
}
one=$(sampled 1) many=$(sampled 64)
echo "rlsample: $one tokens/s of one rollout, $many of 64 at once"
line 'rlsample, 64 rollouts against one' \
	"$(awk -v a="$many" -v b="$one" 'BEGIN { print a / b }')" x 8 least

# ---- starting ----
RUNS=11
for p in crawlclean dedup bpe-train tokenize shard pretrain sft rlsample grade \
	rltrain generate chat ckpt
do
	line "start of $p" "$(awk -v s="$(seconds $p --version)" 'BEGIN { print s * 1000 }')" ms 20 most
done
