#!/bin/sh
# run.sh SECONDS BUILD TARGET... - builds fuzz targets with the address and
# undefined-behaviour sanitizers and runs each for SECONDS, two at a time. BUILD
# has the programs that make the seed inputs.
#
# Uses clang and its libFuzzer if installed, otherwise driver.c, which has no
# coverage feedback. A failing input is kept in BUILD/fuzz-found and its path is
# printed; the exit status is then 1.
set -eu
here=$(cd "${0%/*}" && pwd)
seconds=$1 build=$(cd "$2" && pwd)
shift 2
sanitize=address,undefined
flags='-g -O1 -fno-sanitize-recover=undefined -fsanitize'
if echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
	clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null
then
	engine=libfuzzer out=$build/fuzz-clang
	set_up="CC=clang FUZZ_LINK=-fsanitize=fuzzer"
	flags="$flags=fuzzer-no-link,$sanitize"
else
	echo "fuzz: no clang with libFuzzer: blind changes by fuzz/driver.c instead"
	engine=driver out=$build/fuzz-cc
	set_up="FUZZ_DRIVER=$out/fuzz/driver.o"
	flags="$flags=$sanitize"
fi
binaries=
for target; do binaries="$binaries $out/fuzz-$target"; done
# shellcheck disable=SC2086
make -s -j2 --no-print-directory -C "$here/.." B="$out" CFLAGS="$flags" \
	SIMD_FLAGS='-O1 -fno-sanitize=all' $set_up $binaries

work=$(mktemp -d "${TMPDIR:-/tmp}/fuzz.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export PATH="$build/bin:$PATH"
sh "$here/../t/samples.sh" "$work/samples" >/dev/null 2>&1
# The seed inputs of TARGET: files in its format, written by the programs.
# Training files are long, so only their beginnings are used.
begin() {
	dir=$work/corpus/$1
	mkdir -p "$dir"
	cd "$work/samples"
	case $1 in
	adapter) sft -q -m chat -o lora --lora 1 --lora-targets q,v --steps 1 conv.jsonl
		{ cat lora/adapter_config.json; printf '\0'
			cat lora/adapter_model.safetensors; } >"$dir/whole" ;;
	html | extract) cp page.html "$dir"
		for tag in table select template svg frameset ruby; do
			echo "<$tag><tr><td>x<option><b><p>y</b>z<$tag>" >"$dir/$tag"
		done ;;
	warc) cp crawl.warc "$dir"
		sed -n '/^WARC/,$p;/<\/html>/q' crawl.warc >"$dir/one" ;;
	json | docs) i=0
		for f in docs conv prompts pairs graded rollouts; do
			head -n 3 $f.jsonl | while read -r line; do
				i=$((i + 1)); printf %s "$line" >"$dir/$f.$i"; done
		done ;;
	json-schema)
		printf '%s\0%s' true '{"a":[1,-2.5e3,true,null],"b":"\u00e9é"}' >"$dir/any"
		printf '%s\0%s' '{"properties":{"a":{"enum":[1,12,"x"]},"b":{"$ref":"#"}},"required":["a"]}' \
			'{"b":{"a":"x"}, "a":1}' >"$dir/object"
		printf '%s\0%s' '{"type":["array","null"],"items":{"anyOf":[{"type":"integer"},{"minLength":1,"maxLength":3}]},"minItems":1}' \
			'[12, "aé"]' >"$dir/array" ;;
	grade) awk -F '\t' -v dir="$dir" '!/^#/ && NR % 5 == 0 { gsub(/⏎/, "\n")
			f = dir "/" NR
			printf "%s%c%s", $5, 0, $4 >f
			close(f) }' "$here/../t/grade-labels.tsv" ;;
	gzip) cp crawl.warc.gz "$dir"
		head -n 3 conv.jsonl >few
		tar cf "$dir/few.tar" few; gzip -c few >"$dir/few.gz" ;;
	curves) cp base/trainlog.tsv "$dir"
		head -n 3 judge/trainlog.tsv >"$dir/short" ;;
	shard) cp shard_val_000000.bin "$dir"; shard head -n 1 tokens.tok >"$dir/short" ;;
	tokstream) head -c 4000 tokens.tok >"$dir/cut"
		shard head -n 1 tokens.tok >"$dir/short" ;;
	api)	message='"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]'
		echo "c{$message,\"max_tokens\":9,\"logprobs\":true,\"top_logprobs\":3,\"n\":2,\"seed\":-1}" >"$dir/1"
		echo "c{$message,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"enum\":[1]}}}}" >"$dir/2"
		echo "c{$message,\"stream\":true,\"stream_options\":{\"include_usage\":true},\"chat_template_kwargs\":{\"a\":1}}" >"$dir/3"
		echo 't{"prompt":["a","b"],"stop":["x"],"logit_bias":{"7":-1.5},"top_k":3,"min_p":0.1}' >"$dir/4"
		echo 't{"prompt":[[1,2],[3]],"echo":true,"logprobs":2,"max_tokens":0,"temperature":0,"best_of":1}' >"$dir/5" ;;
	safetensors) ckpt info base >/dev/null; head -c 9000 base/model.safetensors >"$dir/cut"
		printf '\060\000\000\000\000\000\000\000{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}01234567' >"$dir/small" ;;
	safetensors-index) i=0
		for map in '"first":"a.safetensors"' '"second":"b.safetensors"' \
			'"first":"a.safetensors","second":"b.safetensors"' '"first":"c.safetensors"'
		do i=$((i + 1)); echo "{\"metadata\":{},\"weight_map\":{$map}}" >"$dir/$i"; done ;;
	config) cp base/config.json "$dir" ;;
	gguf) python3 "$here/gguf_seeds.py" "$dir" || printf 'GGUF\003\000\000\000' >"$dir/magic" ;;
	llmc) ckpt convert base "$dir/model.bin" 2>/dev/null || printf '\246\036\065\001\003\000\000\000' >"$dir/magic"
		python3 "$here/../t/llama2c.py" "$dir" 16 >/dev/null || : ;;
	template) cp chat/tokenizer_config.json "$dir"
		for f in "$here"/../t/templates/*.jinja; do
			{ cat "$f"; printf '\0'; head -n 1 conv.jsonl; } >"$dir/${f##*/}"
		done
		python3 -c 'import json, sys
for i, line in enumerate(open(sys.argv[1])):
    open(f"{sys.argv[2]}/{i}", "w").write(json.loads(line)["template"] + "\0")' \
			"$here/../t/jinja.jsonl" "$dir" || : ;;
	tiktoken) head -n 300 tok.tiktoken | tail -n 20 >"$dir/ranks" ;;
	tokenizer-json) cp tok.json "$dir"
		printf '\004"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}' >"$dir/prepend"
		printf '\004"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},"added_tokens":[{"id":300,"content":"<x>","normalized":true}]' >"$dir/metaspace"
		python3 "$here/../t/spm.py" write spm && cp spm/llama.json spm/split.json "$dir" || : ;;
	tokenizer-bin) python3 "$here/../t/spm.py" write spm-bin &&
		cp spm-bin/llama2c/tokenizer.bin "$dir" || printf '\020' >"$dir/none" ;;
	wordcount) bpe-train -q docs.jsonl --counts -o "$dir/counts.tsv" ;;
	*) cp text.txt "$dir" ;;
	esac
	cd "$here"
}
for target; do begin "$target"; done

mkdir -p "$build/fuzz-found"
export work out build engine seconds here
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
# shellcheck disable=SC2016
printf '%s\n' "$@" | xargs -P 2 -n 1 sh -c '
	name=$1 log=$work/$1.log found=$build/fuzz-found/$1-
	export TMPDIR=$work/tmp.$1
	mkdir "$TMPDIR"; rm -f "$found"*
	dict=; [ "$name" != html ] && [ "$name" != extract ] || dict=-dict=$here/html.dict
	# Memory allocated for a refused input leaks, so a process takes a limited
	# number of inputs, and the next one continues with the corpus.
	if [ "$engine" = libfuzzer ]; then
		set -- -runs=8000 -timeout=20 -rss_limit_mb=4096 \
			-max_len=16384 -close_fd_mask=1 -print_final_stats=0 $dict \
			-artifact_prefix="$found" "$work/corpus/$name"
	else
		set -- "$seconds" "${found}input" "$work/corpus/$name"
	fi
	end=$(($(date +%s) + seconds)) done=0
	while left=$((end - $(date +%s))) && [ $left -gt 0 ]; do
		limit=
		[ "$engine" != libfuzzer ] || limit=-max_total_time=$left
		"$out/fuzz-$name" $limit "$@" >"$log" 2>&1 || break
		done=$((done + $(sed -n "s/^Done \([0-9]*\) .*/\1/p" "$log")))
		[ "$engine" = libfuzzer ] || break
	done
	if grep -qa "^Done " "$log"; then
		echo "fuzz: $name: $done runs in $seconds seconds"
	else
		grep -a -v "^#\|^fuzz-\|^INFO" "$log" | grep -a -A 25 -e ERROR -e "runtime error" \
			-e wrong: || tail -n 30 "$log"
		echo "fuzz: $name failed; the input is kept: $(ls "$found"*)"
		exit 1
	fi' fuzz
