#!/bin/sh
# tokenizer.json: every documented spelling is read, and Hugging Face's
# tokenizers load what we write, with equal ids.
. "${0%/*}/lib.sh"

seq 1 500 | sed 's/$/ The cat isn'"'"'t on the mat; HELLO World 12345\tx/' >text
for p in gpt2 smollm cl100k o200k; do
	bpe-train -q -n 280 -p $p -r text -o $p.json
done

ok 'the pattern is recognised in the file written' '
	for p in gpt2 smollm cl100k o200k; do
		tokenize -q -t $p.json -r -a text >a
		tokenize -q -t $p.json -p $p -r -a text | cmp - a
	done
'
ok 'merges may be strings with a space, as in older files' '
	sed "s/^\[\(\".*\"\), \(\".*\"\)\]/\1 \2/; s/\" \"/ /" gpt2.json >old.json
	differ gpt2.json old.json
	tokenize -q -t gpt2.json -r -a text >a
	tokenize -q -t old.json -r -a text | cmp - a
'
ok 'a model directory is a vocabulary too, including its added tokens' '
	mkdir dir
	cp gpt2.json dir/tokenizer.json
	printf "%s" "{\"eos_token\":\"<|x|>\",\"added_tokens_decoder\":" \
		"{\"281\":{\"content\":\"<|x|>\"}}}" >dir/tokenizer_config.json
	doc 1 "the cat" >in
	tokenize -q -t dir in >s
	shard info s | grep -qx "vocab	282"
	test "$(tokenize -t dir -d --specials s)" = "the cat<|endoftext|>"
'
# gpt2.json with one part in another spelling of the same meaning.
same() {	# NAME SED-SCRIPT
	ok "$1" "
		sed '$2' gpt2.json >other.json
		differ gpt2.json other.json
		tokenize -q -t gpt2.json -r -a text >a
		tokenize -q -t other.json -r -a text 2>err | cmp - a
		[ ! -s err ]
	"
}
same 'a model without a type, as in the published gpt2' 's/"type": "BPE", //'
same 'a normalizer that is an empty Sequence' \
	's/"normalizer": null/"normalizer": {"type":"Sequence","normalizers":[]}/'
same 'a Sequence of a single pre-tokenizer' \
	"s/\"pre_tokenizer\": \({.*}\)/\"pre_tokenizer\": {\"type\":\"Sequence\",\"pretokenizers\":[\1]}/"
same 'an ordinary token that is also listed as added' \
	's/"added_tokens": \[/&{"id": 81, "content": "Q", "special": false},/'
# with FILE SED-SCRIPT: gpt2.json, changed
with() { sed "$2" gpt2.json >"$1"; differ gpt2.json "$1"; }

ok 'added tokens are matched in text unless they are special' '
	with t.json "s/\"added_tokens\": \[/&{\"id\":281,\"content\":\"<think>\",\"special\":false},/"
	printf "<think>x<|endoftext|>" >in
	tokenize -q -t t.json -r -a in >ids
	grep -q "^281 120 " ids
	not grep -qw 280 ids
	tokenize -t t.json -d ids | cmp - in
'
ok 'a special token that is also a merge result is matched in text, with a warning' '
	with t.json "s/\"added_tokens\": \[/&{\"id\":97,\"content\":\"a\",\"special\":true},/"
	printf "an a" >in
	tokenize -q -t gpt2.json -r -a in >want
	tokenize -q -t t.json -r -a in 2>err | cmp - want
	grep -q "special token .a. is an ordinary token too: text can spell it" err
	tokenize -t t.json -d want 2>/dev/null | cmp - in
'
ok 'a byte without a token is dropped and counted, its neighbours merge' '
	with t.json "/^\"Q\": 81,/d"
	printf "The cQat is QQ on" >in
	printf "The cat is  on" >kept
	tokenize -q -t t.json -r -a in 2>err >got
	tokenize -t t.json -d got | cmp - kept
	grep -q "t.json: 3 bytes of text have no token in this vocabulary and were left out" err
	yes "$(cat in)" | head -n 1000 >many
	tokenize -q -t t.json -r -j 2 -c many 2>err
	grep -q " 3000 bytes" err
'
ok 'an added token whose id Hugging Face would change is reported' '
	with t.json "s/\"added_tokens\": \[/&{\"id\":290,\"content\":\"<x>\"},/"
	printf "<x>" >in
	test "$(tokenize -q -t t.json -r -a in 2>err)" = 290
	grep -q "added token .<x>. has id 290 by the file, 281 by" err
'
ok 'a space is put before a text that does not start with one' '
	with t.json "s/\"add_prefix_space\": false/\"add_prefix_space\": true/"
	printf "the cat" >in
	printf " the cat" >spaced
	tokenize -q -t gpt2.json -r -a spaced >want
	tokenize -q -t t.json -r -a in | cmp - want
	tokenize -q -t t.json -r -a spaced | cmp - want
'
ok 'vocab.json with merges.txt is the same vocabulary, by either name' '
	mkdir -p pair
	python3 - <<END
import json
m = json.load(open("gpt2.json"))["model"]
json.dump(m["vocab"], open("pair/vocab.json", "w"))
open("pair/merges.txt", "w").write(
	"#version: 0.2\n" + "".join(" ".join(p) + "\n" for p in m["merges"]))
END
	tokenize -q -t gpt2.json -r -a text >a
	tokenize -q -t pair -r -a text | cmp - a
	tokenize -q -t pair/vocab.json -r -a text | cmp - a
	doc 1 "the cat" >in
	tokenize -q -t gpt2.json in | shard info - | grep tokenizer >a
	tokenize -q -t pair in | shard info - | grep tokenizer | cmp - a
	echo "{\"<x>\": 281}" >pair/added_tokens.json
	printf "<x><|endoftext|>" >in
	tokenize -q -t pair -r -a in | grep -q "^281 "
	tokenize -q -t pair -r -a in >ids
	not grep -w 280 ids
'
ok 'the tokenizer class determines the splitting; an unknown class is refused' '
	echo "{\"tokenizer_class\": \"Qwen2Tokenizer\"}" >pair/tokenizer_config.json
	printf "e\314\201 12" >in
	test "$(tokenize -q -t pair -r -a in | wc -w)" = 5
	tokenize -q -t pair -r in | tokenize -t pair -d >got
	printf "\303\251 12" | cmp - got
	echo "{\"tokenizer_class\": \"XTokenizer\"}" >pair/tokenizer_config.json
	tokenize -q -t pair -r -a in 2>err || s=$?
	test "$s" = 1
	grep -q "tokenizer_config.json: the tokenizer_class .XTokenizer. is not supported" err
	tokenize -q -t pair -p gpt2 -r -a in >ids
	rm pair/merges.txt pair/tokenizer_config.json
	s=0
	tokenize -q -t pair -r -a in 2>err || s=$?
	test "$s" = 1
	grep -q "pair/vocab.json: pair/merges.txt is missing" err
'
refused() {	# NAME SED-SCRIPT REGEX
	sed "$2" gpt2.json >bad.json
	fails 1 "$1" 'tokenize -q -t bad.json -r -a text' "^tokenize: bad.json.*$3"
}
refused 'truncated JSON' '$d' ':[0-9]+: '
refused 'a model that is not BPE' 's/"BPE"/"Unigram"/' 'not BPE: type .Unigram'
refused 'a normalizer' 's/"normalizer": null/"normalizer": {"type":"Lowercase"}/' \
	'normalizer'
refused 'an unsupported pre-tokenizer' 's/"ByteLevel", "add_prefix_space": false/"Metaspace", "x": false/' \
	"pre_tokenizer: the type 'Metaspace' is not supported"
refused 'a duplicate id' 's/^"a": 97/"a": 98/' 'duplicate'
refused 'a negative id' 's/^"a": 97/"a": -97/' 'invalid id'
refused 'a huge id' 's/^"a": 97/"a": 99999999999/' 'invalid id'
refused 'a byte without a token' '/^"a": 97,/d' '0x61|merge'
refused 'a merge of parts that are not tokens' 's/^\["/["zzzzz/' 'merge'
refused 'byte_fallback' 's/"byte_fallback": false/"byte_fallback": true/' 'byte_fallback'
refused 'dropout' 's/"dropout": null/"dropout": 0.1/' 'dropout'
refused 'no pre-tokenizer' 's/"pre_tokenizer": {.*}/"pre_tokenizer": null/' 'no pre_tokenizer'
split() {	# PATTERN BEHAVIOR: a sed script
	printf '%s\n' "s/\"pre_tokenizer\": \({.*}\)/\"pre_tokenizer\": {\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"$1\"},\"behavior\":\"$2\"},\1]}/"
}
refused 'an unknown behavior' "$(split x Sideways)" "the behavior 'Sideways'"
refused 'an invalid pattern' "$(split 'x(' Isolated)" 'not supported: a group without its'
refused 'a pattern that PCRE2 does not accept' "$(split '(?<=x+)y' Isolated)" 'lookbehind'
refused 'Oniguruma syntax that is not supported' "$(split '(?~x)' Isolated)" 'a group of this kind'
# In the file, the pattern is \x and two control characters.
refused 'control characters are not hexadecimal digits' \
	"$(split '\\\\x\\u0014\\u0011' Isolated)" 'not a character'
ok 'an error in a file is not a usage error' '
	not grep -e " -h" "$SCRATCH/case.err"
'
fails 1 'a JSON file of another kind' '
	echo "{\"a\":1}" >bad.json
	tokenize -q -t bad.json -r text
' "bad.json: .*'model' is missing"

if [ -z "${T_LONG:-}" ]; then
	skip 'Hugging Face gives the same ids' 'T_LONG=1 runs it'
	done_testing
fi
venv tokenizers
cat >same.py <<'END'
import sys, tokenizers
t = tokenizers.Tokenizer.from_file(sys.argv[1])
for name, line in zip(sys.argv[2:], sys.stdin):
    text = open(name, newline='').read()
    ours = [int(x) for x in line.split()]
    theirs = t.encode(text).ids
    assert ours == theirs, (name, len(ours), len(theirs))
END
texts=text
for f in "$SHARED"/data/tokens/cases/*.bin; do
	case $f in */inv_*|*/special*|*'*'*) ;; *) texts="$texts $f" ;; esac
done
for p in gpt2 smollm cl100k o200k; do
	ok "$p: Hugging Face gives the same ids" "
		tokenize -q -t $p.json -r -a $texts >ids
		'$venv/bin/python' same.py $p.json $texts <ids"
done
done_testing
