/* tools.c - tools that a model calls while it answers: see tools.h */
#include "common/sample/tools.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/rng.h"
#include "common/base/size.h"
#include "common/sample/tool_pool.h"

struct tools {
	const struct vocab *vocab;
	struct encoder *encoder;		/* its own: programs may encode
						 * prompts in another thread */
	struct tool *v;
	size_t n;
	struct tool_marker before, after;	/* results */
	size_t most;				/* calls in an answer */
	size_t bytes;				/* of a result */
	struct tool_pool *pool;
	struct answer **waiting;
	size_t nwaiting, cap;
	bool cancelled;		/* some of them, since tools_resume */
	char **copies;		/* of options, which markers point into */
	uint64_t calls, errors;
	struct buf text;	/* of a result, under construction */
};

/* ---- options ---- */

void tool_options_check(const struct tool_options *o)
{
	option_above("tool-timeout", o->timeout, 0, 86400, NULL);
	option_range("tool-bytes", (int64_t)o->bytes, 1, 1 << 30);
	option_range("tool-calls", o->calls, 1, INT64_MAX);
	if (o->output && !o->tools.n)
		die_usage("--tool-output needs --tool");
}

/* Cuts *rest at its first comma: the text before it as a marker. */
static bool take_marker(const struct vocab *v, char **rest,
	struct tool_marker *m)
{
	char *comma = strchr(*rest, ',');

	if (!comma)
		return false;
	*comma = 0;
	m->text = *rest;
	m->n = (size_t)(comma - *rest);
	m->id = vocab_special(v, m->text);
	if (m->id < 0 && !strncmp(m->text, "<|", 2))
		warn("'%s' is not a special token of the model: it is a text",
			m->text);
	*rest = comma + 1;
	return true;
}

static char *keep_copy(struct tools *t, size_t i, const char *option)
{
	t->copies[i] = xmalloc(strlen(option) + 2);
	strcpy(t->copies[i], option);
	return t->copies[i];
}

static void read_tool(struct tools *t, size_t i, const char *option)
{
	char *rest = keep_copy(t, i, option);
	struct tool *tool = &t->v[i];

	if (!take_marker(t->vocab, &rest, &tool->start) ||
		!take_marker(t->vocab, &rest, &tool->end) || !tool->start.n ||
		!tool->end.n || !rest[strspn(rest, " \t\n")])
		die_usage("--tool: '%s' is not START,END,COMMAND", option);
	tool->command = rest;
}

static void read_output(struct tools *t, const char *option)
{
	char *rest;

	if (!option)
		return;
	rest = keep_copy(t, t->n, option);
	if (strchr(rest, ',') != strrchr(rest, ',') || !strchr(rest, ','))
		die_usage("--tool-output: '%s' is not START,END", option);
	strcat(rest, ",");
	take_marker(t->vocab, &rest, &t->before);
	take_marker(t->vocab, &rest, &t->after);
}

struct tools *tools_new(const struct tool_options *o, const struct vocab *v)
{
	const struct tool_limits limits = { o->timeout, o->bytes, o->patient };
	struct tools *t;
	size_t i;

	if (!o->tools.n)
		return NULL;
	t = xcalloc(1, sizeof *t);
	t->vocab = v;
	t->encoder = encoder_new(v);
	t->n = o->tools.n;
	t->v = xcalloc(t->n, sizeof *t->v);
	t->copies = xcalloc(t->n + 1, sizeof *t->copies);
	t->before.id = t->after.id = -1;
	for (i = 0; i < t->n; i++)
		read_tool(t, i, o->tools.v[i]);
	read_output(t, o->output);
	t->most = (size_t)o->calls;
	t->bytes = o->bytes;
	t->pool = tool_pool_new(&limits);
	return t;
}

void tools_free(struct tools *t)
{
	size_t i;

	if (!t)
		return;
	tool_pool_free(t->pool);
	encoder_free(t->encoder);
	for (i = 0; i <= t->n; i++)
		free(t->copies[i]);
	free(t->copies);
	free(t->v);
	free(t->waiting);
	buf_free(&t->text);
	free(t);
}

/* ---- results ---- */

/* The token after which the next one is forced, or -1. */
static int64_t token_before(const struct answer *a)
{
	return a->nforced < a->forced.n ? a->forced.v[a->forced.n - 1] :
		a->ids.n ? a->ids.v[a->ids.n - 1] : a->before;
}

/* Appends the text so far to forced, as ordinary text. */
static void force_text(struct tools *t, struct answer *a)
{
	int64_t before = token_before(a);

	tok_encode_at(t->encoder, before >= 0 && vocab_is_special(t->vocab,
		(uint32_t)before) ? TOK_AFTER : TOK_INSIDE, t->text.p,
		t->text.n, &a->forced);
	buf_reset(&t->text);
}

static void force_marker(struct tools *t, struct answer *a,
	const struct tool_marker *m)
{
	if (m->id < 0) {
		buf_add(&t->text, m->text, m->n);
		return;
	}
	force_text(t, a);
	ids_add(&a->forced, (uint32_t)m->id);
}

/* Puts a result into the context; markers that are texts are encoded with it. */
static void force_result(struct tools *t, struct answer *a, struct tool_call *c)
{
	size_t had = a->forced.n;
	int64_t before = token_before(a);
	struct buf shown = { 0 };

	force_marker(t, a, &t->before);
	buf_add(&t->text, c->result.p, c->result.n);
	force_marker(t, a, &t->after);
	force_text(t, a);
	tok_decode_on(t->vocab, &before, a->forced.v + had, a->forced.n - had,
		false, &shown);
	c->to = a->text.n + shown.n;
	buf_free(&shown);
}

static void count_error(struct tools *t, struct tool_job *job)
{
	size_t i;

	t->errors++;
	for (i = 0; i < t->n; i++) {
		if (t->v[i].command != job->command || t->v[i].warned)
			continue;
		t->v[i].warned = true;
		warn("tool '%s': %s; further errors are only counted",
			job->command, job->error + strlen("error: "));
	}
}

static struct tool_call *last_call(const struct answer *a)
{
	return &a->tools->calls[a->tools->n - 1];
}

static void stop_waiting(struct tools *t, struct answer *a)
{
	size_t i = 0;

	while (t->waiting[i] != a)
		i++;
	t->waiting[i] = t->waiting[--t->nwaiting];
	a->waiting = false;
}

static void take_job(struct tools *t, struct tool_job *job)
{
	struct answer *a = job->owner;
	struct tool_call *c = last_call(a);

	if (*job->error)
		count_error(t, job);
	buf_add(&c->result, job->result.p, job->result.n);
	tool_job_free(job);
	stop_waiting(t, a);
	force_result(t, a, c);
}

/* ---- the engine's callbacks ---- */

static void refuse(struct tools *t, struct answer *a, struct tool_call *c)
{
	buf_printf(&c->result, "error: more than %zu calls", t->most);
	t->errors++;
	force_result(t, a, c);
}

/* Of the last call of an answer: below 2^31, so that any shell can reckon with
 * it. */
static uint32_t chance_of(const struct answer *a)
{
	return (uint32_t)(rng_u64(a->key, RNG_TOOL, (uint32_t)a->index,
		a->tools->n) >> 33);
}

void tools_token(struct tools *t, struct answer *a, size_t most)
{
	struct tool_call *c;

	if (a->stop && (a->stop != ANSWER_EOS || a->ids.n >= most))
		return;
	c = tool_track_token(a, t->v, t->n);
	if (!c)
		return;
	a->stop = ANSWER_GOES_ON;
	t->calls++;
	if (a->tools->n > t->most) {
		refuse(t, a, c);
		return;
	}
	t->waiting = grow(t->waiting, t->nwaiting, &t->cap,
		sizeof *t->waiting);
	t->waiting[t->nwaiting++] = a;
	a->waiting = true;
	tool_pool_call(t->pool, c->tool->command, c->input.p, c->input.n,
		chance_of(a), a);
}

void tools_cancel(struct tools *t, struct answer *a)
{
	if (!a->waiting)
		return;
	tool_pool_cancel(t->pool, a);
	a->stop = ANSWER_CANCELLED;
	stop_waiting(t, a);
	t->cancelled = true;
}

void tools_cancel_if(struct tools *t,
	bool (*unwanted)(void *ctx, struct answer *a), void *ctx)
{
	size_t i;

	/* The last one takes the place of one that is cancelled. */
	for (i = t->nwaiting; i--;)
		if (unwanted(ctx, t->waiting[i]))
			tools_cancel(t, t->waiting[i]);
}

void tools_resume(struct tools *t, bool idle)
{
	bool sleep = idle && !t->cancelled;
	struct tool_job *job;

	t->cancelled = false;
	while ((job = tool_pool_next(t->pool, sleep))) {
		sleep = false;
		take_job(t, job);
	}
}

/* A call takes at least two tokens, its input and result are kept, and the
 * result is kept as ids too, at most one per byte. */
size_t tools_bytes(const struct tools *t, size_t most)
{
	if (!t)
		return 0;
	return size_min(t->most + 1, most / 2) * (sizeof(struct tool_call) +
		t->bytes * (1 + sizeof(uint32_t)));
}

void tools_summary(const struct tools *t)
{
	progress_summary("tools: calls=%" PRIu64 " errors=%" PRIu64,
		t->calls, t->errors);
}
