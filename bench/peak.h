/* peak.h - the processor's peak rates of multiply-adds, in fp32 and in bf16, for the
 * benchmarks: each is a single source file, so this header holds code
 *
 * Twelve chains of multiply-adds in registers hide their latency; on AMX, four. Vectors of
 * both widths are tried, since some processors split 512 bits into halves.
 */
#ifndef PIPELM_BENCH_PEAK_H
#define PIPELM_BENCH_PEAK_H

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "common/base/cpu.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/kernel/amx.h"

#define PEAK_ROUNDS 4000000L

/* Factors unknown to the compiler, so that it cannot drop a chain. */
static volatile float peak_a = 0.999f, peak_b = 0.002f;

/* n numbers from -1 to 1. */
static inline float *numbers(size_t n)
{
	float *x = xaligned(n * sizeof *x);
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = (float)(i * 2654435761u % 1000) / 500 - 1;
	return x;
}

#ifdef __x86_64__
#define PEAK_CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

#define PEAK_START512(i) __m512 x##i = _mm512_set1_ps(i);
#define PEAK_STEP512(i) x##i = _mm512_fmadd_ps(x##i, a, b);
#define PEAK_SUM512(i) + _mm512_reduce_add_ps(x##i)
__attribute__((target("avx512f"))) static void peak_512(void *ctx, size_t part,
	int thread)
{
	__m512 a = _mm512_set1_ps(peak_a), b = _mm512_set1_ps(peak_b);
	PEAK_CHAINS(PEAK_START512)
	long r;

	for (r = 0; r < PEAK_ROUNDS; r++) {
		PEAK_CHAINS(PEAK_STEP512)
	}
	((float *)ctx)[part] = 0 PEAK_CHAINS(PEAK_SUM512);
}

#define PEAK_START256(i) __m256 x##i = _mm256_set1_ps(i);
#define PEAK_STEP256(i) x##i = _mm256_fmadd_ps(x##i, a, b);
#define PEAK_SUM256(i) + _mm256_cvtss_f32(x##i)
__attribute__((target("avx2,fma"))) static void peak_256(void *ctx,
	size_t part, int thread)
{
	__m256 a = _mm256_set1_ps(peak_a), b = _mm256_set1_ps(peak_b);
	PEAK_CHAINS(PEAK_START256)
	long r;

	for (r = 0; r < PEAK_ROUNDS; r++) {
		PEAK_CHAINS(PEAK_STEP256)
	}
	((float *)ctx)[part] = 0 PEAK_CHAINS(PEAK_SUM256);
}

#define PEAK_STEPBF16(i) x##i = _mm512_dpbf16_ps(x##i, a, b);
__attribute__((target("avx512f,avx512bf16"))) static void peak_bf16(void *ctx,
	size_t part, int thread)
{
	__m512bh a = (__m512bh)_mm512_set1_ps(peak_a);
	__m512bh b = (__m512bh)_mm512_set1_ps(peak_b);
	PEAK_CHAINS(PEAK_START512)
	long r;

	for (r = 0; r < PEAK_ROUNDS; r++) {
		PEAK_CHAINS(PEAK_STEPBF16)
	}
	((float *)ctx)[part] = 0 PEAK_CHAINS(PEAK_SUM512);
}

#ifndef ISA_NO_AMX
/* On registers of zeros, in a 64th of the rounds: 12 times 2^13 products each. */
__attribute__((target("amx-tile,amx-bf16"))) static void peak_amx(void *ctx,
	size_t part, int thread)
{
	static const struct amx_config all = { .palette = 1,
		.bytes = { 64, 64, 64, 64, 64, 64 },
		.rows = { 16, 16, 16, 16, 16, 16 } };
	long r;

	amx_configure(&all);
	for (r = 0; r < PEAK_ROUNDS / 64 * 3; r++) {
		amx_dot_bf16(0, 4, 5);
		amx_dot_bf16(1, 4, 5);
		amx_dot_bf16(2, 4, 5);
		amx_dot_bf16(3, 4, 5);
	}
	amx_release();
}
#endif

/* The best of five runs of fn on n threads; lanes products per vector. */
static double peak_of(void (*fn)(void *ctx, size_t part, int thread), int n,
	int lanes)
{
	float sink[1024];
	double best = 0;
	int i;

	for (i = 0; i < 5; i++) {
		double t = clock_seconds(), rate;

		parallel_for((size_t)n, fn, sink);
		rate = 12.0 * PEAK_ROUNDS * 2 * lanes * n / (clock_seconds() - t);
		if (rate > best)
			best = rate;
	}
	return best;
}
#endif

/* Operations per second on n <= parallel_count() threads; 0 if unknown. */
static double bench_peak(int n)
{
	double best = 0;
#ifdef __x86_64__
	enum isa isa = cpu_isa();

	if (isa >= ISA_AVX2)
		best = peak_of(peak_256, n, 8);
	if (isa >= ISA_AVX512) {
		double wide = peak_of(peak_512, n, 16);

		best = wide > best ? wide : best;
	}
#endif
	return best;
}

/* The same of products of bf16. */
static inline double bench_peak_bf16(int n)
{
#ifdef __x86_64__
#ifndef ISA_NO_AMX
	if (cpu_isa() >= ISA_AMX)
		return peak_of(peak_amx, n, 16 * 16 * 32 / 64);
#endif
	if (cpu_isa() >= ISA_BF16)
		return peak_of(peak_bf16, n, 32);
#endif
	return bench_peak(n);
}

#endif
