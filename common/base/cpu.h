/* cpu.h - the instruction set that the fast code may use
 *
 * Only objects with the name of a set, like *.avx2.o, are built with its
 * flags; they are reached through tables chosen by cpu_isa, so one binary runs
 * everywhere.
 */
#ifndef PIPELM_CPU_H
#define PIPELM_CPU_H

#include <stdbool.h>

#include "common/base/isa.h"

#define ISA_MEMBER(name, member, width, fp32, int8, bf16, flags, has) member,
enum isa {
	ISA_C,			/* plain C: the reference */
	ISA_SETS(ISA_MEMBER)
	ISA_COUNT
};

/* The fastest set that this processor has, or the one that PIPELM_ISA names, "c"
 * or a name of isa.h; asking for one that the processor lacks is fatal. */
enum isa cpu_isa(void);

/* Where a function has forms for some of the sets: an array of ISA_COUNT by
 * set, NULL where there is none, ISA_C always there. Takes the form of the
 * best set up to cpu_isa(). */
#define CPU_CHOOSE(form, forms)                                                \
	do {                                                                   \
		int isa_ = (int)cpu_isa();                                     \
		while (!(forms)[isa_])                                         \
			isa_--;                                                \
		(form) = (forms)[isa_];                                        \
	} while (0)

const char *cpu_isa_name(enum isa isa);

/* The number of processors on which this process may run. */
int cpu_count(void);

/* The number of the processor that runs this thread; -1 if it is not known. */
int cpu_current(void);

/* Moves this thread to a processor that it may use and for which taken(cpu, n) is
 * false; returns false if there is none. */
bool cpu_move(bool (*taken)(int cpu, int n), int n);

#endif
