#!/bin/sh
# demo.sh [DIR] - from web pages to a chat model, step by step
#
# Every stage is a plain pipe and leaves its files in DIR (demo), so that you
# can inspect what passes between them. QUICK=1 does the same with less data
# in two minutes. `make demo` runs it with the built programs in PATH.
set -eu
here=$(cd "${0%/*}" && pwd)
dir=${1:-demo}
case ${QUICK:-} in
'')	packages='python3\.[0-9]+-doc|apache2-doc|debian-faq(-de|-fr|-it|-nl)?|debian-reference-(en|de|fr|es|it|pt|ja|zh-cn)'
	sums=60000 layers=4 width=128 steps=900 sft_steps=300
	rounds=8 prompts=64 heldout=200 vocab=2048 ;;
tiny)	# for the tests: every stage, nothing learned
	packages='debian-faq'
	sums=300 layers=1 width=32 steps=6 sft_steps=4
	rounds=1 prompts=4 heldout=5 vocab=512 ;;
*)	packages='apache2-doc|debian-faq(-de|-fr)?'
	sums=12000 layers=3 width=96 steps=300 sft_steps=300
	rounds=4 prompts=48 heldout=100 vocab=1024 ;;
esac
mkdir -p "$dir/pages"
cd "$dir"
rm -rf base chat rl ./*.jsonl ./*.tsv ./*.bin tok.json
began=$(date +%s)
say() { printf '\n== %s\n' "$*"; }
seconds() { echo $(($(date +%s) - began)) s; }

# ---- 1. Pages ----------------------------------------------------------------
# Documentation packages of the distribution are real web pages in many
# languages. They are downloaded but not installed: crawlclean reads .deb files
# directly. Package names change between releases, so they are looked up.
say '1. Web pages'
if command -v apt-get >/dev/null && [ -z "$(ls pages)" ]; then
	apt-cache pkgnames 2>/dev/null | grep -q -x apache2-doc || {
		echo 'Fetching the package lists first.'
		apt-get update -q >/dev/null 2>&1 || sudo -n apt-get update -q \
			>/dev/null 2>&1 || true
	}
	apt-cache pkgnames 2>/dev/null | grep -E -x -e "$packages" | sort |
	while read -r name; do
		(cd pages && apt-get download -q "$name" >/dev/null 2>&1) ||
			echo "$name: cannot be downloaded"
	done
fi
if ! ls pages/*.deb >/dev/null 2>&1; then
	echo 'No package could be downloaded: using HTML found on this machine.'
	find /usr/share/doc /usr/share/help -name '*.html' -size +4k 2>/dev/null |
		head -n 2000 | tar -czf pages/found.tar.gz -T - 2>/dev/null || true
	if [ ! -s pages/found.tar.gz ] || [ "$(wc -c <pages/found.tar.gz)" -lt 20000 ]; then
		echo 'There is none: using the manual pages of this project.'
		rm -f pages/found.tar.gz
		for page in "$here"/../man/*.[157]; do
			name=${page##*/}
			mandoc -T html "$page" >"pages/$name.html" 2>/dev/null ||
				{ echo '<html><body><pre>'; cat "$page"; } >"pages/$name.html"
		done
	fi
fi
ls -sh pages

# ---- 2. Clean ----------------------------------------------------------------
say '2. crawlclean: main text, language, quality; why pages were dropped'
# The rules are FineWeb's, made for English prose. Some of them would drop most
# pages of software manuals in other languages; the set docs leaves those out.
crawlclean --rules-for docs --stats clean.tsv pages >clean.jsonl
awk -F '\t' '$2 != 0' clean.tsv

grep -o '"language":"[a-zA-Z-]*"' clean.jsonl | sort | uniq -c | sort -rn | head -n 12
echo 'The first document:'
head -n 1 clean.jsonl | cut -c 1-400

say '3. dedup: the first of equal or nearly equal documents'
dedup clean.jsonl >web.jsonl
wc -lc clean.jsonl web.jsonl

# ---- 3. Tokens ---------------------------------------------------------------
# This web also contains addition exercises. Most answers are given at once, and
# half of those are wrong; the others show the work.
awk -f "$here/sums.awk" -v what=text -v n=$sums -v seed=1 >sums.jsonl
awk -v seed=7 'BEGIN { x = seed }
	{ x = x * 16807 % 2147483647; printf "%010d\t%s\n", x, $0 }' web.jsonl sums.jsonl |
	sort | cut -f 2- >mix.jsonl

say '4. bpe-train, tokenize: text into tokens'
bpe-train -n $vocab -p smollm -o tok.json mix.jsonl
tokenize -t tok.json -o tokens mix.jsonl
tokenize -t tok.json -c mix.jsonl
printf 'What is 47+85? Unix pipes join small programs.' | tokenize -t tok.json -r -a

# ---- 4. A base model ---------------------------------------------------------
say '5. pretrain: predict the next token'
pretrain_began=$(date +%s)
pretrain -o base -t tok.json --layers $layers --width $width --heads 4 \
	--context 256 --batch 32 --steps $steps --optimizer muon --schedule linear \
	--val-file tokens_val_000000.bin --val-every 300 tokens_train_*.bin
speed=$(awk -F '\t' -v t=$(($(date +%s) - pretrain_began)) '
	NR == 1 { while ($++c != "tokens") if (c == NF) exit 1; next }
	{ n = $c } END { print int(n / (t ? t : 1)) }' base/trainlog.tsv)

curves -c loss,val_loss --smooth 10 --height 10 base
curves --html base.html base

say 'A base model makes up documents:'
generate -q -m base --bos -n 80 -N 2 --temp 0.9 ''
generate -q -m base --echo -n 80 --temp 0.9 'The server is'
say 'and gets creative with sums:'
generate -q -m base -n 24 -N 4 --temp 1 --stop '
' 'What is 47+85?'

# ---- 5. An assistant ---------------------------------------------------------
say '6. sft: conversations'
{	awk -f "$here/conversations.awk" -v n=1500 -v seed=1
	cat "$here/conversations.jsonl"
	awk -f "$here/sums.awk" -v what=chat -v n=3000 -v seed=2
} >conv.jsonl
wc -l conv.jsonl
sft -m base -o chat --steps $sft_steps --optimizer muon --matrix-lr 0.005 --schedule linear conv.jsonl
say 'The same questions before and after:'
for question in 'Who are you?' 'What is 47+85?'; do
	echo "> $question"
	printf 'base: %s\n' "$(generate -q -m base -n 24 --greedy "$question" | tr '\n' ' ')"
	printf 'chat: %s\n' "$(chat -q -m chat --greedy -p "$question")"
done

accuracy() {	# MODEL: sampled accuracy on held-out sums
	awk -f "$here/sums.awk" -v what=prompts -v n=$heldout -v seed=99 -v held=1 |
		rlsample -q -m "$1" -N 4 -n 48 -s 5 | grade -q --number | tee "eval-$1.jsonl" |
		awk '{ n++; if (match($0, /"reward":[0-9.]+/)) r += substr($0, RSTART + 9, RLENGTH - 9)
			if (/Work:/) w++ }
			END { printf "%.3f right, %.2f worked out\n", r / n, w / n }'
}
majority=$(awk -f "$here/sums.awk" -v what=prompts -v n=$heldout -v seed=99 -v held=1 |
	sed 's/.*"answer":"//; s/".*//' | sort | uniq -c | sort -rn |
	awk 'NR == 1 { best = $1 } { n += $1 } END { printf "%.3f", best / n }')
before=$(accuracy chat)
echo "held-out sums: $before (always giving the most common answer: $majority)"

# ---- 6. Reinforcement learning ----------------------------------------------
say '7. rlsample | grade | rltrain: try, reinforce what is right, repeat'
cp -r chat rl
round=1
while [ $round -le $rounds ]; do
	awk -f "$here/sums.awk" -v what=prompts -v n=$prompts -v seed=$((1000 + round)) |
		rlsample -q -m rl -N 16 -n 48 -s $round | grade -q --number >round.jsonl
	awk -v r=$round '{ n++; if (match($0, /"reward":[0-9.]+/)) s += substr($0, RSTART + 9, RLENGTH - 9)
		if (/Work:/) w++ }
		END { printf "round %d: %.3f right, %.2f worked out\n", r, s / n, w / n }' round.jsonl
	rltrain -q -m rl -o rl --loss dr-grpo --batch 256 --lr 3e-4 round.jsonl
	round=$((round + 1))
done
after=$(accuracy rl)

say '8. chat'
printf '%s\n' 'Hello!' 'Who are you?' 'What is 47+85?' 'What does dedup do?' \
	'What is the weather in Rome?' |
	while read -r line; do
		printf '> %s\n' "$line"
		chat -q -m rl --greedy -p "$line"
	done

# ---- report ------------------------------------------------------------------
say 'Report'
pages=$(awk -F '\t' '$1 == "pages" { print $2 }' clean.tsv)
bytes=$(awk -F '\t' '$1 == "bytes" { print $2 }' clean.tsv)
echo "pages read            $pages of $bytes bytes"
awk -F '\t' '/^drop\./ && $2 > 0 { sub(/^drop\./, "", $1); print $2, $1 }' clean.tsv |
	sort -rn | awk '{ s = s (NR > 1 ? ", " : "") $2 " " $1 }
	END { print "pages dropped         " s }'
echo "documents kept        $(wc -l <clean.jsonl) after the rules, $(wc -l <web.jsonl) after dedup"
tokenize -q -t tok.json -c web.jsonl | awk -F '\t' 'NR == 2 {
	printf "web text              %d bytes, %d tokens, %s bytes per token\n", $2, $3, $4 }'
echo "validation loss       $(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "val_loss") c = i; next } $c != "nan" { v = $c } END { print v }' base/trainlog.tsv)"
echo "pretraining           $speed tokens/s"
echo "sums before RL        $before"
echo "sums after RL         $after"
echo "commonest answer      $majority"
echo "time                  $(seconds)"
echo "All files are in $dir/: clean.jsonl, web.jsonl, tok.json, tokens_*.bin, base/, base.html, conv.jsonl, chat/, round.jsonl, rl/"
