#!/bin/sh
# tokenize: ids of strings with vocabularies trained here equal those of a
# 30-line reference in Python and, with T_LONG=1, of Hugging Face's tokenizers.
. "${0%/*}/lib.sh"
needs_command python3

# Texts of several scripts, capitals, digits, marks and spaces, one JSON string
# per line: some written by hand, others drawn from them.
cat >make.py <<'END'
import json, random
own = ["", " ", "\n", "a", "Hello world", " hello  world ", "it's we'll I'd THEY'RE don'T",
    "1 12 123 1234 12345678 3.14 1,000", "tabs\tand\t\tmore\r\nlines\n\n\nend  \n",
    "snake_case camelCase HTMLParser iPhone McDonald", "x=y+z; // done\n\t}\n",
    "Ärger über Öl, naïve façade, e\u0301tude A\u030angstro\u0308m",
    "Привет, мир! ЁЖ ёж", "Ελληνικά ΑΘΗΝΑ", "漢字かな交じり文。 한국어 문장",
    "नमस्ते दुनिया ก็ได้", "עברית عربي ١٢٣", "x² ½ Ⅷ ٣ ① 1²",
    "a\u00a0b\u2003c\u3000d \u2028e", "😀 👩‍👩‍👧 🇩🇪 ~~~ --- *** ''' \"\"\"",
    "ﬁ ǅ ʰa ª º _a_ __init__", "!?...!! (a)[b]{c}<d>", "'s 's's 'S'T'LL x'ss",
    "$5.00 #tag @you http://x.org/a?b=c#d", "    indented\n        twice\n",
    "\u200bzero\ufeffwidth\u00adsoft", "end with space ", "a \n b\n \n  c", "\t\t x",
    "word/word// path/to/file\n/\n", "ab" * 40, "=" * 70, "The the THE tHe"]
rng = random.Random(5)
chars = sorted(set("".join(own)))
for i in range(400):
    if i % 2:
        own.append("".join(rng.choice(chars) for _ in range(rng.randrange(1, 40))))
    else:
        own.append(rng.choice(own[:33]) + rng.choice(["", " ", "\n", "'"]) + rng.choice(own[:33]))
for s in own:
    print(json.dumps(s))
END
python3 make.py >strings
python3 -c 'import json, sys
for s in sys.stdin:
	print(json.dumps({"text": json.loads(s)}))' <strings >docs
cat "$TOP"/common/base/*.h "$TOP/t/lib.sh" >prose
python3 -c 'import json; print(json.dumps({"text": open("prose").read()}))' >text
for p in gpt2 cl100k o200k smollm; do
	bpe-train -q -n 600 -p $p -o $p.json text docs
done

for p in gpt2 cl100k o200k smollm; do
	ok "$p: 433 strings have the ids of the reference" "
		tokenize -q -t $p.json --no-eot -a docs >ours
		python3 '$TOP/t/naive_encode.py' $p.json $p <strings >theirs
		test \$(wc -l <theirs) = 433
		diff ours theirs >&2
		test \$(tr ' ' '\n' <ours | sort -u | wc -l) -gt 200
	"
	ok "$p: and are decoded to the same strings" "
		tokenize -q -t $p.json --no-eot docs | tokenize -t $p.json -d >back
		python3 -c 'import json, sys
for s in open(\"strings\"):
	sys.stdout.buffer.write(json.loads(s).encode())' | cmp - back
	"
done
# More different words than fit into the cache of a short text, each twice.
ok 'ids of a long text, with words that return, are those of the reference' '
	python3 -c "import json
for i in list(range(0, 3000, 50)) * 2:
	words = (f\"w{n} {n}nightwatchman{n}\" for n in range(i, i + 50))
	print(json.dumps(\" \".join(words)))" >words
	python3 -c "import json, sys
for s in sys.stdin:
	print(json.dumps({\"text\": json.loads(s)}))" <words >words.docs
	tokenize -q -j1 -t gpt2.json --no-eot -a words.docs >ours
	test $(wc -l <ours) = 120
	python3 "$TOP/t/naive_encode.py" gpt2.json gpt2 <words | diff ours - >&2
'
if [ -n "${T_LONG:-}" ]; then
	venv tokenizers
	for p in gpt2 cl100k o200k smollm; do
		ok "$p: and the ids of Hugging Face's tokenizers" "
			tokenize -q -t $p.json --no-eot -a docs >ours
			'$venv/bin/python' '$TOP/t/naive_encode.py' $p.json $p HF <strings |
				diff ours - >&2
		"
	done
fi
done_testing
