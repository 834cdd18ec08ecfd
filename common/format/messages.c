/* messages.c - reads lists of messages from JSON: see messages.h */
#include "common/format/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/err.h"
#include "common/base/mem.h"

#define MAX_ROLE 32

void reading_free(struct reading *r)
{
	arena_free(&r->arena);
	buf_free(&r->text);
	json_fields_free(&r->fields);
}

bool messages_fail(struct reading *r, const char *at, const char *why)
{
	r->at = at;
	r->why = why;
	return false;
}

void messages_add(struct messages *m, struct message x)
{
	m->v = grow(m->v, m->n, &m->cap, sizeof *m->v);
	m->v[m->n++] = x;
}

void messages_add_text(struct reading *r, struct messages *m, const char *role,
	const char *text, size_t n)
{
	messages_add(m, (struct message){ .role = role,
		.content = arena_strndup(&r->arena, text, n), .len = n });
}

void messages_free(struct messages *m)
{
	free(m->v);
	*m = (struct messages){ 0 };
}

/* ---- roles ---- */

static const char *known_role(const char *s)
{
	static const char *const names[][2] = {
		{ "human", "user" }, { "prompter", "user" },
		{ "gpt", "assistant" }, { "chatgpt", "assistant" },
		{ "bing", "assistant" }, { "bard", "assistant" },
		{ "model", "assistant" }, { "function", "tool" },
		{ "observation", "tool" }, { "function_response", "tool" },
		{ "function_call", "assistant" }
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(s, names[i][0]))
			return names[i][1];
	return s;
}

/* Letters, digits, '_' and '-', which every chat template can render. */
static bool is_role(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s[i]) ||
			!s[i])
			return false;
	return n > 0 && n <= MAX_ROLE;
}

/* An unknown role is rendered unchanged; but since it may be misspelt, the first
 * one is reported. */
static void tell_unknown(const char *s)
{
	static const char *const names[] = { "system", "developer", "user",
		"assistant", "tool", "ipython" };
	static bool told;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(s, names[i]))
			return;
	if (!told)
		warn("the role '%s' is not system, user, assistant or "
			"tool: it is kept unchanged", s);
	told = true;
}

static void fail_role(struct reading *r, const struct json *v,
	const char *s, size_t n)
{
	char why[128];

	if (n > MAX_ROLE + 8)
		n = MAX_ROLE + 8;
	snprintf(why, sizeof why, "a role is not a word: '%.*s'", (int)n, s);
	messages_fail(r, v->p, arena_strndup(&r->arena, why, strlen(why)));
}

static const char *read_role(struct reading *r, const struct json *v)
{
	const char *s;
	size_t n;

	if (!json_view(v, &r->text, &s, &n)) {
		messages_fail(r, v->p, "a role is not a string");
		return NULL;
	}
	if (!is_role(s, n)) {
		fail_role(r, v, s, n);
		return NULL;
	}
	s = known_role(arena_strndup(&r->arena, s, n));
	tell_unknown(s);
	return s;
}

/* ---- contents ---- */

/* Parts [{"type":"text","text":"..."}, ...] are concatenated. */
static bool read_parts(struct reading *r, const struct json *parts)
{
	struct json_iter it;
	struct json part, v;

	for (json_begin(&it, parts); json_next(&it, NULL, &part);) {
		if (json_string(&part, &r->text))
			continue;
		if (json_get(&part, "type", &v) && !json_is_cstring(&v, "text"))
			return messages_fail(r, v.p,
				"a part of a message is not text");
		if (!json_get(&part, "text", &v) || !json_string(&v, &r->text))
			return messages_fail(r, part.p,
				"a part of a message has no text");
	}
	return true;
}

static bool read_content(struct reading *r, struct messages *m,
	const char *role, const struct json *v)
{
	buf_reset(&r->text);
	if (v->type == JSON_ARRAY) {
		if (!read_parts(r, v))
			return false;
	} else if (v->type == JSON_NULL) {
		return messages_fail(r, v->p, "the content of a message is "
			"null");
	} else if (!json_string(v, &r->text)) {
		return messages_fail(r, v->p, "the content is not a string");
	}
	buf_end(&r->text);
	messages_add_text(r, m, role, r->text.p, r->text.n);
	return true;
}

/* Whether the message calls tools; it may then have no content. */
static bool calls_tools(const struct json_fields *f)
{
	struct json calls;

	return json_field(f, "tool_calls", &calls) && json_count(&calls) > 0;
}

/* "weight": 0 excludes a message from the loss; 1 is the default. */
static bool read_weight(struct reading *r, struct message *m,
	const struct json_fields *f)
{
	struct json weight;
	double x;

	if (!json_field_given(f, "weight", &weight))
		return true;
	if (!json_double(&weight, &x) || (x != 0 && x != 1))
		return messages_fail(r, weight.p,
			"the weight of a message is neither 0 nor 1");
	m->unlearned = x == 0;
	return true;
}

/* Sets *content, JSON_NONE or null with tool_calls; false: an error. */
static bool find_content(struct reading *r, const struct json_fields *f,
	struct json *content)
{
	bool is_null;

	if (json_field_given(f, "content", content) ||
		json_field_given(f, "value", content) || calls_tools(f))
		return true;
	is_null = json_field(f, "content", content) ||
		json_field(f, "value", content);
	return messages_fail(r, f->object.p, is_null ?
		"the content of a message is null" :
		"a message has no content");
}

static bool read_message(struct reading *r, struct messages *m,
	const struct json *v)
{
	const struct json_fields *f = &r->fields;
	struct json role, content;
	const char *name;

	json_list(v, &r->fields);
	if (!json_field_given(f, "role", &role) &&
		!json_field_given(f, "from", &role))
		return messages_fail(r, v->p, "a message has no role");
	if (json_field_given(f, "function_call", &content))
		return messages_fail(r, content.p, "a call of a function in "
			"the older form: tool_calls is the one for templates");
	if (!find_content(r, f, &content))
		return false;
	name = read_role(r, &role);
	if (!name)
		return false;
	if (calls_tools(f) && (content.type == JSON_NONE ||
			content.type == JSON_NULL))
		messages_add(m, (struct message){ .role = name });
	else if (!read_content(r, m, name, &content))
		return false;
	m->v[m->n - 1].json = *v;
	return read_weight(r, &m->v[m->n - 1], f);
}

bool messages_read(struct reading *r, struct messages *m, const struct json *v,
	const char *role)
{
	struct json_iter it;
	struct json e;

	if (v->type == JSON_STRING)
		return read_content(r, m, role, v);
	if (v->type != JSON_ARRAY)
		return messages_fail(r, v->p,
			"neither a string nor a list of messages");
	for (json_begin(&it, v); json_next(&it, NULL, &e);)
		if (!read_message(r, m, &e))
			return false;
	return true;
}

/* ---- transcripts ---- */

static bool begins(const char *s, const char *end, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(end - s) >= n && !memcmp(s, what, n);
}

/* The mark of a turn at s, with its role and length; NULL: none. */
static const char *mark_at(const char *s, const char *end, size_t *n)
{
	static const char human[] = "\n\nHuman:", other[] = "\n\nAssistant:";

	if (begins(s, end, human)) {
		*n = sizeof human - 1;
		return "user";
	}
	if (begins(s, end, other)) {
		*n = sizeof other - 1;
		return "assistant";
	}
	return NULL;
}

static void add_trimmed(struct reading *r, struct messages *m,
	const char *role, const char *s, const char *end)
{
	size_t n = ascii_trim(&s, (size_t)(end - s), ascii_json_space);

	messages_add_text(r, m, role, s, n);
}

bool messages_read_transcript(struct reading *r, struct messages *m,
	const struct json *v)
{
	const char *s, *end, *from, *role, *next;
	size_t n = 0;

	buf_reset(&r->text);
	json_string(v, &r->text);
	s = r->text.p;
	end = s + r->text.n;
	role = mark_at(s, end, &n);
	if (!role)
		return messages_fail(r, v->p, "an answer has no prompt, "
			"and is not a transcript with Human: and Assistant:");
	for (from = s += n; s < end;) {
		next = *s == '\n' ? mark_at(s, end, &n) : NULL;
		if (!next) {
			s++;
			continue;
		}
		add_trimmed(r, m, role, from, s);
		role = next;
		from = s += n;
	}
	add_trimmed(r, m, role, from, end);
	return true;
}

size_t messages_common(const struct message *a, size_t na,
	const struct message *b, size_t nb)
{
	size_t i = 0;

	while (i < na && i < nb && !strcmp(a[i].role, b[i].role) &&
		a[i].len == b[i].len && (!a[i].len ||
		!memcmp(a[i].content, b[i].content, a[i].len)))
		i++;
	return i;
}
