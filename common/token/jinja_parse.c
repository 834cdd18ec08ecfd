/* jinja_parse.c - parses the statements of a template: see jinja_node.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/jinja_node.h"

static struct jinja_node *statements(struct jinja_parser *p,
	const char *const *ends);

struct jinja_node *jinja_node(struct jinja_parser *p, enum jinja_kind kind)
{
	struct jinja_node *n = jinja_alloc(p->h, sizeof *n);

	memset(n, 0, sizeof *n);
	n->kind = kind;
	n->line = p->t->line;
	return n;
}

/* ---- tokens ---- */

static void next(struct jinja_parser *p)
{
	if (p->t->type != JT_END)
		p->t++;
	p->h->line = p->t->line;
}

bool jinja_at(const struct jinja_parser *p, enum jinja_token_type type,
	const char *text)
{
	return p->t->type == type && (!text ||
		jv_is(jv_of(p->t->text), text));
}

bool jinja_take(struct jinja_parser *p, enum jinja_token_type type,
	const char *text)
{
	if (!jinja_at(p, type, text))
		return false;
	next(p);
	return true;
}

void jinja_unexpected(struct jinja_parser *p, const char *expected)
{
	static const char *const names[] = { "the end of the template", "text",
		"{{", "}}", "{%", "%}" };
	const struct jinja_token *t = p->t;

	if (t->type < JT_NAME)
		jinja_fail(p->h, "%s where %s was expected", names[t->type],
			expected);
	jinja_fail(p->h, "'%.*s' where %s was expected",
		(int)(t->text.n < 60 ? t->text.n : 60), t->text.p, expected);
}

void jinja_want(struct jinja_parser *p, enum jinja_token_type type,
	const char *text)
{
	if (!jinja_take(p, type, text))
		jinja_unexpected(p, text ? text : type == JT_BLOCK_END ?
			"%}" : type == JT_PRINT_END ? "}}" : "a name");
}

const char *jinja_take_name(struct jinja_parser *p)
{
	const struct jinja_token *t = p->t;
	char *name;

	jinja_want(p, JT_NAME, NULL);
	name = jinja_alloc(p->h, t->text.n + 1);
	memcpy(name, t->text.p, t->text.n);
	name[t->text.n] = 0;
	return name;
}

/* ---- statements ---- */

/* Names, attributes of a namespace, or several names separated by commas. */
static struct jinja_node *target(struct jinja_parser *p, bool attribute)
{
	struct jinja_node *n = jinja_node(p, JN_NAME), *all, **last;
	bool inside = jinja_take(p, JT_OP, "(");

	n->name = jinja_take_name(p);
	if (attribute && jinja_take(p, JT_OP, ".")) {
		all = jinja_node(p, JN_ATTRIBUTE);
		all->a = n;
		all->name = jinja_take_name(p);
		return all;
	}
	if (!jinja_at(p, JT_OP, ",")) {
		if (inside)
			jinja_want(p, JT_OP, ")");
		return n;
	}
	all = jinja_node(p, JN_TUPLE);
	all->args = n;
	for (last = &n->next; jinja_take(p, JT_OP, ","); last = &(*last)->next) {
		if (!jinja_at(p, JT_NAME, NULL))
			break;
		*last = jinja_node(p, JN_NAME);
		(*last)->name = jinja_take_name(p);
	}
	if (inside)
		jinja_want(p, JT_OP, ")");
	return all;
}

/* Takes the word of the tag that ended a body, but not the "%}". */
static void take_end(struct jinja_parser *p, const char *name)
{
	jinja_want(p, JT_NAME, name);
}

static struct jinja_node *parse_for(struct jinja_parser *p)
{
	static const char *const ends[] = { "else", "endfor", NULL };
	struct jinja_node *n = jinja_node(p, JN_FOR);

	n->a = target(p, false);
	jinja_want(p, JT_NAME, "in");
	n->b = jinja_plain_expression(p);
	if (jinja_at(p, JT_OP, ",")) {
		struct jinja_node *tuple = jinja_node(p, JN_TUPLE);
		struct jinja_node **last = &n->b->next;

		tuple->args = n->b;
		for (; jinja_take(p, JT_OP, ","); last = &(*last)->next)
			*last = jinja_plain_expression(p);
		n->b = tuple;
	}
	if (jinja_take(p, JT_NAME, "if"))
		n->c = jinja_expression(p);
	if (jinja_at(p, JT_NAME, "recursive"))
		jinja_fail(p->h, "recursive loops are not supported");
	jinja_want(p, JT_BLOCK_END, NULL);
	p->loops++;
	n->body = statements(p, ends);
	p->loops--;
	if (jinja_take(p, JT_NAME, "else")) {
		jinja_want(p, JT_BLOCK_END, NULL);
		n->other = statements(p, ends + 1);
	}
	take_end(p, "endfor");
	return n;
}

static struct jinja_node *parse_if(struct jinja_parser *p)
{
	static const char *const ends[] = { "elif", "else", "endif", NULL };
	struct jinja_node *n = jinja_node(p, JN_IF);

	jinja_enter(p->h);
	n->a = jinja_tuple(p);
	jinja_want(p, JT_BLOCK_END, NULL);
	n->body = statements(p, ends);
	if (jinja_take(p, JT_NAME, "elif")) {
		n->other = parse_if(p);
	} else {
		if (jinja_take(p, JT_NAME, "else")) {
			jinja_want(p, JT_BLOCK_END, NULL);
			n->other = statements(p, ends + 2);
		}
		take_end(p, "endif");
	}
	jinja_leave(p->h);
	return n;
}

static struct jinja_node *parse_set(struct jinja_parser *p)
{
	static const char *const ends[] = { "endset", NULL };
	struct jinja_node *n = jinja_node(p, JN_SET);

	n->a = target(p, true);
	if (jinja_take(p, JT_OP, "=")) {
		n->b = jinja_tuple(p);
		return n;
	}
	n->c = jinja_filters(p, NULL);
	jinja_want(p, JT_BLOCK_END, NULL);
	n->body = statements(p, ends);
	take_end(p, "endset");
	return n;
}

static struct jinja_node *parse_macro(struct jinja_parser *p)
{
	static const char *const ends[] = { "endmacro", NULL };
	struct jinja_node *n = jinja_node(p, JN_MACRO), **last = &n->args;
	int loops = p->loops;

	n->name = jinja_take_name(p);
	jinja_want(p, JT_OP, "(");
	while (!jinja_at(p, JT_OP, ")")) {
		*last = jinja_node(p, JN_ARG);
		(*last)->name = jinja_take_name(p);
		if (jinja_take(p, JT_OP, "="))
			(*last)->a = jinja_expression(p);
		last = &(*last)->next;
		if (!jinja_take(p, JT_OP, ","))
			break;
	}
	jinja_want(p, JT_OP, ")");
	jinja_want(p, JT_BLOCK_END, NULL);
	p->loops = 0;
	n->body = statements(p, ends);
	p->loops = loops;
	take_end(p, "endmacro");
	return n;
}

static struct jinja_node *parse_generation(struct jinja_parser *p)
{
	static const char *const ends[] = { "endgeneration", NULL };
	struct jinja_node *n = jinja_node(p, JN_GENERATION);
	int loops = p->loops;

	jinja_want(p, JT_BLOCK_END, NULL);
	p->loops = 0;
	n->body = statements(p, ends);
	p->loops = loops;
	take_end(p, "endgeneration");
	p->made = n;
	return n;
}

static struct jinja_node *parse_jump(struct jinja_parser *p,
	enum jinja_kind kind)
{
	if (!p->loops)
		jinja_fail(p->h, "'%s' outside a loop", kind == JN_BREAK ?
			"break" : "continue");
	return jinja_node(p, kind);
}

static struct jinja_node *block(struct jinja_parser *p)
{
	const char *name = jinja_take_name(p);

	if (!strcmp(name, "for"))
		return parse_for(p);
	if (!strcmp(name, "if"))
		return parse_if(p);
	if (!strcmp(name, "set"))
		return parse_set(p);
	if (!strcmp(name, "macro"))
		return parse_macro(p);
	if (!strcmp(name, "generation"))
		return parse_generation(p);
	if (!strcmp(name, "break"))
		return parse_jump(p, JN_BREAK);
	if (!strcmp(name, "continue"))
		return parse_jump(p, JN_CONTINUE);
	if (!strncmp(name, "end", 3) || !strncmp(name, "el", 2))
		jinja_fail(p->h, "unexpected {%% %s %%}: nothing is open", name);
	jinja_fail(p->h, "{%% %s %%} is not supported", name);
}

static bool is_end(const struct jinja_parser *p, const char *const *ends)
{
	for (; ends && *ends; ends++)
		if (jv_is(jv_of(p->t[1].text), *ends) &&
			p->t[1].type == JT_NAME)
			return true;
	return false;
}

static struct jinja_node *statement(struct jinja_parser *p)
{
	struct jinja_node *n;

	if (p->t->type == JT_TEXT) {
		n = jinja_node(p, JN_TEXT);
		n->value = jv_of(p->t->text);
		next(p);
		return n;
	}
	if (jinja_take(p, JT_PRINT, NULL)) {
		n = jinja_node(p, JN_PRINT);
		n->a = jinja_tuple(p);
		jinja_want(p, JT_PRINT_END, NULL);
		return n;
	}
	jinja_want(p, JT_BLOCK, NULL);
	n = block(p);
	jinja_want(p, JT_BLOCK_END, NULL);
	return n;
}

/* Statements up to a tag in `ends`, whose "{%" is taken, or the end. */
static struct jinja_node *statements(struct jinja_parser *p,
	const char *const *ends)
{
	struct jinja_node *first = NULL, **last = &first;

	jinja_enter(p->h);
	while (p->t->type != JT_END) {
		if (p->t->type == JT_BLOCK && is_end(p, ends)) {
			next(p);
			jinja_leave(p->h);
			return first;
		}
		*last = statement(p);
		last = &(*last)->next;
	}
	if (ends) {
		while (ends[1])
			ends++;
		jinja_fail(p->h, "the template ends without {%% %s %%}",
			*ends);
	}
	jinja_leave(p->h);
	return first;
}

/* ---- the whole template ---- */

struct jinja *jinja_parse(const char *text, size_t n, const char *name,
	char **why)
{
	struct jinja *j = xcalloc(1, sizeof *j);
	struct jinja_tokens tokens = { 0 };
	struct jinja_parser p = { .h = &j->heap };

	j->name = xstrdup(name);
	j->heap.name = j->name;
	if (setjmp(j->heap.stop)) {
		*why = xstrdup(j->heap.why);
		jinja_free(j);
		return NULL;
	}
	jinja_lex(&j->heap, text, n, &tokens);
	p.t = tokens.v;
	j->body = statements(&p, NULL);
	j->has_generation = p.made != NULL;
	return j;
}

bool jinja_has_generation(const struct jinja *j)
{
	return j->has_generation;
}

void jinja_free(struct jinja *j)
{
	if (!j)
		return;
	arena_free(&j->heap.arena);
	free(j->name);
	free(j);
}
