#!/bin/sh
# rl.sh MODEL OUTPUT PROMPTS [ROUNDS] [rltrain's option ...] - a model learns from its
# own graded answers: sample, grade, train, and again
#
#	N=16 GRADE='--number --format boxed -w format=.1' \
#		rl.sh chat better prompts.jsonl 20 --loss rloo --lr 3e-4
#
# Each round takes the next EACH prompts of PROMPTS, which is read in a circle,
# samples N answers to each and updates the model in OUTPUT, which begins as MODEL.
# OUTPUT/rounds.tsv gets a line a round: the share of answers with full marks by the
# first grader and its 95% interval, what the commonest answer would get, the tokens of
# an answer, the share that was cut off, the mean score of each grader. With HELD, a
# file of prompts, round 0 is MODEL on these, and "final" the model after the last
# round. Called again it goes on with the round where it was stopped.
set -eu
usage='usage: rl.sh MODEL OUTPUT PROMPTS [ROUNDS] [rltrain option ...]'
[ $# -ge 3 ] || { echo "$usage" >&2; exit 2; }
model=$1 out=$2 prompts=$3
shift 3
rounds=10
case ${1:-} in
'' | -*) ;;
*[!0-9]*) echo "$usage" >&2; exit 2 ;;
*) rounds=$1; shift ;;
esac
N=${N:-8} EACH=${EACH:-64} LENGTH=${LENGTH:-256} GRADE=${GRADE:---number} HELD=${HELD:-}

[ -d "$out" ] || cp -r "$model" "$out"
log=$out/rounds.tsv
[ -s "$log" ] ||
	printf 'round\tright\tlow\thigh\tbaseline\ttokens\ttruncated\tmeans\n' >"$log"

# MODEL SEED: graded answers to the prompts on standard input, and their summary
answers() {
	# GRADE is several words.
	rlsample -q -m "$1" -s "$2" -N "$N" -n "$LENGTH" |
		grade -q $GRADE --summary "$out/summary.json"
}
# NAME: adds a line about the summary, which it also prints
report() {
	tr '{}' '\n\n' <"$out/summary.json" | awk -v round="$1" '
		function of(key) {
			if (!match($0, "\"" key "\":[^,\"]*"))
				return
			value = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
			if (!(key in seen))
				seen[key] = value
		}
		{	of("mean_tokens"); of("truncated"); of("accuracy"); of("baseline")
			if (!low && match($0, /"accuracy_interval":\[[^]]*/)) {
				split(substr($0, RSTART + 21, RLENGTH - 21), a, ",")
				low = a[1]; high = a[2]
			}
			if (/^,?"[^"]*":$/) {
				grader = $0
				gsub(/[",:]/, "", grader)
			}
			if (match($0, /^"mean":[^,]*/))
				means = means (means ? "," : "") grader "=" \
					number(substr($0, RSTART + 7, RLENGTH - 7)) }
		function number(x) { return x == "null" ? "nan" : sprintf("%.4f", x) }
		END { print round, number(seen["accuracy"]), number(low), number(high),
			number(seen["baseline"]), number(seen["mean_tokens"]),
			number(seen["truncated"]), means }' OFS='\t' |
		tee -a "$log"
}
# ROUND: its prompts
slice() {
	awk -v first=$((($1 - 1) * EACH)) -v n="$EACH" '
		{ line[NR - 1] = $0 }
		END { for (i = first; NR && i < first + n; i++) print line[i % NR] }' "$prompts" |
		awk '!seen[$0]++'
}
held() {	# NAME
	[ -n "$HELD" ] || return 0
	answers "$out" 1 <"$HELD" >/dev/null
	report "$1"
}

done=$(awk -F '\t' '$1 ~ /^[0-9]+$/ { n = $1 } END { print n + 0 }' "$log")
[ "$(wc -l <"$log")" -gt 1 ] || held 0
while [ "$done" -lt "$rounds" ]; do
	done=$((done + 1))
	slice "$done" | answers "$out" "$done" >"$out/round.jsonl"
	rltrain -q -m "$out" -o "$out" "$@" "$out/round.jsonl"
	report "$done"
done
held final
