#!/bin/sh
# The whole pipe, from web pages to a chat answer; joined streams; streams whose
# writer died, detected without pipefail.
. "${0%/*}/lib.sh"
needs_command mandoc

small="--layers 2 --width 64 --heads 4 --context 64 --batch 8"
# The manual serves as the web here: pages, some of them under two addresses.
mkdir pages
for page in "$TOP"/man/*.[157]; do
	mandoc -T html "$page" >"pages/${page##*/}.html"
done
for page in dedup.1 shard.5 tokens.5; do
	cp "pages/$page.html" "pages/copy-of-$page.html"
done
tar -czf pages.tar.gz pages
cat >questions <<'QUESTIONS'
What is between the stages?	A pipe.
Who writes to standard output?	Every stage does.
How do I keep the first of equal documents?	With dedup.
Where do tokens end?	In a trailer with their sum.
QUESTIONS
awk -F '\t' '{ printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}," \
	"{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", $1, $2 }' questions >conv

ok 'an archive of pages becomes documents, each once' '
	crawlclean -q --off gopher-letters --off gopher-stop-words \
		--off c4-curly-bracket <pages.tar.gz | dedup >docs 2>err
	test $(wc -l <docs) -ge 10
	grep -o "\"source\":\"[^\"]*/[^\"]*\"" docs | sed "s|.*/||; s/copy-of-//" |
		sort >names
	test $(wc -l <names) = $(wc -l <docs)
	test -z "$(uniq -d names)"
	not grep -e "<div" -e "&lt;" docs
'
ok 'the first commands of the README work, with a smaller model' '
	mkdir readme && cd readme
	cp ../pages.tar.gz crawl.warc.gz
	cp ../conv conversations.jsonl
	awk "/^\\t/ { on = 1; print; next } on { exit }" "$TOP/README" |
		sed "s/pretrain/& --layers 1 --width 32 --batch 4 --steps 3/
			s/crawlclean/& --off gopher-letters --off gopher-stop-words/" >commands
	[ "$(grep -c . commands)" -ge 6 ]
	sh -e commands
	[ -s assistant/model.safetensors ]
'
ok 'documents become tokens, and tokens a base model' '
	bpe-train -q -n 600 -p smollm -o tok.json docs
	tokenize -q -t tok.json docs | shard cat | pretrain -q -o base -t tok.json $small
	awk -F "\t" "NR == 2 { first = \$2 } { last = \$2 }
		END { exit !(last < first - 1) }" base/trainlog.tsv
'
ok 'a few conversations make it a chat model' '
	sft -q -m base -o chat --epochs 60 --batch 4 --lr 0.003 conv
	while IFS="$(printf "\t")" read -r question answer; do
		got=$(chat -q -m chat --greedy -n 40 --prompt "$question")
		test "$got" = "$answer" || { echo "$question: $got"; exit 1; }
	done <questions
'
ok 'generate gives the same answer from conversations' '
	sed "s/,{\"role\":\"assistant.*/]}/" conv |
		generate -q -m chat --greedy -n 40 --jsonl |
		sed "s/.*\"text\":\"\([^\"]*\)\".*/\1/" >got
	cut -f 2 questions | cmp - got
'
ok 'sample, grade and train: the right one of two answers becomes more likely' '
	awk "BEGIN { for (i = 0; i < 80; i++) printf \"{\\\"messages\\\":[\" \
		\"{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"Left or right?\\\"},\" \
		\"{\\\"role\\\":\\\"assistant\\\",\\\"content\\\":\\\"%s\\\"}]}\\n\",
		i % 2 ? \"Left.\" : \"Right.\" }" | sft -q -m base -o both --epochs 20 --lr 0.003
	echo "{\"id\":\"q\",\"messages\":[{\"role\":\"user\",\"content\":\"Left or right?\"}],\"answer\":\"Right.\"}" >prompt
	cp -r both rl
	for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
		rlsample -q -m rl -s $round -N 32 -n 8 prompt | grade -q --exact |
			rltrain -q -m rl -o rl --lr 0.002
	done
	for m in both rl; do
		rlsample -q -m $m -s 99 -N 200 -n 8 prompt | grade -q --exact |
			grep -c "\"reward\":1" >$m.right
	done
	echo "of 200: before $(cat both.right), after $(cat rl.right)"
	test $(cat both.right) -lt 150
	test $(cat rl.right) -gt 170
'
ok 'the chain of commands is in the last model, in order' '
	sed "s/^\([a-z]*\) -*\([a-z]*\).*/\1/" rl/provenance.txt | tr "\n" " " >chain
	cat rl/provenance.txt
	case $(cat chain) in
	"crawlclean dedup tokenize shard pretrain sft rltrain "*) ;; *) exit 1 ;; esac
	grep -qx "tokenize -q -t tok.json docs" rl/provenance.txt
	grep -q "^sft .* --epochs 20" rl/provenance.txt
'
ok 'the whole pipe as one command gives the same bytes' '
	for m in one two; do
		crawlclean -q --off gopher-letters --off gopher-stop-words \
			--off c4-curly-bracket pages.tar.gz | dedup -q |
			tokenize -q -t tok.json | shard head -n 3000 |
			pretrain -q -o model -t tok.json $small
		mv model $m
	done
	for f in model.safetensors trainlog.tsv config.json provenance.txt; do
		cmp one/$f two/$f
	done
	test "$(sed "s/ .*//" one/provenance.txt | tr "\n" " ")" = "crawlclean dedup tokenize shard pretrain "
'

# ---- joined and truncated streams ----

tokenize -q -t tok.json docs >whole 2>/dev/null
size=$(wc -c <whole)
ok 'the streams of two writers follow one another' '
	head -n 3 docs >a && tail -n +4 docs >b
	{ tokenize -q -t tok.json a; tokenize -q -t tok.json b; } |
		shard split -o joined
	shard split -o straight whole
	cmp joined_train_000001.bin straight_train_000001.bin
	{ tokenize -q -t tok.json a; tokenize -q -t tok.json b; } |
		pretrain -q -o joined -t tok.json $small
	tokenize -q -t tok.json docs | pretrain -q -o straight -t tok.json $small
	cmp joined/model.safetensors straight/model.safetensors
	test $(grep -c "^tokenize" joined/provenance.txt) = 2
'
for at in 5 60 1000 $((size / 2)) $((size - 24)) $((size - 1))
do
	fails 1 "pretrain: its writer died after $at bytes" '
		(tokenize -q -t tok.json docs | head -c '$at') |
			pretrain -q -o dead -t tok.json $small
	' '^pretrain: standard input: the token stream ends early'
	fails 1 "shard: after $at bytes" '
		(tokenize -q -t tok.json docs | head -c '$at') | shard split -o dead
	' '^shard: standard input: the token stream ends early'
	fails 1 "tokenize -d: after $at bytes" '
		(tokenize -q -t tok.json docs | head -c '$at') |
			tokenize -d -t tok.json >dead.txt
	' '^tokenize: standard input: the token stream ends early'
	fails 1 "shard cat, as the second stream: after $at bytes" '
		{ cat whole; tokenize -q -t tok.json docs | head -c '$at'; } |
			shard cat >dead.out
	' '^shard: standard input: the token stream ends early'
	fails 1 "a chain of programs names the one that noticed: after $at bytes" '
		(tokenize -q -t tok.json docs | head -c '$at') | shard cat |
			pretrain -q -o dead -t tok.json $small
	' '^pretrain: standard input: '
done
ok 'nothing that looks complete is left' '
	for f in dead*_train_*.bin dead/model.safetensors dead/training.safetensors; do
		test ! -e "$f"
	done
'
fails 1 'a writer that cannot start' '
	tokenize -q -t missing.json docs | pretrain -q -o dead2 -t tok.json $small
' '^pretrain: standard input: '
fails 1 'a truncated crawl' '
	head -c 20000 pages.tar.gz | crawlclean -q >out
' '^crawlclean: standard input'
done_testing
