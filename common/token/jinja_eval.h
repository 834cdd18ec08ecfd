/* jinja_eval.h - the state of a rendering; private to the interpreter */
#ifndef PIPELM_JINJA_EVAL_H
#define PIPELM_JINJA_EVAL_H

#include "common/token/jinja_node.h"

struct jinja_scope {
	struct jinja_scope *up;
	struct jv_dict *vars;
};

struct jinja_run {
	struct jinja_heap heap;
	const struct jinja *template;
	struct jinja_scope *scope;	/* the innermost */
	struct jv_buf *out;
};

struct jinja_loop {
	struct jv_list *items;
	size_t i;			/* the current one */
	struct jv last;			/* last argument of changed(); undefined */
};

struct jinja_macro {
	const struct jinja_node *node;
	struct jinja_scope *scope;	/* where it was defined */
};

/* Arguments of a call, in order; names[i] is the keyword, or NULL. */
struct jinja_args {
	struct jv *v;
	const char **names;
	size_t n;
};

/* A filter, a test, a method (self is the value before it) or a global function
 * (self is undefined). params names the parameters, separated by blanks: then
 * args->v has a value for each, undefined if it was not given, and no names.
 * NULL: the arguments are passed as given. */
struct jinja_function {
	const char *name;
	struct jv (*call)(struct jinja_run *r, struct jv self,
		const struct jinja_args *args);
	const char *params;
};
#define JINJA_PARAMS 4		/* maximum of a function that names them */

/* Each returns NULL when there is none with that name. */
const struct jinja_function *jinja_filter(const char *name);
const struct jinja_function *jinja_test(const char *name);
const struct jinja_function *jinja_global(const char *name);
const struct jinja_function *jinja_method(enum jv_type type,
	const char *name);
const struct jinja_function *jinja_find(const struct jinja_function *table,
	size_t n, const char *name);

/* The variable or global function with that name, or undefined. */
struct jv jinja_variable(struct jinja_run *r, const char *name);

struct jv jinja_eval(struct jinja_run *r, const struct jinja_node *n);

/* Calls f with the arguments as given. */
struct jv jinja_apply(struct jinja_run *r, const struct jinja_function *f,
	struct jv self, const struct jinja_args *args);

/* x.name and x[key], as in expressions. */
struct jv jinja_attribute(struct jinja_run *r, struct jv x, const char *name);
struct jv jinja_item(struct jinja_run *r, struct jv x, struct jv key);

/* x[from:to:step]; none or undefined: omitted. */
struct jv jinja_slice(struct jinja_run *r, struct jv x, struct jv from,
	struct jv to, struct jv step);

/* a op b for + - * / // % ** ~. */
struct jv jinja_math(struct jinja_run *r, const char *op, struct jv a,
	struct jv b);

/* The output of a macro. */
struct jv jinja_call_macro(struct jinja_run *r, const struct jinja_macro *m,
	const struct jinja_args *args);

/* ---- strings, for both filters and methods ---- */

enum jinja_case { JINJA_UPPER, JINJA_LOWER, JINJA_CAPITALIZE,
	JINJA_TITLE,		/* str.title(): after any non-letter */
	JINJA_TITLE_FILTER	/* Jinja's: after blanks and brackets */
};
struct jv_string jinja_change_case(struct jinja_heap *h, struct jv_string s,
	enum jinja_case how);

/* Without leading and trailing characters of `chars` (undefined or none: white
 * space). */
struct jv_string jinja_strip(struct jinja_heap *h, struct jv_string s,
	struct jv chars, bool left, bool right);

/* Replaces the first `most` (negative: all) occurrences of old by with. */
struct jv_string jinja_replace(struct jinja_heap *h, struct jv_string s,
	struct jv_string old, struct jv_string with, int64_t most);

/* str.splitlines(). */
struct jv jinja_lines(struct jinja_heap *h, struct jv_string s, bool keep);

/* x as a string; fails if it is not one. what is the filter or method. */
struct jv_string jinja_want_string(struct jinja_run *r, struct jv x,
	const char *what);
int64_t jinja_want_int(struct jinja_run *r, struct jv x, const char *what);

#endif
