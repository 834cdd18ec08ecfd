/* coprocess.c - a program that answers line by line: see coprocess.h. Question
 * and answer are moved by one poll loop, so that neither side can block the
 * other for ever.
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
	struct buf held;	/* what came behind the last answer */
};

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

/* In the child: only what is safe between fork and exec. Its own group, so
 * that what it started ends with it. */
_Noreturn static void become(const char *command, int in, int out)
{
	setpgid(0, 0);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static atomic_flag starting = ATOMIC_FLAG_INIT;

/* One thread at a time, so that no program inherits the pipes of another and
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
}

static void stop(struct coprocess *c)
{
	if (!c->pid)
		return;
	if (c->to >= 0)
		close(c->to);
	close(c->from);
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
}

/* write(2) without the signal that a closed pipe raises, which belongs to
 * standard output. */
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

/* Sends what is left of the question; false when nobody reads it. */
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

/* False at the end of what the program says. */
static bool receive_some(struct coprocess *c)
{
	ssize_t got = read(c->from, buf_room(&c->held, 4096), 4096);

	if (got > 0)
		c->held.n += (size_t)got;
	return got > 0 || (got < 0 && again());
}

/* Moves the first line of what is held to answer. */
static bool take_line(struct coprocess *c, struct buf *answer)
{
	char *nl = c->held.n ? memchr(c->held.p, '\n', c->held.n) : NULL;
	size_t n;

	if (!nl)
		return false;
	n = (size_t)(nl - c->held.p);
	buf_reset(answer);
	buf_add(answer, c->held.p, n);
	c->held.n -= n + 1;
	memmove(c->held.p, nl + 1, c->held.n);
	return true;
}

static enum coprocess_result converse(struct coprocess *c, const char *line,
	size_t n, double end, struct buf *answer)
{
	size_t sent = 0;

	for (;;) {
		struct pollfd fds[2] = { { c->from, POLLIN, 0 },
			{ c->to, POLLOUT, 0 } };
		double left = end - clock_seconds();

		if (sent == n + 1 && take_line(c, answer))
			return c->held.n ? COPROCESS_DIED : COPROCESS_OK;
		if (left <= 0)
			return COPROCESS_TIMEOUT;
		if (c->held.n > MAX_ANSWER)
			return COPROCESS_DIED;
		if (poll(fds, sent <= n ? 2 : 1, left > 1e6 ? 1000000000 :
				(int)(left * 1000) + 1) < 0 && errno != EINTR)
			die_errno("cannot wait for '%s'", c->command);
		if (fds[1].revents && sent <= n &&
			!send_some(c, line, n, &sent))
			return COPROCESS_DIED;
		if (fds[0].revents && !receive_some(c))
			return COPROCESS_DIED;
	}
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
		result = converse(c, line, n, end, answer);
		if (result != COPROCESS_OK)
			stop(c);
		/* One that answers a single question and ends is asked
		 * again, anew. */
	} while (result == COPROCESS_DIED && !fresh);
	return result;
}

void coprocess_free(struct coprocess *c)
{
	const struct timespec pause = { 0, 10000000 };
	int i;

	if (c->pid) {
		close(c->to);
		c->to = -1;
		for (i = 0; i < 100; i++) {
			if (waitpid(c->pid, NULL, WNOHANG) == c->pid) {
				close(c->from);
				c->pid = 0;
				break;
			}
			nanosleep(&pause, NULL);
		}
		stop(c);
	}
	buf_free(&c->held);
	free(c->command);
	free(c);
}
