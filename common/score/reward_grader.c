/* reward_grader.c - a reward model as a judge: see reward_grader.h */
#include "common/score/reward_grader.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/format/rollout.h"
#include "common/model/head.h"
#include "common/model/model_dir.h"
#include "common/train/answers.h"

enum {
	LINES = 256,		/* of a batch, for each thread */
	BYTES = 4 << 20,
	TOKENS = 8192		/* computed at once, unless an answer has more */
};

struct taker {			/* of a thread */
	struct encoder *encoder;
	struct conversations *in;
};

struct reward_grader {
	struct judge judge;
	struct model *model;
	struct answers answers;
	struct taker *takers;
	size_t threads, most;	/* of a batch */
	struct rendered *items;	/* (most); no ids: not taken */
	const struct rendered **order;	/* (most) those taken, longest first */
	size_t tokens;		/* that there is memory for, so far */
	struct activations *activations;
	int32_t *ids;		/* (tokens) */
	float *value;		/* (tokens) */
};

/* ---- answers in ---- */

/* From the prompt as text. */
static const char *render(struct reward_grader *g, struct taker *t,
	const struct rollout *x, struct rendered *to)
{
	struct message answer = { .role = "assistant", .content = x->text,
		.len = x->text_len };
	struct json_error e;
	struct conversation c;
	size_t nprompt;

	if (!conversations_read(t->in, &x->rec, &c, &e))
		return e.what;
	return answers_render(&g->answers, t->encoder, &c, &answer, 1, to,
		&nprompt);
}

static const char *find_ids(struct reward_grader *g, struct taker *t,
	struct rollout *x, struct rendered *to)
{
	struct json_error e;
	struct json v;

	if (json_field_given(&x->fields, "messages", &v) ||
		json_field_given(&x->fields, "prompt", &v))
		return render(g, t, x, to);
	if (!rollout_parse(x, ROLLOUT_TEXT | ROLLOUT_TOKENS, &e))
		return "no prompt as text, and no ids";
	return answers_take(&g->answers, x, to);
}

static const char *take(void *ctx, size_t i, int thread, struct rollout *x)
{
	struct reward_grader *g = ctx;
	struct rendered *to = &g->items[i];
	const size_t context = g->model->config.context;
	const char *why = find_ids(g, &g->takers[thread], x, to);

	if (!why && to->ids.n > context) {
		snprintf(to->why, sizeof to->why, "%zu tokens with its prompt, "
			"more than the reward model's context of %zu",
			to->ids.n, context);
		why = to->why;
	}
	if (why)
		to->ids.n = 0;
	return why;
}

/* ---- scores ----
 *
 * Each answer is a row of its own, so its score has the same bits whatever else is
 * computed with it; answers of like length are computed together, so rows are
 * hardly padded.
 */

static int longer_first(const void *a, const void *b)
{
	const struct rendered *x = *(const struct rendered *const *)a;
	const struct rendered *y = *(const struct rendered *const *)b;

	if (x->ids.n != y->ids.n)
		return x->ids.n < y->ids.n ? 1 : -1;
	return x < y ? -1 : x > y;
}

static void make_room(struct reward_grader *g, size_t longest)
{
	size_t tokens = size_max(TOKENS, longest);

	if (tokens <= g->tokens)
		return;
	activations_free(g->activations);
	g->activations = activations_new(g->model, 1, tokens, false);
	g->ids = xrealloc(g->ids, tokens, sizeof *g->ids);
	g->value = xrealloc(g->value, tokens, sizeof *g->value);
	g->tokens = tokens;
}

/* The scores of `rows` answers, of which the first is the longest. */
static void score_rows(struct reward_grader *g,
	const struct rendered *const *order, size_t rows, double *scores)
{
	struct scalar_head h = { .head = { &head_scalar },
		.map = &g->model->weights.head, .value = g->value };
	const struct batch b = { .rows = rows, .time = order[0]->ids.n,
		.ids = g->ids };
	size_t i, t;

	for (i = 0; i < rows; i++)
		for (t = 0; t < b.time; t++)
			g->ids[i * b.time + t] = t < order[i]->ids.n ?
				(int32_t)order[i]->ids.v[t] : 0;
	model_forward(g->model, g->activations, &b);
	head_forward(&h.head, g->model, g->activations, &b);
	for (i = 0; i < rows; i++)
		scores[order[i] - g->items] = (double)
			g->value[i * b.time + order[i]->ids.n - 1];
}

static void score(void *ctx, size_t n, double *scores)
{
	struct reward_grader *g = ctx;
	size_t taken = 0, from, rows, i;

	for (i = 0; i < n; i++)
		if (g->items[i].ids.n)
			g->order[taken++] = &g->items[i];
	if (!taken)
		return;
	qsort(g->order, taken, sizeof *g->order, longer_first);
	make_room(g, g->order[0]->ids.n);
	for (from = 0; from < taken; from += rows) {
		rows = size_min(g->tokens / g->order[from]->ids.n,
			taken - from);
		score_rows(g, g->order + from, rows, scores);
	}
	for (i = 0; i < n; i++)
		g->items[i].ids.n = 0;
}

/* ---- opening ---- */

struct reward_grader *reward_grader_new(const char *dir)
{
	struct reward_grader *g = xcalloc(1, sizeof *g);
	size_t i;

	g->model = model_load_packed(dir, COMPUTE_FP32);
	model_check_head(g->model, dir, true);
	answers_open(&g->answers, g->model, dir);
	g->threads = (size_t)parallel_count();
	g->most = LINES * g->threads;
	g->items = xcalloc(g->most, sizeof *g->items);
	g->order = xcalloc(g->most, sizeof *g->order);
	g->takers = xcalloc(g->threads, sizeof *g->takers);
	for (i = 0; i < g->threads; i++) {
		g->takers[i].encoder = encoder_new(g->answers.vocab);
		g->takers[i].in = conversations_new();
	}
	g->judge = (struct judge){ g, LINES, BYTES, take, score };
	return g;
}

void reward_grader_free(struct reward_grader *g)
{
	size_t i;

	if (!g)
		return;
	for (i = 0; i < g->threads; i++) {
		encoder_free(g->takers[i].encoder);
		conversations_close(g->takers[i].in);
	}
	for (i = 0; i < g->most; i++)
		rendered_free(&g->items[i]);
	activations_free(g->activations);
	answers_free(&g->answers);
	model_free(g->model);
	free(g->takers);
	free(g->items);
	free(g->order);
	free(g->ids);
	free(g->value);
	free(g);
}

const struct judge *reward_grader_judge(const struct reward_grader *g)
{
	return &g->judge;
}
