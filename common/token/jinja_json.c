/* jinja_json.c - converts values from and to JSON: see jinja_value.h */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/token/jinja_value.h"

/* ---- from JSON ---- */

static struct jv string_of(struct jinja_heap *h, const struct json *v,
	unsigned char mark)
{
	struct buf b = { 0 };
	struct jv x;

	if (v->n > JINJA_MAX_MEMORY - h->bytes)
		jinja_alloc(h, v->n);	/* fails before anything is allocated */
	json_string(v, &b);
	x = jv_text(h, b.n ? b.p : "", b.n, mark);
	buf_free(&b);
	return x;
}

static struct jv number_of(struct jinja_heap *h, const struct json *v)
{
	bool real = memchr(v->p, '.', v->n) || memchr(v->p, 'e', v->n) ||
		memchr(v->p, 'E', v->n);
	double d = 0;
	int64_t i;

	if (!real && json_int(v, &i))
		return jv_int(i);
	if (!real)
		jinja_fail(h, "an integer does not fit in 64 bits: %.*s",
			(int)(v->n < 40 ? v->n : 40), v->p);
	json_double(v, &d);
	return jv_float(d);
}

static struct jv array_of(struct jinja_heap *h, const struct json *v,
	unsigned char mark)
{
	struct jv list = jv_list(h);
	struct json_iter it;
	struct json x;

	list.list->mark = mark;
	for (json_begin(&it, v); json_next(&it, NULL, &x);)
		jv_append(h, list.list, jv_from_json(h, &x, mark));
	return list;
}

static struct jv object_of(struct jinja_heap *h, const struct json *v,
	unsigned char mark)
{
	struct jv dict = jv_dict(h);
	struct json_iter it;
	struct json key, x;

	dict.dict->mark = mark;
	for (json_begin(&it, v); json_next(&it, &key, &x);)
		jv_set(h, dict.dict, string_of(h, &key, mark),
			jv_from_json(h, &x, mark));
	return dict;
}

struct jv jv_from_json(struct jinja_heap *h, const struct json *v,
	unsigned char mark)
{
	struct jv x = jv_none();

	jinja_enter(h);
	switch (v->type) {
	case JSON_TRUE:
	case JSON_FALSE:
		x = jv_bool(v->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		x = number_of(h, v);
		break;
	case JSON_STRING:
		x = string_of(h, v, mark);
		break;
	case JSON_ARRAY:
		x = array_of(h, v, mark);
		break;
	case JSON_OBJECT:
		x = object_of(h, v, mark);
		break;
	default:
		break;
	}
	jinja_leave(h);
	return x;
}

/* ---- to JSON ---- */

struct dump {
	struct jv_buf b;
	int indent;		/* negative: on one line */
	const char *comma, *colon;
	bool sorted;
};

static void dump_value(struct dump *d, struct jv x, int level,
	unsigned char around);

static void dump_character(struct jv_buf *b, const char *c, unsigned char mark)
{
	char text[8];

	json_escape(text, (unsigned char)*c);
	jv_puts(b, text, mark);
}

static void dump_string(struct jv_buf *b, struct jv_string s,
	unsigned char around)
{
	size_t i, from = 0;

	jv_put(b, "\"", 1, around);
	for (i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 32 && s.p[i] != '"' &&
			s.p[i] != '\\')
			continue;
		jv_put_string(b, jv_part(s, from, i));
		dump_character(b, s.p + i, jv_mark(s, i));
		from = i + 1;
	}
	jv_put_string(b, jv_part(s, from, s.n));
	jv_put(b, "\"", 1, around);
}

/* After a bracket or comma: a new line with that indentation, if wanted. */
static void dump_line(struct dump *d, int level, unsigned char mark)
{
	int i;

	if (d->indent < 0)
		return;
	jv_puts(&d->b, "\n", mark);
	for (i = 0; i < d->indent * level; i++)
		jv_puts(&d->b, " ", mark);
}

static void dump_list(struct dump *d, const struct jv_list *l, int level)
{
	size_t i;

	jv_puts(&d->b, "[", l->mark);
	for (i = 0; i < l->n; i++) {
		if (i)
			jv_puts(&d->b, d->comma, l->mark);
		dump_line(d, level + 1, l->mark);
		dump_value(d, l->v[i], level + 1, l->mark);
	}
	if (l->n)
		dump_line(d, level, l->mark);
	jv_puts(&d->b, "]", l->mark);
}

/* Keys that are not strings are converted. */
static void dump_key(struct dump *d, struct jv key, unsigned char mark)
{
	struct jinja_heap *h = d->b.heap;

	if (key.type == JV_STRING) {
		dump_string(&d->b, key.s, mark);
		return;
	}
	if (jv_is_sequence(key))
		jinja_fail(h, "tojson: a key is a tuple");
	jv_puts(&d->b, "\"", mark);
	dump_value(d, key, 0, mark);
	jv_puts(&d->b, "\"", mark);
}

/* The pair with the next key in order, after that of index `last`. */
static size_t next_sorted(struct dump *d, const struct jv_dict *x,
	const unsigned char *done)
{
	size_t best = x->n, i;

	jinja_steps(d->b.heap, x->n);
	for (i = 0; i < x->n; i++)
		if (!done[i] && (best == x->n || jv_order(d->b.heap,
				x->v[i].key, x->v[best].key) < 0))
			best = i;
	return best;
}

static void dump_dict(struct dump *d, const struct jv_dict *x, int level)
{
	unsigned char *done = jinja_alloc(d->b.heap, x->n + 1);
	size_t i, k;

	memset(done, 0, x->n + 1);
	jv_puts(&d->b, "{", x->mark);
	for (i = 0; i < x->n; i++) {
		k = d->sorted ? next_sorted(d, x, done) : i;
		done[k] = 1;
		if (i)
			jv_puts(&d->b, d->comma, x->mark);
		dump_line(d, level + 1, x->mark);
		dump_key(d, x->v[k].key, x->mark);
		jv_puts(&d->b, d->colon, x->mark);
		dump_value(d, x->v[k].value, level + 1, x->mark);
	}
	if (x->n)
		dump_line(d, level, x->mark);
	jv_puts(&d->b, "}", x->mark);
}

static void dump_scalar(struct dump *d, struct jv x, unsigned char mark)
{
	char text[32];

	if (x.type == JV_NONE)
		strcpy(text, "null");
	else if (x.type == JV_BOOL)
		strcpy(text, x.b ? "true" : "false");
	else if (x.type == JV_INT)
		snprintf(text, sizeof text, "%lld", (long long)x.i);
	else if (x.type == JV_FLOAT && isfinite(x.d))
		jv_number(text, x.d);
	else if (x.type == JV_FLOAT)
		strcpy(text, isnan(x.d) ? "NaN" : x.d < 0 ? "-Infinity" :
			"Infinity");
	else
		jinja_fail(d->b.heap, "tojson: a value of type %s",
			jv_type_name(x));
	jv_puts(&d->b, text, mark);
}

static void dump_value(struct dump *d, struct jv x, int level,
	unsigned char around)
{
	jinja_enter(d->b.heap);
	jinja_steps(d->b.heap, 1);
	if (x.type == JV_STRING)
		dump_string(&d->b, x.s, around);
	else if (jv_is_sequence(x))
		dump_list(d, x.list, level);
	else if (x.type == JV_DICT)
		dump_dict(d, x.dict, level);
	else
		dump_scalar(d, x, around);
	jinja_leave(d->b.heap);
}

struct jv_string jv_to_json(struct jinja_heap *h, struct jv x, int indent,
	const char *comma, const char *colon, bool sorted)
{
	struct dump d = { .b = { .heap = h }, .indent = indent, .sorted = sorted };
	bool string = x.type == JV_STRING;

	d.comma = comma ? comma : indent < 0 ? ", " : ",";
	d.colon = colon ? colon : ": ";
	dump_value(&d, x, 0, string && x.s.n ? jv_mark(x.s, 0) : 0);
	return jv_taken(&d.b);
}
