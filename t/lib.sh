# lib.sh - the test harness: TAP from POSIX sh. HACKING says how to write a case.
#
# A case runs in a subshell of its own under `set -e`, never as a condition,
# where the shell would ignore -e: so any failing command fails the case.

TOP=$(cd "${0%/*}/.." && pwd)
BUILD=${PIPELM_BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
SHARED=${PIPELM_SHARED:-$TOP/../shared}
export TOP BUILD SHARED LC_ALL=C PATH="$BUILD/bin:$PATH" MANPATH="$TOP/man"
unset PIPELM_ISA PIPELM_FAIL_ALLOC
export MALLOC_PERTURB_=128	# glibc: fresh memory is 0x7f..., huge as any number

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/pipelm.XXXXXX") || exit 1
export HOME="$SCRATCH/home" TMPDIR="$SCRATCH/tmp"
mkdir "$HOME" "$TMPDIR" "$SCRATCH/work" && cd "$SCRATCH/work" || exit 1
exec </dev/null
cases=0 failed=0 finished=

# Without done_testing there is no plan, and prove says so. Failed: files stay.
trap 'cd /
[ -n "$finished" ] && [ "$failed" = 0 ] && rm -rf "$SCRATCH" ||
	echo "# kept: $SCRATCH"' EXIT
trap 'exit 1' HUP INT TERM

# Runs $1, its output and errors in case.out and case.err; sets $status.
run() {
	(set -e; eval "$1") >"$SCRATCH/case.out" 2>"$SCRATCH/case.err"
	status=$?
}

# result 0|1 NAME [COMMAND WHY]: prints the TAP line.
result() {
	cases=$((cases + 1))
	[ "$1" = 0 ] && echo "ok $cases - $2" && return
	failed=$((failed + 1))
	echo "not ok $cases - $2"
	{ printf '%s\n' "${4:-}" "status $status of:" "$3"
	tail -n 20 "$SCRATCH/case.out" "$SCRATCH/case.err"; } | sed 's/^/# /'
}

ok() {		# NAME COMMAND: every command succeeds
	run "$2"
	result "$status" "$1" "$2"
}
fails() {	# STATUS NAME COMMAND [REGEX that standard error matches]
	run "$3"
	if [ "$status" != "$1" ]; then result 1 "$2" "$3" "wanted status $1"
	elif [ -n "${4:-}" ] && ! grep -Eq -e "$4" "$SCRATCH/case.err"
	then result 1 "$2" "$3" "standard error does not match: $4"
	else result 0 "$2"; fi
}
todo() {	# NAME COMMAND: a known bug; prove tells when it is gone
	run "$2"; cases=$((cases + 1))
	[ "$status" = 0 ] && r=ok || r='not ok'
	echo "$r $cases - $1 # TODO known bug"
}
skip() { cases=$((cases + 1)); echo "ok $cases - $1 # SKIP $2"; }
skip_all() { echo "1..0 # SKIP $*"; finished=1; exit 0; }
needs_long() { [ -n "${T_LONG:-}" ] || skip_all 'T_LONG=1 runs it'; }
needs_shared() { [ -e "$SHARED/$1" ] || skip_all "there is no shared/$1"; }
needs_command() { command -v "$1" >/dev/null || skip_all "there is no $1"; }
done_testing() { echo "1..$cases"; finished=1; [ "$failed" = 0 ]; exit; }

venv() {	# PACKAGE...: sets $venv, a virtual environment that has them
	venv=$BUILD/venv
	{	! command -v flock >/dev/null || flock 9	# other scripts
		[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
		"$venv/bin/pip" -q install "$@"
	} 9>"$BUILD/venv.lock" >&2 ||
		{ skip 'with Python' "$* cannot be installed"; done_testing; }
}
doc() {		# ID TEXT: a document line; no quote and no backslash in TEXT
	printf '{"text":"%s","id":"%s"}\n' "$2" "$1"
}
unmarked() {	# documents without the commands that made them
	sed '1s/,"metadata":{"provenance":\[[^]]*\]}//; 1s/,"provenance":\[[^]]*\]//'
}
unit() { u=$1; shift; "$BUILD/unit/$u" "$@"; }
not() {		# COMMAND: it answers no; a signal or a missing file is no answer
	"$@" && return 1
	case $1,$? in grep,1 | cmp,1) ;; grep,* | cmp,* | *,12[67] | *,1[3-9]?) return 1 ;; esac
}
differ() { not cmp -s "$1" "$2"; }	# FILE FILE
column() {	# NAME FILE: a column of tab-separated values
	awk -F '\t' -v name="$1" 'NR > 1 { print $at; next }
		{ for (i = 1; i <= NF; i++) if ($i == name) at = i }' "$2"
}
close() {	# A B D: the numbers A and B differ by at most D
	awk "BEGIN { d = ($1) - ($2); exit !(d <= $3 && -d <= $3) }"
}
