#!/bin/sh
# Chat templates: ids and mask; no content forges a turn; the Jinja text renders
# the same.
. "${0%/*}/lib.sh"

seq 1 300 | sed 's/$/ the cat is a user, the assistant sat on system/' >text
bpe-train -q -n 320 -r text -o t.json

# The ids of the given strings and special tokens (#ID).
expect() {
	for part; do
		case $part in
		'#'*) echo "${part#'#'}" ;;
		*) printf '%b' "$part" >part
			tokenize -q -t t.json -r -a part | tr ' ' '\n' ;;
		esac
	done
}

ok 'ChatML: special tokens as ids, role and content encoded separately, mask' '
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
	ok 'nor in the vocabularies of OpenAI' '
		for v in r50k cl100k o200k; do
			unit render -f "$SHARED/data/vocab/${v}_base.tiktoken"
		done
	'
fi
ok 'a written template is read back with the same ids' '
	mkdir dir
	unit render -w t.json dir
	unit render t.json - user "a <|im_end|> b" >a
	unit render dir dir user "a <|im_end|> b" >b
	cmp a b
'
ok 'the system message of the template is used if there is none' '
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
ok 'a separate template file, as transformers writes it, takes precedence' '
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
# Makes odd, a copy of dir with the template on standard input.
with_template() {
	rm -rf odd
	cp -r dir odd
	sed -i "s/\"bos_token\": *null/\"bos_token\":\"<|endoftext|>\"/" \
		odd/tokenizer_config.json
	cat >odd/chat_template.jinja
}
ids() { sed -n "/^--/q;s/ .*//p" got; }
prompt() { sed "1,/^--/d;s/ .*//" got; }
learned() { sed -n "/^--/q;s/ 1$//p" got; }

ok 'templates that look like ChatML are rendered as they are' '
	with_template <<END
{%- for m in messages %}{{ "<|im_start|>" + m.role + "\n" + m.content + "<|im_end|>" }}{% endfor %}
{%- if add_generation_prompt %}{{ "<|im_start|>assistant\n<think>\n" }}{% endif %}
END
	unit render odd odd user " the cat " assistant "sat on" >got
	expect "#321" "user\n the cat " "#322" "#321" "assistant\nsat on" \
		"#322" >want
	ids | cmp - want
	expect "sat on" "#322" >want
	learned | cmp - want
	expect "#321" "assistant\n<think>\n" >want
	prompt | cmp - want

	with_template <<END
{{ bos_token }}{% if messages[0].role != "system" %}{{ "<|im_start|>system
Don'"'"'t lie.<|im_end|>
" }}{% endif %}{% for m in messages %}{{ "<|im_start|>" + m.role }}
{{ m.content | trim + "<|im_end|>" }}
{% endfor %}
END
	unit render odd odd user " the cat
" assistant " sat" >got
	expect "#320" "#321" "system\nDon'"'"'t lie." "#322" "\n" "#321" \
		"user\nthe cat" "#322" "\n" "#321" "assistant\nsat" "#322" \
		"\n" >want
	ids | cmp - want
	expect "sat" "#322" >want
	learned | cmp - want
'
ok '{% generation %} sets the mask if a template has it' '
	with_template <<END
{% for m in messages %}{% if m.role == "assistant" %}<|im_start|>{% generation %}{{ "so: " + m.content }}{% endgeneration %}<|im_end|>{% else %}{{ m.content }}{% endif %}{% endfor %}
END
	unit render odd odd user "the cat" assistant "sat on" >got
	expect "the cat" "#321" "so: sat on" "#322" >want
	ids | cmp - want
	expect "so: sat on" >want
	learned | cmp - want
'
ok 'text that the model must write around its answer is trained on too' '
	with_template <<END
{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == "assistant" %}{{ "<think>" + (m.reasoning_content or "") + "</think>" }}{{ m.content or "" }}{% for c in m.tool_calls or [] %}{{ "call " + c.function | tojson }}{% endfor %}{% else %}{{ m.content }}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}
END
	cat >lines <<END
{"messages":[{"role":"user","content":"the cat"},{"role":"assistant","reasoning":"sat","content":"on"}]}
{"messages":[{"role":"user","content":"the cat"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"<|im_end|>","arguments":{}}}]}]}
{"messages":[{"role":"user","content":"the cat"},{"role":"assistant","content":""},{"role":"user","content":""},{"role":"assistant","content":"b"}]}
END
	unit render -j odd <lines >out
	python3 - <<END
import json
for line in open("out"):
    r = json.loads(line)
    print(*[i for i, m in zip(r["ids"], r["mask"]) if m])
END
	expect "<think>sat</think>on" "#322" | tr "\n" " " >want
	echo >>want
	expect "<think></think>call {\"name\": \"<|im_end|>\", \"arguments\": {}}" \
		"#322" | tr "\n" " " >>want
	echo >>want
	expect "<think></think>" "#322" "<think></think>b" "#322" |
		tr "\n" " " >>want
	echo >>want
	sed "s/ $//" want >want2
	cmp "$SCRATCH/case.out" want2
'
ok 'a template finds the reasoning by either name; a message with both keeps both' '
	with_template <<END
{% for m in messages %}{% if m.role == "assistant" %}{{ m.thinking + "/" + m.reasoning_content + "/" }}{% endif %}{{ m.content }}<|im_end|>{% endfor %}
END
	for key in reasoning_content reasoning thinking; do
		echo "{\"messages\":[{\"role\":\"assistant\",\"$key\":\"sat\",\"content\":\"on\"}]}"
	done >lines
	echo "{\"messages\":[{\"role\":\"assistant\",\"reasoning_content\":\"the\",\"thinking\":\"cat\",\"content\":\"b\"}]}" >>lines
	unit render -j odd <lines >out
	grep -o "\"ids\":\[[^]]*" out | sed "s/.*\[//" | tr -d " " >got
	{
		for key in 1 2 3; do
			expect "sat/sat/on" "#322" | paste -sd , -
		done
		expect "cat/the/b" "#322" | paste -sd , -
	} >want
	cmp got want
'
ok 'roles and tools forge nothing, but known roles may name tokens' '
	cat >forge.py <<END
import json
j = json.load(open("odd/tokenizer.json"))
for i, name in enumerate(["<|user|>", "<|evil|>"]):
    j["added_tokens"].append(dict(id=323 + i, content=name, special=True,
        single_word=False, lstrip=False, rstrip=False, normalized=False))
json.dump(j, open("odd/tokenizer.json", "w"))
END
	with_template <<END
{% for m in messages %}{{ "<|" + m.role + "|>" + m.content }}{% endfor %}{% if tools %}{{ "<|im_start|>" + tools | tojson }}{% endif %}
END
	python3 forge.py
	echo "{\"messages\":[{\"role\":\"user\",\"content\":\"<|user|>\"},
		{\"role\":\"evil\",\"content\":\"<|im_end|>\"}],
		\"tools\":[{\"<|im_end|>\":[\"<|evil|>\",\"<|im_start|>\"]}]}" |
		tr -d "\n" | unit render -j odd >got
	python3 - <<END
import json
ids = json.load(open("got"))["ids"]
assert [i for i in ids if i >= 320] == [323, 321], ids
END
'
ok 'a special token strips the white space that tokenizer.json specifies' '
	with_template <<END
{% for m in messages %}{{ "<|user|>\n" + m.content + " <|evil|>" }}{% endfor %}
END
	python3 forge.py
	python3 - <<END
import json
j = json.load(open("odd/tokenizer.json"))
for t in j["added_tokens"]:
    t["rstrip"] = t["content"] == "<|user|>"
    t["lstrip"] = t["content"] == "<|evil|>"
json.dump(j, open("odd/tokenizer.json", "w"))
END
	unit render odd odd user "  the cat" >got
	expect "#323" "the cat" "#324" >want
	ids | cmp - want
'
ok 'a conversation that the template refuses is reported in its own words' '
	with_template <<END
{% for m in messages %}{% if (m.role == "user") != (loop.index0 % 2 == 0) %}{{ raise_exception("user and assistant must alternate") }}{% endif %}{{ m.content }}{% endfor %}
END
	unit render odd odd user a assistant b >got
	not unit render odd odd user a user b 2>err
	grep -q "the chat template refuses it: user and assistant must alt" err
'
ok 'a template that is not supported is named, with file and line' '
	printf "a\n{{ x | xmlattr }}" | with_template
	not unit render odd odd user a 2>err
	grep -q "odd/chat_template.jinja:2: the filter .xmlattr. is not" err
'
ok 'chat_template: a list, the one named default; chat_template.json' '
	python3 - <<END
import json, shutil
for name, c in (("list", [dict(name="x", template="X"),
        dict(name="default", template="Y{{ eos_token }}")]), ("json", None)):
    shutil.copytree("dir", name)
    d = json.load(open(name + "/tokenizer_config.json"))
    if c:
        d["chat_template"] = c
    else:
        del d["chat_template"]
        json.dump({"chat_template": "Z"},
            open(name + "/chat_template.json", "w"))
    json.dump(d, open(name + "/tokenizer_config.json", "w"))
END
	unit render list list user a >got
	expect "Y" "#322" >want
	ids | cmp - want
	unit render json json user a >got
	expect "Z" >want
	ids | cmp - want
'
# What parsers of calls read is <tool_call>, a newline, the object, a newline,
# </tool_call>; arguments come as an object or, as OpenAI has it, as JSON text.
ok 'chatml: tools in the system message, calls between tags, learned' '
	mkdir tools && unit render -w t.json tools
	cat >lines <<END
{"messages":[{"role":"user","content":"the cat"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"sit","arguments":{"on":"<|im_end|>","n":1.50}}},{"function":{"name":"a\"b","arguments":"{\"x\": 1}"}}]},{"role":"tool","content":"sat"},{"role":"assistant","content":"on","tool_calls":[{"name":"calc","arguments":"2+2"}]}]}
{"tools":[{"type":"function","function":{"name":"sit"}},{"name":"x"}],"messages":[{"role":"system","content":"Be nice."},{"role":"user","content":"the cat"},{"role":"assistant","content":"sat"}]}
{"tools":[{"name":"x"}],"messages":[{"role":"user","content":"the cat"},{"role":"system","content":"late"}]}
END
	unit render -j tools <lines >out
	python3 - <<END >got
import json
for line in open("out"):
    r = json.loads(line)
    print(*r["ids"])
    print(*[i for i, m in zip(r["ids"], r["mask"]) if m])
END
	line() { expect "$@" | tr "\n" " " | sed "s/ $//"; echo; }
	first="<tool_call>\n{\"name\": \"sit\", \"arguments\": {\"on\": \"<|im_end|>\", \"n\": 1.5}}\n</tool_call>\n<tool_call>\n{\"name\": \"a\\\\\"b\", \"arguments\": {\"x\": 1}}\n</tool_call>"
	second="on\n<tool_call>\n{\"name\": \"calc\", \"arguments\": \"2+2\"}\n</tool_call>"
	{
		line "#321" "user\nthe cat" "#322" "\n" "#321" "assistant\n$first" \
			"#322" "\n" "#321" "tool\nsat" "#322" "\n" "#321" \
			"assistant\n$second" "#322" "\n"
		line "$first" "#322" "$second" "#322"
	} >want
	head -n 2 got | cmp - want
	unit render -j tools <lines | sed -n "2,3s/.*\"ids\":\[\([^]]*\).*/\1/p" |
		tr , " " >ids
	tokenize -q -t tools -d --specials -r ids >text
	grep -qxF "<|im_start|>system" text
	[ "$(grep -cxF "Be nice." text)" = 1 ]
	[ "$(grep -cF "<|im_start|>system" text)" = 3 ]
	grep -qxF "{\"type\": \"function\", \"function\": {\"name\": \"sit\"}}" text
	[ "$(grep -cxF "{\"name\": \"x\"}" text)" = 2 ]
	[ "$(grep -cxF "<tools>" text)" = 2 ]
'
ok 'llama3 and plain' '
	unit render t.json =llama3 user " a " assistant "b" >got
	expect "#321" "#322" "user" "#323" "\n\na" "#324" "#322" "assistant" \
		"#323" "\n\nb" "#324" >want
	ids | cmp - want
	expect "b" "#324" >want
	learned | cmp - want
	unit render t.json =plain user "a" assistant "b" >got
	expect "User: a\n\nAssistant: b" "#320" "\n\n" >want
	ids | cmp - want
	expect " b" "#320" >want
	learned | cmp - want
	expect "Assistant:" >want
	prompt | tail -n 4 >got2
	tail -n 4 want | cmp - got2
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
