/* warc.h - records of web archives: WARC 0.18 to 1.1 (ISO 28500), ARC 1 and 2
 *
 * Compression is handled below: the input is a sequence of records. Actual files
 * violate the standards in many ways, so lines may end in LF alone, blank lines
 * and NUL bytes may come before and between records, and after something that
 * is not a record the reader continues at the next line that starts one. When
 * the input stops at damage, it is resumed after the damage.
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

/* Strings are empty when missing in the record; they are valid until the next
 * record. */
struct warc_record {
	enum warc_type type;
	const char *uri;		/* of the target, without <> */
	const char *date;		/* as written; for ARC converted to
					 * the form 2008-04-30T20:48:25Z */
	const char *id, *content_type, *payload_type;
	uint64_t length;		/* bytes of the block */
	const char *bad;		/* NULL, or why it is not a record; the
					 * rest is then meaningless */
	uint64_t at;			/* its offset in the input */
};

struct warc;

/* Whether p[0..n) starts such a file, after a byte order mark, blank lines and
 * NUL bytes. */
bool warc_begins(const unsigned char *p, size_t n);

/* Whether p[0..n) contains the end of one record and the start of the next, as in
 * a file whose beginning is missing. */
bool warc_follows(const void *p, size_t n);

/* The caller keeps the input. */
struct warc *warc_open(struct input *in);
void warc_close(struct warc *w);

/* The next record; skips the unread rest of the previous block. An invalid one is
 * returned once, then what follows it. */
bool warc_next(struct warc *w, struct warc_record *r);

/* Appends the block to b, at most max bytes of it. INPUT_CUT: the input ends
 * inside the block, and the part that is there is intact. INPUT_DAMAGED: it is
 * not, because the compressed data is damaged in or right after the block. */
enum input_end warc_block(struct warc *w, struct buf *b, size_t max);

#endif
