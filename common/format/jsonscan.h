/* jsonscan.h - reads JSON text (RFC 8259) in place
 *
 * A value is a span of the text it was found in; nothing is copied and no tree is
 * built. The text is validated once, as a whole, when it is read (json_check,
 * json_object): grammar, escapes, UTF-8, depth. The getters walk spans of
 * validated text and check nothing again. Spans live as long as the text.
 */
#ifndef PIPELM_JSONSCAN_H
#define PIPELM_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum json_type {
	JSON_NONE,		/* missing */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	const char *p;		/* including quotes or brackets */
	size_t n;
	enum json_type type;
	bool escaped;		/* string: it contains a backslash */
};

struct json_error {
	size_t at;		/* byte offset in the text */
	const char *what;	/* without a full stop */
};

/* The maximum nesting depth of arrays and objects. */
#define JSON_DEPTH 256

/* Validates that p[0..n) is one value, with white space around it, and sets *v. On
 * an error returns false and fills *e, which may be NULL. */
bool json_check(const char *p, size_t n, struct json *v, struct json_error *e);

struct json_field {
	struct json key, value;
};

/* Zero-initialise it; free it with json_fields_free. When reused, it soon
 * allocates nothing more. */
struct json_fields {
	struct json_field *v;
	size_t n, cap;
	struct json object;	/* the whole object */
};

/* The same, listing in the same pass the fields of the value in order, but not
 * those of nested objects; the list is empty if the value is not an object, which
 * json_object refuses. */
bool json_scan(const char *p, size_t n, struct json_fields *f,
	struct json_error *e);
bool json_object(const char *p, size_t n, struct json_fields *f,
	struct json_error *e);

/* Lists the fields of an object in validated text; none for another value. */
void json_list(const struct json *v, struct json_fields *f);
void json_fields_free(struct json_fields *f);

/* ---- fields by name; of duplicate keys the last counts, as in Python and jq ---- */

/* The listed field with that name, or NULL. */
const struct json *json_find(const struct json_fields *f, const char *key,
	size_t n);

/* The same as a copy: false, and type JSON_NONE, when it is missing. */
bool json_field(const struct json_fields *f, const char *key,
	struct json *value);

/* null counts as missing. */
bool json_field_given(const struct json_fields *f, const char *key,
	struct json *value);

/* By a path, like json_path. */
bool json_field_path(const struct json_fields *f, const char *path,
	struct json *value);

/* ---- iteration ---- */

struct json_iter {
	const char *p, *end;
	bool object;
};

/* Starts at the first element or field of v; values other than arrays and objects
 * have none. */
void json_begin(struct json_iter *it, const struct json *v);

/* The next element; key, which may be NULL, gets the key in an object. */
bool json_next(struct json_iter *it, struct json *key, struct json *value);

/* Number of elements or fields. */
size_t json_count(const struct json *v);

/* A field of an object that is not listed, as in json_field: for one or two fields
 * of a small object, since each call scans it. */
bool json_get(const struct json *object, const char *key, struct json *value);
bool json_given(const struct json *object, const char *key,
	struct json *value);

/* Whether the field is true; `otherwise` when it is missing. */
bool json_flag(const struct json *object, const char *key, bool otherwise);

/* Whether the field is this string. */
bool json_says(const struct json *object, const char *key, const char *s);

/* The same for a path of keys and array indices: "metadata.url",
 * "messages.0.role". Keys that hold dots cannot be reached. */
bool json_path(const struct json *v, const char *path, struct json *value);

/* ---- values; each returns false when v has another type ---- */

/* Whether the string v is s[0..n), even if v is written with escapes. */
bool json_is(const struct json *v, const char *s, size_t n);
bool json_is_cstring(const struct json *v, const char *s);

/* Appends the characters of the string to b. \u0000 gives a NUL byte; an unpaired
 * surrogate gives U+FFFD. */
bool json_string(const struct json *v, struct buf *b);

/* The string, without copying if it has no escapes: *s then points into the text;
 * otherwise into tmp, which is emptied first. */
bool json_view(const struct json *v, struct buf *tmp, const char **s,
	size_t *n);

/* A NUL-terminated copy, which the caller frees; NULL when v is not a string. */
char *json_strdup(const struct json *v);

bool json_double(const struct json *v, double *out);

/* A number without fraction that fits: 7, 7.0, 7e0. */
bool json_int(const struct json *v, int64_t *out);
bool json_bool(const struct json *v, bool *out);

/* An array of numbers, for integers in int32; *out is grown with xrealloc to *cap
 * elements, of which *n are set. null counts as NaN in floats. */
bool json_ints(const struct json *v, int32_t **out, size_t *n, size_t *cap);
bool json_floats(const struct json *v, float **out, size_t *n, size_t *cap);

#endif
