/* jsonwrite.h - pieces of JSON text, appended to a buf
 *
 * Strings are written as UTF-8, escaping only what RFC 8259 requires. Invalid
 * UTF-8 becomes U+FFFD, so the output is always valid JSON.
 */
#ifndef PIPELM_JSONWRITE_H
#define PIPELM_JSONWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/* The escape, with a NUL, of a character that needs one: below ' ', '"' or
 * '\\'. Returns its length. */
int json_escape(char text[8], unsigned char c);

/* s[0..n), quoted and escaped. */
void json_add_string(struct buf *b, const char *s, size_t n);
void json_add_cstring(struct buf *b, const char *s);

/* The shortest decimal form that reads back as the same double; NaN and
 * infinities, which JSON does not have, become null. */
void json_add_double(struct buf *b, double v);

/* The same for a number with float precision. */
void json_add_float(struct buf *b, float v);
void json_add_int(struct buf *b, int64_t v);

/* `"key":` for an object, preceded by a comma unless b ends in '{'. */
void json_add_key(struct buf *b, const char *key);

/* A comma before an array element, unless b ends in '['. */
void json_add_comma(struct buf *b);

/* [1,2,3] */
void json_add_ints(struct buf *b, const int32_t *v, size_t n);
void json_add_floats(struct buf *b, const float *v, size_t n);

#endif
