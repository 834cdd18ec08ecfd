/* tool_pool.h - runs the calls of tools: many at once, each a process of its own
 *
 * A call is sh -c COMMAND with a text on its standard input, and in TOOL_SEED of its
 * environment a number by which it may play dice. It ends when the shell exits;
 * whatever it started in its process group is then killed. The result is what it
 * wrote to standard output, or a short text that starts with "error: ". Results
 * depend on what the command does, never on when: what a process wrote before it
 * ran out of time is dropped.
 *
 * At most TOOL_POOL_RUNNING processes run at once; other calls wait for a place,
 * and their time starts when they get it. All functions must be called from one
 * thread. Running processes are killed when the program ends, by a signal too.
 */
#ifndef PIPELM_TOOL_POOL_H
#define PIPELM_TOOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum { TOOL_POOL_RUNNING = 32 };

struct tool_limits {
	double seconds;		/* of a call */
	size_t bytes;		/* of its output; the rest is cut off */
	bool patient;		/* if the system has no process left, the call
				 * waits, as long as it could run, and fails;
				 * otherwise that is fatal */
};

struct tool_job {
	const char *command;
	void *owner;		/* for the caller */
	struct buf result;	/* valid UTF-8 without NUL, at most limits.bytes
				 * and an error; no newline at the end */
	char error[64];		/* "error: ..." at the end of result, or "" */
};

struct tool_pool;
struct tool_pool *tool_pool_new(const struct tool_limits *limits);
void tool_pool_free(struct tool_pool *p);	/* kills what runs */

/* Queues a call: text[0..n), with a newline at its end if it has none, is the
 * input. command must stay valid. */
void tool_pool_call(struct tool_pool *p, const char *command,
	const char *text, size_t n, uint32_t seed, void *owner);

/* Drops the call of an owner, killing its process. */
void tool_pool_cancel(struct tool_pool *p, const void *owner);

/* A call that has ended, or NULL: none has. Then, with sleep set, it waits for
 * something to happen, at most for a fraction of a second, and tries again
 * once. The caller frees the job with tool_job_free. */
struct tool_job *tool_pool_next(struct tool_pool *p, bool sleep);
void tool_job_free(struct tool_job *job);

#endif
