/* leftovers.h - temporary files of runs that were killed
 *
 * A file in the making is called NAME.tmp.PID (output_open) and locked by its
 * writer (flock), who removes it when it ends in any way but SIGKILL or a
 * crash. What such an end leaves is removed by the next run that writes there:
 * only regular files of the same user, of a process that is gone and a lock
 * that is free. Where a file system has no locks nothing is removed. What is
 * removed is said, unless -q.
 */
#ifndef PIPELM_LEFTOVERS_H
#define PIPELM_LEFTOVERS_H

/* What was to become the file `name`. */
void leftovers_of(const char *name);

/* What was to become a file whose name begins with prefix: "DIR/" for all of a
 * directory that only models are written to. */
void leftovers_from(const char *prefix);

#endif
