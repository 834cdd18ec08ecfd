/* grading_command.c - a program that grades: see grading_parts.h */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/parallel.h"
#include "common/grade/grading_parts.h"

#define SURPLUS_MESSAGE "the program of -x said more lines than it was " \
	"asked for: one line a rollout, and nothing before it"

void command_start(struct grading *g)
{
	size_t i, threads = (size_t)parallel_count();

	for (i = 0; g->o->command && i < threads; i++)
		g->threads[i].command = coprocess_new(g->o->command);
}

static enum grading_outcome parse_reply(const struct buf *reply, double *score)
{
	char *end;

	*score = strtod(reply->p, &end);
	while (*end == ' ' || *end == '\t' || *end == '\r')
		end++;
	if (end == reply->p || *end)
		return UNSCORABLE;
	return isfinite(*score) ? GRADED : UNSCORABLE;
}

enum grading_outcome command_ask(const struct grading *g,
	struct grading_thread *h, const struct rollout *x, double *score)
{
	*score = 0;
	switch (coprocess_ask(h->command, x->rec.p, x->rec.n, g->o->timeout,
		&h->reply)) {
	case COPROCESS_TIMEOUT:
		return TOO_SLOW;
	case COPROCESS_DIED:
		return DIED;
	case COPROCESS_NO_START:
		return NO_START;
	case COPROCESS_AT_END:
		return AT_END;
	case COPROCESS_SURPLUS:
		return SURPLUS;
	case COPROCESS_OK:
		break;
	}
	return parse_reply(&h->reply, score);
}

/* A program that cannot answer at all, or whose answers are no longer those
 * of its questions, ends the run at once. */
static void check_program(const struct grading *g,
	const struct grading_item *it)
{
	const struct record *rec = &it->rollout.rec;

	if (it->outcome == NO_START)
		die("%s:%" PRIu64 ": the program of -x cannot be started: "
			"'%s'", rec->file, rec->line, g->o->command);
	if (it->outcome == AT_END)
		die("%s:%" PRIu64 ": the program of -x answers only when its "
			"input ends: it must answer each line at once, "
			"unbuffered", rec->file, rec->line);
	if (it->outcome == SURPLUS)
		die("%s:%" PRIu64 ": " SURPLUS_MESSAGE, rec->file, rec->line);
}

/* A program that dies at each of the first questions will not do better; nor
 * will one that has answered none of them in time. */
static void count_death(struct grading *g, const struct grading_item *it)
{
	const struct record *rec = &it->rollout.rec;
	bool late = g->o->command && it->outcome == TOO_SLOW;

	g->answered |= !late && it->outcome != DIED;
	g->died += it->outcome == DIED;
	g->deaths = it->outcome == DIED ? g->deaths + 1 : 0;
	if (g->deaths >= 8)
		die("%s:%" PRIu64 ": the program of -x ended without an "
			"answer 8 times in a row", rec->file, rec->line);
	if (!g->answered && g->n >= 7)
		die("%s:%" PRIu64 ": the program of -x has not answered "
			"one of 8 rollouts", rec->file, rec->line);
}

void command_check(struct grading *g, const struct grading_item *it)
{
	check_program(g, it);
	count_death(g, it);
}

/* A program that ends after each answer works, but slowly. */
void command_check_loop(struct grading *g, uint64_t enough)
{
	size_t i, threads = (size_t)parallel_count();
	uint64_t singles = 0;

	for (i = 0; g->o->command && i < threads; i++)
		singles += coprocess_singles(g->threads[i].command);
	if (g->told || !singles || singles < enough)
		return;
	warn("the program of -x ends after one answer and is started again "
		"for each rollout: let it loop over its lines");
	g->told = true;
}

static void end_programs(struct grading *g)
{
	size_t i, threads = (size_t)parallel_count();
	bool surplus = false;

	for (i = 0; i < threads; i++)
		surplus |= coprocess_close(g->threads[i].command);
	if (surplus)
		die(SURPLUS_MESSAGE);
}

void command_finish(struct grading *g)
{
	if (!g->o->command)
		return;
	command_check_loop(g, (g->n + 1) / 2);
	end_programs(g);
	if (g->n && g->died == g->n)
		die("the program of -x ended without an answer at every "
			"rollout");
}
