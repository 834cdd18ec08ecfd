#!/bin/sh
# tokenize: ids equal to tiktoken's, decoding, the same bytes whatever -j.
. "${0%/*}/lib.sh"

given=$SHARED/data/tokens/cases vocabs=$SHARED/data/vocab
seq 1 3000 | sed 's/$/ the cat sat on the mat, and it'"'"'s 12345 more'/ >text
bpe-train -q -n 400 -r text -o t.json

# The gpt2 pattern in an unknown spelling, so that PCRE2 does the splitting.
cat >pattern <<'END'
's|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
END

# same VOCABULARY FILE: the ids of every valid case are those of tiktoken, and
# every case, valid or not, is decoded to its bytes.
same() {
	tokenize -q -t "$vocabs/$2" -r -a "$given"/*.bin >lines
	tokenize -t "$vocabs/$2" -d lines >back
	cat "$given"/*.bin | cmp - back
	rm -f wrong
	i=0
	for b in "$given"/*.bin; do
		i=$((i + 1)) n=${b##*/}
		n=${n%.bin}
		case $n in inv_*) continue ;; esac
		sed -n "${i}p" lines | tr ' ' '\n' | grep . >list || true
		cmp -s list "$given/$n.$1.ids" || echo "$n: other ids" >>wrong
	done
	test "$i" -gt 100
	test ! -s wrong || { cat wrong; return 1; }
}

for pair in gpt2:r50k_base cl100k:cl100k_base o200k:o200k_base; do
	if [ -d "$given" ]; then
		ok "${pair%:*}: every valid case has tiktoken's ids" "
			same ${pair%:*} ${pair#*:}.tiktoken"
	else
		skip "${pair%:*}: tiktoken's ids" 'no shared/data/tokens'
	fi
done
if [ -d "$vocabs" ]; then
	ok 'tokenizer.json and rank file are the same vocabulary' '
		for v in r50k_base cl100k_base; do
			doc 1 "some text" >in
			for f in $v.tiktoken $v.tokenizer.json; do
				tokenize -q -t "$vocabs/$f" --no-eot in >$f.s
				shard info $f.s | grep "^tokenizer" >$f.h
			done
			cmp $v.tiktoken.h $v.tokenizer.json.h
		done
	'
	ok 'a published rank file is recognised and gets its pattern' '
		printf "x = 12345;\n" >in
		tokenize -q -t "$vocabs/cl100k_base.tiktoken" -r -a in >a
		tokenize -q -t "$vocabs/cl100k_base.tiktoken" -p cl100k -r -a in |
			cmp - a
	'
	ok 'plain C, AVX2 and AVX-512 find the same words' '
		cat "$given"/*.bin >all
		for v in r50k cl100k o200k; do
			PIPELM_ISA=c tokenize -q -r -a all \
				-t "$vocabs/${v}_base.tiktoken" >c.ids
			for isa in avx2 avx512; do
				grep -qw "${isa}[a-z]*" /proc/cpuinfo || continue
				PIPELM_ISA=$isa tokenize -q -r -a all \
					-t "$vocabs/${v}_base.tiktoken" |
					cmp - c.ids
			done
		done
	'
fi

ok 'all bytes and pairs of bytes survive encoding and decoding' '
	awk "BEGIN { for (i = 0; i < 256; i++) for (j = 0; j < 256; j++)
		printf \"\\\\%03o\\\\%03o\", i, j }" >fmt
	printf "$(cat fmt)" >bytes
	test "$(wc -c <bytes)" = 131072
	for p in gpt2 smollm cl100k o200k "[a-z]+|."; do
		tokenize -q -t t.json -p "$p" -r bytes |
			tokenize -t t.json -p "$p" -d | cmp - bytes
	done
'
ok 'documents: each ends with eot; with -a each is one line of ids' '
	doc a "the cat" >in
	doc b "the mat" >>in
	tokenize -q -t t.json in >s
	test "$(tokenize -t t.json -d --specials s)" = \
		"the cat<|endoftext|>the mat<|endoftext|>"
	test "$(tokenize -q -t t.json -a in | wc -l)" = 2
	tokenize -q -t t.json --no-eot in | tokenize -t t.json -d --specials |
		grep -qx "the catthe mat"
'
ok 'text that spells a special token stays text' '
	printf "<|endoftext|>" >in
	tokenize -q -t t.json -r -a in >ids
	not grep -qw 400 ids
	tokenize -t t.json -d ids | cmp - in
'
ok 'the smollm pattern splits digits one by one' '
	printf "12345" >in
	test "$(tokenize -q -t t.json -p smollm -r -a in | wc -w)" = 5
'
ok 'a custom pattern splits as PCRE2 does' '
	printf "aXbXc" >in
	bpe-train -q -n 257 -p "[^X]+|X" -r in -o u.json || true
	test "$(tokenize -q -t u.json -r -a in)" = "97 88 98 88 99"
'
ok 'a long run that a slow pattern matches as one word stays one word' '
	yes aB3 | head -n 200000 | tr -d "\n" >run
	{ printf "Intro, "; cat run; printf " then: it goes on, 12 words"; } >in
	tokenize -q -t t.json -p "[a-zA-Z0-9]+|\s+|." -r -a in >want
	tokenize -q -t t.json -p "(?:[a-z]|[A-Z]|[0-9])+|\s+|." -r -a in | cmp - want
'
ok 'empty matches of a pattern separate words too' '
	printf " cat" >in
	tokenize -q -t t.json -p "(?<=a)(?=t)" -r -a in >got
	tokenize -q -t t.json -r -a in >whole
	differ whole got
	for part in " ca" t; do
		printf "$part" | tokenize -q -t t.json -r -a
	done | tr "\n" " " | sed "s/ $//" >want
	tr -d "\n" <got | cmp - want
'
ok 'the same bytes whatever -j is' '
	for i in 1 2 3 4 5 6 7 8; do cat text; done >big
	awk "{ printf \"{\\\"text\\\":\\\"%s\\\"}\\n\", \$0 }" text >docs
	tokenize -q -t t.json -r -j 1 big >j1.s
	tokenize -q -t t.json -r -j 3 big >j3.s
	tokenize -q -t t.json -j 1 docs -a >j1.a
	tokenize -q -t t.json -j 3 docs -a | cmp - j1.a
	tail -c +200 j1.s | tail -c 100000 >a
	tail -c 100000 j3.s | cmp - a
	tokenize -t t.json -d j3.s | cmp - big
'
ok 'a long document split among threads gets the same ids' '
	for i in 1 2 3 4 5 6 7 8 9 10; do cat text; done >part
	for i in 1 2 3 4; do cat part; done >big
	tokenize -q -t t.json -r -a -j 2 big >cut
	cp big uncut
	tokenize -q -t t.json -r -a -j 1 -p "$(cat pattern)" \
		uncut | cmp - cut
'
ok 'worst cases: a million characters of one kind take seconds' '
	for s in a " " "=" "\n" "\351\252\244"; do
		yes "$(printf "$s.")" | head -n 1000000 | tr -d ".\n" >run
		[ "$s" != "\n" ] || yes "" | head -n 1000000 >run
		timeout 20 tokenize -q -t t.json -r run |
			tokenize -t t.json -d | cmp - run
	done
'
ok '-c counts documents, bytes and tokens' '
	doc a "the cat" >in
	n=$(tokenize -q -t t.json -a in | wc -w)
	tokenize -q -t t.json -c in | tail -n 1 >got
	printf "1\t7\t%d\t" "$n" >want
	head -c "$(wc -c <want)" got | cmp - want
'
ok '-c -v counts each file, including empty and repeated ones' '
	doc a "the cat" >a
	: >none
	doc b "a mat" >b
	doc c "mats" >>b
	na=$(tokenize -q -t t.json -a a | wc -w)
	nb=$(tokenize -q -t t.json -a b | wc -w)
	tokenize -q -t t.json -c -v none a b none b | cut -f 1-3,5 >got
	printf "%s\t%s\t%s\t%s\n" documents bytes tokens file 0 0 0 none \
		1 7 $na a 2 9 $nb b 0 0 0 none 2 9 $nb b \
		5 25 $((na + 2 * nb)) total >want
	cmp want got
	printf "the cat" >raw
	tokenize -q -t t.json -c -v -r raw - raw <raw | cut -f 1-3,5 >got
	printf "1\t7\t$na\t%s\n" raw - raw >want
	sed 1d got | head -n 3 | cmp - want
'
ok 'shards: evenly spaced documents go to validation' '
	for i in $(seq 1 50); do doc $i "the cat $i"; done >in
	tokenize -q -t t.json -o p --val-share 0.1 --shard-size 200 in
	shard check p_*.bin
	test "$(shard info p_val_000000.bin | grep documents)" = \
		"$(printf "documents\t5")"
	shard cat p_train_*.bin p_val_000000.bin | tokenize -t t.json -d \
		--specials | sed "s/<|endoftext|>/\n/g" | sort >got
	seq 1 50 | sed "s/^/the cat /" | sort >want
	grep . got | cmp - want
'
ok 'the HTML page of --html escapes the text' '
	printf "<script>alert(1)</script> & \033[31m" >in
	tokenize -q -t t.json -r --html in >page
	not grep -q "alert(1)</script>" page
	not grep -q "$(printf "\033")" page
	grep -q "&lt;" page
'
# The ids that a page lists, a column per line.
page_ids() { grep -o "<pre><b.*</b></pre>\|<pre></pre>" "$1" | sed 's/<[^>]*>//g; s/,//g'; }
ok 'several vocabularies: each column has the ids of its vocabulary' '
	bpe-train -q -n 300 -p gpt2 -o other.json -r text
	{ doc 1 "the cat, the hat"; doc 2 ""; doc 3 "na\u00efve \ud83d\ude00 <|endoftext|>"; } >in
	tokenize -q -t t.json -t other.json --html -o page in
	tokenize -q -t t.json -a in >a
	tokenize -q -t other.json -a in >b
	paste -d "\n" a b >want
	page_ids page | cmp - want
	[ "$(grep -c "<h3>t.json</h3>" page)" = 3 ]
	grep -q "<td>other.json</td><td class=.n.>[0-9]*</td><td class=.n.>$(wc -w <b)</td>" page
'
ok 'the page shows the text: tokens that make one character together are one segment' '
	grep -o "<i class=[^>]*>[^<]*</i>" page | sed "s/<[^>]*>//g" | tr -d "\n" >got
	grep -q "😀" got
	grep -q "&lt;|endoftext|&gt;" got
'
fails 2 'several vocabularies only for pages' 'tokenize -t t.json -t other.json -a in' \
	'more than one -t goes with --html'
fails 2 '--chat only for pages' 'tokenize -t t.json --chat in' '--chat goes with --html'
unit mkmodel chatty chat=1
ok '--chat: ids of the chat template, as generate has them, and the mask' '
	cat >talk <<-X
	{"id":"a","messages":[{"role":"user","content":"Hi <|im_end|> you"}]}
	{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"bcd"}]}
	X
	tokenize -q -t chatty --chat --html -o page talk
	generate -q -m chatty --jsonl -n 0 talk | sed -n "s/.*\"prompt_ids\":\[\([0-9,]*\)\].*/\1/p" |
		tr , " " >prompts
	page_ids page >ids
	head -n 1 prompts >want
	head -n 1 ids | cmp - want
	# The second prompt of generate ends where the answer begins.
	[ "$(sed -n 2p ids | cut -d " " -f "1-$(sed -n 2p prompts | wc -w)")" = "$(sed -n 2p prompts)" ]
	grep -o "class=.t[0-7] m.[^<]*" page | sed "s/.*>//" | tr -d "\n" >masked
	grep -qx "bcd&lt;|im_end|&gt;" masked
	grep -q ">talk:2</a>" page
'
fails 1 '--chat: a vocabulary without a template' 'tokenize -t t.json --chat --html talk' 't.json: '
ok 'the view shows no raw control characters' '
	printf "a\033[31mb\007" >in
	tokenize -q -t t.json -r --view in >out
	not grep -q "$(printf "\007")" out
	esc=$(printf "\033")
	sed "s/$esc\[30;48;5;[0-9]*m//g; s/$esc\[0m//g" out >plain
	grep -q "a?\[31mb?" plain
	not grep -q "$esc" plain
'
done_testing
