/* coprocess.c - a program that answers line by line: see coprocess.h. A single
 * poll loop moves questions and answers, so that neither side can block the
 * other forever.
 */
#include "common/format/coprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/progress.h"

#define MAX_ANSWER ((size_t)1 << 20)

struct coprocess {
	char *command;
	pid_t pid;		/* 0: not running */
	int to, from;
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

static void make_pipe(int fd[2])
{
	if (pipe(fd))
		die_errno("cannot make a pipe");
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
}

/* Runs in the child: only what is safe between fork and exec. It gets its own
 * process group, so that what it started ends with it. */
_Noreturn static void become(const char *command, int in, int out)
{
	setpgid(0, 0);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static atomic_flag starting = ATOMIC_FLAG_INIT;

/* One thread at a time, so that no process inherits the pipes of another and
 * keeps them open. */
static void start(struct coprocess *c)
{
	int in[2], out[2];

	while (atomic_flag_test_and_set(&starting))
		;
	make_pipe(in);
	make_pipe(out);
	c->pid = fork();
	if (c->pid < 0)
		die_errno("cannot start '%s'", c->command);
	if (c->pid == 0)
		become(c->command, in[0], out[1]);
	setpgid(c->pid, c->pid);
	close(in[0]);
	close(out[1]);
	atomic_flag_clear(&starting);
	c->to = in[1];
	c->from = out[0];
	fcntl(c->to, F_SETFL, O_NONBLOCK);
	fcntl(c->from, F_SETFL, O_NONBLOCK);
	buf_reset(&c->held);
	c->answers = 0;
}

static void close_input(struct coprocess *c)
{
	if (c->to >= 0)
		close(c->to);
	c->to = -1;
}

/* Waits some seconds for it to end by itself; returns whether it did. It is not
 * reaped yet, so the number of its group stays valid. */
static bool ends(const struct coprocess *c, double seconds)
{
	const struct timespec pause = { 0, 1000000 };
	double end = clock_seconds() + seconds;
	siginfo_t ended = { .si_pid = 0 };

	while (!waitid(P_PID, (id_t)c->pid, &ended,
			WEXITED | WNOHANG | WNOWAIT) && !ended.si_pid &&
			clock_seconds() < end)
		nanosleep(&pause, NULL);
	return ended.si_pid != 0;
}

/* Waits for it to end, then kills it with everything it started. Returns its
 * status as from waitpid. */
static int stop(struct coprocess *c, double seconds)
{
	int status = 0;

	if (!c->pid)
		return 0;
	close_input(c);
	ends(c, seconds);
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->from);
	c->pid = 0;
	return status;
}

/* write(2) without the SIGPIPE of a closed pipe, which is reserved for standard
 * output. */
static ssize_t write_quietly(int fd, const char *p, size_t n)
{
	const struct timespec now = { 0, 0 };
	sigset_t broken, before;
	ssize_t put;
	int e;

	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &broken, &before);
	put = write(fd, p, n);
	e = errno;
	if (put < 0 && e == EPIPE)
		while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = e;
	return put;
}

static bool again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Sends the rest of the question; false when nobody reads it. */
static bool send_some(struct coprocess *c, const char *p, size_t n,
	size_t *sent)
{
	/* The newline is not part of p. */
	ssize_t put = *sent < n ? write_quietly(c->to, p + *sent, n - *sent) :
		write_quietly(c->to, "\n", 1);

	if (put > 0)
		*sent += (size_t)put;
	return put > 0 || again();
}

/* False at the end of the program's output. */
static bool receive_some(struct coprocess *c)
{
	ssize_t got = read(c->from, buf_room(&c->held, 4096), 4096);

	if (got > 0)
		c->held.n += (size_t)got;
	return got > 0 || (got < 0 && again());
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
		struct pollfd fds[2] = { { c->from, POLLIN, 0 },
			{ c->to, POLLOUT, 0 } };
		double left = end - clock_seconds();

		fds[1].fd = sent <= n ? c->to : -1;
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
		close_input(c);
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
		fresh = !c->pid;
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
	return c->singles + (c->pid && c->answers == 1 && ends(c, .02));
}

bool coprocess_close(struct coprocess *c)
{
	struct buf more = { 0 };
	bool surplus = false;

	if (c->pid) {
		close_input(c);
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
