/* coprocess.c - a program that answers line by line: see coprocess.h. A single
 * poll loop moves questions and answers, so that neither side can block the
 * other forever.
 */
#include "common/format/coprocess.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/subprocess.h"

#define MAX_ANSWER ((size_t)1 << 20)

struct coprocess {
	char *command;
	struct subprocess process;
	struct buf held;	/* what came after the last answer */
	size_t answers;		/* of the current process */
	size_t singles;
	bool answered;		/* by this or an earlier process */
};

/* How long to wait for a process that is ending, and for output that a process
 * held back until its input was closed. */
#define END_SECONDS .5

struct coprocess *coprocess_new(const char *command)
{
	struct coprocess *c = xcalloc(1, sizeof *c);

	c->command = xstrdup(command);
	return c;
}

static void start(struct coprocess *c)
{
	if (!subprocess_start(&c->process, c->command))
		die_errno("cannot start '%s'", c->command);
	buf_reset(&c->held);
	c->answers = 0;
}

/* Waits some seconds for it to end by itself; returns whether it did. */
static bool ends(const struct coprocess *c, double seconds)
{
	const struct timespec pause = { 0, 1000000 };
	double end = clock_seconds() + seconds;
	bool ended;

	while (!(ended = subprocess_ended(&c->process)) &&
			clock_seconds() < end)
		nanosleep(&pause, NULL);
	return ended;
}

/* Waits for it to end, then kills it with everything it started. Returns its
 * status as from waitpid. */
static int stop(struct coprocess *c, double seconds)
{
	int status;

	if (!c->process.pid)
		return 0;
	subprocess_close_input(&c->process);
	ends(c, seconds);
	status = subprocess_kill(&c->process);
	subprocess_close(&c->process);
	return status;
}

/* Sends the rest of the question; false when nobody reads it. */
static bool send_some(struct coprocess *c, const char *p, size_t n,
	size_t *sent)
{
	/* The newline is not part of p. */
	ssize_t put = *sent < n ?
		subprocess_write(&c->process, p + *sent, n - *sent) :
		subprocess_write(&c->process, "\n", 1);

	if (put > 0)
		*sent += (size_t)put;
	return put > 0 || subprocess_again();
}

/* False at the end of the program's output. */
static bool receive_some(struct coprocess *c)
{
	ssize_t got = read(c->process.from, buf_room(&c->held, 4096), 4096);

	if (got > 0)
		c->held.n += (size_t)got;
	return got > 0 || (got < 0 && subprocess_again());
}

static bool holds_line(const struct coprocess *c)
{
	return c->held.n && memchr(c->held.p, '\n', c->held.n);
}

/* Moves the held line to answer; it must be the only one. */
static enum coprocess_result take_answer(struct coprocess *c,
	struct buf *answer)
{
	const char *nl = memchr(c->held.p, '\n', c->held.n);
	size_t n = (size_t)(nl - c->held.p);

	buf_reset(answer);
	buf_add(answer, c->held.p, n);
	if (n + 1 < c->held.n)
		return COPROCESS_SURPLUS;
	buf_reset(&c->held);
	return COPROCESS_OK;
}

/* At the end of its output: what is held is the answer, even without a newline. */
static enum coprocess_result last_words(struct coprocess *c,
	struct buf *answer)
{
	if (!c->held.n)
		return COPROCESS_DIED;
	if (c->held.p[c->held.n - 1] != '\n')
		buf_putc(&c->held, '\n');
	return take_answer(c, answer);
}

/* Sends the unsent part of line[0..n) and a newline, and waits for the answer. */
static enum coprocess_result converse(struct coprocess *c, const char *line,
	size_t n, size_t sent, double end, struct buf *answer)
{
	for (;;) {
		struct pollfd fds[2] = { { c->process.from, POLLIN, 0 },
			{ c->process.to, POLLOUT, 0 } };
		double left = end - clock_seconds();

		fds[1].fd = sent <= n ? c->process.to : -1;
		if (sent == n + 1 && holds_line(c))
			return take_answer(c, answer);
		if (left <= 0)
			return COPROCESS_TIMEOUT;
		if (c->held.n > MAX_ANSWER)
			return COPROCESS_DIED;
		if (poll(fds, 2, left > 1e6 ? 1000000000 :
				(int)(left * 1000) + 1) < 0 && errno != EINTR)
			die_errno("cannot wait for '%s'", c->command);
		/* Nobody reads the rest: it may already have answered. */
		if (fds[1].revents && !send_some(c, line, n, &sent))
			sent = n + 1;
		if (fds[0].revents && !receive_some(c))
			return last_words(c, answer);
	}
}

/* The reason for silence of a program that has never answered. */
static enum coprocess_result why_silent(struct coprocess *c,
	enum coprocess_result result, struct buf *answer)
{
	int status;

	if (result == COPROCESS_TIMEOUT) {
		subprocess_close_input(&c->process);
		if (converse(c, "", 0, 1, clock_seconds() + END_SECONDS,
				answer) == COPROCESS_OK)
			result = COPROCESS_AT_END;
		stop(c, 0);
		return result;
	}
	status = stop(c, END_SECONDS);
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 126 ||
			WEXITSTATUS(status) == 127))
		return COPROCESS_NO_START;
	return result;
}

enum coprocess_result coprocess_ask(struct coprocess *c, const char *line,
	size_t n, double seconds, struct buf *answer)
{
	double end = clock_seconds() + seconds;
	enum coprocess_result result;
	bool fresh;

	do {
		fresh = !c->process.pid;
		if (fresh)
			start(c);
		result = converse(c, line, n, 0, end, answer);
		if (result == COPROCESS_OK) {
			c->answered = true;
			c->answers++;
			return result;
		}
		if (!c->answered)
			return why_silent(c, result, answer);
		stop(c, 0);
		/* A process that answers one question and exits is
		 * restarted, and the question is repeated. */
		c->singles += !fresh && result == COPROCESS_DIED &&
			c->answers == 1;
	} while (result == COPROCESS_DIED && !fresh);
	return result;
}

size_t coprocess_singles(const struct coprocess *c)
{
	return c->singles + (c->process.pid && c->answers == 1 && ends(c, .02));
}

bool coprocess_close(struct coprocess *c)
{
	struct buf more = { 0 };
	bool surplus = false;

	if (c->process.pid) {
		subprocess_close_input(&c->process);
		surplus = converse(c, "", 0, 1, clock_seconds() + 1, &more) ==
			COPROCESS_OK || more.n || c->held.n;
	}
	stop(c, END_SECONDS);
	buf_free(&more);
	buf_free(&c->held);
	free(c->command);
	free(c);
	return surplus;
}
