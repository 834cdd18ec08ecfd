/* reader.c - reads prompts for the engine: see reader.h
 *
 * Prompts are read in their order, and their samples begin in this order.
 *
 * Within a limit of memory, a prompt costs its own keys and values, which prefixes
 * counts, and those of an answer of its maximum length for each sample in flight,
 * or for one that is still to begin: so whatever has been taken can be finished.
 */
#include "common/sample/reader.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/sample/prefixes.h"

/* Tokens of prompts that clients wait for in a pass, unless one alone has more: with
 * 64 rows, products are nearly as fast as they become. */
#define AWAITED_TOKENS 64

struct reader {
	struct decoder *d;
	size_t vocab;
	struct sampler *const *samplers;
	struct prefixes *prefixes;

	/* Being read; elements of the two correspond. */
	struct decode_prompt prompts[DECODER_PROMPTS];
	struct source *reading[DECODER_PROMPTS];
	size_t n;

	struct source *first, **last;	/* read, with samples to begin */
	size_t samples;			/* to begin, also of those being read */
	struct prompt *held;		/* taken, but waiting for others */

	struct engine_memory memory;	/* the limit */
	size_t used;			/* costs of answers, and of copies */

	/* During a run: */
	const struct engine_calls *calls;
	size_t usable;
	bool exhausted;
};

struct reader *reader_new(struct decoder *d, struct sampler *const *samplers,
	const struct engine_memory *memory)
{
	struct reader *r = xcalloc(1, sizeof *r);
	const struct model_config *c = decoder_config(d);

	r->d = d;
	r->vocab = c->vocab;
	r->samplers = samplers;
	r->last = &r->first;
	r->memory = *memory;
	r->prefixes = prefixes_new(memory->kept /
		kv_token_bytes(c, decoder_kv(d)));
	return r;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	prefixes_free(r->prefixes);
	free(r);
}

void reader_start(struct reader *r, const struct engine_calls *calls,
	size_t usable)
{
	r->calls = calls;
	r->usable = usable;
	r->exhausted = false;
}

_Noreturn void reader_not_finite(void)
{
	die("the model's logits are not finite: "
		"its weights are damaged or training diverged");
}

/* ---- logprobs ---- */

/* Part of a prompt that logprobs are wanted of. */
struct part {
	const struct reader *r;
	const struct prompt *p;
	size_t at;		/* of the first token */
	float *logits;
	bool finite[DECODER_PART];
};

/* The logits after token i of the part are those of the token that follows. */
static void score_token(void *ctx, size_t i, int thread)
{
	struct part *x = ctx;
	const struct prompt *p = x->p;
	struct sampler *s = x->r->samplers[thread];
	float *logits = x->logits + i * x->r->vocab;
	size_t next = x->at + i + 1;

	x->finite[i] = true;
	if (next == p->n)
		return;
	x->finite[i] = sampler_logprob(s, logits, p->ids[next],
		&p->logprobs->logprob[next]);
	if (x->finite[i] && p->top)
		sampler_alternatives(s, logits, x->r->usable, p->top,
			p->logprobs->top + next * p->top);
}

static void score_part(void *ctx, size_t at, float *logits, size_t n)
{
	const struct source *s = ctx;
	struct part part = { .r = s->reader, .p = s->prompt, .at = at,
		.logits = logits };
	size_t i;

	parallel_for(n, score_token, &part);
	for (i = 0; i < n; i++)
		if (!part.finite[i])
			reader_not_finite();
}

/* ---- memory ---- */

static size_t segment_cost(const struct reader *r, size_t n)
{
	return kv_segment_memory(decoder_config(r->d), decoder_kv(r->d), n);
}

static size_t cost(const struct reader *r, const struct source *s)
{
	const struct prompt *p = s->prompt;
	size_t answers = size_max(s->live, s->begun < p->samples);

	return (p->known ? segment_cost(r, p->known->cap) : 0) +
		answers * segment_cost(r, p->most);
}

/* What a prompt with n tokens of its own costs at first: a copy may be made of them,
 * before the first answer. */
static size_t first_cost(const struct reader *r, const struct prompt *p, size_t n)
{
	size_t run = segment_cost(r, n);

	return run + (p->known ? segment_cost(r, p->known->cap) : 0) +
		size_max(run, segment_cost(r, p->most));
}

static void charge(struct reader *r, struct source *s)
{
	size_t now = cost(r, s);

	r->used += now - s->cost;
	s->cost = now;
}

/* Leaves to prompts what others do not need. */
static void limit_prefixes(struct reader *r, size_t others)
{
	const struct engine_memory *m = &r->memory;
	size_t left = m->all > others ? m->all - others : 0;

	if (m->all)
		prefixes_limit(r->prefixes, size_min(m->kept, left) /
			kv_token_bytes(decoder_config(r->d), decoder_kv(r->d)));
}

static bool fits(const struct reader *r, size_t more)
{
	struct prefixes_size p;

	if (!r->memory.all)
		return true;
	p = prefixes_pinned(r->prefixes);
	return r->used + kv_segments_memory(decoder_config(r->d),
		decoder_kv(r->d), p.runs, p.tokens) + more <= r->memory.all;
}

static void check_fits_alone(const struct reader *r, const struct prompt *p)
{
	const struct engine_memory *m = &r->memory;
	size_t need = first_cost(r, p, p->n);

	if (!m->all || need <= m->all)
		return;
	die("-M: %zu MiB are needed for a prompt of %zu tokens with an answer "
		"of up to %zu", ((m->process + need - m->all) >> 20) + 1, p->n,
		p->most);
}

/* ---- taking prompts ---- */

static struct prompt *next_prompt(struct reader *r)
{
	struct prompt *p = r->held;

	r->held = NULL;
	if (!p && !r->exhausted) {
		p = r->calls->next(r->calls->ctx);
		r->exhausted = !p;
		if (p)
			check_fits_alone(r, p);
	}
	return p;
}

/* Whether a prompt shares keys and values with others. */
static bool shares(const struct prompt *p)
{
	return !p->cache && !p->known && !p->logprobs;
}

/* Tokens that it needs memory for. */
static size_t own_tokens(const struct reader *r, const struct prompt *p)
{
	return p->n - (shares(p) && r->memory.all ?
		prefixes_shared(r->prefixes, p->ids, p->n) : 0);
}

static bool must_wait(const struct reader *r, const struct prompt *p)
{
	return !fits(r, first_cost(r, p, own_tokens(r, p))) ||
		(shares(p) && prefixes_soon(r->prefixes, p->ids, p->n));
}

/* The keys and values with which a prompt begins. */
static struct kv_segment *begin_run(struct reader *r, struct prompt *p)
{
	struct kv_segment *run = NULL;
	size_t own = own_tokens(r, p);

	if (p->cache)
		return p->cache;
	limit_prefixes(r, r->used + first_cost(r, p, own) -
		segment_cost(r, own));
	if (shares(p))
		run = prefixes_begin(r->prefixes, p->ids, p->n);
	else
		prefixes_room(r->prefixes, p->n);
	if (p->known)
		return kv_segment_copy(p->known, p->n - p->known->n);
	if (!run)
		run = decoder_segment(r->d);
	kv_segment_room(run, p->n - run->n);
	return run;
}

static void begin_reading(struct reader *r, struct prompt *p)
{
	struct source *s = xcalloc(1, sizeof *s);

	s->prompt = p;
	s->reader = r;
	s->run = begin_run(r, p);
	if (!p->cache)
		s->prefix = prefixes_add(r->prefixes, p->ids, p->n, s->run);
	charge(r, s);
	r->reading[r->n] = s;
	r->prompts[r->n++] = (struct decode_prompt){ .run = s->run,
		.ids = p->ids, .n = p->n, .ctx = s,
		.each = p->logprobs ? score_part : NULL };
	r->samples += p->samples;
}

/* Whether another prompt should be read in the next pass. */
static bool has_room(const struct reader *r)
{
	size_t most = r->calls->clients_wait ? AWAITED_TOKENS : DECODER_TOKENS;

	return r->n < DECODER_PROMPTS &&
		decoder_takes(r->prompts, r->n) < most;
}

void reader_gather(struct reader *r, size_t rows)
{
	struct prompt *p;

	if (r->calls->open_ended)
		r->exhausted = false;
	while (r->samples < rows && has_room(r) && (p = next_prompt(r))) {
		if (must_wait(r, p)) {
			r->held = p;
			break;
		}
		begin_reading(r, p);
	}
}

/* ---- reading ---- */

const struct decode_prompt *reader_prompts(const struct reader *r, size_t *n)
{
	*n = r->n;
	return r->prompts;
}

static void completed(struct reader *r, struct source *s, const float *logits)
{
	const struct engine_calls *calls = r->calls;

	if (!logits_finite(logits, r->vocab))
		reader_not_finite();
	s->logits = kernel_alloc_raw(r->vocab);
	memcpy(s->logits, logits, r->vocab * sizeof *logits);
	*r->last = s;
	r->last = &s->next;
	if (calls->read)
		calls->read(calls->ctx, s->prompt, s->logits);
	if (calls->computed)
		calls->computed(calls->ctx, s->prompt, s->run);
}

void reader_completed(struct reader *r, size_t n, const float *logits)
{
	size_t i;

	for (i = 0; i < n; i++)
		completed(r, r->reading[i], logits + i * r->vocab);
	r->n -= n;
	memmove(r->reading, r->reading + n, r->n * sizeof *r->reading);
	memmove(r->prompts, r->prompts + n, r->n * sizeof *r->prompts);
}

/* ---- samples ---- */

struct source *reader_first(const struct reader *r)
{
	struct source *s = r->first;

	if (s && s->live && !fits(r, segment_cost(r, s->prompt->most)))
		return NULL;
	return s;
}

size_t reader_begin(struct reader *r, struct source *s)
{
	size_t number = s->begun++;

	s->live++;
	r->samples--;
	charge(r, s);
	limit_prefixes(r, r->used);
	prefixes_room(r->prefixes, 0);
	if (s->begun < s->prompt->samples)
		return number;
	kernel_free(s->logits);
	s->logits = NULL;
	r->first = s->next;
	if (!r->first)
		r->last = &r->first;
	return number;
}

void reader_end(struct reader *r, struct source *s)
{
	s->live--;
	charge(r, s);
	if (s->live || s->begun < s->prompt->samples)
		return;
	r->used -= s->cost;
	if (s->prefix)
		prefixes_idle(r->prefixes, s->prefix);
	free(s);
}

bool reader_exhausted(const struct reader *r)
{
	return r->exhausted && !r->n && !r->first && !r->held;
}
