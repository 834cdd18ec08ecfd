/* shard.h - token files on disk: shard(5), the layout of llm.c
 *
 * A header of 256 int32, little-endian, then the tokens:
 *
 *	word	0	20240520 (uint16 tokens) or 20240801 (uint32)
 *		1	1 or 7
 *		2	number of tokens, below 2^31
 *		3	'p' 'l' 'm' '1', or 0 in files of others: then 4-10 are
 *			not known
 *		4, 5	vocabulary size; eot id, -1 for none
 *		6, 7	tokenizer hash, low word first
 *		8	CRC-32 of the tokens' bytes
 *		9	documents: number of eot ids
 *		10	CRC-32 of words 0 to 9
 *
 * The command lines that led to a row of shards stand beside it, in
 * PREFIX_provenance.txt.
 */
#ifndef PIPELM_SHARD_H
#define PIPELM_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/format/tokstream.h"

#define SHARD_HEADER 1024	/* bytes */

struct shard {
	const char *name;	/* the caller's, kept by reference */
	struct mapped map;
	struct tok_info info;	/* by lives until shard_close */
	const unsigned char *tokens;	/* count * info.width bytes, mapped */
	size_t count;
	bool ours;		/* words 3 to 10 are there */
	uint32_t crc, documents;
};

/* Reads a header of SHARD_HEADER bytes into info, count, ours, crc and
 * documents of s; returns what is wrong with it, or NULL. */
const char *shard_parse_header(struct shard *s, const unsigned char *head);

/* The chain of command lines that stands beside a shard PREFIX_KIND_NUMBER.bin
 * in PREFIX_provenance.txt, to be freed; NULL where there is none. */
char *shard_chain(const char *name);

/* Maps a shard and checks its header and size; anything wrong is fatal. */
void shard_open(struct shard *s, const char *name);
void shard_close(struct shard *s);

/* Checks the CRC of the tokens, where the header has one, and that each is
 * below the vocabulary's size, where it is known; dies otherwise. */
void shard_check(const struct shard *s);

/* True when head[0..n) begins like a shard; n >= 4. */
bool shard_is(const void *head, size_t n);

/* Copies tokens at..at+n-1, which must be inside, into out. */
void shard_copy(const struct shard *s, size_t at, size_t n, uint32_t *out);

/* A shard that appears under its name when shard_end has finished it. */
struct shard_writer;
struct shard_writer *shard_begin(const char *name, const struct tok_info *info);

/* Tokens that still fit: a shard holds less than 2^31. */
size_t shard_room(const struct shard_writer *w);
void shard_write(struct shard_writer *w, const uint32_t *ids, size_t n);
void shard_end(struct shard_writer *w);

/* PREFIX_KIND_000001.bin; the caller frees it. */
char *shard_path(const char *prefix, const char *kind, int number);

/* A row of shards, PREFIX_train_000001.bin and on, each of `size` tokens but
 * the last. prefix and info are kept by reference; the first one is begun at
 * once. A file of its name that is no shard, or one of another tokenizer, is
 * fatal. The end writes PREFIX_provenance.txt: the chain of info, and this
 * program's command line; and tells of shards that an older, longer row
 * leaves. */
struct shard_row;
struct shard_row *shard_row_begin(const char *prefix, uint64_t size,
	const struct tok_info *info);
void shard_row_write(struct shard_row *r, const uint32_t *ids, size_t n);
void shard_row_end(struct shard_row *r);

#endif
