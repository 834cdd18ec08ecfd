/* tool_track.c - finds the calls of tools in an answer: see tool_track.h */
#include "common/sample/tool_track.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/size.h"

void tool_track_free(struct tool_track *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->n; i++) {
		buf_free(&t->calls[i].input);
		buf_free(&t->calls[i].result);
	}
	free(t->calls);
	free(t);
}

/* The first position of a marker in text[from..n), or n. */
static size_t find(const struct buf *text, size_t from,
	const struct tool_marker *m)
{
	for (; m->id < 0 && from + m->n <= text->n; from++)
		if (!memcmp(text->p + from, m->text, m->n))
			return from;
	return text->n;
}

/* Where a marker may begin that is not complete, from `from` on; or the end. */
static size_t unsure(const struct buf *text, size_t from,
	const struct tool_marker *m)
{
	size_t at = text->n;

	if (m->id < 0)
		at -= buf_begins(text, m->text, m->n);
	return at < from ? from : at;
}

static void open_call(struct tool_track *t, const struct tool *tool,
	size_t from, size_t begin)
{
	t->open = tool;
	t->from = from;
	t->begin = t->searched = begin;
}

/* Looks for a START that the last token is or completes; of several, the first,
 * and of those the longest. */
static void find_start(struct answer *a, uint32_t id, const struct tool *tools,
	size_t n)
{
	struct tool_track *t = a->tools;
	size_t at = a->text.n, sure = at, i;
	const struct tool *found = NULL;

	for (i = 0; i < n; i++) {
		const struct tool_marker *m = &tools[i].start;
		size_t p = find(&a->text, t->searched, m);

		if (m->id == id) {
			open_call(t, &tools[i], a->text.n, a->text.n);
			return;
		}
		sure = size_min(sure, unsure(&a->text, t->searched, m));
		if (p < at || (p < a->text.n && p == at &&
				m->n > found->start.n)) {
			at = p;
			found = &tools[i];
		}
	}
	if (found)
		open_call(t, found, at, at + found->start.n);
	else
		t->searched = sure;
}

static struct tool_call *add_call(struct answer *a, size_t end)
{
	struct tool_track *t = a->tools;
	struct tool_call *c;

	t->calls = grow(t->calls, t->n, &t->cap, sizeof *t->calls);
	c = &t->calls[t->n++];
	*c = (struct tool_call){ .tool = t->open, .from = t->from,
		.to = a->text.n };
	buf_add(&c->input, a->text.p + t->begin, end - t->begin);
	t->open = NULL;
	t->searched = a->text.n;
	return c;
}

/* Looks for the END of the open call. */
static struct tool_call *find_end(struct answer *a, uint32_t id)
{
	struct tool_track *t = a->tools;
	const struct tool_marker *m = &t->open->end;
	size_t at;

	if (m->id >= 0)
		return m->id == id ? add_call(a, a->text.n) : NULL;
	at = find(&a->text, t->searched, m);
	if (at < a->text.n)
		return add_call(a, at);
	t->searched = unsure(&a->text, t->searched, m);
	return NULL;
}

struct tool_call *tool_track_token(struct answer *a, const struct tool *tools,
	size_t n)
{
	size_t last = a->ids.n - 1;
	struct tool_track *t = a->tools;
	bool was_open;

	if (!t)
		t = a->tools = xcalloc(1, sizeof *t);
	if (!a->mask[last]) {
		t->searched = a->text.n;
		return NULL;
	}
	was_open = t->open;
	if (!was_open)
		find_start(a, a->ids.v[last], tools, n);
	/* A START that is a special token may be the END too. */
	if (!t->open || (!was_open && t->open->start.id >= 0))
		return NULL;
	return find_end(a, a->ids.v[last]);
}

size_t tool_track_settled(const struct answer *a)
{
	const struct tool_track *t = a->tools;

	return !t ? a->text.n : t->open ? t->from : t->searched;
}

size_t tool_track_done(const struct answer *a)
{
	return a->tools ? a->tools->n - a->waiting : 0;
}
