/* coprocess.h - a program that answers one line with one line
 *
 * Started with sh -c; its standard error is ours. A program that dies or does
 * not answer in time is killed, and restarted for the next question; if it had
 * answered before it died, the question is repeated once. One question at a
 * time; several coprocesses may run in several threads.
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
	COPROCESS_SURPLUS,	/* more than one line: from here on, answers
				 * would belong to other questions */

	/* From a program that has never answered: */
	COPROCESS_NO_START,	/* the shell cannot run it (status 126, 127) */
	COPROCESS_AT_END	/* no answer in time, but one after its input
				 * was closed: it buffers, or reads to the end */
};

struct coprocess *coprocess_new(const char *command);

/* Sends line[0..n), which contains no newline, and a newline; answer gets the
 * line that comes back, without its newline. An answer over 1 MiB counts as
 * death. */
enum coprocess_result coprocess_ask(struct coprocess *c, const char *line,
	size_t n, double seconds, struct buf *answer);

/* How many processes answered a single question and exited where a loop would
 * have continued. */
size_t coprocess_singles(const struct coprocess *c);

/* Closes its input, waits a second for it to exit, then kills it. Returns whether
 * it wrote more lines than there were questions: after a greeting, for example,
 * each answer would be assigned to the next question. */
bool coprocess_close(struct coprocess *c);

#endif
