/* jinja.h - the part of Jinja that chat templates are written in, executed
 *
 * What a template gives here it gives in transformers (Jinja 3, sandboxed,
 * trim_blocks and lstrip_blocks), or it is refused, with the name of what is
 * not known, file and line:
 *
 *	statements	for (with if, else, several names; break, continue),
 *			if elif else, set (names, several, attributes of a
 *			namespace, blocks), macro, generation, raw
 *	white space	{%- -%} {%+ +%}, {{- -}}, {#- -#}; a newline behind a
 *			block, blanks before one on its line
 *	expressions	literals, lists, tuples, dicts; . [] and slices; or and
 *			not in, comparisons (also chained), + - * / // % ** ~;
 *			a if b else c; calls with names; filters; tests
 *	variables	loop.*, namespace(), dict(), range(), raise_exception(),
 *			strftime_now(); what is not there is undefined, as in
 *			Jinja
 * Filters, tests and methods are the tables at the ends of jinja_filters.c,
 * jinja_tests.c and jinja_methods.c. Not known: call, block, extends, import,
 * include, with, filter, recursive loops, *args.
 *
 * Every byte of the output has a mark of where it came from: 0 is the
 * template's own text, DATA what the conversation brought, however it was
 * trimmed, cut or quoted on its way. So only the template can place a special
 * token, and what the assistant said can be found again.
 *
 * A template is bounded in steps, depth and memory.
 */
#ifndef PIPELM_JINJA_H
#define PIPELM_JINJA_H

#include <stdbool.h>
#include <stddef.h>

enum {
	JINJA_DATA = 1,		/* not the template's own text */
	JINJA_LEARN = 2,	/* of a message that is to be learned */
	JINJA_ROLE = 4,		/* the role of one */
	JINJA_GENERATION = 8	/* inside {% generation %} */
};

struct jinja;

/* Parses text[0..n); name is for messages. NULL, and *why, to be freed, when
 * there is something that is not known. */
struct jinja *jinja_parse(const char *text, size_t n, const char *name,
	char **why);
void jinja_free(struct jinja *j);

/* Has it {% generation %}, which marks what an assistant writes? */
bool jinja_has_generation(const struct jinja *j);

/* One rendering: jinja_begin, set variables with the functions of
 * jinja_value.h, jinja_render, use the result, jinja_end. */
struct jinja_run;
struct jinja_run *jinja_begin(const struct jinja *j);
void jinja_end(struct jinja_run *r);

/* Calls set(ctx, heap, variables), then renders. False, and *why, which lives
 * until jinja_end, when either fails; text of raise_exception comes as it
 * is. */
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
