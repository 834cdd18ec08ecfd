/* kvcache.h - KV cache: keys and values of tokens, so that each token passes
 * through the model only once
 *
 * A segment holds consecutive tokens. Each head has all its keys, then all its
 * values, so that attention reads both sequentially; keys are already rotated. A
 * sequence is one segment, or two: a prefix that many sequences share (the
 * prompt, stored once for all its samples) and its own tokens. Numbers are fp32 or
 * bf16: half the memory, and about half the time of attention to many tokens;
 * whatever they are, they are rounded once, as they are stored.
 */
#ifndef PIPELM_KVCACHE_H
#define PIPELM_KVCACHE_H

#include <stddef.h>

#include "common/format/weight.h"
#include "common/model/config.h"

struct kv_segment {
	size_t n;		/* tokens held */
	size_t cap;
	size_t layers, heads, head_size;	/* heads: key-value heads */
	enum dtype type;	/* DTYPE_F32 or DTYPE_BF16 */
	void *rows;	/* (layers, heads, keys then values, cap, head_size) */
};

struct kv_segment *kv_segment_new(const struct model_config *c,
	enum dtype type);
void kv_segment_free(struct kv_segment *r);

/* A copy, with room for n more tokens; with n = 0, its rows are then
 * kv_segment_bytes contiguous bytes. */
struct kv_segment *kv_segment_copy(const struct kv_segment *r, size_t n);
size_t kv_segment_bytes(const struct kv_segment *r);

/* Bytes of a token's keys and values in all layers; and of the memory that a
 * segment of n tokens takes, with pages that it has only part of. */
size_t kv_token_bytes(const struct model_config *c, enum dtype type);
size_t kv_segment_memory(const struct model_config *c, enum dtype type, size_t n);

/* Makes room for n more tokens, and no more than that; may move the data. */
void kv_segment_room(struct kv_segment *r, size_t n);

/* The keys (cap, head_size) of a head; below, its values, in the same shape. */
const void *kv_segment_keys(const struct kv_segment *r, size_t layer,
	size_t head);
const void *kv_segment_values(const struct kv_segment *r, size_t layer,
	size_t head);

/* Stores a token's k and v (heads, head_size) at position i, below cap. */
void kv_segment_put(struct kv_segment *r, size_t layer, size_t i, const float *k,
	const float *v);

#endif
