/* err.c - diagnostics and exit: see err.h */
#include "common/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "pipelm";

void err_init(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	program = slash ? slash + 1 : argv0;
}

const char *err_program(void)
{
	return program;
}

/* Control characters would let data drive the terminal. Bytes over 0x7f stay:
 * file names are UTF-8. */
static void replace_control(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void message(const char *reason, const char *fmt, va_list ap)
{
	char line[2048];
	size_t n;
	int m;

	snprintf(line, sizeof line, "%s: ", program);
	n = strlen(line);
	m = vsnprintf(line + n, sizeof line - n, fmt, ap);
	if (m < 0)
		return;
	n = strlen(line);
	if (reason)
		snprintf(line + n, sizeof line - n, ": %s", reason);
	replace_control(line);
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
	MESSAGE(NULL);
}

void die(const char *fmt, ...)
{
	MESSAGE(NULL);
	exit(1);
}

void die_errno(const char *fmt, ...)
{
	const char *reason = strerror(errno);

	MESSAGE(reason);
	exit(1);
}

void die_usage(const char *fmt, ...)
{
	char hint[64];

	snprintf(hint, sizeof hint, "try '%.32s -h'", program);
	MESSAGE(hint);
	exit(2);
}
