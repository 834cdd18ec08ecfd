#!/bin/sh
# sft: a small data set is learned with the defaults; messages that are not
# trained on or cannot be rendered; what is held out.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 2000; i++) { a = i * 7 % 10; b = int(i / 3) % 10
	printf "{\"text\":\"What is %d+%d? It is %d.\"}\n", a, b, a + b } }' >docs
bpe-train -q -n 300 -p smollm docs -o tok.json
tokenize -q -t tok.json docs | pretrain -q -j1 -o base --layers 2 --width 64 --heads 4 \
	--context 128 --batch 8 --steps 30 -t tok.json

# Fifty arbitrary facts, as a person would write them.
awk 'BEGIN { n = split("ash birch cedar elm fir hazel larch maple oak pine", tree, " ")
	for (i = 0; i < 50; i++) printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Which tree has the number %d?\"},{\"role\":\"assistant\",\"content\":\"The %s.\"}]}\n", i, tree[(i * i + 3 * i) % 10 + 1] }' >facts

ok 'fifty conversations are learned with the defaults' '
	sft -j1 -m base -o learned facts 2>err
	first=$(column loss learned/trainlog.tsv | head -5 | awk "{ s += \$1 } END { print s / NR }")
	last=$(column loss learned/trainlog.tsv | tail -5 | awk "{ s += \$1 } END { print s / NR }")
	awk "BEGIN { exit !($last < 0.2 * $first) }"
	sed "s/,{\"role\":\"assistant.*/]}/" facts >questions
	generate -q -m learned --jsonl --greedy -n 30 <questions |
		sed "s/.*\"text\":\"\([^\"]*\)\".*/\1/" >answers
	sed "s/.*assistant\",\"content\":\"\([^\"]*\)\".*/\1/" facts >wanted
	[ "$(paste -d "\t" answers wanted | awk -F "\t" "\$1 == \$2" | wc -l)" -ge 40 ]
	grep -q "conversations=50 .*epochs=[0-9]* batch=[0-9]* steps=[0-9]* loss=" err
'
ok '--epochs and --batch are used as given' '
	sft -j1 -m base -o given --epochs 2 --batch 1 facts 2>err
	grep -q "epochs=2 batch=1 " err
'

message() {	# KEYS: a line whose answer has these keys beside its role
	printf '{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant",%s}]}\n' "$1"
}
call='"tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]'
{ head -3 facts; message "\"content\":null,$call"; } >tools
ok 'a call of a tool is learned, in the form of the built-in ChatML' '
	message "\"content\":null,$call" | sft -q --strict -j1 -m base -o calls --steps 1
	printf "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>" >text
	n=$(tokenize -q -t base -r -a text | wc -w)
	[ "$(column tokens calls/trainlog.tsv)" = $((n + 1)) ]
	rm text
'
for template in llama3 plain; do
	fails 1 "$template has no form for calls and refuses them, naming one that has" "
		sft -q --strict -m base -o x --template $template tools
	" 'tools:4: .*tools and calls of them: chatml has \(--template chatml\)'
	fails 1 "$template: nor for tools" "
		sed 's/^{/{\"tools\":[{}],/' facts | sft -q --strict -m base -o x --template $template
	" 'standard input:1: .*tools and calls of them: chatml has'
done
{ head -3 facts; message '"content":"Let me see.","tool_calls":[{"type":"function"}]'; } >both
fails 1 'a call without a name is refused' '
	sft -q --strict -m base -o x both
' 'both:4: .*the chat template'
{ head -3 facts; message '"content":null'; } >null
fails 1 'null content is reported' '
	sft -q --strict -m base -o x null
' 'null:4: .*content of a message is null'
ok 'an empty list of calls is not a call' '
	message "\"content\":\"2\",\"tool_calls\":[]" | sft -q --strict -j1 -m base -o none --steps 1
	[ "$(column tokens none/trainlog.tsv)" = 2 ]
'

turns() {	# WEIGHT WEIGHT: two questions whose answers have these weights
	printf '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"12345678"%s},{"role":"user","content":"b"},{"role":"assistant","content":"2"%s}]}\n' "$1" "$2"
}
tokens() { sft -q -j1 -m base -o "$1" --steps 1 --strict; column tokens "$1/trainlog.tsv"; }
ok 'weight 0 turns off the loss of a message, 1 does not' '
	both=$(turns "" "" | tokens w1)
	[ "$(turns ",\"weight\":1" ",\"weight\":1.0" | tokens w2)" = "$both" ]
	[ "$(turns ",\"weight\":0" "" | tokens w3)" = 2 ]
	[ "$(turns "" ",\"weight\":0" | tokens w4)" = $((both - 2)) ]
'
ok 'a message of weight 0 remains context for what follows' '
	turns ",\"weight\":0" "" | sft -q -j1 -m base -o v1 --steps 1
	turns ",\"weight\":0" "" | sed "s/12345678/87654321/" | sft -q -j1 -m base -o v2 --steps 1
	differ v1/trainlog.tsv v2/trainlog.tsv
'
fails 1 'a conversation with only weight 0 is counted as bad' '
	turns ",\"weight\":0" ",\"weight\":0" | sft -q -m base -o x
' 'weight 0'
fails 1 'a weight between 0 and 1 is refused' '
	turns ",\"weight\":0.5" "" | sft -q --strict -m base -o x
' 'standard input:1: .*weight of a message is neither 0 nor 1'

ok '--val-share that holds nothing out is reported' '
	head -4 facts | sft -q -j1 -m base -o noval --steps 1 --val-share 0.01 2>err
	grep -q -e "--val-share 0.01 holds none of 4 conversations out" err
	[ ! -e noval/best ]
'
ok '--val-share that holds some out keeps the best model' '
	sft -q -j1 -m base -o withval --epochs 3 --val-share 0.2 facts 2>err
	[ ! -s err ]
	generate -q -m withval/best -n 4 Which >/dev/null
	least=$(column val_loss withval/trainlog.tsv | grep -v nan | sort -g | head -1)
	grep -aq "\"val_loss\":\"$least\"" withval/best/model.safetensors
'
done_testing
