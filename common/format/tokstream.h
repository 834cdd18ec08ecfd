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
 * Streams may follow one another (`cat a b`). What is cut off or damaged
 * anywhere is fatal, so that a dead upstream is an error without pipefail.
 */
#ifndef PIPELM_TOKSTREAM_H
#define PIPELM_TOKSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* What a stream or shard says of its tokens. */
struct tok_info {
	int width;		/* bytes a token: 2 or 4 */
	uint32_t vocab;		/* every id is below it; 0: not known */
	uint64_t tokenizer;	/* vocab_hash of the vocabulary; 0: not known */
	int64_t eot;		/* the id that ends a document; -1: none */
	char *by;		/* command lines of the stages up to here, each
				 * with its '\n'; NULL: none */
};

/* Adds the lines of a chain to another, unless it has them. */
void tok_chain_add(struct buf *to, const char *lines);

/* 2 when every id below vocab fits in 16 bits, else 4. */
int tok_width(uint32_t vocab);

/* Dies, naming both, unless tokens of a and b may stand in one stream: same
 * tokenizer, vocabulary and eot where both know it. */
void tok_info_match(const struct tok_info *a, const char *a_name,
	const struct tok_info *b, const char *b_name);

/* ---- writing ---- */

struct tokstream_writer;

/* Starts a stream on out, which stays the caller's. This program's command
 * line (option_command) is added to the chain of info. */
struct tokstream_writer *tokstream_begin(struct output *out,
	const struct tok_info *info);

/* Appends n tokens; an id that the width or vocab does not hold is fatal. */
void tokstream_write(struct tokstream_writer *w, const uint32_t *ids, size_t n);

/* Writes the trailer and frees w; out is not closed. */
void tokstream_end(struct tokstream_writer *w);

/* ---- reading ---- */

struct tokstream_reader;

/* True when the first n bytes of a file, at most 8, begin a stream. */
bool tokstream_is(const void *head, size_t n);

/* Reads the streams in the named files one after another; names is the NULL
 * ended list of operands; an empty list is standard input. A file may also be
 * a shard(5). All must be of one tokenizer. Reads the first header. */
struct tokstream_reader *tokstream_open(char **names);

/* The same for one input, opened and perhaps looked into, which is closed
 * with the reader. */
struct tokstream_reader *tokstream_open_input(struct input *in);

/* What the first header says; valid until tokstream_close. by holds the
 * chains of all streams begun so far, each line once. */
const struct tok_info *tokstream_info(const struct tokstream_reader *r);

/* Up to n tokens into ids; blocks until there are n or the last stream has
 * ended well. Less than n only at the end. */
size_t tokstream_read(struct tokstream_reader *r, uint32_t *ids, size_t n);

/* Name of the file being read, and tokens given so far; for messages. */
const char *tokstream_name(const struct tokstream_reader *r);
uint64_t tokstream_count(const struct tokstream_reader *r);

void tokstream_close(struct tokstream_reader *r);

#endif
