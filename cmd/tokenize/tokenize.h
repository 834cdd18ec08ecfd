/* tokenize.h - shared by the parts of tokenize(1) */
#ifndef TOKENIZE_H
#define TOKENIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/token/vocab.h"

enum sink_kind {
	SINK_STREAM, SINK_SHARDS, SINK_IDS, SINK_COUNT, SINK_VIEW
};

struct sink_options {
	enum sink_kind kind;
	const char *output;	/* file, or prefix of shards; NULL */
	bool no_eot;
	int64_t shard_size;	/* tokens */
	double val;		/* share of documents */
	char **files;		/* that are read, NULL-terminated */
	bool by_file;		/* SINK_COUNT: one line per file */
};

/* Where a document comes from. */
struct place {
	const char *file;	/* a different pointer for each operand */
	uint64_t line;		/* 0: the file is the document */
};

/* Where encoded documents go. */
struct sink;
struct sink *sink_open(const struct vocab *v, const struct sink_options *o);

/* Adds the commands that made the documents, one per line; called before the
 * first piece, for shards also later. */
void sink_made_by(struct sink *s, const char *lines);

/* A document comes in one or more pieces; last is true for its last. */
void sink_piece(struct sink *s, struct place place, size_t len,
	const uint32_t *ids, size_t n, bool last);
void sink_close(struct sink *s);

/* Totals so far. */
struct sink_totals {
	uint64_t documents, bytes, tokens;
};
struct sink_totals sink_totals(const struct sink *s);

/* Encodes documents in parallel and passes them to the sink in order. A long
 * text is split between words, so threads share it. v and sink must remain
 * valid; texts that were added, until the next flush, which encodes them. */
struct batch_encoder;
struct batch_encoder *batch_encoder_new(const struct vocab *v,
	struct sink *sink);
void batch_encoder_add(struct batch_encoder *e, const char *text, size_t len,
	struct place place);
void batch_encoder_flush(struct batch_encoder *e);
void batch_encoder_free(struct batch_encoder *e);

/* tokenize --html: a page of the texts in each vocabulary. chat: the files hold
 * conversations, rendered by the template of each vocabulary's directory. */
struct page_options {
	struct option_list tokenizers;
	const char *pattern;
	bool raw, chat;
	const char *output;
};
void page_files(const struct page_options *o, char **files);

/* tokenize -d: decodes ids as text, streams or shards to bytes. */
void decode_files(const struct vocab *v, char **names, const char *output,
	bool specials);

#endif
