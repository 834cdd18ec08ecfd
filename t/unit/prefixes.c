/* prefixes - t/722-prefixes.t: which keys and values of prompts remain, and what
 * prompts that begin alike cost
 *
 *	prefixes list		the list itself
 *	prefixes engine MODEL	conversations in several runs of an engine
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/model/model_dir.h"
#include "common/sample/engine.h"
#include "common/sample/prefixes.h"

static int failures;

static void check(bool right, const char *what)
{
	if (!right) {
		printf("# %s\n", what);
		failures++;
	}
}

/* ---- the list ---- */

#define LONGEST 200
#define ROOM 208	/* in whole blocks */

static const struct model_config shape = { .layers = 2, .kv_heads = 2,
	.head_size = 3 };

/* The ids of a prompt: n0 tokens that only depend on `family`, then those of its
 * own. */
static const uint32_t *ids_of(uint32_t family, size_t n0, uint32_t own)
{
	static uint32_t ids[LONGEST];
	size_t i;

	for (i = 0; i < LONGEST; i++)
		ids[i] = i < n0 ? 1000 * family + (uint32_t)i :
			100000 + 1000 * own + (uint32_t)i;
	return ids;
}

/* Keys and values are functions of id and layer. */
static void number(float *k, float *v, uint32_t id, size_t layer)
{
	size_t i;

	for (i = 0; i < shape.kv_heads * shape.head_size; i++) {
		k[i] = (float)(id * 2 + layer) + (float)i / 16;
		v[i] = -k[i];
	}
}

static bool holds(const struct kv_segment *r, const uint32_t *ids)
{
	float k[6], v[6], rk[3 * ROOM], rv[3 * ROOM];
	size_t layer, i, h, d;

	for (layer = 0; layer < shape.layers; layer++)
		for (h = 0; h < shape.kv_heads; h++) {
			kv_segment_gather(r, layer, h, 0, r->n, rk, rv);
			for (i = 0; i < r->n; i++) {
				number(k, v, ids[i], layer);
				for (d = 0; d < 3; d++)
					if (rk[kv_key(i, 3) + d * KV_BLOCK] !=
							k[h * 3 + d] ||
						rv[i * 3 + d] != v[h * 3 + d])
						return false;
			}
		}
	return true;
}

/* Computes the next tokens of a run, up to n. */
static void compute(struct kv_segment *r, const uint32_t *ids, size_t n)
{
	float k[6], v[6];
	size_t layer;

	kv_segment_room(r, n - r->n);
	for (; r->n < n; r->n++)
		for (layer = 0; layer < shape.layers; layer++) {
			number(k, v, ids[r->n], layer);
			kv_segment_put(r, layer, r->n, k, v);
		}
}

/* Begins a prompt, computes the rest and adds it; stores what was shared. */
static struct prefix *add(struct prefixes *s, const uint32_t *ids, size_t n,
	size_t *shared)
{
	struct kv_segment *r = prefixes_begin(s, ids, n);

	*shared = r ? r->n : 0;
	check(*shared < n, "nothing is left to be read");
	if (!r)
		r = kv_segment_new(&shape, DTYPE_F32);
	check(holds(r, ids), "other keys and values than those of the ids");
	compute(r, ids, n);
	return prefixes_add(s, ids, n, r);
}

/* The same for a prompt whose answer ends at once; returns what was shared. */
static size_t pass(struct prefixes *s, const uint32_t *ids, size_t n)
{
	size_t shared;

	prefixes_idle(s, add(s, ids, n, &shared));
	return shared;
}

static void longest_wins(void)
{
	struct prefixes *s = prefixes_new(10000);
	struct prefix *used;
	size_t shared;

	check(pass(s, ids_of(1, 40, 1), 100) == 0, "an empty list has a run");
	check(pass(s, ids_of(2, 40, 2), 100) == 0, "another text is shared");
	check(pass(s, ids_of(1, 40, 3), 100) == 40, "not the common 40");
	check(pass(s, ids_of(1, 40, 1), 100) == 99, "not all but one");
	check(pass(s, ids_of(1, 40, 3), 60) == 59, "not all but one of 60");
	check(pass(s, ids_of(1, 7, 9), 100) == 0, "7 tokens are copied");
	check(pass(s, ids_of(1, 8, 10), 100) == 8, "8 tokens are not");
	used = add(s, ids_of(3, 50, 4), 100, &shared);
	check(pass(s, ids_of(3, 50, 5), 80) == 50, "a run in use is no prefix");
	check(pass(s, ids_of(3, 50, 5), 1) == 0, "a single token is shared");
	prefixes_idle(s, used);
	prefixes_free(s);
}

/* The tokens of all runs, in whole blocks, stay below the limit; the oldest idle ones
 * go. */
static void oldest_goes(void)
{
	struct prefixes *s = prefixes_new(3 * 112);
	struct prefix *used;
	size_t shared;
	uint32_t i;

	used = add(s, ids_of(1, 100, 1), 100, &shared);
	check(pass(s, ids_of(2, 100, 2), 100) == 0, "2 is there already");
	check(pass(s, ids_of(3, 100, 3), 100) == 0, "3 is there already");
	check(pass(s, ids_of(2, 100, 2), 100) == 99, "2 is gone");
	check(pass(s, ids_of(4, 100, 4), 100) == 0, "4 is there already");
	check(pass(s, ids_of(2, 100, 2), 100) == 99, "2, used later, went first");
	check(pass(s, ids_of(3, 100, 3), 100) == 0, "3 remains, beyond the limit");
	for (i = 5; i < 9; i++)
		pass(s, ids_of(i, 100, i), 100);
	check(pass(s, ids_of(1, 90, 9), 100) == 90, "a run in use is gone");
	prefixes_idle(s, used);
	prefixes_free(s);

	s = prefixes_new(3 * 112);
	for (i = 1; i < 3; i++)
		pass(s, ids_of(i, 100, i), 100);
	prefixes_room(s, 200);
	check(pass(s, ids_of(2, 100, 2), 100) == 99, "the last had to go");
	check(pass(s, ids_of(1, 100, 1), 100) == 0, "there is no room");
	prefixes_free(s);

	/* One run is there for the next prompt even so. */
	s = prefixes_new(0);
	pass(s, ids_of(1, 50, 1), 100);
	check(pass(s, ids_of(1, 50, 2), 100) == 50, "not even one remains");
	check(pass(s, ids_of(1, 50, 1), 100) == 50, "both remain");
	prefixes_free(s);
}

/* Runs that differ little take the memory of one. */
static void nearly_equal(void)
{
	struct prefixes *s = prefixes_new(240);
	struct prefix *used[5];
	size_t shared;
	uint32_t i;

	pass(s, ids_of(1, 100, 1), 100);
	for (i = 2; i < 12; i++)
		check(pass(s, ids_of(2, 100, i), 110) == (i > 2 ? 100 : 0),
			"not what they share");
	check(pass(s, ids_of(1, 100, 1), 100) == 99, "1 had to go");
	prefixes_free(s);

	/* Also if they were in use at the same time. */
	s = prefixes_new(340);
	pass(s, ids_of(1, 100, 1), 100);
	for (i = 0; i < 2; i++)
		used[i] = add(s, ids_of(2, 100, i), 110, &shared);
	for (i = 0; i < 2; i++)
		prefixes_idle(s, used[i]);
	pass(s, ids_of(3, 100, 3), 100);
	check(pass(s, ids_of(1, 100, 1), 100) == 99, "both remained");
	prefixes_free(s);

	/* A short prefix does not cost the rest of a run. */
	s = prefixes_new(1000);
	pass(s, ids_of(1, 20, 1), 100);
	pass(s, ids_of(1, 20, 2), 100);
	check(pass(s, ids_of(1, 20, 1), 100) == 99, "the rest of 1 is gone");
	prefixes_free(s);
}

/* A prompt begins with what has been read of another, or waits for more. */
static void being_read(void)
{
	struct prefixes *s = prefixes_new(10000);
	struct kv_segment *r = kv_segment_new(&shape, DTYPE_F32);
	struct prefix *p = prefixes_add(s, ids_of(1, 40, 1), 100, r), *q;
	size_t shared;

	check(prefixes_soon(s, ids_of(1, 40, 2), 100), "40 are soon there");
	check(!prefixes_soon(s, ids_of(1, 7, 2), 100), "7 are not worth it");
	check(!prefixes_soon(s, ids_of(2, 40, 2), 100), "another text is not");
	compute(r, ids_of(1, 40, 1), 12);	/* less than a block: copied */
	check(prefixes_soon(s, ids_of(1, 40, 2), 100), "12 are not all");
	q = add(s, ids_of(1, 40, 2), 100, &shared);
	check(shared == 12, "not what has been read");
	compute(r, ids_of(1, 40, 1), 35);
	check(!prefixes_soon(s, ids_of(1, 40, 3), 100), "40 are there");
	check(prefixes_soon(s, ids_of(1, 40, 1), 100), "all are not there");
	compute(r, ids_of(1, 40, 1), 100);
	prefixes_idle(s, p);
	prefixes_idle(s, q);
	prefixes_limit(s, 150);
	prefixes_room(s, 0);
	check(pass(s, ids_of(1, 40, 1), 100) == 40, "the limit is not kept");
	prefixes_free(s);
}

/* Prompts that begin alike have the beginning once; it stays while they need it. */
static void one_beginning(void)
{
	struct prefixes *s = prefixes_new(10000);
	struct prefix *first, *p[5];
	size_t shared, i, part = kv_round(150 - 128), all = kv_round(150);

	first = add(s, ids_of(1, 130, 0), 150, &shared);
	for (i = 0; i < 5; i++) {
		p[i] = add(s, ids_of(1, 130, 1 + (uint32_t)i), 150, &shared);
		check(shared == 130, "130 are in common");
		check(prefixes_pinned(s).tokens == all + (i + 1) * part,
			"the beginning is there again");
	}
	check(prefixes_shared(s, ids_of(1, 130, 9), 150) == 128,
		"not all whole blocks are shared");
	prefixes_idle(s, first);
	prefixes_limit(s, 0);
	prefixes_room(s, 0);
	check(prefixes_pinned(s).tokens == all + 5 * part,
		"the beginning is gone");
	pass(s, ids_of(1, 130, 6), 150);
	for (i = 0; i < 5; i++)
		prefixes_idle(s, p[i]);
	check(!prefixes_pinned(s).runs, "the beginning is still in use");
	prefixes_room(s, 0);
	check(pass(s, ids_of(1, 130, 7), 150) == 0, "something remains");
	prefixes_free(s);
}

static void list(void)
{
	longest_wins();
	oldest_goes();
	nearly_equal();
	being_read();
	one_beginning();
}

/* ---- with an engine ---- */

#define TURNS 4
#define ANSWER 6

struct talk {
	struct prompt prompt;
	uint32_t ids[120];
	size_t n;
	bool given;
	uint32_t *answer;	/* (ANSWER) */
	float *logprob;
};

static struct prompt *next(void *ctx)
{
	struct talk *t = ctx;

	if (t->given)
		return NULL;
	t->given = true;
	return &t->prompt;
}

static void done(void *ctx, struct answer *a)
{
	struct talk *t = ctx;

	memcpy(t->answer, a->ids.v, ANSWER * sizeof *t->answer);
	memcpy(t->logprob, a->logprob, ANSWER * sizeof *t->logprob);
	answer_free(a);
}

static void run(struct engine *e, struct talk *t, size_t vocab)
{
	static const struct stop_criteria never;
	struct engine_calls calls = { .ctx = t, .next = next, .done = done };

	t->given = false;
	t->prompt = (struct prompt){ .ids = t->ids, .n = t->n, .samples = 1,
		.most = ANSWER, .key = t->n };
	engine_run(e, &sampling_plain, 3, &never, vocab, &calls);
}

/* Tokens that a user says, a function of conversation and turn. */
static void say(struct talk *t, uint32_t who, size_t vocab)
{
	size_t i, n = t->n ? 5 : 20;

	for (i = 0; i < n; i++, t->n++)
		t->ids[t->n] = (uint32_t)((who * 31 + t->n * 7 + 1) % vocab);
}

/* A turn: the engine that has those before and a new one answer alike, bit for
 * bit; returns the tokens that the first one read. */
static uint64_t turn(struct engine *e, struct decoder *d, struct talk *t,
	uint32_t who, size_t vocab)
{
	uint32_t ids[2][ANSWER];
	float logprob[2][ANSWER];
	uint64_t before = engine_stats(e)->prompt_tokens;
	struct engine *fresh = engine_new(d, &(struct engine_memory){ .kept = 0 });

	say(t, who, vocab);
	t->answer = ids[0], t->logprob = logprob[0];
	run(fresh, t, vocab);
	t->answer = ids[1], t->logprob = logprob[1];
	run(e, t, vocab);
	check(!memcmp(ids[0], ids[1], sizeof *ids) &&
		!memcmp(logprob[0], logprob[1], sizeof *logprob),
		"another answer than without the earlier turns");
	memcpy(t->ids + t->n, ids[1], sizeof *ids);
	t->n += ANSWER;
	engine_free(fresh);
	return engine_stats(e)->prompt_tokens - before;
}

/* Two conversations in turn. A turn reads the answer before it and what is new. */
static void with_engine(const char *dir, enum dtype kv)
{
	struct model *m = model_load(dir);
	struct decoder *d = decoder_new(m, 2, kv);
	struct engine *e = engine_new(d, &(struct engine_memory){ .kept = 1 << 20 });
	struct talk talk[2] = { { .n = 0 }, { .n = 0 } };
	size_t i;
	uint32_t who;

	for (i = 0; i < TURNS; i++)
		for (who = 0; who < 2; who++)
			check(turn(e, d, &talk[who], who, m->config.vocab) ==
				(i ? ANSWER + 5 : 20),
				"a turn reads more than what is new");
	engine_free(e);
	decoder_free(d);
	model_free(m);
}

int main(int argc, char **argv)
{
	err_init(argv[0]);
	if (argc == 2 && !strcmp(argv[1], "list")) {
		list();
	} else if (argc == 3 && !strcmp(argv[1], "engine")) {
		with_engine(argv[2], DTYPE_F32);
		with_engine(argv[2], DTYPE_BF16);
	} else {
		die_usage("list, or engine MODEL");
	}
	return failures != 0;
}
