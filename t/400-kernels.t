#!/bin/sh
# The fast kernels agree with the plain ones, on any number of threads; the plain
# ones have the right gradients.
. "${0%/*}/lib.sh"

# The sanitizers, for which time is short, see the same loops on two threads as on one.
case $BUILD in
*san*) sanitized=1 ;;
*) sanitized= ;;
esac

compared() {	# PROGRAM TOPIC...
	program=$1
	shift
	for topic; do
		ok "$topic: every instruction set agrees with plain C" "
			unit $program $topic 2 >$topic.two
		"
		[ "$sanitized" ] || ok "$topic: one thread computes the same bits as two" "
			unit $program $topic 1 | cmp - $topic.two
		"
	done
}
compared products matmul int8 bf16
compared attention attention order rounded
compared kernels norm activation embedding halves loss vec

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

ok 'attention backward in bf16: the same, AMX aside' '
	awk "\$2 != \"c\" && \$2 != \"amx\" { print \$4 }" rounded.two | uniq >bits
	[ "$(wc -l <bits)" -le 1 ]
'

ok 'products in integers have the same bits in all sets' '
	awk "{ print \$4 }" int8.two | uniq >bits
	[ "$(wc -l <bits)" = 1 ]
'

ok 'products in bf16 have the same bits in all sets, AMX aside' '
	awk "\$2 != \"amx\" { print \$4 }" bf16.two | uniq >bits
	[ "$(wc -l <bits)" = 1 ]
'

if [ ! -x "$BUILD/unit/amx" ]; then
	skip 'the loops for AMX, emulated' 'the compiler has no AMX'
elif ! grep -qw avx512bw /proc/cpuinfo; then
	skip 'the loops for AMX, emulated' 'the processor has no AVX-512'
else
	ok 'the loops for AMX, emulated, follow their definition bit for bit' '
		unit amx
	'
	for topic in bf16 $(grep -qw avx512_vnni /proc/cpuinfo && echo int8); do
		ok "$topic: in whole products too, on any number of threads" "
			unit products $topic 2 emulated >emulated.$topic
			[ "$sanitized" ] || unit products $topic 1 emulated | cmp - emulated.$topic
			grep -q '^$topic amx' emulated.$topic
		"
	done
	ok 'attention backward in bf16 too, on any number of threads' '
		unit attention rounded 2 emulated >emulated.rounded
		[ "$sanitized" ] || unit attention rounded 1 emulated | cmp - emulated.rounded
		grep -q "^rounded amx" emulated.rounded
	'
	[ ! -e emulated.int8 ] || ok 'in integers with the bits of the other sets' '
		awk "{ print \$4 }" int8.two emulated.int8 | uniq >bits
		[ "$(wc -l <bits)" = 1 ]
	'
	for misuse in unset released shape register columns rows twice; do
		fails 1 "the emulation refuses what the processor would: $misuse" "
			unit amx $misuse
		" '^amx: AMX: '
	done
	if grep -q __asan_init "$BUILD/unit/amx"; then
		fails 1 'the sanitizers see what tiles read' '
			unit amx outside
		' 'stack-buffer-overflow'
	fi
fi

ok 'gradients of the plain kernels equal finite differences' '
	unit kernelgrad
'

fails 2 'an unknown instruction set is refused' '
	PIPELM_ISA=sse unit kernels vec
' "PIPELM_ISA is 'sse'"

ok 'instruction sets are listed once, for programs and the Makefile' '
	sh "$TOP/tools/isa.sh" >names
	[ -x "$BUILD/unit/amx" ] || sed -i /amx/d names	# not with this compiler
	PIPELM_ISA=sse not unit kernels vec 2>err
	sed "s/.*not one of c|\([^:]*\).*/\1/" err | tr "|" "\n" | sed "s/ .*//" | cmp - names
	not grep -l avx "$TOP/Makefile" "$TOP/common/base/cpu.c" "$TOP/common/kernel/set.c"
	for set in $(cat names); do
		sh "$TOP/tools/isa.sh" $set | grep -q -- "^-DISA=$set -DISA_WIDTH=[0-9]* -m"
	done
'

done_testing
