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

ok 'the environment says how many, where nobody else does' '
	for threads in 1 5; do
		PIPELM_THREADS=$threads unit parallel 0 100 $threads
		PIPELM_THREADS=3 unit parallel $threads 100 $threads
	done
	for threads in 0 -1 1025 two 2x; do
		status=0
		PIPELM_THREADS=$threads unit parallel 0 100 2>message || status=$?
		[ $status = 2 ]
		grep -q "PIPELM_THREADS is .$threads., not a number from 1 to 1024" message
	done
'

ok 'random numbers are Philox4x32-10' 'unit rng'

done_testing
