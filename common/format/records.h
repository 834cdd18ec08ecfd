/* records.h - reads files of JSON lines, one after another
 *
 * The basis of documents(5), conversations(5) and rollouts(5): operands or
 * standard input, decompressed, one JSON value per line, blank lines skipped, a
 * byte order mark at the start of a line ignored.
 * An invalid record is skipped and counted, and one line at the end says so;
 * with --strict the first one is fatal. A truncated last line (no newline, not
 * JSON) is always fatal, since its writer has died.
 */
#ifndef PIPELM_RECORDS_H
#define PIPELM_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/format/jsonscan.h"

struct records;

/* One line: p[0..n) without its newline. p is valid until the next call, file as
 * long as the reader. */
struct record {
	const char *p;
	size_t n;
	const char *file;	/* for messages: "standard input" for "-" */
	uint64_t line;		/* from 1 */
	bool whole;		/* it ended in a newline */
};

/* For the option table of a program that reads records. */
extern bool records_strict;
extern size_t records_max_line;		/* bytes; 1 GiB */
#define OPT_RECORDS \
	{ 0, "strict", OPT_FLAG, &records_strict, NULL, \
	  "+the first invalid record is fatal, not skipped" }, \
	{ 0, "max-line", OPT_BYTES, &records_max_line, "SIZE", \
	  "+a longer line is fatal (1G)" }

/* What to do with text that is not JSON, "-r reads plain text"; printed when no
 * line is a record. NULL: nothing. */
extern const char *records_hint;

/* files: NULL-terminated names, none of them standing for standard input, which
 * is also "-". kind is what a record is called: "document". Each file is opened
 * when it is reached; the first is opened now. */
struct records *records_open(char **files, const char *kind);

/* The lines of one input, which the caller keeps. */
struct records *records_open_input(struct input *in, const char *kind);

/* The next line that is not blank. */
bool records_next(struct records *r, struct record *rec);

/* A batch: lines until they have `bytes` bytes or there are `most`. Zero-initialise
 * it; free it with record_batch_free. False when there were none left. */
struct record_batch {
	struct record *v;
	size_t n, cap;
	struct buf lines;
};
bool records_batch(struct records *r, struct record_batch *b, size_t bytes,
	size_t most);
void record_batch_free(struct record_batch *b);

/* Reports rec as invalid, with a reason; returns if it is to be skipped. May be
 * called for earlier records, but only from one thread. */
void records_bad(struct records *r, const struct record *rec,
	const char *why, ...) PRINTF_LIKE(3, 4);

/* The same for an error found by json_check. */
void records_bad_json(struct records *r, const struct record *rec,
	const struct json_error *e);

/* The bytes of all lines read so far. */
uint64_t records_bytes(const struct records *r);

/* Reports how many were skipped, and frees. Dies when there were records and all
 * of them were invalid. */
void records_close(struct records *r);

#endif
