/* progress.c - reports the progress of a long run: see progress.h */
#include "common/base/progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/options.h"

static bool live_line;		/* an unfinished line is on the terminal */
static double last;

double clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool terminal(void)
{
	static int is = -1;

	if (is < 0)
		is = isatty(STDERR_FILENO);
	return is;
}

bool progress_due(void)
{
	double now;

	if (option_quiet)
		return false;
	now = clock_seconds();
	if (last == 0)
		last = now;
	if (now - last < (terminal() ? 0.2 : 10))
		return false;
	last = now;
	return true;
}

/* begin: what frees the terminal's line. */
static void put_line(const char *fmt, va_list ap, const char *begin,
	const char *end)
{
	char line[1024];
	size_t n, room = sizeof line - 16;

	snprintf(line, room, "%s%s: ", begin, err_program());
	n = strlen(line);
	vsnprintf(line + n, room - n, fmt, ap);
	strcat(line, end);
	n = strlen(line);
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
}

void progress_print(const char *fmt, ...)
{
	va_list ap;

	if (option_quiet)
		return;
	va_start(ap, fmt);
	if (terminal())
		put_line(fmt, ap, "\r", "\033[K");
	else
		put_line(fmt, ap, "", "\n");
	va_end(ap);
	live_line = terminal();
	if (live_line)
		err_line_taken();
}

void progress_summary(const char *fmt, ...)
{
	const char *begin;
	va_list ap;

	if (option_quiet)
		return;
	va_start(ap, fmt);
	begin = err_line_begin();
	put_line(fmt, ap, live_line ? "\r\033[K" : begin, "\n");
	va_end(ap);
	live_line = false;
}
