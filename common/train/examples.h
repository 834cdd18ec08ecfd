/* examples.h - token sequences in memory, with their loss masks
 *
 * sft and rltrain read all of their data before they start, since it is small in
 * these stages, and ordering and packing need all lengths.
 */
#ifndef PIPELM_EXAMPLES_H
#define PIPELM_EXAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "common/train/pack.h"

struct example {
	size_t at;		/* of its first token in the arrays below */
	size_t n;
	size_t learned;		/* tokens with mask 1; the first never has */
};

/* Zero-initialise; examples_free. */
struct examples {
	struct example *v;
	size_t n, cap;
	size_t longest;
	int32_t *ids;
	unsigned char *mask;
	float *logprobs;	/* 0 where none were given */
	float *sample_logprobs;	/* of what was drawn from; the same */
	size_t tokens, tokens_cap;
};

/* Appends n tokens, n >= 2; returns the example, which may be given up again
 * by examples_drop before the next. logprobs may be NULL. */
struct example *examples_add(struct examples *e, size_t n);
void examples_drop(struct examples *e);
void examples_free(struct examples *e);

/* Memory that they take, and what trainers add for each. */
double examples_bytes(const struct examples *e);

/* Puts order[from..n) into p as far as it goes; returns how many, at least 1.
 * place[i] (n) is set for those as pack_add does. */
size_t examples_pack(const struct examples *e, struct pack *p,
	const size_t *order, size_t from, size_t n, size_t *place);

/* Examples pass after pass, each in an order of its own, as many at once as a
 * pack takes. */
struct passes {
	const struct examples *examples;
	struct pack *pack;
	uint64_t seed;
	uint32_t epoch;		/* from 0 */
	size_t from;		/* in order: taken of this pass */
	long packs;		/* taken in all */
	size_t *order, *place;
};

void passes_init(struct passes *s, const struct examples *e, struct pack *p,
	uint64_t seed);
void passes_free(struct passes *s);

/* Fills the pack with the next ones; the first after the last of a pass begins
 * another. */
void passes_next(struct passes *s);

/* True when those of the pack were the last of a pass. */
bool passes_end(const struct passes *s);

/* Packs of so many passes, from the first. */
long passes_count(struct passes *s, int64_t epochs);

/* A random order of n things, a function of (seed, epoch). */
void examples_shuffle(size_t *order, size_t n, uint64_t seed, uint32_t epoch);

#endif
