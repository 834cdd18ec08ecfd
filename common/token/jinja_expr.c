/* jinja_expr.c - parses the expressions of a template: see jinja_node.h
 *
 * Jinja's precedence, from the weakest: if else; or; and; not; comparisons and
 * in; + -; ~; * / // %; **; signs; then calls, items and attributes, filters
 * and tests.
 */
#include <string.h>

#include "common/token/jinja_eval.h"

static struct jinja_node *or_expression(struct jinja_parser *p);
static struct jinja_node *unary(struct jinja_parser *p, bool filters);

static struct jinja_node *two(struct jinja_parser *p, enum jinja_kind kind,
	const char *name, struct jinja_node *a, struct jinja_node *b)
{
	struct jinja_node *n = jinja_node(p, kind);

	n->name = name;
	n->a = a;
	n->b = b;
	return n;
}

/* ---- primary expressions ---- */

/* Expressions separated by commas up to the closing bracket, which is taken. */
static void elements(struct jinja_parser *p, struct jinja_node *n,
	const char *close)
{
	struct jinja_node **last = &n->args;

	while (!jinja_take(p, JT_OP, close)) {
		*last = jinja_expression(p);
		last = &(*last)->next;
		if (!jinja_at(p, JT_OP, close))
			jinja_want(p, JT_OP, ",");
	}
}

static struct jinja_node *dict(struct jinja_parser *p)
{
	struct jinja_node *n = jinja_node(p, JN_DICT), **last = &n->args;

	while (!jinja_take(p, JT_OP, "}")) {
		*last = jinja_node(p, JN_PAIR);
		(*last)->a = jinja_expression(p);
		jinja_want(p, JT_OP, ":");
		(*last)->b = jinja_expression(p);
		last = &(*last)->next;
		if (!jinja_at(p, JT_OP, "}"))
			jinja_want(p, JT_OP, ",");
	}
	return n;
}

static struct jinja_node *brackets(struct jinja_parser *p)
{
	struct jinja_node *n;

	if (jinja_take(p, JT_OP, "[")) {
		n = jinja_node(p, JN_LIST);
		elements(p, n, "]");
		return n;
	}
	if (jinja_take(p, JT_OP, "{"))
		return dict(p);
	if (!jinja_take(p, JT_OP, "("))
		jinja_unexpected(p, "an expression");
	if (jinja_at(p, JT_OP, ")"))
		n = jinja_node(p, JN_TUPLE);
	else
		n = jinja_tuple(p);
	jinja_want(p, JT_OP, ")");
	return n;
}

static struct jinja_node *constant(struct jinja_parser *p, struct jv value)
{
	struct jinja_node *n = jinja_node(p, JN_CONST);

	n->value = value;
	return n;
}

/* Adjacent strings are concatenated. */
static struct jinja_node *string(struct jinja_parser *p)
{
	struct jinja_node *n = constant(p, jv_of(p->t->text));
	struct jv_buf b = { .heap = p->h };

	jinja_want(p, JT_STRING, NULL);
	if (p->t->type != JT_STRING)
		return n;
	jv_put_string(&b, n->value.s);
	while (p->t->type == JT_STRING) {
		jv_put_string(&b, p->t->text);
		jinja_want(p, JT_STRING, NULL);
	}
	n->value = jv_of(jv_taken(&b));
	n->value.s.mark = NULL;
	return n;
}

static struct jinja_node *name(struct jinja_parser *p)
{
	struct jinja_node *n = jinja_node(p, JN_NAME);

	n->name = jinja_take_name(p);
	if (!strcmp(n->name, "true") || !strcmp(n->name, "True"))
		return constant(p, jv_bool(true));
	if (!strcmp(n->name, "false") || !strcmp(n->name, "False"))
		return constant(p, jv_bool(false));
	if (!strcmp(n->name, "none") || !strcmp(n->name, "None"))
		return constant(p, jv_none());
	return n;
}

static struct jinja_node *primary(struct jinja_parser *p)
{
	const struct jinja_token *t = p->t;

	switch (t->type) {
	case JT_STRING:
		return string(p);
	case JT_NAME:
		return name(p);
	case JT_INT:
		jinja_take(p, JT_INT, NULL);
		return constant(p, jv_int(t->i));
	case JT_FLOAT:
		jinja_take(p, JT_FLOAT, NULL);
		return constant(p, jv_float(t->d));
	default:
		return brackets(p);
	}
}

/* ---- postfix expressions ---- */

/* Arguments from after "(" up to ")", which is taken. */
static struct jinja_node *arguments(struct jinja_parser *p)
{
	struct jinja_node *first = NULL, **last = &first;

	while (!jinja_take(p, JT_OP, ")")) {
		struct jinja_node *n = jinja_node(p, JN_ARG);

		if (jinja_at(p, JT_OP, "*") || jinja_at(p, JT_OP, "**"))
			jinja_fail(p->h, "arguments with * are not supported");
		if (p->t->type == JT_NAME && p->t[1].type == JT_OP &&
			jv_is(jv_of(p->t[1].text), "=")) {
			n->name = jinja_take_name(p);
			jinja_want(p, JT_OP, "=");
		}
		n->a = jinja_expression(p);
		*last = n;
		last = &n->next;
		if (!jinja_at(p, JT_OP, ")"))
			jinja_want(p, JT_OP, ",");
	}
	return first;
}

/* After a[: an index, or a slice. */
static struct jinja_node *subscript(struct jinja_parser *p,
	struct jinja_node *a)
{
	struct jinja_node *n = jinja_node(p, JN_ITEM), **part;
	int k;

	n->a = a;
	if (!jinja_at(p, JT_OP, ":"))
		n->b = jinja_expression(p);
	if (!jinja_at(p, JT_OP, ":")) {
		jinja_want(p, JT_OP, "]");
		return n;
	}
	n->kind = JN_SLICE;
	for (k = 0, part = &n->c; k < 2 && jinja_take(p, JT_OP, ":");
			k++, part = &n->d)
		if (!jinja_at(p, JT_OP, ":") && !jinja_at(p, JT_OP, "]"))
			*part = jinja_expression(p);
	jinja_want(p, JT_OP, "]");
	return n;
}

static struct jinja_node *attribute(struct jinja_parser *p,
	struct jinja_node *a)
{
	struct jinja_node *n = jinja_node(p, JN_ATTRIBUTE);

	n->a = a;
	if (p->t->type == JT_INT) {
		n->kind = JN_ITEM;
		n->b = primary(p);
	} else {
		n->name = jinja_take_name(p);
	}
	return n;
}

static struct jinja_node *call(struct jinja_parser *p, struct jinja_node *a)
{
	struct jinja_node *n = jinja_node(p, JN_CALL);

	n->a = a;
	n->args = arguments(p);
	return n;
}

static struct jinja_node *postfix(struct jinja_parser *p,
	struct jinja_node *n)
{
	for (;;) {
		if (jinja_take(p, JT_OP, "."))
			n = attribute(p, n);
		else if (jinja_take(p, JT_OP, "["))
			n = subscript(p, n);
		else if (jinja_take(p, JT_OP, "("))
			n = call(p, n);
		else
			return n;
	}
}

static struct jinja_node *filter(struct jinja_parser *p, struct jinja_node *a)
{
	struct jinja_node *n = jinja_node(p, JN_FILTER);

	n->a = a;
	n->name = jinja_take_name(p);
	n->function = jinja_filter(n->name);
	if (!n->function)
		jinja_fail(p->h, "the filter '%s' is not supported", n->name);
	if (jinja_take(p, JT_OP, "("))
		n->args = arguments(p);
	return n;
}

/* Whether the current token starts the argument of a test without brackets. */
static bool begins_argument(const struct jinja_parser *p)
{
	if (p->t->type == JT_NAME)
		return !jinja_at(p, JT_NAME, "else") &&
			!jinja_at(p, JT_NAME, "or") &&
			!jinja_at(p, JT_NAME, "and") &&
			!jinja_at(p, JT_NAME, "is") &&
			!jinja_at(p, JT_NAME, "if") &&
			!jinja_at(p, JT_NAME, "not") &&
			!jinja_at(p, JT_NAME, "in");
	return p->t->type == JT_STRING || p->t->type == JT_INT ||
		p->t->type == JT_FLOAT || jinja_at(p, JT_OP, "[") ||
		jinja_at(p, JT_OP, "{");
}

static struct jinja_node *test(struct jinja_parser *p, struct jinja_node *a)
{
	bool negated = jinja_take(p, JT_NAME, "not");
	struct jinja_node *n = jinja_node(p, JN_TEST);

	n->a = a;
	n->name = jinja_take_name(p);
	n->function = jinja_test(n->name);
	if (!n->function)
		jinja_fail(p->h, "the test '%s' is not supported", n->name);
	if (jinja_take(p, JT_OP, "(")) {
		n->args = arguments(p);
	} else if (begins_argument(p)) {
		n->args = jinja_node(p, JN_ARG);
		n->args->a = postfix(p, primary(p));
	}
	return negated ? two(p, JN_NOT, NULL, n, NULL) : n;
}

struct jinja_node *jinja_filters(struct jinja_parser *p, struct jinja_node *a)
{
	for (;;) {
		if (jinja_take(p, JT_OP, "|"))
			a = filter(p, a);
		else if (a && jinja_take(p, JT_NAME, "is"))
			a = test(p, a);
		else if (a && jinja_take(p, JT_OP, "("))
			a = call(p, a);
		else
			return a;
	}
}

/* ---- operators ---- */

static struct jinja_node *signed_(struct jinja_parser *p)
{
	struct jinja_node *n;

	if (jinja_take(p, JT_OP, "-"))
		n = two(p, JN_MINUS, NULL, unary(p, false), NULL);
	else if (jinja_take(p, JT_OP, "+"))
		n = two(p, JN_PLUS, NULL, unary(p, false), NULL);
	else
		n = primary(p);
	return postfix(p, n);
}

static struct jinja_node *unary(struct jinja_parser *p, bool filters)
{
	struct jinja_node *n;

	jinja_enter(p->h);
	n = signed_(p);
	if (filters)
		n = jinja_filters(p, n);
	jinja_leave(p->h);
	return n;
}

/* Operators by precedence, from the weakest. */
static const char *const levels[][5] = {
	{ "+", "-" }, { "~" }, { "*", "/", "//", "%" }, { "**" }
};

static struct jinja_node *math(struct jinja_parser *p, int level)
{
	struct jinja_node *a = level == 4 ? unary(p, true) :
		math(p, level + 1);
	const char *const *op;

	for (op = level < 4 ? levels[level] : NULL; op && *op;) {
		if (jinja_take(p, JT_OP, *op)) {
			a = two(p, JN_MATH, *op, a, level == 3 ?
				unary(p, true) : math(p, level + 1));
			op = levels[level];
		} else {
			op++;
		}
	}
	return a;
}

/* Takes the comparison operator at the current token; NULL: there is none. */
static const char *comparison(struct jinja_parser *p)
{
	static const char *const ops[] = { "==", "!=", "<=", ">=", "<", ">" };
	size_t i;

	for (i = 0; i < sizeof ops / sizeof *ops; i++)
		if (jinja_take(p, JT_OP, ops[i]))
			return ops[i];
	if (jinja_take(p, JT_NAME, "in"))
		return "in";
	if (jinja_at(p, JT_NAME, "not") && p->t[1].type == JT_NAME &&
		jv_is(jv_of(p->t[1].text), "in")) {
		jinja_take(p, JT_NAME, NULL);
		jinja_take(p, JT_NAME, NULL);
		return "not in";
	}
	return NULL;
}

static struct jinja_node *compare(struct jinja_parser *p)
{
	struct jinja_node *a = math(p, 0), *n, **last;
	const char *op = comparison(p);

	if (!op)
		return a;
	n = jinja_node(p, JN_COMPARE);
	n->a = a;
	for (last = &n->args; op; op = comparison(p)) {
		*last = two(p, JN_ARG, op, math(p, 0), NULL);
		last = &(*last)->next;
	}
	return n;
}

static struct jinja_node *not_expression(struct jinja_parser *p)
{
	struct jinja_node *n;

	if (!jinja_take(p, JT_NAME, "not"))
		return compare(p);
	jinja_enter(p->h);
	n = two(p, JN_NOT, NULL, not_expression(p), NULL);
	jinja_leave(p->h);
	return n;
}

static struct jinja_node *and_expression(struct jinja_parser *p)
{
	struct jinja_node *a = not_expression(p);

	while (jinja_take(p, JT_NAME, "and"))
		a = two(p, JN_AND, NULL, a, not_expression(p));
	return a;
}

static struct jinja_node *or_expression(struct jinja_parser *p)
{
	struct jinja_node *a = and_expression(p);

	while (jinja_take(p, JT_NAME, "or"))
		a = two(p, JN_OR, NULL, a, and_expression(p));
	return a;
}

struct jinja_node *jinja_plain_expression(struct jinja_parser *p)
{
	return or_expression(p);
}

struct jinja_node *jinja_expression(struct jinja_parser *p)
{
	struct jinja_node *a, *n;

	jinja_enter(p->h);
	a = or_expression(p);
	while (jinja_take(p, JT_NAME, "if")) {
		n = jinja_node(p, JN_EITHER);
		n->b = a;
		n->a = or_expression(p);
		if (jinja_take(p, JT_NAME, "else"))
			n->c = jinja_expression(p);
		a = n;
	}
	jinja_leave(p->h);
	return a;
}

/* Where a tuple without brackets may end. */
static bool ends_tuple(const struct jinja_parser *p)
{
	return p->t->type == JT_BLOCK_END || p->t->type == JT_PRINT_END ||
		jinja_at(p, JT_OP, ")");
}

struct jinja_node *jinja_tuple(struct jinja_parser *p)
{
	struct jinja_node *first = jinja_expression(p), *n, **last;

	if (!jinja_at(p, JT_OP, ","))
		return first;
	n = jinja_node(p, JN_TUPLE);
	n->args = first;
	for (last = &first->next; jinja_take(p, JT_OP, ",");
			last = &(*last)->next) {
		if (ends_tuple(p))
			break;
		*last = jinja_expression(p);
	}
	return n;
}
