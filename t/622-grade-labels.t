#!/bin/sh
# grade: verdicts against those of a person, on the answers of grade-labels.tsv.
. "${0%/*}/lib.sh"

labels=$TOP/t/grade-labels.tsv

# verdicts GRADER OPTIONS: appends kind, label, verdict, answer and text of each
# line of that grader to verdicts; half a score counts as right
verdicts() {
	grader=$1; shift
	awk -F '\t' -v g="$grader" '$2 == g' "$labels" >rows
	awk -F '\t' '
		function quote(s) {
			gsub(/\\/, "\\\\\\\\", s)
			gsub(/"/, "\\\"", s)
			gsub(/⏎/, "\\n", s)
			return "\"" s "\""
		}
		{ printf "{\"text\":%s,\"answer\":%s}\n", quote($5),
			$4 ~ /^\["/ ? $4 : quote($4) }' rows |
		grade -q --name s "$@" >graded
	sed 's/.*"s"://; s/[,}].*//' graded | paste rows - |
		awk -F '\t' '{ v = "null"
			if ($6 != "null") v = ($6 + 0 >= .5)
			print $1 "\t" $3 "\t" v "\t" $4 "\t" $5 }' >>verdicts
}

ok 'every grader gives a verdict on every labelled answer' '
	verdicts number --number
	verdicts strict --number --rule strict
	verdicts flexible --number --rule flexible
	verdicts choice --choice
	verdicts exact --exact
	verdicts em --em
	verdicts f1 --f1
	test $(wc -l <verdicts) = $(grep -vc "^#" "$labels")
	test $(wc -l <verdicts) -ge 1000
'
awk -F '\t' '$2 "" != $3 "" { print "# " $0 }' verdicts
ok 'at most .5% of all verdicts are wrong' '
	awk -F "\t" "\$2 \"\" != \$3 \"\" { wrong++ }
		END { print wrong + 0, NR; exit (wrong > .005 * NR) }" verdicts
'
ok 'at most 2% of each kind, or one, are wrong' '
	awk -F "\t" "{ n[\$1]++ } \$2 \"\" != \$3 \"\" { wrong[\$1]++ }
		END { for (k in wrong)
			if (wrong[k] > .02 * n[k] && wrong[k] > 1) {
				print k, wrong[k], n[k]
				bad = 1
			}
		exit bad }" verdicts
'
done_testing
