/* engine.c - many answers at once: see engine.h
 *
 * A round: samples begin in free rows, every row's token is drawn (in parallel),
 * answers that have ended leave, prompts are taken for their rows (reader.h), and
 * one pass of the model computes the logits of the next round. It processes the
 * tokens drawn and reads prompts at the same time: only so many tokens of these
 * that a client need not wait long for the first token of its own, nor for the
 * next while others' prompts are read. Waiting rows are set aside with a token
 * that the model has not processed yet; the pass after their return does it.
 */
#include "common/sample/engine.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/sample/reader.h"

/* Row i of the batch has row i of the logits. */
struct row {
	struct source *source;
	struct answer *answer;
	struct kv_segment *own;
	struct ids recent;	/* prompt and answer, for the repetition
				 * penalty only */
	struct constraint_state *constraint;	/* or NULL */
	struct choice choice;
	enum sampler_result chosen;
	struct alternative *top;	/* (prompt->top) to choice.id */
	bool drawn;		/* sampled, not forced */
};

struct engine {
	struct decoder *d;
	size_t vocab;
	struct sampler **samplers;	/* one per thread */
	struct row *rows;
	struct row *waiting;		/* set aside */
	struct decode_row *step;
	float *logits;			/* (rows + prompts of a pass, vocab) */
	struct reader *reader;
	struct engine_stats stats;

	/* During engine_run: */
	const struct sampling *how;
	const struct stop_criteria *stop;
	const struct engine_calls *calls;
	uint64_t seed;
	size_t usable;
	size_t n, nwaiting;		/* rows in use, and set aside */
};

struct engine *engine_new(struct decoder *d, const struct engine_memory *memory)
{
	struct engine *e = xcalloc(1, sizeof *e);
	size_t rows = decoder_rows(d), i, threads = (size_t)parallel_count();

	e->d = d;
	e->vocab = decoder_config(d)->vocab;
	e->samplers = xcalloc(threads + 1, sizeof *e->samplers);
	for (i = 0; i < threads; i++)
		e->samplers[i] = sampler_new(e->vocab);
	e->rows = xcalloc(rows, sizeof *e->rows);
	e->waiting = xcalloc(rows, sizeof *e->waiting);
	e->step = xcalloc(rows, sizeof *e->step);
	e->logits = kernel_alloc_raw((rows + size_min(rows, DECODER_PROMPTS)) *
		e->vocab);
	e->reader = reader_new(d, e->samplers, memory);
	return e;
}

void engine_free(struct engine *e)
{
	size_t i;

	if (!e)
		return;
	for (i = 0; e->samplers[i]; i++)
		sampler_free(e->samplers[i]);
	for (i = 0; i < decoder_rows(e->d); i++) {
		ids_free(&e->rows[i].recent);
		ids_free(&e->waiting[i].recent);
	}
	free(e->samplers);
	free(e->rows);
	free(e->waiting);
	free(e->step);
	kernel_free(e->logits);
	reader_free(e->reader);
	free(e);
}

/* Logits of rows, of prompts of a pass, and of those whose samples begin: each has
 * a row for one at least. And the samplers'. */
double engine_bytes(const struct model_config *c, size_t rows)
{
	return (double)c->vocab * (3 * sizeof(float) * (double)rows +
		32 * (double)parallel_count());
}

const struct engine_stats *engine_stats(const struct engine *e)
{
	return &e->stats;
}

static const struct sampling *sampling_of(const struct engine *e,
	const struct row *r)
{
	const struct sampling *own = r->source->prompt->how;

	return own ? own : e->how;
}

static const struct stop_criteria *stop_of(const struct engine *e,
	const struct row *r)
{
	const struct stop_criteria *own = r->source->prompt->stop;

	return own ? own : e->stop;
}

/* ---- filling rows ---- */

static void add_row(struct engine *e, struct source *s)
{
	struct row *r = &e->rows[e->n];
	struct ids recent = r->recent;
	size_t i;

	*r = (struct row){ .source = s, .recent = recent };
	memcpy(e->logits + e->n * e->vocab, s->logits,
		e->vocab * sizeof *e->logits);
	r->answer = answer_new(s->prompt, reader_begin(e->reader, s));
	if (s->prompt->constraint)
		r->constraint = constraint_begin(s->prompt->constraint);
	r->answer->ntop = s->prompt->top;
	r->answer->before = s->prompt->ids[s->prompt->n - 1];
	r->answer->key = sampling_key(e->seed, s->prompt->key);
	if (s->prompt->top)
		r->top = xcalloc(s->prompt->top, sizeof *r->top);
	r->own = s->prefix ? decoder_segment(e->d) : s->run;
	kv_segment_room(r->own, s->prompt->most);
	r->recent.n = 0;
	for (i = 0; sampling_of(e, r)->repeat_penalty != 1 &&
		i < s->prompt->n; i++)
		ids_add(&r->recent, s->prompt->ids[i]);
	e->n++;
}

/* Removes row i; rows keep their order, so samples of a prompt stay
 * adjacent. */
static void remove_row(struct engine *e, size_t i)
{
	struct row *r = &e->rows[i];
	struct ids recent = r->recent;

	if (r->own != r->source->run)
		kv_segment_free(r->own);
	free(r->top);
	reader_end(e->reader, r->source);
	constraint_end(r->constraint);
	e->n--;
	memmove(r, r + 1, (e->n - i) * sizeof *r);
	e->rows[e->n].recent = recent;
}

/* A sample with a maximum of 0 tokens ends before it begins. */
static void add_empty(struct engine *e, struct source *s)
{
	struct answer *a = answer_new(s->prompt, reader_begin(e->reader, s));

	a->stop = ANSWER_LENGTH;
	reader_end(e->reader, s);
	e->calls->done(e->calls->ctx, a);
}

static size_t free_rows(const struct engine *e)
{
	return decoder_rows(e->d) - e->n - e->nwaiting;
}

static void fill(struct engine *e)
{
	struct source *s;

	while (free_rows(e) && (s = reader_first(e->reader)))
		if (s->prompt->most)
			add_row(e, s);
		else
			add_empty(e, s);
}

/* ---- waiting ---- */

/* Moves row i to the waiting rows, swapping its memory for recent tokens with
 * that of an unused one. */
static void put_aside(struct engine *e, size_t i)
{
	struct row r = e->rows[i];
	struct ids unused = e->waiting[e->nwaiting].recent;

	e->n--;
	memmove(e->rows + i, e->rows + i + 1, (e->n - i) * sizeof r);
	e->rows[e->n].recent = unused;
	e->waiting[e->nwaiting++] = r;
}

/* The reverse: puts it after the last sample of its prompt. Returns its row. */
static size_t take_back(struct engine *e, size_t i)
{
	struct row r = e->waiting[i];
	struct ids unused = e->rows[e->n].recent;
	size_t at = e->n;

	e->nwaiting--;
	memmove(e->waiting + i, e->waiting + i + 1,
		(e->nwaiting - i) * sizeof r);
	e->waiting[e->nwaiting].recent = unused;
	while (at && e->rows[at - 1].source != r.source)
		at--;
	at = at ? at : e->n;
	memmove(e->rows + at + 1, e->rows + at, (e->n - at) * sizeof r);
	e->rows[at] = r;
	e->n++;
	return at;
}

/* Takes back the rows that no longer wait. Must not be called while the logits
 * are still needed. */
static void resume(struct engine *e, bool idle)
{
	size_t i, at;

	e->calls->resume(e->calls->ctx, idle);
	for (i = 0; i < e->nwaiting;) {
		struct answer *a = e->waiting[i].answer;

		if (a->waiting) {
			i++;
			continue;
		}
		at = take_back(e, i);
		if (!a->stop)
			continue;
		remove_row(e, at);
		e->calls->done(e->calls->ctx, a);
	}
}

/* ---- a round ---- */

/* A row whose text has a constraint. */
struct limited {
	const struct stop_criteria *stop;
	struct constraint_state *constraint;
	const struct answer *answer;
};

/* An end token is allowed if the text is complete. */
static bool allows(void *ctx, uint32_t id)
{
	const struct limited *x = ctx;
	const char *bytes;
	size_t n;

	if (stop_has_id(x->stop, id))
		return constraint_complete(x->constraint);
	bytes = answer_bytes(x->answer, x->stop, x->answer->ids.n, id, &n);
	return bytes && !vocab_is_special(x->stop->vocab, id) &&
		constraint_allows(x->constraint, bytes, n);
}

static void draw(struct engine *e, struct row *r, struct sampler *s,
	float *logits)
{
	const struct answer *a = r->answer;
	struct limited limited = { stop_of(e, r), r->constraint, a };
	const struct sampler_past past = { r->recent.v, r->recent.n, a->ids.v,
		a->mask, a->ids.n };
	double u = sampling_uniform(a->key, (uint32_t)a->index, a->ids.n);

	if (r->constraint)
		r->chosen = sampler_choose_allowed(s, sampling_of(e, r), logits,
			e->usable, &past, u, allows, &limited, &r->choice);
	else
		r->chosen = sampler_choose(s, sampling_of(e, r), logits,
			e->usable, &past, u, &r->choice) ?
			SAMPLER_CHOSEN : SAMPLER_NOT_FINITE;
}

static void choose_row(void *ctx, size_t i, int thread)
{
	struct engine *e = ctx;
	struct row *r = &e->rows[i];
	struct answer *a = r->answer;
	struct sampler *s = e->samplers[thread];
	float *logits = e->logits + i * e->vocab;

	r->drawn = a->nforced == a->forced.n;
	if (r->drawn) {
		draw(e, r, s, logits);
	} else {
		r->choice.id = a->forced.v[a->nforced++];
		r->choice.sample_logprob = 0;
		r->chosen = sampler_logprob(s, logits, r->choice.id,
			&r->choice.logprob) ? SAMPLER_CHOSEN :
			SAMPLER_NOT_FINITE;
	}
	if (r->chosen == SAMPLER_CHOSEN && a->ntop)
		sampler_alternatives(s, logits, e->usable, a->ntop, r->top);
}

/* Appends the token to the text under constraint. An answer that can only end
 * does so. */
static void constrain(struct engine *e, struct row *r)
{
	struct answer *a = r->answer;
	const char *bytes;
	size_t n;

	if (r->chosen == SAMPLER_CHOSEN && a->stop != ANSWER_EOS && r->drawn) {
		bytes = answer_bytes(a, stop_of(e, r), a->ids.n - 1,
			r->choice.id, &n);
		constraint_take(r->constraint, bytes, n);
	}
	a->incomplete = !constraint_complete(r->constraint);
	if (r->chosen == SAMPLER_NONE)
		a->stop = a->incomplete ? ANSWER_STUCK : ANSWER_STOP;
	else if ((!a->stop || a->stop == ANSWER_LENGTH) &&
		constraint_closed(r->constraint))
		a->stop = ANSWER_STOP;
}

/* Appends the row's token; returns whether the answer continues. */
static bool take_token(struct engine *e, struct row *r)
{
	struct answer *a = r->answer;
	const struct prompt *p = r->source->prompt;

	if (r->chosen == SAMPLER_NOT_FINITE)
		reader_not_finite();
	if (r->chosen == SAMPLER_CHOSEN)
		answer_add(a, stop_of(e, r), p->most, &r->choice, r->top,
			r->drawn);
	if (r->constraint)
		constrain(e, r);
	if (r->chosen == SAMPLER_NONE)
		return false;
	if (sampling_of(e, r)->repeat_penalty != 1)
		ids_add(&r->recent, r->choice.id);
	e->stats.tokens++;
	if (e->calls->token && !e->calls->token(e->calls->ctx, a) && !a->stop)
		a->stop = ANSWER_CANCELLED;
	return !a->stop;
}

/* Appends the chosen token of row i. Returns whether the row remains; it does not
 * if its answer has ended or waits. */
static bool take_row(struct engine *e, size_t i)
{
	struct answer *a = e->rows[i].answer;

	if (take_token(e, &e->rows[i])) {
		if (a->waiting)
			put_aside(e, i);
		return !a->waiting;
	}
	a->waiting = false;
	remove_row(e, i);
	e->calls->done(e->calls->ctx, a);
	return false;
}

/* Draws a token for each row. */
static void draw_tokens(struct engine *e)
{
	double begin = clock_seconds();
	size_t i;

	parallel_for(e->n, choose_row, e);
	for (i = 0; i < e->n;)
		if (take_row(e, i))
			i++;
	e->stats.step_seconds += clock_seconds() - begin;
}

/* Whether answers that wait are all that can go on. */
static bool only_waits(const struct engine *e)
{
	size_t reading;

	reader_prompts(e->reader, &reading);
	return !e->n && !reading && !(free_rows(e) && reader_first(e->reader));
}

/* The rows as sequences for the decoder. */
static void set_step(struct engine *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct row *r = &e->rows[i];

		e->step[i].own = r->own;
		e->step[i].prefix = r->own == r->source->run ? NULL :
			r->source->run;
		e->step[i].id = r->choice.id;
	}
}

/* Both kinds of tokens have their share of the time. */
static void count(struct engine *e, size_t read, double seconds)
{
	double share = (double)read / (double)(read + e->n);

	e->stats.prompt_tokens += read;
	e->stats.read_seconds += share * seconds;
	e->stats.step_seconds += (1 - share) * seconds;
}

/* Processes the token of each row, and tokens of prompts. */
static void pass(struct engine *e)
{
	double begin = clock_seconds();
	const struct decode_prompt *prompt;
	size_t nprompt, read, done;

	prompt = reader_prompts(e->reader, &nprompt);
	if (!e->n && !nprompt)
		return;
	set_step(e);
	read = decoder_takes(prompt, nprompt);
	done = decoder_pass(e->d, e->step, e->n, prompt, nprompt, e->logits);
	count(e, read, clock_seconds() - begin);
	reader_completed(e->reader, done, e->logits + e->n * e->vocab);
}

void engine_run(struct engine *e, const struct sampling *how, uint64_t seed,
	const struct stop_criteria *stop, size_t usable,
	const struct engine_calls *calls)
{
	e->how = how;
	e->seed = seed;
	e->stop = stop;
	e->usable = usable;
	e->calls = calls;
	reader_start(e->reader, calls, usable);
	for (;;) {
		fill(e);
		draw_tokens(e);
		reader_gather(e->reader, free_rows(e));
		if (!e->n && !e->nwaiting && reader_exhausted(e->reader))
			break;
		if (e->nwaiting)
			resume(e, only_waits(e));
		pass(e);
	}
}
