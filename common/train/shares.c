/* shares.c - which rank updates which parameters: see shares.h */
#include "common/train/shares.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/train/ranks.h"

enum { LINE = 16 };		/* floats of a cache line */

#define CUT SIZE_MAX		/* belongs to all */

struct shares {
	const struct trained_tensors *of;
	size_t ranks;
	size_t *owner;		/* of each tensor, or CUT */
};

static size_t least(const double *work, size_t n)
{
	size_t i, at = 0;

	for (i = 1; i < n; i++)
		if (work[i] < work[at])
			at = i;
	return at;
}

struct shares *shares_new(const struct trained_tensors *of, const double *work,
	size_t ranks_count)
{
	struct shares *s = xcalloc(1, sizeof *s);
	double *sum = xcalloc(ranks_count, sizeof *sum);
	size_t i;

	s->of = of;
	s->ranks = ranks_count;
	s->owner = xcalloc(of->ntensor, sizeof *s->owner);
	for (i = 0; i < of->ntensor; i++) {
		s->owner[i] = CUT;
		if (work[i] > 0) {
			s->owner[i] = least(sum, ranks_count);
			sum[s->owner[i]] += work[i];
		}
	}
	free(sum);
	return s;
}

void shares_free(struct shares *s)
{
	if (s)
		free(s->owner);
	free(s);
}

struct range shares_range(const struct shares *s, size_t tensor, size_t rank)
{
	size_t n = s->of->tensors[tensor].n;
	struct range r;

	if (s->owner[tensor] != CUT)
		return (struct range){ 0, s->owner[tensor] == rank ? n : 0 };
	ranks_share_of(rank, s->ranks, (n + LINE - 1) / LINE, &r.first, &r.end);
	r.first = size_min(r.first * LINE, n);
	r.end = size_min(r.end * LINE, n);
	return r;
}
