/* step_log.h - what a run writes besides its trainlog, a file of lines by step
 *
 * Each line says first of which step it is, as a number in tab-separated text or as
 * {"step":N in JSON lines. Lines reach the file at checkpoints, the whole file at
 * once, so a run that is resumed has in it what it would have without the stop.
 */
#ifndef PIPELM_STEP_LOG_H
#define PIPELM_STEP_LOG_H

#include <stdbool.h>

#include "common/base/buf.h"

struct step_log;

/* Begins the log of file with the lines of steps up to keep of the log `old`, which
 * may be the same file; NULL or a missing file: with none. begin: the header, which
 * is the first line, or the first bytes of each line if there is no header; a file
 * or an old file that does not begin so is fatal, for it belongs to something
 * else. */
struct step_log *step_log_open(const char *file, const char *old, long keep,
	const char *begin, bool header);

/* Where lines are added; each ends in a newline. */
struct buf *step_log_text(struct step_log *l);

void step_log_save(struct step_log *l);
void step_log_free(struct step_log *l);

/* Removes a file that an earlier run left, if it begins so. */
void step_log_remove(const char *file, const char *begin);

#endif
