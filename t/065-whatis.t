#!/bin/sh
# A file given to the wrong program is named for what it is, with the program
# that takes it.
. "${0%/*}/lib.sh"

sh "$TOP/t/samples.sh" . >/dev/null 2>&1
gzip -kc docs.jsonl >docs.jsonl.gz
printf 'debian-binary 2.0' >debian-binary
{ printf '!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n'
} >some.deb
printf '{\n  "version": "1.0",\n  "added_tokens": [],\n  "model": {"type": "BPE"}\n}\n' >pretty.json
printf '\357\273\277{"id":"1","text":"a"}\n' >bom.jsonl
printf '12 34 56\n' >ids.txt
printf '  \n<p>\n' >fragment
printf 'GGUF\3\0\0\0' >model.gguf

named() {	# FILE REGEX: what pretrain says of it, as a shard and as a stream
	fails 1 "pretrain: $1 as a shard" "pretrain -m x -t tok.json $1" "$1: .*$2"
	fails 1 "pretrain: $1 as a stream" "pretrain -m x -t tok.json <$1" "standard input: .*$2"
}
named docs.jsonl 'documents.*tokenize'
named docs.jsonl.gz 'documents.*tokenize.*gzip'
named bom.jsonl 'documents.*tokenize'
named conv.jsonl 'conversations.*sft'
named rollouts.jsonl 'rollouts.*rltrain'
named pairs.jsonl 'preference pairs.*rltrain'
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
		"not a model directory.*looks like .*${f#*:}"
done
fails 1 'text: what a line is to be' 'sft -m base -o x text.txt' 'a line is as in conversations'
fails 1 'documents without a text are not called documents' '
	echo "{\"text\":7}" | dedup
' "none of 1 lines is a document: the first: [^;]*[^d]$"
ok 'nothing was written' '[ ! -e x ]'
done_testing
