/* grading_parts.h - what grading.c and grading_command.c share */
#ifndef PIPELM_GRADING_PARTS_H
#define PIPELM_GRADING_PARTS_H

#include <stdint.h>

#include "common/format/coprocess.h"
#include "common/format/rollout.h"
#include "common/grade/grading.h"

/* What came of one rollout. */
enum grading_outcome { GRADED, BAD_LINE, NO_ANSWER, TOO_SLOW, DIED, UNSCORABLE,
	NO_START, AT_END, SURPLUS };

struct grading_item {
	struct rollout rollout;
	struct json_error error;
	double score;
	const char *why;		/* it cannot be scored; or NULL */
	enum grading_outcome outcome;
};

struct grading_thread {		/* of a thread */
	struct grader_scratch scratch;
	struct coprocess *command;
	struct buf reply;
};

struct grading {
	const struct grading_options *o;
	struct buf path;		/* "rewards.NAME" */
	struct grader *grader;		/* NULL with a command */
	struct record_batch batch;
	struct grading_item *items;
	size_t nitem;
	double *scores;			/* (nitem) of a judge */
	struct grading_thread *threads;
	struct buf line;
	struct buf first;		/* why the first could not be scored */
	uint64_t n, full, slow, died, unscorable;
	unsigned deaths;		/* in a row */
	bool answered;
	bool told;			/* that the program should loop */
	double sum;
};

/* ---- the program of a command; nothing without one ---- */

void command_start(struct grading *g);

/* Asks the program of a thread about x. */
enum grading_outcome command_ask(const struct grading *g,
	struct grading_thread *h, const struct rollout *x, double *score);

/* Counts what came of an item, in order; fatal when the program cannot answer
 * at all, or its answers are no longer those of its questions. */
void command_check(struct grading *g, const struct grading_item *it);

/* Says once that a program which ends after each answer should loop, when it
 * has done so `enough` times. */
void command_check_loop(struct grading *g, uint64_t enough);

void command_finish(struct grading *g);

#endif
