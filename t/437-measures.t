#!/bin/sh
# What a run measures on demand: speed, statistics of layers, samples of its text.
# None of it changes what is trained.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Line %d of %d, that is all.\"}\n", i * 37 % 2000, 2000 }' >docs
bpe-train -q -n 300 -p gpt2 docs -o tok.json
tokenize -q -t tok.json --val-share 0.05 -o s docs
awk 'BEGIN { for (i = 0; i < 40; i++)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Line %d?\"},{\"role\":\"assistant\",\"content\":\"All %d.\"}]}\n", i, i % 7 }' >conv
shape="-q -j1 --layers 2 --width 32 --heads 2 --context 32 --batch 4"
small="$shape -t tok.json"
all="--speed --stats-every 5 --sample-every 8"
tables="speed.tsv layers.tsv samples.jsonl"
same() {	# DIR DIR FILE...
	a=$1 b=$2; shift 2
	for f; do cmp "$a/$f" "$b/$f" || return 1; done
}
steps() { grep -o '^{"step":[0-9]*' "$1" | tr -dc '0-9\n' | tr '\n' ' '; }

# ---- bit for bit ----
for how in "" "--optimizer adamw --recompute full --compute bf16 --separate"; do
	ok "the same is trained with all measurements: ${how:-Muon}" "
		rm -rf plain watched
		val='--val-file s_val_000000.bin --val-every 6 -M 36M'
		pretrain -o plain \$small $how \$val --steps 20 s_train_000001.bin
		pretrain -o watched \$small $how \$val \$all --steps 20 s_train_000001.bin
		same plain watched model.safetensors training.safetensors trainlog.tsv \
			best/model.safetensors
		for f in \$tables; do [ ! -e plain/\$f ] && [ -s watched/\$f ]; done
	"
done
ok 'so it is by sft, and with an adapter' '
	for how in "" "--lora 4"; do
		rm -rf a b
		sft -q -j1 -m plain -o a $how --steps 6 conv
		sft -q -j1 -m plain -o b $how --steps 6 --speed --stats-every 2 conv
		same a b trainlog.tsv training.safetensors
		[ "$(sed 1d b/layers.tsv | wc -l)" = 12 ]
	done
'
ok 'a resumed run has the files of one that did not stop, but for the times' '
	for stop in 3 8 13; do
		rm -rf part
		pretrain -o part $small $all --schedule constant --steps $stop s_train_000001.bin
		cp part/samples.jsonl before
		# Of steps after the checkpoint, as if it had been killed while it wrote.
		printf "999\t0\t1\tnan\tnan\tnan\tnan\tnan\tnan\n" >>part/layers.tsv
		printf "{\"step\":999,\"prompt\":\"\",\"text\":\"2\"}\n" >>part/samples.jsonl
		pretrain -o part --resume -j1 -q --steps 20
		rm -rf whole
		pretrain -o whole $small $all --schedule constant --steps 20 s_train_000001.bin
		same part whole model.safetensors trainlog.tsv layers.tsv
		cut -f 1,2 whole/speed.tsv >want
		cut -f 1,2 part/speed.tsv | diff want - >&2
		column seconds part/speed.tsv | sort -c -n
		# The last step of the first part has a sample of its own.
		grep -v "^{\"step\":$stop," part/samples.jsonl >left
		grep -v "^{\"step\":$stop," whole/samples.jsonl | diff left - >&2
	done
'
ok 'identical runs have identical samples and statistics, with any number of threads' '
	pretrain -o again $small $all -j3 --schedule constant --steps 20 s_train_000001.bin
	same whole again layers.tsv samples.jsonl
'
ok 'a new run in the place of another leaves nothing of its files' '
	cp -r watched old
	pretrain -o old --force $small --steps 2 s_train_000001.bin
	for f in $tables; do [ ! -e old/$f ]; done
'
ok 'files of others are kept' '
	mkdir theirs
	for f in $tables; do echo mine >theirs/$f; done
	pretrain -o theirs --force $small --steps 2 s_train_000001.bin
	for f in $tables; do grep -qx mine theirs/$f; done
	for how in --speed "--stats-every 1" "--sample-every 1"; do
		status=0
		pretrain -o theirs --force $small $how --steps 2 s_train_000001.bin 2>err || status=$?
		[ $status = 1 ]
		grep -q "^pretrain: theirs/.*:1: it does not begin with" err
	done
	for f in $tables; do grep -qx mine theirs/$f; done
'

# ---- speed ----
ok 'speed.tsv: the tokens of each step by its time, and the operations of pretrain -n' '
	[ "$(cut -f 1,2 watched/speed.tsv | sed 1d)" = "$(cut -f 1,6 watched/trainlog.tsv | sed 1d)" ]
	flops=$(pretrain -n $shape s_train_000001.bin | awk "/^flops/ { print \$2 }")
	awk -F "\t" -v f="$flops" "NR > 1 {
		if (NF != 6 || \$3 < last || \$4 <= 0 || \$6 <= 0) exit 1
		x = \$4 * f / 1e9 / \$5 - 1
		if (x > .002 || x < -.002) exit 1
		last = \$3 }" watched/speed.tsv
'
ok 'sft counts no operations' '
	column gflop/s b/speed.tsv | sort -u | grep -qx nan
	column tokens/s b/speed.tsv | not grep nan
'

# ---- layers ----
ok 'layers.tsv: a line for the embedding, each block, and norm and head' '
	sed 1d watched/layers.tsv | cut -f 1,2 >got
	for step in 5 10 15 20; do for layer in 0 1 2 3; do printf "$step\t$layer\n"; done; done |
		diff - got >&2
	awk -F "\t" "NR > 1 { for (i = 3; i <= 7; i++) if (!(\$i > 0)) exit 1
		if (\$4 < \$3 || \$6 < \$5) exit 1
		if (\$2 < 3 ? !(\$9 >= \$8 && \$8 > 0) : \$8 \$9 != \"nannan\") exit 1 }" watched/layers.tsv
'
ok 'gradients of all layers add up to the norm in the log, before clipping' '
	pretrain -o norm $small --stats-every 1 --steps 3 --clip 0.01 s_train_000001.bin
	ckpt info --tensors norm | awk -F "\t" "\$2 == \"F32\" {
		k = split(\$3, d, \",\"); size = 1
		for (i = 1; i <= k; i++) size *= d[i]
		at = \$1 ~ /embed/ ? 0 : \$1 ~ /layers/ ? \$1 * 0 + substr(\$1, 14) + 1 : 3
		n[at] += size }
		END { for (at = 0; at < 4; at++) print at \"\t\" n[at] }" >parameters
	for step in 1 2 3; do
		sum=$(awk -F "\t" -v step=$step "NR == FNR { n[\$1] = \$2; next }
			\$1 == step { s += \$5 * \$5 * n[\$2] }
			END { print sqrt(s) }" parameters norm/layers.tsv)
		norm=$(column grad_norm norm/trainlog.tsv | sed -n ${step}p)
		close $sum $norm "1e-5 * $norm"
	done
'
ok 'the weights of the last step are those of the model, and the first update is the rate' '
	pretrain -o first $shape --optimizer adamw --weight-decay 0 --warmup 0 --schedule constant \
		-t tok.json --lr 1e-3 --stats-every 1 --steps 1 --moments fp32 s_train_000001.bin
	# AdamW moves each weight by the rate, up to eps, in its first update. The initial
	# deviation is .02, and that of the embedding is of all its rows.
	update=$(awk -F "\t" "\$2 == 0 { print \$7 }" first/layers.tsv)
	weight=$(awk -F "\t" "\$2 == 0 { print \$3 }" first/layers.tsv)
	awk "BEGIN { exit !($update > .02 && $update < .06 && $weight > .019 && $weight < .021) }"
'

# ---- samples ----
ok 'samples.jsonl: a line every so many steps and at the end, with the prompt' '
	pretrain -o said $small --sample-every 8 --sample-prompt "Line \"5\"" --steps 20 s_train_000001.bin
	[ "$(steps said/samples.jsonl)" = "8 16 20 " ]
	[ "$(grep -c "^{\"step\":[0-9]*,\"prompt\":\"Line \\\\\"5\\\\\"\",\"text\":\".*\"}$" said/samples.jsonl)" = 3 ]
	[ "$(steps watched/samples.jsonl)" = "8 16 20 " ]
	grep -c "\"prompt\":\"\"" watched/samples.jsonl | grep -qx 3
'
ok 'a sample is what the model predicts, within the context, and depends on the seed' '
	# Of one sentence again and again, nothing else is likely.
	yes "{\"text\":\"A dog sees a cat.\"}" | head -n 400 >one
	tokenize -q -t tok.json --val-share 0 -o o one
	pretrain -o sure $small --steps 150 --sample-every 150 --sample-prompt "A dog sees" o_train_000001.bin
	grep -q "\"text\":\" a cat.\"}" sure/samples.jsonl
	pretrain -o other $small $all --schedule constant --steps 20 -s 2 s_train_000001.bin
	differ other/samples.jsonl whole/samples.jsonl
'
ok 'a sample ends with the context, or after 64 tokens' '
	# A token, again and again, after the end of a text and two more of the prompt.
	{ printf "{\"text\":\"5"; yes " 5" | head -n 6000 | tr -d "\n"; echo "\"}"; } >fives
	tokenize -q -t tok.json --val-share 0 -o f fives
	for context in 32 128; do
		rm -rf fives.m
		pretrain -o fives.m $small --context $context --steps 60 --sample-every 60 \
			--sample-prompt "5 5" f_train_000001.bin
		sed "s/.*\"text\"://" fives.m/samples.jsonl | tr -dc 5 | wc -c
	done >got
	printf "29\n64\n" | diff - got >&2
'
for how in '--sample-every 0' '--stats-every 0' '--sample-prompt x' '--html -'; do
	fails 2 "refused: $how" "pretrain -o x $small $how --steps 1 s_train_000001.bin" '^pretrain: '
done
fails 2 'samples without a tokenizer are refused' '
	pretrain -o x $shape --sample-every 1 --steps 1 s_train_000001.bin
' '--sample-every: samples are text: give the tokenizer with -t'
fails 2 'so is a prompt as long as the context' '
	pretrain -o x $small --sample-every 1 --steps 1 s_train_000001.bin --sample-prompt "$(seq 50 | tr "\n" " ")"
' '--sample-prompt: [0-9]* tokens leave none of the 32 of --context'

# ---- on the page ----
ok 'the page has the speed, the samples and a map of each statistic' '
	curves --html page said watched
	for title in "Tokens a second" "Share of the speed of one large product" \
		"Gradient, root mean square" "Residual stream after the layer, largest" \
		"Norm of the update as a share of the weights&#39;"; do
		[ "$(grep -c "<figcaption>$title</figcaption>" page)" = 1 ]
	done
	[ "$(grep -c "<h3>.*, step [0-9]*</h3>" page)" = 6 ]
	grep -q "<b>Line &quot;5&quot;</b>" page
	seconds=$(column seconds watched/speed.tsv | tail -n 1)
	awk "/<tr><td>watched<.td><td class=\"n\">20</" page | grep -q ">$(printf %.15g $seconds)</td>"
	not grep -Ei "[^a-z](nan|inf)[^a-z]" page >&2
'
ok 'of many samples some are shown, the last one too' '
	pretrain -o many $small --sample-every 1 --steps 30 s_train_000001.bin
	curves --html page many
	[ "$(grep -c "<h3>step [0-9]*</h3>" page)" = 24 ]
	grep -q "<h3>step 30</h3>" page
	grep -q "24 of 30 samples" page
'
ok 'damaged files are named, with the line' '
	cp -r watched bad
	printf "21\t3\n" >>bad/layers.tsv
	status=0; curves --html page bad 2>err || status=$?
	[ $status = 1 ]
	grep -q "^curves: bad/layers.tsv:18: 2 fields" err
	cp watched/layers.tsv bad/
	echo "{" >>bad/samples.jsonl
	status=0; curves --html page bad 2>err || status=$?
	[ $status = 1 ]
	grep -q "^curves: bad/samples.jsonl:4: byte" err
	curves bad >out	# a plot does without them
'
ok 'a run that has only begun its files has no maps' '
	cp watched/samples.jsonl bad/
	for f in speed.tsv layers.tsv; do head -n 1 watched/$f >bad/$f; done
	: >bad/samples.jsonl
	curves --html page bad
	not grep -q "Residual stream after" page
'
done_testing
