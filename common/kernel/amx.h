/* amx.h - the instructions of AMX, for the files named *_amx.c
 *
 * There are eight registers: up to 16 rows of up to 64 bytes each, as a
 * configuration says that every thread has to load (Intel, Software Developer's
 * Manual). Their numbers are written as literals. The state of a thread that uses
 * them is 8 KiB larger until it releases them, so it does that after its part of a
 * product. t/unit/emulated_amx.c defines AMX_EMULATED, and all of this in C.
 */
#ifndef PIPELM_KERNEL_AMX_H
#define PIPELM_KERNEL_AMX_H

#include <stdint.h>

/* As ldtilecfg reads it. */
struct amx_config {
	uint8_t palette;	/* 1: registers as above */
	uint8_t start;
	uint8_t reserved[14];
	uint16_t bytes[16];	/* of a row */
	uint8_t rows[16];
};

enum { AMX_SIDE = 16 };		/* rows of a register, words of a row */

#if defined __x86_64__ && !defined AMX_EMULATED

#include <immintrin.h>

/* Clears all registers. */
#define amx_configure(config) _tile_loadconfig(config)
#define amx_release() _tile_release()

#define amx_zero(t) _tile_zero(t)

/* From and to rows that are `stride` bytes apart. gcc 12 does not know that a load
 * reads memory, which must have been written before. */
#define amx_load(t, from, stride)                                              \
	do {                                                                   \
		__asm__ volatile ("" : : : "memory");                          \
		_tile_loadd(t, from, stride);                                  \
	} while (0)
#define amx_store(t, to, stride) _tile_stored(t, to, stride)

/* c += a b: b has a row for each 4 bytes of a's rows, which are two numbers in bf16,
 * with sums in fp32, or four integers with sign, with sums of 32 bits. */
#define amx_dot_bf16(c, a, b) _tile_dpbf16ps(c, a, b)
#define amx_dot_int8(c, a, b) _tile_dpbssd(c, a, b)

#endif

#endif
