/* config_keys.c - keys of config.json: see config_keys.h */
#include "common/model/config_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"

size_t config_size(const struct jsontree *f, const char *key,
	int64_t otherwise)
{
	int64_t n = jsontree_int(f, NULL, key, otherwise);

	if (n < 0 && !jsontree_get(jsontree_root(f), key))
		die("%s: '%s' is missing", jsontree_name(f), key);
	if (n <= 0 || n > MODEL_MAX_SIZE)
		die("%s: '%s' is not from 1 to %d", jsontree_name(f), key,
			MODEL_MAX_SIZE);
	return (size_t)n;
}

void config_only(const struct jsontree *f, const char *key, const char *value)
{
	const char *text = jsontree_string(f, NULL, key, value);

	if (strcmp(text, value))
		die("%s: '%s' is '%s'; only '%s' is supported",
			jsontree_name(f), key, text, value);
}

void config_only_bool(const struct jsontree *f, const char *key, bool value)
{
	if (jsontree_bool(f, NULL, key, value) != value)
		die("%s: '%s' is %s, which is not supported", jsontree_name(f),
			key, value ? "false" : "true");
}

void config_refuse(const struct jsontree *f, const char *const *keys)
{
	const struct jsontree_value *root = jsontree_root(f), *v;

	for (; *keys; keys++) {
		v = jsontree_get(root, *keys);
		if (v && jsontree_type(v) != JSONTREE_BOOL)
			die("%s: '%s' is not supported", jsontree_name(f),
				*keys);
		if (v)
			config_only_bool(f, *keys, false);
	}
}

void config_put_size(struct buf *out, const char *key, size_t n)
{
	buf_printf(out, "  \"%s\": %zu,\n", key, n);
}

void config_put_id(struct buf *out, const char *key, int32_t id)
{
	if (id >= 0)
		buf_printf(out, "  \"%s\": %d,\n", key, (int)id);
	else
		buf_printf(out, "  \"%s\": null,\n", key);
}

void config_put_bool(struct buf *out, const char *key, bool is)
{
	buf_printf(out, "  \"%s\": %s,\n", key, is ? "true" : "false");
}

/* The shortest decimal form that reads back as the same float. */
void config_put_float(struct buf *out, const char *key, float x)
{
	char text[32];
	int digits = 1;

	do
		snprintf(text, sizeof text, "%.*g", digits++, (double)x);
	while (digits < 10 && strtof(text, NULL) != x);
	buf_printf(out, "  \"%s\": %s,\n", key, text);
}
