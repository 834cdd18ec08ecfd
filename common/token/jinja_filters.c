/* jinja_filters.c - filters, written after | in a template: see jinja_eval.h */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/token/jinja_eval.h"

static bool given(struct jv x)
{
	return x.type != JV_UNDEFINED;
}

static int64_t whole_or(struct jinja_run *r, struct jv x, int64_t otherwise,
	const char *what)
{
	return given(x) ? jinja_want_int(r, x, what) : otherwise;
}

/* ---- conversion to strings ---- */

static struct jv f_trim(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jinja_strip(&r->heap, jv_str(&r->heap, x), args->v[0],
		true, true));
}

static struct jv f_upper(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, jv_str(&r->heap, x),
		JINJA_UPPER));
}

static struct jv f_lower(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, jv_str(&r->heap, x),
		JINJA_LOWER));
}

static struct jv f_capitalize(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, jv_str(&r->heap, x),
		JINJA_CAPITALIZE));
}

static struct jv f_title(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, jv_str(&r->heap, x),
		JINJA_TITLE_FILTER));
}

static struct jv f_string(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jv_str(&r->heap, x));
}

static struct jv f_replace(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jinja_replace(&r->heap, jv_str(&r->heap, x),
		jv_str(&r->heap, args->v[0]), jv_str(&r->heap, args->v[1]),
		whole_or(r, args->v[2].type == JV_NONE ? jv_undefined("") :
		args->v[2], -1, "replace")));
}

/* The unit of indentation: a number of blanks, or a string. */
static struct jv_string blanks(struct jinja_run *r, struct jv width)
{
	struct jv_buf b = { .heap = &r->heap };
	int64_t n;

	if (width.type == JV_STRING)
		return width.s;
	n = whole_or(r, width, 4, "indent");
	jinja_steps(&r->heap, n > 0 ? (size_t)n : 0);
	while (n-- > 0)
		jv_puts(&b, " ", 0);
	return jv_taken(&b);
}

static struct jv f_indent(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv_string s = jinja_want_string(r, x, "indent"), unit;
	struct jv_buf text = { .heap = &r->heap }, b = { .heap = &r->heap };
	const struct jv_list *l;
	size_t i;

	unit = blanks(r, args->v[0]);
	jv_put_string(&text, s);
	jv_puts(&text, "\n", 0);
	l = jinja_lines(&r->heap, jv_taken(&text), false).list;
	for (i = 0; i < l->n; i++) {
		if (i)
			jv_puts(&b, "\n", 0);
		if (i ? l->v[i].s.n || jv_true(args->v[2]) :
			jv_true(args->v[1]))
			jv_put_string(&b, unit);
		jv_put_string(&b, l->v[i].s);
	}
	return jv_of(jv_taken(&b));
}

/* One of the filter's separators, a pair of strings; or none. */
static const char *separator_of(struct jinja_run *r, struct jv pair, size_t i)
{
	struct jv_string s;
	char *text;

	if (!given(pair) || pair.type == JV_NONE)
		return NULL;
	if (!jv_is_sequence(pair) || pair.list->n != 2)
		jinja_fail(&r->heap, "tojson: separators must be two strings");
	s = jinja_want_string(r, pair.list->v[i], "tojson");
	text = jinja_alloc(&r->heap, s.n + 1);
	if (s.n)
		memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return text;
}

/* ensure_ascii is false, as in transformers. */
static struct jv f_tojson(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv indent = args->v[1];
	int64_t n = -1;

	if (jv_true(args->v[0]))
		jinja_fail(&r->heap, "tojson(ensure_ascii=true) is not "
			"supported");
	if (given(indent) && indent.type != JV_NONE)
		n = jinja_want_int(r, indent, "tojson");
	if (n > 100)
		jinja_fail(&r->heap, "tojson: indent is over 100");
	return jv_of(jv_to_json(&r->heap, x, (int)n,
		separator_of(r, args->v[2], 0), separator_of(r, args->v[2], 1),
		jv_true(args->v[3])));
}

static struct jv f_safe(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_of(jv_str(&r->heap, x));
}

/* ---- conversion to numbers ---- */

/* Parses a whole string as a number; false: it is not one. */
static bool parse_number(struct jinja_run *r, struct jv x, bool real,
	struct jv *out)
{
	struct jv_string s = jinja_strip(&r->heap, x.s, jv_none(), true, true);
	char text[64], *end;

	if (!s.n || s.n >= sizeof text || memchr(s.p, 'x', s.n) ||
		memchr(s.p, 'X', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	if (real)
		*out = jv_float(strtod(text, &end));
	else
		*out = jv_int(strtoll(text, &end, 10));
	return !*end;
}

static struct jv f_float(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv out;

	if (jv_is_number(x))
		return jv_float(jv_double(x));
	if (x.type == JV_STRING && parse_number(r, x, true, &out))
		return out;
	return given(args->v[0]) ? args->v[0] : jv_float(0);
}

static struct jv f_int(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv out;

	if (given(args->v[1]) && jinja_want_int(r, args->v[1], "int") != 10)
		jinja_fail(&r->heap, "int: only base 10 is supported");
	if (x.type == JV_INT || x.type == JV_BOOL)
		return jv_int(jinja_want_int(r, x, "int"));
	if (x.type == JV_STRING && parse_number(r, x, false, &out))
		return out;
	if (x.type == JV_STRING && parse_number(r, x, true, &out))
		x = out;
	if (x.type == JV_FLOAT && fabs(x.d) < 0x1p63)
		return jv_int((int64_t)x.d);
	return given(args->v[0]) ? args->v[0] : jv_int(0);
}

static struct jv f_abs(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	if (x.type == JV_FLOAT)
		return jv_float(fabs(x.d));
	if (jinja_want_int(r, x, "abs") < 0)
		return jinja_math(r, "-", jv_int(0), x);
	return jv_int(jinja_want_int(r, x, "abs"));
}

/* The method "common" is Python's round(): integers stay integers. */
static struct jv f_round(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	int64_t digits = whole_or(r, args->v[0], 0, "round");
	bool common = !given(args->v[1]) || jv_is(args->v[1], "common");
	double scale = pow(10, (double)digits), d;

	if (!jv_is_number(x))
		jinja_fail(&r->heap, "round takes a number, not %s",
			jv_type_name(x));
	if (common && x.type != JV_FLOAT && digits >= 0)
		return jv_int(jinja_want_int(r, x, "round"));
	d = jv_double(x) * scale;
	d = common ? rint(d) : jv_is(args->v[1], "floor") ? floor(d) : ceil(d);
	return common && x.type != JV_FLOAT ? jv_int((int64_t)(d / scale)) :
		jv_float(d / scale);
}

static struct jv f_length(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return jv_int((int64_t)jv_length(&r->heap, x));
}

/* ---- lists ---- */

static struct jv f_default(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	if (given(x) && (!jv_true(args->v[1]) || jv_true(x)))
		return x;
	return given(args->v[0]) ? args->v[0] : jv_literal("");
}

static struct jv f_first(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, x);

	return l->n ? l->v[0] : jv_undefined("the first item of an empty list");
}

static struct jv f_last(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, x);

	return l->n ? l->v[l->n - 1] : jv_undefined("the last item of an empty list");
}

/* A copy of a list that may be reordered. */
static struct jv copy_list(struct jinja_run *r, struct jv x)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv copy = jv_list(&r->heap);
	size_t i;

	if (jv_is_sequence(x))
		copy.list->mark = l->mark;
	for (i = 0; i < l->n; i++)
		jv_append(&r->heap, copy.list, l->v[i]);
	return copy;
}

static struct jv f_list(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return copy_list(r, x);
}

static struct jv f_reverse(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv none = jv_none();

	if (x.type != JV_STRING)
		x = copy_list(r, x);
	return jinja_slice(r, x, none, none, jv_int(-1));
}

static struct jv f_items(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	if (!given(x))
		return jv_list(&r->heap);
	if (x.type != JV_DICT)
		jinja_fail(&r->heap, "items takes a dict, not %s",
			jv_type_name(x));
	return jinja_apply(r, jinja_method(JV_DICT, "items"), x,
		&(struct jinja_args){ 0 });
}

/* x.a.b for "a.b"; numbers are indices. */
static struct jv by_path(struct jinja_run *r, struct jv x, struct jv path)
{
	struct jv_string s;
	size_t at;

	if (path.type != JV_STRING)
		return jinja_item(r, x, path);
	for (s = path.s;;) {
		struct jv key;

		at = jv_find(s, (struct jv_string){ ".", NULL, 1 }, 0);
		key = jv_of(jv_part(s, 0, at == SIZE_MAX ? s.n : at));
		if (key.s.n && key.s.n < 10 && strspn(key.s.p, "0123456789") >=
				key.s.n)
			parse_number(r, key, false, &key);
		x = jinja_item(r, x, key);
		if (at == SIZE_MAX)
			return x;
		s = jv_part(s, at + 1, s.n);
	}
}

static struct jv attribute_or_self(struct jinja_run *r, struct jv x,
	struct jv path)
{
	return given(path) && path.type != JV_NONE ? by_path(r, x, path) : x;
}

static struct jv f_join(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv_buf b = { .heap = &r->heap };
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (i && given(args->v[0]))
			jv_put_string(&b, jv_str(&r->heap, args->v[0]));
		jv_put_string(&b, jv_str(&r->heap, attribute_or_self(r,
			l->v[i], args->v[1])));
	}
	return jv_of(jv_taken(&b));
}

static struct jv f_sum(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv sum = given(args->v[1]) ? args->v[1] : jv_int(0);
	size_t i;

	for (i = 0; i < l->n; i++)
		sum = jinja_math(r, "+", sum, attribute_or_self(r, l->v[i],
			args->v[0]));
	return sum;
}

/* ---- sorting ---- */

/* The sort key: the value or an attribute of it, optionally in lower case. */
static struct jv order_key(struct jinja_run *r, struct jv x, struct jv path,
	bool as_it_is)
{
	x = attribute_or_self(r, x, path);
	if (x.type == JV_STRING && !as_it_is)
		return jv_of(jinja_change_case(&r->heap, x.s, JINJA_LOWER));
	return x;
}

/* Sorts n values v by key, stably: a merge sort. */
static void merge_sort(struct jinja_run *r, struct jv_pair *v,
	struct jv_pair *spare, size_t n, bool down)
{
	size_t half = n / 2, a = 0, b = half, i;

	if (n < 2)
		return;
	merge_sort(r, v, spare, half, down);
	merge_sort(r, v + half, spare, n - half, down);
	for (i = 0; i < n; i++) {
		int c = a == half ? 1 : b == n ? -1 :
			jv_order(&r->heap, v[a].key, v[b].key);

		jinja_steps(&r->heap, 1);
		if (a < half && b < n && down)
			c = -c;
		spare[i] = c <= 0 ? v[a++] : v[b++];
	}
	memcpy(v, spare, n * sizeof *v);
}

static struct jv sorted(struct jinja_run *r, struct jv list, bool down,
	bool as_it_is, struct jv path)
{
	size_t n = list.list->n, i;
	struct jv_pair *v = jinja_alloc(&r->heap, 2 * (n + 1) * sizeof *v);

	for (i = 0; i < n; i++)
		v[i] = (struct jv_pair){ order_key(r, list.list->v[i], path,
			as_it_is), list.list->v[i] };
	merge_sort(r, v, v + n, n, down);
	for (i = 0; i < n; i++)
		list.list->v[i] = v[i].value;
	return list;
}

static struct jv f_sort(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return sorted(r, copy_list(r, x), jv_true(args->v[0]),
		jv_true(args->v[1]), args->v[2]);
}

static struct jv f_dictsort(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	struct jv by = jv_int(given(args->v[1]) && jv_is(args->v[1], "value"));

	return sorted(r, f_items(r, x, args), jv_true(args->v[2]),
		jv_true(args->v[0]), by);
}

static struct jv extreme(struct jinja_run *r, struct jv x,
	const struct jinja_args *args, int sign)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv best = jv_undefined("the extreme of an empty list"), key, k;
	size_t i;

	for (i = 0; i < l->n; i++) {
		k = order_key(r, l->v[i], args->v[1], jv_true(args->v[0]));
		if (i && sign * jv_order(&r->heap, k, key) <= 0)
			continue;
		best = l->v[i];
		key = k;
	}
	return best;
}

static struct jv f_min(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return extreme(r, x, args, -1);
}

static struct jv f_max(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return extreme(r, x, args, 1);
}

static struct jv f_unique(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv list = jv_list(&r->heap), seen = jv_list(&r->heap);
	size_t i;

	for (i = 0; i < l->n; i++) {
		struct jv key = order_key(r, l->v[i], args->v[1],
			jv_true(args->v[0]));

		if (jv_in(&r->heap, key, seen))
			continue;
		jv_append(&r->heap, seen.list, key);
		jv_append(&r->heap, list.list, l->v[i]);
	}
	return list;
}

/* ---- filters that take filters and tests as arguments ---- */

/* The arguments from index i on. */
static struct jinja_args rest(const struct jinja_args *args, size_t i)
{
	if (i > args->n)
		i = args->n;
	return (struct jinja_args){ args->v + i, args->names + i,
		args->n - i };
}

static const struct jinja_function *named(struct jinja_run *r, struct jv name,
	const struct jinja_function *(*find)(const char *), const char *what)
{
	struct jv_string s = jinja_want_string(r, name, what);
	const struct jinja_function *f;
	char text[32] = "";

	if (s.n && s.n < sizeof text)
		memcpy(text, s.p, s.n);
	f = find(text);
	if (!f)
		jinja_fail(&r->heap, "%s: '%.*s' is not supported", what,
			(int)(s.n < 40 ? s.n : 40), s.p);
	return f;
}

/* map(attribute="a", default=x) or map("filter", ...). */
static struct jv f_map(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv list = jv_list(&r->heap), path = jv_undefined("");
	struct jv otherwise = path;
	const struct jinja_function *f = NULL;
	struct jinja_args more = rest(args, 1);
	size_t i;

	if (args->n && !args->names[0])
		f = named(r, args->v[0], jinja_filter, "map");
	for (i = 0; i < args->n && !f; i++) {
		if (args->names[i] && !strcmp(args->names[i], "attribute"))
			path = args->v[i];
		else if (args->names[i] && !strcmp(args->names[i], "default"))
			otherwise = args->v[i];
		else
			jinja_fail(&r->heap, "map takes no argument %zu",
				i + 1);
	}
	if (!f && !given(path))
		jinja_fail(&r->heap, "map without a filter or attribute");
	for (i = 0; i < l->n; i++) {
		struct jv y = f ? jinja_apply(r, f, l->v[i], &more) :
			by_path(r, l->v[i], path);

		jv_append(&r->heap, list.list, given(y) ? y : otherwise);
	}
	return list;
}

/* The items that pass (or fail) a test of an attribute or of the value. */
static struct jv choose(struct jinja_run *r, struct jv x,
	const struct jinja_args *args, bool attribute, bool wanted)
{
	const struct jv_list *l = jv_items(&r->heap, x);
	struct jv list = jv_list(&r->heap);
	const struct jinja_function *f = NULL;
	struct jinja_args more = rest(args, attribute + 1u);
	size_t i;

	if (args->n < attribute)
		jinja_fail(&r->heap, "selectattr without an attribute");
	if (args->n > attribute)
		f = named(r, args->v[attribute], jinja_test, "select");
	if (jv_is_sequence(x))
		list.list->mark = l->mark;
	for (i = 0; i < l->n; i++) {
		struct jv y = attribute ? by_path(r, l->v[i], args->v[0]) :
			l->v[i];

		if (f)
			y = jinja_apply(r, f, y, &more);
		if (jv_true(y) == wanted)
			jv_append(&r->heap, list.list, l->v[i]);
	}
	return list;
}

static struct jv f_select(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return choose(r, x, args, false, true);
}

static struct jv f_reject(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return choose(r, x, args, false, false);
}

static struct jv f_selectattr(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return choose(r, x, args, true, true);
}

static struct jv f_rejectattr(struct jinja_run *r, struct jv x,
	const struct jinja_args *args)
{
	return choose(r, x, args, true, false);
}

static const struct jinja_function filters[] = {
	{ "abs", f_abs, "" },
	{ "capitalize", f_capitalize, "" },
	{ "count", f_length, "" },
	{ "d", f_default, "default_value boolean" },
	{ "default", f_default, "default_value boolean" },
	{ "dictsort", f_dictsort, "case_sensitive by reverse" },
	{ "first", f_first, "" },
	{ "float", f_float, "default" },
	{ "indent", f_indent, "width first blank" },
	{ "int", f_int, "default base" },
	{ "items", f_items, "" },
	{ "join", f_join, "d attribute" },
	{ "last", f_last, "" },
	{ "length", f_length, "" },
	{ "list", f_list, "" },
	{ "lower", f_lower, "" },
	{ "map", f_map, NULL },
	{ "max", f_max, "case_sensitive attribute" },
	{ "min", f_min, "case_sensitive attribute" },
	{ "reject", f_reject, NULL },
	{ "rejectattr", f_rejectattr, NULL },
	{ "replace", f_replace, "old new count" },
	{ "reverse", f_reverse, "" },
	{ "round", f_round, "precision method" },
	{ "safe", f_safe, "" },
	{ "select", f_select, NULL },
	{ "selectattr", f_selectattr, NULL },
	{ "sort", f_sort, "reverse case_sensitive attribute" },
	{ "string", f_string, "" },
	{ "sum", f_sum, "attribute start" },
	{ "title", f_title, "" },
	{ "tojson", f_tojson, "ensure_ascii indent separators sort_keys" },
	{ "trim", f_trim, "chars" },
	{ "unique", f_unique, "case_sensitive attribute" },
	{ "upper", f_upper, "" },
};

const struct jinja_function *jinja_filter(const char *name)
{
	return jinja_find(filters, sizeof filters / sizeof *filters, name);
}
