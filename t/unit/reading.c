/* reading - t/723-reading.t: prompts that are read together, and while answers go
 * on
 *
 *	reading alone MODEL	any mixture of prompts gives the bits of each alone
 *	reading together MODEL	short prompts share a pass
 *	reading beside MODEL	answers go on while a long prompt is read
 *	reading head MODEL	what prompts begin with is read once
 *	reading memory MODEL	as many are in flight as there is memory for
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/base/rng.h"
#include "common/model/model_dir.h"
#include "common/sample/engine.h"

#define PROMPTS 40
#define TOP 3
#define LONG 800	/* tokens of a long prompt */

static int failures;
static struct model *model;
static enum dtype kv = DTYPE_F32;

static void check(bool right, const char *what)
{
	if (!right) {
		printf("# %s\n", what);
		failures++;
	}
}

/* ---- a run ---- */

/* A prompt, and what became of it. */
struct asked {
	struct prompt prompt;	/* first: the engine passes this around */
	struct ids ids;
	struct prompt_logprobs logprobs;
	float *logits;			/* (vocab) after it */
	size_t read;			/* when it was read: events before */
	struct answer *answer;		/* of its only sample */
};

struct run {
	struct asked asked[PROMPTS];
	size_t n, given;		/* prompts */
	size_t late;			/* from this one on, prompts come when
					 * the first answer has 3 tokens; 0: at
					 * once */
	struct engine_memory memory;
	bool clients_wait;
	uint64_t tokens;		/* of prompts, read */

	/* What happened, in order: N next, R read, T token, D done. */
	char events[4096];
	size_t nevent;
	size_t ntoken;			/* of the first prompt's answer */
};

static void note(struct run *r, char event)
{
	if (r->nevent < sizeof r->events - 1)
		r->events[r->nevent++] = event;
}

static struct prompt *next(void *ctx)
{
	struct run *r = ctx;

	if (r->given == r->n ||
		(r->late && r->given >= r->late && r->ntoken < 3))
		return NULL;
	note(r, 'N');
	return &r->asked[r->given++].prompt;
}

static void was_read(void *ctx, struct prompt *p, const float *logits)
{
	struct run *r = ctx;
	struct asked *a = (struct asked *)p;
	size_t size = model->config.vocab * sizeof *logits;

	a->logits = xmalloc(size);
	memcpy(a->logits, logits, size);
	a->read = r->nevent;
	note(r, 'R');
}

static bool token(void *ctx, struct answer *a)
{
	struct run *r = ctx;

	note(r, 'T');
	r->ntoken += a->prompt == &r->asked[0];
	return true;
}

static void done(void *ctx, struct answer *a)
{
	note(ctx, 'D');
	((struct asked *)a->prompt)->answer = a;
}

static void run(struct run *r, size_t rows)
{
	static const struct stop_criteria never;
	struct engine_calls calls = { .ctx = r, .next = next, .read = was_read,
		.token = token, .done = done, .open_ended = r->late > 0,
		.clients_wait = r->clients_wait };
	struct decoder *d = decoder_new(model, rows, kv);
	struct engine *e = engine_new(d, &r->memory);

	if (!r->memory.kept)
		r->memory.kept = 1 << 24;
	r->given = r->nevent = r->ntoken = 0;
	engine_run(e, &sampling_plain, 3, &never, model->config.vocab, &calls);
	r->tokens = engine_stats(e)->prompt_tokens;
	check(r->given == r->n, "prompts are left");
	engine_free(e);
	decoder_free(d);
}

/* Prompt `key` of n tokens, of which the first n0 depend only on family. */
static struct asked *ask(struct run *r, size_t key, uint32_t family, size_t n0,
	size_t n, size_t most)
{
	struct asked *a = &r->asked[r->n++];
	size_t i;

	for (i = 0; i < n; i++)
		ids_add(&a->ids, (uint32_t)rng_below(5, RNG_TEST,
			i < n0 ? family : 1000 + key, i, model->config.vocab));
	a->prompt = (struct prompt){ .ids = a->ids.v, .n = n, .samples = 1,
		.most = most, .key = key };
	return a;
}

static void free_run(struct run *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		struct asked *a = &r->asked[i];

		answer_free(a->answer);
		ids_free(&a->ids);
		free(a->logprobs.logprob);
		free(a->logprobs.top);
		free(a->logits);
		kv_segment_free(a->prompt.cache);
		kv_segment_free((struct kv_segment *)a->prompt.known);
	}
}

/* ---- mixtures ---- */

/* Keys and values of the first n tokens of a prompt. */
static struct kv_segment *keys_of(const struct asked *a, size_t n)
{
	struct decoder *d = decoder_new(model, 1, kv);
	struct kv_segment *s = decoder_segment(d);
	struct decode_prompt p = { .run = s, .ids = a->ids.v, .n = n };
	float *logits = xcalloc(model->config.vocab, sizeof *logits);

	while (s->n < n)
		decoder_pass(d, NULL, 0, &p, 1, logits);
	free(logits);
	decoder_free(d);
	return s;
}

/* Prompts of all kinds; several begin alike. */
static void ask_any(struct run *r, size_t key)
{
	size_t n = 1 + rng_below(6, RNG_TEST, 0, key, key % 3 ? 40 : 330);
	struct asked *a = ask(r, key, key % 3, key % 4 * 90, n, key % 5 * 4);

	if (key % 6 == 0) {
		a->prompt.top = TOP;
		a->prompt.logprobs = &a->logprobs;
		a->logprobs.logprob = xcalloc(n, sizeof(float));
		a->logprobs.top = xcalloc(n * TOP, sizeof *a->logprobs.top);
	} else if (key % 6 == 1 && n > 1) {
		a->prompt.known = keys_of(a, n / 2);
	} else if (key % 6 == 2 && n > 1) {
		a->prompt.cache = keys_of(a, n - 1);
	}
}

static bool equal(const struct asked *a, const struct asked *b)
{
	const struct answer *x = a->answer, *y = b->answer;
	size_t i, n = x->ids.n, vocab = model->config.vocab;

	for (i = 1; a->prompt.logprobs && i < a->prompt.n; i++)
		if (a->logprobs.logprob[i] != b->logprobs.logprob[i] ||
			memcmp(a->logprobs.top + i * TOP, b->logprobs.top +
				i * TOP, TOP * sizeof *a->logprobs.top))
			return false;
	return n == a->prompt.most && n == y->ids.n &&
		!memcmp(a->logits, b->logits, vocab * sizeof *a->logits) &&
		(!n || (!memcmp(x->ids.v, y->ids.v, n * sizeof *x->ids.v) &&
		!memcmp(x->logprob, y->logprob, n * sizeof *x->logprob)));
}

static void compare(const struct run *all, size_t i)
{
	static struct run one;

	one = (struct run){ .n = 0 };
	ask_any(&one, i);
	run(&one, 1);
	check(equal(&one.asked[0], &all->asked[i]),
		"another answer than alone");
	free_run(&one);
}

static void alone(void)
{
	static const size_t rows[] = { 3, 64, 64 };
	static struct run all;
	size_t i, k;

	for (k = 0; k < sizeof rows / sizeof *rows; k++) {
		kv = k == 2 ? DTYPE_BF16 : DTYPE_F32;
		all = (struct run){ .n = 0 };
		for (i = 0; i < PROMPTS; i++)
			ask_any(&all, i);
		run(&all, rows[k]);
		for (i = 0; i < PROMPTS; i++)
			compare(&all, i);
		free_run(&all);
	}
}

/* ---- the order of events ---- */

/* How many events of a kind there are before event `end`. */
static size_t count(const struct run *r, char event, size_t end)
{
	size_t i, n = 0;

	for (i = 0; i < end; i++)
		n += r->events[i] == event;
	return n;
}

/* As many prompts as a pass has tokens for are taken before one is read. */
static void together(void)
{
	static struct run r;
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t n = i == 1 ? DECODER_TOKENS / 8 : 6, first;

		r = (struct run){ .late = i ? PROMPTS : 0,
			.clients_wait = i == 2 };
		while (r.n < PROMPTS)
			ask(&r, r.n, 0, 0, n, 4);
		run(&r, PROMPTS);
		first = r.asked[0].read;
		check(count(&r, 'N', first) == (i == 2 ? 11 : i ? 8 :
			DECODER_PROMPTS),
			"not as many prompts at once as a pass has room for");
		check(!strncmp(r.events + first, "RRRRRRRR", 8),
			"they were not read in one pass");
		check(r.asked[8].read > r.asked[7].read + 1 || i != 1,
			"first tokens wait for prompts of a later pass");
		free_run(&r);
	}
}

/* A long prompt comes while an answer is in flight, and a short one with it. */
static void beside(void)
{
	static struct run r;
	size_t taken, read;

	r = (struct run){ .late = 1 };
	ask(&r, 0, 0, 0, 5, 40);
	ask(&r, 1, 0, 0, 5, 1);
	ask(&r, 2, 0, 0, 4 * DECODER_TOKENS - 40, 1);
	run(&r, 3);
	read = r.asked[2].read;
	check(strncmp(r.events, "NRTTTNN", 7) == 0, "not as it was meant");
	taken = 7;
	check(count(&r, 'T', read) - count(&r, 'T', taken) >= 4,
		"answers did not go on while a long prompt was read");
	check(r.asked[1].read < read && count(&r, 'T', read) >
		count(&r, 'T', r.asked[1].read) + 3,
		"a short prompt waited for a long one behind it");
	free_run(&r);
}

/* Prompts with a common head: the first one reads it, the others then read
 * together what is their own. */
static void head(void)
{
	static struct run r;
	size_t own = 10, common = 2 * DECODER_TOKENS - 30, second;

	r = (struct run){ .n = 0 };
	while (r.n < 17)
		ask(&r, r.n, 7, common, common + own, 4);
	run(&r, 32);
	check(r.tokens == common + 17 * own, "the head was read again");
	second = r.asked[1].read;
	check(count(&r, 'N', r.asked[0].read) == 2,
		"one that begins alike did not wait");
	check(count(&r, 'N', second) == 17 && !strncmp(r.events + second,
		"RRRRRRRRRRRRRRRR", 16), "the others were not read together");
	free_run(&r);
}

/* The most prompts that were in flight at a time. */
static size_t in_flight(const struct run *r)
{
	size_t i, n = 0, most = 0;

	for (i = 0; i < r->nevent; i++) {
		n += r->events[i] == 'N';
		n -= r->events[i] == 'D';
		most = n > most ? n : most;
	}
	return most;
}

static size_t segment(size_t n)
{
	return kv_segment_memory(&model->config, DTYPE_F32, n);
}

static void ask_mixed(struct run *r)
{
	while (r->n < PROMPTS)
		if (r->n % 13)
			ask(r, r->n, r->n % 3, 10, KV_BLOCK, 10);
		else
			ask(r, r->n, 0, 0, LONG, LONG / 4);
}

/* Memory for one long prompt with its answer is enough for many short ones, and
 * changes no answer. One that is taken waits, but no other is asked for. */
static void memory(void)
{
	static struct run free_of_it, r;
	size_t all = 2 * segment(LONG), i;
	size_t one = segment(KV_BLOCK) + segment(10);

	free_of_it = (struct run){ .n = 0 };
	ask_mixed(&free_of_it);
	run(&free_of_it, PROMPTS);
	check(in_flight(&free_of_it) == PROMPTS, "not all are in flight");
	for (i = 0; i < 2; i++) {
		size_t k;

		r = (struct run){ .memory = { .kept = all, .all = all } };
		r.late = i;
		ask_mixed(&r);
		run(&r, PROMPTS);
		for (k = 0; k < PROMPTS; k++)
			check(equal(&r.asked[k], &free_of_it.asked[k]),
				"memory makes another answer");
		printf("# %zu in flight of %zu\n", in_flight(&r), all / one);
		check(in_flight(&r) >= 8 && in_flight(&r) + 1 >=
			(all / one < 12 ? all / one : 12),
			"too few are in flight");
		check(in_flight(&r) <= all / one + 1, "too many are in flight");
		free_run(&r);
	}
	free_run(&free_of_it);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(void);
	} tests[] = { { "alone", alone }, { "together", together },
		{ "beside", beside }, { "head", head }, { "memory", memory } };
	size_t i;

	err_init(argv[0]);
	if (argc != 3)
		die_usage("TEST MODEL");
	model = model_load(argv[2]);
	for (i = 0; i < sizeof tests / sizeof *tests; i++)
		if (!strcmp(tests[i].name, argv[1]))
			tests[i].test();
	model_free(model);
	return failures != 0;
}
