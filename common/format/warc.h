/* warc.h - records of web archives: WARC 0.18 to 1.1 (ISO 28500), ARC 1 and 2
 *
 * Compression lies below: the input gives the records one behind the other.
 * Files in use break the standards in many ways, so lines may end in LF alone,
 * blank lines and NUL bytes may stand before and between records, and after
 * something that is not a record the reader goes on at the next line that
 * begins one. Where the input breaks off at damage it is resumed behind it.
 */
#ifndef PIPELM_WARC_H
#define PIPELM_WARC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/io.h"

enum warc_type {
	WARC_OTHER, WARC_INFO, WARC_RESPONSE, WARC_RESOURCE, WARC_REQUEST,
	WARC_METADATA, WARC_REVISIT, WARC_CONVERSION
};

/* Strings are empty where the record says nothing; they live until the next
 * record. */
struct warc_record {
	enum warc_type type;
	const char *uri;		/* of the target, without <> */
	const char *date;		/* as written; of an ARC record made
					 * like 2008-04-30T20:48:25Z */
	const char *id, *content_type, *payload_type;
	uint64_t length;		/* bytes of the block */
	const char *bad;		/* NULL, or why it is no record; the
					 * rest then says nothing */
	uint64_t at;			/* where it begins in the input */
};

struct warc;

/* True when p[0..n) begins such a file, behind a byte order mark, blank lines
 * and NUL bytes. */
bool warc_begins(const unsigned char *p, size_t n);

/* True when p[0..n) has the end of one record and the beginning of the next,
 * as in a file whose beginning is missing. */
bool warc_follows(const void *p, size_t n);

/* The input stays the caller's. */
struct warc *warc_open(struct input *in);
void warc_close(struct warc *w);

/* The next record; what was not read of the block before is passed over. A bad
 * one is given once, then comes what follows it. */
bool warc_next(struct warc *w, struct warc_record *r);

/* Appends the block to b, at most max bytes of it. INPUT_CUT: the input ends
 * inside the block, and what there is of it is sound. INPUT_DAMAGED: it is not,
 * because the compressed data is damaged in or right behind the block. */
enum input_end warc_block(struct warc *w, struct buf *b, size_t max);

#endif
