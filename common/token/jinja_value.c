/* jinja_value.c - heap, strings, lists and dicts of templates: see jinja_value.h
 */
#include "common/token/jinja_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/utf8.h"

/* ---- the heap ---- */

void *jinja_alloc(struct jinja_heap *h, size_t n)
{
	if (n > JINJA_MAX_MEMORY - h->bytes)
		jinja_fail(h, "needs more than %zu MiB of memory",
			JINJA_MAX_MEMORY >> 20);
	h->bytes += n;
	return arena_alloc(&h->arena, n);
}

void jinja_fail(struct jinja_heap *h, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	if (h->line)
		n = snprintf(h->why, sizeof h->why, "%.200s:%d: ", h->name,
			h->line);
	va_start(ap, fmt);
	vsnprintf(h->why + n, sizeof h->why - (size_t)n, fmt, ap);
	va_end(ap);
	longjmp(h->stop, 1);
}

void jinja_steps(struct jinja_heap *h, size_t n)
{
	h->steps += n;
	if (h->steps > JINJA_MAX_STEPS)
		jinja_fail(h, "needs more than %d steps", JINJA_MAX_STEPS);
}

void jinja_enter(struct jinja_heap *h)
{
	if (++h->depth > JINJA_MAX_DEPTH)
		jinja_fail(h, "nested deeper than %d levels",
			JINJA_MAX_DEPTH);
}

void jinja_leave(struct jinja_heap *h)
{
	h->depth--;
}

/* ---- strings ---- */

struct jv jv_literal(const char *s)
{
	return jv_of((struct jv_string){ s, NULL, strlen(s) });
}

struct jv jv_text(struct jinja_heap *h, const char *p, size_t n,
	unsigned char mark)
{
	struct jv_buf b = { .heap = h };

	jv_put(&b, p, n, mark);
	return jv_of(jv_taken(&b));
}

/* Makes room for n more bytes. Steps are counted by bytes too, so that long
 * strings are not free. */
static void jv_room(struct jv_buf *b, size_t n)
{
	size_t cap = b->cap ? 2 * b->cap : 64;
	unsigned char *mark;
	char *p;

	jinja_steps(b->heap, n / 1024);
	if (b->cap - b->n >= n)
		return;
	if (n > JINJA_MAX_MEMORY)
		cap = n;	/* jinja_alloc refuses it */
	else if (cap < b->n + n)
		cap = b->n + n;
	p = jinja_alloc(b->heap, cap);
	mark = jinja_alloc(b->heap, cap);
	if (b->n) {
		memcpy(p, b->p, b->n);
		memcpy(mark, b->mark, b->n);
	}
	b->p = p;
	b->mark = mark;
	b->cap = cap;
}

void jv_put(struct jv_buf *b, const char *p, size_t n, unsigned char mark)
{
	if (!n)
		return;
	jv_room(b, n);
	memcpy(b->p + b->n, p, n);
	memset(b->mark + b->n, mark, n);
	b->n += n;
}

void jv_puts(struct jv_buf *b, const char *s, unsigned char mark)
{
	jv_put(b, s, strlen(s), mark);
}

void jv_put_string(struct jv_buf *b, struct jv_string s)
{
	jv_put(b, s.p, s.n, 0);
	if (s.mark && s.n)
		memcpy(b->mark + b->n - s.n, s.mark, s.n);
}

struct jv_string jv_taken(const struct jv_buf *b)
{
	return (struct jv_string){ b->p ? b->p : "", b->mark, b->n };
}

struct jv_string jv_part(struct jv_string s, size_t from, size_t to)
{
	return (struct jv_string){ s.p + from, s.mark ? s.mark + from : NULL,
		to - from };
}

size_t jv_find(struct jv_string t, struct jv_string s, size_t from)
{
	size_t i;

	for (i = from; i + s.n <= t.n && i <= t.n; i++) {
		const char *at;

		if (!s.n)
			return i;
		at = memchr(t.p + i, s.p[0], t.n - s.n - i + 1);
		if (!at)
			break;
		i = (size_t)(at - t.p);
		if (!memcmp(at, s.p, s.n))
			return i;
	}
	return SIZE_MAX;
}

/* ---- lists and dicts ---- */

struct jv jv_list(struct jinja_heap *h)
{
	struct jv_list *l = jinja_alloc(h, sizeof *l);

	*l = (struct jv_list){ 0 };
	return (struct jv){ .type = JV_LIST, .list = l };
}

void jv_append(struct jinja_heap *h, struct jv_list *l, struct jv x)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 4;
		struct jv *v = jinja_alloc(h, cap * sizeof *v);

		if (l->n)
			memcpy(v, l->v, l->n * sizeof *v);
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = x;
}

struct jv jv_dict(struct jinja_heap *h)
{
	struct jv_dict *d = jinja_alloc(h, sizeof *d);

	*d = (struct jv_dict){ 0 };
	return (struct jv){ .type = JV_DICT, .dict = d };
}

struct jv *jv_get(struct jinja_heap *h, const struct jv_dict *d,
	struct jv key)
{
	size_t i;

	jinja_steps(h, d->n / 8);
	for (i = 0; i < d->n; i++)
		if (jv_equal(h, d->v[i].key, key))
			return &d->v[i].value;
	return NULL;
}

void jv_set(struct jinja_heap *h, struct jv_dict *d, struct jv key,
	struct jv value)
{
	struct jv *old;

	if (key.type == JV_LIST || key.type == JV_DICT)
		jinja_fail(h, "a %s cannot be a key", jv_type_name(key));
	old = jv_get(h, d, key);
	if (old) {
		*old = value;
		return;
	}
	if (d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 4;
		struct jv_pair *v = jinja_alloc(h, cap * sizeof *v);

		if (d->n)
			memcpy(v, d->v, d->n * sizeof *v);
		d->v = v;
		d->cap = cap;
	}
	d->v[d->n++] = (struct jv_pair){ key, value };
}

void jv_set_name(struct jinja_heap *h, struct jv_dict *d, const char *key,
	struct jv value)
{
	jv_set(h, d, jv_literal(key), value);
}

struct jv *jv_get_name(struct jinja_heap *h, const struct jv_dict *d,
	const char *key)
{
	return jv_get(h, d, jv_literal(key));
}

size_t jv_length(struct jinja_heap *h, struct jv x)
{
	switch (x.type) {
	case JV_UNDEFINED:
		return 0;
	case JV_STRING:
		return utf8_length(x.s.p, x.s.n);
	case JV_LIST:
	case JV_TUPLE:
		return x.list->n;
	case JV_DICT:
		return x.dict->n;
	default:
		jinja_fail(h, "a value of type %s has no length",
			jv_type_name(x));
	}
}

static struct jv_list *characters(struct jinja_heap *h, struct jv_string s)
{
	struct jv_list *l = jv_list(h).list;
	uint32_t c;
	size_t i;
	int n;

	for (i = 0; i < s.n; i += (size_t)n) {
		n = utf8_decode(s.p + i, s.n - i, &c, NULL);
		jv_append(h, l, jv_of(jv_part(s, i, i + (size_t)n)));
	}
	return l;
}

struct jv_list *jv_items(struct jinja_heap *h, struct jv x)
{
	struct jv_list *l;
	size_t i;

	switch (x.type) {
	case JV_LIST:
	case JV_TUPLE:
		return x.list;
	case JV_STRING:
		return characters(h, x.s);
	case JV_UNDEFINED:
		return jv_list(h).list;
	case JV_DICT:
		l = jv_list(h).list;
		for (i = 0; i < x.dict->n; i++)
			jv_append(h, l, x.dict->v[i].key);
		return l;
	default:
		jinja_fail(h, "a value of type %s is not iterable",
			jv_type_name(x));
	}
}
