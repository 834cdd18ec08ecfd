/* shares.h - which rank updates which parameters (ZeRO-1, Rajbhandari et al. 2020)
 *
 * A tensor that is updated element by element is cut into a range for each rank,
 * whole cache lines of it. One that is updated as a whole, as Muon does, belongs to
 * one rank; they are given out in order, each to the rank that has the least work
 * so far. Only the owner has the moments of an element.
 */
#ifndef PIPELM_SHARES_H
#define PIPELM_SHARES_H

#include "common/model/model.h"

struct shares;

/* work (of->ntensor): 0 for a tensor that is cut, else what updating it as a whole
 * costs, in any unit. of is kept by reference. */
struct shares *shares_new(const struct trained_tensors *of, const double *work,
	size_t ranks);
void shares_free(struct shares *s);

/* Elements first to end-1 of a tensor are those of a rank; first = end: none. */
struct range {
	size_t first, end;
};
struct range shares_range(const struct shares *s, size_t tensor, size_t rank);

#endif
