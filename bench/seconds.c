/* seconds - wall time of a command: the median of some runs, in seconds.
 * Standard input is empty and standard output is discarded.
 * usage: seconds RUNS COMMAND [ARGUMENT ...]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/err.h"
#include "common/base/progress.h"

#define MAX_RUNS 1000

static void child(char **argv)
{
	int in = open("/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	execvp(*argv, argv);
	_exit(127);
}

/* Seconds of one run, which must end with status 0. */
static double run(char **argv)
{
	double began = clock_seconds();
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("cannot fork");
	if (!pid)
		child(argv);
	if (waitpid(pid, &status, 0) != pid || status)
		die("%s: failed, wait status %d", *argv, status);
	return clock_seconds() - began;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double t[MAX_RUNS];
	int n, i;

	err_init(argv[0]);
	n = argc > 2 ? atoi(argv[1]) : 0;
	if (n < 1 || n > MAX_RUNS)
		die_usage("usage: seconds RUNS COMMAND [ARGUMENT ...]");
	for (i = 0; i < n; i++)
		t[i] = run(argv + 2);
	qsort(t, (size_t)n, sizeof *t, by_size);
	printf("%.5f\n", n % 2 ? t[n / 2] : (t[n / 2 - 1] + t[n / 2]) / 2);
	return 0;
}
