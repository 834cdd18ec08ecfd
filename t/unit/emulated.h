/* emulated.h - the loops for AMX with its instructions in plain C, which any
 * processor with AVX-512 runs
 *
 * A use of them that the processor would refuse is fatal, and every byte that they
 * read is read by C code, which the sanitizers watch.
 */
#ifndef PIPELM_UNIT_EMULATED_H
#define PIPELM_UNIT_EMULATED_H

#include "common/base/err.h"
#include "common/kernel/set.h"

#if defined __x86_64__ && !defined ISA_NO_AMX

extern const struct tile_set bf16_emulated;
extern const struct int8_set int8_emulated;	/* needs VNNI too */

/* Makes them the set "amx", which it returns. */
enum isa emulated_use(void);

/* How many threads have a configuration loaded. */
int emulated_in_use(void);

/* Does something that the processor refuses. */
void emulated_misuse(const char *what);

#else

static inline enum isa emulated_use(void)
{
	die("there is no such set");
}

static inline int emulated_in_use(void)
{
	return 0;
}

#endif

#endif
