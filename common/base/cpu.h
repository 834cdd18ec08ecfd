/* cpu.h - the instruction set that the fast code may use
 *
 * Only objects named *.avx2.o and *.avx512.o are built with instruction-set
 * flags; they are reached through tables chosen by cpu_isa, so one binary runs
 * everywhere.
 */
#ifndef PIPELM_CPU_H
#define PIPELM_CPU_H

enum isa {
	ISA_C,		/* plain C: the reference */
	ISA_AVX2,	/* AVX2, FMA, F16C, BMI2 */
	ISA_AVX512	/* additionally AVX-512 F, BW, DQ, VL */
};

/* The best set that this processor supports, or the one named by PIPELM_ISA (c,
 * avx2 or avx512); naming one that the processor lacks is fatal. */
enum isa cpu_isa(void);

const char *cpu_isa_name(enum isa isa);

/* The number of processors on which this process may run. */
int cpu_count(void);

#endif
