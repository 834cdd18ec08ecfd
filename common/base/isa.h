/* isa.h - the instruction sets besides plain C: the only list of them
 *
 * Each set holds those before it. A row: its name, which objects, tables and
 * PIPELM_ISA have; its member of enum isa; floats of a vector; the sets, it or
 * earlier ones, whose loops it uses in fp32, in products of integers, and in
 * products of bf16; compiler flags; what the processor must have. cpu.h makes the
 * enumeration of it, set.h of common/kernel the tables, and tools/isa.sh tells it
 * to the Makefile and to tools/lint.sh: a row begins with a tab and X, flags are
 * whole strings.
 */
#ifndef PIPELM_ISA_H
#define PIPELM_ISA_H

#define ISA_SETS(X) \
	X(avx2, ISA_AVX2, 8, avx2, avx2, avx2, \
		"-mavx2 -mfma -mf16c -mbmi2", \
		ISA_HAS("avx2") && ISA_HAS("fma") && ISA_HAS("bmi2")) \
	X(avx512, ISA_AVX512, 16, avx512, avx512, avx512, \
		"-mavx2 -mfma -mf16c -mbmi2 -mavx512f -mavx512bw " \
		"-mavx512dq -mavx512vl -mprefer-vector-width=512", \
		ISA_HAS("avx512f") && ISA_HAS("avx512bw") && \
		ISA_HAS("avx512dq") && ISA_HAS("avx512vl")) \
	X(vnni, ISA_VNNI, 16, avx512, vnni, avx512, \
		"-mavx2 -mfma -mf16c -mbmi2 -mavx512f -mavx512bw " \
		"-mavx512dq -mavx512vl -mavx512vnni " \
		"-mprefer-vector-width=512", \
		ISA_HAS("avx512vnni")) \
	X(bf16, ISA_BF16, 16, avx512, vnni, bf16, \
		"-mavx2 -mfma -mf16c -mbmi2 -mavx512f -mavx512bw " \
		"-mavx512dq -mavx512vl -mavx512vnni -mavx512bf16 " \
		"-mprefer-vector-width=512", \
		ISA_HAS("avx512bf16")) \
	ISA_SETS_AMX(X)

/* The Makefile defines ISA_NO_AMX if the compiler does not know these flags. */
#ifdef ISA_NO_AMX
#define ISA_SETS_AMX(X)
#else
#define ISA_SETS_AMX(X) \
	X(amx, ISA_AMX, 16, avx512, amx, amx, \
		"-mavx2 -mfma -mf16c -mbmi2 -mavx512f -mavx512bw " \
		"-mavx512dq -mavx512vl -mavx512vnni -mavx512bf16 " \
		"-mamx-tile -mamx-int8 -mamx-bf16 " \
		"-mprefer-vector-width=512", \
		cpu_has_tiles())
#endif

#endif
