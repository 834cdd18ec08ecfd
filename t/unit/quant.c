/* quant - numbers of a type of weight.h, from standard input to standard output:
 *
 *	quant load TYPE N	N numbers from blocks to fp32
 *	quant store TYPE N	N numbers from fp32 to blocks
 *	quant speed TYPE	reads 32 MiB of zeros, prints numbers per second
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/format/weight.h"

static void fill(void *p, size_t n)
{
	if (fread(p, 1, n, stdin) != n)
		die("fewer than %zu bytes", n);
}

static void speed(const struct dtype_row *row)
{
	size_t n = 1 << 16, i, rounds = 512;
	unsigned char *p = xcalloc(n, row->bytes);
	float *x = xcalloc(n, sizeof *x);
	clock_t begin = clock();

	for (i = 0; i < rounds; i++)
		row->to_float(x, p, n);
	printf("%.3g\n", (double)n * (double)rounds * CLOCKS_PER_SEC /
		(double)(clock() - begin));
	free(p);
	free(x);
}

int main(int argc, char **argv)
{
	const struct dtype_row *row;
	size_t n, bytes;
	float *x;
	void *p;

	err_init("quant");
	if (argc < 3 || dtype_find(argv[2]) == DTYPE_NONE)
		die("not load|store TYPE N, or speed TYPE");
	row = dtype_row(dtype_find(argv[2]));
	if (!strcmp(argv[1], "speed")) {
		speed(row);
		return 0;
	}
	n = strtoul(argv[3], NULL, 10);
	bytes = dtype_bytes(dtype_find(argv[2]), n);
	x = xcalloc(n, sizeof *x);
	p = xcalloc(bytes, 1);
	if (!strcmp(argv[1], "load")) {
		fill(p, bytes);
		row->to_float(x, p, n);
		fwrite(x, sizeof *x, n, stdout);
	} else {
		fill(x, n * sizeof *x);
		row->from_float(p, x, n);
		fwrite(p, 1, bytes, stdout);
	}
	free(x);
	free(p);
	return 0;
}
