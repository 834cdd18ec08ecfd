/* peak - the processor's peak rates: multiply-adds per second on one thread and on
 * several, in fp32 and in bf16, and memory read bandwidth. One line each:
 * name, threads, value, unit. usage: peak [THREADS]
 */
#include "bench/peak.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"

int main(int argc, char **argv)
{
	size_t n = (size_t)64 << 20;	/* floats: 256 MiB, larger than the caches */
	float *x;
	double best = 1e9, sum = 0;
	int i, threads;

	err_init(argv[0]);
	if (argc > 1)
		parallel_threads(atoi(argv[1]));
	threads = parallel_count();
	printf("isa\t1\t%s\n", cpu_isa_name(cpu_isa()));
	printf("fma-peak\t1\t%.1f\tGFLOP/s\n", bench_peak(1) / 1e9);
	printf("fma-peak\t%d\t%.1f\tGFLOP/s\n", threads,
		bench_peak(threads) / 1e9);
	printf("bf16-peak\t1\t%.1f\tGFLOP/s\n", bench_peak_bf16(1) / 1e9);
	printf("bf16-peak\t%d\t%.1f\tGFLOP/s\n", threads,
		bench_peak_bf16(threads) / 1e9);
	x = xaligned(n * sizeof *x);
	for (i = 0; i < (int)n; i++)
		x[i] = 1;
	for (i = 0; i < 5; i++) {
		double t = clock_seconds();

		sum += vec_sum_squares(x, n);
		t = clock_seconds() - t;
		best = t < best ? t : best;
	}
	printf("memory-read\t%d\t%.1f\tGB/s\n", threads,
		(double)(n * sizeof *x) / best / 1e9);
	return sum != 0;
}
