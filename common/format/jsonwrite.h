/* jsonwrite.h - pieces of JSON text, appended to a buf
 *
 * Strings come out as UTF-8: only what RFC 8259 demands is escaped. Invalid
 * UTF-8 becomes U+FFFD, so that the output is always valid JSON.
 */
#ifndef PIPELM_JSONWRITE_H
#define PIPELM_JSONWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/* s[0..n) with quotes around and what must be escaped escaped. */
void json_add_string(struct buf *b, const char *s, size_t n);
void json_add_cstring(struct buf *b, const char *s);

/* The shortest decimal form that reads back as the same double; NaN and
 * infinities, which JSON lacks, become null. */
void json_add_double(struct buf *b, double v);

/* The same for a number that has float precision. */
void json_add_float(struct buf *b, float v);
void json_add_int(struct buf *b, int64_t v);

/* `"key":` for an object, with a comma before it unless b ends in '{'. */
void json_add_key(struct buf *b, const char *key);

/* A comma before an array element unless b ends in '['. */
void json_add_comma(struct buf *b);

/* [1,2,3] */
void json_add_ints(struct buf *b, const int32_t *v, size_t n);
void json_add_floats(struct buf *b, const float *v, size_t n);

#endif
