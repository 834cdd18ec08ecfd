/* pretokenizer.h - several steps that split text into words
 *
 * The steps that a tokenizer.json lists under pre_tokenizer, when they are more
 * than one pattern (split.h). Each step splits the pieces left by the previous
 * one. A piece may be dropped, and a space may be inserted before it, as in
 * Hugging Face's tokenizers. Bytes that are not valid UTF-8 are never dropped.
 */
#ifndef PIPELM_PRETOKENIZER_H
#define PIPELM_PRETOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/format/jsonscan.h"
#include "common/token/split.h"

/* What happens to the matches of a pattern. */
enum split_behavior {
	SPLIT_ISOLATED,			/* each is a piece */
	SPLIT_REMOVED,			/* each is dropped */
	SPLIT_MERGED_WITH_PREVIOUS,	/* each joins the gap before it */
	SPLIT_MERGED_WITH_NEXT,		/* each joins the gap after it */
	SPLIT_CONTIGUOUS		/* adjacent ones form one piece */
};

struct pretokenizer;

/* Parses the steps of a pre_tokenizer. Dies with the file's name and the
 * construct if one is not supported. The caller frees it. */
struct pretokenizer *pretokenizer_parse(const struct json *v,
	const char *file);
void pretokenizer_free(struct pretokenizer *p);

/* When the steps amount to one pattern, takes its splitter out of p, which may
 * then only be freed; else returns NULL. The caller frees it. */
struct splitter *pretokenizer_one(struct pretokenizer *p);

/* A description of the steps, equal for equal steps; owned by p. */
const char *pretokenizer_name(const struct pretokenizer *p);

/* The pieces of one text; for one thread. Zero-initialise it, use it for any
 * number of texts, free it at the end. */
struct pieces {
	const char *text;	/* what the spans refer to: the text, or a copy
				 * with inserted spaces */
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
