#!/bin/sh
# What programs say: one line, at once, on a line of its own.
. "${0%/*}/lib.sh"

ok 'of threads that fail at once the first is heard, and ends the program' '
	i=0
	while [ $i -lt 100 ]; do
		status=0
		unit die 8 2>err || status=$?
		[ $status = 1 ]
		[ "$(wc -l <err)" = 1 ]
		grep -Eq "^die: part [0-9]+ of x{1499}(: [A-Z].*)?$" err
		i=$((i + 1))
	done
'
done_testing
