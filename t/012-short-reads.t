#!/bin/sh
# Reading and writing when each call transfers few bytes and some are interrupted.
. "${0%/*}/lib.sh"

{ seq 1 100000; head -c 300000 /dev/zero; echo; seq 1 10; printf 'no newline'; } >data
for how in "" -l
do
	ok "all bytes pass${how:+, by lines}: to standard output, a pipe, a file" "
		unit shortio $how <data >out
		cmp data out
		cat data | unit shortio $how - | cmp data -
		unit shortio $how - <data | unit shortio $how file
		cmp data file
	"
done
ok 'empty input and a single byte pass unchanged' '
	unit shortio </dev/null | cmp - /dev/null
	test "$(printf x | unit shortio -l)" = x
	test "$(printf x | unit shortio)" = x
'
done_testing
