#!/bin/sh
# Stages replaced by a few lines of awk, Python and sh from examples/: the next
# stage accepts their output, and the result is that of our own stage.
. "${0%/*}/lib.sh"

model="--layers 2 --width 32 --heads 2 --context 64 --batch 4"
code_lines() { grep -cv -e '^ *#' -e '^$' "$1"; }

# Documents, some repeated and some repeated with another id.
awk -f "$TOP/examples/sums.awk" -v what=text -v n=300 >once
{ cat once; sed -n '1,40p' once; sed -n '100,140s/"id":"/&again-/p' once; } >docs
bpe-train -q -n 300 -p gpt2 -o tok.json docs
bpe-train -q -n 300 -p gpt2 -o ranks.tiktoken docs

# ---- dedup ----

ok 'dedup in awk keeps the documents that dedup --by exact keeps' '
	awk -f "$TOP/examples/dedup.awk" docs >kept
	dedup -q --by exact docs | cmp - kept
	cmp once kept
'
cat >quotes <<'DOCS'
{"text":"a \"text\":\"b\"","id":"1"}
{"id":"2","text":"b"}
{"id":"3","text":"b","x":[1]}
{"text":"ends in \\","id":"text"}
{"text":"ends in \\","id":"5"}
{"text":"","id":"6"}
{"text":"","id":"7"}
DOCS
ok 'also with quotes and backslashes in texts, and other keys before them' '
	dedup -q --by exact quotes >want
	test $(wc -l <want) = 4
	awk -f "$TOP/examples/dedup.awk" quotes | cmp - want
'
ok 'dedup in awk has at most eight lines' '
	test $(code_lines "$TOP/examples/dedup.awk") -le 8
'

# ---- tokenize ----

if command -v python3 >/dev/null
then
	cat >words <<-'TEXT'
	{"text":"It's  the keeper's \t tab,\nnew  line  \n\n  and 12345 67, don't!?  "}
	{"text":"caf\u00e9 \u65e5\u672c\u8a9e \ud83d\ude00 na\u00efve __init__(self) -> x_1"}
	{"text":"<|endoftext|>"}
	{"text":""}
	TEXT
	for what in docs words
	do ok "tokenize in Python writes the tokens that tokenize writes: $what" '
		python3 "$TOP/examples/tokenize.py" ranks.tiktoken <'$what' >mine.bin
		tokenize -q -t tok.json --val-share 0 -o ours '$what'
		tail -c +1025 ours_train_000001.bin >want
		tail -c +1025 mine.bin | cmp - want
		head -c 12 ours_train_000001.bin >want
		head -c 12 mine.bin | cmp - want
		shard check mine.bin
	'; done
	ok 'pretrain makes the same model from it, bit for bit' '
		python3 "$TOP/examples/tokenize.py" ranks.tiktoken <docs >mine.bin
		tokenize -q -t tok.json --val-share 0 -o ours docs
		pretrain -q -o a -t tok.json $model --steps 5 ours_train_000001.bin
		pretrain -q -o b -t tok.json $model --steps 5 mine.bin
		cmp a/model.safetensors b/model.safetensors
		cmp a/trainlog.tsv b/trainlog.tsv
	'
	ok 'also through a pipe' '
		tokenize -q -t tok.json docs | pretrain -q -o c -t tok.json $model --steps 5
		python3 "$TOP/examples/tokenize.py" ranks.tiktoken <docs |
			pretrain -q -o d -t tok.json $model --steps 5
		cmp c/model.safetensors d/model.safetensors
	'
	ok 'tokenize in Python has at most ten lines after the imports and the word pattern' '
		test $(sed "1,/^WORD/d" "$TOP/examples/tokenize.py" | grep -c .) -le 10
	'
else
	skip 'tokenize in Python' 'there is no python3'
fi

# ---- grade ----

ok 'a model that answers sums, and its rollouts' '
	tokenize -q -t tok.json docs |
		pretrain -q -o base -t tok.json $model --steps 30
	awk -f "$TOP/examples/sums.awk" -v what=chat -v n=400 -v digits=1 |
		sft -q -m base -o chat --steps 120 --batch 8 --lr 0.005
	awk -f "$TOP/examples/sums.awk" -v what=prompts -v n=8 -v digits=1 |
		rlsample -q -m chat -N 32 -n 40 >rollouts
	test $(wc -l <rollouts) = 256
'
rewards() { sed 's/.*"reward":\([0-9.]*\).*/\1/'; }
ok 'grade in sh gives the rewards that grade --number gives' '
	sh "$TOP/examples/grade.sh" rollouts >mine
	grade -q --number --rule last rollouts >ours
	rewards <ours >want
	rewards <mine | cmp - want
	grep -qx 1 want
	grep -qx 0 want
'
sed 's/.*/{"id":"a","text":"&","answer":"12"}/' >answers <<'TEXTS'
Answer: 12
12
he said \"12\" \\
3 + 9 = 12\n
$12
12.
-12
12 or 13
112
1,012
12.5

none
TEXTS
ok 'also to answers that only look right' '
	grade -q --number --rule last answers | rewards >want
	test $(grep -c 1 want) = 6
	test $(wc -l <want) = 13
	sh "$TOP/examples/grade.sh" answers | rewards | cmp - want
'
ok 'rltrain makes the same model from them, bit for bit' '
	sh "$TOP/examples/grade.sh" <rollouts | rltrain -q -m chat -o mine.d
	grade -q --number --rule last <rollouts | rltrain -q -m chat -o ours.d
	cmp mine.d/model.safetensors ours.d/model.safetensors
	differ chat/model.safetensors ours.d/model.safetensors
'
ok 'unknown keys pass through all stages' '
	sed "s/}$/,\"seen\": [1, 2.50]}/" docs | awk -f "$TOP/examples/dedup.awk" |
		dedup -q --by exact >out
	test $(grep -c "\"seen\": \[1, 2.50\]}$" out) = $(wc -l <once)
	sed "s/}$/,\"seen\": [1, 2.50]}/" rollouts | sh "$TOP/examples/grade.sh" |
		grade -q --exact -w .5 >out
	test $(grep -c "\"seen\": \[1, 2.50\]" out) = 256
'
done_testing
