/* leftovers.h - temporary files, and those of runs that were killed
 *
 * A file in the making is called NAME.tmp.HOST.PID: 8 hexadecimal digits of a
 * hash of the machine's name, and the number of the process, so that machines
 * that share a directory do not write one file. It is locked by its writer
 * (flock), who removes it when it ends in any way but SIGKILL or a crash. What
 * such an end leaves is removed by the next run that writes there: only
 * regular files of the same user whose lock is free, and whose process is gone;
 * of another machine, where that cannot be asked, those that nobody has written
 * for a day. Where a file system has no locks nothing is removed. What is
 * removed is said, unless -q.
 */
#ifndef PIPELM_LEFTOVERS_H
#define PIPELM_LEFTOVERS_H

/* What the file `name` is called while this process makes it, to be freed. */
char *leftovers_name(const char *name);

/* What was to become the file `name`. */
void leftovers_of(const char *name);

/* What was to become a file whose name begins with prefix: "DIR/" for all of a
 * directory that only models are written to. */
void leftovers_from(const char *prefix);

#endif
