/* cpu.c - chooses the instruction set: see cpu.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* sched_getaffinity */
#endif
#include "common/base/cpu.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/err.h"

static const char *const names[] = { "c", "avx2", "avx512" };

const char *cpu_isa_name(enum isa isa)
{
	return names[isa];
}

static enum isa best(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
		!__builtin_cpu_supports("bmi2"))
		return ISA_C;
	if (__builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512vl"))
		return ISA_AVX512;
	return ISA_AVX2;
#else
	return ISA_C;
#endif
}

enum isa cpu_isa(void)
{
	/* Atomic: several threads may ask first; all find the same answer. */
	static _Atomic int chosen = -1;
	const char *s;
	int i = chosen;

	if (i >= 0)
		return (enum isa)i;
	s = getenv("PIPELM_ISA");
	if (!s || !*s) {
		i = (int)best();
		chosen = i;
		return (enum isa)i;
	}
	for (i = 0; i < 3 && strcmp(s, names[i]); i++)
		;
	if (i == 3)
		die_usage("PIPELM_ISA is '%s', not c, avx2 or avx512", s);
	if (i > (int)best())
		die("PIPELM_ISA=%s: this processor has no %s", s, s);
	chosen = i;
	return (enum isa)i;
}

int cpu_count(void)
{
	long n;
#ifdef __linux__
	cpu_set_t set;

	if (!sched_getaffinity(0, sizeof set, &set))
		return CPU_COUNT(&set);
#endif
	n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (int)n : 1;
}
