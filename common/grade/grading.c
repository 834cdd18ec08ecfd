/* grading.c - scores into rollouts, many at once: see grading.h */
#include "common/grade/grading.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/base/size.h"
#include "common/format/jsonwrite.h"
#include "common/grade/marks.h"

enum { BATCH_BYTES = 256 << 10, BATCH_LINES = 16 };	/* a thread */

struct item {
	struct rollout rollout;
	struct json_error error;
	bool good;
	struct verdict *v;		/* (njudge) */
};

/* A judge, and where its scores go. */
struct seat {
	struct judge *judge;
	struct buf rewards, ungraded;	/* "rewards.NAME" */
};

struct grading {
	const struct grading_options *o;
	struct seat *seats;
	struct record_batch batch;
	size_t lines, bytes;		/* of a batch, at most */
	struct item *items;
	struct verdict *verdicts;	/* of all items */
	struct verdict **queue;		/* (lines) of a judge */
	struct marks *marks;
	struct buf line, text;
};

struct grading *grading_new(const struct grading_options *o)
{
	struct grading *g = xcalloc(1, sizeof *g);
	size_t i, threads = (size_t)parallel_count();

	g->o = o;
	g->lines = BATCH_LINES;
	g->bytes = BATCH_BYTES;
	g->seats = xcalloc(o->njudge, sizeof *g->seats);
	for (i = 0; i < o->njudge; i++) {
		struct seat *s = &g->seats[i];

		s->judge = o->judges[i];
		buf_printf(&s->rewards, "rewards.%s", s->judge->name);
		buf_printf(&s->ungraded, "ungraded.%s", s->judge->name);
		g->lines = size_max(g->lines, s->judge->kind->lines);
		g->bytes = size_max(g->bytes, s->judge->kind->bytes);
	}
	g->lines *= threads;
	g->bytes *= threads;
	g->items = xcalloc(g->lines, sizeof *g->items);
	g->verdicts = xcalloc(g->lines * o->njudge, sizeof *g->verdicts);
	g->queue = xcalloc(g->lines, sizeof *g->queue);
	for (i = 0; i < g->lines; i++)
		g->items[i].v = g->verdicts + i * o->njudge;
	g->marks = marks_new(o->judges, o->njudge, o->summary, o->by);
	return g;
}

/* ---- judging ---- */

static void judge_item(void *ctx, size_t i, int thread)
{
	struct grading *g = ctx;
	struct item *it = &g->items[i];
	size_t k;

	it->rollout.rec = g->batch.v[i];
	it->good = rollout_parse(&it->rollout, ROLLOUT_TEXT, &it->error);
	memset(it->v, 0, g->o->njudge * sizeof *it->v);
	for (k = 0; it->good && k < g->o->njudge; k++) {
		struct judge *j = g->seats[k].judge;

		j->kind->one(j, i, thread, &it->rollout, &it->v[k]);
	}
}

/* The scores of judge k, which computes many at once. */
static void judge_batch(struct grading *g, size_t k)
{
	struct judge *j = g->seats[k].judge;
	size_t i;

	for (i = 0; i < g->batch.n; i++)
		g->queue[i] = g->items[i].good && !g->items[i].v[k].cause ?
			&g->items[i].v[k] : NULL;
	j->kind->batch(j, g->batch.n, g->queue);
	for (i = 0; i < g->batch.n; i++)
		if (g->queue[i] && !isfinite(g->queue[i]->score))
			g->queue[i]->cause = "score is not a finite number";
}

static void judge_all(struct grading *g)
{
	size_t i, k;

	parallel_for(g->batch.n, judge_item, g);
	for (k = 0; k < g->o->njudge; k++)
		if (g->seats[k].judge->kind->batch)
			judge_batch(g, k);
	for (i = 0; g->o->finished && i < g->batch.n; i++)
		if (g->items[i].good &&
				!strcmp(g->items[i].rollout.stop, "length"))
			for (k = 0; k < g->o->njudge; k++)
				g->items[i].v[k].score = 0;
}

/* ---- writing ---- */

static double score_of(const struct verdict *v)
{
	return v->cause ? NAN : v->score;
}

static void refuse_again(const struct grading *g, struct item *it)
{
	const struct rollout *x = &it->rollout;
	struct json old, v;
	size_t k;

	if (!json_field(&x->fields, "rewards", &old))
		return;
	for (k = 0; k < g->o->njudge; k++)
		if (json_get(&old, g->seats[k].judge->name, &v))
			die("%s:%" PRIu64 ": there is a reward '%s' already: "
				"--name or --replace", x->rec.file,
				x->rec.line, g->seats[k].judge->name);
}

/* The sum that a pipe of graders would arrive at: null stays null. */
static double reward_of(const struct grading *g, const struct item *it)
{
	const struct rollout *x = &it->rollout;
	double reward = 0;
	struct json old;
	size_t k;

	if (!g->o->replace && json_field(&x->fields, "reward", &old))
		reward = x->reward;
	for (k = 0; k < g->o->njudge; k++) {
		reward += score_of(&it->v[k]) * g->seats[k].judge->weight;
		if (fabs(reward) > FLT_MAX)
			die("%s:%" PRIu64 ": the reward %g is more than a "
				"trainer can read", x->rec.file, x->rec.line,
				reward);
	}
	return reward;
}

/* Replaces all scores by ours, or all causes. */
static void replace(struct grading *g, struct item *it, const char *key,
	bool causes)
{
	size_t k;

	buf_reset(&g->text);
	buf_putc(&g->text, '{');
	for (k = 0; k < g->o->njudge; k++) {
		if (causes && !it->v[k].cause)
			continue;
		json_add_key(&g->text, g->seats[k].judge->name);
		if (causes)
			json_add_cstring(&g->text, it->v[k].cause);
		else
			json_add_double(&g->text, score_of(&it->v[k]));
	}
	buf_putc(&g->text, '}');
	json_edit(&it->rollout.edits, key, g->text.p, g->text.n);
}

static void set_rewards(struct grading *g, struct item *it)
{
	struct rollout *x = &it->rollout;
	bool ungraded = false;
	struct json old;
	size_t k;

	if (!g->o->replace)
		refuse_again(g, it);
	json_edit_double(&x->edits, "reward", reward_of(g, it));
	for (k = 0; k < g->o->njudge; k++)
		ungraded |= it->v[k].cause != NULL;
	if (g->o->replace) {
		replace(g, it, "rewards", false);
		if (ungraded || json_field(&x->fields, "ungraded", &old))
			replace(g, it, "ungraded", true);
		return;
	}
	for (k = 0; k < g->o->njudge; k++) {
		json_edit_double(&x->edits, g->seats[k].rewards.p,
			score_of(&it->v[k]));
		if (it->v[k].cause)
			json_edit_string(&x->edits, g->seats[k].ungraded.p,
				it->v[k].cause, strlen(it->v[k].cause));
	}
}

static void write_item(struct grading *g, struct item *it,
	struct records *in, struct output *out)
{
	const struct rollout *x = &it->rollout;
	size_t k;

	if (!it->good) {
		records_bad_json(in, &x->rec, &it->error);
		return;
	}
	for (k = 0; k < g->o->njudge; k++) {
		struct judge *j = g->seats[k].judge;

		if (records_strict && it->v[k].cause == JUDGE_NO_ANSWER)
			records_bad(in, &x->rec, "no 'answer' that --%s can "
				"use", j->name);
		if (j->kind->note)
			j->kind->note(j, x, &it->v[k]);
	}
	marks_add(g->marks, x, it->v);
	set_rewards(g, it);
	buf_reset(&g->line);
	rollout_pass(&it->rollout, &g->line);
	output_write(out, g->line.p, g->line.n);
}

/* ---- a run ---- */

void grading_run(struct grading *g, struct records *in, struct output *out)
{
	size_t i, k;

	while (records_batch(in, &g->batch, g->bytes, g->lines)) {
		judge_all(g);
		for (i = 0; i < g->batch.n; i++)
			write_item(g, &g->items[i], in, out);
		for (k = 0; k < g->o->njudge; k++)
			if (g->seats[k].judge->kind->pause)
				g->seats[k].judge->kind->pause(
					g->seats[k].judge);
		if (progress_due())
			marks_progress(g->marks);
	}
}

void grading_finish(struct grading *g)
{
	size_t k;

	for (k = 0; k < g->o->njudge; k++)
		if (g->seats[k].judge->kind->finish)
			g->seats[k].judge->kind->finish(g->seats[k].judge);
	marks_check(g->marks);
}

void grading_summary(const struct grading *g)
{
	marks_summary(g->marks);
}

void grading_free(struct grading *g)
{
	size_t i;

	for (i = 0; i < g->lines; i++)
		rollout_free(&g->items[i].rollout);
	for (i = 0; i < g->o->njudge; i++) {
		buf_free(&g->seats[i].rewards);
		buf_free(&g->seats[i].ungraded);
		judge_free(g->seats[i].judge);
	}
	marks_free(g->marks);
	free(g->seats);
	free(g->items);
	free(g->verdicts);
	free(g->queue);
	record_batch_free(&g->batch);
	buf_free(&g->line);
	buf_free(&g->text);
	free(g);
}
