/* shard.h - token files on disk: shard(5), in the layout of llm.c
 *
 * A header of 256 int32, little-endian, then the tokens:
 *
 *	word	0	20240520 (uint16 tokens) or 20240801 (uint32)
 *		1	1 or 7
 *		2	number of tokens, below 2^31
 *		3	'p' 'l' 'm' '1', or 0 in files from other programs: then
 *			4-10 are unknown
 *		4, 5	vocabulary size; eot id, -1 for none
 *		6, 7	tokenizer hash, low word first
 *		8	CRC-32 of the tokens' bytes
 *		9	documents: number of eot ids
 *		10	CRC-32 of words 0 to 9
 *
 * The command lines that produced a series of shards are next to it, in
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
	struct tok_info info;	/* info.by is valid until shard_close */
	const unsigned char *tokens;	/* count * info.width bytes, mapped */
	size_t count;
	bool ours;		/* words 3 to 10 are set */
	uint32_t crc, documents;
};

/* Parses a header of SHARD_HEADER bytes into info, count, ours, crc and documents
 * of s; returns what is wrong with it, or NULL. */
const char *shard_parse_header(struct shard *s, const unsigned char *head);

/* The command lines in the PREFIX_provenance.txt of a shard
 * PREFIX_KIND_NUMBER.bin, which the caller frees; NULL if it is missing. */
char *shard_chain(const char *name);

/* Maps a shard and checks its header and size; errors are fatal. */
void shard_open(struct shard *s, const char *name);
void shard_close(struct shard *s);

/* Checks the CRC of the tokens, if the header has one, and that each token is
 * below the vocabulary's size, if known; dies otherwise. */
void shard_check(const struct shard *s);

/* Whether head[0..n) starts like a shard; n >= 4. */
bool shard_is(const void *head, size_t n);

/* Copies tokens at..at+n-1, which must be inside, into out. */
void shard_copy(const struct shard *s, size_t at, size_t n, uint32_t *out);

/* A shard that appears under its name when shard_end finishes it. */
struct shard_writer;
struct shard_writer *shard_begin(const char *name, const struct tok_info *info);

/* How many more tokens fit: a shard has less than 2^31. */
size_t shard_room(const struct shard_writer *w);
void shard_write(struct shard_writer *w, const uint32_t *ids, size_t n);
void shard_end(struct shard_writer *w);

/* PREFIX_KIND_000001.bin; the caller frees it. */
char *shard_path(const char *prefix, const char *kind, int number);

/* A series of shards, PREFIX_train_000001.bin and so on, each of `size` tokens
 * except the last. prefix and info are kept by reference; the first shard is
 * started at once. An existing file that is not a shard, or is one of another
 * tokenizer, is fatal. The end writes PREFIX_provenance.txt, the chain of info
 * with this program's command line, and reports shards left over from an older,
 * longer series. */
struct shard_row;
struct shard_row *shard_row_begin(const char *prefix, uint64_t size,
	const struct tok_info *info);
void shard_row_write(struct shard_row *r, const uint32_t *ids, size_t n);
void shard_row_end(struct shard_row *r);

#endif
