#!/bin/sh
# Parallel loops: every part runs once, even with more threads than processors;
# random numbers do not depend on the threads.
. "${0%/*}/lib.sh"

for threads in 1 2 5
do
	ok "$threads threads run every part of 20,000 loops exactly once" "
		unit parallel $threads 20000
	"
done

ok 'threads on one processor rarely change places' 'unit parallel 4 20000 one'

fails 2 'more threads than the limit are refused' '
	unit parallel 100000 1
' 'not a number from 1 to 1024'

ok 'random numbers are Philox4x32-10' 'unit rng'

done_testing
