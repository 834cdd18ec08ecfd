/* merge.h - byte-pair merging of one word
 *
 * Repeatedly merges the adjacent pair with the lowest rank, the leftmost of
 * several, into one token until no pair has a rank (Sennrich et al. 2016).
 */
#ifndef PIPELM_MERGE_H
#define PIPELM_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct merge {
	uint32_t left, right;
	uint32_t rank;		/* lower is merged first */
	uint32_t id;		/* of the merged token */
};

/* Merges by pair, and the ids of the 256 bytes. Zero-initialise it. */
struct merge_table {
	struct merge *slots;	/* open addressing; rank NO_RANK: free */
	size_t mask, n;
	uint32_t byte_id[256];
};

#define NO_RANK UINT32_MAX

void merge_table_free(struct merge_table *t);

/* Adds a merge; a pair that is already there keeps its first, lower rank. */
void merge_add(struct merge_table *t, struct merge m);

/* Whether a pair merges. */
bool merge_find(const struct merge_table *t, uint32_t left, uint32_t right);

/* Working memory for long words; for one thread. Zero-initialise it. */
struct merge_scratch {
	void *nodes, *heap;
	size_t cap, heap_cap;
};
void merge_scratch_free(struct merge_scratch *s);

/* Encodes word[0..len) into ids[], which has room for len ids, and returns their
 * number. Takes n log n time. */
size_t merge_word(const struct merge_table *t, struct merge_scratch *s,
	const char *word, size_t len, uint32_t *ids);

/* The same for a word of n symbols, ids[0..n). */
size_t merge_ids(const struct merge_table *t, struct merge_scratch *s,
	uint32_t *ids, size_t n);

#endif
