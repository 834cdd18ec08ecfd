/* doc.h - documents(5): one JSON object per line, with a text
 *
 * A document remains the line that was read; its fields are spans of it. Writing
 * it reproduces the line byte for byte, apart from what was set.
 *
 *	struct docs *in = docs_open(argv);
 *	struct doc_batch b = { 0 };
 *	while (docs_batch(in, &b, bytes, most)) {
 *		parallel_for(b.n, work, &b);	calls doc_batch_parse
 *		for (i = 0; i < b.n; i++)
 *			if (doc_batch_good(in, &b, i))
 *				doc_pass(&b.v[i], out);
 *	}
 *	docs_close(in);
 */
#ifndef PIPELM_DOC_H
#define PIPELM_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/format/jsonedit.h"
#include "common/format/records.h"

/* Zero-initialise it; free it with doc_free. When reused, it soon allocates
 * nothing more. */
struct doc {
	struct record rec;		/* the untouched line */
	struct json_fields fields;	/* all keys, in order */
	struct json text, id, source, created, metadata; /* JSON_NONE: missing */
	struct json_edits edits;
	struct buf unescaped;		/* the text, after doc_text */
	struct buf name;
	bool has_text;
};

struct docs;

/* Like records_open. */
struct docs *docs_open(char **files);

void docs_close(struct docs *in);

/* The reader, for counts and messages. */
struct records *docs_records(struct docs *in);

/* ---- batches ---- */

/* Zero-initialise it; free it with doc_batch_free. */
struct doc_batch {
	struct doc *v;
	struct json_error *error;	/* what is NULL for valid ones */
	size_t n, cap;
	struct record_batch records;
};

/* Reads lines, without parsing them, until they have `bytes` bytes or there are
 * `most`. False when there were none left. */
bool docs_batch(struct docs *in, struct doc_batch *b, size_t bytes,
	size_t most);

/* Parses document i of the batch, in any thread, but one thread per document. */
void doc_batch_parse(struct doc_batch *b, size_t i);

/* The next batch, with all documents parsed and texts unescaped by all
 * threads. */
bool docs_batch_texts(struct docs *in, struct doc_batch *b, size_t bytes,
	size_t most);

/* After parsing, from one thread and in order: true when document i is valid;
 * otherwise reports it. */
bool doc_batch_good(struct docs *in, struct doc_batch *b, size_t i);
void doc_batch_free(struct doc_batch *b);

/* ---- one document ---- */

/* Finds the fields of doc->rec. Returns false and sets *e when it is not a
 * document: not an object, no string 'text', or a duplicate of one of our
 * keys. */
bool doc_parse(struct doc *doc, struct json_error *e);
void doc_free(struct doc *doc);

/* The unescaped text, valid UTF-8; valid as long as the line. */
const char *doc_text(struct doc *doc, size_t *n);

/* The id as characters: a number as its digits, without id FILE:LINE. */
const char *doc_id(struct doc *doc, size_t *n);

/* A value by its path, such as "metadata.url". */
bool doc_get(const struct doc *doc, const char *path, struct json *value);

/* Sets the text, or the key "source" or "metadata.language" ... to a string or
 * any JSON text. The change is recorded for doc_pass; the fields above stay as
 * they were read. */
void doc_set_text(struct doc *doc, const char *s, size_t n);
void doc_set_string(struct doc *doc, const char *path, const char *s, size_t n);
void doc_set_json(struct doc *doc, const char *path, const char *json, size_t n);

/* Writes the line with the changes, and a newline. */
void doc_pass(struct doc *doc, struct output *out);
void doc_pass_to(struct doc *doc, struct buf *out);

/* ---- new documents ---- */

struct doc_parts {
	const char *text, *id, *source;		/* source may be NULL */
	size_t text_len, id_len, source_len;
	const char *metadata;	/* the inside of its object, `"a":1,"b":2`;
				 * NULL or empty: none */
	size_t metadata_len;
};

/* Appends a new document, including its newline. */
void doc_make(struct buf *out, const struct doc_parts *p);

#endif
