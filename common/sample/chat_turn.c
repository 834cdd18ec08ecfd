/* chat_turn.c - the turns of a conversation: see chat_turn.h */
#include "common/sample/chat_turn.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"

struct chat_turn chat_turn_new(const char *role, const char *text, size_t len)
{
	return (struct chat_turn){ .role = role, .text = xstrndup(text, len),
		.len = len };
}

struct chat_turn chat_turn_answer(struct answer *a)
{
	struct chat_turn t = chat_turn_new("assistant", buf_end(&a->text),
		a->text.n);
	size_t i;

	if (!a->tools || !a->tools->n)
		return t;
	t.tools = a->tools;
	a->tools = NULL;
	for (i = 0; i < a->ids.n; i++)
		ids_add(&t.ids, a->ids.v[i]);
	return t;
}

void chat_turn_free(struct chat_turn *t)
{
	free(t->text);
	tool_track_free(t->tools);
	ids_free(&t->ids);
}

/* ---- transcripts ---- */

/* Begins a message; the caller closes its brace. */
static void add_message(struct buf *b, const char *role, const char *text,
	size_t len)
{
	json_add_comma(b);
	buf_putc(b, '{');
	json_add_key(b, "role");
	json_add_cstring(b, role);
	json_add_key(b, "content");
	json_add_string(b, text, len);
}

static void add_call(struct buf *b, const struct tool_call *c, size_t number)
{
	const struct tool_marker *name = &c->tool->start;

	json_add_key(b, "tool_calls");
	buf_printf(b, "[{\"id\":\"call_%zu\",\"type\":\"function\","
		"\"function\":{", number);
	json_add_key(b, "name");
	json_add_string(b, name->text, name->n);
	json_add_key(b, "arguments");
	json_add_string(b, c->input.p, c->input.n);
	buf_str(b, "}}]}");
	add_message(b, "tool", c->result.p, c->result.n);
	json_add_key(b, "tool_call_id");
	buf_printf(b, "\"call_%zu\"}", number);
}

void chat_turn_json(const struct chat_turn *t, struct buf *b)
{
	size_t i, at = 0, n = t->tools ? t->tools->n : 0;

	for (i = 0; i < n; i++) {
		const struct tool_call *c = &t->tools->calls[i];

		add_message(b, t->role, t->text + at, c->from - at);
		add_call(b, c, i + 1);
		at = c->to < t->len ? c->to : t->len;
	}
	add_message(b, t->role, t->text + at, t->len - at);
	buf_putc(b, '}');
}

/* ---- exact ids ---- */

/* The end of the run of ids with the mask of the first, from `at`. */
static size_t run_end(const struct rendered *r, size_t at)
{
	size_t end = at;

	while (end < r->ids.n && r->mask[end] == r->mask[at])
		end++;
	return end;
}

static size_t count_answers(const struct rendered *r)
{
	size_t at, n = 0;

	for (at = 0; at < r->ids.n; at = run_end(r, at))
		n += r->mask[at];
	return n;
}

static void add_ids(struct ids *out, const uint32_t *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		ids_add(out, v[i]);
}

/* Appends the ids of an answer, and the token that ends its turn, the last of
 * the rendered v[0..n), if it was cut before it. */
static void add_exact(struct ids *out, const struct chat_turn *t,
	const uint32_t *v, size_t n)
{
	add_ids(out, t->ids.v, t->ids.n);
	if (t->ids.v[t->ids.n - 1] != v[n - 1])
		ids_add(out, v[n - 1]);
}

void chat_turns_exact(struct rendered *r, const struct chat_turn *const *v,
	size_t n)
{
	struct ids exact = { 0 };
	size_t at, end, i = 0, calls = 0;

	for (i = 0; i < n; i++)
		calls += v[i]->ids.n;
	if (!calls || count_answers(r) != n)
		return;
	for (at = i = 0; at < r->ids.n; at = end) {
		const uint32_t *run = r->ids.v + at;

		end = run_end(r, at);
		if (r->mask[at] && v[i]->ids.n)
			add_exact(&exact, v[i], run, end - at);
		else
			add_ids(&exact, run, end - at);
		i += r->mask[at];
	}
	ids_free(&r->ids);
	r->ids = exact;
}
