#!/bin/sh
# The examples that need only a model: prompts in which a base model translates,
# answers, or reads a passage.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1
pretrain -q -o wide -t tok.json --layers 1 --width 32 --heads 2 --context 1024 --batch 1 \
	--steps 2 shard_train_000001.bin

ok 'translate.sh: a line for each number of examples, and the words' '
	sh "$TOP/examples/translate.sh" wide eau vert >out
	[ "$(head -n 1 out)" = "$(printf "examples\tquestions\tright\tchance")" ]
	sed -n 2,5p out | cut -f 1,2,4 >got
	printf "%s\t24\t0.25\n" 0 1 3 9 | cmp - got
	sed -n 2,5p out | awk "\$3 < 0 || \$3 > 1 { exit 1 }"
	sed -n 6p out | grep -q "^eau:"
	grep -q "^vert:" out
'
ok 'translate.sh: the answer of a question is the translation, at any place' '
	mkdir stub
	printf "%s\n" "#!/bin/sh" "cat >>questions.of" "echo {}" >stub/score
	printf "%s\n" "#!/bin/sh" "cat >/dev/null" >stub/generate
	chmod +x stub/*
	PATH="$PWD/stub:$PATH" sh "$TOP/examples/translate.sh" none >out
	[ "$(wc -l <questions.of)" = 96 ]
	python3 - "$TOP/examples/translate.sh" <<END
import json, re, sys
words = dict(re.findall("^(?:pairs=.)?(\S+): ([^\x27\n]+)", open(sys.argv[1]).read(), re.M))
places = set()
for line in open("questions.of"):
    q = json.loads(line)
    word = q["prompt"].split("\n")[-1][:-1]
    assert q["choices"][q["answer"]] == words[word], q
    assert len(set(q["choices"])) == 4, q
    places.add(q["answer"])
assert places == {0, 1, 2, 3}
END
'
ok 'retrieval.sh: shares without and with the passage, and answers' '
	sh "$TOP/examples/retrieval.sh" "$PWD/wide" >out
	sed -n 2,3p out | cut -f 1,2,4 >got
	printf "%s\t12\t0.25\n" absent present | cmp - got
	[ "$(grep -c "Orlenbeck" out)" -ge 8 ]
	grep -q "^With it:" out
'
ok 'a model given by a relative path' '
	sh "$TOP/examples/retrieval.sh" wide >again
	cmp out again
'
ok 'assistant.sh: answers a question, or one per line' '
	sh "$TOP/examples/assistant.sh" wide "Who are you?" >out
	printf "%s\n" "Who are you?" "And I?" | sh "$TOP/examples/assistant.sh" wide >two
	[ "$(wc -l <two)" -ge 2 ]
	not grep "^Human:" two
'
for e in translate retrieval assistant; do
	fails 2 "$e.sh without a model" "sh '$TOP/examples/$e.sh'" "^usage: $e.sh MODEL"
done
rl() {	# OUTPUT ROUNDS
	HELD=prompts.jsonl N=4 EACH=3 LENGTH=8 GRADE='--regex [a-e]' \
		sh "$TOP/examples/rl.sh" chat "$1" prompts.jsonl "$2" --loss rloo --lr 1e-3
}
ok 'rl.sh: a line for each round, and for the model before and after' '
	rl four 4 >out
	[ "$(cut -f 1 four/rounds.tsv | tr "\n" " ")" = "round 0 1 2 3 4 final " ]
	sed 1d four/rounds.tsv | cmp - out
	awk "NR > 1 && (\$2 < \$3 || \$2 > \$4 || \$6 <= 0 || \$6 > 8) { exit 1 }" four/rounds.tsv
	not cmp -s chat/model.safetensors four/model.safetensors
'
ok 'rl.sh: what the line says is what grade says' '
	rlsample -q -m four -s 1 -N 4 -n 8 prompts.jsonl | grade -q --regex "[a-e]" |
		awk "{ n++; r += /\"reward\":1/ } END { printf \"%.4f\n\", r / n }" >want
	tail -n 1 four/rounds.tsv | cut -f 2 | cmp - want
'
ok 'rl.sh: it goes on where it was, with the same rounds' '
	rl parts 2 >/dev/null
	rl parts 4 >/dev/null
	[ "$(cut -f 1 parts/rounds.tsv | tr "\n" " ")" = "round 0 1 2 final 3 4 final " ]
	cmp four/model.safetensors parts/model.safetensors
'
fails 2 'rl.sh: rounds that are no number' '
	sh "$TOP/examples/rl.sh" chat out prompts.jsonl 3x
' usage
done_testing
