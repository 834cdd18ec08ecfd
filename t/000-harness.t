#!/bin/sh
# The harness itself: what should fail does fail.
. "${0%/*}/lib.sh"

# Runs a test script made of the given lines and prints its TAP.
mkdir inner && cp "$TOP/t/lib.sh" inner/
inner() {
	{ printf '. "${0%%/*}/lib.sh"\n'; printf '%s\n' "$@" done_testing; } \
		>inner/x.t
	PIPELM_BUILD=$BUILD sh inner/x.t
}

ok 'a true command passes' '
	inner "ok works true" >out
	grep -q "^ok 1 - works" out
'
fails 1 'a script with a failed case exits 1' '
	inner "ok breaks false"
'
ok 'a failing command in the middle of a case fails the case' '
	inner "ok middle \"true" false "true\"" >out || true
	grep -q "^not ok 1 - middle" out
'
ok 'so does one inside a function or a subshell' '
	inner "f() { false; true; }" "ok f f" "ok s \"(false; true)\"" >out || true
	test "$(grep -c "^not ok" out)" = 2
'
ok 'a && chain fails as a whole' '
	inner "ok chain \"true && false && true\"" >out || true
	grep -q "^not ok 1" out
'
ok 'fails requires the given exit status, not just any failure' '
	inner "fails 2 two \"exit 1\"" >out || true
	grep -q "^not ok 1" out
'
ok 'fails requires the given message' '
	inner "fails 1 m \"echo wrong >&2; exit 1\" right" >out || true
	grep -q "^not ok 1" out
'
ok 'a script that dies prints no plan' '
	inner "ok one true" "exit 0" >out || true
	not grep -q "^1\.\." out
'
ok 'each script has a directory, HOME and TMPDIR of its own' '
	case $PWD in */pipelm.*/work) ;; *) false ;; esac
	test "$HOME" = "${PWD%/work}/home"
	test -d "$TMPDIR"
'
ok 'standard input is empty' '
	test -z "$(cat)"
'
ok 'a passing script leaves no files, a failing one keeps its files' '
	rm -rf "$TMPDIR"/*
	inner "ok t \"echo hi >x\"" >out
	test -z "$(ls "$TMPDIR")"
	inner "ok t \"echo hi >x; false\"" >out || true
	test "$(cat "$TMPDIR"/pipelm.*/work/x)" = hi
'
ok 'close compares within a tolerance in both directions' '
	close 1.0001 1 1e-3
	not close 1.01 1 1e-3
	not close 0.99 1 1e-3
'
ok 'a negated command that succeeds fails the case anywhere in it' '
	printf "kill -11 \$\$\n" >crash
	inner "ok succeeds \"not true
		true\"" "ok nofile \"not grep x nofile
		true\"" "ok crashes \"not sh $PWD/crash
		true\"" "ok missing \"not no-such-command
		true\"" >out || true
	test "$(grep -c "^not ok" out)" = 4
	inner "ok no \"not false
		not grep x /dev/null\""
'
ok 'lint reports a negation that set -e ignores' '
	mkdir -p lint/t && cd lint
	printf "ok x \"\n\t\041 false\n\ttrue && \041 false\n\"\n" >t/010-x.t
	sh "$TOP/tools/lint.sh" build >out 2>/dev/null || true
	grep -q "t/010-x.t:2: .*not" out
	grep -q "t/010-x.t:3: .*not" out
'
done_testing
