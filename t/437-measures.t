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
ok 'gradients of all layers add up to the norm in the log' '
	pretrain -o norm $small --stats-every 1 --steps 3 --clip 0.01 s_train_000001.bin
	set -- $(ckpt info --tensors norm | awk "
		/embed_tokens/ { of = 0 } /layers\\.0\\./ { of = 1 } /layers\\.1\\./ { of = 2 } /model\\.norm/ { of = 3 }
		/embed_tokens|layers\\.|model\\.norm/ { k = 1
			if (match(\$0, /[0-9]+([x,] ?[0-9]+)?[]) ]*\$/)) s = substr(\$0, RSTART)
			m = split(s, d, /[^0-9]+/); for (i = 1; i <= m; i++) if (d[i] > 0) k *= d[i]
			n[of] += k } END { print n[0], n[1], n[2], n[3] }")
	sum=$(awk -F "\t" -v a="$1 $2 $3 $4" "BEGIN { split(a, n, \" \") }
		\$1 == 2 { s += \$5 * \$5 * n[\$2 + 1] } END { print sqrt(s) }" norm/layers.tsv)
	close $sum "$(column grad_norm norm/trainlog.tsv | sed -n 2p)" 1e-3
'
done_testing
