/* cpu.c - chooses the instruction set: see cpu.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* sched_getaffinity */
#endif
#include "common/base/cpu.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "common/base/err.h"

#define NAME(name, member, width, fp32, int8, bf16, flags, has) [member] = #name,
static const char *const names[] = { [ISA_C] = "c", ISA_SETS(NAME) };

#define WORD(name, member, width, fp32, int8, bf16, flags, has) "|" #name
static const char words[] = "c" ISA_SETS(WORD);

const char *cpu_isa_name(enum isa isa)
{
	return names[isa];
}

#if defined __x86_64__ && !defined ISA_NO_AMX

/* Of leaf 7, EDX: AMX-BF16, AMX-TILE, AMX-INT8. */
#define AMX_BITS (1u << 22 | 1u << 24 | 1u << 25)

#define REQUEST_STATE 0x1023	/* ARCH_REQ_XCOMP_PERM */
#define TILE_DATA 18

/* AMX, with Linux's permission: the state that it saves for a thread grows from 3
 * KiB to 11, so a process has to ask (the kernel's Documentation/arch/x86/xstate).
 * The answer holds for all threads, and asking again changes nothing. */
static bool cpu_has_tiles(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
			(d & AMX_BITS) != AMX_BITS)
		return false;
#ifdef __linux__
	return !syscall(SYS_arch_prctl, REQUEST_STATE, TILE_DATA);
#else
	return false;
#endif
}

#endif

#define ISA_HAS(feature) __builtin_cpu_supports(feature)
#define ASK(name, member, width, fp32, int8, bf16, flags, there) has[member] = there;

/* The last of the sets whose features, and those of all before it, are there. */
static enum isa best(void)
{
#ifdef __x86_64__
	bool has[ISA_COUNT] = { true };
	int i = ISA_C;

	__builtin_cpu_init();
	ISA_SETS(ASK)
	while (i + 1 < ISA_COUNT && has[i + 1])
		i++;
	return (enum isa)i;
#else
	return ISA_C;
#endif
}

/* The set to use of those up to `isa`. vdpbf16ps of Intel's processors multiplies half
 * as many pairs in a second as two fused multiply-adds do (Emerald Rapids: 86
 * GFLOP/s, and 175 in fp32; Zen 4: 235, and 120), so what they have for bf16 is AMX. */
static enum isa fastest(enum isa isa)
{
#ifdef __x86_64__
	if (isa == ISA_BF16 && __builtin_cpu_is("intel"))
		return ISA_VNNI;
#endif
	return isa;
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
		i = (int)fastest(best());
		chosen = i;
		return (enum isa)i;
	}
	for (i = 0; i < ISA_COUNT && strcmp(s, names[i]); i++)
		;
	if (i == ISA_COUNT)
		die_usage("PIPELM_ISA is '%s', not one of %s", s, words);
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

int cpu_current(void)
{
#ifdef __linux__
	return sched_getcpu();
#else
	return -1;
#endif
}

bool cpu_move(bool (*taken)(int cpu, int n), int n)
{
#ifdef __linux__
	cpu_set_t all, rest;
	int i;

	if (sched_getaffinity(0, sizeof all, &all))
		return false;
	rest = all;
	for (i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &rest) && taken(i, n))
			CPU_CLR(i, &rest);
	if (!CPU_COUNT(&rest) || sched_setaffinity(0, sizeof rest, &rest))
		return false;
	/* It may be moved again later; this call does not move it. */
	sched_setaffinity(0, sizeof all, &all);
	return true;
#else
	return false;
#endif
}
