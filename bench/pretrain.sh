#!/bin/sh
# pretrain.sh - training beside PyTorch: same model, batch, threads, one run
#
# usage: PATH=build/bin:$PATH BUILD=build sh bench/pretrain.sh [WHAT ...]
# WHAT: of char, gpt2, gpt2-bf16, gpt2-short and shakespeare; all by default. gpt2-bf16 is
# for processors that multiply in bf16, and PyTorch may do as it likes there. The last trains
# on the text of that name, $SHAKESPEARE, which is fetched otherwise: nanoGPT's recipe, and
# the shortest run to the same loss.
#
# Each figure is the median of RUNS runs (3), which alternate between ours and the ways
# to run PyTorch; the fastest of these is the peer. gpt2-bf16 also runs ours in fp32. Only
# steps are timed, on both sides. $VENV is a virtual environment that has torch and
# transformers; one is made in $BUILD/bench otherwise.
set -eu
RUNS=${RUNS:-3}
here=$(cd "${0%/*}" && pwd)
mkdir -p "$BUILD/bench/pretrain"
cd "$BUILD/bench/pretrain"
. "$here/lib.sh"
python=${VENV:-$PWD/venv}/bin/python
if ! "$python" -c 'import torch, transformers' 2>/dev/null; then
	python3 -m venv venv
	venv/bin/pip -q install torch transformers
	python=$PWD/venv/bin/python
fi
bench() { "$python" "$here/pretrain.py" "$@" 2>log || { cat log >&2; exit 1; }; }
ours() {	# OPTION...: the steps of a new model, by what compare_steps has set
	rm -rf model
	bench ours model/trainlog.tsv $train "$@" --steps $((steps + 2)) $vocabulary.bin
}

# NAME BAR STEPS VOCABULARY ROWS TIME "SHAPE OPTION..." PEER...: a line of the table. What
# is called ours+fp32 is no peer; its bar is $fp32_bar, or none.
compare_steps() {
	name=$1 bar=$2 steps=$3 vocabulary=$4 rows=$5 time=$6 shape=$7
	shift 7
	[ -e $vocabulary.bin ] || "$python" "$here/pretrain.py" shard $vocabulary.bin $vocabulary 300000
	train="pretrain -q -o model $shape --optimizer adamw --lr 1e-4 --context $time
		--batch $rows -M 3G -j 2 --save-minutes 0"
	# The model that PyTorch trains.
	[ -e $name/config.json ] || {
		rm -rf model
		$train --steps 1 $vocabulary.bin 2>/dev/null
		mv model $name
	}
	rm -f times.*
	run=0
	while [ $run -lt "$RUNS" ]; do
		ours >>times.ours
		for how; do
			case $how in
			ours+fp32) ours --compute fp32 ;;
			*) bench peer $name $steps $rows $time $(echo $how | tr + ' ') ;;
			esac >>times.$how
		done
		run=$((run + 1))
	done
	for how in ours "$@"; do
		echo "$how $(cut -d ' ' -f 1 times.$how | median) $(cut -d ' ' -f 2 times.$how | median)"
	done | awk -v name="$name, $rows x $time" -v bar="$bar" -v fp32_bar="$fp32_bar" '
		function verdict(best, bar) {
			printf "  %.2f times", rate / best
			print !bar ? "" : ", bar " bar "  " (rate >= bar * best ? "ok" : "below")
		}
		NR == 1 { rate = $2; memory = $3; next }
		{ printf "  %-18s %9.1f tokens/s %6d MiB", $1, $2, $3 }
		$1 == "ours+fp32" { verdict($2, fp32_bar); next }
		{ print "" }
		$2 > best { best = $2; how = $1; its = $3 }
		END {
			printf "%-26s %s %.1f tokens/s, %d MiB  ours %.1f, %d MiB",
				name, how, best, its, rate, memory
			verdict(best, bar)
		}'
}

# NAME LOSS SECONDS OPTION...: medians over RUNS seeds of a run's seconds, from its start to its end,
# and of its validation loss, beside what nanoGPT reaches
learn() {
	name=$1 most=$2 limit=$3
	shift 3
	rm -f times.* losses.*
	run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		rm -rf model
		began=$(date +%s.%N)
		pretrain -q -j 2 -o model -s $run --context 64 --layers 4 --width 128 --heads 4 \
			--save-minutes 0 --val-every 100000 --val-file val.bin "$@" train.bin 2>log ||
			{ cat log >&2; exit 1; }
		echo "$began $(date +%s.%N)" | awk '{ print $2 - $1 }' >>times.$name
		awk -F '\t' '$3 != "nan" { loss = $3 } END { print loss }' model/trainlog.tsv >>losses.$name
	done
	echo "$(median <losses.$name) $(median <times.$name)" |
		awk -v name="$name" -v most="$most" -v limit="$limit" '{
		printf "%-26s val loss %.3f in %.1f s, bar %s in %s s  %s (nanoGPT: 1.886 in 76 s)\n",
			name, $1, $2, most, limit, $1 <= most && $2 <= limit ? "ok" : "below" }'
}
shakespeare() {
	text=${SHAKESPEARE:-shakespeare.txt}
	[ -e "$text" ] || curl -fsSLo "$text" \
		https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt
	"$python" "$here/pretrain.py" chars "$text" train.bin val.bin
	learn recipe 1.886 76 --arch gpt2 --batch 12 --steps 2000 --optimizer adamw --lr 1e-3 \
		--beta2 .99 --warmup 100 --schedule cosine --last-lr .1
	learn best 1.88 12 --arch qwen3 --untied --batch 24 --steps 110 --momentum .9
}

has() { grep -qw "$1" /proc/cpuinfo; }
machine
fp32_bar=
echo "2 threads, medians of $RUNS alternating runs, AdamW, gradients clipped"
for what in ${*:-char gpt2 gpt2-bf16 gpt2-short shakespeare}; do
	case $what in
	gpt2) compare_steps gpt2-124M 1.25 6 50257 4 256 \
		'--arch gpt2 --layers 12 --width 768 --heads 12' eager fused compile+fused bf16+fused ;;
	gpt2-bf16)
		if has amx_bf16; then bar=2.5
		elif has avx512_bf16 && has AuthenticAMD; then bar=1.5 fp32_bar=1.6
		else echo 'gpt2-bf16: skipped: no products in bf16 that are faster'; continue
		fi
		compare_steps gpt2-124M $bar 12 50257 4 256 \
			'--arch gpt2 --layers 12 --width 768 --heads 12 --compute bf16' \
			compile+fused bf16+fused compile+bf16+fused ours+fp32 ;;
	gpt2-short) compare_steps gpt2-124M 1.6 8 50257 4 64 \
		'--arch gpt2 --layers 12 --width 768 --heads 12' eager fused compile+fused ;;
	char) compare_steps gpt2-char 1.6 200 65 12 64 \
		'--arch gpt2 --layers 4 --width 128 --heads 4' eager fused compile+fused ;;
	shakespeare) shakespeare ;;
	*) echo "pretrain.sh: nothing is called '$what'" >&2; exit 2 ;;
	esac
done
