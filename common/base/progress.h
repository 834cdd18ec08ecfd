/* progress.h - the progress of a long run, on standard error
 *
 * A live line if standard error is a terminal, otherwise a line of key=value
 * pairs every 10 seconds; nothing with -q. Outputs never depend on it.
 */
#ifndef PIPELM_PROGRESS_H
#define PIPELM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

/* Whether it is time to print again; cheap enough to call for every record. */
bool progress_due(void);

/* Prints the line: fmt gives `key=value key=value`. Call it when due. */
void progress_print(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Prints a summary line at the end, unless -q; ends the live line first. */
void progress_summary(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Seconds of a monotonic clock, for rates. Never used in an output. */
double clock_seconds(void);

#endif
