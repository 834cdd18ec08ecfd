/* measures.c - what a run measures besides its log: see measures.h */
#include "common/train/measures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/format/step_log.h"
#include "common/train/layer_stats.h"
#include "common/train/ranks.h"
#include "common/train/speed.h"

struct measure_options measure_options = { .sample_prompt = "" };

static const struct measure_options *const o = &measure_options;

/* The files, in the order of their logs below. */
enum { SPEED, LAYERS, SAMPLES, FILES };
static const struct {
	const char *name, *begin;
	bool header;
} files[FILES] = {
	{ "speed.tsv", SPEED_BEGIN, true },
	{ "layers.tsv", LAYERS_BEGIN, true },
	{ "samples.jsonl", SAMPLES_BEGIN, false }
};

struct measures {
	const char *dir;
	struct step_log *log[FILES];	/* NULL: not wanted */
	double flops, peak;	/* of a token; of the machine, a second */
	double began, before;	/* clock; seconds of the run before it resumed */
	struct layer_stats *stats;	/* made when first due */
	bool due;		/* the statistics of this step */
};

void measures_check_options(void)
{
	if (option_given("stats-every"))
		option_range("stats-every", o->stats_every, 1, 1L << 40);
	/* Each rank has the sums of its part of the gradient only. */
	if (o->stats_every && ranks.count > 1)
		die_usage("--stats-every: not with several ranks");
	if (option_given("sample-every"))
		option_range("sample-every", o->sample_every, 1, 1L << 40);
	else if (option_given("sample-prompt"))
		die_usage("--sample-prompt: without --sample-every there are no "
			"samples");
}

/* ---- files ---- */

/* The seconds of the last line that a resumed run has. */
static double seconds_before(const struct buf *text)
{
	size_t i = text->n;
	uint64_t step, tokens;
	double seconds;

	while (i > 1 && text->p[i - 2] != '\n')
		i--;
	if (i < 2 || sscanf(text->p + i - 1, "%" SCNu64 "\t%" SCNu64 "\t%lf",
			&step, &tokens, &seconds) != 3)
		return 0;
	return seconds;
}

static struct step_log *open_log(const char *dir, const char *before, long keep,
	int i)
{
	char *file = path_join(dir, files[i].name);
	char *old = before ? path_join(before, files[i].name) : NULL;
	struct step_log *l = step_log_open(file, old, keep, files[i].begin,
		files[i].header);

	free(file);
	free(old);
	return l;
}

struct measures *measures_open(const char *dir, const char *before, long keep,
	double flops, enum compute compute)
{
	const bool wanted[FILES] = { o->speed, o->stats_every > 0,
		o->sample_every > 0 };
	struct measures *m = xcalloc(1, sizeof *m);
	int i;

	m->dir = dir;
	m->flops = flops;
	for (i = 0; i < FILES; i++)
		if (wanted[i])
			m->log[i] = open_log(dir, before, keep, i);
	if (m->log[SPEED]) {
		m->before = seconds_before(step_log_text(m->log[SPEED]));
		m->peak = flops > 0 ? speed_of_products(compute) : 0;
	}
	m->began = clock_seconds();
	return m;
}

void measures_free(struct measures *m)
{
	int i;

	if (!m)
		return;
	for (i = 0; i < FILES; i++)
		step_log_free(m->log[i]);
	layer_stats_free(m->stats);
	free(m);
}

void measures_save(struct measures *m, bool begins)
{
	int i;

	for (i = 0; m && i < FILES; i++)
		if (m->log[i]) {
			step_log_save(m->log[i]);
		} else if (begins) {
			char *file = path_join(m->dir, files[i].name);

			step_log_remove(file, files[i].begin);
			free(file);
		}
}

/* ---- speed ---- */

static void add_number(struct buf *b, double x, double unit)
{
	if (x > 0)
		buf_printf(b, "\t%.4g", x / unit);
	else
		buf_str(b, "\tnan");
}

void measures_speed(struct measures *m, long step, uint64_t tokens,
	uint64_t of_step, double seconds)
{
	double rate = (double)of_step / seconds, flops;
	struct buf *b;

	if (!m || !m->log[SPEED])
		return;
	flops = rate * m->flops;
	b = step_log_text(m->log[SPEED]);
	buf_printf(b, "%ld\t%" PRIu64 "\t%.3f", step, tokens, m->before +
		clock_seconds() - m->began);
	add_number(b, rate, 1);
	add_number(b, flops, 1e9);
	add_number(b, m->peak > 0 ? flops / m->peak / (double)ranks.count : 0, 1);
	buf_putc(b, '\n');
}

/* ---- layers ---- */

void measures_watch(struct measures *m, struct trainer *t, long step)
{
	if (!m || !m->log[LAYERS] || step % o->stats_every)
		return;
	m->due = true;
	if (!m->stats)
		m->stats = layer_stats_new(t);
	layer_stats_watch(m->stats, t);
}

void measures_gradient(struct measures *m, struct trainer *t)
{
	if (m && m->due)
		layer_stats_gradient(m->stats, t);
}

void measures_stats(struct measures *m, struct trainer *t, long step)
{
	if (m && m->due)
		layer_stats_add(m->stats, t, step, step_log_text(m->log[LAYERS]));
	if (m)
		m->due = false;
}

/* ---- samples ---- */

struct buf *measures_sample(struct measures *m, long step, bool last)
{
	if (!m || !m->log[SAMPLES] || (step % o->sample_every && !last))
		return NULL;
	return step_log_text(m->log[SAMPLES]);
}
