#!/bin/sh
# Byte order marks, UTF-16 and names in other encodings, as found in files from
# elsewhere.
. "${0%/*}/lib.sh"

sh "$TOP/t/samples.sh" s >/dev/null 2>&1 && cd s || exit 1
mark() { printf '\357\273\277'; }

# same FILE COMMAND...: a byte order mark in the file changes no output
same() {
	file=$1; shift
	{ mark; cat "$file"; } >marked
	"$@" <"$file" >want && "$@" <marked >got
	[ -s want ] && cmp want got
}
ok 'before documents: dedup, score, tokenize, bpe-train, docs, crawlclean' '
	same docs.jsonl dedup -q
	same docs.jsonl score -q -m base
	same docs.jsonl tokenize -q -t tok.json
	same docs.jsonl bpe-train -q -n 300 -o -
	same docs.jsonl docs -q -d
	same docs.jsonl crawlclean -q -x -i docs
	same docs.jsonl crawlclean -q -x
'
ok 'before conversations' '
	{ mark; cat conv.jsonl; } >marked.jsonl
	sft -q -m base -o a --steps 2 -j1 conv.jsonl
	sft -q -m base -o b --steps 2 -j1 marked.jsonl
	cmp a/model.safetensors b/model.safetensors
'
ok 'before prompts and rollouts' '
	same prompts.jsonl rlsample -q -m chat -N 2 -n 4 -
	same prompts.jsonl generate -q -m chat --jsonl -n 4 -
	same rollouts.jsonl grade -q --number -
'
ok 'concatenated files with byte order marks: no line is lost' '
	{ mark; head -n 2 docs.jsonl; mark; sed -n 3,4p docs.jsonl; mark; } |
		docs -q -d >got
	head -n 4 docs.jsonl | docs -q -d | cmp - got
'
ok 'a document that passes through loses the mark' '
	{ mark; head -n 1 docs.jsonl; } | dedup -q >got
	head -n 1 docs.jsonl | cmp - got
'
ok 'before tokenizer.json, tiktoken ranks and the files of a model' '
	{ mark; cat tok.json; } >marked.json
	{ mark; cat tok.tiktoken; } >marked.tiktoken
	for t in "json" "tiktoken -p gpt2"; do
		tokenize -q -a -t tok.$t docs.jsonl >want
		tokenize -q -a -t marked.$t docs.jsonl | cmp - want
	done
	generate -q -m chat --temp 0 -n 8 "a b" >want
	cp -r chat mark6
	for f in mark6/*.json mark6/*.jinja; do
		[ -f "$f" ] || continue
		{ mark; cat "$f"; } >x && mv x "$f"
	done
	generate -q -m mark6 --temp 0 -n 8 "a b" | cmp - want
'
command -v python3 >/dev/null &&
ok 'before vocab.json and merges.txt' '
	mkdir pair pair2
	python3 -c "import json
m = json.load(open(\"tok.json\"))[\"model\"]
json.dump(m[\"vocab\"], open(\"pair/vocab.json\", \"w\"))
with open(\"pair/merges.txt\", \"w\") as f:
    for x in m[\"merges\"]:
        print(x if isinstance(x, str) else \" \".join(x), file=f)"
	for f in vocab.json merges.txt; do
		{ mark; cat pair/$f; } >pair2/$f
	done
	tokenize -q -a -t pair/vocab.json docs.jsonl >want
	tokenize -q -a -t pair2/vocab.json docs.jsonl | cmp - want
'
ok 'before a web archive, a page and plain text' '
	same crawl.warc crawlclean -q -x
	same crawl.warc crawlclean -q -x -i warc
	same page.html crawlclean -q -x
	same text.txt crawlclean -q -x
'
ok 'before a host list' '
	{ mark; echo example.org; } >hosts
	crawlclean -q -w --url-domains hosts crawl.warc >got
	test $(grep -c "\"drop\":\"url-domain\"" got) = 8
'

# wide ENCODING MARK <PAGE
wide() { printf "$2"; iconv -f UTF-8 -t "$1"; }
ok 'a page in UTF-16 or UTF-32 is HTML, with or without a mark' '
	sed "s/bread/brød/" page.html >p.html
	crawlclean -q -x <p.html >want
	grep -q brød want
	for form in UTF-16LE.. UTF-16BE.. UTF-16LE.\\377\\376 \
		UTF-16BE.\\376\\377 UTF-32LE.\\377\\376\\0\\0 \
		UTF-32BE.\\0\\0\\376\\377
	do
		wide ${form%%.*} ${form#*.} <p.html | sed "s/^\.//" >w.html
		crawlclean -q -x <w.html | cmp - want
	done
'
ok 'so is an archive member' '
	mkdir m
	wide UTF-16LE "\377\376" <page.html >m/marked.html
	wide UTF-16BE "" <page.html >m/bare.html
	tar cf m.tar m/marked.html m/bare.html
	crawlclean -q -x m.tar >got
	test $(grep -c "the gardener walks to the old wall" got) = 2
'
ok 'plain text in UTF-16' '
	printf "Zażółć gęślą jaźń\nжук\n" | wide UTF-16LE "" >w.txt
	crawlclean -q -x w.txt | grep -qF "\"text\":\"Zażółć gęślą jaźń\\nжук\""
	printf "Zażółć gęślą jaźń\n" | wide UTF-16BE "\376\377" >w.txt
	crawlclean -q -x w.txt | grep -qF "\"text\":\"Zażółć gęślą jaźń\""
'
ok 'a single word in UTF-16, without a mark' '
	for form in LE BE; do
		printf "жук\n" | wide UTF-16$form "" >w.txt
		crawlclean -q -x w.txt | grep -qF "\"text\":\"жук\""
	done
'
ok 'plain text in the encoding of its language' '
	printf "Старый дом у реки давно пустует, и окна его забиты досками.\n" >t
	for e in CP1251 KOI8-R CP866 ISO-8859-5; do
		iconv -f UTF-8 -t $e t | crawlclean -q -x -i text |
			grep -qF "Старый дом у реки давно пустует, и окна его"
	done
'
fails 1 'documents in UTF-16 are reported, not taken for one text' '
	wide UTF-16LE "\377\376" <docs.jsonl >w.jsonl
	crawlclean -q -x w.jsonl
' 'w.jsonl: is in UTF-16'
fails 1 'so they are by every reader of JSON lines, also without a mark' '
	wide UTF-16BE "" <prompts.jsonl | rlsample -q -m chat -n 2
' 'standard input: is in UTF-16'
# Words and blanks are placed so that each pair of bytes would be a character.
ok 'a stray zero byte does not make a text UTF-16' '
	t="the old man had his red hat and ran for the bus but his dog sat and ate the ham but the big cat got the egg and the fat cow saw one hen and won two"
	for head in "<!DOCTYPE html><p>At" "<!DOCTYPE html> <p>At"; do
		printf "$head $t né at\0 $t</p>" >w.html
		crawlclean -q -x w.html | grep -qF "At $t né at"
	done
'
fails 1 '16-bit numbers are not text' '
	printf "\001\000\002\000\003\000\004\000\005\000\006\000" >w.bin
	crawlclean -q -x w.bin
' 'neither a web archive, HTML, text nor documents'
ok 'member names that are not UTF-8 stay distinct and legible' '
	g=$(printf "Gr\374n.html") u=$(printf "\304\356\354.html")
	mkdir n && cp page.html "n/$g" && cp page.html "n/$u"
	tar cf n.tar "n/$g" "n/$u"
	crawlclean -q -x n.tar >got
	grep -qF "\"id\":\"n.tar/n/Grün.html\"" got
	grep -qF "\"id\":\"n.tar/n/Дом.html\"" got
'
fails 1 'NaN is reported with its position' '
	printf "{\"text\":\"a\",\"score\":NaN}\n" | dedup
' 'byte 21: NaN is not JSON'
ok 'also among valid lines, and in rollouts' '
	{ echo "{\"text\":\"a b\",\"score\":-Infinity}"; head -n 1 docs.jsonl; } |
		dedup 2>&1 >got | grep -q "byte 23: -Infinity is not JSON"
	cmp got - <<LINE
$(head -n 1 docs.jsonl)
LINE
	{ echo "{\"prompt\":\"a\",\"reward\":Infinity}"; cat rollouts.jsonl; } |
		grade --number 2>&1 >got | grep -q "Infinity is not JSON"
'
fails 1 'also in a configuration' '
	cp -r base nan && sed -i "s/: *[0-9.]*e-0[56]/: NaN/" nan/config.json
	grep -q NaN nan/config.json
	generate -q -m nan x
' 'config.json:[0-9]+:[0-9]+: not valid JSON.*NaN'
done_testing
