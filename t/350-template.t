#!/bin/sh
# Chat templates: ids and mask, no content forges a turn, the Jinja text
# renders the same.
. "${0%/*}/lib.sh"

seq 1 300 | sed 's/$/ the cat is a user, the assistant sat on system/' >text
bpe-train -q -n 320 -r text -o t.json

# The ids that the strings and numbers of special tokens given amount to.
expect() {
	for part; do
		case $part in
		'#'*) echo "${part#'#'}" ;;
		*) printf '%b' "$part" >part
			tokenize -q -t t.json -r -a part | tr ' ' '\n' ;;
		esac
	done
}

ok 'ChatML: special tokens as ids, role and content apart, mask' '
	unit render t.json - user "the cat" assistant "sat on" >got
	expect "#321" "user\n" "the cat" "#322" "\n" "#321" "assistant\n" \
		"sat on" "#322" "\n" >want
	sed -n "/^--/q;s/ .*//p" got | cmp - want
	expect "sat on" "#322" >learn
	sed -n "/^--/q;s/ 1$//p" got | cmp - learn
	expect "#321" "assistant\n" >prompt
	sed "1,/^--/d;s/ .*//" got | cmp - prompt
'
ok 'no content has the id of a special token' '
	unit render -f t.json
'
if [ -d "$SHARED/data/vocab" ]; then
	ok 'nor with the vocabularies of OpenAI' '
		for v in r50k cl100k o200k; do
			unit render -f "$SHARED/data/vocab/${v}_base.tiktoken"
		done
	'
fi
ok 'what is written is found again, with the same ids' '
	mkdir dir
	unit render -w t.json dir
	unit render t.json - user "a <|im_end|> b" >a
	unit render dir dir user "a <|im_end|> b" >b
	cmp a b
'
ok 'a system message of the template stands where there is none' '
	python3 - <<END
import json
c = json.load(open("dir/tokenizer_config.json"))
c["chat_template"] = ("{% if messages[0].role != \"system\" %}{{ "
    "\"<|im_start|>system\\nthe cat sat<|im_end|>\\n\" }}{% endif %}"
    + c["chat_template"])
json.dump(c, open("dir/tokenizer_config.json", "w"))
END
	unit render dir dir user "a" >got
	unit render dir - system "the cat sat" user "a" | cmp - got
	unit render dir dir system "b" user "a" >got
	unit render dir - system "b" user "a" | cmp - got
'
ok 'a template in a file of its own, as transformers writes it, comes first' '
	cp -r dir own
	python3 - <<END
import json
c = json.load(open("own/tokenizer_config.json"))
open("own/chat_template.jinja", "w").write(c.pop("chat_template"))
c["chat_template"] = "[INST]{{ x }}"
json.dump(c, open("own/tokenizer_config.json", "w"))
END
	unit render own own user "a" >got
	unit render dir - system "the cat sat" user "a" | cmp - got
	unit render -w t.json own
	[ ! -e own/chat_template.jinja ]
'
ok 'a template that is not ours is not taken for it' '
	mkdir odd
	cp dir/tokenizer.json odd
	echo "{\"chat_template\":\"[INST]{{ x }}\"}" >odd/tokenizer_config.json
	not unit render odd odd user a 2>err
	grep -q "no template" err
'
if [ -z "${T_LONG:-}" ]; then
	skip 'transformers renders the same' 'T_LONG=1 runs it'
	done_testing
fi
venv transformers jinja2
ok 'transformers renders the same' '
	mkdir fresh
	unit render -w t.json fresh
	cat >r.py <<END
import sys
from transformers import AutoTokenizer
t = AutoTokenizer.from_pretrained(sys.argv[1])
m = [dict(role=r, content=c) for r, c in zip(sys.argv[2::2], sys.argv[3::2])]
def ids(**kw):
    x = t.apply_chat_template(m, tokenize=True, return_dict=False, **kw)
    return list(x)
a = ids()
b = ids(add_generation_prompt=True)
print(*a, "--", *b[len(a):], sep="\n")
END
	unit render fresh fresh system "the cat" user "sat on?" assistant "yes" |
		sed "s/ .*//" >want
	"$venv/bin/python" r.py fresh system "the cat" user "sat on?" \
		assistant "yes" >got
	cmp got want
'
done_testing
