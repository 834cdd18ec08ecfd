#!/bin/sh
# The commands that made the documents travel with them, up to the model.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1

first() { head -n 1 "$@" | grep -o '"provenance":\[[^]]*\]'; }
train() {	# DIR SHARD...: two steps of a small model
	dir=$1; shift
	pretrain -q --force -o $dir -t tok.json --layers 1 --width 32 --heads 2 \
		--context 32 --batch 2 --steps 2 "$@"
}
chain() { sed 's/^\([a-z]*\).*/\1/' "$1" | tr '\n' ' '; }

ok 'only the first document carries the commands' '
	crawlclean -q --rules-for docs crawl.warc >a
	test "$(first a)" = "\"provenance\":[\"crawlclean --rules-for=docs\"]"
	test "$(grep -c provenance a)" = 1
	docs -q -b line text.txt >b
	test "$(first b)" = "\"provenance\":[\"docs --by=line\"]"
	test "$(grep -c provenance b)" = 1
'
ok 'stages that pass documents on add their command' '
	crawlclean -q crawl.warc | dedup -q --by exact | crawlclean -q -i docs >c
	test "$(first c)" = "\"provenance\":[\"crawlclean\",\"dedup --by=exact\",\"crawlclean --input=docs\"]"
'
ok 'threads, -q, destination and source change no byte' '
	crawlclean -q -j 1 crawl.warc >a
	crawlclean -v -j 3 --stats st -o b <crawl.warc.gz
	cmp a b
'
ok 'documents from other programs pass byte for byte' '
	doc 1 a >in
	dedup -q in | cmp - in
	printf "%s\n" "{\"text\":\"a\",\"metadata\":{\"provenance\":\"x\"}}" >in
	dedup -q in | cmp - in
'
ok 'a model trained on shards records its crawl' '
	crawlclean -q crawl.warc | dedup -q --by exact | tokenize -q -t tok.json --val-share 0 -o web
	train m web_train_000001.bin
	test "$(chain m/provenance.txt)" = "crawlclean dedup tokenize pretrain "
'
ok 'so does one trained on a stream' '
	crawlclean -q crawl.warc | tokenize -q -t tok.json | train m2
	test "$(chain m2/provenance.txt)" = "crawlclean tokenize pretrain "
'
ok 'shards of two crawls record both chains' '
	crawlclean -q crawl.warc >a
	docs -q text.txt >b
	tokenize -q -t tok.json --val-share 0 -o two a b
	train m3 two_train_000001.bin
	test "$(chain m3/provenance.txt)" = "crawlclean docs tokenize pretrain "
'
ok 'a forged command cannot add lines to the header' '
	printf "%s\n" "{\"text\":\"a\",\"metadata\":{\"provenance\":[\"x\\nvocab 3\\n\\nby y\",7,null]}}" |
		tokenize -q -t tok.json >s.tok
	shard info s.tok >info
	grep -qx "by	x?vocab 3??by y" info
	shard check s.tok
'
done_testing
