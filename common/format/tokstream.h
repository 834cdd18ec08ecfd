/* tokstream.h - the token stream on a pipe: tokens(5)
 *
 * Layout, all numbers little-endian:
 *
 *	8 bytes		89 'T' 'O' 'K' 0d 0a 1a 0a (text mode breaks it)
 *	lines		`key value\n`: version, width, vocab, tokenizer, eot,
 *			one `by COMMAND` for each stage; an empty line ends them
 *	chunks		u32 count n > 0, then n tokens of width bytes
 *	trailer		u32 0, u64 tokens in all, u32 CRC-32 of their bytes,
 *			'E' 'N' 'D' '\n'
 *
 * Streams may be concatenated (`cat a b`). Truncation or damage anywhere is
 * fatal, so a dead upstream is an error even without pipefail.
 */
#ifndef PIPELM_TOKSTREAM_H
#define PIPELM_TOKSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* What a stream or shard declares about its tokens. */
struct tok_info {
	int width;		/* bytes per token: 2 or 4 */
	uint32_t vocab;		/* size, above every id; 0: unknown */
	uint64_t tokenizer;	/* vocab_hash of the vocabulary; 0: unknown */
	int64_t eot;		/* the id that ends a document; -1: none */
	char *by;		/* command lines of the stages so far, each
				 * with its '\n'; NULL: none */
};

/* Adds those lines of a chain that `to` does not have. */
void tok_chain_add(struct buf *to, const char *lines);

/* 2 when every id below vocab fits in 16 bits, else 4. */
int tok_width(uint32_t vocab);

/* Dies, naming both, unless tokens of a and b may be in one stream: they must
 * have the same tokenizer, vocabulary and eot, as far as both are known. */
void tok_info_match(const struct tok_info *a, const char *a_name,
	const struct tok_info *b, const char *b_name);

/* ---- writing ---- */

struct tokstream_writer;

/* Starts a stream on out, which the caller keeps. Adds this program's command
 * line (option_command) to the chain of info. */
struct tokstream_writer *tokstream_begin(struct output *out,
	const struct tok_info *info);

/* Appends n tokens; an id that does not fit in the width or vocab is fatal. */
void tokstream_write(struct tokstream_writer *w, const uint32_t *ids, size_t n);

/* Writes the trailer and frees w; out is not closed. */
void tokstream_end(struct tokstream_writer *w);

/* ---- reading ---- */

struct tokstream_reader;

/* Whether the first n bytes of a file, at most 8, start a stream. */
bool tokstream_is(const void *head, size_t n);

/* Reads the streams in the named files one after another; names is a
 * NULL-terminated list of operands; an empty list is standard input. A file may
 * also be a shard(5). All must have the same tokenizer. Reads the first header. */
struct tokstream_reader *tokstream_open(char **names);

/* The same for one open input, which may have been peeked into and is closed
 * with the reader. */
struct tokstream_reader *tokstream_open_input(struct input *in);

/* What the first header declares; valid until tokstream_close. by has the chains
 * of all streams read so far, without duplicate lines. */
const struct tok_info *tokstream_info(const struct tokstream_reader *r);

/* Reads up to n tokens into ids; blocks until there are n or the last stream has
 * ended correctly. Fewer than n only at the end. */
size_t tokstream_read(struct tokstream_reader *r, uint32_t *ids, size_t n);

/* The name of the current file, and the tokens read so far; for messages. */
const char *tokstream_name(const struct tokstream_reader *r);
uint64_t tokstream_count(const struct tokstream_reader *r);

void tokstream_close(struct tokstream_reader *r);

#endif
