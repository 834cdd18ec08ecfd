/* jinja.h - interprets the part of Jinja in which chat templates are written
 *
 * A template either gives what it gives in transformers (Jinja 3, sandboxed,
 * trim_blocks and lstrip_blocks), or is refused with file, line and the name of
 * what is not supported:
 *
 *	statements	for (with if, else, several names; break, continue),
 *			if elif else, set (names, several, attributes of a
 *			namespace, blocks), macro, generation, raw
 *	white space	{%- -%} {%+ +%}, {{- -}}, {#- -#}; a newline after a
 *			block, blanks before one on its line
 *	expressions	literals, lists, tuples, dicts; . [] and slices; or and
 *			not in, comparisons (also chained), + - * / // % ** ~;
 *			a if b else c; calls with names; filters; tests
 *	variables	loop.*, namespace(), dict(), range(), raise_exception(),
 *			strftime_now(); missing ones are undefined, as in
 *			Jinja
 * Filters, tests and methods are listed in the tables at the ends of
 * jinja_filters.c, jinja_tests.c and jinja_methods.c. Not supported: call,
 * block, extends, import, include, with, filter, recursive loops, *args.
 *
 * Every byte of the output has a mark that records its origin: 0 for the
 * template's own text, DATA for what came from the conversation, however it
 * was trimmed, cut or quoted. So only the template can place a special token,
 * and what the assistant said can be located.
 *
 * The steps, depth and memory of a rendering are limited.
 */
#ifndef PIPELM_JINJA_H
#define PIPELM_JINJA_H

#include <stdbool.h>
#include <stddef.h>

enum {
	JINJA_DATA = 1,		/* not the template's own text */
	JINJA_LEARN = 2,	/* from a message that is to be learned */
	JINJA_ROLE = 4,		/* the role of a message */
	JINJA_GENERATION = 8	/* inside {% generation %} */
};

struct jinja;

/* Parses text[0..n); name is for messages. Returns NULL and sets *why, which the
 * caller frees, when something is invalid or not supported. */
struct jinja *jinja_parse(const char *text, size_t n, const char *name,
	char **why);
void jinja_free(struct jinja *j);

/* Whether it has {% generation %}, which marks what an assistant writes. */
bool jinja_has_generation(const struct jinja *j);

/* One rendering: jinja_begin, set variables with the functions of
 * jinja_value.h, jinja_render, use the result, jinja_end. */
struct jinja_run;
struct jinja_run *jinja_begin(const struct jinja *j);
void jinja_end(struct jinja_run *r);

/* Calls set(ctx, heap, variables), then renders. Returns false when either
 * fails; *why, valid until jinja_end, is then the reason. The text of
 * raise_exception is passed on unchanged. */
struct jinja_heap;
struct jv_dict;
struct jinja_output {
	const char *p;
	const unsigned char *mark;
	size_t n;
};
bool jinja_render(struct jinja_run *r,
	void (*set)(void *ctx, struct jinja_heap *h, struct jv_dict *vars),
	void *ctx, struct jinja_output *out, const char **why);

#endif
