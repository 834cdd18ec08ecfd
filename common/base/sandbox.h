/* sandbox.h - runs a program that may be hostile, and kills all it started
 *
 * Where the kernel permits (user namespaces, Linux 5.12), the program has no
 * network, sees only its own processes, can write only to an empty /tmp in memory,
 * and is killed with everything it started, whatever that did. Root becomes nobody
 * first. Elsewhere a directory under $TMPDIR takes the place of /tmp, and processes
 * that left its process group survive.
 */
#ifndef PIPELM_SANDBOX_H
#define PIPELM_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

struct sandbox_limits {
	double seconds;		/* of wall time; processor time a second more */
	size_t memory;		/* bytes of address space of a process */
	size_t output;		/* bytes on standard output */
	size_t files;		/* bytes of each file, and of all in /tmp */
	int processes;		/* at once */
};

struct sandbox_file {
	const char *name;
	const char *p;
	size_t n;
};

enum sandbox_end {
	SANDBOX_EXITED,		/* by itself; see status */
	SANDBOX_TIMEOUT,
	SANDBOX_OUTPUT,		/* more than the limit */
	SANDBOX_NO_PROCESS	/* the system has no process or file left */
};

/* Whether programs are isolated as said above; found out by the first call, which
 * must not be one of several at once. */
bool sandbox_isolated(void);

/* Runs sh -c command in the directory of files (n), with input[0..ninput) on
 * standard input and without standard error. out gets its output, *status its exit
 * status, 128 + n for signal n. Several threads may run programs. */
enum sandbox_end sandbox_run(const char *command,
	const struct sandbox_limits *limits, const struct sandbox_file *files,
	size_t n, const char *input, size_t ninput, struct buf *out,
	int *status);

#endif
