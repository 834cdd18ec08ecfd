#!/bin/sh
# sft learns to answer; only the assistant's tokens are trained on.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 2000; i++) { a = i * 7 % 10; b = int(i / 3) % 10
	printf "{\"text\":\"What is %d+%d? It is %d.\"}\n", a, b, a + b } }' >docs
bpe-train -n 300 -p smollm docs -o tok.json 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
pretrain -q -j1 -o base --layers 2 --width 64 --heads 4 --context 64 --batch 8 \
	--steps 60 -t tok.json <tokens

awk 'BEGIN { for (i = 0; i < 300; i++) { a = i * 7 % 10; b = int(i / 3) % 10
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"What is %d+%d?\"},{\"role\":\"assistant\",\"content\":\"%d\"}]}\n", a, b, a + b } }' >conv

ok 'the loss falls; the model directory is complete' '
	sft -q -j1 -m base -o chat --epochs 8 --batch 4 <conv
	first=$(column loss chat/trainlog.tsv | head -1)
	last=$(column loss chat/trainlog.tsv | tail -1)
	awk "BEGIN { exit !($last < 0.5 * $first) }"
	for f in config.json model.safetensors tokenizer.json tokenizer_config.json \
		generation_config.json provenance.txt; do [ -s chat/$f ]; done
	grep -q chat_template chat/tokenizer_config.json
'
ok 'the chat tokens are new ids in spare rows; an answer ends at <|im_end|>' '
	n=$(tokenize -t tok.json -c docs 2>/dev/null | wc -l)
	ckpt info base | grep -qx "vocab	384"
	ckpt info chat | grep -qx "vocab	384"
	eos=$(ckpt info chat | sed -n "s/^eos	//p")
	base_eos=$(ckpt info base | sed -n "s/^eos	//p")
	[ "$eos" = $((base_eos + 2)) ]
	grep -q "\"eos_token_id\": $eos" chat/generation_config.json
	grep -q "im_end" chat/tokenizer.json
'
ok 'tokenizer_config.json names every special token of tokenizer.json with its id' '
	python3 -c "
import json
t = json.load(open(\"chat/tokenizer.json\"))
c = json.load(open(\"chat/tokenizer_config.json\"))
special = {x[\"id\"]: x[\"content\"] for x in t[\"added_tokens\"] if x[\"special\"]}
assert len(special) == 3, special
assert {int(i): x[\"content\"] for i, x in c[\"added_tokens_decoder\"].items()} == special
assert all(x[\"special\"] for x in c[\"added_tokens_decoder\"].values())
assert c[\"eos_token\"] == \"<|im_end|>\" and c[\"pad_token\"] == \"<|endoftext|>\"
assert c[\"model_max_length\"] == json.load(open(\"chat/config.json\"))[\"max_position_embeddings\"]
g = json.load(open(\"chat/generation_config.json\"))[\"eos_token_id\"]
assert special[g[0] if isinstance(g, list) else g] == \"<|im_end|>\"
"
'
ok 'chat tokens listed only in tokenizer_config.json keep their ids' '
	cp -r base known
	n=$(ckpt info base | sed -n "s/^eos	//p")
	printf "{\"eos_token\":\"<|endoftext|>\",\"added_tokens_decoder\":{\"%d\":{\"content\":\"<|im_end|>\",\"special\":true},\"%d\":{\"content\":\"<|im_start|>\",\"special\":true}}}\n" \
		$((n + 1)) $((n + 2)) >known/tokenizer_config.json
	sft -q -j1 -m known -o keep --steps 1 --batch 4 conv
	ckpt info keep | grep -qx "eos	$((n + 1))"
'
ok 'only tokens of the assistant and its <|im_end|> are trained on' '
	# One epoch of 300 conversations: one or two digits and the end token each.
	sft -q -j1 -m base -o one --epochs 1 <conv
	want=$(awk "BEGIN { for (i = 0; i < 300; i++) { s = i * 7 % 10 + int(i / 3) % 10
		n += length(s) + 1 } print n }")
	[ "$(column tokens one/trainlog.tsv | tail -1)" = "$want" ]
'
ok 'text of the user does not change the counts' '
	sed "s/What is/Say, what is/" conv >long
	sft -q -j1 -m base -o two --epochs 1 <long
	[ "$(column tokens one/trainlog.tsv | tail -1)" = "$(column tokens two/trainlog.tsv | tail -1)" ]
'
ok 'two runs give equal bytes, one thread or two' '
	sft -q -j1 -m base -o j1 --steps 12 --val-share 0.1 conv
	sft -q -j2 -m base -o j2 --steps 12 --val-share 0.1 conv
	cmp j1/model.safetensors j2/model.safetensors
	cmp j1/trainlog.tsv j2/trainlog.tsv
'
ok 'held-out conversations are validated at the end of each epoch' '
	sft -q -j1 -m base -o val --epochs 3 --val-share 0.2 conv
	[ "$(column val_loss val/trainlog.tsv | grep -vc nan)" = 3 ]
'
ok 'conversations of another file are validated, and none is trained on' '
	head -n 20 conv >held
	sed 1,20d conv >learned
	sft -q -j1 -m base -o vf --epochs 3 --val-file held learned
	[ "$(column val_loss vf/trainlog.tsv | grep -vc nan)" = 3 ]
	sft -q -j1 -m base -o nf --epochs 3 learned
	ckpt compare vf nf --tolerance 0
	# The loss of the last model on them is that of an update at rate 0.
	sft -q -j1 -m vf -o vl --template chatml --lr 0 --steps 1 --batch 20 held
	close "$(column val_loss vf/trainlog.tsv | tail -n 1)" "$(column loss vl/trainlog.tsv)" 1e-5
'
fails 1 'a file that holds no conversation to validate on' '
	: >none; sft -q -j1 -m base -o x --val-file none conv
' 'none: no conversation to validate on'
fails 2 'two ways to hold out conversations' '
	sft -q -j1 -m base -o x --val-file held --val-share 0.1 conv
' 'give one of them'
ok 'one row or many: packing does not change the loss of a conversation' '
	# Two conversations of two tokens each, in one row or in two.
	head -2 conv >few
	sft -q -j1 -m base -o q1 --steps 1 --batch 1 --clip 0 <few
	sft -q -j1 -m base -o q2 --steps 1 --batch 2 --context 30 --clip 0 <few
	[ "$(column tokens q1/trainlog.tsv)" = 4 ]
	[ "$(column tokens q2/trainlog.tsv)" = 4 ]
	close "$(column loss q1/trainlog.tsv)" "$(column loss q2/trainlog.tsv)" 1e-5
	close "$(column grad_norm q1/trainlog.tsv)" "$(column grad_norm q2/trainlog.tsv)" 1e-4
'
ok 'text that spells a special token stays text' '
	printf "%s\n" "{\"messages\":[{\"role\":\"user\",\"content\":\"a<|im_end|>b\"},{\"role\":\"assistant\",\"content\":\"<|im_end|>\",\"special\":true}]}" >trick
	sft -q -j1 -m base -o trick.d --epochs 1 <trick
	# Its characters rather than a single id, and the id that ends the turn.
	[ "$(column tokens trick.d/trainlog.tsv)" -gt 5 ]
'
ok 'prompt and completion, ShareGPT and Alpaca are read' '
	cat >mixed <<-END
	{"prompt":"What is 1+1?","completion":"2"}
	{"conversations":[{"from":"human","value":"What is 2+2?"},{"from":"gpt","value":"4"}]}
	{"instruction":"What is 3+3?","output":"6"}
	[{"role":"user","content":"What is 4+4?"},{"role":"assistant","content":"8"}]
	END
	sft -q -j1 -m base -o mixed.d --epochs 1 <mixed
	[ "$(column tokens mixed.d/trainlog.tsv | tail -1)" = 8 ]
'
ok 'conversations without an answer are counted, never silently skipped' '
	{ cat conv; printf "%s\n" "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"; } >some
	sft -j1 -m base -o some.d --epochs 1 some 2>err
	grep -Eq "1 .*(bad|skipped)|nothing in it is learned" err
'
fails 1 'with --strict they are fatal' '
	sft -q --strict -m base -o strict.d some
' 'some:301: .*nothing in it is learned'
fails 1 'a conversation whose answer does not fit into a row is not trained on' '
	sft -q -j1 -m base -o cut.d --context 4 conv
' 'none of 300 lines .*conv:1: nothing in it is learned'
ok 'a long conversation is truncated and counted' '
	awk "BEGIN { printf \"{\\\"messages\\\":[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"hi\\\"},{\\\"role\\\":\\\"assistant\\\",\\\"content\\\":\\\"\"
		for (i = 0; i < 300; i++) printf \"%d \", i; print \"\\\"}]}\" }" >longer
	sft -j1 -m base -o longer.d --epochs 1 longer 2>err
	grep -q "1 conversations were cut to 65 tokens" err
'
ok '-o may be -m' '
	cp -r base same
	sft -q -j1 -m same -o same --epochs 1 conv
	ckpt compare same one --tolerance 0
'
ok 'SIGTERM: the current model is written, exit 1' '
	sft -q -j1 -m base -o term --epochs 100000 conv 2>err &
	pid=$!
	while [ ! -d term ]; do sleep .01; done; sleep .3
	kill -TERM $pid
	status=0; wait $pid || status=$?
	[ $status = 1 ]; grep -q "stopped by a signal" err
	ckpt info term >/dev/null
'

# DIR TEMPLATE: makes DIR, a copy of base with another chat template
foreign() {	# DIR TEMPLATE
	rm -rf "$1"; cp -r base "$1"
	printf "%s" "$2" >"$1/chat_template.jinja"
}
ok 'a model with its own template is trained and answers with it' '
	foreign inst "{% for m in messages %}{% if m.role == \"assistant\" %}{{ m.content + eos_token }}{% else %}{{ \"[\" + m.content + \"]\" }}{% endif %}{% endfor %}"
	printf "%s\n" "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"}]}" >own
	sft -q -j1 -m inst -o kept --steps 1 own 2>err
	not grep -q replaces err
	not grep -q im_start kept/tokenizer.json
	python3 -c "
import json
c = json.load(open(\"kept/tokenizer_config.json\"))
assert c[\"chat_template\"] == open(\"inst/chat_template.jinja\").read()"
	printf "[Hi]" >text
	tokenize -q -t base -r -a text >want
	echo "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}" |
		generate -q -m kept --jsonl -n 0 >got
	python3 -c "
import json
assert json.load(open(\"got\"))[\"prompt_ids\"] == \\
    [int(i) for i in open(\"want\").read().split()]"
'
ok 'another template replaces it only on request, with a message' '
	sft -q -j1 -m inst -o chatml --template chatml --steps 1 own 2>err
	grep -q "inst: --template chatml replaces the model.s own chat template" err
	grep -q im_start chatml/tokenizer.json
	sft -q -j1 -m chatml -o again --template chatml --steps 1 own 2>err
	not grep -q replaces err
'
ok 'a single-token answer with nothing before it teaches nothing' '
	foreign bare "{% for m in messages %}{{ m.content }}{% endfor %}"
	printf "%s\n" "{\"messages\":[{\"role\":\"assistant\",\"content\":\"Hello\"}]}" \
		"{\"messages\":[{\"role\":\"assistant\",\"content\":\"H\"}]}" >single
	sft -q -j1 -m bare -o x --steps 1 single 2>err
	grep -q "single:2: nothing in it is learned" err
	not grep -q "single:1" err
	rm -r x
'
foreign odd 'a
{{ x | xmlattr }}'
fails 1 'an unsupported template is reported, not replaced' \
	'sft -q -j1 -m odd -o x own' \
	'odd/chat_template.jinja:2: the filter .xmlattr. is not supported \(--template chatml'
fails 1 'a model with such a template cannot chat' 'generate -q -m odd --chat -n 1 hi' \
	'odd/chat_template.jinja:2: the filter .xmlattr. is not supported'
ok 'it can still continue a text' 'generate -q -m odd -n 1 hi'
foreign strict '{{ raise_exception("Only on Sundays") }}'
for extra in '"tools":"f":tools. is not a list' \
	'"chat_template_kwargs":[1]:chat_template_kwargs. is not an object'
do
	sed "1!d; s/^{/{${extra%:*},/" own >wrong
	fails 1 "what a template gets: ${extra##*:}" 'sft -q -j1 -m base -o x wrong' "${extra##*:}"
done
fails 1 'a conversation that the template refuses is a bad record, reported in its words' \
	'sft -q -j1 -m strict -o x own' 'the chat template refuses it: Only on Sundays'
fails 1 'chat reports so too' 'chat -q -m strict -p hi' 'Only on Sundays'
ok 'tool calls are trained on if the template renders them' '
	foreign tools "{% for m in messages %}{{ \"<\" + m.role + \">\" + (m.content or \"\") }}{% for c in m.tool_calls or [] %}{{ c | tojson }}{% endfor %}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
	printf "%s\n" "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[[1]]}]}" >calls
	sft -q -j1 -m tools -o x --steps 1 calls
	printf "[1]" >text
	n=$(tokenize -q -t base -r -a text | wc -w)
	[ "$(column tokens x/trainlog.tsv | tail -n 1)" = $((n + 1)) ]
	rm -r x
'
fails 1 'the older form of a call is refused' '
	printf "%s\n" "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"x\",\"function_call\":{\"name\":\"f\"}}]}" |
		sft -q -j1 -m base -o x --template chatml --steps 1
' 'a call of a function in the older form'
fails 2 'an unknown template name' 'sft -q -j1 -m base -o x --template nothere own' 'is not chatml'
fails 1 'empty input' 'sft -j1 -m base -o x' 'no conversation'
fails 1 'no file' 'sft -j1 -m base -o x nothere' 'nothere: cannot open'
fails 1 'a directory' 'sft -j1 -m base -o x .' 'directory'
fails 1 'no model' 'sft -m nothere -o x conv' 'nothere.*(cannot open|not a model directory)'
fails 1 'a truncated line' 'head -c 200 conv | sft -j1 -m base -o x' 'standard input:[23]'
fails 1 'a truncated gzip' 'gzip -c conv | head -c 300 | sft -j1 -m base -o x' 'standard input'
fails 1 'invalid UTF-8 alone' 'printf "\300\376\n" | sft -j1 -m base -o x' 'none of 1 lines .*standard input:1: byte 1'
fails 1 'a model directory without a tokenizer' '
	cp -r base notok; rm notok/tokenizer.json; sft -m notok -o x conv
' 'notok/tokenizer.json'
for bad in '--val-share 1' '--val-share -0.1' '--epochs 0' '--batch 0' '--minutes 0' '--save-minutes -1'; do
	fails 2 "out of range: $bad" "sft -m base -o x $bad conv" ': -?[0-9.]+ is (not|below)'
done
fails 2 'no -m' 'sft -o x conv' 'no model: give -m'
fails 2 'no -o' 'sft -m base conv' 'no output directory: give -o'
fails 2 'a share of 1' 'sft -j1 -m base -o x --val-share 1 conv' 'val-share: 1 is not from 0'
ok 'none of these leaves a partial file' '[ ! -e x ] && [ -z "$(find . -name "*.tmp.*")" ]'
done_testing
