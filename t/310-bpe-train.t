#!/bin/sh
# bpe-train: the vocabulary equals those of a naive trainer, of rustbpe and of
# Hugging Face's trainer, however the words were counted.
. "${0%/*}/lib.sh"
needs_command python3

# The reference recounts all pairs for each token. ASCII only, so that Python's
# own regular expressions suffice. The byte order is an argument.
cat >naive.py <<'END'
import base64, collections, re, sys
name, size, hf = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'hf'
pat = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+"
                 r"| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
text = open(name, newline='').read()
seen = [b for b in range(256) if 33 <= b < 127 or 161 <= b and b != 173]
order = seen + [b for b in range(256) if b not in seen] if hf else range(256)
tokens = [bytes([b]) for b in order]
ids = {t: i for i, t in enumerate(tokens)}
words = collections.Counter(tuple(ids[bytes([b])] for b in w.encode())
                            for w in pat.findall(text))
words = {w: n for w, n in words.items()}
while len(tokens) < size:
    pairs = collections.Counter()
    for w, n in words.items():
        for p in zip(w, w[1:]):
            pairs[p] += n
    if not pairs:
        break
    best = min(pairs, key=lambda p: (-pairs[p], p))
    new = len(tokens)
    tokens.append(tokens[best[0]] + tokens[best[1]])
    joined = collections.Counter()
    for w, n in words.items():
        out, i = [], 0
        while i < len(w):
            if w[i:i + 2] == best:
                out.append(new)
                i += 2
            else:
                out.append(w[i])
                i += 1
        joined[tuple(out)] += n
    words = dict(joined)
for i, t in enumerate(tokens):
    print(base64.b64encode(t).decode(), i)
END
{ cat "$TOP"/common/base/*.h "$TOP"/common/base/o*.c "$TOP"/t/lib.sh
yes aaa | head -n 50; yes '======' | head -n 70 | tr -d '\n'
} | tr -cd '\11\12\40-\176' >text

ok 'tokens and order are those of the naive trainer' '
	bpe-train -q -n 700 -p gpt2 -r text -o a.tiktoken
	python3 naive.py text 700 bytes | cmp - a.tiktoken
'
ok 'also with the tie-breaking of Hugging Face' '
	bpe-train -q -n 700 -p gpt2 --ties hf -r text -o a.tiktoken
	python3 naive.py text 700 hf | cmp - a.tiktoken
'
ok 'also if every word is one long run' '
	yes abab | head -n 300 | tr -d "\n" >run
	bpe-train -q -n 262 -r run -o a.tiktoken
	python3 naive.py run 262 bytes | cmp - a.tiktoken
'
ok 'documents give the same counts as their texts' '
	printf "%s\n" "the cat" >one; printf "%s\n" "the mat" >two
	printf "{\"text\":\"the cat\\\\n\"}\n{\"text\":\"the mat\\\\n\"}\n" >docs
	bpe-train -q -n 262 -r one two -o a.json
	bpe-train -q -n 262 docs -o b.json
	cmp a.json b.json
'
ok 'the same bytes whatever -j is' '
	for i in $(seq 1 20); do cat text; done >part
	for i in $(seq 1 8); do cat part; done >big
	test "$(wc -c <big)" -gt 5000000
	bpe-train -q -j 1 -n 500 -r big -o a.json
	bpe-train -q -j 4 -n 500 -r big -o b.json
	cmp a.json b.json
	bpe-train -q -j 4 -r big --counts -o b.tsv
	bpe-train -q -j 1 -r big --counts -o a.tsv
	cmp a.tsv b.tsv
'
ok 'word counts made separately add up' '
	split -n l/3 text part.
	for f in part.a?; do bpe-train -q -r $f --counts -o $f.tsv; done
	bpe-train -q -n 500 --merge-counts part.*.tsv -o a.json
	bpe-train -q -n 500 -r part.a? -o b.json
	cmp a.json b.json
	bpe-train -q -n 500 --merge-counts -o piped.json <part.aa.tsv
	bpe-train -q -n 500 --merge-counts -o named.json part.aa.tsv
	cmp piped.json named.json
	bpe-train -q --merge-counts part.*.tsv --counts -o all.tsv
	bpe-train -q -r part.a? --counts -o want.tsv
	bpe-train -q -r part.a? --counts | cmp - want.tsv
	cmp all.tsv want.tsv
'
ok 'counts hold any word, and more than 32 bits' '
	printf "a\tb\\\\c\r\nd\n\n\n\001\377x" >odd
	bpe-train -q -r odd --counts -o a.tsv
	bpe-train -q --merge-counts a.tsv a.tsv --counts -o b.tsv
	awk -F"\t" "NR > 1 && \$1 % 2 { exit 1 }" b.tsv
	printf "#words 1\tgpt2\n9000000000\txy\n8000000000\txz\n" >big.tsv
	bpe-train -q -n 257 --merge-counts big.tsv -o a.tiktoken
	test "$(tail -n 1 a.tiktoken)" = "eHk= 256"
'
fails 1 'counts made with another pattern are refused' '
	bpe-train -q -r text -p cl100k --counts -o a.tsv
	bpe-train -q -r text -p gpt2 --counts -o b.tsv
	bpe-train -q --merge-counts a.tsv b.tsv -o out.json
' 'b.tsv: its words were split by the pattern'
ok 'fewer pairs than tokens: a smaller vocabulary and a message' '
	printf abc >tiny
	bpe-train -q -n 300 -r tiny -o a.tiktoken 2>err
	test "$(wc -l <a.tiktoken)" = 258
	grep -q "only 258 tokens" err
'
ok 'tokenizer.json has <|endoftext|> after the trained tokens' '
	bpe-train -q -n 300 -r text -o a.json
	python3 -c "
import json
j = json.load(open(\"a.json\"))
assert j[\"added_tokens\"][0][\"id\"] == 300
assert j[\"added_tokens\"][0][\"content\"] == \"<|endoftext|>\"
assert len(j[\"model\"][\"merges\"]) == 44
"
'
if [ -z "${T_LONG:-}" ]; then
	skip 'rustbpe and Hugging Face give the same' 'T_LONG=1 runs it'
else
	venv rustbpe==0.1.0 tokenizers
	find "$TOP" -name '*.[ch]' -o -name '*.md' | sort | xargs cat |
		iconv -c -f utf-8 -t utf-8 >large
	cat >rust.py <<'END'
import base64, rustbpe, sys
pat = (r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+"
       r"| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
t = rustbpe.Tokenizer()
text = open(sys.argv[1], newline='').read()
t.train_from_iterator(iter([text]), int(sys.argv[2]), pattern=pat)
for b, i in sorted(t.get_mergeable_ranks(), key=lambda x: x[1]):
    print(base64.b64encode(bytes(b)).decode(), i)
END
	cat >hf.py <<'END'
import json, sys
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
t = Tokenizer(models.BPE())
t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
trainer = trainers.BpeTrainer(vocab_size=int(sys.argv[2]), special_tokens=[],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
t.train_from_iterator([open(sys.argv[1], newline='').read()], trainer)
ours = json.load(open(sys.argv[3]))['model']
theirs = json.loads(t.to_str())['model']
ours['vocab'].pop('<|endoftext|>')
assert ours['merges'] == theirs['merges'], 'other merges'
assert ours['vocab'] == theirs['vocab'], 'other ids'
END
	ok 'rustbpe gives the same tokens in the same order' '
		bpe-train -q -n 4096 -r large -o a.tiktoken
		"$venv/bin/python" rust.py large 4096 | cmp - a.tiktoken
	'
	ok 'the trainer of Hugging Face gives the same merges and ids' '
		bpe-train -q -n 4096 --ties hf -r large -o a.json
		"$venv/bin/python" hf.py large 4096 a.json
	'
fi
done_testing
