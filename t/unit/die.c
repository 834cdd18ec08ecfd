/* die - several threads end the program at once: die THREADS
 *
 * Every part of a loop fails with a different message, and so does the atexit
 * handler. Expected: one line on standard error, exit status 1, and no hang.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"

static char *subject;
static _Atomic size_t arrived;

static void at_end(void)
{
	die("the end fails too");
}

static void part(void *ctx, size_t i, int thread)
{
	size_t n = (size_t)parallel_count();

	/* At the same time, as far as possible. */
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < (n < 2 ? n : 2))
		;
	errno = i % 2 ? ENOENT : EACCES;
	if (i % 2)
		die_errno("part %zu of %s", i, subject);
	die("part %zu of %s", i, subject);
}

int main(int argc, char **argv)
{
	err_init(argv[0]);
	if (argc != 2)
		die_usage("usage: die THREADS");
	parallel_threads(atoi(argv[1]));
	subject = xcalloc(1500, 1);
	memset(subject, 'x', 1499);
	atexit(at_end);
	parallel_for(1000, part, NULL);
	return 0;
}
