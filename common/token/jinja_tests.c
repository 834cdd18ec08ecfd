/* jinja_tests.c - tests, written after `is` in a template: see jinja_eval.h */
#include <string.h>

#include "common/token/jinja_eval.h"

static struct jv is_defined(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type != JV_UNDEFINED);
}

static struct jv is_undefined(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_UNDEFINED);
}

static struct jv is_none(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_NONE);
}

static struct jv is_boolean(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_BOOL);
}

static struct jv is_true(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_BOOL && x.b);
}

static struct jv is_false(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_BOOL && !x.b);
}

static struct jv is_integer(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_INT);
}

static struct jv is_float(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_FLOAT);
}

static struct jv is_number(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_is_number(x));
}

static struct jv is_string(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_STRING);
}

static struct jv is_mapping(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_DICT);
}

/* In Python, undefined values can be iterated and have a length. */
static struct jv is_sequence(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_STRING || x.type == JV_DICT ||
		x.type == JV_UNDEFINED || jv_is_sequence(x));
}

static struct jv is_iterable(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_LOOP || is_sequence(r, x, args).b);
}

static struct jv is_callable(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(x.type == JV_MACRO || x.type == JV_FUNCTION ||
		x.type == JV_UNDEFINED);
}

static struct jv is_odd(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jinja_want_int(r, x, "odd") % 2 != 0);
}

static struct jv is_even(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jinja_want_int(r, x, "even") % 2 == 0);
}

static struct jv is_divisible(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(!jv_true(jinja_math(r, "%", x, args->v[0])));
}

static struct jv is_equal(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_equal(&r->heap, x, args->v[0]));
}

static struct jv is_other(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(!jv_equal(&r->heap, x, args->v[0]));
}

static struct jv is_less(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_order(&r->heap, x, args->v[0]) < 0);
}

static struct jv is_at_most(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_order(&r->heap, x, args->v[0]) <= 0);
}

static struct jv is_greater(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_order(&r->heap, x, args->v[0]) > 0);
}

static struct jv is_at_least(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_order(&r->heap, x, args->v[0]) >= 0);
}

static struct jv is_in(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_bool(jv_in(&r->heap, x, args->v[0]));
}

/* The same object; for values without identity, an equal one of that type. */
static struct jv is_same(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv y = args->v[0];

	if (x.type != y.type)
		return jv_bool(false);
	if (jv_is_sequence(x))
		return jv_bool(x.list == y.list);
	if (x.type == JV_DICT)
		return jv_bool(x.dict == y.dict);
	return jv_bool(jv_equal(&r->heap, x, y));
}

/* Whether it has letters and all of them have this case. */
static struct jv is_case(struct jinja_run *r, struct jv x,
	enum jinja_case how)
{
	struct jinja_heap *h = &r->heap;
	struct jv_string s = jv_str(h, x);
	struct jv upper = jv_of(jinja_change_case(h, s, JINJA_UPPER));
	struct jv lower = jv_of(jinja_change_case(h, s, JINJA_LOWER));

	return jv_bool(!jv_equal(h, upper, lower) && jv_equal(h, jv_of(s),
		how == JINJA_UPPER ? upper : lower));
}

static struct jv is_upper(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return is_case(r, x, JINJA_UPPER);
}

static struct jv is_lower(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return is_case(r, x, JINJA_LOWER);
}

static const struct jinja_function tests[] = {
	{ "!=", is_other, "other" },
	{ "<", is_less, "other" },
	{ "<=", is_at_most, "other" },
	{ "==", is_equal, "other" },
	{ ">", is_greater, "other" },
	{ ">=", is_at_least, "other" },
	{ "boolean", is_boolean, "" },
	{ "callable", is_callable, "" },
	{ "defined", is_defined, "" },
	{ "divisibleby", is_divisible, "num" },
	{ "eq", is_equal, "other" },
	{ "equalto", is_equal, "other" },
	{ "even", is_even, "" },
	{ "false", is_false, "" },
	{ "float", is_float, "" },
	{ "ge", is_at_least, "other" },
	{ "greaterthan", is_greater, "other" },
	{ "gt", is_greater, "other" },
	{ "in", is_in, "seq" },
	{ "integer", is_integer, "" },
	{ "iterable", is_iterable, "" },
	{ "le", is_at_most, "other" },
	{ "lessthan", is_less, "other" },
	{ "lower", is_lower, "" },
	{ "lt", is_less, "other" },
	{ "mapping", is_mapping, "" },
	{ "ne", is_other, "other" },
	{ "none", is_none, "" },
	{ "number", is_number, "" },
	{ "odd", is_odd, "" },
	{ "sameas", is_same, "other" },
	{ "sequence", is_sequence, "" },
	{ "string", is_string, "" },
	{ "true", is_true, "" },
	{ "undefined", is_undefined, "" },
	{ "upper", is_upper, "" },
};

const struct jinja_function *jinja_test(const char *name)
{
	return jinja_find(tests, sizeof tests / sizeof *tests, name);
}
