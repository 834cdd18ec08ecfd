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
#include "common/format/jsonwrite.h"
#include "common/grade/grading_parts.h"

enum { BATCH_BYTES = 256 << 10, BATCH_LINES = 16 };	/* a thread */

struct grading *grading_new(const struct grading_options *o)
{
	struct grading *g = xcalloc(1, sizeof *g);
	size_t threads = (size_t)parallel_count();

	g->o = o;
	buf_printf(&g->path, "rewards.%s", o->name);
	if (!o->command && !o->judge)
		g->grader = grader_new(&o->grader);
	g->nitem = threads * (o->judge ? o->judge->lines : BATCH_LINES);
	g->items = xcalloc(g->nitem, sizeof *g->items);
	g->scores = xcalloc(g->nitem, sizeof *g->scores);
	g->threads = xcalloc(threads, sizeof *g->threads);
	command_start(g);
	return g;
}

/* ---- one rollout ---- */

static enum grading_outcome ask_grader(const struct grading *g,
	struct grading_thread *h, const struct rollout *x, double *score)
{
	switch (grader_score(g->grader, &h->scratch, x->text, x->text_len,
			&x->answer, score)) {
	case GRADE_LIMIT:
		return TOO_SLOW;
	case GRADE_NO_ANSWER:
		return NO_ANSWER;
	case GRADE_OK:
		break;
	}
	return GRADED;
}

/* The score comes later. */
static enum grading_outcome ask_judge(const struct grading *g,
	struct grading_item *it, size_t i, int thread)
{
	const struct judge *j = g->o->judge;

	it->why = j->take(j->ctx, i, thread, &it->rollout);
	return it->why ? UNSCORABLE : GRADED;
}

static void score_item(void *ctx, size_t i, int thread)
{
	struct grading *g = ctx;
	struct grading_item *it = &g->items[i];
	struct grading_thread *h = &g->threads[thread];
	const struct rollout *x = &it->rollout;

	it->rollout.rec = g->batch.v[i];
	it->outcome = BAD_LINE;
	if (!rollout_parse(&it->rollout, ROLLOUT_TEXT, &it->error))
		return;
	it->score = 0;
	it->outcome = g->o->judge ? ask_judge(g, it, i, thread) :
		g->o->command ? command_ask(g, h, x, &it->score) :
		ask_grader(g, h, x, &it->score);
	if (g->o->finished && !strcmp(x->stop, "length"))
		it->score = 0;
}

/* What a judge says of the batch. */
static void judge_batch(struct grading *g)
{
	const struct judge *j = g->o->judge;
	size_t i;

	j->score(j->ctx, g->batch.n, g->scores);
	for (i = 0; i < g->batch.n; i++) {
		struct grading_item *it = &g->items[i];

		if (it->outcome != GRADED)
			continue;
		if (!g->o->finished || strcmp(it->rollout.stop, "length"))
			it->score = g->scores[i];
		if (isfinite(it->score))
			continue;
		it->outcome = UNSCORABLE;
		it->why = "its score is not a finite number";
	}
}

/* ---- writing ---- */

/* An unscorable answer gets no reward: null, which trainers pass over. */
static void set_reward(struct grading *g, struct grading_item *it)
{
	struct rollout *x = &it->rollout;
	double reward = it->score * g->o->weight;
	struct json old;

	if (json_field(&x->fields, "rewards", &old) && !g->o->replace &&
		json_get(&old, g->o->name, &old))
		die("%s:%" PRIu64 ": there is a reward '%s' already: "
			"--name or --replace", x->rec.file, x->rec.line,
			g->o->name);
	if (it->outcome == UNSCORABLE)
		reward = NAN;
	if (it->why) {
		buf_reset(&g->line);
		json_add_cstring(&g->line, it->why);
		json_edit(&x->edits, "ungraded", g->line.p, g->line.n);
	}
	else if (!g->o->replace && json_field(&x->fields, "reward", &old))
		reward += x->reward;	/* null stays null */
	if (fabs(reward) > FLT_MAX)
		die("%s:%" PRIu64 ": the reward %g is more than a trainer "
			"can read", x->rec.file, x->rec.line, reward);
	json_edit_double(&x->edits, "reward", reward);
	if (g->o->replace) {
		buf_reset(&g->line);
		buf_putc(&g->line, '{');
		json_add_key(&g->line, g->o->name);
		json_add_double(&g->line, it->outcome == UNSCORABLE ? NAN :
			it->score);
		buf_putc(&g->line, '}');
		json_edit(&x->edits, "rewards", g->line.p, g->line.n);
	} else {
		json_edit_double(&x->edits, g->path.p,
			it->outcome == UNSCORABLE ? NAN : it->score);
	}
}

static void write_item(struct grading *g, struct grading_item *it,
	struct records *in, struct output *out)
{
	const struct rollout *x = &it->rollout;

	if (it->outcome == BAD_LINE) {
		records_bad_json(in, &x->rec, &it->error);
		return;
	}
	if (it->outcome == NO_ANSWER) {
		records_bad(in, &x->rec,
			"no 'answer' that --%s can use", g->o->name);
		return;
	}
	command_check(g, it);
	g->slow += it->outcome == TOO_SLOW;
	if (it->why && !g->first.n)
		buf_printf(&g->first, ": the first, %s:%" PRIu64 ": %s",
			x->rec.file, x->rec.line, it->why);
	g->unscorable += it->outcome == UNSCORABLE;
	g->n++;
	if (it->outcome != UNSCORABLE) {
		g->sum += it->score;
		g->full += it->score >= 1;
	}
	set_reward(g, it);
	buf_reset(&g->line);
	rollout_pass(&it->rollout, &g->line);
	output_write(out, g->line.p, g->line.n);
}

void grading_run(struct grading *g, struct records *in, struct output *out)
{
	size_t i, bytes = (g->o->judge ? g->o->judge->bytes : BATCH_BYTES) *
		(size_t)parallel_count();

	while (records_batch(in, &g->batch, bytes, g->nitem)) {
		parallel_for(g->batch.n, score_item, g);
		if (g->o->judge)
			judge_batch(g);
		for (i = 0; i < g->batch.n; i++)
			write_item(g, &g->items[i], in, out);
		command_check_loop(g, 8);
		if (progress_due())
			progress_print("rollouts=%" PRIu64 " mean=%.4f",
				g->n, g->sum / (double)(g->n ? g->n : 1));
	}
}

void grading_finish(struct grading *g)
{
	command_finish(g);
}

void grading_summary(const struct grading *g)
{
	uint64_t scored = g->n - g->unscorable;

	if (g->slow)
		warn("%" PRIu64 " answers took too long to grade: they got 0",
			g->slow);
	if (g->died)
		warn("the program of -x ended without an answer %" PRIu64
			" times: those got 0", g->died);
	if (g->unscorable)
		warn("%" PRIu64 " answers could not be scored: they have no "
			"reward%.*s", g->unscorable, (int)g->first.n,
			g->first.n ? g->first.p : "");
	progress_summary("rollouts=%" PRIu64 " %s=%.4f full=%" PRIu64, g->n,
		g->o->name, g->sum / (double)(scored ? scored : 1), g->full);
}

void grading_free(struct grading *g)
{
	size_t i, threads = (size_t)parallel_count();

	for (i = 0; i < g->nitem; i++)
		rollout_free(&g->items[i].rollout);
	for (i = 0; i < threads; i++) {
		grader_scratch_free(&g->threads[i].scratch);
		buf_free(&g->threads[i].reply);
	}
	free(g->items);
	free(g->scores);
	buf_free(&g->first);
	free(g->threads);
	if (g->grader)
		grader_free(g->grader);
	record_batch_free(&g->batch);
	buf_free(&g->path);
	buf_free(&g->line);
	free(g);
}
