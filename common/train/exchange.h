/* exchange.h - gradients to the ranks that own them, parameters back to all
 *
 * A thread of its own does the jobs in the order in which they are queued, which is
 * the same on all ranks, while the caller computes: the sum of a block's gradient is
 * on its way while the backward pass is in the blocks before it. A job is a number of
 * consecutive tensors; what a rank owns of them goes through bounded memory in chunks,
 * many small tensors in one.
 *
 * Sums are added in rank order, in fp32, by the rank that owns the element: so they
 * have the same bits in every run, and parameters the same bits on every rank.
 */
#ifndef PIPELM_EXCHANGE_H
#define PIPELM_EXCHANGE_H

#include "common/format/weight.h"
#include "common/model/model.h"
#include "common/train/shares.h"

struct exchange;

/* wire: F32, or BF16: gradients of other ranks are rounded to that on their way, to
 * nearest; parameters never are. of and shares are kept by reference. */
struct exchange *exchange_new(const struct trained_tensors *of,
	const struct shares *shares, enum dtype wire);
void exchange_free(struct exchange *e);

/* Queues: in the tensors first to end-1 of a gradient (layout of the parameters),
 * what this rank owns becomes its sum over all ranks. The rest keeps this rank's
 * part. */
void exchange_sum(struct exchange *e, float *gradient, size_t first, size_t end);

/* Queues: each rank gets the parameters of these tensors from their owners. */
void exchange_gather(struct exchange *e, size_t first, size_t end);

/* Waits until all jobs are done. Only then may the ranks exchange anything else: what
 * they do must have the same order on all of them. */
void exchange_wait(struct exchange *e);

#endif
