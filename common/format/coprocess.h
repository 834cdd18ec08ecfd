/* coprocess.h - a program that answers one line with one line
 *
 * Started with sh -c, its standard error is ours. A program that dies or
 * does not answer in time is ended and started again at the next question; one
 * that has answered before and then dies is asked once more, anew.
 * One question at a time; several coprocesses may run in several threads.
 */
#ifndef PIPELM_COPROCESS_H
#define PIPELM_COPROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

struct coprocess;

enum coprocess_result {
	COPROCESS_OK,
	COPROCESS_TIMEOUT,
	COPROCESS_DIED,
	COPROCESS_SURPLUS,	/* more than one line: the answers would be
				 * those of other questions from here on */

	/* Of one that has never answered: */
	COPROCESS_NO_START,	/* the shell cannot run it (status 126, 127) */
	COPROCESS_AT_END	/* no answer in time, but one when its input
				 * was closed: it buffers, or reads to the end */
};

struct coprocess *coprocess_new(const char *command);

/* Sends line[0..n), which has no newline, and one; answer gets the line that
 * comes back, without its newline. An answer over 1 MiB counts as death. */
enum coprocess_result coprocess_ask(struct coprocess *c, const char *line,
	size_t n, double seconds, struct buf *answer);

/* How many answered a single question and ended where a loop would have gone
 * on. */
size_t coprocess_singles(const struct coprocess *c);

/* Closes its input, waits for it a second, then ends it. Returns whether it
 * said more than it was asked for: a greeting, for example, after which each
 * answer is taken for that of the next question. */
bool coprocess_close(struct coprocess *c);

#endif
