/* bench.h - what the measuring programs share: time, peak, the best of runs */
#ifndef PIPELM_BENCH_H
#define PIPELM_BENCH_H

#include <stddef.h>

/* Seconds of the monotonic clock. */
double bench_now(void);

/* Seconds that fn(ctx) takes: the shortest of runs over about half a second,
 * after one that is not counted. */
double bench_time(void (*fn)(void *ctx), void *ctx);

/* Floating-point operations a second of fused multiply-adds in registers, on
 * all threads of parallel.h, in the widest vectors the processor has. */
double bench_peak(void);

/* n floats between -1 and 1, aligned, always the same. */
float *bench_floats(size_t n);

#endif
