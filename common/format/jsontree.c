/* jsontree.c - JSON files of configuration size: see jsontree.h; the only file
 * that uses jansson
 */
#include "common/format/jsontree.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

struct jsontree {
	char *name;
	json_t *root;
};

/* A value is a json_t under another name. */
static const json_t *json(const struct jsontree_value *v)
{
	return (const json_t *)v;
}

static const struct jsontree_value *value(const json_t *j)
{
	return (const struct jsontree_value *)j;
}

struct jsontree *jsontree_open(const char *file)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	struct jsontree *c = xcalloc(1, sizeof *c);
	json_error_t error;
	size_t n, mark;
	char *text = file_read(file, &n);

	c->name = xstrdup(file);
	mark = utf8_mark(text, n);
	c->root = json_loadb(text + mark, n - mark, flags, &error);
	/* transformers writes 10^30 for an unlimited length. */
	if (!c->root && json_error_code(&error) == json_error_numeric_overflow)
		c->root = json_loadb(text + mark, n - mark,
			flags | JSON_DECODE_INT_AS_REAL, &error);
	if (!c->root)
		die("%s:%d:%d: not valid JSON: %s", file, error.line,
			error.column, error.text);
	free(text);
	return c;
}

void jsontree_close(struct jsontree *c)
{
	if (!c)
		return;
	json_decref(c->root);
	free(c->name);
	free(c);
}

const char *jsontree_name(const struct jsontree *c)
{
	return c->name;
}

const struct jsontree_value *jsontree_root(const struct jsontree *c)
{
	return value(c->root);
}

/* An integer in any notation: 5, 5.0, or one read as a real. */
static enum jsontree_type number_type(double x)
{
	return fabs(x) <= 0x1p53 && x == floor(x) ? JSONTREE_INT : JSONTREE_REAL;
}

enum jsontree_type jsontree_type(const struct jsontree_value *v)
{
	if (!v)
		return JSONTREE_NULL;
	switch (json_typeof(json(v))) {
	case JSON_TRUE:
	case JSON_FALSE:
		return JSONTREE_BOOL;
	case JSON_INTEGER:
		return JSONTREE_INT;
	case JSON_REAL:
		return number_type(json_real_value(json(v)));
	case JSON_STRING:
		return JSONTREE_STRING;
	case JSON_ARRAY:
		return JSONTREE_ARRAY;
	case JSON_OBJECT:
		return JSONTREE_OBJECT;
	default:
		return JSONTREE_NULL;
	}
}

const struct jsontree_value *jsontree_get(const struct jsontree_value *v,
	const char *key)
{
	const json_t *j = v ? json_object_get(json(v), key) : NULL;

	return json_is_null(j) ? NULL : value(j);
}

size_t jsontree_size(const struct jsontree_value *v)
{
	if (jsontree_type(v) == JSONTREE_OBJECT)
		return json_object_size(json(v));
	return v ? json_array_size(json(v)) : 0;
}

const struct jsontree_value *jsontree_at(const struct jsontree_value *v, size_t i)
{
	return v ? value(json_array_get(json(v), i)) : NULL;
}

bool jsontree_next(const struct jsontree_value *v, void **state, const char **key,
	const struct jsontree_value **val)
{
	json_t *object = (json_t *)v;

	if (jsontree_type(v) != JSONTREE_OBJECT)
		return false;
	*state = *state ? json_object_iter_next(object, *state) :
		json_object_iter(object);
	if (!*state)
		return false;
	*key = json_object_iter_key(*state);
	*val = value(json_object_iter_value(*state));
	return true;
}

const char *jsontree_text(const struct jsontree_value *v, size_t *len)
{
	if (jsontree_type(v) != JSONTREE_STRING)
		return NULL;
	if (len)
		*len = json_string_length(json(v));
	return json_string_value(json(v));
}

int64_t jsontree_integer(const struct jsontree_value *v)
{
	double d = v ? json_number_value(json(v)) : 0;

	if (v && json_is_integer(json(v)))
		return (int64_t)json_integer_value(json(v));
	return d > -0x1p63 && d < 0x1p63 ? (int64_t)d : 0;
}

/* ---- keys with a type ---- */

static const struct jsontree_value *typed(const struct jsontree *c,
	const struct jsontree_value *v, const char *key, const char *type,
	bool (*fits)(enum jsontree_type))
{
	const struct jsontree_value *found = jsontree_get(v ? v : jsontree_root(c),
		key);

	if (found && !fits(jsontree_type(found)))
		die("%s: '%s' is not %s", c->name, key, type);
	return found;
}

static bool fits_int(enum jsontree_type t)
{
	return t == JSONTREE_INT;
}

static bool fits_number(enum jsontree_type t)
{
	return t == JSONTREE_INT || t == JSONTREE_REAL;
}

static bool fits_bool(enum jsontree_type t)
{
	return t == JSONTREE_BOOL;
}

static bool fits_string(enum jsontree_type t)
{
	return t == JSONTREE_STRING;
}

int64_t jsontree_int(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, int64_t otherwise)
{
	v = typed(c, v, key, "a whole number", fits_int);
	return v ? jsontree_integer(v) : otherwise;
}

double jsontree_real(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, double otherwise)
{
	v = typed(c, v, key, "a number", fits_number);
	return v ? json_number_value(json(v)) : otherwise;
}

bool jsontree_bool(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, bool otherwise)
{
	v = typed(c, v, key, "true or false", fits_bool);
	return v ? json_is_true(json(v)) : otherwise;
}

const char *jsontree_string(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, const char *otherwise)
{
	v = typed(c, v, key, "a string", fits_string);
	return v ? jsontree_text(v, NULL) : otherwise;
}
