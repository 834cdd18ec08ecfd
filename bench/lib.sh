# lib.sh - figures beside a peer's in one run. Sourced by the scripts
# that name one.

median() { sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }
machine() { sed -n 's/^model name[^:]*: /machine: /p' /proc/cpuinfo | sort -u; }

# compare WHAT BAR THEIRS OURS: alternates the two commands, which print a rate, RUNS
# times, and prints the medians; PEER is the name of the other.
compare() {
	what=$1 bar=$2
	shift 2
	rm -f a b
	run=0
	while [ $run -lt "$RUNS" ]; do
		$1 >>a
		$2 >>b
		run=$((run + 1))
	done
	awk -v what="$what" -v bar="$bar" -v peer="$PEER" -v a="$(median <a)" \
		-v b="$(median <b)" 'BEGIN {
		printf "%-44s %s %9.1f  ours %9.1f  %5.2f times, bar %s  %s\n",
			what, peer, a, b, b / a, bar, (b >= bar * a) ? "ok" : "below" }'
}
