/* kvcache.h - KV cache: keys and values of tokens, so that each token passes
 * through the model only once
 *
 * A segment holds consecutive tokens. Each head has all its keys, then all its
 * values, so that attention reads both sequentially, in the layout of kv.c in
 * common/kernel; keys are already rotated. A
 * sequence is one segment, or two: a prefix that many sequences share (the
 * prompt, stored once for all its samples) and its own tokens. Prompts that begin
 * alike share what they begin with: the first tokens of a segment may be those of
 * another one, its base. Numbers are fp32 or bf16: half the memory, and about half
 * the time of attention to many tokens; whatever they are, they are rounded once,
 * as they are stored.
 */
#ifndef PIPELM_KVCACHE_H
#define PIPELM_KVCACHE_H

#include <stddef.h>

#include "common/format/weight.h"
#include "common/model/config.h"

struct kv_segment {
	size_t n;		/* tokens held */
	const struct kv_segment *base;	/* has the first nbase of them, and no
				 * base itself; or NULL */
	size_t nbase;		/* a multiple of KV_BLOCK */
	size_t cap;		/* for tokens after those; a multiple, too */
	size_t layers, heads, head_size;	/* heads: key-value heads */
	enum dtype type;	/* DTYPE_F32 or DTYPE_BF16 */
	void *rows;	/* (layers, heads, keys then values, cap * head_size) */
};

struct kv_segment *kv_segment_new(const struct model_config *c,
	enum dtype type);
void kv_segment_free(struct kv_segment *r);

/* A copy without a base, with room for n more tokens. */
struct kv_segment *kv_segment_copy(const struct kv_segment *r, size_t n);

/* Bytes of the rows, which are contiguous. */
size_t kv_segment_bytes(const struct kv_segment *r);

/* The first n tokens of r, with room for `room` more: kv_segment_shareable(r, n) of
 * them shared with r or its base, which must outlive it, the others copied. */
struct kv_segment *kv_segment_share(const struct kv_segment *r, size_t n,
	size_t room);
size_t kv_segment_shareable(const struct kv_segment *r, size_t n);

/* Bytes of a token's keys and values in all layers; of the memory that a segment of n
 * tokens takes, in whole blocks, with pages that it has only part of; and of that of
 * several with n in all, which are counted in whole blocks. */
size_t kv_token_bytes(const struct model_config *c, enum dtype type);
size_t kv_segment_memory(const struct model_config *c, enum dtype type, size_t n);
size_t kv_segments_memory(const struct model_config *c, enum dtype type,
	size_t segments, size_t n);

/* Makes room for n more tokens, and no more than their blocks; may move the data. */
void kv_segment_room(struct kv_segment *r, size_t n);

/* The keys of a head, from token nbase on; below, its values. */
const void *kv_segment_keys(const struct kv_segment *r, size_t layer,
	size_t head);
const void *kv_segment_values(const struct kv_segment *r, size_t layer,
	size_t head);

/* Copies the keys and the values of a head, of its tokens from `first` on, which is
 * 0 or nbase, up to n, to the same places of k and v, which have room for whole
 * blocks of n tokens. */
void kv_segment_gather(const struct kv_segment *r, size_t layer, size_t head,
	size_t first, size_t n, void *k, void *v);

/* Stores a token's k and v (heads, head_size) at position i, from nbase on. */
void kv_segment_put(struct kv_segment *r, size_t layer, size_t i, const float *k,
	const float *v);

#endif
