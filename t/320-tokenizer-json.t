#!/bin/sh
# tokenizer.json: read in every spelling we claim, and Hugging Face's
# tokenizers load what we write, with equal ids.
. "${0%/*}/lib.sh"

seq 1 500 | sed 's/$/ The cat isn'"'"'t on the mat; HELLO World 12345\tx/' >text
for p in gpt2 smollm cl100k o200k; do
	bpe-train -q -n 280 -p $p -r text -o $p.json
done

ok 'the pattern is found again in what we wrote' '
	for p in gpt2 smollm cl100k o200k; do
		tokenize -q -t $p.json -r -a text >a
		tokenize -q -t $p.json -p $p -r -a text | cmp - a
	done
'
ok 'merges may be strings with a space, as older files have them' '
	sed "s/^\[\(\".*\"\), \(\".*\"\)\]/\1 \2/; s/\" \"/ /" gpt2.json >old.json
	differ gpt2.json old.json
	tokenize -q -t gpt2.json -r -a text >a
	tokenize -q -t old.json -r -a text | cmp - a
'
ok 'a model directory is a vocabulary too, with the tokens it adds' '
	mkdir dir
	cp gpt2.json dir/tokenizer.json
	printf "%s" "{\"eos_token\":\"<|x|>\",\"added_tokens_decoder\":" \
		"{\"281\":{\"content\":\"<|x|>\"}}}" >dir/tokenizer_config.json
	doc 1 "the cat" >in
	tokenize -q -t dir in >s
	shard info s | grep -qx "vocab	282"
	test "$(tokenize -t dir -d --specials s)" = "the cat<|endoftext|>"
'
refused() {	# NAME SED-SCRIPT REGEX
	sed "$2" gpt2.json >bad.json
	fails 1 "$1" 'tokenize -q -t bad.json -r -a text' "^tokenize: bad.json.*$3"
}
refused 'JSON that ends early' '$d' ':[0-9]+: '
refused 'a model that is not BPE' 's/"BPE"/"Unigram"/' 'not byte-level BPE'
refused 'a normalizer' 's/"normalizer": null/"normalizer": {"type":"Lowercase"}/' \
	'normalizer'
refused 'a pre-tokenizer we do not do' 's/"ByteLevel", "add_prefix_space": false/"Metaspace", "x": false/' \
	'its pre_tokenizer is none of those that are known'
refused 'an id twice' 's/^"a": 97/"a": 98/' 'twice'
refused 'a negative id' 's/^"a": 97/"a": -97/' 'no good id'
refused 'a huge id' 's/^"a": 97/"a": 99999999999/' 'no good id'
refused 'a byte without token' '/^"a": 97,/d' '0x61|merge'
refused 'a merge of what are no tokens' 's/^\["/["zzzzz/' 'merge'
fails 1 'a JSON file of another kind' '
	echo "{\"a\":1}" >bad.json
	tokenize -q -t bad.json -r text
' "bad.json: no 'model'"

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
