/* jobs.c - requests from clients to the engine, answers back: see jobs.h
 *
 * The queue is guarded by a monitor; a job that has left it belongs to the
 * engine's thread.
 */
#include "common/serve/jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/serve/reply.h"

struct jobs {
	struct generator *generator;
	struct buf out;		/* scratch */

	struct monitor *lock;
	struct job *first, **last;
	size_t waiting, limit;	/* jobs in the queue that have no row yet */
	size_t bytes;		/* of all jobs */
	bool closed, aborted;
};

struct jobs *jobs_new(struct generator *g, size_t limit)
{
	struct jobs *s = xcalloc(1, sizeof *s);

	s->generator = g;
	s->lock = monitor_new();
	s->last = &s->first;
	s->limit = limit;
	return s;
}

void jobs_free(struct jobs *s)
{
	monitor_free(s->lock);
	buf_free(&s->out);
	free(s);
}

/* ---- the queue ---- */

static void append(struct jobs *s, struct job *j)
{
	j->next = NULL;
	*s->last = j;
	s->last = &j->next;
}

/* The first job, taken out; or NULL. */
static struct job *take(struct jobs *s)
{
	struct job *j = s->first;

	if (!j)
		return NULL;
	s->first = j->next;
	if (!s->first)
		s->last = &s->first;
	if (!j->begun)
		s->waiting--;
	return j;
}

bool jobs_submit(struct jobs *s, struct job *j)
{
	bool done;

	monitor_enter(s->lock);
	done = !s->closed && s->waiting < s->limit &&
		(!s->bytes || s->bytes + j->bytes <= JOBS_BYTES);
	if (done) {
		s->bytes += j->bytes;
		append(s, j);
		s->waiting++;
		monitor_wake(s->lock);
	}
	monitor_leave(s->lock);
	return done;
}

void jobs_close(struct jobs *s)
{
	monitor_enter(s->lock);
	s->closed = true;
	monitor_wake(s->lock);
	monitor_leave(s->lock);
}

void jobs_abort(struct jobs *s)
{
	monitor_enter(s->lock);
	s->closed = s->aborted = true;
	monitor_wake(s->lock);
	monitor_leave(s->lock);
}

/* ---- the end of a job ---- */

static void note(const struct job *j)
{
	char text[120];
	int n = snprintf(text, sizeof text, "prompt=%" PRIu64 " tokens=%"
		PRIu64, j->prompt_tokens, j->tokens);

	if (j->tool_tokens)
		snprintf(text + n, sizeof text - (size_t)n, " tools=%" PRIu64,
			j->tool_tokens);
	http_note(j->call, text);
}

static void add_error(struct buf *b, bool stream)
{
	static const char why[] = "the server is shutting down";
	struct api_error e = { .status = 503 };

	buf_str(&e.message, why);
	if (stream)
		reply_error(b, &e);
	else
		api_error_add(b, &e);
	buf_free(&e.message);
}

static void end_stream(struct jobs *s, struct job *j)
{
	if (j->stopped)
		add_error(&s->out, true);
	else if (j->q.usage)
		reply_usage(&s->out, j);
	if (!j->stopped)
		reply_done(&s->out);
	http_write(j->call, s->out.p, s->out.n);
	http_end(j->call);
}

static void finish(struct jobs *s, struct job *j)
{
	monitor_enter(s->lock);
	s->bytes -= j->bytes;
	monitor_leave(s->lock);
	note(j);
	buf_reset(&s->out);
	if (j->q.stream && !(j->stopped && !j->begun)) {
		end_stream(s, j);
	} else {
		if (j->stopped)
			add_error(&s->out, false);
		else
			reply_whole(&s->out, j);
		http_answer(j->call, j->stopped ? 503 : 200,
			"application/json", s->out.p, s->out.n);
	}
	if (s->out.cap > 1 << 20)
		buf_free(&s->out);
	job_free(j);
}

/* ---- callbacks of the engine ---- */

/* Whether nobody wants the rest of j's answers. */
static bool is_stopped(struct jobs *s, struct job *j)
{
	bool aborted;

	monitor_enter(s->lock);
	aborted = s->aborted;
	monitor_leave(s->lock);
	j->stopped |= aborted || http_gone(j->call);
	return j->stopped;
}

/* The choices that have not begun will not. */
static void give_up(struct jobs *s, struct job *j)
{
	j->unfinished -= (j->q.nprompt - j->begun) * (size_t)j->q.samples;
	if (!j->unfinished)
		finish(s, j);
}

static struct job *take_locked(struct jobs *s)
{
	struct job *j;

	monitor_enter(s->lock);
	j = take(s);
	monitor_leave(s->lock);
	return j;
}

/* The next prompt of the job; if it has more, it queues up again. */
static struct prompt *begin_prompt(struct jobs *s, struct job *j)
{
	struct prompt *p = &j->prompts[j->begun].prompt;

	if (!j->begun && j->q.stream)
		http_stream(j->call, 200, "text/event-stream");
	monitor_enter(s->lock);
	if (++j->begun < j->q.nprompt)
		append(s, j);
	monitor_leave(s->lock);
	return p;
}

static struct prompt *next(void *ctx)
{
	struct jobs *s = ctx;
	struct job *j;

	while ((j = take_locked(s))) {
		if (!is_stopped(s, j))
			return begin_prompt(s, j);
		give_up(s, j);
	}
	return NULL;
}

static struct job_choice *choice_of(const struct answer *a)
{
	return &((struct job_prompt *)a->prompt)->choices[a->index];
}

static struct job *job_of(const struct answer *a)
{
	return ((struct job_prompt *)a->prompt)->job;
}

/* Streams what is new of an answer, if anything. */
static void stream(struct jobs *s, struct job *j, struct answer *a)
{
	struct job_choice *c = choice_of(a);

	buf_reset(&s->out);
	if (!c->answer)
		reply_start(&s->out, j, c);
	c->answer = a;
	reply_piece(&s->out, j, c);
	if (s->out.n)
		http_write(j->call, s->out.p, s->out.n);
}

static bool token(void *ctx, struct answer *a)
{
	struct jobs *s = ctx;
	struct job *j = job_of(a);

	if (a->stop)
		return true;
	if (is_stopped(s, j))
		return false;
	if (j->q.stream)
		stream(s, j, a);
	return true;
}

static void count_tokens(struct job *j, const struct answer *a)
{
	size_t i;

	for (i = 0; i < a->ids.n; i++)
		*(a->mask[i] ? &j->tokens : &j->tool_tokens) += 1;
}

static void done(void *ctx, struct answer *a)
{
	struct jobs *s = ctx;
	struct job *j = job_of(a);
	struct job_choice *c = choice_of(a);

	count_tokens(j, a);
	if (j->q.stream && a->stop != ANSWER_CANCELLED)
		stream(s, j, a);
	c->answer = a;
	if (j->q.stream) {
		answer_free(a);
		c->answer = NULL;
	}
	if (!--j->unfinished)
		finish(s, j);
}

static bool unwanted(void *ctx, struct answer *a)
{
	return is_stopped(ctx, job_of(a));
}

/* Answers that wait for tools get no token, which would tell. */
static void resume(void *ctx, bool idle)
{
	struct jobs *s = ctx;

	tools_cancel_if(s->generator->tools, unwanted, s);
}

void jobs_run(struct jobs *s)
{
	struct engine_calls calls = { .ctx = s, .next = next,
		.open_ended = true, .clients_wait = true, .token = token, .resume = resume,
		.done = done };
	bool open = true;

	while (open) {
		generator_run(s->generator, &sampling_plain, 1, &calls);
		monitor_enter(s->lock);
		while (!s->first && !s->closed)
			monitor_wait(s->lock);
		open = s->first != NULL;
		monitor_leave(s->lock);
	}
}
