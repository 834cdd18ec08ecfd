/* gguf_value.c - the values of keys in GGUF files: see gguf.h */
#include <string.h>

#include "common/base/bytes.h"
#include "common/format/gguf.h"

const struct gguf_value *gguf_find(const struct gguf *g, const char *key)
{
	const uint64_t *i = map_get(&g->keys, key, strlen(key));

	return i ? &g->values[*i] : NULL;
}

static _Noreturn void die_type(const struct gguf *g,
	const struct gguf_value *v, const char *what)
{
	die("%s: the value of '%s' is not %s%s", g->name, v->key, what,
		v->array ? ", but an array" : "");
}

/* ---- numbers ---- */

static bool is_integer(enum gguf_type type)
{
	return type != GGUF_F32 && type != GGUF_F64 && type != GGUF_TEXT &&
		type != GGUF_ARRAY;
}

/* Integers above INT64_MAX become negative, which no caller accepts. */
static int64_t integer(enum gguf_type type, const unsigned char *p)
{
	switch (type) {
	case GGUF_I8:
		return (int8_t)*p;
	case GGUF_U16:
		return get_le16(p);
	case GGUF_I16:
		return (int16_t)get_le16(p);
	case GGUF_U32:
		return get_le32(p);
	case GGUF_I32:
		return (int32_t)get_le32(p);
	case GGUF_U64:
	case GGUF_I64:
		return (int64_t)get_le64(p);
	default:
		return *p;
	}
}

static double real(enum gguf_type type, const unsigned char *p)
{
	uint32_t u;
	float x;
	double d;

	if (type == GGUF_F32) {
		u = get_le32(p);
		memcpy(&x, &u, sizeof x);
		return (double)x;
	}
	if (type == GGUF_F64) {
		uint64_t bits = get_le64(p);

		memcpy(&d, &bits, sizeof d);
		return d;
	}
	return (double)integer(type, p);
}

int64_t gguf_int(const struct gguf *g, const char *key, int64_t otherwise)
{
	const struct gguf_value *v = gguf_find(g, key);
	int64_t x;

	if (!v)
		return otherwise;
	if (v->array || !is_integer(v->type) || v->type == GGUF_BOOL)
		die_type(g, v, "an integer");
	x = integer(v->type, v->data);
	if (x < 0)
		die("%s: the value of '%s' is negative or too large", g->name,
			key);
	return x;
}

double gguf_real(const struct gguf *g, const char *key, double otherwise)
{
	const struct gguf_value *v = gguf_find(g, key);

	if (!v)
		return otherwise;
	if (v->array || v->type == GGUF_TEXT || v->type == GGUF_BOOL)
		die_type(g, v, "a number");
	return real(v->type, v->data);
}

bool gguf_bool(const struct gguf *g, const char *key, bool otherwise)
{
	const struct gguf_value *v = gguf_find(g, key);

	if (!v)
		return otherwise;
	if (v->array || v->type != GGUF_BOOL || *v->data > 1)
		die_type(g, v, "true or false");
	return *v->data;
}

/* ---- texts ---- */

const char *gguf_next_text(const unsigned char **at, size_t *len)
{
	const unsigned char *p = *at + 8;

	*len = (size_t)get_le64(*at);
	*at = p + *len;
	return (const char *)p;
}

const char *gguf_text(const struct gguf *g, const char *key, size_t *len)
{
	const struct gguf_value *v = gguf_find(g, key);
	const unsigned char *at;

	if (!v)
		return NULL;
	if (v->array || v->type != GGUF_TEXT)
		die_type(g, v, "a text");
	at = v->data;
	return gguf_next_text(&at, len);
}

bool gguf_says(const struct gguf *g, const char *key, const char *text)
{
	size_t n;
	const char *s = gguf_text(g, key, &n);

	return s && n == strlen(text) && !memcmp(s, text, n);
}

/* ---- arrays ---- */

static bool is_of(enum gguf_type type, enum gguf_elements kind)
{
	return kind == GGUF_TEXTS ? type == GGUF_TEXT :
		kind == GGUF_INTEGERS ? is_integer(type) :
		type == GGUF_F32 || type == GGUF_F64;
}

const struct gguf_value *gguf_array(const struct gguf *g, const char *key,
	enum gguf_elements kind)
{
	static const char *const names[] = { "texts", "integers", "reals" };
	const struct gguf_value *v = gguf_find(g, key);

	if (v && (!v->array || !is_of(v->type, kind)))
		die("%s: the value of '%s' is not an array of %s", g->name,
			key, names[kind]);
	return v;
}

int64_t gguf_integer_at(const struct gguf_value *v, size_t i)
{
	return integer(v->type, v->data + i * gguf_type_size(v->type));
}

double gguf_real_at(const struct gguf_value *v, size_t i)
{
	return real(v->type, v->data + i * gguf_type_size(v->type));
}

bool gguf_is_zero(const struct gguf_value *v)
{
	if (v->array)
		return !v->n;
	if (v->type == GGUF_TEXT)
		return !get_le64(v->data);
	return !(real(v->type, v->data) < 0) && !(real(v->type, v->data) > 0);
}
