/* reward_grader.c - a reward model as a judge: see reward_grader.h */
#include "common/score/reward_grader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/format/rollout.h"
#include "common/model/model_dir.h"
#include "common/train/answers.h"
#include "common/train/reward_loss.h"

enum {
	LINES = 256,		/* of a batch, for each thread */
	BYTES = 4 << 20,
	TOKENS = 8192,		/* computed at once, unless a row has more */
	SHORTEST_ROW = 128	/* tokens; rows grow with the answers */
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
	struct examples examples;
	size_t *item;		/* (most) of each example */
	size_t time;		/* tokens of a row, so far */
	struct activations *activations;
	struct reward_memory memory;
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

/* ---- scores ---- */

/* Makes rows long enough. */
static void make_room(struct reward_grader *g, size_t longest)
{
	size_t time = size_max(g->time, SHORTEST_ROW), rows;

	if (longest <= g->time)
		return;
	while (time < longest)
		time *= 2;
	time = size_min(time, size_max(g->model->config.context, longest));
	rows = size_max(TOKENS / time, 1);
	if (g->time) {
		activations_free(g->activations);
		reward_memory_free(&g->memory);
	}
	g->time = time;
	g->activations = activations_new(g->model, rows, time, false);
	reward_memory_init(&g->memory, g->most, rows, time);
}

static void add_example(struct reward_grader *g, size_t item)
{
	const struct ids *ids = &g->items[item].ids;
	struct example *x = examples_add(&g->examples, ids->n + 1);
	size_t i;

	for (i = 0; i < ids->n; i++)
		g->examples.ids[x->at + i] = (int32_t)ids->v[i];
	g->item[g->examples.n - 1] = item;
}

static void score(void *ctx, size_t n, double *scores)
{
	struct reward_grader *g = ctx;
	struct examples *e = &g->examples;
	size_t i;

	e->n = e->tokens = e->longest = 0;
	for (i = 0; i < n; i++)
		if (g->items[i].ids.n)
			add_example(g, i);
	if (!e->n)
		return;
	make_room(g, e->longest - 1);
	for (i = 0; i < e->n; i++)
		g->memory.order[i] = i;
	g->memory.n = e->n;
	reward_scores(g->model, g->activations, &g->memory, e);
	for (i = 0; i < e->n; i++)
		scores[g->item[i]] = g->memory.score[i];
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
	g->item = xcalloc(g->most, sizeof *g->item);
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
	if (g->time) {
		activations_free(g->activations);
		reward_memory_free(&g->memory);
	}
	examples_free(&g->examples);
	answers_free(&g->answers);
	model_free(g->model);
	free(g->takers);
	free(g->items);
	free(g->item);
	free(g);
}

const struct judge *reward_grader_judge(const struct reward_grader *g)
{
	return &g->judge;
}
