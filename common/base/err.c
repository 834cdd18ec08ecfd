/* err.c - diagnostics and exit: see err.h */
#include "common/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COPY_SECONDS 3		/* mpirun takes one to end a rank */

static const char *program = "pipelm";
static int copy;		/* see err_be_copy */
static atomic_int line_taken;

void err_init(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	program = slash ? slash + 1 : argv0;
}

const char *err_program(void)
{
	return program;
}

void err_line_taken(void)
{
	line_taken = 1;
}

const char *err_line_begin(void)
{
	bool taken = line_taken;

	line_taken = 0;
	return taken && isatty(STDERR_FILENO) ? "\n" : "";
}

/* Replaces control characters, which would let data drive the terminal. Bytes
 * over 0x7f are kept: file names are UTF-8. */
static void replace_control(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void message(const char *reason, const char *fmt, va_list ap)
{
	char line[2048];
	size_t n, begin;
	int m;

	snprintf(line, sizeof line, "%s", err_line_begin());
	begin = strlen(line);
	snprintf(line + begin, sizeof line - begin, "%.64s: ", program);
	if (copy)
		snprintf(line + strlen(line), sizeof line - strlen(line),
			"rank %d: ", copy);
	n = strlen(line);
	m = vsnprintf(line + n, sizeof line - n, fmt, ap);
	if (m < 0)
		return;
	n = strlen(line);
	if (reason)
		snprintf(line + n, sizeof line - n, ": %s", reason);
	replace_control(line + begin);
	n = strlen(line);
	if (n > sizeof line - 2)
		n = sizeof line - 2;
	line[n++] = '\n';
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
}

#define MESSAGE(reason) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		message(reason, fmt, ap); \
		va_end(ap); \
	} while (0)

void warn(const char *fmt, ...)
{
	if (!copy)
		MESSAGE(NULL);
}

static atomic_flag ending = ATOMIC_FLAG_INIT;
static atomic_int end_status;
static _Thread_local bool mine;

/* Only one thread ends the program. Another that fails meanwhile waits silently
 * for that; the same thread, failing in an atexit handler, exits at once. */
static void begin_end(int status)
{
	if (mine)
		_exit(status);
	while (atomic_flag_test_and_set(&ending))
		pause();
	mine = true;
	end_status = status;
	/* A signal, even one that is caught, means that the others are ending. */
	if (copy && nanosleep(&(struct timespec){ COPY_SECONDS, 0 }, NULL))
		exit(status);
}

int err_status(void)
{
	return end_status;
}

void err_be_copy(int n)
{
	copy = n;
}

void err_go_on(void)
{
	mine = false;
	end_status = 0;
	atomic_flag_clear(&ending);
}

void die(const char *fmt, ...)
{
	begin_end(1);
	MESSAGE(NULL);
	exit(1);
}

void die_errno(const char *fmt, ...)
{
	int number = errno;
	char reason[128];

	begin_end(1);
	if (strerror_r(number, reason, sizeof reason))
		snprintf(reason, sizeof reason, "error %d", number);
	MESSAGE(reason);
	exit(1);
}

void die_usage(const char *fmt, ...)
{
	char hint[64];

	begin_end(2);
	snprintf(hint, sizeof hint, "try '%.32s -h'", program);
	MESSAGE(hint);
	exit(2);
}
