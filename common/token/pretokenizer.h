/* pretokenizer.h - several steps that cut text into words
 *
 * What a tokenizer.json lists under pre_tokenizer, where that is more than one
 * pattern (split.h): each step cuts the pieces that the one before left. A
 * piece may be dropped, and a space may be put before one, as Hugging Face's
 * tokenizers do. Bytes that are no valid UTF-8 are never dropped.
 */
#ifndef PIPELM_PRETOKENIZER_H
#define PIPELM_PRETOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/format/jsonscan.h"
#include "common/token/split.h"

/* What becomes of the matches of a pattern. */
enum split_behavior {
	SPLIT_ISOLATED,			/* each is a piece */
	SPLIT_REMOVED,			/* each is dropped */
	SPLIT_MERGED_WITH_PREVIOUS,	/* belongs to the gap before */
	SPLIT_MERGED_WITH_NEXT,		/* or behind */
	SPLIT_CONTIGUOUS		/* neighbours are one piece */
};

struct pretokenizer;

/* The steps of a pre_tokenizer. Dies with the file's name and the construct
 * where it has one that is not supported. The caller frees it. */
struct pretokenizer *pretokenizer_parse(const struct json *v,
	const char *file);
void pretokenizer_free(struct pretokenizer *p);

/* When the steps amount to one pattern, takes its splitter out of p, which can
 * only be freed then; else NULL. The caller frees it. */
struct splitter *pretokenizer_one(struct pretokenizer *p);

/* Describes the steps, the same for the same: owned by p. */
const char *pretokenizer_name(const struct pretokenizer *p);

/* The pieces of one text; belongs to one thread. Zero-initialise it, use it
 * for as many texts as you like, free it at the end. */
struct pieces {
	const char *text;	/* what the spans are of: the text itself, or
				 * a copy with spaces put in */
	size_t len;
	struct piece_span {
		size_t at, end;
	} *v;
	size_t n, cap;
	struct split split;	/* name and line may be set for messages */
	struct piece_span *old;
	size_t old_cap;
	struct buf copy, mapped;
};
void pretokenizer_run(const struct pretokenizer *p, struct pieces *out,
	const char *text, size_t len);
void pieces_free(struct pieces *p);

#endif
