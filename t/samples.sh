#!/bin/sh
# samples.sh DIR - the files that the EXAMPLES of the manual pages speak of,
# made by our own programs: pages, a crawl, documents, a vocabulary, token
# files, a tiny model that can chat, conversations, prompts, rollouts, a reward
# model.
set -eu
here=$(cd "${0%/*}" && pwd)
mkdir -p "$1" && cd "$1"

page() {	# NUMBER: a page that passes the rules
	cat <<PAGE
<!doctype html><html lang="en"><head><title>Page $1</title></head><body>
<nav><a href="/">Home</a> <a href="/about">About</a></nav>
<article><h1>The garden in month $1</h1>
<p>In the month with the number $1 the gardener walks to the old wall, and he
looks at the apple trees that have stood there for a long time. He knows that
they need water and light, and that nothing else will be of help to them.</p>
<p>When the work is done, all of the people of the house sit down together on
the long bench. They talk about the weather, the price of bread, and the bees
that have come back with the first warm days of the year $1.</p>
<p>Nobody knows who built the wall. Some say that a king ordered it, others
that the stones were always there and only had to be put one on the other.</p>
</article><footer>Copyright</footer></body></html>
PAGE
}
record() {	# URL FILE: a WARC response record
	body=$(mktemp)
	{ printf 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
	cat "$2"; } >"$body"
	printf 'WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: %s\r\n' "$1"
	printf 'WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:%s>\r\n' "$1"
	printf 'Content-Type: application/http; msgtype=response\r\n'
	printf 'Content-Length: %d\r\n\r\n' "$(wc -c <"$body")"
	cat "$body"
	printf '\r\n\r\n'
	rm -f "$body"
}
page 1 >page.html
for i in 1 2 3 4 5 6 7 8
do
	page $i >p.html
	record "http://example.org/$i" p.html
done >crawl.warc
gzip -k crawl.warc
rm p.html

awk -f "$here/../examples/sums.awk" -v what=text -v n=1000 >docs.jsonl
head -n 3 docs.jsonl >>docs.jsonl
docs -q -d docs.jsonl >text.txt
mkdir notes
head -n 300 text.txt >notes/a.txt
tail -n 300 text.txt >notes/b.txt
printf '%s\n' 'one line' 'one line' 'another line' >notes/poem.txt
awk -f "$here/../examples/conversations.awk" -v n=200 >conv.jsonl
awk -f "$here/../examples/sums.awk" -v what=prompts -v n=4 >prompts.jsonl
cat >pairs.jsonl <<'PAIRS'
{"prompt":"What is 2+2?","chosen":"Answer: 4","rejected":"Answer: 5"}
{"prompt":"What is 3+5?","chosen":"Answer: 8","rejected":"Answer: 35"}
PAIRS

bpe-train -q -n 512 -p smollm -o tok.json docs.jsonl
bpe-train -q -n 512 -o tok.tiktoken docs.jsonl
tokenize -q -t tok.json --val-share 0.05 -o shard docs.jsonl
tokenize -q -t tok.json docs.jsonl >tokens.tok
pretrain -q -o base -t tok.json --layers 2 --width 32 --heads 2 --context 64 \
	--batch 4 --steps 4 shard_train_000001.bin
sft -q -m base -o chat --steps 4 conv.jsonl
rlsample -q -m chat -N 4 -n 16 prompts.jsonl >rollouts.jsonl
grade --number rollouts.jsonl >graded.jsonl
rmtrain -q -m chat -o judge --steps 4 pairs.jsonl
