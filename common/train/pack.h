/* pack.h - packs sequences of different lengths into the rows of a batch
 *
 * Each sequence goes into the fullest row with room for it (best fit). It has
 * its own positions and does not attend to its neighbours, so its results are
 * the same as alone. A sequence of n tokens takes n-1 positions: the last token
 * is only a target.
 */
#ifndef PIPELM_PACK_H
#define PIPELM_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/train/data.h"

struct pack {
	struct rows rows;	/* rows.batch is what model_forward takes */
	size_t *used;		/* (rows) positions taken */
	size_t sequences;
	size_t tokens;		/* with a target */
};

void pack_init(struct pack *p, size_t rows, size_t time);
void pack_free(struct pack *p);

/* Empties all rows. */
void pack_reset(struct pack *p);

/* Puts ids[0..n) into a row; token i is a target if mask[i] is not 0. n-1 must
 * not exceed time. Returns false if no row has room. *place is the start of the
 * sequence in (B,T): target and log-probability of its token i are at
 * *place + i - 1. */
bool pack_add(struct pack *p, const int32_t *ids, const unsigned char *mask,
	size_t n, size_t *place);

/* Pads the unused positions; rows without a sequence are not in rows.batch. */
void pack_end(struct pack *p);

#endif
