/* standing.c - pass@k, votes and baselines: see standing.h */
#include "common/grade/standing.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/share.h"
#include "common/format/jsonwrite.h"
#include "common/grade/causes.h"

/* What a judge found of an answer; prompt: its number in the slice. */
struct sample {
	size_t prompt, order;
	double score;			/* NaN: none */
	uint64_t vote;
};

/* Of a judge in a slice. */
struct column {
	struct sample *v;
	size_t cap;
	uint64_t *golds;		/* (prompts) 0: none */
	struct causes causes;
};

/* The rollouts with one value of the key, or all. */
struct slice {
	struct buf value;		/* as JSON; empty: all */
	struct map prompts;		/* to numbers from 1 */
	size_t nprompt, prompt_cap, n;
	uint64_t truncated, bytes, tokens, counted;
	struct column *columns;		/* (njudge) */
};

struct standing {
	struct judge *const *judges;
	size_t njudge;
	const char *by;
	struct map values;		/* to numbers of slices */
	struct slice *slices;		/* the first is of all */
	size_t nslice, cap;
	struct buf key, line;
};

static struct slice *new_slice(struct standing *s, const char *value, size_t n)
{
	struct slice *x;

	s->slices = grow(s->slices, s->nslice, &s->cap, sizeof *s->slices);
	x = &s->slices[s->nslice++];
	*x = (struct slice){ .columns = xcalloc(s->njudge,
		sizeof *x->columns) };
	buf_add(&x->value, value, n);
	return x;
}

struct standing *standing_new(struct judge *const *judges, size_t n,
	const char *by)
{
	struct standing *s = xcalloc(1, sizeof *s);

	s->judges = judges;
	s->njudge = n;
	s->by = by;
	new_slice(s, "", 0);
	return s;
}

/* ---- collecting ---- */

/* The number of the prompt: that of its id, or of its tokens, or its own. */
static size_t prompt_of(struct standing *s, struct slice *c,
	const struct rollout *x)
{
	struct json ids;
	uint64_t *at;
	bool is_new = true;
	size_t i;

	buf_reset(&s->key);
	if (!rollout_id_key(&x->id, &s->key) &&
			json_field(&x->fields, "prompt_ids", &ids))
		buf_add(&s->key, ids.p, ids.n);
	if (!s->key.n)
		buf_printf(&s->key, "%zu", c->n);
	at = map_put(&c->prompts, s->key.p, s->key.n, &is_new);
	if (is_new) {
		size_t cap = c->prompt_cap;

		*at = ++c->nprompt;
		if (c->nprompt > cap)
			c->prompt_cap = cap ? 2 * cap : 64;
		for (i = 0; cap != c->prompt_cap && i < s->njudge; i++)
			c->columns[i].golds = xrealloc(c->columns[i].golds,
				c->prompt_cap, sizeof *c->columns[i].golds);
		for (i = 0; i < s->njudge; i++)
			c->columns[i].golds[c->nprompt - 1] = 0;
	}
	return (size_t)*at - 1;
}

static void add_to(struct standing *s, struct slice *c, const struct rollout *x,
	const struct verdict *v)
{
	size_t prompt = prompt_of(s, c, x), i;
	struct json ids;

	for (i = 0; i < s->njudge; i++) {
		struct column *k = &c->columns[i];

		k->v = grow(k->v, c->n, &k->cap, sizeof *k->v);
		k->v[c->n] = (struct sample){ prompt, c->n, v[i].cause ? NAN :
			v[i].score, v[i].vote };
		if (v[i].cause)
			causes_add(&k->causes, v[i].cause);
		else if (!k->golds[prompt])
			k->golds[prompt] = v[i].gold;
	}
	c->n++;
	c->truncated += !strcmp(x->stop, "length");
	c->bytes += x->text_len;
	if (json_field(&x->fields, "ids", &ids) && ids.type == JSON_ARRAY) {
		c->tokens += json_count(&ids);
		c->counted++;
	}
}

void standing_add(struct standing *s, const struct rollout *x,
	const struct verdict *v)
{
	struct json value = { "null", 4, JSON_NULL, false };
	uint64_t *at;
	bool is_new;

	add_to(s, &s->slices[0], x, v);
	if (!s->by)
		return;
	json_field(&x->fields, s->by, &value);
	if (value.type == JSON_NONE)
		value = (struct json){ "null", 4, JSON_NULL, false };
	at = map_put(&s->values, value.p, value.n, &is_new);
	if (is_new) {
		*at = s->nslice;
		new_slice(s, value.p, value.n);
	}
	add_to(s, &s->slices[*at], x, v);
}

/* ---- statistics ---- */

/* By prompt, then by vote, so that equal votes are together. */
static int order(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->prompt != y->prompt)
		return x->prompt < y->prompt ? -1 : 1;
	if (x->vote != y->vote)
		return x->vote < y->vote ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static double pass_at(size_t n, size_t c, size_t k)
{
	double none = 1;
	size_t i;

	if (n - c < k)
		return 1;
	for (i = n - c + 1; i <= n; i++)
		none *= 1 - (double)k / (double)i;
	return 1 - none;
}

/* Sums over the prompts with a graded answer. */
struct sums {
	double prompts, votes, voted, score;
	uint64_t graded;
	size_t least;			/* answers a prompt */
	double pass[24];		/* at 1, 2, 4 ... */
};

/* The answers v[0..n) of one prompt, sorted. */
static void add_prompt(struct sums *t, const struct sample *v, size_t n)
{
	size_t graded = 0, full = 0, i, end, most = 0, first = 0;
	bool right = false;

	for (i = 0; i < n; i = end) {
		size_t count = 0;

		for (end = i; end < n && v[end].vote == v[i].vote; end++) {
			if (isnan(v[end].score))
				continue;
			count++;
			full += v[end].score >= 1;
			t->score += v[end].score;
		}
		graded += count;
		if (v[i].vote && (count > most || (count == most && count &&
				v[i].order < first))) {
			most = count;
			first = v[i].order;
			right = v[i].score >= 1;
		}
	}
	if (!graded)
		return;
	t->graded += graded;
	t->prompts++;
	t->voted += most > 0;
	t->votes += most && right;
	if (!t->least || graded < t->least)
		t->least = graded;
	for (i = 0; i < 24 && (size_t)1 << i <= graded; i++)
		t->pass[i] += pass_at(graded, full, (size_t)1 << i);
}

static struct sums sum_up(struct column *k, size_t n)
{
	struct sums t = { .prompts = 0 };
	size_t i, end;

	if (n)
		qsort(k->v, n, sizeof *k->v, order);
	for (i = 0; i < n; i = end) {
		for (end = i; end < n && k->v[end].prompt == k->v[i].prompt;)
			end++;
		add_prompt(&t, k->v + i, end - i);
	}
	return t;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The share of the commonest reference among prompts, or NaN. */
static double baseline(struct column *k, size_t prompts)
{
	uint64_t *v = xcalloc(prompts + 1, sizeof *v);
	size_t n = 0, i, run = 0, most = 0;

	for (i = 0; i < prompts; i++)
		if (k->golds[i])
			v[n++] = k->golds[i];
	qsort(v, n, sizeof *v, by_number);
	for (i = 0; i < n; i++) {
		run = i && v[i] == v[i - 1] ? run + 1 : 1;
		most = run > most ? run : most;
	}
	free(v);
	return n ? (double)most / (double)n : NAN;
}

/* ---- writing ---- */

static void add_number(struct buf *line, const char *key, double x)
{
	json_add_key(line, key);
	json_add_double(line, x);
}

static void write_causes(struct buf *line, const struct column *k)
{
	size_t i;

	json_add_key(line, "ungraded");
	buf_putc(line, '{');
	for (i = 0; i < k->causes.n; i++) {
		json_add_key(line, k->causes.v[i].what);
		json_add_int(line, (int64_t)k->causes.v[i].n);
	}
	buf_putc(line, '}');
}

static void write_judge(struct standing *s, struct slice *c, size_t i)
{
	struct column *k = &c->columns[i];
	struct sums t = sum_up(k, c->n);
	struct buf *line = &s->line;
	double low, high, accuracy = t.pass[0] / t.prompts;
	char name[24];
	size_t p;

	json_add_key(line, s->judges[i]->name);
	buf_putc(line, '{');
	add_number(line, "mean", t.score / (double)t.graded);
	write_causes(line, k);
	add_number(line, "accuracy", accuracy);
	share_interval(accuracy, t.prompts, &low, &high);
	if (!(t.prompts > 0))
		low = high = NAN;
	json_add_key(line, "accuracy_interval");
	buf_putc(line, '[');
	json_add_double(line, low);
	buf_putc(line, ',');
	json_add_double(line, high);
	buf_putc(line, ']');
	add_number(line, "baseline", baseline(k, c->nprompt));
	add_number(line, "chance", s->judges[i]->chance > 0 ?
		s->judges[i]->chance : NAN);
	add_number(line, "majority_vote", t.voted > 0 ? t.votes / t.prompts :
		NAN);
	for (p = 1; p < 24 && (size_t)1 << p <= t.least; p++) {
		snprintf(name, sizeof name, "pass@%zu", (size_t)1 << p);
		add_number(line, name, t.pass[p] / t.prompts);
	}
	buf_putc(line, '}');
}

static void write_slice(struct standing *s, struct slice *c,
	struct output *out)
{
	struct buf *line = &s->line;
	double n = (double)c->n;
	size_t i;

	buf_reset(line);
	buf_putc(line, '{');
	if (c->value.n) {
		json_add_key(line, s->by);
		buf_add(line, c->value.p, c->value.n);
	}
	json_add_key(line, "rollouts");
	json_add_int(line, (int64_t)c->n);
	json_add_key(line, "prompts");
	json_add_int(line, (int64_t)c->nprompt);
	add_number(line, "truncated", (double)c->truncated / n);
	add_number(line, "mean_tokens", (double)c->tokens /
		(double)c->counted);
	add_number(line, "mean_bytes", (double)c->bytes / n);
	json_add_key(line, "graders");
	buf_putc(line, '{');
	for (i = 0; i < s->njudge; i++)
		write_judge(s, c, i);
	buf_str(line, "}}\n");
	output_write(out, line->p, line->n);
}

void standing_write(struct standing *s, struct output *out)
{
	size_t i;

	for (i = 1; i < s->nslice; i++)
		write_slice(s, &s->slices[i], out);
	write_slice(s, &s->slices[0], out);
}

void standing_free(struct standing *s)
{
	size_t i, k;

	for (i = 0; i < s->nslice; i++) {
		struct slice *c = &s->slices[i];

		for (k = 0; k < s->njudge; k++) {
			free(c->columns[k].v);
			free(c->columns[k].golds);
			causes_free(&c->columns[k].causes);
		}
		free(c->columns);
		map_free(&c->prompts);
		buf_free(&c->value);
	}
	map_free(&s->values);
	buf_free(&s->key);
	buf_free(&s->line);
	free(s->slices);
	free(s);
}
