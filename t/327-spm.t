#!/bin/sh
# Vocabularies of SentencePiece's family, in tokenizer.json, GGUF and llama2.c's
# tokenizer.bin: t/spm.py makes them, and executes the rules naively.
. "${0%/*}/lib.sh"
needs_command python3
PYTHONUTF8=1
export PYTHONUTF8

spm() { python3 "$TOP/t/spm.py" "$@"; }
spm write m
ids() { tokenize -q -t "$1" -r -a "$2"; }	# VOCABULARY FILE

# ---- encoding and decoding ----

for name in llama gemma always first never split across spm llama2c; do
	ok "$name: ids follow from the rules, and decoding inverts them" "spm facts m $name"
done
ok 'text never encodes to special tokens or to the bytes that it spells' '
	printf "<unk><s></s><0x0A>" >in
	for v in m/llama.json m/spm.gguf m/llama2c/tokenizer.bin; do
		ids $v in >out
		not grep -wE "0|1|2|13" out
		tokenize -t $v -d out | cmp - in
	done
'
number() { python3 -c "
import json
print(json.load(open('m/$1.json'))['model']['vocab']['$2'])"; }
ok 'NFC, ignore_merges and tokens matched in normalized text' '
	printf "cafe\314\201" >a
	printf "café" >b
	ids m/nfc.json a >want
	ids m/nfc.json b | cmp - want
	printf " lamp the lamp" >in
	ids m/whole.json in >out
	[ "$(tr " " "\n" <out | grep -cx "$(number whole ▁lamp)")" = 2 ]
	printf "the lamp" >in
	[ "$(ids m/wholetext.json in)" = "$(number wholetext ▁the▁lamp)" ]
	printf "x dog xdog" >in
	ids m/normalized.json in >out
	[ "$(tr " " "\n" <out | grep -cx "$(number normalized dog)")" = 1 ]
	ids m/late.json in >out
	[ "$(tr " " "\n" <out | grep -cx "$(number late dog)")" = 2 ]
'
ok 'not even when merges make one, of which a warning tells' '
	python3 - <<X
import json
d = json.load(open("m/llama.json"))
m = d["model"]
for t in ("<", ">", "<s", "<s>>", "<<s>"):
    m["vocab"][t] = 900 + len(m["vocab"])
m["merges"] += [["<", "s"], ["<s", ">"], ["<s>", ">"], ["<", "<s>"]]
json.dump(d, open("special.json", "w"))
X
	printf "<s><s" >in
	tokenize -q -t special.json -r -a in >out 2>err
	not grep -w 1 out
	[ "$(wc -w <out)" = 4 ]
	grep -q "special.json: no text is encoded to the special token .<s>., though merges" err
'
ok 'bytes that are not valid UTF-8 become their byte tokens and come back' '
	printf "a\377b\303(\342\226 \360\237\230" >in
	for v in m/llama.json m/gemma.json m/spm.gguf; do
		ids $v in >out
		grep -qw 258 out
		grep -qw 198 out
		grep -q "243 162 155\$" out
		tokenize -t $v -d out | cmp - in
	done
'
ok 'so does a space, put before the text or in it, when it has no token' '
	python3 - <<X
import json
d = json.load(open("m/llama.json"))
m = d["model"]
m["merges"] = [p for p in m["merges"] if "▁" not in p[0] + p[1]]
m["vocab"] = {t: i for t, i in m["vocab"].items() if "▁" not in t}
json.dump(d, open("nospace.json", "w"))
X
	printf "x y" >in
	[ "$(ids nospace.json in | tr " " "\n" | grep -cx 35)" = 2 ]
	ids nospace.json in | tokenize -t nospace.json -d | cmp - in
'
ok 'each document of a stream has a space put before it, and loses it again' '
	doc 1 "the dog" >docs
	doc 2 "" >>docs
	doc 3 " the dog" >>docs
	for i in $(seq 4 9000); do doc $i "the dog"; done >>docs
	for v in m/llama.json m/spm.gguf; do
		tokenize -q -t $v docs | tokenize -t $v -d >out
		{ printf "the dog the dog"; yes "the dog" | head -n 8997 | tr -d "\n"; } | cmp - out
	done
	tokenize -q -t m/first.json docs | tokenize -t m/first.json -d >out
	yes "the dog" | head -n 8999 | tr -d "\n" | cmp - out
'
ok 'a word may be very long: a million bytes without a space' '
	head -c 1000000 /dev/zero | tr "\0" a >a
	head -c 999999 /dev/zero | sed "s/\x00\x00\x00/中/g" >b
	od -An -v -tx1 -N 500000 "$BUILD/bin/tokenize" | tr -d " \n" >c
	for f in a b c; do
		timeout 30 tokenize -q -t m/across.json -r $f | tokenize -t m/across.json -d | cmp - $f
		timeout 30 tokenize -q -t m/spm.gguf -r $f | tokenize -t m/spm.gguf -d | cmp - $f
	done
'

ok 'a long text is cut between threads where that changes nothing' '
	for i in $(seq 400); do cat m/texts/*[02468]; echo; done >long
	[ "$(wc -c <long)" -gt 2500000 ]
	for v in m/across.json m/spm.gguf m/never.json; do
		tokenize -q -j2 -t $v -r long | tokenize -t $v -d >out
		sed "s/▁/ /g" long | cmp - out
	done
'

# ---- other programs ----

hash() { unit vocab "$1" written.json; }
ok 'converted to a directory and back, the tokenizer is the same' '
	ckpt convert m/spm.gguf dir
	ckpt convert dir back.gguf
	ckpt compare dir back.gguf --tolerance 0 >out
	for f in m/texts/*; do
		for v in m/spm.gguf dir back.gguf; do ids $v $f; done | uniq | wc -l
	done | sort -u | grep -qx 1
	[ "$(hash dir/tokenizer.json)" = "$(hash m/spm.gguf)" ]
	[ "$(hash back.gguf)" = "$(hash m/spm.gguf)" ]
'
ok 'the hash tells apart what gives other ids' '
	for v in llama gemma always first never split; do hash m/$v.json; done >hashes
	sed "s/\"<0x41>\": 68/\"<0x41>\": 69/; s/\"<0x42>\": 69/\"<0x42>\": 68/" m/llama.json >swapped.json
	differ m/llama.json swapped.json
	hash swapped.json >>hashes
	[ "$(sort -u hashes | wc -l)" = 7 ]
'
ok 'what GGUF cannot express about spaces is said' '
	cp -r dir first
	cp m/first.json first/tokenizer.json
	ckpt convert first first.gguf 2>err
	grep -q "first.gguf: GGUF cannot express when the tokenizer puts a space" err
	cp m/llama.json first/tokenizer.json
	ckpt convert first llama.gguf 2>err
	not grep . err
	[ "$(hash llama.gguf)" = "$(hash m/spm.gguf)" ]
'
for name in llama gemma always first split; do
	ok "$name: text between special tokens of a chat template is a text of its own" "
		mkdir -p chat
		cp m/$name.json chat/tokenizer.json
		spm config chat >conversation
		unit render -j chat <conversation | spm chat $name"
done
ok 'the text that generate prints is what its ids decode to' '
	printf "the dog" >in
	for m in m/spm.gguf dir; do
		generate -q -m $m --greedy -n 40 --ignore-eos "the dog" >text
		generate -q -m $m --greedy -n 40 --ignore-eos --ids --echo "$(ids $m in)" >all
		{ printf "the dog"; cat text; } >want
		{ tokenize -t $m -d all; echo; } | cmp - want
	done
'
ok 'a constraint sees the text, not the space before it' '
	generate -q -m m/spm.gguf --seed 3 -n 30 --regex "[a-z]{5} [A-Z0-9]é" "the dog" >out
	grep -qxE "[a-z]{5} [A-Z0-9]é" out
	generate -q -m m/spm.gguf --seed 3 -n 30 --bos --regex "[a-z]{5} [A-Z0-9]é" "" >out
	grep -qxE "[a-z]{5} [A-Z0-9]é" out
'
# Its text is " the the", with the parameters that t/spm.py draws.
ok 'the result of a tool has a space put before it after a special token only' '
	call="generate -q -m m/spm.gguf --greedy -n 5 --ignore-eos --jsonl"
	echo "{\"prompt\":\"the dog\"}" >prompt
	$call --tool "the,the,printf dog" prompt >out
	grep -q "\"text\":\" the thedog" out
	$call --tool "the,the,printf dog" --tool-output "<s>,</s>" prompt >out
	grep -q "\"ids\":.263,263,1,288,2" out
	grep -q "\"text\":\" the thedog" out
'
ok "a checkpoint of llama2.c has the tokenizer beside it" '
	for m in m/plain.gguf m/llama2c/model.bin; do
		generate -q -m $m --seed 2 --temp 2 -n 20 --ignore-eos "the dog" >text
		score -q -m $m --each docs | head -n 20 >scores
		cat text scores | cksum
	done | uniq | wc -l | grep -qx 1
	ckpt convert m/llama2c/model.bin from2c
	[ "$(hash from2c/tokenizer.json)" = "$(hash m/plain.gguf)" ]
	generate -q -m from2c --seed 2 --temp 2 -n 20 --ignore-eos "the dog" | cmp - text
'
ok 'score counts the bytes of the text, without the space before it' '
	doc 1 "the dog" >one
	score -q -m m/spm.gguf --bpb one | grep -q "\"bytes\":7,"
	score -q -m m/spm.gguf --bpb --no-bos one | grep -q "\"tokens\":1,\"bytes\":4,"
'

# ---- refused ----

mkdir bad
spm bad bad >bad.list || echo 'nothing written' >bad.list
while IFS='	' read -r file regex name; do
	fails 1 "refused: $name" "tokenize -q -t bad/$file -r README" "^tokenize: bad/$file: .*$regex"
done <bad.list
fails 2 'no pattern splits such texts' 'tokenize -q -t m/llama.json -p gpt2 -r m/texts/0000' \
	'byte_fallback'
fails 2 'nor those of a GGUF file' 'tokenize -q -t m/spm.gguf -p gpt2 -r m/texts/0000' \
	'no pattern splits its text'

if [ -z "${T_LONG:-}" ]; then
	skip 'Hugging Face and SentencePiece give the same ids' 'T_LONG=1 runs it'
	done_testing
fi
venv tokenizers sentencepiece
spm() { "$venv/bin/python" "$TOP/t/spm.py" "$@"; }
ok 'tokenizers gives the same ids and texts' \
	'
	spm tokenizers m llama gemma always first never split across
	spm tokenizers m made normalized late nfc whole wholetext
'
ok 'and for a file that we wrote' 'cp dir/tokenizer.json m/written.json; spm tokenizers m written'
ok 'SentencePiece gives the ids and texts of a model that it trained' 'spm sentencepiece m'
done_testing
