#!/bin/sh
# sft --lora and rltrain --lora train adapters of a frozen model; what ckpt merge makes
# of them computes the same.
. "${0%/*}/lib.sh"

has() { grep -qw "$1" /proc/cpuinfo; }
sets='c avx2 avx512'
has avx2 && has fma || sets=c
has avx512bw && has avx512vl || sets=${sets% avx512}
for arch in gpt2 llama llama+bias qwen2 qwen3; do
	for type in F32 F16 BF16; do
		ok "$arch in $type: gradients are the merged model's by the chain rule" "
			mkdir -p units; cd units
			for isa in $sets; do unit lora $arch $type \$isa; done
		"
	done
done

# A base that knows the words, since an adapter changes no embeddings.
awk 'BEGIN { n = split("ash birch cedar elm fir hazel larch maple oak pine", tree, " ")
	for (i = 0; i < 2000; i++) {
		printf "{\"text\":\"Which tree has the number %d? What is %d+%d? It is %d.\"}\n",
			i * 7 % 83, i % 10, i % 7, i % 10 + i % 7
		printf "{\"text\":\"The %s.\"}\n", tree[i * i % 89 % 10 + 1] } }' >docs
bpe-train -n 300 -p smollm docs -o tok.json 2>/dev/null
tokenize -q -t tok.json -o s docs
pretrain -q -j1 -o base --layers 2 --width 64 --heads 4 --kv-heads 2 --context 128 \
	--batch 8 --steps 150 -t tok.json s_train_000001.bin
pretrain -q -j1 -o other --layers 2 --width 48 --heads 4 --context 128 --batch 8 \
	--steps 1 -t tok.json s_train_000001.bin
pretrain -q -j1 -o gpt2 --arch gpt2 --layers 1 --width 32 --heads 2 --context 128 --batch 8 \
	--steps 1 -t tok.json s_train_000001.bin
awk 'BEGIN { n = split("ash birch cedar elm fir hazel larch maple oak pine", tree, " ")
	for (i = 0; i < 50; i++) printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Which tree has the number %d?\"},{\"role\":\"assistant\",\"content\":\"The %s.\"}]}\n", i, tree[(i * i + 3 * i) % 10 + 1] }' >facts
sed 's/,{"role":"assistant.*/]}/' facts >questions
sed 's/.*assistant","content":"\([^"]*\)".*/\1/' facts >wanted
answers() { sed 's/.*"text":"\([^"]*\)".*/\1/'; }
right() {	# MODEL: how many of the 50 answers are right
	generate -q -m "$1" --jsonl --greedy -n 30 <questions | answers |
		paste -d '\t' - wanted | awk -F '\t' '$1 == $2 { n++ } END { print n + 0 }'
}
logprobs() {	# MODEL: of what it samples, which is the same for models that agree
	rlsample -q -m "$1" -N 1 -n 8 <questions | sed 's/.*"logprobs":\[\([^]]*\).*/\1/' |
		tr ',' '\n'
}
near() {	# FILE FILE: equally many numbers, which differ by at most 1e-5
	[ -s "$1" ]
	paste "$1" "$2" | awk '{ d = $1 - $2 } NF != 2 || d > 1e-5 || d < -1e-5 { bad = 1 }
		END { exit bad }'
}
same() {	# DIR DIR
	for f in adapter_model.safetensors training.safetensors; do cmp "$1/$f" "$2/$f" || return 1; done
	cut -f 1-5 "$1/trainlog.tsv" >log1; cut -f 1-5 "$2/trainlog.tsv" >log2
	cmp log1 log2
}

ok 'fifty conversations are learned with the defaults, and the model is left alone' '
	cat base/* | cksum >before
	sft -q -m base -o adapter --lora 8 facts
	cat base/* | cksum | cmp - before
	[ "$(right adapter)" -ge 48 ]
	sft -q -m base -o full facts
	close "$(column loss adapter/trainlog.tsv | tail -n 1)" \
		"$(column loss full/trainlog.tsv | tail -n 1)" 0.05
	for f in adapter_config.json adapter_model.safetensors tokenizer.json \
		tokenizer_config.json generation_config.json provenance.txt; do [ -s adapter/$f ]; done
	[ ! -e adapter/model.safetensors ]
'
ok 'what is merged gives the same answers, with log-probabilities to 1e-5' '
	ckpt merge adapter merged
	[ "$(right merged)" = "$(right adapter)" ]
	logprobs adapter >a
	logprobs merged >b
	near a b
	logprobs full >c
	differ a c
'
ok 'ckpt info says what an adapter is' '
	ckpt info --tensors adapter >info
	grep -qx "base	.*/base" info
	grep -qx "lora_rank	8" info
	grep -qx "lora_alpha	16" info
	grep -qx "base_model.model.model.layers.1.mlp.down_proj.lora_A.weight	F32	8,192" info
	grep -qx "base_model.model.model.layers.1.self_attn.k_proj.lora_B.weight	F32	32,8" info
'
ok 'ckpt convert merges too, and reads the base elsewhere with --base' '
	ckpt convert adapter converted
	cmp merged/model.safetensors converted/model.safetensors
	cp -r base moved
	sed "s,\"base_model_name_or_path\":\"[^\"]*\",\"base_model_name_or_path\":\"gone\"," \
		adapter/adapter_config.json >config
	cp -r adapter lost
	cp config lost/adapter_config.json
	ckpt merge --base moved lost found
	cmp merged/model.safetensors found/model.safetensors
	cp -r base lost/gone
	ckpt merge lost beside
	cmp merged/model.safetensors beside/model.safetensors
	rm -r lost/gone
'
fails 1 'a base that is not there is named' 'generate -q -m lost -n 1 a' \
	"lost: an adapter of the model 'gone', which is not there"
ok 'only the adapter is in the state; it resumes bit for bit, with any -j' '
	sft -q -j1 -m base -o whole --lora 4 --steps 6 facts
	sft -q -j2 -m base -o two --lora 4 --steps 6 facts
	same whole two
	sft -q -j1 -m base -o part --lora 4 --steps 6 --save-every 1 facts &
	pid=$!
	while [ ! -e part/training.safetensors ] && kill -0 $pid 2>/dev/null; do sleep .01; done
	kill -TERM $pid 2>/dev/null || true
	wait $pid || true
	sft -q -j1 -o part --resume
	same whole part
	n=$(wc -c <whole/training.safetensors)
	[ "$n" -lt $(($(wc -c <base/model.safetensors) / 2)) ]
'
ok 'an adapter is trained on, its moments reset; without --lora it is merged first' '
	sft -q -m whole -o further --lora 4 --steps 2 facts
	differ whole/adapter_model.safetensors further/adapter_model.safetensors
	sft -q -m whole -o again --steps 2 facts
	[ -s again/model.safetensors ]
	[ ! -e again/adapter_config.json ]
'
ok 'a part of the matrices has them; the others are as in the base' '
	sft -q -m base -o some --lora 2 --lora-targets q,v --steps 2 facts
	grep -q "\"target_modules\":\[\"q_proj\",\"v_proj\"\]" some/adapter_config.json
	ckpt merge some some_merged
	ckpt compare base some_merged | awk -F "\t" "NR > 1 && \$2 > 0 { print \$1 }" |
		sed "s/.*layers.[0-9]*.//" | sort -u >changed
	printf "%s\n" model.embed_tokens.weight self_attn.q_proj.weight \
		self_attn.v_proj.weight | cmp - changed
'
ok 'of the embeddings only the tokens that the template added have changed' '
	python3 - <<-END
	import json, struct
	def table(dir):
	    b = open(dir + "/model.safetensors", "rb").read()
	    n = struct.unpack("<Q", b[:8])[0]
	    t = json.loads(b[8:8 + n])["model.embed_tokens.weight"]
	    at, end = t["data_offsets"]
	    rows, width = t["shape"]
	    data = b[8 + n + at:8 + n + end]
	    return [data[i * width * 4:(i + 1) * width * 4] for i in range(rows)]
	a, b = table("base"), table("some_merged")
	ids = json.load(open("some/adapter_config.json"))["trainable_token_indices"]["embed_tokens"]
	assert len(ids) == 2, ids
	assert [i for i in range(len(a)) if a[i] != b[i]] == ids
	END
'
ok 'a full vocabulary grows' '
	awk "BEGIN { for (i = 0; i < 2000; i++) { s = \"\"; for (k = 0; k < 9; k++)
		s = s sprintf(\" %c%c%c\", 97 + i * k % 25, 97 + i * i % 23, 97 + (i + k) % 19)
		printf \"{\\\"text\\\":\\\"%s\\\"}\n\", s } }" >words
	for n in 383 382 381; do
		bpe-train -q -n $n -p smollm words -o tok$n.json
		tokenize -q -t tok$n.json -o s$n words
		pretrain -q -j1 -o v$n --layers 1 --width 32 --heads 2 --context 64 --batch 8 \
			--steps 1 -t tok$n.json s${n}_train_000001.bin
		sft -q -m v$n -o grown$n --lora 2 --epochs 1 facts
		ckpt merge grown$n merged$n
		ckpt info merged$n | grep -qx "vocab	$((n + 3))"
		logprobs grown$n >a
		logprobs merged$n >b
		near a b
	done
'
for type in q8_0 q4_0 bf16; do
	ok "a GGUF file of $type stays as it is and serves as a base" "
		ckpt convert --type $type base base_$type.gguf
		cksum <base_$type.gguf >before
		sft -q -j1 -m base_$type.gguf -o adapter_$type --lora 8 --epochs 20 facts
		cksum <base_$type.gguf | cmp - before
		first=\$(column loss adapter_$type/trainlog.tsv | head -1)
		last=\$(column loss adapter_$type/trainlog.tsv | tail -1)
		awk \"BEGIN { exit !(\$last < 0.5 * \$first) }\"
		ckpt merge adapter_$type merged_$type
		logprobs adapter_$type >a
		generate -q -m adapter_$type --compute int8 -n 2 a >/dev/null
		logprobs merged_$type >b
		[ -s a ]
	"
done
ok 'validation keeps the best adapter' '
	sft -q -m base -o val --lora 4 --epochs 3 --val-share 0.2 facts
	[ -s val/best/adapter_model.safetensors ]
	generate -q -m val/best -n 2 a >/dev/null
'

# ---- rltrain ----
grade_it() { awk '{ r = index($0, "\"text\":\"The ") + NR % 3; sub(/}$/, ",\"reward\":" r "}"); print }'; }
head -4 questions | sed 's/^{/{"id":"p",/; s/"p"/"p1"/' | awk '{ sub(/"p1"/, "\"p" NR "\""); print }' >prompts
ok 'rltrain: sampler and trainer agree; the next round continues the adapter' '
	rlsample -q -m merged -N 16 -n 8 <prompts | grade_it >r1
	sft -q -m base -o start --lora 8 --steps 30 facts
	rlsample -q -m start -N 16 -n 8 <prompts | grade_it >r2
	rltrain -q -m start -o rl --fresh --lora 8 --check-logprobs 0 --loss reinforce r2
	rlsample -q -m rl -N 16 -n 8 <prompts | grade_it >r3
	rltrain -q -m rl -o rl --lora 8 --check-logprobs 0 --loss reinforce r3
	[ "$(tail -n 1 rl/trainlog.tsv | cut -f 1)" = 2 ]
	rltrain -q -m merged -o rl_new --lora 4 --loss reinforce r1
	[ -s rl_new/adapter_model.safetensors ]
'

# ---- memory ----
ok 'a frozen model needs less memory: -M says so, and less suffices' '
	pretrain -q -j1 -o wide --layers 4 --width 256 --heads 4 --context 64 --batch 1 --steps 1 \
		-t tok.json s_train_000001.bin
	s=0; sft -q -m wide -o x -M 1M facts 2>err_full || s=$?
	[ $s = 2 ]
	s=0; sft -q -m wide -o x -M 1M --lora 4 facts 2>err_lora || s=$?
	[ $s = 2 ]
	moments() { sed "s/.*moments \([0-9.]*\)M.*/\1/" "$1"; }
	awk "BEGIN { exit !($(moments err_lora) < 0.4 * $(moments err_full)) }"
'

# ---- refusals ----
for bad in '--lora 0:lora: 0 is not from 1' '--lora 65:rank 65 is more than' \
	'--lora -1:lora: -1 is not' '--lora 4 --lora-targets x:x' \
	'--lora 4 --optimizer muon:adapters are trained with adamw' \
	'--lora 4 --compute bf16:adapters are trained in fp32' \
	'--lora-alpha 4:lora-alpha has no effect without --lora' \
	'--lora-targets q:lora-targets has no effect' '--lora 4 --lora-alpha 0:lora-alpha'
do
	fails 2 "refused: ${bad%%:*}" "sft -q -m base -o x ${bad%%:*} facts" "${bad#*:}"
done
fails 2 'gpt2 has one matrix for q, k and v' \
	'sft -q -m gpt2 -o x --lora 2 --lora-targets q facts' 'are one matrix: give all three'
fails 2 'gpt2 has no gate' \
	'sft -q -m gpt2 -o x --lora 2 --lora-targets gate facts' "gpt2 has no matrix 'gate'"
ok 'but all, or its attention' '
	sft -q -m gpt2 -o g1 --lora 2 --steps 1 facts
	grep -q "\"c_attn\",\"attn.c_proj\",\"c_fc\",\"mlp.c_proj\"" g1/adapter_config.json
	sft -q -m gpt2 -o g2 --lora 2 --lora-targets attention --steps 1 facts
	logprobs g1 >a
	ckpt merge g1 g1_merged
	logprobs g1_merged >b
	near a b
'
fails 1 'a whole model is not replaced by its adapter' \
	'sft -q -m base -o base --force --lora 2 facts' 'base: holds a whole model'
fails 1 'nor an adapter by a whole model' \
	'sft -q -m base -o whole --force --steps 1 facts' 'whole: holds an adapter'
fails 1 'another rank cannot continue an adapter' \
	'sft -q -m whole -o x --lora 8 facts' 'an adapter of rank 4, which --lora 8 cannot continue'
fails 1 'nor another alpha' 'sft -q -m whole -o x --lora 4 --lora-alpha 3 facts' 'alpha is 8, not 3'
fails 1 'nor other matrices' 'sft -q -m whole -o x --lora 4 --lora-targets q facts' 'other matrices'
fails 1 'a run does not resume with another rank' \
	'sft -q -o part --resume --lora 2' 'rank 4, which --lora 2|it cannot resume'
fails 1 'the adapter of a model of another shape' \
	'ckpt merge --base other whole x' "has shape .* but the base model other .* imply"
fails 1 'the adapter of another architecture' \
	'ckpt merge --base gpt2 whole x' 'belongs to no matrix of the blocks of gpt2'
fails 1 'not an adapter' 'ckpt merge base x' 'base: not an adapter'
fails 2 '--base elsewhere' 'ckpt convert --base base base x' 'no effect without merge'

broken() {	# NAME: a copy of an adapter
	rm -rf "$1"; cp -r whole "$1"; rm "$1/training.safetensors"
}
broken cut; head -c 5000 whole/adapter_model.safetensors >cut/adapter_model.safetensors
fails 1 'a truncated file' 'generate -q -m cut -n 1 a' 'cut/adapter_model.safetensors'
broken none; rm none/adapter_model.safetensors
fails 1 'a missing file' 'generate -q -m none -n 1 a' 'none/adapter_model.safetensors: missing'
broken nested; sed -i "s,\"base_model_name_or_path\":\"[^\"]*\",\"base_model_name_or_path\":\"whole\"," nested/adapter_config.json
fails 1 'an adapter of an adapter' 'generate -q -m nested -n 1 a' 'base model whole is an adapter itself'
setting() {	# SED-SCRIPT PATTERN: a setting that is refused
	broken odd
	sed -i "$1" odd/adapter_config.json
	fails 1 "in adapter_config.json: $1" 'generate -q -m odd -n 1 a' "$2"
}
setting 's/"LORA"/"IA3"/' "peft_type. is .IA3"
setting 's/"r":4/"r":0/' "'r' is 0"
setting 's/"r":4/"r":5/' 'imply \(5,'
setting 's/"modules_to_save":null/"modules_to_save":["lm_head"]/' 'modules_to_save'
setting 's/"bias":"none"/"bias":"all"/' "'bias' is not supported"
setting 's/"r":4/"r":4,"use_dora":true/' "use_dora"
setting 's/"r":4/"r":4,"rank_pattern":{"q_proj":8}/' "rank_pattern"
setting 's/"embed_tokens":\[[0-9]*/"embed_tokens":[3/' 'consecutive ids'
setting 's/{"embed_tokens":\[[^]]*\]}/[9000,9001]/' 'begin with token 9000'
setting 's/"trainable_token_indices":{[^}]*}/"trainable_token_indices":null/' 'belongs to no matrix'
setting 's/^{/[/' 'adapter_config.json:1'
ok 'none of these leaves a partial file' '[ ! -e x ] && [ -z "$(find . -name "*.tmp.*")" ]'
done_testing
