#!/bin/sh
# The fast kernels agree with the plain ones, on any number of threads; the plain
# ones have the right gradients.
. "${0%/*}/lib.sh"

compared() {	# PROGRAM TOPIC...
	program=$1
	shift
	for topic; do
		ok "$topic: every instruction set agrees with plain C" "
			unit $program $topic 2 >$topic.two
		"
		ok "$topic: one thread computes the same bits as two" "
			unit $program $topic 1 | cmp - $topic.two
		"
	done
}
compared products matmul int8 bf16
compared attention attention order
compared kernels norm activation embedding loss vec

ok 'matmul: AVX2 and AVX-512 compute the same bits' '
	awk "\$2 != \"c\" { print \$4 }" matmul.two | uniq >bits
	[ "$(wc -l <bits)" -le 1 ]
'

ok 'attention: AVX2 and AVX-512 compute the same bits' '
	for topic in attention order; do
		awk "\$2 != \"c\" { print \$4 }" $topic.two | uniq >bits
		[ "$(wc -l <bits)" -le 1 ]
	done
'

for topic in int8 bf16; do
	ok "products in $topic have the same bits in all sets" "
		awk '{ print \$4 }' $topic.two | uniq >bits
		[ \"\$(wc -l <bits)\" = 1 ]
	"
done

ok 'gradients of the plain kernels equal finite differences' '
	unit kernelgrad
'

fails 2 'an unknown instruction set is refused' '
	PIPELM_ISA=sse unit kernels vec
' "PIPELM_ISA is 'sse'"

ok 'instruction sets are listed once, for programs and the Makefile' '
	sh "$TOP/tools/isa.sh" >names
	PIPELM_ISA=sse not unit kernels vec 2>err
	sed "s/.*not one of c|\([^:]*\).*/\1/" err | tr "|" "\n" | sed "s/ .*//" | cmp - names
	not grep -l avx "$TOP/Makefile" "$TOP/common/base/cpu.c" "$TOP/common/kernel/set.c"
	for set in $(cat names); do
		sh "$TOP/tools/isa.sh" $set | grep -q -- "^-DISA=$set -DISA_WIDTH=[0-9]* -m"
	done
'

done_testing
