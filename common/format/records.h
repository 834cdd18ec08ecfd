/* records.h - files of JSON lines, read one behind the other
 *
 * Below documents(5), conversations(5) and rollouts(5): operands or standard
 * input, compression undone, one JSON value a line, blank lines passed over, a
 * byte order mark before a line taken off.
 * A bad record is skipped and counted, and the end says so in one line; with
 * --strict the first one is fatal. A last line that is cut off (no newline,
 * not JSON) is always fatal, since whatever wrote it has died.
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

/* One line: p[0..n) without its newline. p lives until the next call, file
 * as long as the reader. */
struct record {
	const char *p;
	size_t n;
	const char *file;	/* for messages: "standard input" for "-" */
	uint64_t line;		/* from 1 */
	bool whole;		/* it ended in a newline */
};

/* For the table of options of a program that reads records. */
extern bool records_strict;
extern size_t records_max_line;		/* bytes; 1 GiB */
#define OPT_RECORDS \
	{ 0, "strict", OPT_FLAG, &records_strict, NULL, \
	  "+the first bad record is fatal, not skipped" }, \
	{ 0, "max-line", OPT_BYTES, &records_max_line, "SIZE", \
	  "+a longer line is fatal (1G)" }

/* What to do with text that is no JSON at all, "-r reads plain text"; said when
 * no line is a record. NULL: nothing. */
extern const char *records_hint;

/* files: names ended by NULL, none of them standing for standard input, which
 * is also "-". kind is what a record is called: "document". Files are opened
 * when their turn comes; the first is opened now. */
struct records *records_open(char **files, const char *kind);

/* The lines of one input, which stays the caller's. */
struct records *records_open_input(struct input *in, const char *kind);

/* The next line that is not blank. */
bool records_next(struct records *r, struct record *rec);

/* Many at once: lines until they hold `bytes` bytes or there are `most`.
 * Zero-initialise; record_batch_free. False when there were none left. */
struct record_batch {
	struct record *v;
	size_t n, cap;
	struct buf lines;
};
bool records_batch(struct records *r, struct record_batch *b, size_t bytes,
	size_t most);
void record_batch_free(struct record_batch *b);

/* Reports rec as bad, for the reason that follows; returns if it is to be
 * skipped. May be called for older records, but from one thread only. */
void records_bad(struct records *r, const struct record *rec,
	const char *why, ...) PRINTF_LIKE(3, 4);

/* The same for a mistake found by json_check. */
void records_bad_json(struct records *r, const struct record *rec,
	const struct json_error *e);

/* Bytes of all lines read so far. */
uint64_t records_bytes(const struct records *r);

/* Says how many were skipped, frees. Dies when there were records and all of
 * them were bad. */
void records_close(struct records *r);

#endif
