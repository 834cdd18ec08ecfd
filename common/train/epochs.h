/* epochs.h - assigns samples, or pairs, to updates
 *
 * In each epoch every member is in exactly one update, in an order that is a
 * function of (seed, epoch). The last update of an epoch may be short.
 */
#ifndef PIPELM_EPOCHS_H
#define PIPELM_EPOCHS_H

#include <stddef.h>
#include <stdint.h>

struct epochs {
	const size_t *member;	/* (n), the caller's; NULL: 0 .. n-1 */
	size_t n, batch;
	uint32_t epochs;
	uint64_t seed;

	uint32_t epoch;		/* of the current update, from 0 */
	size_t from;		/* where the next update begins */
	size_t *order;		/* (n) of this epoch */
};

/* batch: members of an update; 0: all of them. */
void epochs_init(struct epochs *e, const size_t *member, size_t n,
	size_t batch, uint32_t epochs, uint64_t seed);
void epochs_free(struct epochs *e);

/* The number of updates in all epochs. */
long epochs_updates(const struct epochs *e);

/* The members of the next update, *n of them; NULL after the last epoch, or
 * if there are no members. Valid until the next call. */
const size_t *epochs_next(struct epochs *e, size_t *n);

#endif
