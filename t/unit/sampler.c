/* sampler - t/710-sampler.t: what is drawn compared with the definition, applied
 * by sorting the whole vocabulary in double precision
 *
 * The tokens of a distribution are intervals of [0, 1). A grid of GRID numbers
 * hits an interval of length p in p * GRID points, give or take one: that is
 * exact, where a random test would only be probable.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/sample/sampler.h"

#define GRID 4000
#define MAX_VOCAB 1200

static float logits[MAX_VOCAB];
static double expected[MAX_VOCAB];
static int sorted[MAX_VOCAB];
static int failures;

static void fail(const char *what, const char *name, double got, double want)
{
	printf("# %s: %s: %.9g, not %.9g\n", name, what, got, want);
	failures++;
}

static int by_logit(const void *a, const void *b)
{
	float x = logits[*(const int *)a], y = logits[*(const int *)b];

	if (x != y)
		return x < y ? 1 : -1;
	return *(const int *)a - *(const int *)b;
}

/* expected[] by the definition in sampler.h, for logits already penalized. */
static void define(const struct sampling *o, int n)
{
	double total = 0, taken = 0, best;
	int i, k;

	for (i = 0; i < n; i++)
		sorted[i] = i;
	qsort(sorted, (size_t)n, sizeof *sorted, by_logit);
	k = o->top_k && o->top_k < n ? (int)o->top_k : n;
	best = logits[sorted[0]];
	for (i = 0; i < MAX_VOCAB; i++)
		expected[i] = 0;
	for (i = 0; i < k; i++)
		total += exp((logits[sorted[i]] - best) / o->temperature);
	for (i = 0; i < k; i++) {
		double w = exp((logits[sorted[i]] - best) / o->temperature);

		if (i && taken >= o->top_p * total && o->top_p < 1)
			break;
		taken += w;
		expected[sorted[i]] = w >= o->min_p || !i ? w : 0;
	}
	for (taken = 0, i = 0; i < n; i++)
		taken += expected[i];
	for (i = 0; i < n; i++)
		expected[i] /= taken;
}

static void check_counts(const char *name, const int *count, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (fabs(count[i] - expected[i] * GRID) > 1.1)
			fail("draws of a token", name, count[i],
				expected[i] * GRID);
}

/* Lowers the logit of token i of the answer, if it was sampled, by the frequency
 * penalty, and by the presence penalty at its first time. */
static void lower(const struct sampler_past *past, size_t i,
	const struct sampling *o)
{
	uint32_t id = past->answer[i];
	bool first = true;
	size_t k;

	if (!past->mask[i])
		return;
	for (k = 0; k < i; k++)
		first &= past->answer[k] != id || !past->mask[k];
	logits[id] -= (float)(o->frequency_penalty +
		(first ? o->presence_penalty : 0));
}

/* Draws with the whole grid; compares logprobs as well. */
static void compare(const char *name, const struct sampling *o, int vocab,
	int usable, const struct sampler_past *past)
{
	struct sampler *s = sampler_new((size_t)vocab);
	int *count = xcalloc((size_t)vocab, sizeof *count);
	float *raw = xcalloc((size_t)vocab, sizeof *raw);
	double norm = 0;
	size_t j;
	int i;

	memcpy(raw, logits, (size_t)vocab * sizeof *raw);
	for (i = 0; i < vocab; i++)
		norm += exp(raw[i]);
	for (j = 0; past && j < past->nrecent; j++) {
		float x = raw[past->recent[j]], p = (float)o->repeat_penalty;

		logits[past->recent[j]] = x > 0 ? x / p : x * p;
	}
	for (j = 0; past && j < past->nanswer; j++)
		lower(past, j, o);
	define(o, usable);
	memcpy(logits, raw, (size_t)vocab * sizeof *raw);
	for (i = 0; i < GRID; i++) {
		struct choice c;

		if (!sampler_choose(s, o, logits, (size_t)usable, past,
			(i + .5) / GRID, &c))
			die("%s: not finite", name);
		count[c.id]++;
		if (fabs(c.logprob - (raw[c.id] - log(norm))) > 1e-5)
			fail("logprob", name, c.logprob,
				raw[c.id] - log(norm));
		if (fabs(c.sample_logprob - log(expected[c.id])) > 1e-5)
			fail("sample logprob", name, c.sample_logprob,
				log(expected[c.id]));
	}
	if (memcmp(raw, logits, (size_t)vocab * sizeof *raw))
		fail("logits changed", name, 1, 0);
	check_counts(name, count, vocab);
	sampler_free(s);
	free(count);
	free(raw);
}

/* Normal logits, of which few weigh much; quantized ones have many ties. */
static void fill(int n, double spread, bool ties)
{
	int i;

	for (i = 0; i < n; i++) {
		double x = spread * rng_normal(7, RNG_TEST, (uint32_t)n,
			(uint64_t)i);

		logits[i] = (float)(ties ? rint(x) : x);
	}
}

static void distributions(void)
{
	static const int sizes[] = { 1, 2, 7, 255, 256, 257, 1200 };
	static const struct { const char *name; struct sampling o; } row[] = {
		{ "plain", { .temperature = 1, .top_p = 1 } },
		{ "hot", { .temperature = 2.5, .top_p = 1 } },
		{ "cold", { .temperature = .05, .top_p = 1 } },
		{ "below float", { .temperature = 1e-39, .top_p = 1 } },
		{ "below double", { .temperature = 5e-324, .top_p = 1 } },
		{ "below float, top-p", { .temperature = 1e-39, .top_p = .9 } },
		{ "below double, top-k", { .temperature = 5e-324, .top_k = 5,
			.top_p = 1 } },
		{ "below float, min-p", { .temperature = 1e-45, .top_p = 1,
			.min_p = 1e-320 } },
		{ "over float", { .temperature = 1e300, .top_p = 1 } },
		{ "over float, top-k", { .temperature = 1e300, .top_k = 7,
			.top_p = 1 } },
		{ "top-k", { .temperature = 1, .top_k = 5, .top_p = 1 } },
		{ "top-k 1", { .temperature = 1, .top_k = 1, .top_p = 1 } },
		{ "top-k of all", { .temperature = 1, .top_k = 9999,
			.top_p = 1 } },
		{ "top-p", { .temperature = .8, .top_p = .9 } },
		{ "top-p small", { .temperature = 1, .top_p = 1e-9 } },
		{ "top-p near 1", { .temperature = 1, .top_p = .99999 } },
		{ "min-p", { .temperature = 1.3, .top_p = 1, .min_p = .05 } },
		{ "min-p 1", { .temperature = 1, .top_p = 1, .min_p = 1 } },
		{ "all", { .temperature = .9, .top_k = 50, .top_p = .8,
			.min_p = .02 } },
	};
	size_t i, j;
	int ties;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (ties = 0; ties < 2; ties++)
			for (j = 0; j < sizeof row / sizeof *row; j++) {
				struct sampling o = row[j].o;

				o.repeat_penalty = 1;
				fill(sizes[i], 2, ties);
				compare(row[j].name, &o, sizes[i], sizes[i],
					NULL);
			}
}

static void padding(void)
{
	struct sampling o = sampling_plain;
	int i;

	fill(300, 1, false);
	for (i = 257; i < 300; i++)
		logits[i] = 9;
	compare("padding", &o, 300, 257, NULL);
	o.top_p = .9;
	compare("padding with top-p", &o, 300, 257, NULL);
	for (i = 257; i < 300; i++)
		logits[i] = 90;
	o.top_p = 1;
	compare("padding that is nearly all", &o, 300, 257, NULL);
}

static void penalty(void)
{
	static const uint32_t recent[] = { 3, 250, 17 };
	static const uint32_t repeated[] = { 9, 3, 3, 250, 17, 3 };
	const struct sampler_past few = { .recent = recent, .nrecent = 3 };
	const struct sampler_past many = { .recent = repeated, .nrecent = 6 };
	struct sampling o = sampling_plain;
	struct sampler *s = sampler_new(300);
	struct choice a, b;

	fill(300, 2, false);
	o.repeat_penalty = 1.7;
	compare("penalty", &o, 300, 300, &few);
	/* A token is penalized once however often it occurred, and the window
	 * excludes the first one. */
	o.repeat_last = 5;
	sampler_choose(s, &o, logits, 300, &few, .37, &a);
	sampler_choose(s, &o, logits, 300, &many, .37, &b);
	if (a.id != b.id || a.sample_logprob != b.sample_logprob)
		fail("window", "penalty", b.sample_logprob, a.sample_logprob);
	sampler_free(s);
}

/* OpenAI's penalties, alone and with the others; forced tokens do not count, nor
 * do ids beyond the vocabulary. */
static void count_penalties(void)
{
	static const uint32_t answer[] = { 9, 3, 3, 250, 17, 3, 9, 4, 17 };
	static const unsigned char mask[] = { 1, 1, 1, 1, 0, 1, 1, 0, 1 };
	static const struct { const char *name; double presence, frequency,
		repeat, temperature, top_p; } row[] = {
		{ "presence", 1.5, 0, 1, 1, 1 },
		{ "frequency", 0, .7, 1, 1, 1 },
		{ "both", 2, 2, 1, .8, 1 },
		{ "below 0", -.3, -2, 1, 1, .9 },
		{ "with repetition", .4, -.9, 1.7, 1, 1 },
	};
	const struct sampler_past past = { .recent = answer + 6, .nrecent = 3,
		.answer = answer, .mask = mask, .nanswer = 9 };
	struct sampling o;
	size_t i;

	for (i = 0; i < sizeof row / sizeof *row; i++) {
		o = sampling_plain;
		o.presence_penalty = row[i].presence;
		o.frequency_penalty = row[i].frequency;
		o.repeat_penalty = row[i].repeat;
		o.temperature = row[i].temperature;
		o.top_p = row[i].top_p;
		fill(300, 2, false);
		compare(row[i].name, &o, 300, 300, &past);
	}
}

static bool allow_all(void *ctx, uint32_t id)
{
	return true;
}

/* Where some tokens are not allowed, the others have the same penalties; an id
 * beyond the vocabulary has none. */
static void count_penalties_allowed(void)
{
	static const uint32_t answer[] = { 5, 999, 5, 7 };
	const struct sampler_past past = { .answer = answer, .nanswer = 4 };
	struct sampling o = sampling_plain;
	struct sampler *s = sampler_new(20);
	struct choice a, b;
	int i;

	fill(20, 2, false);
	logits[5] = 9;
	logits[6] = 8.5f;
	o.greedy = true;
	sampler_choose(s, &o, logits, 20, &past, .5, &a);
	o.frequency_penalty = .3;
	sampler_choose(s, &o, logits, 20, &past, .5, &b);
	if (a.id != 5 || b.id != 6)
		fail("id", "greedy with a penalty", b.id, 6);
	o = sampling_plain;
	o.presence_penalty = 2;
	for (i = 0; i < GRID; i += 100) {
		double u = (i + .5) / GRID;

		sampler_choose(s, &o, logits, 20, &past, u, &a);
		sampler_choose_allowed(s, &o, logits, 20, &past, u, allow_all,
			NULL, &b);
		if (a.id != b.id || a.sample_logprob != b.sample_logprob)
			fail("id", "allowed, with a penalty", b.id, a.id);
	}
	sampler_free(s);
}

/* Logits at the limits of float, and those that are not numbers. */
static void extremes(void)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY };
	static const uint32_t recent[] = { 8, 2 };
	const struct sampler_past past = { .recent = recent, .nrecent = 2 };
	struct sampling o = sampling_plain;
	struct sampler *s = sampler_new(20);
	struct choice c;
	float x;
	size_t i, at;

	fill(20, 2, false);
	for (i = 0; i < 3; i++)
		for (at = 0; at < 20; at++) {
			logits[at] = bad[i];
			if (sampler_choose(s, &o, logits, 19, NULL, .5, &c))
				fail("drawn from", "choose", bad[i], 0);
			if (sampler_logprob(s, logits, 1, &x))
				fail("taken", "logprob", bad[i], 0);
			fill(20, 2, false);
		}
	logits[2] = FLT_MAX;
	logits[8] = -FLT_MAX;
	o.repeat_penalty = 1e-6;
	if (!sampler_choose(s, &o, logits, 20, &past, .5, &c) || c.id != 2)
		fail("id", "a penalty that overflows", c.id, 2);
	o.repeat_penalty = 1e6;
	if (!sampler_choose(s, &o, logits, 20, &past, .5, &c) || c.id != 2)
		fail("id", "the largest float, divided", c.id, 2);
	o = sampling_plain;
	if (!sampler_logprob(s, logits, 8, &x) || !isfinite(x))
		fail("logprob", "the ends of float", x, -FLT_MAX);
	sampler_free(s);
}

static void greedy_and_top(void)
{
	struct sampling o = sampling_plain;
	struct sampler *s = sampler_new(MAX_VOCAB);
	uint32_t top[100];
	struct choice c;
	size_t n, i;

	o.greedy = true;
	fill(MAX_VOCAB, 2, true);
	define(&sampling_plain, MAX_VOCAB);
	sampler_choose(s, &o, logits, MAX_VOCAB, NULL, .5, &c);
	if ((int)c.id != sorted[0])
		fail("id", "greedy", c.id, sorted[0]);
	n = sampler_top(s, logits, MAX_VOCAB, 100, top);
	if (n != 100)
		fail("length", "top", (double)n, 100);
	for (i = 0; i < n; i++)
		if ((int)top[i] != sorted[i])
			fail("id", "top", top[i], sorted[i]);
	logits[5] = NAN;
	if (sampler_choose(s, &o, logits, MAX_VOCAB, NULL, .5, &c))
		fail("accepted", "NaN", 1, 0);
	logits[5] = INFINITY;
	if (sampler_choose(s, &o, logits, MAX_VOCAB, NULL, .5, &c))
		fail("accepted", "infinity", 1, 0);
	sampler_free(s);
}

/* Biases act like logits that the model gave, and the logprob stays its own; the
 * penalty comes after them, also for the same id. */
static void biases(void)
{
	static const struct logit_bias bias[] = { { 3, 2.5f }, { 7, -100 },
		{ 19, 1e-3f }, { 999, 5 } };
	static const uint32_t recent[] = { 3, 5 };
	const struct sampler_past past = { .recent = recent, .nrecent = 2 };
	struct sampling o = sampling_plain, with;
	struct sampler *s = sampler_new(20);
	float raw[20], changed[20];
	struct choice a, b;
	int i;

	fill(20, 2, false);
	memcpy(raw, logits, sizeof raw);
	memcpy(changed, logits, sizeof raw);
	for (i = 0; i < 3; i++)
		changed[bias[i].id] += bias[i].bias;
	o.repeat_penalty = 1.5;
	with = o;
	with.bias = bias;
	with.nbias = 4;
	for (i = 0; i < GRID; i += 100) {
		sampler_choose(s, &with, raw, 20, &past, (i + .5) / GRID, &a);
		sampler_choose(s, &o, changed, 20, &past, (i + .5) / GRID, &b);
		if (a.id != b.id)
			fail("id", "biases", a.id, b.id);
		if (fabs(a.sample_logprob - b.sample_logprob) > 1e-6)
			fail("sample logprob", "biases", a.sample_logprob,
				b.sample_logprob);
		sampler_logprob(s, logits, a.id, &b.logprob);
		if (a.logprob != b.logprob)
			fail("logprob", "biases", a.logprob, b.logprob);
		if (memcmp(raw, logits, sizeof raw))
			fail("logits changed", "biases", 1, 0);
	}
	sampler_free(s);
}

/* Alternatives are those of sampler_top, with the logprobs of a choice. */
static void alternatives(void)
{
	struct sampler *s = sampler_new(MAX_VOCAB);
	struct alternative got[50];
	uint32_t top[50];
	float x;
	size_t i, n;

	fill(MAX_VOCAB, 2, true);
	n = sampler_alternatives(s, logits, MAX_VOCAB - 9, 50, got);
	if (n != 50 || sampler_top(s, logits, MAX_VOCAB - 9, 50, top) != 50)
		fail("length", "alternatives", (double)n, 50);
	for (i = 0; i < n; i++) {
		sampler_logprob(s, logits, top[i], &x);
		if (got[i].id != top[i] || got[i].logprob != x)
			fail("logprob", "alternatives", got[i].logprob, x);
	}
	sampler_free(s);
}

/* Chi-square of the numbers themselves over 100 cells, along each of their
 * arguments: 99 degrees of freedom, exceeding 175 for 1e-6 of all seeds. */
static void uniform(void)
{
	static const char *const along[] = {
		"seed", "prompt", "sample", "position"
	};
	int axis, i, cells[100];

	for (axis = 0; axis < 4; axis++) {
		double chi = 0;

		memset(cells, 0, sizeof cells);
		for (i = 0; i < 100000; i++) {
			uint64_t x[4] = { 1, 2, 3, 4 };

			x[axis] = (uint64_t)i;
			cells[(int)(100 * sampling_uniform(sampling_key(x[0], x[1]),
				(uint32_t)x[2], x[3]))]++;
		}
		for (i = 0; i < 100; i++)
			chi += (cells[i] - 1000.) * (cells[i] - 1000.) / 1000;
		if (chi > 175)
			fail("chi-square", along[axis], chi, 99);
	}
}

/* ---- tokens that are allowed ---- */

static bool allow_some(void *ctx, uint32_t id)
{
	return id % *(uint32_t *)ctx == 0;
}

/* Only allowed tokens are drawn, in proportion to their weights, also when most
 * are not allowed; the logits are unchanged; without any, it says so. */
static void check_allowed(uint32_t every)
{
	const struct sampling *o = &sampling_plain;
	struct sampler *s = sampler_new(MAX_VOCAB);
	int *count = xcalloc(MAX_VOCAB, sizeof *count);
	float *raw = xcalloc(MAX_VOCAB, sizeof *raw);
	double total = 0;
	int i;

	memcpy(raw, logits, MAX_VOCAB * sizeof *raw);
	for (i = 0; i < MAX_VOCAB; i++)
		total += i % (int)every ? 0 : exp(raw[i]);
	for (i = 0; i < GRID; i++) {
		struct choice c;

		if (sampler_choose_allowed(s, o, logits, MAX_VOCAB, NULL,
			(i + .5) / GRID, allow_some, &every, &c) !=
			SAMPLER_CHOSEN)
			die("every %u: none", every);
		count[c.id]++;
	}
	if (memcmp(raw, logits, MAX_VOCAB * sizeof *raw))
		fail("logits", "allowed", 1, 0);
	for (i = 0; i < MAX_VOCAB; i++) {
		double p = i % (int)every ? 0 : exp(raw[i]) / total;

		/* Redrawn numbers are random: five standard deviations. */
		if (fabs(count[i] - p * GRID) > 5 * sqrt(p * GRID) + (p > 0))
			fail("draws", "allowed", count[i], p * GRID);
	}
	free(count), free(raw);
	sampler_free(s);
}

static void allowed(void)
{
	struct sampler *s = sampler_new(MAX_VOCAB);
	uint32_t beyond = MAX_VOCAB;
	struct choice c;

	fill(MAX_VOCAB, 2, false);
	check_allowed(1);
	check_allowed(2);
	check_allowed(300);	/* four tokens: drawing rarely finds one */
	logits[0] = -FLT_MAX;
	if (sampler_choose_allowed(s, &sampling_plain, logits, MAX_VOCAB, NULL,
		.5, allow_some, &beyond, &c) != SAMPLER_NONE)
		fail("draws", "none allowed", c.id, 0);
	sampler_free(s);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } row[] = {
		{ "distributions", distributions }, { "padding", padding },
		{ "penalty", penalty }, { "counts", count_penalties },
		{ "counts-allowed", count_penalties_allowed },
		{ "greedy", greedy_and_top },
		{ "uniform", uniform }, { "extremes", extremes },
		{ "biases", biases }, { "alternatives", alternatives },
		{ "allowed", allowed },
	};
	size_t i;

	err_init(argv[0]);
	for (i = 0; argc == 2 && i < sizeof row / sizeof *row; i++)
		if (!strcmp(argv[1], row[i].name)) {
			row[i].run();
			return failures != 0;
		}
	die("one of distributions, padding, penalty, counts, greedy, uniform, "
		"extremes, biases, alternatives, allowed");
}
