/* template_render.c - renders a conversation to ids and mask: see template.h
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/token/jinja_value.h"
#include "common/token/template_parts.h"

void rendered_free(struct rendered *r)
{
	ids_free(&r->ids);
	free(r->mask);
	*r = (struct rendered){ 0 };
}

/* ---- the template's variables ---- */

struct setting {
	const struct template *t;
	const struct dialogue *d;
};

/* Names that may be part of a special token, as in '<|' + role + '|>'. */
static bool is_known_role(const char *role)
{
	static const char *const known[] = { "system", "user", "assistant",
		"tool", "developer", "function", "ipython", "model" };
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(role, known[i]))
			return true;
	return false;
}

/* Keys other than role and content: tool_calls, name, reasoning_content ... A null
 * value counts as missing, as in transformers 5. */
static void add_other_keys(struct jinja_heap *h, struct jv_dict *to,
	const struct json *from, unsigned char mark)
{
	static const char *const own[] = { "role", "content", "from", "value" };
	struct json_iter it;
	struct json key, value;
	size_t i;

	for (json_begin(&it, from); json_next(&it, &key, &value);) {
		for (i = 0; i < 4 && !json_is_cstring(&key, own[i]);)
			i++;
		if (i == 4 && value.type != JSON_NULL)
			jv_set(h, to, jv_from_json(h, &key, mark),
				jv_from_json(h, &value, mark));
	}
}

/* Reasoning has had three names; templates read the first two. */
static void alias_reasoning(struct jinja_heap *h, struct jv_dict *m)
{
	static const char *const names[] = { "reasoning_content", "thinking",
		"reasoning" };
	size_t i;

	for (i = 0; i < 3; i++) {
		const struct jv *x = jv_get_name(h, m, names[i]);
		struct jv thought;

		if (!x)
			continue;
		thought = *x;
		jv_set_name(h, m, names[0], thought);
		if (!jv_get_name(h, m, names[1]))
			jv_set_name(h, m, names[1], thought);
		break;
	}
}

static struct jv message_value(struct jinja_heap *h, const struct message *m,
	bool learn)
{
	unsigned char data = JINJA_DATA | (learn ? JINJA_LEARN : 0);
	unsigned char role = (is_known_role(m->role) ? 0 : JINJA_DATA) |
		(learn ? JINJA_ROLE : 0);
	struct jv v = jv_dict(h);

	v.dict->mark = data;
	jv_set_name(h, v.dict, "role", jv_text(h, m->role, strlen(m->role),
		role));
	if (m->content)
		jv_set_name(h, v.dict, "content", jv_text(h, m->content,
			m->len, data));
	if (m->json.type == JSON_OBJECT)
		add_other_keys(h, v.dict, &m->json, data);
	alias_reasoning(h, v.dict);
	return v;
}

/* The keys of the line other than its messages. */
static void set_line(struct jinja_heap *h, struct jv_dict *vars,
	const struct json *line)
{
	struct json v, key, value;
	struct json_iter it;

	if (json_given(line, "tools", &v) && v.type != JSON_ARRAY)
		jinja_fail(h, "'tools' is not a list");
	if (json_get(line, "tools", &v))
		jv_set_name(h, vars, "tools", jv_from_json(h, &v, JINJA_DATA));
	if (json_get(line, "documents", &v))
		jv_set_name(h, vars, "documents", jv_from_json(h, &v,
			JINJA_DATA));
	if (!json_given(line, "chat_template_kwargs", &v))
		return;
	if (v.type != JSON_OBJECT)
		jinja_fail(h, "'chat_template_kwargs' is not an object");
	for (json_begin(&it, &v); json_next(&it, &key, &value);)
		jv_set(h, vars, jv_from_json(h, &key, JINJA_DATA),
			jv_from_json(h, &value, JINJA_DATA));
}

static void set_variables(void *ctx, struct jinja_heap *h,
	struct jv_dict *vars)
{
	const struct setting *s = ctx;
	const struct dialogue *d = s->d;
	struct jv list = jv_list(h);
	size_t i;

	list.list->mark = JINJA_DATA;
	for (i = 0; i < d->n; i++)
		jv_append(h, list.list, message_value(h, &d->v[i],
			d->learn && d->learn[i]));
	for (i = 0; i < TEMPLATE_NAMES; i++)
		if (s->t->names[i].value)
			jv_set_name(h, vars, s->t->names[i].key,
				jv_literal(s->t->names[i].value));
	jv_set_name(h, vars, "tools", jv_none());
	jv_set_name(h, vars, "documents", jv_none());
	if (d->line)
		set_line(h, vars, d->line);
	jv_set_name(h, vars, "messages", list);
	jv_set_name(h, vars, "add_generation_prompt", jv_bool(d->prompt));
}

bool template_text(const struct template *t, struct jinja_run *run,
	const struct dialogue *d, struct jinja_output *out, const char **why)
{
	struct setting s = { t, d };

	return jinja_render(run, set_variables, &s, out, why);
}

/* ---- encoding ---- */

/* The special token that the template's own text spells at `at`: the length of
 * the longest one, and its value in specials; 0: none. */
static size_t special_at(const struct template *t,
	const struct jinja_output *text, size_t at, uint64_t *value)
{
	size_t n = 0, most = text->n - at;
	const uint64_t *found;

	if (most > t->longest)
		most = t->longest;
	while (n < most && !(text->mark[at + n] & JINJA_DATA))
		n++;
	for (; n > 0; n--) {
		found = map_get(&t->specials, text->p + at, n);
		if (found) {
			*value = *found;
			return n;
		}
	}
	return 0;
}

static void add_piece(struct template_pieces *p, size_t at, size_t n,
	int64_t id)
{
	if (!n)
		return;
	p->v = grow(p->v, p->n, &p->cap, sizeof *p->v);
	p->v[p->n++] = (struct template_piece){ at, n, id };
}

void template_cut(const struct template *t, const struct jinja_output *text,
	struct template_pieces *out)
{
	size_t at = 0, from = 0;

	while (at < text->n) {
		uint64_t value = 0;
		size_t n = special_at(t, text, at, &value), end = at;

		if (!n) {
			at++;
			continue;
		}
		while (value & TEMPLATE_LSTRIP && end > from &&
				ascii_space(text->p[end - 1]))
			end--;
		add_piece(out, from, end - from, -1);
		add_piece(out, at, n, (int64_t)(value & UINT32_MAX));
		at += n;
		while (value & TEMPLATE_RSTRIP && at < text->n &&
				ascii_space(text->p[at]))
			at++;
		from = at;
	}
	add_piece(out, from, at - from, -1);
}

/* Sets the mask of the ids from index `from` on. */
static void set_mask(struct rendered *r, size_t from, bool learn)
{
	if (r->mask_cap < r->ids.n) {
		r->mask_cap = r->ids.cap;
		r->mask = xrealloc(r->mask, r->mask_cap, 1);
	}
	if (r->ids.n > from)
		memset(r->mask + from, learn, r->ids.n - from);
}

static void add_text(struct encoder *e, enum tok_place place, const char *p,
	size_t n, bool learn, struct rendered *out)
{
	size_t from = out->ids.n;

	tok_encode_at(e, place, p, n, &out->ids);
	set_mask(out, from, learn);
}

/* If the tokens from index `from` on spell p[0..n), perhaps after a space that
 * encoding put there, learns those with a learned byte. False when they spell
 * something else, which happens in vocabularies that normalize text. */
static bool mask_by_bytes(const struct vocab *v, const char *p, size_t n,
	const unsigned char *learn, size_t from, struct rendered *out)
{
	struct buf text = { 0 };
	size_t i, space, at = 0, len;
	bool same;

	tok_decode(v, out->ids.v + from, out->ids.n - from, &text);
	space = text.n == n + 1 && *text.p == ' ';
	same = text.n == n + space && !memcmp(text.p + space, p, n);
	buf_free(&text);
	set_mask(out, from, false);
	for (i = from; i < out->ids.n && same; i++) {
		vocab_bytes(v, out->ids.v[i], &len);
		len -= space;
		space = 0;
		out->mask[i] = memchr(learn + at, 1, len ? len : 1) != NULL;
		at += len;
	}
	return same;
}

/* Text that is partly learned: encoded as a whole, or in parts if tokens cannot
 * be assigned to one of them. */
static void add_mixed(const struct vocab *v, struct encoder *e,
	enum tok_place place, const char *p, size_t n,
	const unsigned char *learn, struct rendered *out)
{
	size_t from = out->ids.n, at, end;

	tok_encode_at(e, place, p, n, &out->ids);
	if (mask_by_bytes(v, p, n, learn, from, out))
		return;
	out->ids.n = from;
	for (at = 0; at < n; at = end) {
		for (end = at; end < n && learn[end] == learn[at];)
			end++;
		add_text(e, at ? TOK_INSIDE : place, p + at, end - at,
			learn[at], out);
	}
}

static void add_pieces(const struct template *t, struct encoder *e,
	const struct jinja_output *text, const struct template_pieces *pieces,
	const unsigned char *learn, struct rendered *out)
{
	size_t i;

	for (i = 0; i < pieces->n; i++) {
		const struct template_piece *p = &pieces->v[i];
		const unsigned char *l = learn + p->at;
		enum tok_place place = i ? TOK_AFTER : TOK_START;

		if (p->id >= 0) {
			ids_add(&out->ids, (uint32_t)p->id);
			set_mask(out, out->ids.n - 1, *l);
		} else if (memchr(l, !*l, p->n)) {
			add_mixed(t->vocab, e, place, text->p + p->at, p->n,
				l, out);
		} else {
			add_text(e, place, text->p + p->at, p->n, *l, out);
		}
	}
}

const char *template_render(const struct template *t, struct encoder *e,
	const struct dialogue *d, struct rendered *out)
{
	struct jinja_run *run = jinja_begin(t->jinja);
	struct template_pieces pieces = { 0 };
	struct jinja_output text;
	unsigned char *learn;
	const char *why = NULL;

	out->ids.n = 0;
	if (template_text(t, run, d, &text, &why)) {
		learn = xcalloc(text.n + 1, 1);
		template_cut(t, &text, &pieces);
		template_mark(t, &text, &pieces, learn);
		add_pieces(t, e, &text, &pieces, learn, out);
		free(learn);
		free(pieces.v);
		why = NULL;
	} else {
		snprintf(out->why, sizeof out->why, "the chat template "
			"refuses it: %s", why);
		why = out->why;
	}
	jinja_end(run);
	return why;
}
