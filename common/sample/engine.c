/* engine.c - many answers at once: see engine.h
 *
 * A round: free rows are filled, every row's token is drawn (in parallel),
 * answers that have ended leave, and one step of the model computes the logits
 * of the next round. A server's first tokens are drawn while rows are filled: a
 * client need not wait until the prompts of others have been read. Waiting rows
 * are set aside with a token that the model has not processed yet; the step after
 * their return processes it.
 */
#include "common/sample/engine.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/kernel/kernel.h"
#include "common/sample/prefixes.h"

/* A prompt that has been processed, while its samples are drawn. */
struct source {
	struct prompt *prompt;
	struct kv_segment *run;
	float *logits;		/* (vocab) after the prompt */
	size_t samples, begun, live;
	struct prefix *prefix;	/* which owns run; NULL: the caller does */
};

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
	bool taken;		/* the token of this round, while filling */
};

struct engine {
	struct decoder *d;
	size_t vocab;
	struct sampler **samplers;	/* one per thread */
	struct row *rows;
	struct row *waiting;		/* set aside */
	struct decode_row *step;
	float *logits;			/* (rows, vocab) */
	struct kv_segment **spare;		/* of ended answers */
	size_t nspare;
	struct prefixes *prefixes;	/* of prompts read */
	struct engine_stats stats;

	/* During engine_run: */
	const struct sampling *how;
	const struct stop_criteria *stop;
	const struct engine_calls *calls;
	uint64_t seed;
	size_t usable;
	size_t n, nwaiting;		/* rows in use, and set aside */
	struct source *open;		/* with samples to start, or NULL */
	bool exhausted;
};

struct engine *engine_new(struct decoder *d, size_t memory)
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
	e->spare = xcalloc(rows, sizeof *e->spare);
	e->logits = kernel_alloc(rows * e->vocab);
	e->prefixes = prefixes_new(memory /
		kv_token_bytes(decoder_config(d), decoder_kv(d)));
	return e;
}

void engine_free(struct engine *e)
{
	size_t i;

	if (!e)
		return;
	for (i = 0; e->samplers[i]; i++)
		sampler_free(e->samplers[i]);
	for (i = 0; i < e->nspare; i++)
		kv_segment_free(e->spare[i]);
	for (i = 0; i < decoder_rows(e->d); i++) {
		ids_free(&e->rows[i].recent);
		ids_free(&e->waiting[i].recent);
	}
	free(e->samplers);
	free(e->rows);
	free(e->waiting);
	free(e->step);
	free(e->spare);
	kernel_free(e->logits);
	prefixes_free(e->prefixes);
	free(e);
}

const struct engine_stats *engine_stats(const struct engine *e)
{
	return &e->stats;
}

_Noreturn static void die_not_finite(void)
{
	die("the model's logits are not finite: "
		"its weights are damaged or training diverged");
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

/* ---- reading prompts ---- */

/* Part of a prompt that logprobs are wanted of. */
struct part {
	struct engine *e;
	struct prompt *p;
	size_t at;		/* of the first token */
	float *logits;
	bool finite[DECODER_PART];
};

/* The logits after token i of the part are those of the token that follows. */
static void score_token(void *ctx, size_t i, int thread)
{
	struct part *x = ctx;
	struct prompt *p = x->p;
	struct sampler *s = x->e->samplers[thread];
	float *logits = x->logits + i * x->e->vocab;
	size_t next = x->at + i + 1;

	x->finite[i] = true;
	if (next == p->n)
		return;
	x->finite[i] = sampler_logprob(s, logits, p->ids[next],
		&p->logprobs->logprob[next]);
	if (x->finite[i] && p->top)
		sampler_alternatives(s, logits, x->e->usable, p->top,
			p->logprobs->top + next * p->top);
}

static void score_part(void *ctx, size_t at, float *logits, size_t n)
{
	struct part *x = ctx;
	size_t i;

	x->at = at;
	x->logits = logits;
	parallel_for(n, score_token, x);
	for (i = 0; i < n; i++)
		if (!x->finite[i])
			die_not_finite();
}

/* The keys and values with which a prompt begins. */
static struct kv_segment *begin_run(struct engine *e, struct prompt *p)
{
	struct kv_segment *run = NULL;

	if (p->cache)
		return p->cache;
	if (p->known)
		return kv_segment_copy(p->known, p->n - p->known->n);
	if (p->logprobs)
		prefixes_room(e->prefixes, p->n);
	else
		run = prefixes_begin(e->prefixes, p->ids, p->n);
	return run ? run : decoder_segment(e->d);
}

static void release_source(struct engine *e, struct source *s)
{
	if (s->live || s->begun < s->samples)
		return;
	if (s->prefix)
		prefixes_idle(e->prefixes, s->prefix);
	kernel_free(s->logits);
	free(s);
}

static struct source *read_prompt(struct engine *e, struct prompt *p)
{
	struct source *s = xcalloc(1, sizeof *s);
	double begin = clock_seconds();
	struct part part = { .e = e, .p = p };
	size_t held;

	s->prompt = p;
	s->samples = p->samples;
	s->run = begin_run(e, p);
	held = s->run->n;
	s->logits = kernel_alloc(e->vocab);
	decoder_read_each(e->d, s->run, p->ids + held, p->n - held, s->logits,
		p->logprobs ? score_part : NULL, &part);
	e->stats.prompt_tokens += p->n - held;
	e->stats.read_seconds += clock_seconds() - begin;
	if (!logits_finite(s->logits, e->vocab))
		die_not_finite();
	if (!p->cache)
		s->prefix = prefixes_add(e->prefixes, p->ids, p->n, s->run);
	if (e->calls->read)
		e->calls->read(e->calls->ctx, p, s->logits);
	if (e->calls->computed)
		e->calls->computed(e->calls->ctx, p, s->run);
	return s;
}

/* ---- filling rows ---- */

static void add_row(struct engine *e, struct source *s)
{
	struct row *r = &e->rows[e->n];
	struct ids recent = r->recent;
	size_t i;

	*r = (struct row){ .source = s, .recent = recent };
	r->answer = answer_new(s->prompt, s->begun++);
	if (s->prompt->constraint)
		r->constraint = constraint_begin(s->prompt->constraint);
	r->answer->ntop = s->prompt->top;
	r->answer->before = s->prompt->ids[s->prompt->n - 1];
	if (s->prompt->top)
		r->top = xcalloc(s->prompt->top, sizeof *r->top);
	s->live++;
	if (!s->prefix)
		r->own = s->run;
	else if (e->nspare)
		r->own = e->spare[--e->nspare];
	else
		r->own = decoder_segment(e->d);
	kv_segment_room(r->own, s->prompt->most);
	r->recent.n = 0;
	for (i = 0; sampling_of(e, r)->repeat_penalty != 1 &&
		i < s->prompt->n; i++)
		ids_add(&r->recent, s->prompt->ids[i]);
	memcpy(e->logits + e->n * e->vocab, s->logits,
		e->vocab * sizeof *e->logits);
	e->n++;
}

/* Removes row i; rows keep their order, so samples of a prompt stay
 * adjacent. */
static void remove_row(struct engine *e, size_t i)
{
	struct row *r = &e->rows[i];
	struct ids recent = r->recent;

	if (r->own != r->source->run) {
		r->own->n = 0;
		e->spare[e->nspare++] = r->own;
	}
	free(r->top);
	r->source->live--;
	if (r->source != e->open)
		release_source(e, r->source);
	constraint_end(r->constraint);
	e->n--;
	memmove(r, r + 1, (e->n - i) * sizeof *r);
	e->rows[e->n].recent = recent;
}

/* The source of the next sample, or NULL. */
static struct source *next_source(struct engine *e)
{
	struct prompt *p;

	while (!e->exhausted) {
		if (e->open && e->open->begun < e->open->samples)
			return e->open;
		if (e->open)
			release_source(e, e->open);
		e->open = NULL;
		p = e->calls->next(e->calls->ctx);
		if (p)
			e->open = read_prompt(e, p);
		else
			e->exhausted = true;
	}
	return NULL;
}

/* A sample with a maximum of 0 tokens ends before it begins. */
static void add_empty(struct engine *e, struct source *s)
{
	struct answer *a = answer_new(s->prompt, s->begun++);

	a->stop = ANSWER_LENGTH;
	e->calls->done(e->calls->ctx, a);
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
	double u = sampling_uniform(e->seed, r->source->prompt->key,
		(uint32_t)a->index, a->ids.n);

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

	if (r->taken)
		return;
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
		die_not_finite();
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

static void take_tokens(struct engine *e)
{
	size_t i;

	for (i = 0; i < e->n;)
		if (e->rows[i].taken || take_row(e, i))
			i++;
}

/* The first token of the last row. The logits of the others stay where they are,
 * also if the row leaves. */
static void take_first(struct engine *e)
{
	size_t i = e->n - 1;

	choose_row(e, i, 0);
	if (take_row(e, i))
		e->rows[i].taken = true;
}

/* Whether no row is free, or no sample is left for it. */
static bool nothing_starts(const struct engine *e)
{
	return e->exhausted || e->n + e->nwaiting == decoder_rows(e->d);
}

/* Answers that end with their first token leave their rows free: they must not
 * keep others from going on. */
static void fill(struct engine *e)
{
	size_t most = decoder_rows(e->d), i;
	struct source *s;

	if (e->calls->open_ended)
		e->exhausted = false;
	for (i = 0; !nothing_starts(e) && (i < most ||
		!(e->n + e->nwaiting)) && (s = next_source(e)); i++) {
		if (!s->prompt->most) {
			add_empty(e, s);
			continue;
		}
		add_row(e, s);
		if (e->calls->open_ended)
			take_first(e);
	}
}

static void step(struct engine *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct row *r = &e->rows[i];

		r->taken = false;
		e->step[i].own = r->own;
		e->step[i].prefix = r->own == r->source->run ? NULL :
			r->source->run;
		e->step[i].id = r->choice.id;
	}
	if (e->n)
		decoder_step(e->d, e->step, e->n, e->logits);
}

/* Draws tokens and steps the model, for rows that are not waiting. */
static void round_of(struct engine *e)
{
	double begin = clock_seconds();

	parallel_for(e->n, choose_row, e);
	take_tokens(e);
	if (e->nwaiting)
		resume(e, false);
	step(e);
	e->stats.step_seconds += clock_seconds() - begin;
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
	e->exhausted = false;
	for (fill(e); e->n || e->nwaiting; fill(e)) {
		if (e->n) {
			round_of(e);
			continue;
		}
		resume(e, nothing_starts(e));
		step(e);
	}
}
