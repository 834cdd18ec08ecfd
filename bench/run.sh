#!/bin/sh
# run.sh - measures the speeds that pipelm promises; called by make bench
#
# Whole processes from start to end, on one thread unless the line says 2; the
# median of RUNS runs (3). Each line: what, figure, floor, ok or below. The data
# are made once from what the machine has, and kept in $BUILD/bench/data.
set -eu
RUNS=${RUNS:-3}
here=$(cd "${0%/*}/.." && pwd)
shared=${PIPELM_SHARED:-$here/../shared}
mkdir -p "$BUILD/bench/data"
bench=$(cd "$BUILD/bench" && pwd)
cd "$bench/data"

# WHAT FIGURE UNIT FLOOR least|most: a line of the table
line() {
	awk -v what="$1" -v x="$2" -v unit="$3" -v floor="$4" -v kind="$5" 'BEGIN {
		good = kind == "least" ? x + 0 >= floor : x + 0 <= floor
		printf "%-78s %7s %s %s %s %s  %s\n", what, x, unit,
			kind == "least" ? ">=" : "<=", floor, unit,
			good ? "ok" : "below" }'
}
skipped() { printf '%-78s skipped: %s\n' "$1" "$2"; }
median() { "$bench/seconds" "$RUNS" "$@"; }
calc() { awk "BEGIN { printf \"%.${2:-1}f\", $1 }"; }
bytes() { wc -c <"$1"; }
rate() { calc "$1 / 1e6 / $2"; }	# BYTES SECONDS: MB/s

machine() {
	model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | sort -u | head -n 1)
	echo "machine: ${model:-$(uname -m)}, $(getconf _NPROCESSORS_ONLN) processors, $(uname -sm)"
	echo "instruction set: $("$bench/peak" 2 | awk -F '\t' '$1 == "isa" { print $3 }')${PIPELM_ISA:+ (PIPELM_ISA)}"
}

# ---- data --------------------------------------------------------------------

record() {	# NUMBER FILE: a WARC response record holding a page
	head='HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n'
	printf 'WARC/1.0\r\nWARC-Type: response\r\n'
	printf 'WARC-Target-URI: http://example.org/%s\r\n' "$1"
	printf 'WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:%s>\r\n' "$1"
	printf 'Content-Type: application/http; msgtype=response\r\n'
	printf 'Content-Length: %d\r\n\r\n' $(($(bytes "$2") + 44))
	printf "$head"
	cat "$2"
	printf '\r\n\r\n'
}

# Prints the names of pages; writes where they come from to pages.from.
find_pages() {
	if [ -d "$shared/data/clean" ]; then
		echo "web pages with known main text, ../shared/data/clean" >pages.from
		find "$shared/data/clean" -name '*.html'
	elif ls "$here"/demo/pages/*.deb >/dev/null 2>&1 && command -v dpkg-deb >/dev/null; then
		echo "Debian packages of the demo, demo/pages" >pages.from
		mkdir -p unpacked
		for deb in "$here"/demo/pages/*.deb; do
			dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C unpacked
		done
		find unpacked -type f -name '*.html'
	else
		echo "pages found in /usr/share/doc" >pages.from
		find /usr/share/doc /usr/share/help -type f -name '*.html' 2>/dev/null || :
	fi | sort
}
make_crawl() {
	n=0 size=0
	find_pages | while [ $size -lt 60000000 ] && IFS= read -r page; do
		n=$((n + 1)) size=$((size + $(bytes "$page")))
		record $n "$page"
		echo "$size" >crawl.size
	done >crawl.tmp
	rm -rf unpacked
	mv crawl.tmp crawl.warc
}

# Documents: the text of the pages, the demo's documents, then text files of
# the system until there are 30 MB.
make_documents() {
	cp pages.from documents.from
	crawlclean -q -x -j 1 crawl.warc >documents.tmp
	if [ -s "$here/demo/clean.jsonl" ]; then
		cat "$here/demo/clean.jsonl" >>documents.tmp
		echo "documents of the demo" >>documents.from
	fi
	if [ "$(bytes documents.tmp)" -lt 30000000 ]; then
		echo "text files in /usr/share/doc" >>documents.from
		find /usr/share/doc -type f ! -name '*.html*' -size -64k |
			sort | tr '\n' '\0' |
			xargs -0 crawlclean -q -x -i text >system.tmp 2>/dev/null || :
		dedup -q --by exact system.tmp |
			awk -v n=$((30000000 - $(bytes documents.tmp))) \
				'n > 0 { print; n -= length($0) + 1 }' >>documents.tmp
		rm system.tmp
	fi
	mv documents.tmp documents.jsonl
}

[ -s crawl.warc ] || make_crawl
[ -s documents.jsonl ] || make_documents
html=$(cat crawl.size 2>/dev/null || echo 0)
text=$(bytes documents.jsonl)

machine
echo "pages: $(calc "$html / 1e6") MB, $(cat pages.from)"
echo "documents: $(calc "$text / 1e6") MB, $(awk 'NR > 1 { printf "; " } { printf "%s", $0 }' documents.from)"
echo "median of $RUNS runs of whole processes"
echo

# ---- pages to tokens ---------------------------------------------------------

if [ "$html" -gt 0 ]; then
	t=$(median crawlclean -q -j 1 crawl.warc)
	line 'crawlclean, WARC, all rules' "$(rate "$html" "$t")" MB/s 15 least
else
	skipped 'crawlclean' 'no HTML was found on this machine'
fi
t=$(median dedup -q --by exact,near -j 1 documents.jsonl)
line 'dedup --by exact,near' "$(rate "$text" "$t")" MB/s 30 least
cl100k=$shared/data/vocab/cl100k_base.tiktoken
if [ -e "$cl100k" ]; then
	t=$(median tokenize -q -t "$cl100k" -j 1 -o tokens documents.jsonl)
	line 'tokenize, cl100k' "$(rate "$text" "$t")" MB/s 30 least
else
	skipped 'tokenize, cl100k' "no vocabulary in $cl100k"
fi
t=$(median bpe-train -q -n 8192 -p gpt2 -j 1 -o tok8k.json documents.jsonl)
line "bpe-train -n 8192 on $(calc "$text / 1e6" 0) MB" "$(calc "$t" 2)" s 5 most

# ---- models ------------------------------------------------------------------
# A Llama of 12 million parameters. Operations per token: 6 for each weight of
# the matrices and the head, 6 * width * context for the causal attention of
# each layer, forward and backward.

bpe-train -q -n 4096 -p gpt2 -o tok.json documents.jsonl
tokenize -q -t tok.json -o shard documents.jsonl
layers=6 width=384 ffn=1024 context=256 batch=32 steps=6 vocab=4096
flop=$((6 * (layers * (4 * width * width + 3 * width * ffn) + vocab * width) +
	6 * layers * width * context))
for optimizer in adamw muon; do
	t=$(median pretrain -q --force -j 2 -o model -t tok.json --layers $layers --width $width \
		--heads 6 --ffn $ffn --context $context --batch $batch \
		--steps $steps --optimizer $optimizer shard_train_000001.bin)
	rate=$(calc "$flop * $batch * $context * $steps / $t / 1e9")
	# Measured next to the run, since the peak of a shared machine varies.
	peak=$("$bench/peak" 2 | awk -F '\t' '$1 == "fma-peak" { p = $3 } END { print p }')
	name="pretrain, llama 12M, $optimizer, 2 threads"
	case $peak in
	0.0) skipped "$name, $rate GFLOP/s" 'the peak of this processor is unknown' ;;
	*) line "$name, $rate of $peak GFLOP/s" "$(calc "$rate / $peak" 2)" peak .5 least ;;
	esac
done

# Tokens per second of answers to one prompt, 64 tokens each, BATCH of them in
# flight at once. A single answer reads all weights for each token, so memory
# bandwidth bounds it; many are bound by arithmetic. The quotient of the two
# bounds what batching can gain and is printed beside the figure.
rollouts() {	# MODEL THREADS ANSWERS BATCH
	set -- -q -j "$2" -m "$1" -n 64 -N "$3" --parallel "$4" prompt.jsonl
	rlsample "$@" >rollouts.jsonl
	n=$(awk '{ sub(/.*"ids":\[/, ""); sub(/\].*/, "")
		n += split($0, id, ",") } END { print n }' rollouts.jsonl)
	calc "$n / $(median rlsample "$@")" 0
}
many_over_one() {	# NAME MODEL THREADS
	one=$(rollouts "$2" "$3" 16 1) many=$(rollouts "$2" "$3" 256 64)
	most=$("$bench/peak" "$3" | awk -F '\t' -v n="$3" '$2 == n { x[$1] = $3 }
		END { printf "%.1f", x["fma-peak"] / (x["memory-read"] / 2) }')
	line "rlsample, $1, 64 at once ($many tokens/s) over 1 ($one), limit $most" \
		"$(calc "$many / $one")" times 8 least
}
echo '{"id":"a","prompt":"The files"}' >prompt.jsonl
many_over_one 'llama 12M' model 1
pretrain -q --force -j 2 -o large -t tok.json --layers 12 --width 768 --heads 12 \
	--ffn 2048 --context 256 --batch 1 --steps 1 shard_train_000001.bin
many_over_one 'llama 88M, 2 threads' large 2

# ---- graders -----------------------------------------------------------------
# Answers of some 330 bytes: a worked solution, then the labelled answers of the
# tests.

answers=200000
awk -F '\t' -v n=$answers 'function quote(s) {
		gsub(/\\/, "\\\\\\\\", s); gsub(/"/, "\\\"", s); gsub(/⏎/, "\\n", s)
		return s
	}
	$2 == "number" && $4 !~ /^\[/ { text[m] = quote($5); answer[m++] = quote($4) }
	END { for (i = 0; i < n; i++)
		printf "{\"id\":%d,\"sample\":%d,\"stop\":\"eos\",\"text\":\"%s %s\",\"answer\":\"%s\"}\n", i / 8, i % 8,
			"Each of the 12 boxes has 8 pens, so there are 12 * 8 = 96 pens at first.\\n" \
			"She gives 3 pens to each of her 7 friends, and they take 3 * 7 = 21 pens home.\\n" \
			"Of the 96 - 21 = 75 pens that are left, one third, 75 / 3 = 25, do not write.\\n" \
			"We look at what remains and multiply by the price:", text[i % m], answer[i % m] }' \
	"$here/t/grade-labels.tsv" >answers.jsonl
for rule in number 'number --rule strict' 'number --rule flexible' exact 'choice --letters 0123456789' \
	f1 em 'regex pens' 'format boxed' 'length 10- --unit words'; do
	line "grade --$rule, answers of $(($(bytes answers.jsonl) / answers)) bytes" \
		"$(calc "$answers / 1000 / $(median grade -q -j 1 --$rule answers.jsonl)")" k/s 100 least
done

# ---- start -------------------------------------------------------------------
# Not --version but work: a page, a document, a model of two small layers. The
# files are kept in memory if possible, so that disk time is not measured.

RUNS=20
samples=$(mktemp -d /dev/shm/bench.XXXXXX 2>/dev/null || mktemp -d)
trap 'rm -rf "$samples"' EXIT
sh "$here/t/samples.sh" "$samples" 2>/dev/null
cd "$samples"
head -n 1 docs.jsonl >one.jsonl
head -n 1 conv.jsonl >talk.jsonl
head -n 1 prompts.jsonl >ask.jsonl
head -n 1 rollouts.jsonl >try.jsonl
start() {
	line "start of $1" "$(calc "1000 * $(median "$@" 2>messages)" 1)" ms 20 most
}
start crawlclean -q page.html
start dedup -q one.jsonl
start bpe-train -q -n 300 -o start.json one.jsonl
start tokenize -q -t tok.json one.jsonl
start shard info shard_train_000001.bin
start pretrain -q --force -o start-base -t tok.json --layers 1 --width 32 --heads 2 \
	--context 16 --batch 1 --steps 1 shard_train_000001.bin
start sft -q --force -m base -o start-chat --steps 1 talk.jsonl
start rlsample -q -m chat -N 1 -n 1 ask.jsonl
start grade --number -q try.jsonl
start rltrain -q --force -m chat -o start-rl graded.jsonl
start generate -q -m base -n 1 The
start chat -q -m chat -n 1 -p Hello
start ckpt info base
