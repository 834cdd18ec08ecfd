#!/bin/sh
# unchanged.sh [BUILD] - what every program writes, as checksums
#
#	sh tools/unchanged.sh build >before; ...; sh tools/unchanged.sh build | diff before -
#
# For changes that must not alter any output. Runs all programs on fixed inputs
# of its own, most of them with one thread and with two, and prints a line per
# output: name, checksum. Provenance contains command lines, whose options may be
# renamed; so of token files, shards and models only tokens, weights and logs
# count, not the provenance in their headers. Messages do not count. Checksums
# hold for one machine: kernels differ in the order of sums.
set -eu
top=$(cd "${0%/*}/.." && pwd)
build=${1:-$top/build}
PATH=$(cd "$build/bin" && pwd):$PATH
LC_ALL=C TZ=UTC
export PATH LC_ALL TZ
unset PIPELM_ISA
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"

sum() { printf '%-34s %s\n' "$1" "$(cksum | tr ' ' -)"; }
files() {	# NAME FILE...
	of=$1; shift
	for f; do sum "$of/${f##*/}" <"$f"; done
}
number() { od -An -t u8 -N 8 "$1" | tr -d ' '; }
weights() {	# NAME DIR...: the parameters and the log of models
	stage=$1; shift
	for m; do
		for f in model training; do
			[ ! -e "$m/$f.safetensors" ] || tail -c "+$((9 + $(number "$m/$f.safetensors")))" \
				"$m/$f.safetensors" | sum "$stage/$m/$f"
		done
		files "$stage/$m" "$m/config.json"
		[ ! -e "$m/trainlog.tsv" ] || files "$stage/$m" "$m/trainlog.tsv"
	done
}
tokens() { tail -c +1025 "$2" | sum "$1/${2##*/}"; }

# ---- inputs: pages in several languages, documents, prompts, sums -------------
page() {	# NUMBER: navigation, prose that repeats every 40 pages, a table
	awk -v n="$1" 'BEGIN {
		split("the keeper of a light walks up every stair at dusk and looks far over the water where ships pass slowly in the wind while gulls cry above white rocks", w, " ")
		printf "<!DOCTYPE html><html lang=en><head><title>Light %d</title></head><body><nav><a href=/>Home</a> <a href=/all>All lights</a></nav><main><h1>Light number %d</h1>", n, n
		x = n % 40 + 1
		for (p = 0; p < 6; p++) {
			printf "<p>"
			for (i = 0; i < 60; i++) { x = x * 16807 % 2147483647
				printf "%s%s", w[x % 28 + 1], i % 12 == 11 ? ". " : " " }
			printf "Write to keeper%d@example.org or 192.0.2.%d.</p>", n, n % 250 }
		printf "<table><tr><td>height</td><td>%d m</td></tr></table><pre>a = %d\n\tb</pre></main><footer>Share this</footer></body></html>\n", n, n }'
}
mkdir pages
i=0
while [ $i -lt 120 ]; do
	i=$((i + 1))
	page $i >pages/p$(printf %03d $i).html
done
cut -f 3 "$top/t/charset-texts.tsv" >words.txt

sums() {	# N SEED: prompts with answers
	awk -v n="$1" -v x="$2" 'BEGIN { for (i = 0; i < n; i++) {
		x = x * 16807 % 2147483647; a = x % 50; x = x * 16807 % 2147483647; b = x % 50
		printf "%d %d %d\n", a, b, a + b } }'
}
sums 300 7 | awk '{ printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%d+%d?\"},{\"role\":\"assistant\",\"content\":\"%d\"}]}\n", $1, $2, $3 }' >conv
sums 12 9 | awk '{ printf "{\"id\":\"q%d\",\"messages\":[{\"role\":\"user\",\"content\":\"%d+%d?\"}],\"answer\":\"%d\"}\n", NR, $1, $2, $3 }' >prompts
sums 60 11 | awk '{ printf "{\"prompt\":\"%d+%d?\",\"chosen\":\"%d\",\"rejected\":\"%d\"}\n", $1, $2, $3, $3 + 1 }' >pairs

# ---- text ---------------------------------------------------------------------
tar -cf pages.tar pages
for j in 1 2; do
	crawlclean -q -j $j --stats stats pages.tar >clean.$j
	files crawl clean.$j stats
	crawlclean -q -j $j -x pages >x.$j
	crawlclean -q -j $j --rules-for docs --keep-pii pages.tar >docs.$j
	crawlclean -q -j $j -i docs --why x.1 >why.$j
	crawlclean -q -j $j -x -i text words.txt >text.$j
	files crawl x.$j docs.$j why.$j text.$j
	dedup -q -j $j --clusters clusters x.1 >near.$j
	files dedup near.$j clusters
	for mode in exact line paragraph; do
		dedup -q -j $j --by $mode x.1 | sum "dedup/$mode.$j"
	done
done
docs -q --by line words.txt >lines
files docs lines

# ---- tokens -------------------------------------------------------------------
for pattern in gpt2 smollm cl100k o200k '[a-z]+|[^a-z]+'; do
	bpe-train -q -n 400 -p "$pattern" -o v.json x.1 lines
	sum "bpe-train/$pattern" <v.json
done
bpe-train -q -n 600 -p gpt2 --ties hf -o hf.json x.1
bpe-train -q -n 500 -p gpt2 -r -o raw.tiktoken words.txt
bpe-train -q -n 512 -p smollm -o tok.json x.1
files bpe-train hf.json raw.tiktoken tok.json
for j in 1 2; do
	tokenize -q -j $j -t tok.json -o tokens x.1
	tokens tokenize.$j tokens_train_000001.bin
	tokens tokenize.$j tokens_val_000000.bin
	tokenize -q -j $j -t tok.json -a x.1 | sum tokenize/ids.$j
	tokenize -q -j $j -t tok.json -c x.1 | sum tokenize/counts.$j
	tokenize -q -j $j -t tok.json --html x.1 | sum tokenize/html.$j
	tokenize -q -j $j -t raw.tiktoken -p gpt2 -r -a words.txt | sum tokenize/raw.$j
	tokenize -q -j $j -t tok.json x.1 | tokenize -q -t tok.json -d | sum tokenize/back.$j
done
shard info tokens_train_000001.bin | grep -v '^command' | sum shard/info
shard shuffle -q -s 3 -o shuffled tokens_train_000001.bin
tokens shard shuffled_train_000001.bin
shard head -n 500 tokens_train_000001.bin | tokenize -q -t tok.json -d | sum shard/head
shard cat tokens_val_000000.bin tokens_train_000001.bin | tokenize -q -t tok.json -d | sum shard/cat

# ---- training -----------------------------------------------------------------
shape='--layers 2 --width 64 --heads 4 --context 64 --batch 8'
train() {	# DIR OPTION...: a model from scratch
	out=$1; shift
	pretrain -q -o "$out" -t tok.json $shape --val-file tokens_val_000000.bin \
		--val-every 10 "$@"
}
for j in 1 2; do
	train llama$j -j $j --kv-heads 2 --steps 30 tokens_train_000001.bin
	train gpt2$j -j $j --arch gpt2 --optimizer adamw --schedule cosine --separate \
		--steps 20 tokens_train_000001.bin
	shard cat tokens_train_000001.bin | train stream$j -j $j --untied --steps 10 --schedule linear
	weights pretrain llama$j gpt2$j stream$j
	sft -q -j $j -m llama$j -o chat$j --epochs 6 conv
	sft -q -j $j -m gpt2$j -o chatg$j --epochs 1 --val-share 0.1 conv
	weights sft chat$j chatg$j
done
train more -j 1 --kv-heads 2 --steps 12 tokens_train_000001.bin
pretrain -q -o more --resume --steps 20 -j 2
weights resume more

# ---- sampling, grading, reinforcement learning --------------------------------
for j in 1 2; do
	rlsample -q -j $j -m chat1 -N 6 -n 8 prompts >rolled.$j
	rlsample -q -j $j -m chatg1 -N 3 -n 8 --temp 0.7 --top-p 0.9 prompts >cool.$j
	files rlsample rolled.$j cool.$j
	generate -q -j $j -m llama1 --greedy -n 30 'The keeper' | sum generate/greedy.$j
	generate -q -j $j -m gpt21 --temp 0.8 --top-k 40 --min-p 0.01 --repeat-penalty 1.1 \
		-n 30 -N 3 'Light number' | sum generate/sampled.$j
	sums 20 5 | awk '{ printf "{\"prompt\":\"Light number %d and the\"}\n", $1 }' |
		generate -q -j $j -m llama1 --raw --greedy -n 12 --jsonl --top 5 |
		sum generate/top.$j
	generate -q -j $j -m chat1 -n 8 --jsonl --logprobs prompts | sum generate/chat.$j
	printf '%s\n' '3+4?' '20+5?' | chat -q -j $j -m chat1 --greedy 2>/dev/null | sum chat.$j
done
for grader in --number --exact '--regex ^[0-9]+$' --f1 --choice '--format boxed'; do
	grade -q $grader rolled.1 >graded 2>/dev/null || :
	sum "grade/$grader" <graded
done
grade -q -x 'while read -r l; do echo ${#l}; done' rolled.1 | sum grade/-x
# A reward that differs within each group.
grade -q --regex '[02468]$' rolled.1 >graded
files grade graded
for j in 1 2; do
	for loss in expert reinforce rloo grpo dr-grpo dapo gspo cispo ppo; do
		rltrain -q -j $j -m chat1 -o $loss$j --loss $loss --lr 1e-3 --batch 24 graded
		weights rltrain $loss$j
	done
	rltrain -q -j $j -m chat1 -o kl$j --ref llama1 --kl 0.1 --entropy 0.01 graded
	weights rltrain kl$j
	for loss in dpo ipo simpo orpo; do
		rltrain -q -j $j -m chat1 -o $loss$j --loss $loss --batch 20 pairs
		weights rltrain $loss$j
	done
	rmtrain -q -j $j -m chat1 -o rm$j --batch 20 pairs
	weights rmtrain rm$j
	grade -q -j $j --reward-model rm1 rolled.1 | sum grade/reward-model.$j
done

# ---- scores -------------------------------------------------------------------
head -n 9 x.1 >scored
for j in 1 2; do
	score -q -j $j -m llama1 --each scored | sum score/each.$j
	score -q -j $j -m llama1 --context 24 --stride 7 --tokens --top 3 scored | sum score/tokens.$j
	score -q -j $j -m llama1 --recite 9 --each --html page scored 2>/dev/null | sum score/recite.$j
	files score page
	score -q -j $j -m chat1 --chat conv | sum score/chat.$j
	score -q -j $j -m gpt21 --windows --separate tokens_val_000000.bin | sum score/windows.$j
	sums 20 5 | awk '{ printf "{\"prompt\":\"%s\",\"choices\":[\"%d\",\"1\"],\"answer\":0}\n", $1, NR }' |
		score -q -j $j -m llama1 --choices --each | sum score/choices.$j
done

# ---- models -------------------------------------------------------------------
ckpt info chat1 | grep -v '^provenance' | sum ckpt/info
ckpt convert -q gpt21 gpt2.bin && files ckpt gpt2.bin
ckpt convert -q --type bf16 chat1 half && weights ckpt half
ckpt average -q -o mean chat1 grpo1 && weights ckpt mean
