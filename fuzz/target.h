/* target.h - a fuzz target whose code may end the program with die()
 *
 * A refusal is a valid outcome. Linked with -Wl,--wrap=exit, exit returns here
 * and the next input is tried; memory allocated until then leaks, so leak
 * detection is off (-detect_leaks=0).
 * `make fuzz` builds and runs all targets: see run.sh.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "common/base/err.h"

static void target(const uint8_t *data, size_t size);

static jmp_buf refused;
static int inside;

/* Closes the files that a refused input left open. */
static void close_from(int fd)
{
	int end = fd + 64;

	for (; fd < end; fd++)
		close(fd);
}

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap_exit(int status)
{
	if (inside)
		longjmp(refused, 1);
	__real_exit(status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int first;	/* first free descriptor */

	if (!first) {
		first = dup(STDIN_FILENO);
		close(first);
	}
	inside = 1;
	if (!setjmp(refused)) {
		target(data, size);
	} else {
		err_go_on();
		close_from(first);
	}
	inside = 0;
	return 0;
}

#endif
