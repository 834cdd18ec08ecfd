#!/bin/sh
# Near duplicates: recall follows the curve 1 - (1 - s^rows)^bands.
. "${0%/*}/lib.sh"

awk -v pairs=40000 -v list=pairs -f "$TOP/t/neardups.awk" >docs

# curve BANDS ROWS: for each similarity bin of at least 400 pairs, the difference
# between the share of pairs found and the curve, averaged over the pairs in the
# bin; fails if it exceeds .03.
curve() {
	awk -v bands="$1" -v rows="$2" '
	NR == FNR { cluster[$1] = $2; next }
	{
		bin = int($3 * 20); n[bin]++
		want[bin] += 1 - (1 - $3 ^ rows) ^ bands
		got[bin] += ($1 in cluster) && cluster[$1] == cluster[$2]
	}
	END {
		for (b in n) {
			if (n[b] < 400) continue
			d = (got[b] - want[b]) / n[b]; bins++
			printf "%.2f: %d pairs, found %.4f, curve %.4f\n",
				b / 20, n[b], got[b] / n[b], want[b] / n[b]
			if (d > .03 || d < -.03) bad++
		}
		exit bad > 0 || bins < 8
	}' clusters pairs
}

ok 'the generator makes pairs of every similarity' '
	test $(wc -l <docs) = 80000 &&
	awk "{ n[int(\$3 * 10)]++ } END { exit !(n[4] > 400 && n[5] > 400 &&
		n[6] > 400 && n[7] > 400 && n[8] > 400 && n[9] > 400) }" pairs
'
ok 'the exact similarity is the same when computed from the words of the C code' '
	awk "NR == FNR { j[\$2] = \$3; next }
		{ split(\$0, q, \"\\\"\"); }
		FNR % 2 { base = q[4]; next }
		FNR <= 400 { print base \"\\t\" q[4] >\"tab\"; print j[q[8]] >\"want\" }
	" pairs docs &&
	unit minhash jaccard <tab >got &&
	paste want got | awk "{ d = \$1 - \$2; if (d > 1e-5 || d < -1e-5) exit 1 }
		END { exit NR != 200 }"
'
for seed in 1 2 3; do
	ok "14 bands of 8 rows follow the curve, seed $seed" "
		dedup -q --by near -s $seed --clusters clusters docs >kept &&
		curve 14 8
	"
done
ok '20 bands of 5 rows follow the curve' '
	dedup -q --by near --bands 20 --rows 5 --clusters clusters docs >kept &&
	curve 20 5
'
ok 'exactly the copies whose pair was found are dropped' '
	dedup -q --by near --clusters clusters docs >kept &&
	awk "NR == FNR { c[\$1] = \$2; next }
		(\$1 in c) && c[\$1] == c[\$2] { print \$2 }" clusters pairs |
		sort >dropped &&
	sed "s/.*\"id\":\"//; s/\".*//" docs | sort >all &&
	sed "s/.*\"id\":\"//; s/\".*//" kept | sort | comm -23 all - |
		cmp - dropped
'
ok 'every instruction set and any number of threads give the same bytes' '
	dedup -q -j 1 docs >one && dedup -q -j 3 docs | cmp - one &&
	PIPELM_ISA=c dedup -q -j 2 docs | cmp - one &&
	if PIPELM_ISA=avx2 dedup -q </dev/null 2>/dev/null; then
		PIPELM_ISA=avx2 dedup -q docs | cmp - one
	fi
'
ok 'case, punctuation and white space do not count' '
	doc 1 "One two, three four: five six seven!" >in
	doc 2 "one TWO three  four five six... SEVEN" >>in
	test $(dedup -q --by near in | wc -l) = 1 &&
	test $(dedup -q --by exact in | wc -l) = 2
'
ok 'upper case beyond ASCII does not count either' '
	doc 1 "ÄRGER ÜBER ÖDE ŠKODA ЖЁЛТЫЙ ΑΘΗΝΑ" >in
	doc 2 "ärger über öde škoda жёлтый αθηνα" >>in
	test $(dedup -q --by near in | wc -l) = 1
'
ok 'a text shorter than a shingle matches only equal texts' '
	doc 1 "one two" >in; doc 2 "one three" >>in; doc 3 "One two!" >>in
	dedup -q --by near in >out && doc 1 "one two" >want &&
	doc 2 "one three" >>want && cmp out want
'
ok 'texts without words are not near duplicates of one another' '
	doc 1 "..." >in; doc 2 "???" >>in; doc 3 "" >>in
	dedup -q --by near in | cmp - in
'
ok 'Chinese without spaces is compared character by character' '
	doc 1 "我们今天一起去公园散步看花然后回家吃饭睡觉明天继续工作学习" >in
	doc 2 "我们今天一起去公园散步看花然后回家吃饭睡觉明天继续工作学习吧" >>in
	test $(dedup -q --by near in | wc -l) = 1
'
done_testing
