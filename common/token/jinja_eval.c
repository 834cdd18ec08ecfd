/* jinja_eval.c - executes the statements of a template: see jinja_eval.h */
#include "common/token/jinja_eval.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

enum flow { GO_ON, BREAK, CONTINUE };

static enum flow run_all(struct jinja_run *r, const struct jinja_node *n);

/* ---- variables ---- */

static void push_scope(struct jinja_run *r, struct jinja_scope *s,
	struct jinja_scope *up)
{
	s->up = up;
	s->vars = jv_dict(&r->heap).dict;
	r->scope = s;
}

static void set_name(struct jinja_run *r, const char *name, struct jv x)
{
	jv_set_name(&r->heap, r->scope->vars, name, x);
}

struct jv jinja_variable(struct jinja_run *r, const char *name)
{
	const struct jinja_function *f;
	struct jinja_scope *s;

	for (s = r->scope; s; s = s->up) {
		const struct jv *x = jv_get_name(&r->heap, s->vars, name);

		if (x)
			return *x;
	}
	f = jinja_global(name);
	return f ? (struct jv){ .type = JV_FUNCTION, .function = f } :
		jv_undefined(name);
}

static void assign(struct jinja_run *r, const struct jinja_node *target,
	struct jv x)
{
	const struct jinja_node *n;
	struct jv_list *items;
	struct jv owner;
	size_t i = 0;

	if (target->kind == JN_NAME) {
		set_name(r, target->name, x);
		return;
	}
	if (target->kind == JN_ATTRIBUTE) {
		owner = jinja_variable(r, target->a->name);
		if (owner.type != JV_NAMESPACE)
			jinja_fail(&r->heap, "'%s' is not a namespace: only "
				"attributes of one can be set",
				target->a->name);
		jv_set_name(&r->heap, owner.dict, target->name, x);
		return;
	}
	items = jv_items(&r->heap, x);
	for (n = target->args; n; n = n->next, i++)
		if (i < items->n)
			assign(r, n, items->v[i]);
	if (i != items->n)
		jinja_fail(&r->heap, "%zu values for %zu names", items->n, i);
}

/* ---- loops ---- */

/* The items for which the condition holds. */
static struct jv_list *filtered(struct jinja_run *r,
	const struct jinja_node *n, struct jv_list *items)
{
	struct jinja_scope *up = r->scope, scope;
	struct jv_list *some = jv_list(&r->heap).list;
	size_t i;

	for (i = 0; i < items->n; i++) {
		push_scope(r, &scope, up);
		assign(r, n->a, items->v[i]);
		if (jv_true(jinja_eval(r, n->c)))
			jv_append(&r->heap, some, items->v[i]);
	}
	r->scope = up;
	return some;
}

static enum flow run_for(struct jinja_run *r, const struct jinja_node *n)
{
	struct jinja_scope *up = r->scope, *scope;
	struct jinja_loop *loop = jinja_alloc(&r->heap, sizeof *loop);
	struct jv_list *items = jv_items(&r->heap, jinja_eval(r, n->b));

	if (n->c)
		items = filtered(r, n, items);
	*loop = (struct jinja_loop){ .items = items };
	for (; loop->i < items->n; loop->i++) {
		enum flow flow;

		scope = jinja_alloc(&r->heap, sizeof *scope);
		push_scope(r, scope, up);
		set_name(r, "loop", (struct jv){ .type = JV_LOOP,
			.loop = loop });
		assign(r, n->a, items->v[loop->i]);
		flow = run_all(r, n->body);
		r->scope = up;
		if (flow == BREAK)
			break;
	}
	if (!items->n) {
		scope = jinja_alloc(&r->heap, sizeof *scope);
		push_scope(r, scope, up);
		run_all(r, n->other);
		r->scope = up;
	}
	return GO_ON;
}

/* ---- fragments of output ---- */

/* The output of a body. */
static struct jv_string capture(struct jinja_run *r,
	const struct jinja_node *body)
{
	struct jv_buf b = { .heap = &r->heap }, *out = r->out;

	r->out = &b;
	run_all(r, body);
	r->out = out;
	return jv_taken(&b);
}

static void run_set(struct jinja_run *r, const struct jinja_node *n)
{
	struct jinja_scope *up = r->scope, *scope;
	struct jv x;

	if (n->b) {
		assign(r, n->a, jinja_eval(r, n->b));
		return;
	}
	scope = jinja_alloc(&r->heap, sizeof *scope);
	push_scope(r, scope, up);
	x = jv_of(capture(r, n->body));
	r->scope = up;
	if (n->c) {	/* a set block's filters; the innermost has no a */
		set_name(r, "", x);
		x = jinja_eval(r, n->c);
	}
	assign(r, n->a, x);
}

static void run_generation(struct jinja_run *r, const struct jinja_node *n)
{
	struct jinja_scope *up = r->scope, *scope;
	struct jv_string text;
	struct jv_buf b = { .heap = &r->heap };
	size_t i;

	scope = jinja_alloc(&r->heap, sizeof *scope);
	push_scope(r, scope, up);
	text = capture(r, n->body);
	r->scope = up;
	jv_put_string(&b, text);
	for (i = 0; i < b.n; i++)
		b.mark[i] |= JINJA_GENERATION;
	jv_put_string(r->out, jv_taken(&b));
}

static void make_macro(struct jinja_run *r, const struct jinja_node *n)
{
	struct jinja_macro *m = jinja_alloc(&r->heap, sizeof *m);

	m->node = n;
	m->scope = r->scope;
	set_name(r, n->name, (struct jv){ .type = JV_MACRO, .macro = m });
}

/* The value of parameter i: by position, by name, or by default. */
static struct jv parameter(struct jinja_run *r, const struct jinja_node *p,
	const struct jinja_args *args, size_t i)
{
	size_t k;

	if (i < args->n && !args->names[i])
		return args->v[i];
	for (k = 0; k < args->n; k++)
		if (args->names[k] && !strcmp(args->names[k], p->name))
			return args->v[k];
	return p->a ? jinja_eval(r, p->a) : jv_undefined(p->name);
}

static void check_arguments(struct jinja_run *r, const struct jinja_node *macro,
	const struct jinja_args *args)
{
	const struct jinja_node *p;
	size_t i;

	for (i = 0; i < args->n; i++) {
		size_t k = 0;

		for (p = macro->args; p; p = p->next, k++)
			if (args->names[i] ? !strcmp(args->names[i], p->name) :
				k == i)
				break;
		if (!p)
			jinja_fail(&r->heap, "macro %s has no parameter for "
				"argument %zu %s", macro->name, i + 1,
				args->names[i] ? args->names[i] : "");
	}
}

struct jv jinja_call_macro(struct jinja_run *r, const struct jinja_macro *m,
	const struct jinja_args *args)
{
	struct jinja_scope *before = r->scope, *scope;
	const struct jinja_node *p;
	struct jv_string text;
	size_t i;

	check_arguments(r, m->node, args);
	scope = jinja_alloc(&r->heap, sizeof *scope);
	push_scope(r, scope, m->scope);
	for (p = m->node->args, i = 0; p; p = p->next, i++)
		set_name(r, p->name, parameter(r, p, args, i));
	text = capture(r, m->node->body);
	r->scope = before;
	return jv_of(text);
}

/* ---- statements ---- */

static enum flow run_one(struct jinja_run *r, const struct jinja_node *n)
{
	switch (n->kind) {
	case JN_TEXT:
		jv_put_string(r->out, n->value.s);
		return GO_ON;
	case JN_PRINT:
		jv_put_string(r->out, jv_str(&r->heap, jinja_eval(r, n->a)));
		return GO_ON;
	case JN_FOR:
		return run_for(r, n);
	case JN_IF:
		return run_all(r, jv_true(jinja_eval(r, n->a)) ? n->body :
			n->other);
	case JN_SET:
		run_set(r, n);
		return GO_ON;
	case JN_MACRO:
		make_macro(r, n);
		return GO_ON;
	case JN_GENERATION:
		run_generation(r, n);
		return GO_ON;
	case JN_BREAK:
		return BREAK;
	default:
		return CONTINUE;
	}
}

static enum flow run_all(struct jinja_run *r, const struct jinja_node *n)
{
	enum flow flow = GO_ON;

	jinja_enter(&r->heap);
	for (; n && flow == GO_ON; n = n->next) {
		r->heap.line = n->line;
		jinja_steps(&r->heap, 1);
		flow = run_one(r, n);
	}
	jinja_leave(&r->heap);
	return flow;
}

/* ---- the whole template ---- */

struct jinja_run *jinja_begin(const struct jinja *j)
{
	struct jinja_run *r = xcalloc(1, sizeof *r);

	r->template = j;
	r->heap.name = j->name;
	return r;
}

void jinja_end(struct jinja_run *r)
{
	if (!r)
		return;
	arena_free(&r->heap.arena);
	free(r);
}

bool jinja_render(struct jinja_run *r,
	void (*set)(void *ctx, struct jinja_heap *h, struct jv_dict *vars),
	void *ctx, struct jinja_output *out, const char **why)
{
	struct jinja_scope root;
	struct jv_buf text = { .heap = &r->heap };
	struct jv_string s;

	*why = r->heap.why;
	if (setjmp(r->heap.stop))
		return false;
	r->out = &text;
	push_scope(r, &root, NULL);
	set(ctx, &r->heap, root.vars);
	run_all(r, r->template->body);
	s = jv_taken(&text);
	*out = (struct jinja_output){ s.p, s.mark, s.n };
	return true;
}
