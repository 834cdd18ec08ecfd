/* subprocess.h - a shell command with a pipe to its input and one from its
 * output
 *
 * It runs as sh -c in a process group of its own, so that what it starts can be
 * killed with it; its standard error is ours. It inherits no other descriptor.
 */
#ifndef PIPELM_SUBPROCESS_H
#define PIPELM_SUBPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* pid 0: not running; to -1: its input is closed. Both pipes are non-blocking. */
struct subprocess {
	pid_t pid;
	int to, from;
};

/* Starts it; several threads may start processes. Returns false, with errno, if
 * the system has no process or descriptor left. */
bool subprocess_start(struct subprocess *p, const char *command);

/* The same after prepare(ctx) in the child, which may only call what is safe
 * between fork and exec, and may fork. */
bool subprocess_start_in(struct subprocess *p, const char *command,
	void (*prepare)(void *ctx), void *ctx);

/* write(2) to its input without SIGPIPE, which is reserved for standard output:
 * EPIPE if nobody reads it. */
ssize_t subprocess_write(struct subprocess *p, const void *bytes, size_t n);
void subprocess_close_input(struct subprocess *p);

/* Whether it has ended. It is not reaped, so its group can still be killed. */
bool subprocess_ended(const struct subprocess *p);

/* Kills its group and reaps it. What its output still holds can be read until
 * subprocess_close. Returns its status as from waitpid. */
int subprocess_kill(struct subprocess *p);
void subprocess_close(struct subprocess *p);

/* Whether errno says that a read or write should be repeated later. */
bool subprocess_again(void);

#endif
