#!/bin/sh
# GGUF files: models of every architecture and type that a script of ours wrote,
# against the same models as directories; files written by ckpt; bad files.
. "${0%/*}/lib.sh"
needs_command python3

ok 'blocks of quantized types have the values of their definitions' '
	python3 "$TOP/t/quant.py" "$BUILD/unit/quant"
'
mkdir m bad
python3 "$TOP/t/gguf_models.py" m >list || echo 'nothing written' >list
echo '{"prompt_ids":[1,2,3,270,17]}' >ids
echo '{"messages":[{"role":"user","content":"the <|im_end|> [tool]"}]}' >chat
echo 'Where is the hat? [tool]<|im_end|>' >text

tops() {	# MODEL: what the model finds, without its name
	generate -q -j1 --compute fp32 -m "$1" --jsonl --greedy -n 6 --top 9 ids
	generate -q -j1 --compute fp32 -m "$1" --jsonl --greedy -n 4 --top 9 chat
}
for name in $(cut -d' ' -f1 list); do
	ok "$name: numbers and features are those of the same model as a directory" "
		ckpt compare m/$name m/$name.gguf --tolerance 0
		tops m/$name >want
		tops m/$name.gguf | cmp - want
	"
	ok "$name: and so are tokenizer, template and special ids" "
		ckpt average -o mean.$name m/$name m/$name.gguf
		ckpt compare mean.$name m/$name --tolerance 1e-6
		tokenize -q -t m/$name -r -a text >want
		tokenize -q -t m/$name.gguf -r -a text | cmp - want
		ckpt info m/$name | grep '^bos\|^eos' >want
		ckpt info m/$name.gguf | grep '^bos\|^eos' | cmp - want
	"
done
# What rounding costs: weights that are quantized already and numbers of 15 bits,
# or weights that are quantized only now; or numbers of 8 bits.
near='import json, sys
a, b = (dict(map(tuple, json.loads(open(f).readline())["top"])) for f in sys.argv[1:3])
far = max(abs(a[i] - b[i]) for i in a)
print(far, max(a.values()) - min(a.values()))
sys.exit(a == b or far > float(sys.argv[3]) * (max(a.values()) - min(a.values())))'
while read -r name type rest; do
	case $type$rest in *F32) limit=0.03 ;; *) limit=0.002 ;; esac
	case $type in F16 | BF16) limit=0.03 ;; esac
	ok "$name: in integers, logits are near those in fp32" "
		generate -q --compute fp32 -m m/$name.gguf --jsonl -n 0 --top 290 ids >want
		generate -q --compute int16 -m m/$name.gguf --jsonl -n 0 --top 290 ids >got
		python3 -c '$near' want got $limit
		generate -q --compute int8 -m m/$name.gguf --jsonl -n 0 --top 290 ids >got
		python3 -c '$near' want got 0.05
	"
done <list
ok 'in integers by default where weights are quantized, otherwise in fp32' '
	for name in llama_Q8_0 llama_mixed llama_F32 llama_BF16; do
		case $name in *F*) same=fp32 ;; *) same=int8 ;; esac
		generate -q -m m/$name.gguf --jsonl -n 0 --top 290 ids >got
		generate -q --compute $same -m m/$name.gguf --jsonl -n 0 --top 290 ids | cmp - got
	done
'
ok 'in integers, one row and many, one thread and two have the same numbers' '
	for name in llama_mixed llama_Q4_0; do for how in int16 int8; do
		generate -q --compute $how -m m/$name.gguf -j1 --parallel 1 --jsonl -N 7 -n 9 --logprobs ids >want
		generate -q --compute $how -m m/$name.gguf -j2 --jsonl -N 7 -n 9 --logprobs ids | cmp - want
	done done
'
ok 'special tokens are not spelled by text, added ones are' '
	[ "$(printf "<|im_end|>" | tokenize -q -t m/qwen2.gguf -r -a | wc -w)" = 10 ]
	[ "$(printf "[tool]" | tokenize -q -t m/qwen2.gguf -r -a)" = 262 ]
'
ok 'info: types of the tensors, how text is split, tensors by name' '
	ckpt info --tensors m/llama_Q4_0.gguf >out
	grep -qx "arch	llama" out
	grep -qx "types	F32 5 Q4_0 15" out
	grep -qx "pre	gpt-2" out
	grep -qx "chat_template	yes" out
	grep -qx "blk.1.attn_k.weight	Q4_0	32,96" out
'

ok 'a tokenizer from a pipe is read from its first byte' '
	mkfifo pipe
	cat m/qwen2/tokenizer.json >pipe &
	tokenize -q -t pipe -r -a text >out
	wait
	tokenize -q -t m/qwen2/tokenizer.json -r -a text | cmp - out
'

# ---- writing ----

ok 'each architecture is written, and read back the same' '
	for name in $(cut -d" " -f1 list); do
		ckpt convert m/$name w.$name.gguf
		ckpt compare m/$name.gguf w.$name.gguf --tolerance 0 >out
		ckpt average -o again.$name w.$name.gguf m/$name
	done
'
for type in f32 f16 bf16 q8_0 q4_0; do
	ok "$type: every number is rounded as the type is defined; tied, untied, gpt2, narrow rows" "
		for name in llama_F32 llama_linear qwen3 gpt2_F16; do
			ckpt convert --force --type $type m/\$name x.gguf
			python3 \"\$TOP/t/gguf_written.py\" x.gguf w.\$name.gguf $type
		done
	"
done
ok 'rows that do not divide into blocks are reported' '
	ckpt convert --type q8_0 m/llama_linear narrow.gguf 2>err
	grep -q "narrow.gguf: 14 matrices have rows that do not divide into blocks of 32: they are F16, not Q8_0" err
'
ok 'a GGUF file becomes a directory, with its tokenizer, and a file again' '
	ckpt convert m/qwen3.gguf dir
	ckpt compare m/qwen3 dir --tolerance 0
	ckpt convert dir again.gguf
	ckpt convert --force m/qwen3.gguf once.gguf
	ckpt compare once.gguf again.gguf --tolerance 0
	tops m/qwen3 >want
	tops again.gguf | cmp - want
	python3 -c "import sys; sys.path.insert(0, sys.argv[1]); import gguf_file as gguf
a, b = gguf.Reader(sys.argv[2]).keys, gguf.Reader(sys.argv[3]).keys
for k in a:
    assert a[k] == b[k] or k == \"pipelm.provenance\", k" "$TOP/t" once.gguf again.gguf
'
ok 'keys that llama.cpp needs; special ids; our own' '
	ckpt convert --type q8_0 m/llama_Q8_0 keys.gguf
	python3 -c "import sys; sys.path.insert(0, sys.argv[1]); import gguf_file as gguf
k = gguf.Reader(sys.argv[2]).keys
t = k[\"tokenizer.ggml.token_type\"]
assert k[\"general.architecture\"] == \"llama\" and k[\"general.quantization_version\"] == 2
assert (k[\"llama.rope.dimension_count\"], k[\"llama.vocab_size\"]) == (16, 300)
assert k[\"tokenizer.ggml.model\"] == \"gpt2\" and k[\"tokenizer.ggml.pre\"] == \"gpt-2\"
assert (k[\"tokenizer.ggml.bos_token_id\"], k[\"tokenizer.ggml.eos_token_id\"],
    k[\"tokenizer.ggml.eot_token_id\"]) == (259, 261, 259)
assert k[\"tokenizer.ggml.add_bos_token\"] == 0
assert len(k[\"tokenizer.ggml.tokens\"]) == len(t) == 300
assert t == [1] * 259 + [3] * 3 + [4] + [5] * 37
assert k[\"tokenizer.ggml.merges\"][1] == \"t he\"
assert \"im_start\" in k[\"tokenizer.chat_template\"]
assert \"ckpt convert\" in k[\"pipelm.provenance\"]" "$TOP/t" keys.gguf
'
ok 'the commands that led to a model are kept in GGUF files' '
	ckpt convert keys.gguf kept
	[ "$(grep -c "^ckpt convert" kept/provenance.txt)" = 2 ]
	[ "$(ckpt info keys.gguf | grep -c "^by	ckpt convert")" = 1 ]
'
for pattern in gpt2 smollm cl100k o200k; do
	ok "a tokenizer that splits as $pattern does has a name in GGUF" "
		docs /usr/share/common-licenses/* \"\$TOP/README\" >docs 2>/dev/null
		bpe-train -q -n 300 -p $pattern -o tok.json docs
		tokenize -q -t tok.json docs | pretrain -q -j1 -o p.$pattern -t tok.json --layers 1 \
			--width 32 --heads 2 --context 16 --batch 2 --steps 1
		ckpt convert p.$pattern p.$pattern.gguf
		tokenize -q -t tok.json -r -a \"\$TOP/HACKING\" >want
		tokenize -q -t p.$pattern.gguf -r -a \"\$TOP/HACKING\" | cmp - want
		tokenize -q -t p.$pattern.gguf docs | pretrain -q -j1 -m p.$pattern.gguf -o q.$pattern --steps 1
		sed -i 's/\"ignore_merges\": [a-z]*/\"ignore_merges\": false/' q.$pattern/tokenizer.json
		cmp q.$pattern/tokenizer.json p.$pattern/tokenizer.json
	"
done
fails 1 'a tokenizer with a pattern of its own cannot be written' '
	bpe-train -q -n 300 -p "\\S+|\\s+" -o own.json docs
	cp -r p.gpt2 own && cp own.json own/tokenizer.json
	rm own/tokenizer_config.json
	python3 - <<X
import json, struct
f = open("own/model.safetensors", "rb").read()
n, = struct.unpack("<Q", f[:8])
head = json.loads(f[8:8 + n])
del head["__metadata__"]["tokenizer"]
head = json.dumps(head).encode()
open("own/model.safetensors", "wb").write(struct.pack("<Q", len(head)) + head + f[8 + n:])
X
	ckpt convert own own.gguf 2>err || { [ ! -e own.gguf ]; cat err >&2; exit 1; }
' 'own.gguf: GGUF has no name for how the tokenizer splits text'
fails 1 'a GGUF file is replaced only by --force' 'ckpt convert p.gpt2 p.gpt2.gguf' \
	'p.gpt2.gguf: exists already: --force'
fails 2 'a directory holds no quantized type' 'ckpt convert --type q8_0 p.gpt2 x.dir' \
	'only GGUF files'
fails 2 'nor does a checkpoint of llm.c' 'ckpt convert --type q4_0 p.gpt2 x.bin' 'only GGUF files'
fails 1 'a full disk' 'ln -s /dev/full full.gguf; ckpt convert --force p.gpt2 full.gguf' 'cannot write'
ok 'a model without a tokenizer is written without one' '
	cp -r p.gpt2 bare && rm bare/tokenizer*.json
	ckpt convert bare bare.gguf 2>err
	grep -q "bare: has no tokenizer" err
	generate -q -m bare --jsonl -n 0 --top 3 ids >want
	generate -q --compute fp32 -m bare.gguf --jsonl -n 0 --top 3 ids | cmp - want
'

ok 'the token that other programs put before a text is kept' '
	python3 - <<X
import json
t = json.load(open("m/llama_F32/tokenizer.json"))
special = {"id": "<|im_start|>", "ids": [260], "tokens": ["<|im_start|>"]}
t["post_processor"] = {"type": "Sequence", "processors": [
    {"type": "ByteLevel", "trim_offsets": True},
    {"type": "TemplateProcessing", "single": [
        {"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [], "special_tokens": {"<|im_start|>": special}}]}
json.dump(t, open("m/llama_F32/tokenizer.json", "w"))
X
	ckpt convert m/llama_F32 first.gguf
	ckpt convert first.gguf first
	ckpt convert first first2.gguf
	python3 -c "import json, sys; sys.path.insert(0, sys.argv[1]); import gguf_file as gguf
for f in (\"first.gguf\", \"first2.gguf\"):
    k = gguf.Reader(f).keys
    assert k[\"tokenizer.ggml.add_bos_token\"] == 1
    assert k[\"tokenizer.ggml.bos_token_id\"] == 260
p = json.load(open(\"first/tokenizer.json\"))[\"post_processor\"]
assert p[\"single\"][0] == {\"SpecialToken\": {\"id\": \"<|im_start|>\", \"type_id\": 0}}
assert p[\"special_tokens\"][\"<|im_start|>\"][\"ids\"] == [260]" "$TOP/t"
'

# ---- every program ----

awk 'BEGIN { for (i = 0; i < 40; i++)
	printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%d\"},{\"role\":\"assistant\",\"content\":\"%d\"}]}\n", i, i, i + 1 }' >conv
ok 'sft, rlsample, rltrain and chat take a GGUF file for -m' '
	sft -q -j1 -m m/llama_Q8_0.gguf -o tuned --epochs 1 conv
	rlsample -q -j1 -m m/llama_Q8_0.gguf -N 4 -n 20 conv >rolled
	grade -q --regex 1 rolled >graded
	rltrain -q -j1 -m m/llama_Q8_0.gguf -o better --check-logprobs 0 graded
	for d in tuned better; do
		tokenize -q -t $d -r -a text >want
		tokenize -q -t m/llama_Q8_0 -r -a text | cmp - want
		generate -q -j1 -m $d --jsonl -n 0 chat | grep -o "prompt_ids[^]]*" >a
		generate -q -j1 -m m/llama_Q8_0 --jsonl -n 0 chat | grep -o "prompt_ids[^]]*" | cmp - a
	done
	echo hello | chat -q -m m/llama_Q8_0.gguf -n 4 >out
'
fails 1 'a vocabulary that is not the one the model was trained with is refused' '
	python3 - <<X
b = open("p.gpt2.gguf", "rb").read()
at = b.index(b"pipelm.tokenizer") + 16 + 4 + 8 + 5
open("changed.gguf", "wb").write(b[:at] + bytes([b[at] ^ 1]) + b[at + 1:])
X
	generate -q -m changed.gguf -n 1 hello
' 'changed.gguf: not the tokenizer that the model was trained with'

ok 'score computes the same from a file and from a directory' '
	printf "{\"text\":\"the hat, the other hat\"}\n" >one
	score -q -m m/qwen2 --bpb one >want
	score -q -m m/qwen2.gguf --bpb one | cmp - want
'

# ---- bad files ----

python3 "$TOP/t/gguf_hostile.py" bad >bad.list || echo 'nothing written' >bad.list
while IFS='	' read -r n regex name; do
	case $name in
	good*) ok "$name" "generate -q -m bad/$n.gguf -n 1 hello" ;;
	*) fails 1 "refused: $name" "generate -q -m bad/$n.gguf -n 1 hello" "$regex" ;;
	esac
done <bad.list
ok 'ids need no tokenizer that is supported' '
	n=$(grep "	another tokenizer$" bad.list | cut -f1)
	generate -q -m bad/$n.gguf --ids -n 3 --ignore-eos "1 2 3" >out
	[ "$(wc -w <out)" = 3 ]
'
done_testing
