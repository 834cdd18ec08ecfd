/* jsonedit.c - changes keys of a line: see jsonedit.h. Edits become splices of the
 * text, which are sorted and applied in one pass.
 */
#include "common/format/jsonedit.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"

/* At byte `at` of the line, `cut` bytes are replaced by text[0..n). */
struct json_splice {
	size_t at, cut;
	const char *text;
	size_t n;
};

static void note(struct json_edits *e, const char *path, size_t at)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (!strcmp(e->v[i].path, path))
			break;
	if (i == e->n) {
		e->v = grow(e->v, e->n, &e->cap, sizeof *e->v);
		e->n++;
	}
	e->v[i] = (struct json_edit){ path, at, e->values.n - at };
}

void json_edit(struct json_edits *e, const char *path, const char *text,
	size_t n)
{
	size_t at = e->values.n;

	buf_add(&e->values, text, n);
	note(e, path, at);
}

void json_edit_string(struct json_edits *e, const char *path, const char *s,
	size_t n)
{
	size_t at = e->values.n;

	json_add_string(&e->values, s, n);
	note(e, path, at);
}

void json_edit_double(struct json_edits *e, const char *path, double v)
{
	size_t at = e->values.n;

	json_add_double(&e->values, v);
	note(e, path, at);
}

static void splice(struct json_edits *e, size_t at, size_t cut,
	const char *text, size_t n)
{
	e->splices = grow(e->splices, e->nsplice, &e->splice_cap,
		sizeof *e->splices);
	e->splices[e->nsplice++] = (struct json_splice){ at, cut, text, n };
}

static void add_member(struct buf *b, const char *key, size_t nkey,
	const char *text, size_t n)
{
	if (b->n)
		buf_putc(b, ',');
	json_add_string(b, key, nkey);
	buf_putc(b, ':');
	buf_add(b, text, n);
}

/* Inserts the members in b after the last one of an object whose closing bracket
 * is at byte `close`. */
static void splice_members(struct json_edits *e, struct buf *b, size_t close,
	bool empty)
{
	if (!b->n)
		return;
	if (!empty) {
		buf_putc(b, ',');
		memmove(b->p + 1, b->p, b->n - 1);
		b->p[0] = ',';
	}
	splice(e, close, 0, b->p, b->n);
}

/* All edits of paths "parent.key" with this parent. members is working memory. */
static void edit_inside(struct json_edits *e, const char *line,
	const struct json_fields *f, const char *parent, size_t n,
	struct buf *members, struct buf *top)
{
	const struct json *object = json_find(f, parent, n);
	bool usable = object && object->type == JSON_OBJECT;
	struct json old;
	size_t i;

	for (i = 0; i < e->n; i++) {
		const char *path = e->v[i].path, *key = path + n + 1;
		const char *text = e->values.p + e->v[i].at;

		if (strncmp(path, parent, n) || path[n] != '.')
			continue;
		if (usable && json_get(object, key, &old))
			splice(e, (size_t)(old.p - line), old.n, text,
				e->v[i].n);
		else
			add_member(members, key, strlen(key), text, e->v[i].n);
	}
	if (usable) {
		splice_members(e, members,
			(size_t)(object->p - line) + object->n - 1,
			json_count(object) == 0);
		return;
	}
	buf_putc(members, '{');
	memmove(members->p + 1, members->p, members->n - 1);
	members->p[0] = '{';
	buf_putc(members, '}');
	if (object)
		splice(e, (size_t)(object->p - line), object->n, members->p,
			members->n);
	else
		add_member(top, parent, n, members->p, members->n);
}

/* Whether an edit before i has the same parent. */
static bool parent_done(const struct json_edits *e, size_t i, size_t n)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (!strncmp(e->v[k].path, e->v[i].path, n + 1))
			return true;
	return false;
}

static void make_splices(struct json_edits *e, const char *line, size_t end,
	const struct json_fields *f)
{
	struct buf *top = &e->scratch[0];
	size_t i, parents = 0;

	for (i = 0; i < e->n; i++) {
		const char *path = e->v[i].path, *dot = strchr(path, '.');
		const char *text = e->values.p + e->v[i].at;
		const struct json *old;

		if (!dot) {
			old = json_find(f, path, strlen(path));
			if (old)
				splice(e, (size_t)(old->p - line), old->n,
					text, e->v[i].n);
			else
				add_member(top, path, strlen(path), text,
					e->v[i].n);
		} else if (!parent_done(e, i, (size_t)(dot - path))) {
			if (++parents > 2)
				die("json edits under three parents");
			edit_inside(e, line, f, path, (size_t)(dot - path),
				&e->scratch[parents], top);
		}
	}
	splice_members(e, top, end - 1, f->n == 0);
}

static int by_place(const void *a, const void *b)
{
	const struct json_splice *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

void json_edits_apply(struct json_edits *e, const char *line, size_t n,
	const struct json_fields *f, struct buf *out)
{
	size_t end = n, done = 0, i;

	if (!e->n) {
		buf_add(out, line, n);
		return;
	}
	while (end && line[end - 1] != '}')
		end--;
	for (i = 0; i < 3; i++)
		buf_reset(&e->scratch[i]);
	e->nsplice = 0;
	make_splices(e, line, end, f);
	qsort(e->splices, e->nsplice, sizeof *e->splices, by_place);
	for (i = 0; i < e->nsplice; i++) {
		const struct json_splice *s = &e->splices[i];

		buf_add(out, line + done, s->at - done);
		buf_add(out, s->text, s->n);
		done = s->at + s->cut;
	}
	buf_add(out, line + done, n - done);
}

void json_edits_reset(struct json_edits *e)
{
	e->n = 0;
	buf_reset(&e->values);
}

void json_edits_free(struct json_edits *e)
{
	int i;

	free(e->v);
	free(e->splices);
	buf_free(&e->values);
	for (i = 0; i < 3; i++)
		buf_free(&e->scratch[i]);
	*e = (struct json_edits){ 0 };
}
