/* causes.h - counts of reasons, by their words */
#ifndef PIPELM_CAUSES_H
#define PIPELM_CAUSES_H

#include <stddef.h>
#include <stdint.h>

/* Reasons beyond these are counted as "other causes". */
enum { CAUSES = 32 };

/* Zero-initialise it; free it with causes_free. */
struct causes {
	struct { char *what; uint64_t n; } v[CAUSES + 1];
	size_t n;
};

/* Counts what, of which it keeps a copy. */
void causes_add(struct causes *c, const char *what);
void causes_free(struct causes *c);

#endif
