/* config.c - JSON of the size of a configuration: see config.h; the only file
 * that knows jansson
 */
#include "common/format/config.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

struct config {
	char *name;
	json_t *root;
};

/* A value is a json_t under another name. */
static const json_t *json(const struct config_value *v)
{
	return (const json_t *)v;
}

static const struct config_value *value(const json_t *j)
{
	return (const struct config_value *)j;
}

struct config *config_open(const char *file)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	struct config *c = xcalloc(1, sizeof *c);
	json_error_t error;
	size_t n, mark;
	char *text = file_read(file, &n);

	c->name = xstrdup(file);
	mark = utf8_mark(text, n);
	c->root = json_loadb(text + mark, n - mark, flags, &error);
	/* transformers writes 10^30 where a length has no limit. */
	if (!c->root && json_error_code(&error) == json_error_numeric_overflow)
		c->root = json_loadb(text + mark, n - mark,
			flags | JSON_DECODE_INT_AS_REAL, &error);
	if (!c->root)
		die("%s:%d:%d: not valid JSON: %s", file, error.line,
			error.column, error.text);
	free(text);
	return c;
}

void config_close(struct config *c)
{
	if (!c)
		return;
	json_decref(c->root);
	free(c->name);
	free(c);
}

const char *config_name(const struct config *c)
{
	return c->name;
}

const struct config_value *config_root(const struct config *c)
{
	return value(c->root);
}

/* A whole number, however it is written: 5, 5.0, or read as a real. */
static enum config_type number_type(double x)
{
	return fabs(x) <= 0x1p53 && x == floor(x) ? CONFIG_INT : CONFIG_REAL;
}

enum config_type config_type(const struct config_value *v)
{
	if (!v)
		return CONFIG_NULL;
	switch (json_typeof(json(v))) {
	case JSON_TRUE:
	case JSON_FALSE:
		return CONFIG_BOOL;
	case JSON_INTEGER:
		return CONFIG_INT;
	case JSON_REAL:
		return number_type(json_real_value(json(v)));
	case JSON_STRING:
		return CONFIG_STRING;
	case JSON_ARRAY:
		return CONFIG_ARRAY;
	case JSON_OBJECT:
		return CONFIG_OBJECT;
	default:
		return CONFIG_NULL;
	}
}

const struct config_value *config_get(const struct config_value *v,
	const char *key)
{
	const json_t *j = v ? json_object_get(json(v), key) : NULL;

	return json_is_null(j) ? NULL : value(j);
}

size_t config_size(const struct config_value *v)
{
	if (config_type(v) == CONFIG_OBJECT)
		return json_object_size(json(v));
	return v ? json_array_size(json(v)) : 0;
}

const struct config_value *config_at(const struct config_value *v, size_t i)
{
	return v ? value(json_array_get(json(v), i)) : NULL;
}

bool config_next(const struct config_value *v, void **state, const char **key,
	const struct config_value **val)
{
	json_t *object = (json_t *)v;

	if (config_type(v) != CONFIG_OBJECT)
		return false;
	*state = *state ? json_object_iter_next(object, *state) :
		json_object_iter(object);
	if (!*state)
		return false;
	*key = json_object_iter_key(*state);
	*val = value(json_object_iter_value(*state));
	return true;
}

const char *config_text(const struct config_value *v, size_t *len)
{
	if (config_type(v) != CONFIG_STRING)
		return NULL;
	if (len)
		*len = json_string_length(json(v));
	return json_string_value(json(v));
}

int64_t config_integer(const struct config_value *v)
{
	double d = v ? json_number_value(json(v)) : 0;

	if (v && json_is_integer(json(v)))
		return (int64_t)json_integer_value(json(v));
	return d > -0x1p63 && d < 0x1p63 ? (int64_t)d : 0;
}

/* ---- keys with a type ---- */

static const struct config_value *typed(const struct config *c,
	const struct config_value *v, const char *key, const char *type,
	bool (*fits)(enum config_type))
{
	const struct config_value *found = config_get(v ? v : config_root(c),
		key);

	if (found && !fits(config_type(found)))
		die("%s: '%s' is not %s", c->name, key, type);
	return found;
}

static bool fits_int(enum config_type t)
{
	return t == CONFIG_INT;
}

static bool fits_number(enum config_type t)
{
	return t == CONFIG_INT || t == CONFIG_REAL;
}

static bool fits_bool(enum config_type t)
{
	return t == CONFIG_BOOL;
}

static bool fits_string(enum config_type t)
{
	return t == CONFIG_STRING;
}

int64_t config_int(const struct config *c, const struct config_value *v,
	const char *key, int64_t otherwise)
{
	v = typed(c, v, key, "a whole number", fits_int);
	return v ? config_integer(v) : otherwise;
}

double config_real(const struct config *c, const struct config_value *v,
	const char *key, double otherwise)
{
	v = typed(c, v, key, "a number", fits_number);
	return v ? json_number_value(json(v)) : otherwise;
}

bool config_bool(const struct config *c, const struct config_value *v,
	const char *key, bool otherwise)
{
	v = typed(c, v, key, "true or false", fits_bool);
	return v ? json_is_true(json(v)) : otherwise;
}

const char *config_string(const struct config *c, const struct config_value *v,
	const char *key, const char *otherwise)
{
	v = typed(c, v, key, "a string", fits_string);
	return v ? config_text(v, NULL) : otherwise;
}
