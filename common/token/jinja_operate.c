/* jinja_operate.c - evaluates the expressions of a template: see jinja_eval.h */
#include <math.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/token/jinja_eval.h"

/* ---- arithmetic ---- */

static struct jv repeat(struct jinja_run *r, struct jv x, int64_t times)
{
	struct jv list = jv_list(&r->heap);
	struct jv_buf b = { .heap = &r->heap };
	size_t i;

	list.type = x.type;
	for (; times > 0; times--) {
		jinja_steps(&r->heap, 1);
		if (x.type == JV_STRING)
			jv_put_string(&b, x.s);
		for (i = 0; jv_is_sequence(x) && i < x.list->n; i++)
			jv_append(&r->heap, list.list, x.list->v[i]);
	}
	return x.type == JV_STRING ? jv_of(jv_taken(&b)) : list;
}

/* a + b of strings or lists. */
static struct jv join(struct jinja_run *r, struct jv a, struct jv b)
{
	struct jv list = jv_list(&r->heap);
	struct jv_buf text = { .heap = &r->heap };
	size_t i;

	if (a.type == JV_STRING) {
		jv_put_string(&text, a.s);
		jv_put_string(&text, b.s);
		return jv_of(jv_taken(&text));
	}
	list.type = a.type;
	list.list->mark = a.list->mark | b.list->mark;
	for (i = 0; i < a.list->n; i++)
		jv_append(&r->heap, list.list, a.list->v[i]);
	for (i = 0; i < b.list->n; i++)
		jv_append(&r->heap, list.list, b.list->v[i]);
	return list;
}

static int64_t whole(struct jv x)
{
	return x.type == JV_BOOL ? x.b : x.i;
}

/* a ** b, b >= 0; false: does not fit in 64 bits. */
static bool power(int64_t a, int64_t b, int64_t *out)
{
	for (*out = 1; b > 0; b--) {
		if (a == 0 || a == 1 || (a == -1 && b % 2 == 0)) {
			*out = *out * (a == -1 ? 1 : a);
			return true;
		}
		if (a == -1) {
			*out = -*out;
			return true;
		}
		if (__builtin_mul_overflow(*out, a, out))
			return false;
	}
	return true;
}

static struct jv math_whole(struct jinja_run *r, char op, int64_t a,
	int64_t b)
{
	int64_t x = 0;
	bool fits = true;

	if ((op == '/' || op == '%') && a == INT64_MIN && b == -1)
		fits = false;
	else if (op == '+')
		fits = !__builtin_add_overflow(a, b, &x);
	else if (op == '-')
		fits = !__builtin_sub_overflow(a, b, &x);
	else if (op == '*')
		fits = !__builtin_mul_overflow(a, b, &x);
	else if (op == '/')
		x = a / b - (a % b && (a < 0) != (b < 0));
	else if (op == '%')
		x = a % b + (a % b && (a < 0) != (b < 0) ? b : 0);
	else
		fits = power(a, b, &x);
	if (!fits)
		jinja_fail(&r->heap, "a number does not fit in 64 bits");
	return jv_int(x);
}

static struct jv math_real(char op, double a, double b)
{
	double m = fmod(a, b);

	if (m && (m < 0) != (b < 0))
		m += b;
	switch (op) {
	case '+':
		return jv_float(a + b);
	case '-':
		return jv_float(a - b);
	case '*':
		return jv_float(a * b);
	case ':':	/* a / b */
		return jv_float(a / b);
	case '/':
		return jv_float(floor(a / b));
	case '%':
		return jv_float(m);
	default:
		return jv_float(pow(a, b));
	}
}

static struct jv math_numbers(struct jinja_run *r, char op, struct jv a,
	struct jv b)
{
	if (strchr(":/%", op) && !jv_true(b))
		jinja_fail(&r->heap, "division by zero");
	if (op != ':' && a.type != JV_FLOAT && b.type != JV_FLOAT &&
		(op != '^' || whole(b) >= 0))
		return math_whole(r, op, whole(a), whole(b));
	return math_real(op, jv_double(a), jv_double(b));
}

static void want_defined(struct jinja_run *r, struct jv x)
{
	if (x.type == JV_UNDEFINED)
		jinja_fail(&r->heap, "'%s' is undefined", x.name);
}

struct jv jinja_math(struct jinja_run *r, const char *op, struct jv a,
	struct jv b)
{
	struct jv_buf text = { .heap = &r->heap };
	bool alike = a.type == b.type && (a.type == JV_STRING ||
		jv_is_sequence(a));
	/* One character each: ':' is /, '/' is //, '^' is **. */
	char c = !strcmp(op, "/") ? ':' : !strcmp(op, "**") ? '^' : *op;

	if (c == '~') {
		jv_put_string(&text, jv_str(&r->heap, a));
		jv_put_string(&text, jv_str(&r->heap, b));
		return jv_of(jv_taken(&text));
	}
	want_defined(r, a);
	want_defined(r, b);
	if (jv_is_number(a) && jv_is_number(b))
		return math_numbers(r, c, a, b);
	if (c == '+' && alike)
		return join(r, a, b);
	if (c == '*' && (a.type == JV_STRING || jv_is_sequence(a)) &&
		(b.type == JV_INT || b.type == JV_BOOL))
		return repeat(r, a, whole(b));
	if (c == '*' && (b.type == JV_STRING || jv_is_sequence(b)) &&
		(a.type == JV_INT || a.type == JV_BOOL))
		return repeat(r, b, whole(a));
	jinja_fail(&r->heap, "%s %s %s is not supported", jv_type_name(a), op,
		jv_type_name(b));
}

/* ---- attributes, items, slices ---- */

static struct jv loop_attribute(const struct jinja_loop *l, const char *name)
{
	int64_t i = (int64_t)l->i, n = (int64_t)l->items->n;

	if (!strcmp(name, "index"))
		return jv_int(i + 1);
	if (!strcmp(name, "index0"))
		return jv_int(i);
	if (!strcmp(name, "revindex"))
		return jv_int(n - i);
	if (!strcmp(name, "revindex0"))
		return jv_int(n - i - 1);
	if (!strcmp(name, "first"))
		return jv_bool(i == 0);
	if (!strcmp(name, "last"))
		return jv_bool(i + 1 == n);
	if (!strcmp(name, "length"))
		return jv_int(n);
	if (!strcmp(name, "depth") || !strcmp(name, "depth0"))
		return jv_int(name[5] == 0);
	if (!strcmp(name, "previtem") && i > 0)
		return l->items->v[i - 1];
	if (!strcmp(name, "nextitem") && i + 1 < n)
		return l->items->v[i + 1];
	return jv_undefined(name);
}

struct jv jinja_attribute(struct jinja_run *r, struct jv x, const char *name)
{
	const struct jinja_function *f = jinja_method(x.type, name);
	const struct jv *v = NULL;

	want_defined(r, x);
	if (f)
		return (struct jv){ .type = JV_FUNCTION, .function = f };
	if (x.type == JV_LOOP)
		return loop_attribute(x.loop, name);
	if (x.type == JV_DICT || x.type == JV_NAMESPACE)
		v = jv_get_name(&r->heap, x.dict, name);
	return v ? *v : jv_undefined(name);
}

/* The byte offset of character i of s, or s.n. */
static size_t character_at(struct jv_string s, size_t i)
{
	uint32_t c;
	size_t at = 0;

	for (; i > 0 && at < s.n; i--)
		at += (size_t)utf8_decode(s.p + at, s.n - at, &c, NULL);
	return at;
}

static struct jv by_number(struct jinja_run *r, struct jv x, int64_t i)
{
	int64_t n = (int64_t)jv_length(&r->heap, x);
	size_t from, to;

	if (i < 0)
		i += n;
	if (i < 0 || i >= n)
		return jv_undefined("an item past the end");
	if (jv_is_sequence(x))
		return x.list->v[i];
	jinja_steps(&r->heap, x.s.n / 64);
	from = character_at(x.s, (size_t)i);
	to = from + character_at(jv_part(x.s, from, x.s.n), 1);
	return jv_of(jv_part(x.s, from, to));
}

/* A copy of a name that lives as long as the heap. */
static const char *name_of(struct jinja_run *r, struct jv_string s)
{
	char *name = jinja_alloc(&r->heap, s.n + 1);

	if (s.n)
		memcpy(name, s.p, s.n);
	name[s.n] = 0;
	return name;
}

struct jv jinja_item(struct jinja_run *r, struct jv x, struct jv key)
{
	struct jv *v;

	want_defined(r, x);
	if (x.type == JV_DICT && key.type != JV_LIST && key.type != JV_DICT) {
		v = jv_get(&r->heap, x.dict, key);
		if (v)
			return *v;
	}
	if ((x.type == JV_STRING || jv_is_sequence(x)) &&
		(key.type == JV_INT || key.type == JV_BOOL))
		return by_number(r, x, whole(key));
	if (key.type == JV_STRING)
		return jinja_attribute(r, x, name_of(r, key.s));
	return jv_undefined("an item");
}

/* Python's rules: a bound of a slice of n items with that step's direction. */
static int64_t bound(struct jinja_run *r, struct jv x, int64_t n, bool back,
	bool begin)
{
	int64_t i;

	if (x.type == JV_NONE || x.type == JV_UNDEFINED)
		return begin == back ? n - back : back ? -1 : 0;
	i = jinja_want_int(r, x, "a slice");
	if (i < 0)
		i += n;
	if (i < 0)
		return back ? -1 : 0;
	return i >= n ? n - back : i;
}

struct jv jinja_slice(struct jinja_run *r, struct jv x, struct jv from,
	struct jv to, struct jv step)
{
	bool text = x.type == JV_STRING;
	struct jv out = jv_list(&r->heap);
	struct jv_buf b = { .heap = &r->heap };
	struct jv_list *items;
	int64_t by = 1, i, end;

	want_defined(r, x);
	if (!text && !jv_is_sequence(x))
		jinja_fail(&r->heap, "a value of type %s cannot be sliced",
			jv_type_name(x));
	if (step.type != JV_NONE && step.type != JV_UNDEFINED)
		by = jinja_want_int(r, step, "a slice");
	if (!by)
		jinja_fail(&r->heap, "slice step is 0");
	items = jv_items(&r->heap, x);
	i = bound(r, from, (int64_t)items->n, by < 0, true);
	end = bound(r, to, (int64_t)items->n, by < 0, false);
	out.type = x.type;
	if (!text)
		out.list->mark = x.list->mark;
	for (; by > 0 ? i < end : i > end;) {
		if (text)
			jv_put_string(&b, items->v[i].s);
		else
			jv_append(&r->heap, out.list, items->v[i]);
		if (__builtin_add_overflow(i, by, &i))
			break;
	}
	return text ? jv_of(jv_taken(&b)) : out;
}

/* ---- calls ---- */

static void eval_arguments(struct jinja_run *r, const struct jinja_node *n,
	struct jinja_args *args)
{
	const struct jinja_node *a;
	size_t count = 0;

	for (a = n; a; a = a->next)
		count++;
	args->v = jinja_alloc(&r->heap, (count + 1) * sizeof *args->v);
	args->names = jinja_alloc(&r->heap, (count + 1) * sizeof *args->names);
	for (a = n, args->n = 0; a; a = a->next, args->n++) {
		args->v[args->n] = jinja_eval(r, a->a);
		args->names[args->n] = a->name;
	}
}

/* The index of the parameter name in params, or -1. */
static int find_param(const char *params, const char *name)
{
	size_t n = strlen(name);
	int i = 0;

	while (*params) {
		size_t len = strcspn(params, " ");

		if (len == n && !memcmp(params, name, n))
			return i;
		params += len + (params[len] == ' ');
		i++;
	}
	return -1;
}

static int count_params(const char *params)
{
	int n = *params != 0;

	for (; *params; params++)
		n += *params == ' ';
	return n;
}

struct jv jinja_apply(struct jinja_run *r, const struct jinja_function *f,
	struct jv self, const struct jinja_args *args)
{
	struct jv v[JINJA_PARAMS];
	struct jinja_args bound = { v, NULL, JINJA_PARAMS };
	size_t i;

	if (!f->params)
		return f->call(r, self, args);
	for (i = 0; i < JINJA_PARAMS; i++)
		v[i] = jv_undefined("an argument");
	for (i = 0; i < args->n; i++) {
		const char *name = args->names[i];
		int at = name ? find_param(f->params, name) : (int)i;

		if (at < 0 || at >= count_params(f->params))
			jinja_fail(&r->heap, "'%s' has no parameter for "
				"argument %zu %s", f->name, i + 1,
				name ? name : "");
		v[at] = args->v[i];
	}
	return f->call(r, self, &bound);
}

static struct jv eval_call(struct jinja_run *r, const struct jinja_node *n)
{
	const struct jinja_function *method = NULL;
	struct jinja_args args;
	struct jv self = jv_undefined(""), f;

	if (n->a->kind == JN_ATTRIBUTE) {
		self = jinja_eval(r, n->a->a);
		method = jinja_method(self.type, n->a->name);
		if (!method) {
			f = jinja_attribute(r, self, n->a->name);
			if (f.type == JV_UNDEFINED)
				jinja_fail(&r->heap, "the method '%s' of %s is "
					"not supported", n->a->name,
					jv_type_name(self));
		}
	}
	if (!method && n->a->kind != JN_ATTRIBUTE)
		f = jinja_eval(r, n->a);
	eval_arguments(r, n->args, &args);
	if (method)
		return jinja_apply(r, method, self, &args);
	if (f.type == JV_MACRO)
		return jinja_call_macro(r, f.macro, &args);
	if (f.type == JV_FUNCTION && jinja_global(f.function->name) ==
			f.function)
		return jinja_apply(r, f.function, jv_undefined(""), &args);
	if (f.type == JV_UNDEFINED)
		jinja_fail(&r->heap, "the function '%s' is not supported",
			f.name);
	jinja_fail(&r->heap, "a value of type %s cannot be called",
		jv_type_name(f));
}

/* ---- the other expressions ---- */

static struct jv eval_list(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv list = jv_list(&r->heap);
	const struct jinja_node *a;

	if (n->kind == JN_TUPLE)
		list.type = JV_TUPLE;
	for (a = n->args; a; a = a->next)
		jv_append(&r->heap, list.list, jinja_eval(r, a));
	return list;
}

static struct jv eval_dict(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv dict = jv_dict(&r->heap);
	const struct jinja_node *a;

	for (a = n->args; a; a = a->next) {
		struct jv key = jinja_eval(r, a->a);

		jv_set(&r->heap, dict.dict, key, jinja_eval(r, a->b));
	}
	return dict;
}

static bool holds(struct jinja_run *r, const char *op, struct jv a,
	struct jv b)
{
	if (!strcmp(op, "=="))
		return jv_equal(&r->heap, a, b);
	if (!strcmp(op, "!="))
		return !jv_equal(&r->heap, a, b);
	if (!strcmp(op, "in"))
		return jv_in(&r->heap, a, b);
	if (!strcmp(op, "not in"))
		return !jv_in(&r->heap, a, b);
	want_defined(r, a);
	want_defined(r, b);
	if (jv_is_number(a) && jv_is_number(b) && (isnan(jv_double(a)) ||
			isnan(jv_double(b))))
		return false;
	if (*op == '<')
		return jv_order(&r->heap, a, b) < (op[1] == '=');
	return jv_order(&r->heap, a, b) > -(op[1] == '=');
}

static struct jv eval_compare(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv a = jinja_eval(r, n->a), b;
	const struct jinja_node *next;

	for (next = n->args; next; next = next->next) {
		b = jinja_eval(r, next->a);
		if (!holds(r, next->name, a, b))
			return jv_bool(false);
		a = b;
	}
	return jv_bool(true);
}

static struct jv eval_signed(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv x = jinja_eval(r, n->a);

	want_defined(r, x);
	if (!jv_is_number(x))
		jinja_fail(&r->heap, "a sign before a value of type %s",
			jv_type_name(x));
	if (x.type == JV_FLOAT)
		return jv_float(n->kind == JN_MINUS ? -x.d : x.d);
	return math_whole(r, n->kind == JN_MINUS ? '-' : '+', 0, whole(x));
}

static struct jv eval_function(struct jinja_run *r, const struct jinja_node *n)
{
	/* The filters of a set block start with what it has written. */
	struct jv self = n->a ? jinja_eval(r, n->a) : jinja_variable(r, "");
	struct jinja_args args;

	eval_arguments(r, n->args, &args);
	return jinja_apply(r, n->function, self, &args);
}

static struct jv part(struct jinja_run *r, const struct jinja_node *n)
{
	return n ? jinja_eval(r, n) : jv_none();
}

static struct jv eval_logic(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv a = jinja_eval(r, n->a);

	switch (n->kind) {
	case JN_NOT:
		return jv_bool(!jv_true(a));
	case JN_AND:
		return jv_true(a) ? jinja_eval(r, n->b) : a;
	case JN_OR:
		return jv_true(a) ? a : jinja_eval(r, n->b);
	default:	/* JN_EITHER */
		if (jv_true(a))
			return jinja_eval(r, n->b);
		return n->c ? jinja_eval(r, n->c) :
			jv_undefined("the missing else");
	}
}

static struct jv eval_one(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv a;

	switch (n->kind) {
	case JN_CONST:
		return n->value;
	case JN_NAME:
		return jinja_variable(r, n->name);
	case JN_LIST:
	case JN_TUPLE:
		return eval_list(r, n);
	case JN_DICT:
		return eval_dict(r, n);
	case JN_ATTRIBUTE:
		return jinja_attribute(r, jinja_eval(r, n->a), n->name);
	case JN_ITEM:
		a = jinja_eval(r, n->a);
		return jinja_item(r, a, jinja_eval(r, n->b));
	case JN_SLICE:
		a = jinja_eval(r, n->a);
		return jinja_slice(r, a, part(r, n->b), part(r, n->c),
			part(r, n->d));
	case JN_CALL:
		return eval_call(r, n);
	case JN_FILTER:
	case JN_TEST:
		return eval_function(r, n);
	case JN_MINUS:
	case JN_PLUS:
		return eval_signed(r, n);
	case JN_MATH:
		a = jinja_eval(r, n->a);
		return jinja_math(r, n->name, a, jinja_eval(r, n->b));
	case JN_COMPARE:
		return eval_compare(r, n);
	default:
		return eval_logic(r, n);
	}
}

struct jv jinja_eval(struct jinja_run *r, const struct jinja_node *n)
{
	struct jv x;

	jinja_enter(&r->heap);
	jinja_steps(&r->heap, 1);
	r->heap.line = n->line;
	x = eval_one(r, n);
	r->heap.line = n->line;
	jinja_leave(&r->heap);
	return x;
}
