/* constraint.h - what the text of an answer must look like: a regular expression
 * or a JSON Schema
 *
 * A token is allowed if the text so far, with its bytes, can still become a text
 * that satisfies the constraint. An answer that ends by itself is then complete.
 * The constraint is shared by all answers; each has a state of its own.
 */
#ifndef PIPELM_CONSTRAINT_H
#define PIPELM_CONSTRAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/format/jsonscan.h"

struct constraint;

/* The whole text matches a pattern: regex.h. An invalid pattern is a usage error
 * that names the option `what`. */
struct constraint *constraint_regex(const char *pattern, const char *what);

/* The text is a JSON value that satisfies a schema: json_schema.h. NULL, and the
 * reason in *why, if the schema is invalid or has a keyword that is not
 * supported. */
struct constraint *constraint_schema(const struct json *schema, struct buf *why);
void constraint_free(struct constraint *c);

/* The state of an answer, at first that of an empty text. A state belongs to one
 * thread at a time; c must outlive it. */
struct constraint_state;
struct constraint_state *constraint_begin(const struct constraint *c);
struct constraint_state *constraint_copy(const struct constraint_state *s);
void constraint_end(struct constraint_state *s);

/* Whether bytes[0..n) may follow. They may end within a UTF-8 character. */
bool constraint_allows(struct constraint_state *s, const char *bytes, size_t n);

/* Appends bytes that it allows. */
void constraint_take(struct constraint_state *s, const char *bytes, size_t n);

/* Whether the text satisfies the constraint as it is; and whether nothing may
 * follow it. The second may be false although no token is allowed: then only
 * trying shows. */
bool constraint_complete(const struct constraint_state *s);
bool constraint_closed(const struct constraint_state *s);

#endif
