#!/bin/sh
# If a file is given to the wrong program, the message says what it is and which
# program reads it.
. "${0%/*}/lib.sh"

sh "$TOP/t/samples.sh" . >/dev/null 2>&1
gzip -kc docs.jsonl >docs.jsonl.gz
printf 'debian-binary 2.0' >debian-binary
{ printf '!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n'
} >some.deb
printf '{\n  "version": "1.0",\n  "added_tokens": [],\n  "model": {"type": "BPE"}\n}\n' >pretty.json
printf '\357\273\277{"id":"1","text":"a"}\n' >bom.jsonl
printf '{"prompt":"a","answers":["b","c"],"ranks":[1,2]}\n' >ranked.jsonl
printf '12 34 56\n' >ids.txt
printf '  \n<p>\n' >fragment
printf 'GGUF\3\0\0\0' >model.gguf

named() {	# FILE REGEX: pretrain identifies FILE, given as a shard and as a stream
	fails 1 "pretrain: $1 as a shard" "pretrain -o x -t tok.json $1" "$1: .*$2"
	fails 1 "pretrain: $1 as a stream" "pretrain -o x -t tok.json <$1" "standard input: .*$2"
}
named docs.jsonl 'documents.*tokenize'
named docs.jsonl.gz 'documents.*tokenize.*gzip'
named bom.jsonl 'documents.*tokenize'
named conv.jsonl 'conversations.*sft'
named rollouts.jsonl 'rollouts.*rltrain'
named pairs.jsonl 'preference pairs.*rmtrain.*rltrain'
named ranked.jsonl 'ranked answers.*rmtrain'
named crawl.warc 'web archive.*crawlclean'
named crawl.warc.gz 'web archive.*crawlclean'
named page.html 'HTML.*crawlclean'
named some.deb 'Debian package.*crawlclean'
named text.txt 'plain text.*docs'
named ids.txt 'ids as text.*tokenize -d'
named tok.json 'tokenizer.*-t'
named pretty.json 'tokenizer.*-t'
named tok.tiktoken 'tiktoken.*-t'
named base/model.safetensors 'parameters of a model.*-m'
named base/config.json 'configuration of a model.*-m'
named base/trainlog.tsv 'training log'
named model.gguf 'GGUF'
for f in docs.jsonl:documents crawl.warc.gz:web.archive page.html:HTML some.deb:Debian \
	tokens.tok:token.stream shard_train_000001.bin:shard tok.json:tokenizer \
	rollouts.jsonl:rollouts base/model.safetensors:parameters
do
	fails 1 "sft: ${f%:*}" "sft -m base -o x ${f%:*}" "none of .*conversation.*looks like .*${f#*:}"
	[ "$f" = rollouts.jsonl:rollouts ] ||
	fails 1 "sft -m ${f%:*}" "sft -m ${f%:*} -o x conv.jsonl" \
		"not a (model directory|checkpoint of llm.c).*looks like .*${f#*:}"
done
printf '\211PNG\r\n\032\n\0\0\0\rIHDR' >some.png
printf 'question,answer\n"Who, then?",Me.\n' >table.csv
printf 'Some text.\nAnd more.\n' | iconv -t UTF-16 >utf16.txt
printf 'Some text.\nAnd more.\n' | iconv -t UTF-16LE >utf16le.txt
mkdir -p folder
named some.png 'PNG image'
named utf16.txt 'UTF-16.*crawlclean -x'
named utf16le.txt 'UTF-16.*crawlclean -x'
for f in docs.jsonl:documents page.html:HTML some.deb:Debian conv.jsonl:conversations \
	crawl.warc.gz:web.archive shard_train_000001.bin:shard tokens.tok:token.stream \
	text.txt:plain.text some.png:PNG utf16.txt:UTF-16 rollouts.jsonl:rollouts \
	base/model.safetensors:parameters base/config.json:configuration
do
	is="it looks like .*${f#*:}" f=${f%:*}
	fails 1 "tokenize -t $f" "tokenize -t $f docs.jsonl" \
		"$f: neither a tokenizer.json nor tiktoken ranks: $is"
	fails 1 "pretrain -t $f" "pretrain -o x -t $f shard_train_000001.bin" \
		"$f: neither a tokenizer.json nor tiktoken ranks: $is"
	fails 1 "bpe-train --merge-counts $f" "bpe-train --merge-counts -o x $f" \
		"$f: not a file of word counts.*$is"
	case $f in *.bin | *.tok) ;; *)
		fails 1 "tokenize -d $f" "tokenize -t tok.json -d $f" "$f:.*$is" ;;
	esac
	fails 1 "crawlclean --language-model $f" "crawlclean --language-model $f page.html" \
		"$f: not a fastText model.*$is"
	fails 1 "crawlclean --quality-model $f" "crawlclean --quality-model $f page.html" \
		"$f: .*$is"
	fails 1 "sft --template $f" "sft -m base -o x --template $f conv.jsonl" \
		"$f: not a chat template: .*$is"
done
fails 1 'a rank file whose first line is invalid: the message states the line' '
	echo "YWJj 99999999999" >bad.tiktoken
	tokenize -t bad.tiktoken docs.jsonl
' 'bad.tiktoken:1: the rank is not a number, or too large'
fails 1 'ckpt: a shard, whose name could be that of an llm.c checkpoint' 'ckpt info shard_train_000001.bin' \
	'not a checkpoint of llm.c: it looks like a shard'
for run in 'generate -m folder hi' 'sft -m folder -o x conv.jsonl' 'ckpt info folder'; do
	fails 1 "${run%% *}: a directory that is not a model" "$run" \
		'folder: not a model directory: config.json is missing'
done
for f in text.txt table.csv; do
	fails 1 "dedup: $f" "dedup $f" 'looks like plain text, which docs turns into documents'
	fails 1 "docs -d: $f" "docs -d $f" 'looks like plain text, which docs turns into documents'
	fails 1 "tokenize: $f" "tokenize -t tok.json $f" '-r reads plain text'
	fails 1 "sft: $f" "sft -m base -o x $f" 'format of a line see conversations'
done
if command -v zstd >/dev/null; then
	tar -cf - page.html | zstd -q >pages.tar.zst
	fails 1 'dedup: an archive compressed by zstd' 'dedup pages.tar.zst' 'looks like an archive.*crawlclean'
fi
for f in docs.jsonl page.html crawl.warc.gz conv.jsonl; do
	ok "docs: $f is read as text, with a warning" "
		docs -q $f >out 2>err
		[ \$(wc -l <out) = 1 ]
		grep -q '^docs: $f: taken as plain text: it looks like' err
	"
done
ok 'docs: plain text and similar files give no warning' '
	printf "Note 1\nand the rest\n" >note.txt
	docs -q text.txt ids.txt table.csv note.txt >out 2>err
	[ "$(wc -l <out)" = 4 ]
	[ ! -s err ]
'
fails 1 'text: the message refers to the line format' 'sft -m base -o x text.txt' 'format of a line see conversations'
fails 1 'lines without a text are not called documents' '
	echo "{\"text\":7}" | dedup
' "none of 1 lines is a document: the first: [^;]*[^d]$"
ok 'nothing was written' '[ ! -e x ]'
done_testing
