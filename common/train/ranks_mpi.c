/* ranks_mpi.c - ranks that exchange messages through MPI: see ranks.h; the only file
 * that uses it
 *
 * One thread at a time calls MPI. None of its calls that wait is used: they keep a
 * processor busy that the kernels need, so waiting is asking and sleeping in turn.
 */
#include "common/train/ranks.h"

#include "common/base/err.h"

#ifdef HAVE_MPI
#include <mpi.h>

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/base/options.h"

#define NAP_NANOSECONDS 20000	/* the kernel adds some 50 microseconds */

enum { TAG = 1 };

static void wait_all(MPI_Request *v, int n)
{
	const struct timespec nap = { .tv_nsec = NAP_NANOSECONDS };
	int done;

	for (;;) {
		MPI_Testall(n, v, &done, MPI_STATUSES_IGNORE);
		if (done)
			return;
		nanosleep(&nap, NULL);
	}
}

static int size_of(const struct parcel *x)
{
	if (x->n > INT_MAX)
		die("a message of %zu bytes between ranks is too large", x->n);
	return (int)x->n;
}

static void trade(const struct parcel *out, const struct parcel *in)
{
	MPI_Request *v = xcalloc(2 * ranks.count, sizeof *v);
	size_t k, r;
	int n = 0;

	/* Each rank begins with its neighbour, so that not all send to one. */
	for (k = 1; k < ranks.count; k++) {
		r = (ranks.self + ranks.count - k) % ranks.count;
		if (in[r].n)
			MPI_Irecv(in[r].p, size_of(&in[r]), MPI_BYTE, (int)r,
				TAG, MPI_COMM_WORLD, &v[n++]);
	}
	for (k = 1; k < ranks.count; k++) {
		r = (ranks.self + k) % ranks.count;
		if (out[r].n)
			MPI_Isend(out[r].p, size_of(&out[r]), MPI_BYTE, (int)r,
				TAG, MPI_COMM_WORLD, &v[n++]);
	}
	wait_all(v, n);
	free(v);
}

/* A rank that dies takes the others with it: they would wait for it forever. Open MPI's
 * mpirun ends them itself when a process exits so, with a message of its own; another
 * from MPI_Abort would say the same, and version 4.1 can crash if two ranks send it. */
static void end(void)
{
	if (!err_status())
		MPI_Finalize();
	else if (!getenv("OMPI_COMM_WORLD_SIZE"))
		MPI_Abort(MPI_COMM_WORLD, err_status());
}

static void check_count(size_t launched)
{
	if (ranks.count < launched)
		die("%zu processes were started, but MPI connects %zu: use the "
			"launcher of the MPI that this program was built with; "
			"srun may need --mpi=pmix", launched, ranks.count);
}

void ranks_start(const char *argv0)
{
	size_t launched = ranks_launched();
	int level, count, self;

	err_init(argv0);
	if (launched == 1)
		return;
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level))
		die("MPI cannot start");
	atexit(end);
	MPI_Comm_size(MPI_COMM_WORLD, &count);
	MPI_Comm_rank(MPI_COMM_WORLD, &self);
	ranks = (struct ranks){ .self = (size_t)self, .count = (size_t)count,
		.trade = trade };
	if (self) {
		option_quiet = true;
		err_be_copy(self);
	}
	check_count(launched);
	if (level < MPI_THREAD_SERIALIZED)
		die("this MPI does not support threads");
}

#else

void ranks_start(const char *argv0)
{
	size_t launched = ranks_launched();

	err_init(argv0);
	if (launched > 1)
		die("%zu processes were started, but this program was built "
			"without MPI: no mpi.h (Debian: libopenmpi-dev)", launched);
}

#endif
