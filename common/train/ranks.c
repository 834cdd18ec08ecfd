/* ranks.c - processes that train one model together: see ranks.h */
#include "common/train/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/size.h"

struct ranks ranks = { .self = 0, .count = 1 };

/* ---- launchers and files ---- */

/* Open MPI's mpirun; MPICH's and Intel's; MVAPICH's; srun, whose other variables a
 * batch script has too, outside any step. */
static const char *const counts[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
	"MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS" };

size_t ranks_launched(void)
{
	size_t i;

	for (i = 0; i < sizeof counts / sizeof *counts; i++) {
		const char *text = getenv(counts[i]);
		long n = text ? strtol(text, NULL, 10) : 0;

		if (n > 1)
			return (size_t)n;
	}
	return 1;
}

void ranks_refuse(void)
{
	size_t n = ranks_launched();

	if (n > 1)
		die("%zu processes were started, but this program runs as one",
			n);
}

void ranks_check_files(char *const *files)
{
	if (ranks.count == 1)
		return;
	if (!*files)
		die_usage("%zu ranks cannot read one standard input: name files",
			ranks.count);
	for (; *files; files++)
		if (!strcmp(*files, "-") || file_is_stream(*files))
			die_usage("%s: %zu ranks cannot read one stream: name "
				"a file", *files, ranks.count);
}

/* ---- shares ---- */

void ranks_share_of(size_t self, size_t count, size_t n, size_t *first,
	size_t *end)
{
	size_t each = n / count, more = n % count;

	*first = self * each + size_min(self, more);
	*end = *first + each + (self < more);
}

void ranks_share(size_t n, size_t *first, size_t *end)
{
	ranks_share_of(ranks.self, ranks.count, n, first, end);
}

/* ---- exchange ---- */

/* Every rank's n bytes at x, one after the other. The caller frees them. */
static void *collect(const void *x, size_t n)
{
	char *all = xmalloc(ranks.count * n);
	struct parcel *out = xcalloc(2 * ranks.count, sizeof *out);
	struct parcel *in = out + ranks.count;
	size_t r;

	for (r = 0; r < ranks.count; r++) {
		out[r] = (struct parcel){ (void *)x, n };
		in[r] = (struct parcel){ all + r * n, n };
	}
	memcpy(in[ranks.self].p, x, n);
	ranks.trade(out, in);
	free(out);
	return all;
}

/* At once. */
enum { PIECE = 1 << 16 };

void ranks_sum_floats(float *x, size_t n)
{
	size_t at, k, i, r;

	for (at = 0; ranks.count > 1 && at < n; at += k) {
		float *all;

		k = size_min(n - at, PIECE);
		all = collect(x + at, k * sizeof *x);
		memcpy(x + at, all, k * sizeof *x);
		for (r = 1; r < ranks.count; r++)
			for (i = 0; i < k; i++)
				x[at + i] += all[r * k + i];
		free(all);
	}
}

void ranks_sum_doubles(double *x, size_t n)
{
	double *all;
	size_t i, r;

	if (ranks.count == 1 || !n)
		return;
	all = collect(x, n * sizeof *x);
	memcpy(x, all, n * sizeof *x);
	for (r = 1; r < ranks.count; r++)
		for (i = 0; i < n; i++)
			x[i] += all[r * n + i];
	free(all);
}

double ranks_first(double x)
{
	double *all;

	if (ranks.count == 1)
		return x;
	all = collect(&x, sizeof x);
	x = all[0];
	free(all);
	return x;
}

double ranks_max(double x)
{
	double *all;
	size_t r;

	if (ranks.count == 1)
		return x;
	all = collect(&x, sizeof x);
	for (r = 0; r < ranks.count; r++)
		x = all[r] > x ? all[r] : x;
	free(all);
	return x;
}

void ranks_move(size_t from, size_t to, void *p, size_t n)
{
	struct parcel *out = xcalloc(2 * ranks.count, sizeof *out);
	struct parcel *in = out + ranks.count;

	if (ranks.self == from)
		out[to] = (struct parcel){ p, n };
	else
		in[from] = (struct parcel){ p, n };
	ranks.trade(out, in);
	free(out);
}

bool ranks_writes(void)
{
	return !ranks.self;
}
