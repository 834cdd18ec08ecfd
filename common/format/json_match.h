/* json_match.h - a JSON text that grows, byte by byte, under a schema
 *
 * A pushdown automaton: a stack of frames for each way to read the text so far,
 * of which there are several only where alternatives (anyOf) begin alike. It
 * reads RFC 8259 with these limits, which keep a text from growing without end:
 *
 *	white space	none or one space between tokens, or a newline and up
 *			to 64 spaces and tabs; before a colon and after the
 *			value none
 *	numbers		18 digits before and 18 after the point, 2 in the
 *			exponent
 *	escapes		no surrogates: characters beyond U+FFFF are written as
 *			they are; none in names of properties that the schema
 *			does not list but allows
 *	depth		JSON_MATCH_DEPTH frames: arrays and objects within each
 *			other, and the value in them
 *
 * Properties may have any order and are never repeated.
 */
#ifndef PIPELM_JSON_MATCH_H
#define PIPELM_JSON_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/format/json_schema.h"

enum { JSON_MATCH_DEPTH = 64 };

struct json_match;

/* The state of an empty text; s must outlive it. */
struct json_match *json_match_new(const struct schema *s);
struct json_match *json_match_copy(const struct json_match *m);
void json_match_free(struct json_match *m);

/* Whether a text that begins with the text so far and bytes[0..n) may satisfy the
 * schema. Several threads may ask about different states. */
bool json_match_allows(const struct json_match *m, const char *bytes, size_t n);

/* Appends bytes. Returns false, and the state is dead, if they are not
 * allowed. */
bool json_match_take(struct json_match *m, const char *bytes, size_t n);

/* Whether the text is a value that satisfies the schema; whether nothing can
 * follow it. */
bool json_match_complete(const struct json_match *m);
bool json_match_closed(const struct json_match *m);

#endif
