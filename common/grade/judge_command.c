/* judge_command.c - a program that grades: see judge.h */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/format/coprocess.h"
#include "common/grade/judge.h"

#define SURPLUS_MESSAGE "the program of -x said more lines than it was " \
	"asked for: one line a rollout, and nothing before it"

/* Of each thread. */
struct line {
	struct coprocess *program;
	struct buf reply;
};

struct command {
	struct judge judge;
	const char *text;
	double seconds;
	struct line *lines;
	uint64_t n, died;
	unsigned deaths;		/* in a row */
	bool answered;
	bool told;			/* that the program should loop */
};

static void parse_reply(const struct buf *reply, struct verdict *v)
{
	char *end;

	v->score = strtod(reply->p, &end);
	while (*end == ' ' || *end == '\t' || *end == '\r')
		end++;
	if (end == reply->p || *end || !isfinite(v->score))
		v->cause = "reply is not a number";
}

static void ask(struct judge *j, size_t i, int thread, struct rollout *x,
	struct verdict *v)
{
	struct command *c = (struct command *)j;
	struct line *line = &c->lines[thread];
	enum coprocess_result result = coprocess_ask(line->program, x->rec.p,
		x->rec.n, c->seconds, &line->reply);

	v->fault = (int)result;
	if (result == COPROCESS_OK)
		parse_reply(&line->reply, v);
	else
		v->cause = result == COPROCESS_TIMEOUT ? "timeout" :
			"program ended";
}

/* A program that cannot answer at all, or whose answers are no longer those of
 * its questions, ends the run at once. */
static void check_program(const struct command *c, const struct record *rec,
	enum coprocess_result result)
{
	if (result == COPROCESS_NO_START)
		die("%s:%" PRIu64 ": the program of -x cannot be started: "
			"'%s'", rec->file, rec->line, c->text);
	if (result == COPROCESS_AT_END)
		die("%s:%" PRIu64 ": the program of -x answers only when its "
			"input ends: it must answer each line at once, "
			"unbuffered", rec->file, rec->line);
	if (result == COPROCESS_SURPLUS)
		die("%s:%" PRIu64 ": " SURPLUS_MESSAGE, rec->file, rec->line);
}

/* A program that dies at each of the first questions will not do better; nor
 * will one that has answered none of them in time. */
static void note(struct judge *j, const struct rollout *x,
	const struct verdict *v)
{
	struct command *c = (struct command *)j;
	enum coprocess_result result = (enum coprocess_result)v->fault;
	const struct record *rec = &x->rec;

	check_program(c, rec, result);
	c->answered |= result == COPROCESS_OK;
	c->died += result == COPROCESS_DIED;
	c->deaths = result == COPROCESS_DIED ? c->deaths + 1 : 0;
	if (c->deaths >= 8)
		die("%s:%" PRIu64 ": the program of -x ended without an "
			"answer 8 times in a row", rec->file, rec->line);
	if (!c->answered && c->n >= 7)
		die("%s:%" PRIu64 ": the program of -x has not answered "
			"one of 8 rollouts", rec->file, rec->line);
	c->n++;
}

/* Says once that a program which ends after each answer, which works but slowly,
 * should loop, when it has done so `enough` times. */
static void check_loop(struct command *c, uint64_t enough)
{
	uint64_t singles = 0;
	int i;

	for (i = 0; i < parallel_count(); i++)
		singles += coprocess_singles(c->lines[i].program);
	if (c->told || !singles || singles < enough)
		return;
	warn("the program of -x ends after one answer and is started again "
		"for each rollout: let it loop over its lines");
	c->told = true;
}

static void pause_command(struct judge *j)
{
	check_loop((struct command *)j, 8);
}

/* What it said at its end may have been no answers. */
static void finish(struct judge *j)
{
	struct command *c = (struct command *)j;
	bool surplus = false;
	int i;

	check_loop(c, (c->n + 1) / 2);
	for (i = 0; i < parallel_count(); i++) {
		surplus |= coprocess_close(c->lines[i].program);
		c->lines[i].program = NULL;
	}
	if (surplus)
		die(SURPLUS_MESSAGE);
	if (c->n && c->died == c->n)
		die("the program of -x ended without an answer at every "
			"rollout");
}

static void free_command(struct judge *j)
{
	struct command *c = (struct command *)j;
	int i;

	for (i = 0; i < parallel_count(); i++)
		buf_free(&c->lines[i].reply);
	free(c->lines);
}

struct judge *judge_command(const char *command, double seconds)
{
	static const struct judge_kind kind = { .one = ask, .note = note,
		.pause = pause_command, .finish = finish,
		.free = free_command };
	struct command *c = xcalloc(1, sizeof *c);
	int i;

	c->judge = (struct judge){ &kind, "command", 1, 0 };
	c->text = command;
	c->seconds = seconds;
	c->lines = xcalloc((size_t)parallel_count(), sizeof *c->lines);
	for (i = 0; i < parallel_count(); i++)
		c->lines[i].program = coprocess_new(command);
	return &c->judge;
}
