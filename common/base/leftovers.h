/* leftovers.h - temporary files, and those left by killed runs
 *
 * A file being written is named NAME.tmp.HOST.PID: 8 hexadecimal digits of a hash
 * of the host name, and the process id, so that machines that share a directory
 * do not write the same file. Its writer holds a lock on it (flock), and removes
 * it whenever it ends, except by SIGKILL or a crash. What such an end leaves is
 * removed by the next run that writes there: only regular files of the same
 * user whose lock is free and whose process is gone; for another machine, where
 * that cannot be checked, files that were not written for a day. On a file
 * system without locks, nothing is removed. A message reports what is removed,
 * unless -q.
 */
#ifndef PIPELM_LEFTOVERS_H
#define PIPELM_LEFTOVERS_H

/* The temporary name of the file `name` in this process; the caller frees it. */
char *leftovers_name(const char *name);

/* Removes leftovers of the file `name`. */
void leftovers_of(const char *name);

/* Removes leftovers of files whose names start with prefix: "DIR/" for a
 * directory to which only models are written. */
void leftovers_from(const char *prefix);

#endif
