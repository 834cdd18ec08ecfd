/* jsonscan.h - reading JSON text (RFC 8259) in place
 *
 * A value is a span of the text it was found in; nothing is copied and no
 * tree is built. The text is checked once, whole, when it comes in
 * (json_check, json_object): grammar, escapes, UTF-8, depth. The getters walk
 * spans of checked text and check nothing again. Spans live as long as the
 * text.
 */
#ifndef PIPELM_JSONSCAN_H
#define PIPELM_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum json_type {
	JSON_NONE,		/* not there */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	const char *p;		/* with the quotes or brackets */
	size_t n;
	enum json_type type;
	bool escaped;		/* string: it has a backslash */
};

struct json_error {
	size_t at;		/* byte offset in the text */
	const char *what;	/* without a full stop */
};

/* Arrays and objects inside one another at most this deep. */
#define JSON_DEPTH 256

/* Checks that p[0..n) is one value with white space around and sets *v. On a
 * mistake returns false and fills *e, which may be NULL. */
bool json_check(const char *p, size_t n, struct json *v, struct json_error *e);

struct json_field {
	struct json key, value;
};

/* Zero-initialise; json_fields_free. Used again and again it allocates
 * nothing after its first rounds. */
struct json_fields {
	struct json_field *v;
	size_t n, cap;
	struct json object;	/* the whole */
};

/* The same in one pass with a list of the fields of the value, in order, not of
 * objects inside it; empty when it is no object, which json_object refuses. */
bool json_scan(const char *p, size_t n, struct json_fields *f,
	struct json_error *e);
bool json_object(const char *p, size_t n, struct json_fields *f,
	struct json_error *e);

/* Lists the fields of an object in checked text; none of another value. */
void json_list(const struct json *v, struct json_fields *f);
void json_fields_free(struct json_fields *f);

/* ---- fields by name: of a key given twice the last counts, as for Python and
 * jq ---- */

/* The listed field of that name, or NULL. */
const struct json *json_find(const struct json_fields *f, const char *key,
	size_t n);

/* The same as a copy: false, and type JSON_NONE, where there is none. */
bool json_field(const struct json_fields *f, const char *key,
	struct json *value);

/* null counts as missing. */
bool json_field_given(const struct json_fields *f, const char *key,
	struct json *value);

/* By a path, as json_path. */
bool json_field_path(const struct json_fields *f, const char *path,
	struct json *value);

/* ---- walking ---- */

struct json_iter {
	const char *p, *end;
	bool object;
};

/* Begins at the first element or field of v; of anything but an array or
 * object there are none. */
void json_begin(struct json_iter *it, const struct json *v);

/* The next element; key, which may be NULL, gets the key in an object. */
bool json_next(struct json_iter *it, struct json *key, struct json *value);

/* Number of elements or fields. */
size_t json_count(const struct json *v);

/* The field of an object that is not listed, as json_field: for one or two of a
 * small object, since each walks it all. */
bool json_get(const struct json *object, const char *key, struct json *value);
bool json_given(const struct json *object, const char *key,
	struct json *value);

/* Whether the field is true; otherwise when it is missing. */
bool json_flag(const struct json *object, const char *key, bool otherwise);

/* Whether the field is this string. */
bool json_says(const struct json *object, const char *key, const char *s);

/* The same for a path of keys and array indices: "metadata.url",
 * "messages.0.role". Keys that hold dots cannot be reached. */
bool json_path(const struct json *v, const char *path, struct json *value);

/* ---- values; each returns false when v is of another type ---- */

/* True when the string v is s[0..n), also where v is written with escapes. */
bool json_is(const struct json *v, const char *s, size_t n);
bool json_is_cstring(const struct json *v, const char *s);

/* Appends the characters of the string to b. \u0000 gives a NUL byte; half of
 * a surrogate pair gives U+FFFD. */
bool json_string(const struct json *v, struct buf *b);

/* The string without a copy where it has no escapes: *s points into the text;
 * otherwise into tmp, which is emptied first. */
bool json_view(const struct json *v, struct buf *tmp, const char **s,
	size_t *n);

/* A copy with a NUL behind, freed by the caller; NULL when v is no string. */
char *json_strdup(const struct json *v);

bool json_double(const struct json *v, double *out);

/* A number without fraction that fits: 7, 7.0, 7e0. */
bool json_int(const struct json *v, int64_t *out);
bool json_bool(const struct json *v, bool *out);

/* An array of numbers, of integers in int32; *out is grown with xrealloc to
 * hold *cap elements, *n are set. null counts as NaN in floats. */
bool json_ints(const struct json *v, int32_t **out, size_t *n, size_t *cap);
bool json_floats(const struct json *v, float **out, size_t *n, size_t *cap);

#endif
