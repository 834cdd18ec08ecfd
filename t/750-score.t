#!/bin/sh
# score: its numbers are those of the trainers' validation, of generate's logits
# and of generate's greedy text.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1

key() {	# NAME FILE: the number under a key of a line of JSON
	sed -n 's/.*"'"$1"'":\([-0-9.e+]*\).*/\1/p' "$2"
}
lines() { wc -l <"$1"; }

# A vocabulary that leaves no spare rows, which have a probability too, but are
# not among the logits of generate --top.
docs -q "$TOP/LICENSE" | bpe-train -q -n 383 -o full.json
tokenize -q -t full.json -o full docs.jsonl

# ---- the trainers' validation -------------------------------------------------
ok 'windows of shards: the validation loss and bits per byte of pretrain' '
	pretrain -o m -t full.json --layers 2 --width 32 --heads 2 --context 32 \
		--batch 8 --steps 150 --val-file full_val_000000.bin \
		full_train_000001.bin 2>summary
	score -q -m m --windows full_val_000000.bin >got
	close "$(key loss got)" "$(column val_loss m/trainlog.tsv | tail -1)" 1e-6
	close "$(key perplexity got)" "exp($(key loss got))" 1e-6
	close "$(key bits_per_byte got)" "$(sed -n "s/.*bits.byte=\([0-9.]*\).*/\1/p" summary)" 6e-5
	close "$(key tokens got)" "32 * $(key windows got)" 0
'
ok 'a token stream gives the same as its shard' '
	shard cat full_val_000000.bin | score -q -m m --windows | cmp - got
	shard cat full_val_000000.bin | score -q -m m --windows - | cmp - got
'
ok 'whatever the batch and the threads' '
	for batch in 1 33 64 10000; do
		score -q -j1 -m m --windows --batch $batch full_val_000000.bin | cmp - got
	done
	score -q -j3 -m m --windows full_val_000000.bin | cmp - got
'
ok '--separate: the validation loss of pretrain --separate' '
	pretrain -q -o sep -m m --separate --steps 1 --batch 2 --val-file full_val_000000.bin \
		full_train_000001.bin
	score -q -m sep --windows --separate full_val_000000.bin >got
	close "$(key loss got)" "$(column val_loss sep/trainlog.tsv | tail -1)" 1e-6
	score -q -m sep --windows full_val_000000.bin >joined
	differ got joined
'
ok 'conversations: the validation loss of sft' '
	head -n 50 conv.jsonl >held
	pretrain -q -o long -t tok.json --layers 1 --width 32 --heads 2 --context 256 \
		--batch 4 --steps 2 shard_train_000001.bin
	sft -q -m long -o tuned --steps 3 --val-file held conv.jsonl
	score -q -m tuned --chat held >got
	close "$(key loss got)" "$(column val_loss tuned/trainlog.tsv | tail -1)" 1e-6
	close "$(key conversations got)" 50 0
'

# ---- documents ----------------------------------------------------------------
head -n 12 docs.jsonl >few
ok 'totals are the sums over documents, documents the sums over tokens' '
	score -q -m m few >total
	score -q -m m --bpb few | cmp - total
	score -q -m m --each few >each
	score -q -m m --tokens --tsv few >tokens
	[ "$(lines each)" = 12 ]
	awk -F "[:,}]" "{ for (i = 1; i < NF; i++) {
			if (\$i == \"\\\"tokens\\\"\") n = \$(i + 1)
			if (\$i == \"\\\"bytes\\\"\") b += \$(i + 1)
			if (\$i == \"\\\"loss\\\"\") loss += n * \$(i + 1) }
		tokens += n }
		END { printf \"%.9g %d %d\\n\", loss / tokens, tokens, b }" each >sums
	read -r loss tokens bytes <sums
	close "$loss" "$(key loss total)" 1e-6
	close "$tokens" "$(key tokens total)" 0
	close "$bytes" "$(key bytes total)" 0
	close "$bytes" "$(docs -q -d few | awk "{ n += length + 1 } END { print n - 23 }")" 0
	close "$(key bits_per_byte total)" "$loss * $tokens / $bytes / log(2)" 1e-6
	close "$(column logprob tokens | awk "{ x -= \$1 } END { print x / NR }")" "$loss" 1e-5
	close "$(column bits tokens | awk "{ x += \$1 } END { print x }")" \
		"$loss * $tokens / log(2)" 0.5
'
ok 'the tokens are those of tokenize, in order' '
	tokenize -q -a -t m few | tr " " "\n" >want
	column id tokens | cmp - want
	sed 1d tokens | cut -f 2 | awk "\$1 == 1 { n++ } END { exit n != 12 }"
'
ok 'results depend neither on the threads nor on what else is scored' '
	for batch in 1 50 5000; do
		score -q -j1 -m m --each --batch $batch few >got
		cut -c -60 got >a; cut -c -60 each >b
		cmp a b
	done
	tail -n 1 few >last
	score -q -j3 -m m --each last | cut -c -60 >a
	tail -n 1 b | cmp - a
'
if command -v python3 >/dev/null; then
for windows in '32 32' '16 16' '16 4' '7 3' '1 1'; do
	ok "windows and stride $windows: generate gives the same probabilities" "
		set -- $windows
		head -n 3 few | score -q -m m --tokens --top 5 --context \$1 --stride \$2 >tokens
		python3 \"\$TOP/t/score_check.py\" tokens m \$1 \$2 <tokens
	"
done
cat >questions <<'X'
{"ctx":"What is 44+56?","endings":["Answer: 100","Answer: 12","no"],"label":"0","ind":3}
{"id":"q2","question":"What is 1+1?","choices":{"text":["two","three","four"],"label":["A","B","C"]},"answerKey":"B"}
{"id":7,"question":"What is 1+1?","choices":{"text":["two","three"],"label":["1","2"]},"answerKey":"2"}
{"question":{"stem":"Ice is","choices":[{"text":"hot","label":"A"},{"text":"cold indeed","label":"B"}]},"answerKey":"B"}
{"prompt":"2+2= ","choices":["3","4","44"],"answer":1}
{"prompt":"2+2=\n","choices":["3"," 4"],"answer":" 4"}
{"prompt":"2+2=","choices":["33","444","5"],"answer":"C"}
X
ok 'choices: each log-likelihood is that of the tokens after the prompt' '
	score -q -m m --choices --each questions >each
	[ "$(lines each)" = 7 ]
	python3 "$TOP/t/score_check.py" choices m questions <each
'
ok 'acc, acc_norm, their intervals and the baselines' '
	score -q -m m --choices questions >totals
	python3 "$TOP/t/score_check.py" totals each totals
'
else skip 'probabilities of generate' 'there is no python3'; fi
ok 'a prompt is cut at its beginning if the context is too short, and that is told' '
	printf "{\"prompt\":\"%0200d\",\"choices\":[\"1\",\"2\"],\"answer\":0}\n" 0 >over
	printf "{\"prompt\":\"%0100d\",\"choices\":[\"1\",\"2\"],\"answer\":0}\n" 0 >under
	score -q -m m --choices --each over >a 2>err
	score -q -m m --choices --each under >b 2>/dev/null
	grep -q "too short for 2 prompts" err
	cmp a b
'
ok '--bos puts the first token before every prompt' '
	score -q -m m --choices --each --bos questions >with
	differ with each
'

# ---- verbatim memory ----------------------------------------------------------
doc 1 'My fox jumps over lazy dogs at night' >memo
doc 2 'whether it is nobler in the mind to suffer' >>memo
awk '{ line[NR] = $0 }
	END { for (i = 0; i < 2000; i++) print line[i % 2 + 1] }' memo >memos
ok 'a text learned by heart is recited to its end' '
	tokenize -q -t tok.json memos |
		pretrain -q -o heart -t tok.json --layers 2 --width 64 --heads 2 \
		--context 64 --batch 8 --steps 120 --lr 0.003
	score -q -m heart --recite 4 --each memo >each
	score -q -m heart --recite 4 memo >total
	[ "$(lines each)" = 2 ]
	close "$(key share total)" 1 0
	close "$(key whole total)" 2 0
	close "$(key bytes total)" "$(key of_bytes total)" 0
	score -q -m base --recite 4 memo >total
	close "$(key share total)" 0 0.1
'
ok 'what is recited is what generate --greedy continues' '
	head -n 150 docs.jsonl >some
	score -q -m m --recite 6 --each some >each
	tokenize -q -a -t m some >ids
	first=$(sed -n "s/.*\"bos_token_id\": \([0-9]*\).*/\1/p" m/config.json)
	while read -r line; do
		echo "$first $line" | cut -d " " -f 1-7 |
			generate -q -m m --ids --greedy --ignore-eos -n 26 - >greedy
		echo "$line" | cut -d " " -f 7-32 | tr " " "\n" >text
		tr " " "\n" <greedy | paste - text |
			awk "\$1 != \$2 { exit } { n++ } END { print n + 0 }"
	done <ids >want
	key tokens each | cmp - want
	[ "$(grep -vc "^0" want)" -gt 5 ]
'
ok 'a document that ends with the prefix is too short, and counted' '
	{ doc 3 ab; doc 4 ""; cat memo; } | score -q -m heart --recite 9 >total
	close "$(key too_short total)" 2 0
	close "$(key documents total)" 2 0
'

# ---- input ----------------------------------------------------------------------
ok 'empty documents count, without a prediction; alone they have no loss' '
	{ doc 1 ""; head -n 1 few; } | score -q -m m --each >got
	grep -q "^{\"id\":\"1\",\"tokens\":0,\"bytes\":0,\"loss\":null,\"perplexity\":null,\"bits_per_byte\":null}$" got
	[ "$(lines got)" = 2 ]
	doc 1 "" | score -q -m m >got
	grep -q "\"documents\":1,\"tokens\":0" got
'
ok 'without its first token, a text has one prediction less' '
	score -q -m m --no-bos few >got
	close "$(key tokens got)" "$(key tokens total) - 12" 0 ||
		close "$(key tokens got) + 12" "$(score -q -m m few >x; key tokens x)" 0
'
ok 'a text that spells a special token is text' '
	doc 1 "a<|endoftext|>b" | score -q -m m --tokens >got
	[ "$(lines got)" -gt 4 ]
	not grep "\"text\":\"<|endoftext|>\"" got
'
ok 'invalid records are skipped and counted; --strict makes the first fatal' '
	{ echo "{\"id\":3}"; cat few; echo "[1"; } >mixed
	score -m m mixed >got 2>err
	grep -q "skipped 2 invalid documents of 14 lines: the first: mixed:1: " err
	cmp got total || score -q -m m few | cmp - got
'
fails 1 '--strict' 'score -q --strict -m m mixed' 'mixed:1: not a document'
while IFS='|' read -r line why; do
	fails 1 "not a question: $why" "
		printf '%s\n' '$line' | score -q --strict -m m --choices
	" "standard input:1: not a question: .*$why"
done <<'X'
{"choices":["a","b"],"answer":0}|no 'prompt', 'ctx' or 'question'
{"prompt":"x","answer":0}|no 'choices' and no 'endings'
{"prompt":"x","choices":["a"],"answer":0}|fewer than two choices
{"prompt":"x","choices":["a","b"]}|no 'answer', 'label' or 'answerKey'
{"prompt":"x","choices":["a","b"],"answer":2}|the answer is none of the choices
{"prompt":"x","choices":["a","b"],"answer":-1}|the answer is none of the choices
{"prompt":"x","choices":["a","b"],"answer":"Z"}|the answer is none of the choices
{"prompt":"x","choices":["a","b"],"answer":[0]}|the answer is none of the choices
{"prompt":"x","choices":"ab","answer":0}|the choices are not a list of texts
{"prompt":"x","choices":["a",1],"answer":0}|the choices are not a list of texts
{"prompt":1,"choices":["a","b"],"answer":0}|the prompt is not a text
{"prompt":"x","choices":["a",""],"answer":0}|a choice is empty
{"prompt":"x"|byte 14: it ends early
X
ok 'an id that is neither a string nor a number is no name' '
	printf "{\"id\":{\"a\":\t1},\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n" >ids
	score -q -m chat --chat --tokens --tsv ids | sed 1d >got
	awk -F "\t" "NF != 8 || \$1 != \"\\\"ids:1\\\"\" { exit 1 }" got
'
fails 1 'a conversation without an answer has nothing to score' '
	echo "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}" |
		score -q -m chat --chat
' 'no message of the assistant'
fails 1 'tokens of another tokenizer' '
	bpe-train -q -n 300 -o other.json docs.jsonl
	tokenize -q -t other.json docs.jsonl | score -q -m m --windows
' 'not made with this model.s tokenizer'
fails 1 'a base model has no template for conversations' '
	score -q -m base --chat conv.jsonl
' '^score: base: .*chat template'
fails 1 'logits that are not finite' '
	unit mkmodel huge huge=1
	doc 1 abc | score -q -m huge
' "^score: the model's logits are not finite"

plain() {	# OPTIONS REASON
	fails 2 "score $1" "score -m m $1 few" "^score: $2: try 'score -h'$"
}
plain '--context 0' '--context: 0 is not from 1 to 32'
plain '--context 33' '--context: 33 is not from 1 to 32'
plain '--stride 33' '--stride: 33 is not from 1 to 32'
plain '--batch 0' '--batch: 0 is not from 1 to 16777216'
plain '--tokens --top 65' '--top: 65 is not from 0 to 64'
plain '--recite -1' '--recite: -1 is not from 0 to 16777216'
plain '--top 3' '--top has no effect without --tokens or --html'
plain '--bos' '--bos has no effect without --choices'
plain '--tokens --bpb' 'only one of --bpb, --tokens and --recite'
plain '--chat --choices' 'only one of --chat, --choices and --windows'
fails 2 'no model' 'score few' '^score: no model: -m DIR'
done_testing
