/* judge_reward.c - a reward model as a judge: see judge_reward.h */
#include "common/score/judge_reward.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/model/head.h"
#include "common/model/model_dir.h"
#include "common/train/answers.h"

enum {
	LINES = 256,		/* of a batch, for each thread; no judge has more */
	BYTES = 4 << 20,
	TOKENS = 8192		/* computed at once, unless an answer has more */
};

struct taker {			/* of a thread */
	struct encoder *encoder;
	struct conversations *in;
};

struct reward {
	struct judge judge;
	struct model *model;
	struct answers answers;
	struct taker *takers;
	size_t most;			/* rollouts of a batch */
	struct rendered *items;		/* (most) their ids */
	const struct rendered **order;	/* (most) longest first */
	size_t tokens;		/* that there is memory for, so far */
	struct activations *activations;
	int32_t *ids;		/* (tokens) */
	float *value;		/* (tokens) */
};

/* ---- answers in ---- */

/* From the prompt as text. */
static const char *render(struct reward *g, struct taker *t,
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

static const char *find_ids(struct reward *g, struct taker *t,
	struct rollout *x, struct rendered *to)
{
	struct json_error e;
	struct json v;

	if (json_field_given(&x->fields, "messages", &v) ||
		json_field_given(&x->fields, "prompt", &v))
		return render(g, t, x, to);
	if (rollout_parse(x, ROLLOUT_TEXT | ROLLOUT_TOKENS, &e))
		return answers_take(&g->answers, x, to);
	rollout_parse(x, ROLLOUT_TEXT, &e);
	return "no prompt as text, and no ids";
}

static void take(struct judge *j, size_t i, int thread, struct rollout *x,
	struct verdict *v)
{
	struct reward *g = (struct reward *)j;

	v->cause = find_ids(g, &g->takers[thread], x, &g->items[i]);
	if (!v->cause && g->items[i].ids.n > g->model->config.context)
		v->cause = "longer than the reward model's context";
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

static void make_room(struct reward *g, size_t longest)
{
	size_t tokens = size_max(TOKENS, longest);

	if (tokens <= g->tokens)
		return;
	activations_free(g->activations);
	g->activations = activations_new(g->model, 1, tokens, KEEP_NOTHING);
	g->ids = xrealloc(g->ids, tokens, sizeof *g->ids);
	g->value = xrealloc(g->value, tokens, sizeof *g->value);
	g->tokens = tokens;
}

/* The scores of `rows` answers, of which the first is the longest. */
static void score_rows(struct reward *g,
	const struct rendered *const *order, size_t rows,
	struct verdict *const *v)
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
		v[order[i] - g->items]->score = (double)
			g->value[i * b.time + order[i]->ids.n - 1];
}

static void score(struct judge *j, size_t n, struct verdict *const *v)
{
	struct reward *g = (struct reward *)j;
	size_t taken = 0, from, rows, i;

	for (i = 0; i < n; i++)
		if (v[i])
			g->order[taken++] = &g->items[i];
	if (!taken)
		return;
	qsort(g->order, taken, sizeof *g->order, longer_first);
	make_room(g, g->order[0]->ids.n);
	for (from = 0; from < taken; from += rows) {
		rows = size_min(g->tokens / g->order[from]->ids.n,
			taken - from);
		score_rows(g, g->order + from, rows, v);
	}
}

/* ---- opening ---- */

static void free_reward(struct judge *j)
{
	struct reward *g = (struct reward *)j;
	size_t i;

	for (i = 0; i < (size_t)parallel_count(); i++) {
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
}

struct judge *judge_reward(const char *dir)
{
	static const struct judge_kind kind = { .one = take, .batch = score,
		.lines = LINES, .bytes = BYTES, .free = free_reward };
	struct reward *g = xcalloc(1, sizeof *g);
	size_t threads = (size_t)parallel_count(), i;

	g->judge = (struct judge){ &kind, "reward-model", 1, 0 };
	g->model = model_load_packed(dir, COMPUTE_FP32);
	model_check_head(&g->model->config, dir, true);
	answers_open(&g->answers, g->model, dir);
	g->most = LINES * threads;
	g->items = xcalloc(g->most, sizeof *g->items);
	g->order = xcalloc(g->most, sizeof *g->order);
	g->takers = xcalloc(threads, sizeof *g->takers);
	for (i = 0; i < threads; i++) {
		g->takers[i].encoder = encoder_new(g->answers.vocab);
		g->takers[i].in = conversations_new();
	}
	return &g->judge;
}
