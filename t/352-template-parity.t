#!/bin/sh
# Ids and masks of conversations in templates of every shape, compared with
# transformers' apply_chat_template. The templates in t/templates use what
# published ones use; those in common/token are built in.
. "${0%/*}/lib.sh"
needs_long
needs_command python3
venv "transformers>=5.20" jinja2 torch

seq 1 300 | sed 's/$/ the cat is a user, the assistant sat on system/' >text
bpe-train -q -n 400 -r text -o t.json
mkdir base && unit render -w t.json base
ok 'a tokenizer with the special tokens of many models' '
	python3 - <<END
import json
names = """<|im_sep|> <|begin_of_text|> <|start_header_id|> <|end_header_id|>
    <|eot_id|> <start_of_turn> <end_of_turn> <|system|> <|user|> <|assistant|>
    <|end|> <|User|> <|Assistant|> <|calls|> <|sep|> <|call_end|> <|outputs|>
    <|output_end|> <|outputs_end|> <|end_of_text|> [INST] [/INST] [TOOLS]
    [/TOOLS] [CALLS] [RESULTS] [/RESULTS]""".split()
j = json.load(open("base/tokenizer.json"))
c = json.load(open("base/tokenizer_config.json"))
at = max(t["id"] for t in j["added_tokens"]) + 1
for i, name in enumerate(names):
    t = dict(content=name, special=True, single_word=False, lstrip=False,
        rstrip=False, normalized=False)
    j["added_tokens"].append(dict(t, id=at + i))
    c["added_tokens_decoder"][str(at + i)] = t
c["bos_token"] = "<|begin_of_text|>"
c["eos_token"] = "<|end_of_text|>"
json.dump(j, open("base/tokenizer.json", "w"))
json.dump(c, open("base/tokenizer_config.json", "w"))
END
'
for f in "$TOP"/t/templates/*.jinja "$TOP"/common/token/*.jinja; do
	ok "${f##*/}" "
		SOURCE_DATE_EPOCH=\$(date +%s) '$venv/bin/python' \
			'$TOP/t/template_parity.py' '$BUILD/unit/render' base '$f'
	"
done
done_testing
