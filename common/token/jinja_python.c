/* jinja_python.c - truth, equality, order and text of values by Python's rules:
 * see jinja_value.h
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/token/jinja_value.h"

const char *jv_type_name(struct jv x)
{
	static const char *const names[] = { "Undefined", "NoneType", "bool",
		"int", "float", "str", "list", "tuple", "dict", "Namespace",
		"LoopContext", "Macro", "function" };

	return names[x.type];
}

bool jv_is_number(struct jv x)
{
	return x.type == JV_BOOL || x.type == JV_INT || x.type == JV_FLOAT;
}

bool jv_is_sequence(struct jv x)
{
	return x.type == JV_LIST || x.type == JV_TUPLE;
}

bool jv_is(struct jv x, const char *s)
{
	return x.type == JV_STRING && x.s.n == strlen(s) &&
		!memcmp(x.s.p, s, x.s.n);
}

double jv_double(struct jv x)
{
	if (x.type == JV_FLOAT)
		return x.d;
	return x.type == JV_BOOL ? x.b : (double)x.i;
}

bool jv_true(struct jv x)
{
	switch (x.type) {
	case JV_UNDEFINED:
	case JV_NONE:
		return false;
	case JV_BOOL:
		return x.b;
	case JV_INT:
		return x.i != 0;
	case JV_FLOAT:
		return x.d < 0 || x.d > 0 || isnan(x.d);
	case JV_STRING:
		return x.s.n > 0;
	case JV_LIST:
	case JV_TUPLE:
		return x.list->n > 0;
	case JV_DICT:
		return x.dict->n > 0;
	default:
		return true;
	}
}

/* ---- equality and order ---- */

static bool equal_lists(struct jinja_heap *h, const struct jv_list *a,
	const struct jv_list *b)
{
	size_t i;

	for (i = 0; a->n == b->n && i < a->n; i++)
		if (!jv_equal(h, a->v[i], b->v[i]))
			return false;
	return a->n == b->n;
}

static bool equal_dicts(struct jinja_heap *h, const struct jv_dict *a,
	const struct jv_dict *b)
{
	size_t i;

	for (i = 0; a->n == b->n && i < a->n; i++) {
		const struct jv *v = jv_get(h, b, a->v[i].key);

		if (!v || !jv_equal(h, a->v[i].value, *v))
			return false;
	}
	return a->n == b->n;
}

static bool equal_things(struct jinja_heap *h, struct jv a, struct jv b)
{
	bool equal;

	jinja_enter(h);
	jinja_steps(h, 1);
	equal = a.type == JV_DICT ? equal_dicts(h, a.dict, b.dict) :
		equal_lists(h, a.list, b.list);
	jinja_leave(h);
	return equal;
}

static int order_numbers(struct jv a, struct jv b)
{
	if (a.type == JV_FLOAT || b.type == JV_FLOAT) {
		double x = jv_double(a), y = jv_double(b);

		return x < y ? -1 : x > y;
	}
	if (a.type == JV_BOOL)
		a.i = a.b;
	if (b.type == JV_BOOL)
		b.i = b.b;
	return a.i < b.i ? -1 : a.i > b.i;
}

bool jv_equal(struct jinja_heap *h, struct jv a, struct jv b)
{
	if (jv_is_number(a) && jv_is_number(b))
		return !order_numbers(a, b) && !isnan(jv_double(a)) &&
			!isnan(jv_double(b));
	if (a.type != b.type)
		return false;
	switch (a.type) {
	case JV_STRING:
		return a.s.n == b.s.n && (!a.s.n ||
			!memcmp(a.s.p, b.s.p, a.s.n));
	case JV_LIST:
	case JV_TUPLE:
	case JV_DICT:
		return equal_things(h, a, b);
	case JV_NAMESPACE:
		return a.dict == b.dict;
	case JV_LOOP:
		return a.loop == b.loop;
	case JV_MACRO:
		return a.macro == b.macro;
	case JV_FUNCTION:
		return a.function == b.function;
	default:
		return true;
	}
}

/* UTF-8 sorts like code points. */
static int order_strings(struct jv_string a, struct jv_string b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : a.n < b.n ? -1 : a.n > b.n;
}

int jv_order(struct jinja_heap *h, struct jv a, struct jv b)
{
	size_t i;
	int c = 0;

	if (jv_is_number(a) && jv_is_number(b))
		return order_numbers(a, b);
	if (a.type == JV_STRING && b.type == JV_STRING)
		return order_strings(a.s, b.s);
	if (a.type != b.type || !jv_is_sequence(a))
		jinja_fail(h, "%s and %s cannot be compared", jv_type_name(a),
			jv_type_name(b));
	jinja_enter(h);
	for (i = 0; !c && i < a.list->n && i < b.list->n; i++)
		c = jv_order(h, a.list->v[i], b.list->v[i]);
	jinja_leave(h);
	return c ? c : a.list->n < b.list->n ? -1 : a.list->n > b.list->n;
}

bool jv_in(struct jinja_heap *h, struct jv a, struct jv b)
{
	size_t i;

	if (b.type == JV_STRING) {
		if (a.type != JV_STRING)
			jinja_fail(h, "'in' with a string takes a string, "
				"not %s", jv_type_name(a));
		return jv_find(b.s, a.s, 0) != SIZE_MAX;
	}
	if (b.type == JV_DICT)
		return jv_get(h, b.dict, a) != NULL;
	if (b.type == JV_UNDEFINED)
		return false;
	if (!jv_is_sequence(b))
		jinja_fail(h, "a value of type %s is not iterable",
			jv_type_name(b));
	jinja_steps(h, b.list->n / 8);
	for (i = 0; i < b.list->n; i++)
		if (jv_equal(h, b.list->v[i], a))
			return true;
	return false;
}

/* ---- str and repr ---- */

void jv_number(char *text, double d)
{
	char digits[40], *e;
	int precision = 1, exponent, point;
	size_t n;

	if (!isfinite(d)) {
		strcpy(text, isnan(d) ? "nan" : d < 0 ? "-inf" : "inf");
		return;
	}
	do
		snprintf(digits, sizeof digits, "%.*e", precision - 1, d);
	while (strtod(digits, NULL) != d && precision++ < 17);
	e = strchr(digits, 'e');
	exponent = atoi(e + 1);
	if (exponent < -4 || exponent >= 16) {
		snprintf(text, 32, "%.*se%c%02d", (int)(e - digits), digits,
			exponent < 0 ? '-' : '+', abs(exponent));
		return;
	}
	point = precision - 1 - exponent;
	n = (size_t)snprintf(text, 32, "%.*f", point > 0 ? point : 0, d);
	if (point <= 0)
		snprintf(text + n, 32 - n, ".0");
}

static bool is_printable(uint32_t c)
{
	return c == ' ' || unicode_class(c) & (UNI_LETTER | UNI_NUMBER |
		UNI_MARK | UNI_PUNCT | UNI_SYMBOL);
}

static void repr_character(struct jv_buf *b, uint32_t c, char quote,
	unsigned char mark)
{
	static const char escapes[] = "\n\r\t\\", letters[] = "nrt\\";
	const char *known = c < 128 && c ? strchr(escapes, (int)c) : NULL;
	char text[16];

	if (known || c == (uint32_t)quote)
		snprintf(text, sizeof text, "\\%c", known ?
			letters[known - escapes] : quote);
	else if (is_printable(c))
		text[utf8_encode(text, c)] = 0;
	else
		snprintf(text, sizeof text, c < 256 ? "\\x%02x" : c < 65536 ?
			"\\u%04x" : "\\U%08x", (unsigned)c);
	jv_puts(b, text, mark);
}

static void repr_string(struct jv_buf *b, struct jv_string s,
	unsigned char around)
{
	char quote = s.n && memchr(s.p, '\'', s.n) && !memchr(s.p, '"', s.n) ?
		'"' : '\'';
	uint32_t c;
	size_t i;
	int n;

	jv_put(b, &quote, 1, around);
	for (i = 0; i < s.n; i += (size_t)n) {
		n = utf8_decode(s.p + i, s.n - i, &c, NULL);
		repr_character(b, c, quote, jv_mark(s, i));
	}
	jv_put(b, &quote, 1, around);
}

static void repr(struct jv_buf *b, struct jv x, unsigned char around);

static void repr_list(struct jv_buf *b, struct jv x)
{
	const struct jv_list *l = x.list;
	bool tuple = x.type == JV_TUPLE;
	size_t i;

	jv_puts(b, tuple ? "(" : "[", l->mark);
	for (i = 0; i < l->n; i++) {
		if (i)
			jv_puts(b, ", ", l->mark);
		repr(b, l->v[i], l->mark);
	}
	jv_puts(b, tuple && l->n == 1 ? ",)" : tuple ? ")" : "]", l->mark);
}

static void repr_dict(struct jv_buf *b, const struct jv_dict *d)
{
	size_t i;

	jv_puts(b, "{", d->mark);
	for (i = 0; i < d->n; i++) {
		if (i)
			jv_puts(b, ", ", d->mark);
		repr(b, d->v[i].key, d->mark);
		jv_puts(b, ": ", d->mark);
		repr(b, d->v[i].value, d->mark);
	}
	jv_puts(b, "}", d->mark);
}

static void str_scalar(struct jv_buf *b, struct jv x, unsigned char mark)
{
	char text[32] = "";

	if (x.type == JV_NONE)
		strcpy(text, "None");
	else if (x.type == JV_BOOL)
		strcpy(text, x.b ? "True" : "False");
	else if (x.type == JV_INT)
		snprintf(text, sizeof text, "%lld", (long long)x.i);
	else if (x.type == JV_FLOAT)
		jv_number(text, x.d);
	else if (x.type != JV_UNDEFINED)
		jinja_fail(b->heap, "a value of type %s cannot be converted to text",
			jv_type_name(x));
	jv_puts(b, text, mark);
}

/* around: the mark for brackets and quotes. */
static void repr(struct jv_buf *b, struct jv x, unsigned char around)
{
	jinja_enter(b->heap);
	jinja_steps(b->heap, 1);
	if (x.type == JV_STRING)
		repr_string(b, x.s, around);
	else if (jv_is_sequence(x))
		repr_list(b, x);
	else if (x.type == JV_DICT)
		repr_dict(b, x.dict);
	else if (x.type == JV_UNDEFINED)
		jv_puts(b, "Undefined", around);
	else
		str_scalar(b, x, around);
	jinja_leave(b->heap);
}

struct jv_string jv_str(struct jinja_heap *h, struct jv x)
{
	struct jv_buf b = { .heap = h };

	if (x.type == JV_STRING)
		return x.s;
	if (jv_is_sequence(x) || x.type == JV_DICT)
		repr(&b, x, 0);
	else
		str_scalar(&b, x, 0);
	return jv_taken(&b);
}
