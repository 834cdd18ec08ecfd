/* choices.c - answers multiple-choice questions: see choices.h */
#include "common/score/choices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/share.h"
#include "common/format/jsonwrite.h"
#include "common/score/question.h"

#define BATCH 64	/* questions in memory */

/* A prompt with one of its choices: predicted are ids[from..n). */
struct candidate {
	struct ids ids;
	size_t cut;		/* ids cut off the beginning of the prompt */
	size_t from;
	size_t bytes;		/* of the choice */
	struct scores scores;
};

struct asked {
	struct buf id;		/* as JSON, or empty */
	size_t n, answer;
	struct candidate *v;	/* (n) */
};

struct run {
	struct generator *g;
	struct scorer *scorer;
	const struct scorer_options *so;
	const struct choices_options *o;
	struct output *out;
	struct asked asked[BATCH];
	size_t n;
	uint64_t *answers;	/* (nanswers) how often each is right */
	size_t nanswers;
	struct choices_totals totals;
	struct buf text, line;
	struct ids before;	/* of the prompt alone */
};

/* ---- encoding ---- */

static bool needs_space(const struct buf *prompt, const struct buf *choice)
{
	return prompt->n && !ascii_space(prompt->p[prompt->n - 1]) &&
		choice->n && !ascii_space(choice->p[0]);
}

/* The number of tokens of the prompt without white space at its end. */
static size_t prompt_tokens(struct run *r, const struct buf *prompt)
{
	size_t n = prompt->n;

	while (n && ascii_space(prompt->p[n - 1]))
		n--;
	r->before.n = 0;
	tok_encode(r->g->encoder, prompt->n ? prompt->p : "", n, &r->before);
	return r->before.n;
}

static void encode(struct run *r, const struct question *q,
	const struct buf *choice, struct candidate *c)
{
	bool first = r->o->first >= 0 && (r->o->always || !q->prompt.n);

	buf_reset(&r->text);
	if (q->prompt.n)
		buf_add(&r->text, q->prompt.p, q->prompt.n);
	if (needs_space(&q->prompt, choice))
		buf_putc(&r->text, ' ');
	if (choice->n)
		buf_add(&r->text, choice->p, choice->n);
	if (first)
		ids_add(&c->ids, (uint32_t)r->o->first);
	tok_encode(r->g->encoder, buf_end(&r->text), r->text.n, &c->ids);
	c->from = first + prompt_tokens(r, &q->prompt);
	c->bytes = choice->n;
}

/* Returns NULL, or why the choice cannot be scored. */
static const char *fit(struct run *r, struct candidate *c)
{
	size_t most = r->so->context + 1;

	if (c->from >= c->ids.n)
		return "a choice is empty";
	c->cut = c->ids.n > most ? c->ids.n - most : 0;
	r->totals.cut += c->cut > 0;
	if (c->from > c->cut)
		return NULL;
	return c->from ? "a choice is longer than the context" :
		"the prompt is empty, and the model has no first token";
}

/* ---- a question ---- */

static void free_asked(struct asked *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		ids_free(&a->v[i].ids);
		scores_free(&a->v[i].scores);
	}
	free(a->v);
	buf_free(&a->id);
	*a = (struct asked){ 0 };
}

static const char *take(struct run *r, const struct question *q)
{
	struct asked *a = &r->asked[r->n];
	const char *why = NULL;
	size_t i;

	a->n = q->n;
	a->answer = q->answer;
	a->v = xcalloc(q->n, sizeof *a->v);
	if (q->id.type != JSON_NONE)
		buf_add(&a->id, q->id.p, q->id.n);
	for (i = 0; i < q->n && !why; i++) {
		encode(r, q, &q->choice[i], &a->v[i]);
		why = fit(r, &a->v[i]);
	}
	if (why) {
		free_asked(a);
		return why;
	}
	r->n++;
	return NULL;
}

static void queue(struct run *r, struct asked *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		struct candidate *c = &a->v[i];

		scores_init(&c->scores, r->so, c->ids.n - c->cut);
		scorer_add(r->scorer, (const int32_t *)c->ids.v + c->cut,
			NULL, c->ids.n - c->cut, &c->scores);
	}
}

static double log_likelihood(const struct candidate *c)
{
	double sum = 0;
	size_t i;

	for (i = c->from - c->cut; i < c->ids.n - c->cut; i++)
		sum += (double)c->scores.logprob[i];
	return sum;
}

/* ---- results ---- */

static void count(struct run *r, const struct asked *a, size_t best,
	size_t best_norm)
{
	struct choices_totals *t = &r->totals;

	if (a->answer >= r->nanswers) {
		r->answers = xrealloc(r->answers, a->answer + 1,
			sizeof *r->answers);
		memset(r->answers + r->nanswers, 0, (a->answer + 1 -
			r->nanswers) * sizeof *r->answers);
		r->nanswers = a->answer + 1;
	}
	if (++r->answers[a->answer] > t->majority)
		t->majority = r->answers[a->answer];
	t->questions++;
	t->right += best == a->answer;
	t->right_norm += best_norm == a->answer;
	t->chance += 1 / (double)a->n;
}

static void write_question(struct run *r, const struct asked *a, size_t best,
	size_t best_norm)
{
	size_t i;

	buf_reset(&r->line);
	buf_putc(&r->line, '{');
	if (a->id.n) {
		json_add_key(&r->line, "id");
		buf_add(&r->line, a->id.p, a->id.n);
	}
	json_add_key(&r->line, "answer");
	json_add_int(&r->line, (int64_t)a->answer);
	json_add_key(&r->line, "choice");
	json_add_int(&r->line, (int64_t)best);
	json_add_key(&r->line, "choice_norm");
	json_add_int(&r->line, (int64_t)best_norm);
	json_add_key(&r->line, "logprobs");
	for (i = 0; i < a->n; i++) {
		buf_putc(&r->line, i ? ',' : '[');
		json_add_double(&r->line, log_likelihood(&a->v[i]));
	}
	buf_putc(&r->line, ']');
	json_add_key(&r->line, "bytes");
	for (i = 0; i < a->n; i++)
		buf_printf(&r->line, "%c%zu", i ? ',' : '[', a->v[i].bytes);
	buf_str(&r->line, "]}\n");
	output_write(r->out, r->line.p, r->line.n);
}

static void settle(struct run *r, const struct asked *a)
{
	double top = -INFINITY, top_norm = -INFINITY;
	size_t best = 0, best_norm = 0, i;

	for (i = 0; i < a->n; i++) {
		double x = log_likelihood(&a->v[i]);
		double norm = x / (double)(a->v[i].bytes ? a->v[i].bytes : 1);

		if (x > top) {
			top = x;
			best = i;
		}
		if (norm > top_norm) {
			top_norm = norm;
			best_norm = i;
		}
	}
	count(r, a, best, best_norm);
	if (r->o->each)
		write_question(r, a, best, best_norm);
}

static void flush(struct run *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		queue(r, &r->asked[i]);
	scorer_flush(r->scorer);
	for (i = 0; i < r->n; i++) {
		settle(r, &r->asked[i]);
		free_asked(&r->asked[i]);
	}
	r->n = 0;
	if (r->totals.questions && progress_due())
		progress_print("questions=%llu acc=%.4f", (unsigned long long)
			r->totals.questions, (double)r->totals.right /
			(double)r->totals.questions);
}

static void write_share(struct buf *line, const char *name, uint64_t k,
	uint64_t n)
{
	double low, high;
	char interval[32];

	json_add_key(line, name);
	json_add_double(line, n ? (double)k / (double)n : NAN);
	share_interval((double)k / (double)n, (double)n, &low, &high);
	snprintf(interval, sizeof interval, "%s_interval", name);
	json_add_key(line, interval);
	buf_printf(line, "[");
	json_add_double(line, low);
	buf_putc(line, ',');
	json_add_double(line, high);
	buf_putc(line, ']');
}

static void write_totals(struct run *r)
{
	const struct choices_totals *t = &r->totals;
	double n = (double)t->questions;

	buf_reset(&r->line);
	buf_printf(&r->line, "{\"questions\":%llu",
		(unsigned long long)t->questions);
	write_share(&r->line, "acc", t->right, t->questions);
	write_share(&r->line, "acc_norm", t->right_norm, t->questions);
	json_add_key(&r->line, "chance");
	json_add_double(&r->line, n > 0 ? t->chance / n : NAN);
	json_add_key(&r->line, "majority");
	json_add_double(&r->line, n > 0 ? (double)t->majority / n : NAN);
	buf_str(&r->line, "}\n");
	output_write(r->out, r->line.p, r->line.n);
}

static void read_all(struct run *r, struct records *in)
{
	struct question q = { 0 };
	struct record rec;
	struct json_error error;

	while (records_next(in, &rec)) {
		const char *why = question_parse(&q, &rec, &error);

		if (!why && error.what) {
			records_bad_json(in, &rec, &error);
			continue;
		}
		if (!why)
			why = take(r, &q);
		if (why)
			records_bad(in, &rec, "%s", why);
		else if (r->n == BATCH)
			flush(r);
	}
	flush(r);
	question_free(&q);
}

struct choices_totals choices_run(char **files, struct generator *g,
	struct scorer *s, const struct scorer_options *so,
	const struct choices_options *o, struct output *out)
{
	struct run *r = xcalloc(1, sizeof *r);
	struct records *in = records_open(files, "question");
	struct choices_totals t;

	r->g = g;
	r->scorer = s;
	r->so = so;
	r->o = o;
	r->out = out;
	read_all(r, in);
	records_close(in);
	if (!o->each)
		write_totals(r);
	t = r->totals;
	free(r->answers);
	buf_free(&r->text);
	buf_free(&r->line);
	ids_free(&r->before);
	free(r);
	return t;
}
