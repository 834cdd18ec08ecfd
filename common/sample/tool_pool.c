/* tool_pool.c - the processes of tools: see tool_pool.h
 *
 * One poll loop moves input and output of all processes. A process whose output
 * has ended, or whose descendants hold it open, is asked for its end from time
 * to time.
 */
#include "common/sample/tool_pool.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/base/subprocess.h"
#include "common/base/utf8.h"

/* How often a sleeping pool looks for processes that have ended, in
 * milliseconds; and while one is about to end. */
enum { PAUSE = 20, SHORT_PAUSE = 1 };

struct call {
	struct tool_job job;	/* first: tool_job_free gets its address */
	struct buf input;
	size_t sent;
	uint32_t seed;
	struct subprocess process;
	double end;		/* of its time; 0: it has not begun */
	bool silent;		/* its output has ended */
	size_t place;		/* in groups, while it runs */
	struct call *next;
};

/* A queue of calls, the first `running` of which have processes. */
struct tool_pool {
	struct tool_limits limits;
	struct call *first, **last;
	size_t running;
};

/* ---- processes end with the program ---- */

/* The groups that run, of all pools; 0: a free place. */
static _Atomic int groups[TOOL_POOL_RUNNING];
static bool guarded;

/* Async-signal-safe. */
static void kill_groups(void)
{
	size_t i;

	for (i = 0; i < TOOL_POOL_RUNNING; i++)
		if (groups[i])
			kill(-groups[i], SIGKILL);
}

static size_t free_place(void)
{
	size_t i = 0;

	while (i < TOOL_POOL_RUNNING && groups[i])
		i++;
	return i;
}

/* ---- construction ---- */

struct tool_pool *tool_pool_new(const struct tool_limits *limits)
{
	struct tool_pool *p = xcalloc(1, sizeof *p);

	if (!guarded) {
		signals_on_end(kill_groups);
		atexit(kill_groups);
	}
	guarded = true;
	p->limits = *limits;
	p->last = &p->first;
	return p;
}

void tool_job_free(struct tool_job *job)
{
	struct call *c = (struct call *)job;

	buf_free(&job->result);
	buf_free(&c->input);
	free(c);
}

void tool_pool_call(struct tool_pool *p, const char *command,
	const char *text, size_t n, uint32_t seed, void *owner)
{
	struct call *c = xcalloc(1, sizeof *c);

	c->job.command = command;
	c->job.owner = owner;
	c->seed = seed;
	buf_add(&c->input, text, n);
	if (!n || text[n - 1] != '\n')
		buf_putc(&c->input, '\n');
	*p->last = c;
	p->last = &c->next;
}

/* Ends the process of a call; what it has written can still be read. Returns
 * its status. */
static int end_process(struct tool_pool *p, struct call *c)
{
	int status = subprocess_kill(&c->process);

	groups[c->place] = 0;
	p->running--;
	return status;
}

/* Takes a call out of the queue, given the pointer to it. */
static void take_out(struct tool_pool *p, struct call **at)
{
	struct call *c = *at;

	*at = c->next;
	if (p->last == &c->next)
		p->last = at;
}

static void drop(struct tool_pool *p, struct call **at)
{
	struct call *c = *at;

	take_out(p, at);
	if (c->process.pid) {
		end_process(p, c);
		subprocess_close(&c->process);
	}
	tool_job_free(&c->job);
}

void tool_pool_cancel(struct tool_pool *p, const void *owner)
{
	struct call **at = &p->first;

	while (*at) {
		if ((*at)->job.owner == owner)
			drop(p, at);
		else
			at = &(*at)->next;
	}
}

void tool_pool_free(struct tool_pool *p)
{
	if (!p)
		return;
	while (p->first)
		drop(p, &p->first);
	free(p);
}

/* The system has no process left: the call waits for one that ends. */
static void wait_for_process(const struct tool_pool *p, struct call *c)
{
	if (!p->running && !p->limits.patient)
		die_errno("cannot start '%s'", c->job.command);
	if (!p->running && !c->end)
		c->end = clock_seconds() + p->limits.seconds;
}

extern char **environ;	/* of this name in POSIX, and in no header of it */

/* Our environment and NAME=VALUE instead of what NAME was; the caller frees the
 * list. */
static char **environment_with(char *entry)
{
	size_t name = (size_t)(strchr(entry, '=') - entry) + 1, n = 0, i;
	char **list;

	while (environ[n])
		n++;
	list = xcalloc(n + 2, sizeof *list);
	list[0] = entry;
	for (i = 0, n = 1; environ[i]; i++)
		if (strncmp(environ[i], entry, name))
			list[n++] = environ[i];
	return list;
}

/* In the child: it is killed when the thread that started it ends. */
static void set_up(void *environment)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	environ = environment;
}

static bool start_process(struct call *c)
{
	char entry[sizeof "TOOL_SEED=4294967295"];
	char **environment;
	bool started;

	sprintf(entry, "TOOL_SEED=%" PRIu32, c->seed);
	environment = environment_with(entry);
	started = subprocess_start_in(&c->process, c->job.command, set_up,
		environment);
	free(environment);
	return started;
}

/* Starts calls in their order while there are places. */
static void start_calls(struct tool_pool *p)
{
	struct call *c;

	for (c = p->first; c; c = c->next) {
		size_t place = free_place();

		if (c->process.pid)
			continue;
		if (place == TOOL_POOL_RUNNING)
			return;
		if (!start_process(c)) {
			wait_for_process(p, c);
			return;
		}
		c->place = place;
		groups[place] = c->process.pid;
		p->running++;
		c->end = clock_seconds() + p->limits.seconds;
	}
}

/* ---- results ---- */

PRINTF_LIKE(2, 3)
static void add_error(struct call *c, const char *why, ...)
{
	struct buf *b = &c->job.result;
	char *text = c->job.error;
	int n = sprintf(text, "error: ");
	va_list ap;

	va_start(ap, why);
	vsnprintf(text + n, sizeof c->job.error - (size_t)n, why, ap);
	va_end(ap);

	if (b->n && b->p[b->n - 1] != '\n')
		buf_putc(b, '\n');
	buf_str(b, text);
}

static void trim_newlines(struct buf *b)
{
	while (b->n && (b->p[b->n - 1] == '\n' || b->p[b->n - 1] == '\r'))
		b->n--;
}

static bool is_text(const struct buf *b)
{
	return !b->n || (utf8_valid(b->p, b->n) && !memchr(b->p, 0, b->n));
}

static void finish_result(struct call *c, int status, bool cut)
{
	struct buf *b = &c->job.result;

	if (cut)
		b->n -= utf8_partial(b->p, b->n);
	trim_newlines(b);
	if (!is_text(b)) {
		buf_reset(b);
		add_error(c, "the output is not UTF-8 text");
	} else if (cut) {
		add_error(c, "the rest of the output was cut off");
	} else if (WIFSIGNALED(status)) {
		add_error(c, "killed by signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status)) {
		add_error(c, "exit status %d", WEXITSTATUS(status));
	}
}

/* ---- input and output ---- */

static void send_input(struct call *c)
{
	ssize_t put = subprocess_write(&c->process, c->input.p + c->sent,
		c->input.n - c->sent);

	if (put > 0)
		c->sent += (size_t)put;
	/* A command need not read its input. */
	if (c->sent == c->input.n || (put < 0 && !subprocess_again()))
		subprocess_close_input(&c->process);
}

/* Reads what is there. Returns whether it is more than `most` bytes, of which it
 * keeps the first. */
static bool receive(struct call *c, size_t most)
{
	struct buf *b = &c->job.result;
	ssize_t got = 1;

	while (b->n <= most && !c->silent && got > 0) {
		size_t room = most + 1 - b->n;

		got = read(c->process.from, buf_room(b, room), room);
		if (got > 0)
			b->n += (size_t)got;
		else if (!got || !subprocess_again())
			c->silent = true;
	}
	if (b->n <= most)
		return false;
	b->n = most;
	return true;
}

/* Whether a call has waited too long for a process. */
static bool give_up(struct call *c)
{
	if (!c->end || clock_seconds() < c->end)
		return false;
	add_error(c, "the system cannot start it");
	return true;
}

/* Moves a call on; returns whether it has ended. */
static bool advance(struct tool_pool *p, struct call *c)
{
	bool ended, cut;
	int status;

	if (c->process.to >= 0)
		send_input(c);
	ended = subprocess_ended(&c->process);
	cut = receive(c, p->limits.bytes);
	if (!ended && !cut && clock_seconds() < c->end)
		return false;
	status = end_process(p, c);
	cut = cut || receive(c, p->limits.bytes);
	subprocess_close(&c->process);
	if (ended || cut) {
		finish_result(c, status, cut);
	} else {
		buf_reset(&c->job.result);
		add_error(c, "no result within %g s", p->limits.seconds);
	}
	return true;
}

static struct call *first_ended(struct tool_pool *p)
{
	struct call **at = &p->first, *c;

	while ((c = *at)) {
		if (c->process.pid ? advance(p, c) : give_up(c)) {
			take_out(p, at);
			return c;
		}
		at = &c->next;
	}
	return NULL;
}

/* Sleeps until a process reads, writes, or may have ended. */
static void wait_for_calls(const struct tool_pool *p)
{
	struct pollfd fds[2 * TOOL_POOL_RUNNING];
	struct call *c;
	nfds_t n = 0;
	int pause = PAUSE;

	for (c = p->first; c; c = c->next) {
		if (!c->process.pid)
			continue;
		if (c->silent)
			pause = SHORT_PAUSE;
		fds[n++] = (struct pollfd){ c->silent ? -1 : c->process.from,
			POLLIN, 0 };
		fds[n++] = (struct pollfd){ c->process.to, POLLOUT, 0 };
	}
	if (poll(fds, n, pause) < 0 && errno != EINTR)
		die_errno("cannot wait for tools");
}

struct tool_job *tool_pool_next(struct tool_pool *p, bool sleep)
{
	struct call *c;

	start_calls(p);
	c = first_ended(p);
	if (!c && sleep && p->first) {
		wait_for_calls(p);
		c = first_ended(p);
	}
	return c ? &c->job : NULL;
}
