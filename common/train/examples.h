/* examples.h - token sequences in memory, with a mask of the tokens to learn
 *
 * sft and rltrain read all of their data before they start: at these stages it
 * is small, and shuffling and packing need all lengths.
 */
#ifndef PIPELM_EXAMPLES_H
#define PIPELM_EXAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "common/train/pack.h"

struct example {
	size_t at;		/* of its first token in the arrays below */
	size_t n;
	size_t learned;		/* tokens with mask 1; never the first */
};

/* Zero-initialise; examples_free. */
struct examples {
	struct example *v;
	size_t n, cap;
	size_t longest;
	int32_t *ids;
	unsigned char *mask;
	float *logprobs;	/* 0 if none were given */
	float *sample_logprobs;	/* of the distribution sampled from; likewise */
	size_t tokens, tokens_cap;
};

/* Appends an example of n >= 2 tokens, all zero, and returns it; examples_drop
 * removes the last example again. */
struct example *examples_add(struct examples *e, size_t n);
void examples_drop(struct examples *e);
void examples_free(struct examples *e);

/* The bytes that they take, including what trainers add for each. */
double examples_bytes(const struct examples *e);

/* Packs as many of order[from..n) into p as fit; returns how many, at least 1.
 * Sets their place[i] (n) as pack_add does. */
size_t examples_pack(const struct examples *e, struct pack *p,
	const size_t *order, size_t from, size_t n, size_t *place);

/* Several passes over the examples, each in its own random order, taking as
 * many at a time as a pack holds. */
struct passes {
	const struct examples *examples;
	struct pack *pack;
	uint64_t seed;
	uint32_t epoch;		/* from 0 */
	size_t from;		/* in order: how many this pass has taken */
	long packs;		/* taken in all */
	size_t *order, *place;
};

void passes_init(struct passes *s, const struct examples *e, struct pack *p,
	uint64_t seed);
void passes_free(struct passes *s);

/* Fills the pack with the next examples; after the last one of a pass the next
 * pass begins. */
void passes_next(struct passes *s);

/* True if the pack holds the last examples of a pass. */
bool passes_end(const struct passes *s);

/* The number of packs in the first `epochs` passes. */
long passes_count(struct passes *s, int64_t epochs);

/* Sets order (n) to a random permutation of 0..n-1, a function of (seed,
 * epoch). */
void examples_shuffle(size_t *order, size_t n, uint64_t seed, uint32_t epoch);

#endif
