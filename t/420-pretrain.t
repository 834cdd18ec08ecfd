#!/bin/sh
# pretrain learns.
. "${0%/*}/lib.sh"

# Single-digit sums, one document per line, some of them held out.
awk 'BEGIN { for (i = 0; i < 1200; i++) { a = i * 7 % 10; b = int(i * 13 / 7) % 10
	printf "{\"text\":\"What is %d+%d? It is %d.\",\"id\":\"%d\"}\n", a, b, a + b, i } }' >docs
bpe-train -n 300 -p smollm docs -o tok.json 2>/dev/null
tokenize -t tok.json -o s docs 2>/dev/null
small="-j1 --layers 2 --width 64 --heads 4 --context 32 --batch 8 -t tok.json"

below() {	# A B: A is less than B
	awk "BEGIN { exit !(($1) < ($2)) }"
}

ok 'the loss falls from that of guessing to far below' '
	pretrain -q -o a $small --steps 150 s_train_000001.bin
	first=$(column loss a/trainlog.tsv | head -1)
	last=$(column loss a/trainlog.tsv | tail -1)
	close "$first" "log(384)" 0.3
	below "$last" 1.2
'
ok 'a text is memorized' '
	awk "BEGIN { for (i = 0; i < 3000; i++) print \"{\\\"text\\\":\\\"to be or not to be, that is the question\\\"}\" }" >one
	tokenize -t tok.json one >one.tok 2>/dev/null
	pretrain -q -o b $small --lr 0.003 <one.tok --steps 100
	below "$(column loss b/trainlog.tsv | tail -1)" 0.1
'
ok '--compute bf16 learns as fp32 does, and the summary and the log say so' '
	pretrain -o bf $small --compute bf16 --steps 150 s_train_000001.bin 2>err
	grep -q "compute=bf16" err
	[ "$(column bits a/trainlog.tsv | sort -u)" = 32 ]
	[ "$(column bits bf/trainlog.tsv | sort -u)" = 16 ]
	differ a/model.safetensors bf/model.safetensors
	close "$(column loss bf/trainlog.tsv | head -1)" "$(column loss a/trainlog.tsv | head -1)" 0.001
	below "$(column loss bf/trainlog.tsv | tail -1)" 1.2
	# Muon, whose matrices are rounded too, takes another way down.
	for type in fp32 bf16; do
		pretrain -q -o adamw-$type $small --optimizer adamw --compute $type --steps 150 \
			s_train_000001.bin
	done
	close "$(column loss adamw-bf16/trainlog.tsv | tail -1)" \
		"$(column loss adamw-fp32/trainlog.tsv | tail -1)" 0.01
'
ok '-n prints what a run costs, and writes nothing' '
	pretrain -n $small --steps 30 s_train_000001.bin >plan
	pretrain -q -o planned $small --steps 30 s_train_000001.bin
	is() { awk -F "\t" -v name="$1" "\$1 == name { print \$2 }" plan; }
	[ "$(is parameters)" = "$(ckpt info planned | awk "/^parameters/ { print \$2 }")" ]
	[ "$(is tokens)" = "$(column tokens planned/trainlog.tsv | tail -1)" ]
	[ "$(is tokens/s)" -gt 0 ]
	awk "BEGIN { exit !($(is bytes) > 33e6 && $(is bytes) < 60e6) }"
	awk "BEGIN { x = 6 * ($(is parameters)) + 12 * 2 * 64 * 32
		exit !($(is flops/token) > x * .999 && $(is flops/token) < x * 1.001) }"
	mkdir none
	(cd none && pretrain -n -t ../tok.json --layers 2 >../plan && test -z "$(ls)")
	[ -z "$(is updates)" ]
'
fails 2 '-n does not measure what does not fit, but prints its size' '
	pretrain -n $small -M 20M s_train_000001.bin >plan || {
		status=$?
		grep -q "^parameters" plan && not grep tokens/s plan
		exit $status
	}
' 'this model needs at least'
fails 2 '-n needs a vocabulary' 'pretrain -n' 'the size of the vocabulary is missing'
ok '--depth gives sizes, updates and their size, and each option for one of these counts' '
	is() { awk -F "\t" -v name="$1" "\$1 == name { print \$2 }" plan; }
	pretrain -n -t tok.json --depth 1 >plan
	close "$(is tokens)" "20 * $(is parameters)" "$(is tokens/update)"
	close "$(is tokens/update)" ".292 * exp(.3271 * log(6 * $(is parameters) * $(is tokens)))" 1200
	[ $(($(is tokens/update) % 1024)) = 0 ]
	one=$(is parameters)
	pretrain -n -t tok.json --depth 2 >plan
	[ "$(is parameters)" -gt $((2 * one)) ]
	# Four passes over a few shards, with other rows.
	pretrain -n -t tok.json s_train_000001.bin --depth 1 --context 32 --batch 8 >plan
	[ "$(is tokens/update)" = 256 ]
	[ "$(is tokens)" -gt "$((3 * $(is tokens-of-data)))" ]
	[ "$(is tokens)" -le "$((4 * $(is tokens-of-data)))" ]
	deep="-q -j1 --depth 1 --context 32 -t tok.json --batch 4 --width 32 --schedule constant s_train_000001.bin"
	pretrain -o deep $deep --steps 4
	ckpt info deep | grep -q "^layers[[:space:]]*1\$"
	pretrain -o once $deep --steps 2
	pretrain -q -o once --resume --steps 4
	cmp deep/model.safetensors once/model.safetensors
'
fails 2 '--depth is of a new model' 'pretrain -q -o other -m deep --depth 2 s_train_000001.bin' \
	'depth shapes a new model'
ok 'another seed gives another model' '
	pretrain -q -s 2 -o c3 $small --steps 2 s_train_000001.bin
	pretrain -q -s 1 -o c4 $small --steps 2 s_train_000001.bin
	differ c3/model.safetensors c4/model.safetensors
'
ok '--clip changes the run, compared with none and with the default' '
	pretrain -q -o c5 $small --clip 0.0001 --steps 2 s_train_000001.bin
	pretrain -q -o c6 $small --clip 0 --steps 2 s_train_000001.bin
	differ c5/model.safetensors c6/model.safetensors
	differ c4/model.safetensors c5/model.safetensors
'
for arch in gpt2 llama; do
	ok "$arch, Muon: the loss falls faster than with AdamW" "
		rm -rf e1 e2
		pretrain -q -o e1 $small --arch $arch --steps 60 --optimizer adamw s_train_000001.bin
		pretrain -q -o e2 $small --arch $arch --steps 60 s_train_000001.bin
		below \"\$(column loss e2/trainlog.tsv | tail -1)\" \"\$(column loss e1/trainlog.tsv | tail -1)\"
	"
done
command -v python3 >/dev/null &&
ok 'every weight is trained, whatever remainder the widths leave in a cache line' '
	for width in 15 16 17 18; do
		pretrain -q -j1 -o odd$width --force --arch gpt2 --layers 1 \
			--width $width --heads 1 --context 32 --batch 4 \
			--steps 2 -t tok.json s_train_000001.bin
		python3 - odd$width/model.safetensors <<-END
		import json, struct, sys
		d = open(sys.argv[1], "rb").read()
		n = 8 + struct.unpack("<Q", d[:8])[0]
		for name, t in json.loads(d[8:n]).items():
		    if name.endswith("bias"):	# initialized to 0
		        a, b = t["data_offsets"]
		        x = struct.unpack("<%df" % ((b - a) // 4), d[n + a:n + b])
		        idle = x.count(0)	# key biases shift all scores alike, without effect
		        assert idle <= ($width if "attn.c_attn" in name else 0), (name, x)
		END
	done
'
least() {	# OPTION...: the smallest -M such a run accepts, in MB
	status=0
	pretrain -o none "$@" -M 1K s_train_000001.bin 2>err || status=$?
	[ $status = 2 ]
	sed -n "s/.*: this model needs at least \([0-9.]*\)M with one row of 32 .*/\1/p" err
}
ok 'a batch split for lack of memory gives the same losses' '
	pretrain -q -o f1 $small --steps 10 s_train_000001.bin
	pretrain -q -o f2 $small --steps 10 -M $(least $small)M s_train_000001.bin
	column loss f1/trainlog.tsv >f1.loss
	column loss f2/trainlog.tsv >f2.loss
	paste f1.loss f2.loss | awk "{ d = \$1 - \$2; if (d > 1e-4 || -d > 1e-4) exit 1 }"
	differ f1/model.safetensors f2/model.safetensors
'
ok 'also if its parts differ in size' '
	pretrain -q -o f3 $small --batch 7 --steps 6 s_train_000001.bin
	least=$(least $small --batch 7)
	for more in 0 0.5 1 1.5 2; do
		rm -rf f4
		pretrain -q -o f4 $small --batch 7 --steps 6 \
			-M $(awk "BEGIN { print $least + $more }")M s_train_000001.bin
		column loss f3/trainlog.tsv >f3.loss
		column loss f4/trainlog.tsv | paste f3.loss - |
			awk "{ d = \$1 - \$2; if (d > 1e-4 || -d > 1e-4) exit 1 } END { exit NR != 6 }"
		cksum <f4/model.safetensors >>parts
	done
	test "$(sort -u parts | wc -l)" -ge 3
'
ok 'the instruction sets agree' '
	for isa in c avx2; do
		grep -qw avx2 /proc/cpuinfo || isa=c
		PIPELM_ISA=$isa pretrain -q -o g_$isa $small --steps 10 s_train_000001.bin
	done
	[ ! -d g_avx2 ] || ckpt compare g_c g_avx2 --tolerance 1e-3
'
ok 'a stream on standard input is used in order, to its end' '
	cat docs docs | tokenize -t tok.json >h.tok 2>/dev/null
	pretrain -q -o h $small <h.tok
	n=$(shard info h.tok | awk "\$1 == \"tokens\" { print \$2 }")
	[ "$(column tokens h/trainlog.tsv | tail -1)" = $(((n - 1) / 32 * 32)) ]
	grep -q "^tokenize -t tok.json" h/provenance.txt
	grep -q "^pretrain -q -o h" h/provenance.txt
'
ok 'a stream, or its tokens one row per step, uses each token once' '
	pretrain -q -o i $small --batch 1 --steps 3 <h.tok
	[ "$(column tokens i/trainlog.tsv | tail -1)" = 96 ]
'
ok 'validation: the loss of an untrained model is the log of the vocabulary size' '
	pretrain -q -o j $small --lr 0 --steps 2 --val-every 1 --val-file s_val_000000.bin s_train_000001.bin
	close "$(column val_loss j/trainlog.tsv | tail -1)" "log(384)" 0.2
	[ "$(column val_loss j/trainlog.tsv | sort -u | wc -l)" = 1 ]
'
ok 'bits per byte are bits per token over bytes per token' '
	val=s_train_000001.bin	# long, so that the last partial window hardly counts
	pretrain -o k $small --lr 0 --steps 1 --val-file $val $val 2>err
	bpb=$(sed -n "s/.*bits.byte=\([0-9.]*\).*/\1/p" err)
	nats=$(column val_loss k/trainlog.tsv)
	tokens=$(shard info $val | awk "\$1 == \"tokens\" { print \$2 }")
	bytes=$(tokenize -t tok.json -d $val | tr -d "\n" | sed "s/<|endoftext|>//g" | wc -c)
	close "$bpb" "$nats / log(2) * $tokens / $bytes" "0.01 * $bpb"
'
ok '-m starts from the parameters of a model, with a new schedule' '
	pretrain -q -o l -m a --batch 8 --lr 0 --steps 1 s_train_000001.bin
	ckpt compare a l --tolerance 0
	grep -q "^pretrain -q -o a" l/provenance.txt
'
ok '--separate: a document does not attend to the one before it' '
	# So what a second document adds to the loss of a row is the same after
	# any first one; the model with large weights looks far back. The second
	# ones begin alike, since their first token is predicted by the first one.
	unit mkmodel far scale=3
	rm -f losses
	for first in "ONE TWO" "9 + 4!!"; do
		for second in "THE SEA" "TOWARDS"; do
			{ doc 1 "$first"; doc 2 "$second"; } |
				tokenize -q -t far/tokenizer.json >two.tok
			for option in "" --separate; do
				rm -rf m1
				pretrain -q -o m1 -m far --batch 1 --context 15 \
					--lr 0 --steps 1 $option <two.tok
				[ "$(column tokens m1/trainlog.tsv)" = 15 ]
				column loss m1/trainlog.tsv >>losses.$option
			done
		done
	done
	awk "{ l[NR] = \$1 } END { d = l[1] - l[2] - (l[3] - l[4])
		exit !(NR == 4 && d < 3e-6 && -d < 3e-6) }" losses.--separate
	awk "{ l[NR] = \$1 } END { d = l[1] - l[2] - (l[3] - l[4])
		exit !(NR == 4 && (d > .01 || -d > .01)) }" losses.
'
ok 'defaults: an epoch over a shard, with only -o and -t' '
	pretrain -q -o n -t tok.json --layers 1 --width 32 s_train_000001.bin
	[ -s n/model.safetensors ]
'
ok 'grouped-query attention, untied head, gpt2' '
	pretrain -q -o o1 $small --kv-heads 2 --untied --steps 2 s_train_000001.bin
	pretrain -q -o o2 $small --arch gpt2 --untied --ffn 100 --steps 2 s_train_000001.bin
	ckpt info o1 | grep -q "^kv_heads.2$"
	ckpt info o2 | grep -q "^tied.no$"
'
done_testing
