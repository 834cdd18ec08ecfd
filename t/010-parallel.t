#!/bin/sh
# Loops on a team of threads: every part once, also with more threads than
# processors; and numbers that do not depend on them.
. "${0%/*}/lib.sh"

for threads in 1 2 5
do
	ok "$threads threads do every part of 20,000 loops once" "
		unit parallel $threads 20000
	"
done

fails 2 'more threads than a team can have are refused' '
	unit parallel 100000 1
' 'not a number from 1 to 1024'

ok 'random numbers are Philox4x32-10' 'unit rng'

done_testing
