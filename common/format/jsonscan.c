/* jsonscan.c - validates JSON text and iterates over it: see jsonscan.h. Strings,
 * the bulk of any document, are scanned eight bytes at a time.
 */
#include "common/format/jsonscan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* The rest of the text: s..end; text is its start, for offsets. */
struct scan {
	const char *s, *end, *text;
	const char *what;	/* the mistake */
};

static inline const char *skip_space(const char *s, const char *end)
{
	while (s < end && ascii_json_space(*s))
		s++;
	return s;
}

static bool fail(struct scan *c, const char *what)
{
	c->what = what;
	return false;
}

static inline uint64_t zero_bytes(uint64_t x)
{
	return (x - ONES) & ~x & HIGHS;
}

/* Advances to the first quote, backslash or control character of s..end. The high
 * bits of the bytes passed accumulate in *high. */
static inline const char *string_run(const char *s, const char *end,
	uint64_t *high)
{
	uint64_t w, seen = 0;

	while (end - s >= 8) {
		memcpy(&w, s, 8);
		if (((w - 0x20 * ONES) & ~w & HIGHS) |
			zero_bytes(w ^ '"' * ONES) |
			zero_bytes(w ^ '\\' * ONES))
			break;
		seen |= w;
		s += 8;
	}
	while (s < end && *s != '"' && *s != '\\' && (unsigned char)*s >= 0x20)
		seen |= (unsigned char)*s++;
	*high |= seen;
	return s;
}

static bool check_escape(struct scan *c)
{
	static const char letters[] = "\"\\/bfnrt";
	int i;

	if (c->end - c->s < 2)
		return fail(c, "the string does not end");
	if (c->s[1] == 'u') {
		for (i = 2; i < 6; i++)
			if (c->end - c->s <= i || ascii_hex(c->s[i]) < 0)
				return fail(c, "\\u without four hex digits");
		c->s += 6;
		return true;
	}
	if (!c->s[1] || !strchr(letters, c->s[1]))
		return fail(c, "there is no such escape");
	c->s += 2;
	return true;
}

static bool check_string(struct scan *c, struct json *v)
{
	const char *from = c->s++;
	uint64_t high = 0;

	v->escaped = false;
	for (;;) {
		c->s = string_run(c->s, c->end, &high);
		if (c->s == c->end)
			return fail(c, "the string does not end");
		if (*c->s == '"')
			break;
		if (*c->s != '\\')
			return fail(c, "a control character in a string");
		if (!check_escape(c))
			return false;
		v->escaped = true;
	}
	if ((high & HIGHS) && !utf8_valid(from, (size_t)(c->s - from))) {
		c->s = from;
		return fail(c, "the string is not UTF-8");
	}
	c->s++;
	v->p = from;
	v->n = (size_t)(c->s - from);
	v->type = JSON_STRING;
	return true;
}

static bool digits(struct scan *c)
{
	const char *from = c->s;

	while (c->s < c->end && *c->s >= '0' && *c->s <= '9')
		c->s++;
	return c->s > from;
}

/* Reports a missing value. Python and other programs write floats that JSON does
 * not have by name. */
static bool no_value(struct scan *c)
{
	static const struct { const char *word, *what; } floats[] = {
		{ "NaN", "NaN is not JSON" }, { "nan", "nan is not JSON" },
		{ "Infinity", "Infinity is not JSON" },
		{ "-Infinity", "-Infinity is not JSON" },
		{ "-NaN", "-NaN is not JSON" }, { "-nan", "-nan is not JSON" },
		{ "inf", "inf is not JSON" }, { "-inf", "-inf is not JSON" }
	};
	size_t i;

	for (i = 0; i < sizeof floats / sizeof *floats; i++) {
		size_t n = strlen(floats[i].word);

		if ((size_t)(c->end - c->s) >= n &&
			!memcmp(c->s, floats[i].word, n))
			return fail(c, floats[i].what);
	}
	return fail(c, c->s == c->end ? "it ends early" : "not a value");
}

static bool check_number(struct scan *c, struct json *v)
{
	const char *from = c->s;

	if (*c->s == '-') {
		if (c->end - c->s > 1 && ascii_letter(c->s[1]))
			return no_value(c);
		c->s++;
	}
	if (c->s < c->end && *c->s == '0')
		c->s++;
	else if (!digits(c))
		return fail(c, "not a value");
	if (c->s < c->end && *c->s == '.') {
		c->s++;
		if (!digits(c))
			return fail(c, "a number without digits after the point");
	}
	if (c->s < c->end && (*c->s == 'e' || *c->s == 'E')) {
		c->s++;
		if (c->s < c->end && (*c->s == '+' || *c->s == '-'))
			c->s++;
		if (!digits(c))
			return fail(c, "a number without digits in its exponent");
	}
	v->p = from;
	v->n = (size_t)(c->s - from);
	v->type = JSON_NUMBER;
	return true;
}

static bool check_word(struct scan *c, struct json *v)
{
	static const char *const words[] = { "null", "false", "true" };
	int i;

	for (i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(c->end - c->s) >= n &&
			!memcmp(c->s, words[i], n)) {
			v->p = c->s;
			v->n = n;
			v->type = JSON_NULL + (enum json_type)i;
			c->s += n;
			return true;
		}
	}
	return no_value(c);
}

/* A string, number or literal. */
static bool check_scalar(struct scan *c, struct json *v)
{
	v->escaped = false;
	if (c->s < c->end && *c->s == '"')
		return check_string(c, v);
	if (c->s < c->end && (*c->s == '-' || (*c->s >= '0' && *c->s <= '9')))
		return check_number(c, v);
	return check_word(c, v);
}

/* `"key" :` */
static bool check_key(struct scan *c, struct json *key)
{
	c->s = skip_space(c->s, c->end);
	if (c->s == c->end)
		return fail(c, "it ends early");
	if (*c->s != '"')
		return fail(c, "a key is not a string");
	if (!check_string(c, key))
		return false;
	c->s = skip_space(c->s, c->end);
	if (c->s == c->end)
		return fail(c, "it ends early");
	if (*c->s != ':')
		return fail(c, "no colon after a key");
	c->s++;
	return true;
}

static void add_field(struct json_fields *f, const struct json *key,
	const struct json *value)
{
	f->v = grow(f->v, f->n, &f->cap, sizeof *f->v);
	f->v[f->n++] = (struct json_field){ *key, *value };
}

static bool check_value(struct scan *c, struct json *v, int depth,
	struct json_fields *f);

/* An array or object, from its bracket on; the fields of an object go to f. */
static bool check_container(struct scan *c, struct json *v, int depth,
	struct json_fields *f)
{
	const char *from = c->s++;
	bool object = *from == '{';
	char close = object ? '}' : ']';
	struct json key = { 0 }, value;

	if (depth == JSON_DEPTH)
		return fail(c, "nested too deeply");
	c->s = skip_space(c->s, c->end);
	if (c->s < c->end && *c->s == close)
		goto end;
	for (;;) {
		if (object && !check_key(c, &key))
			return false;
		if (!check_value(c, &value, depth + 1, NULL))
			return false;
		if (f && object)
			add_field(f, &key, &value);
		c->s = skip_space(c->s, c->end);
		if (c->s == c->end)
			return fail(c, "it ends early");
		if (*c->s == close)
			break;
		if (*c->s != ',')
			return fail(c, "no comma between two values");
		c->s++;
	}
end:
	c->s++;
	v->p = from;
	v->n = (size_t)(c->s - from);
	v->type = object ? JSON_OBJECT : JSON_ARRAY;
	v->escaped = false;
	return true;
}

static bool check_value(struct scan *c, struct json *v, int depth,
	struct json_fields *f)
{
	c->s = skip_space(c->s, c->end);
	if (c->s < c->end && (*c->s == '{' || *c->s == '['))
		return check_container(c, v, depth, f);
	return check_scalar(c, v);
}

static bool check_text(const char *p, size_t n, struct json *v,
	struct json_fields *f, struct json_error *e)
{
	struct scan c = { p, p + n, p, NULL };
	bool good = check_value(&c, v, 0, f);

	if (good) {
		c.s = skip_space(c.s, c.end);
		if (c.s < c.end)
			good = fail(&c, "something follows the value");
	}
	if (!good && e) {
		e->at = (size_t)(c.s - p);
		e->what = c.what;
	}
	return good;
}

bool json_check(const char *p, size_t n, struct json *v, struct json_error *e)
{
	return check_text(p, n, v, NULL, e);
}

bool json_scan(const char *p, size_t n, struct json_fields *f,
	struct json_error *e)
{
	f->n = 0;
	return check_text(p, n, &f->object, f, e);
}

bool json_object(const char *p, size_t n, struct json_fields *f,
	struct json_error *e)
{
	if (!json_scan(p, n, f, e))
		return false;
	if (f->object.type != JSON_OBJECT && e) {
		e->at = (size_t)(f->object.p - p);
		e->what = "not an object";
	}
	return f->object.type == JSON_OBJECT;
}

void json_fields_free(struct json_fields *f)
{
	free(f->v);
	*f = (struct json_fields){ 0 };
}

/* ---- iterating over validated text ---- */

/* s is at the opening quote; returns the position after the closing one. */
static const char *skip_string(const char *s, const char *end, bool *escaped)
{
	uint64_t high;

	*escaped = false;
	for (s++;;) {
		s = string_run(s, end, &high);
		if (s >= end)
			return end;
		if (*s == '"')
			return s + 1;
		*escaped = true;
		s += 2;
	}
}

static const char *skip_container(const char *s, const char *end)
{
	int depth = 0;
	bool escaped;

	while (s < end) {
		if (*s == '"') {
			s = skip_string(s, end, &escaped);
			continue;
		}
		if (*s == '{' || *s == '[')
			depth++;
		else if ((*s == '}' || *s == ']') && --depth == 0)
			return s + 1;
		s++;
	}
	return end;
}

static const char *skip_scalar(const char *s, const char *end)
{
	while (s < end && *s != ',' && *s != ']' && *s != '}' && !ascii_json_space(*s))
		s++;
	return s;
}

static enum json_type type_of(char c)
{
	switch (c) {
	case '{': return JSON_OBJECT;
	case '[': return JSON_ARRAY;
	case '"': return JSON_STRING;
	case 'n': return JSON_NULL;
	case 'f': return JSON_FALSE;
	case 't': return JSON_TRUE;
	}
	return JSON_NUMBER;
}

static const char *take(const char *s, const char *end, struct json *v)
{
	v->p = s;
	v->type = type_of(*s);
	v->escaped = false;
	if (v->type == JSON_STRING)
		s = skip_string(s, end, &v->escaped);
	else if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
		s = skip_container(s, end);
	else
		s = skip_scalar(s, end);
	v->n = (size_t)(s - v->p);
	return s;
}

void json_begin(struct json_iter *it, const struct json *v)
{
	*it = (struct json_iter){ NULL, NULL, v->type == JSON_OBJECT };
	if (v->type == JSON_OBJECT || v->type == JSON_ARRAY) {
		it->p = v->p + 1;
		it->end = v->p + v->n - 1;
	}
}

bool json_next(struct json_iter *it, struct json *key, struct json *value)
{
	struct json unused;
	const char *s = skip_space(it->p, it->end);

	if (s == it->end)
		return false;
	if (it->object) {
		s = take(s, it->end, key ? key : &unused);
		s = skip_space(s, it->end) + 1;
		s = skip_space(s, it->end);
	}
	s = skip_space(take(s, it->end, value), it->end);
	if (s < it->end)
		s++;
	it->p = s;
	return true;
}

void json_list(const struct json *v, struct json_fields *f)
{
	struct json_iter it;
	struct json key, value;

	f->n = 0;
	f->object = *v;
	if (v->type == JSON_OBJECT)
		for (json_begin(&it, v); json_next(&it, &key, &value);)
			add_field(f, &key, &value);
}

size_t json_count(const struct json *v)
{
	struct json_iter it;
	struct json unused;
	size_t n = 0;

	for (json_begin(&it, v); json_next(&it, NULL, &unused);)
		n++;
	return n;
}

const struct json *json_find(const struct json_fields *f, const char *key,
	size_t n)
{
	size_t i = f->n;

	while (i--)
		if (json_is(&f->v[i].key, key, n))
			return &f->v[i].value;
	return NULL;
}

bool json_field(const struct json_fields *f, const char *key,
	struct json *value)
{
	const struct json *found = json_find(f, key, strlen(key));

	*value = found ? *found : (struct json){ 0 };
	return found;
}

bool json_field_given(const struct json_fields *f, const char *key,
	struct json *value)
{
	return json_field(f, key, value) && value->type != JSON_NULL;
}

bool json_field_path(const struct json_fields *f, const char *path,
	struct json *value)
{
	size_t n = strcspn(path, ".");
	const struct json *found = json_find(f, path, n);

	*value = found ? *found : (struct json){ 0 };
	return found && (!path[n] || json_path(found, path + n + 1, value));
}

static bool get(const struct json *object, const char *key, size_t n,
	struct json *value)
{
	struct json_iter it;
	struct json k, v, found = { 0 };

	if (object->type == JSON_OBJECT)
		for (json_begin(&it, object); json_next(&it, &k, &v);)
			if (json_is(&k, key, n))
				found = v;
	*value = found;		/* which may be object itself */
	return found.type != JSON_NONE;
}

bool json_get(const struct json *object, const char *key, struct json *value)
{
	return get(object, key, strlen(key), value);
}

bool json_given(const struct json *object, const char *key, struct json *value)
{
	return json_get(object, key, value) && value->type != JSON_NULL;
}

bool json_flag(const struct json *object, const char *key, bool otherwise)
{
	struct json v;

	return json_get(object, key, &v) ? v.type == JSON_TRUE : otherwise;
}

bool json_says(const struct json *object, const char *key, const char *s)
{
	struct json v;

	return json_get(object, key, &v) && json_is_cstring(&v, s);
}

static bool element(const struct json *array, const char *index, size_t n,
	struct json *value)
{
	struct json_iter it;
	size_t i = 0, k;

	for (k = 0; k < n; k++) {
		if (index[k] < '0' || index[k] > '9' || i > SIZE_MAX / 16)
			return false;
		i = 10 * i + (size_t)(index[k] - '0');
	}
	json_begin(&it, array);	/* value may be array itself */
	do
		if (!json_next(&it, NULL, value))
			return false;
	while (i--);
	return true;
}

bool json_path(const struct json *v, const char *path, struct json *value)
{
	struct json at = *v;

	for (;;) {
		size_t n = strcspn(path, ".");
		bool found = at.type == JSON_ARRAY ?
			element(&at, path, n, value) :
			get(&at, path, n, value);

		if (!found) {
			*value = (struct json){ 0 };
			return false;
		}
		if (!path[n])
			return true;
		at = *value;
		path += n + 1;
	}
}
