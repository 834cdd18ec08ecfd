/* number.c - parses numbers: see number.h */
#include "common/grade/number.h"

#include <string.h>

#include "common/base/ascii.h"

/* ---- pieces of notation; each advances *p over what it takes ---- */

/* Takes `what` if it is next. */
static bool take(const char **p, const char *end, const char *what)
{
	const char *s = *p;

	for (; *what; what++, s++)
		if (s >= end || *s != *what)
			return false;
	*p = s;
	return true;
}

static bool take_any(const char **p, const char *end, const char *const *what)
{
	for (; *what; what++)
		if (take(p, end, *what))
			return true;
	return false;
}

static void skip_spaces(const char **p, const char *end, int most)
{
	while (most-- && *p < end && **p == ' ')
		++*p;
}

static bool digits_at(const char *p, const char *end, int n)
{
	for (; n--; p++)
		if (p >= end || !ascii_digit(*p))
			return false;
	return true;
}

/* A separator between groups of three digits: a comma, TeX's forms of it, an
 * apostrophe, narrow and no-break spaces. */
static bool take_separator(const char **p, const char *end)
{
	static const char *const separators[] = { ",\\!", "{,}", ",", "\\,",
		"\\!", "'", "\u202f", "\u2009", "\u00a0", NULL };
	const char *s = *p;

	if (!take_any(&s, end, separators) || !digits_at(s, end, 3) ||
		digits_at(s + 3, end, 1))
		return false;
	*p = s;
	return true;
}

/* Where the groups of 1 234 567 or, as written in India, 12,34,567 at s end; s
 * when there are none. */
static const char *end_of_groups(const char *s, const char *end)
{
	const char *p = s;
	char sep;
	int n = 0;

	while (n < 3 && digits_at(p, end, 1)) {
		p++;
		n++;
	}
	if (!n || p == end || *s == '0')
		return s;
	sep = *p;
	if (sep == ',' && n < 3)
		while (p[0] == ',' && digits_at(p + 1, end, 2) &&
			end - p > 3 && p[3] == ',')
			p += 3;
	if (sep != ' ' && p == s + n)
		return s;
	do {
		if (!digits_at(p + 1, end, 3) || digits_at(p + 4, end, 1))
			return s;
		p += 4;
	} while (sep == ' ' && p < end && *p == ' ' && digits_at(p + 1, end, 1));
	return p < end && (*p == '-' || *p == '/' || *p == ',') ? s : p;
}

/* An integer with sign; false when it is missing or has more than 17 digits. */
static bool take_integer(const char **p, const char *end, int64_t *n)
{
	const char *s = *p;
	bool minus = take(&s, end, "-") || take(&s, end, "\u2212");
	int digits = 0;

	if (!minus)
		take(&s, end, "+");
	for (*n = 0; s < end && ascii_digit(*s); s++)
		if (digits++ < 17)
			*n = 10 * *n + (*s - '0');
	if (minus)
		*n = -*n;
	if (!digits || digits > 17)
		return false;
	*p = s;
	return true;
}

/* "e-3" after a decimal number, with no letter or digit following. */
static void take_exponent(const char **p, const char *end, struct rational *x)
{
	const char *s = *p, *digits;
	int64_t exponent;

	if (s == end || (*s | 32) != 'e')
		return;
	s++;
	digits = s + (s < end && (*s == '-' || *s == '+'));
	if (!digits_at(digits, end, 1))
		return;
	if (!take_integer(&s, end, &exponent)) {
		x->known = false;
		while (digits_at(digits, end, 1))
			digits++;
		*p = digits;
		return;
	}
	if (s < end && (ascii_alnum(*s) || *s == '_'))
		return;
	rational_scale_by_ten(x, exponent);
	*p = s;
}

/* 1,200.50e3; *whole: it is only digits. */
static bool take_decimal(const char **p, const char *end, struct rational *x,
	bool *whole)
{
	const char *s = *p, *groups = end_of_groups(s, end);
	int64_t decimals = 0;
	bool point = false;

	rational_set(x, 0);
	*whole = true;
	for (; s < end; s++) {
		if (s < groups && !ascii_digit(*s)) {
			*whole = false;
			continue;
		}
		if (!point && *s == '.' && digits_at(s + 1, end, 1)) {
			point = true;
			s++;
		} else if (!point && s > *p && take_separator(&s, end)) {
			*whole = false;
		} else if (!ascii_digit(*s)) {
			break;
		}
		rational_append_digit(x, (uint64_t)(*s - '0'));
		decimals += point;
	}
	if (s == *p)
		return false;
	*p = s;
	*whole &= !point;
	rational_scale_by_ten(x, -decimals);
	take_exponent(p, end, x);
	*whole &= *p == s;
	return true;
}

/* A power: ^3, ^{-2}. ^\circ and ^{th} are units. Any other exponent cannot be
 * evaluated. */
static void take_power(const char **p, const char *end, struct rational *x)
{
	static const char *const units[] = { "\\circ", "\\text", "\\mathrm",
		"th", "st", "nd", "rd", NULL };
	const char *s = *p;
	int64_t exponent;
	bool braces;

	if (!take(&s, end, "^"))
		return;
	skip_spaces(&s, end, 1);
	braces = take(&s, end, "{");
	if (take_any(&s, end, units))
		return;
	if (!take_integer(&s, end, &exponent) ||
		(braces && !take(&s, end, "}"))) {
		x->known = false;
		return;
	}
	rational_power(x, exponent);
	*p = s;
}

/* \times 10^{3} after a decimal number. */
static void take_times_ten(const char **p, const char *end, struct rational *x)
{
	static const char *const times[] = { "\\times", "\\cdot", "\u00d7",
		"\u00b7", "x", "X", "*", NULL };
	const char *s = *p;
	struct rational ten;

	skip_spaces(&s, end, 1);
	if (!take_any(&s, end, times))
		return;
	skip_spaces(&s, end, 1);
	if (end - s < 3 || memcmp(s, "10^", 3))
		return;
	s += 2;
	rational_set(&ten, 10);
	take_power(&s, end, &ten);
	rational_multiply(x, &ten);
	*p = s;
}

static void take_currency(const char **p, const char *end)
{
	static const char *const signs[] = { "$", "\\$", "\\\\$", "\u00a3",
		"\u00a5", "\u20ac", "\u20b9", "\u20bd", "\u20a9", NULL };

	if (take_any(p, end, signs))
		skip_spaces(p, end, 1);
}

/* ---- fractions ---- */

/* An argument of \frac: {-12.5} or a single digit. */
static bool take_argument(const char **p, const char *end, struct rational *x)
{
	const char *s = *p;
	bool minus, whole;

	skip_spaces(&s, end, 1);
	if (s < end && ascii_digit(*s)) {
		rational_set(x, (uint64_t)(*s - '0'));
		*p = s + 1;
		return true;
	}
	if (!take(&s, end, "{"))
		return false;
	skip_spaces(&s, end, 1);
	minus = take(&s, end, "-") || take(&s, end, "\u2212");
	take_currency(&s, end);
	if (!take_decimal(&s, end, x, &whole))
		return false;
	take_power(&s, end, x);
	if (minus)
		rational_negate(x);
	skip_spaces(&s, end, 1);
	if (!take(&s, end, "}"))
		return false;
	*p = s;
	return true;
}

/* Skips {...} or a single character or TeX command; if a brace is missing, only
 * to the end of the line, so that no text is scanned twice. */
static void skip_argument(const char **p, const char *end)
{
	const char *s = *p;
	int depth = 0;

	skip_spaces(&s, end, 1);
	do {
		if (s == end || *s == '\n')
			break;
		if (*s == '\\' && end - s > 1) {
			s += 2;
			while (!depth && ascii_letter(s[-1]) && s < end &&
					ascii_letter(*s))
				s++;
			continue;
		}
		depth += *s == '{';
		depth -= *s == '}';
		s++;
	} while (depth > 0);
	*p = s;
}

static bool take_frac(const char **p, const char *end, struct rational *x)
{
	static const char *const names[] = { "\\frac", "\\dfrac", "\\tfrac",
		"\\cfrac", NULL };
	struct rational below;
	const char *s;

	if (!take_any(p, end, names))
		return false;
	s = *p;
	if (take_argument(&s, end, x) && take_argument(&s, end, &below)) {
		rational_divide(x, below);
		*p = s;
		return true;
	}
	rational_set(x, 0);
	x->known = false;
	skip_argument(p, end);
	skip_argument(p, end);
	return true;
}

/* ½ and similar characters. */
static bool take_vulgar(const char **p, const char *end, struct rational *x)
{
	static const struct { const char *s; unsigned char above, below; }
	list[] = { { "\u00bd", 1, 2 }, { "\u00bc", 1, 4 }, { "\u00be", 3, 4 },
		{ "\u2153", 1, 3 }, { "\u2154", 2, 3 }, { "\u2155", 1, 5 },
		{ "\u2156", 2, 5 }, { "\u2157", 3, 5 }, { "\u2158", 4, 5 },
		{ "\u2159", 1, 6 }, { "\u215a", 5, 6 }, { "\u215b", 1, 8 },
		{ "\u215c", 3, 8 }, { "\u215d", 5, 8 }, { "\u215e", 7, 8 } };
	struct rational below;
	size_t i;

	for (i = 0; i < sizeof list / sizeof *list; i++) {
		if (!take(p, end, list[i].s))
			continue;
		rational_set(x, list[i].above);
		rational_set(&below, list[i].below);
		rational_divide(x, below);
		return true;
	}
	return false;
}

static const char *const slashes[] = { "/", "\u2044", "\u2215", NULL };

/* The denominator after x. With several slashes (a date), the last number counts
 * by itself. */
static void take_slash(const char **p, const char *end, struct rational *x)
{
	struct rational below;
	bool whole;
	int n;

	for (n = 0;; n++) {
		const char *s = *p;

		skip_spaces(&s, end, 1);
		if (!take_any(&s, end, slashes))
			break;
		skip_spaces(&s, end, 1);
		if (!take_decimal(&s, end, &below, &whole))
			break;
		take_power(&s, end, &below);
		if (!n)
			rational_divide(x, below);
		else
			*x = below;
		*p = s;
	}
}

/* 1/2 after a whole number: a proper fraction. */
static bool take_proper(const char **p, const char *end, struct rational *x)
{
	const char *s = *p;
	struct rational below;
	int64_t above, under;

	if (!digits_at(s, end, 1) || !take_integer(&s, end, &above) ||
		!take(&s, end, "/") || !digits_at(s, end, 1) ||
		!take_integer(&s, end, &under) || above >= under ||
		(s < end && *s == '/'))
		return false;
	rational_set(x, (uint64_t)above);
	rational_set(&below, (uint64_t)under);
	rational_divide(x, below);
	*p = s;
	return true;
}

/* The fraction of a mixed number: 1 1/2, 1½, 1\frac{1}{2}. */
static bool take_mixed(const char **p, const char *end, struct rational *x)
{
	const char *s = *p;
	struct rational part;
	bool apart = take(&s, end, " ") || take(&s, end, "\\ ");

	if (!take_vulgar(&s, end, &part) && !take_frac(&s, end, &part) &&
		!(apart && take_proper(&s, end, &part)))
		return false;
	rational_add(x, &part);
	*p = s;
	return true;
}

/* ---- a complete number with its sign and what follows ---- */

static bool word_char(char c)
{
	return ascii_alnum(c) || c == '_' || (c & 0x80);
}

/* Skips a root's index, [3], and its argument. */
static void skip_root(const char **p, const char *end)
{
	const char *s = *p;

	if (s < end && *s == '[') {
		while (s < end && s - *p < 8 && *s != ']')
			s++;
		if (s < end && *s == ']')
			*p = s + 1;
	}
	if (digits_at(*p, end, 1))
		while (digits_at(*p, end, 1))
			++*p;
	else
		skip_argument(p, end);
}

/* \pi, \sqrt, and their characters when they stand alone. */
static bool take_symbol(const char **p, const char *text, const char *end)
{
	const char *s = *p;

	if (take(&s, end, "\\sqrt") || take(&s, end, "\u221a"))
		skip_root(&s, end);
	else if (take(&s, end, "\\pi") ? s < end && ascii_letter(*s) :
		!take(&s, end, "\u03c0") || (s < end && word_char(*s)) ||
		(*p > text && word_char((*p)[-1]) && !ascii_digit((*p)[-1])))
		return false;
	*p = s;
	return true;
}

/* Divisors of a symbol: /2 in \pi/2 is not a number of its own. */
static void take_divisors(const char **p, const char *text, const char *end)
{
	struct rational below;
	bool whole;

	for (;;) {
		const char *s = *p;

		skip_spaces(&s, end, 1);
		if (!take_any(&s, end, slashes))
			return;
		skip_spaces(&s, end, 1);
		if (!take_decimal(&s, end, &below, &whole) &&
			!take_symbol(&s, text, end))
			return;
		*p = s;
	}
}

/* A word or abbreviation with no letter or digit after it, in any case. */
static bool take_word(const char **p, const char *end, const char *word)
{
	size_t n = strlen(word), i;

	if ((size_t)(end - *p) < n)
		return false;
	for (i = 0; i < n; i++)
		if (((*p)[i] | 32) != (word[i] | 32))
			return false;
	if (*p + n < end && (word_char((*p)[n])))
		return false;
	*p += n;
	return true;
}

/* 2.5 million, 70K: how many zeros. */
static void take_scale(const char **p, const char *end, struct number *x)
{
	static const struct { const char *word; int zeros; } list[] = {
		{ "k", 3 }, { "thousand", 3 }, { "million", 6 },
		{ "billion", 9 }, { "trillion", 12 } };
	size_t i;

	for (i = 0; i < sizeof list / sizeof *list; i++) {
		const char *s = *p;

		skip_spaces(&s, end, i > 0);
		if (take_word(&s, end, list[i].word)) {
			x->zeros = list[i].zeros;
			*p = s;
			return;
		}
	}
}

/* 5 dollars and 50 cents. */
static void take_cents(const char **p, const char *end, struct rational *x)
{
	const char *s = *p;
	struct rational cents;
	bool whole;

	skip_spaces(&s, end, 1);
	if (!take_word(&s, end, "dollars") && !take_word(&s, end, "dollar"))
		return;
	skip_spaces(&s, end, 1);
	take_word(&s, end, "and");
	skip_spaces(&s, end, 1);
	if (!take_decimal(&s, end, &cents, &whole) || !take(&s, end, " ") ||
		!(take_word(&s, end, "cents") || take_word(&s, end, "cent")))
		return;
	rational_scale_by_ten(&cents, -2);
	rational_add(x, &cents);
	*p = s;
}

static void take_unit(const char **p, const char *text, const char *end,
	struct number *x)
{
	const char *s = *p;

	take_scale(p, end, x);
	take_cents(p, end, &x->value);
	s = *p;
	skip_spaces(&s, end, 1);
	if (take(&s, end, "%") || take(&s, end, "\\%") ||
		take(&s, end, "\\\\%") || ((take(&s, end, "percent") ||
		take(&s, end, "per cent")) && (s == end || !word_char(*s)))) {
		x->percent = true;
		*p = s;
	} else if (take_symbol(&s, text, end)) {
		x->value.known = false;
		take_divisors(&s, text, end);
		*p = s;
	}
}

/* ---- times and dates ---- */

/* a.m. or p.m. after an hour. */
static void take_half_day(const char **p, const char *end, struct number *x)
{
	const char *s = *p;
	char half;

	skip_spaces(&s, end, 1);
	if (end - s < 2 || ((*s | 32) != 'a' && (*s | 32) != 'p'))
		return;
	half = *s++ | 32;
	s += *s == '.';
	if (s == end || (*s | 32) != 'm' || (s + 1 < end && word_char(s[1])))
		return;
	x->half = half;
	*p = s + 1;
}

/* 3:30, 15:30:00 as hours; 3:4 as a ratio. */
static bool take_clock(const char **p, const char *end, struct number *x)
{
	const char *s = *p;
	struct rational part, sixty;
	int64_t n;
	int digits = digits_at(s, end, 2) ? 2 : 1, parts;

	if (!digits_at(s, end, digits) || s + digits >= end ||
		s[digits] != ':' || !digits_at(s + digits + 1, end, 1) ||
		!take_integer(&s, end, &n))
		return false;
	rational_set(&x->value, (uint64_t)n);
	rational_set(&sixty, 60);
	for (parts = 1; parts < 3 && digits_at(s + 1, end, 2) && *s == ':' &&
		!digits_at(s + 3, end, 1) && s[1] < '6'; parts++) {
		rational_set(&part, (uint64_t)((s[1] - '0') * 10 + s[2] - '0'));
		rational_divide(&part, sixty);
		if (parts == 2)
			rational_divide(&part, sixty);
		rational_add(&x->value, &part);
		s += 3;
	}
	if (parts == 1) {
		if (digits_at(++s, end, 3))
			return false;
		if (!take_integer(&s, end, &n))
			return false;
		rational_set(&part, (uint64_t)n);
		rational_divide(&x->value, part);
	}
	x->clock = parts > 1;
	*p = s;
	return true;
}

/* 2024-02-29 or 12/25/2024: the year counts, unless a date is compared with a
 * date. */
static bool take_date(const char **p, const char *end, struct number *x)
{
	const char *s = *p;
	int64_t part[3], month, day;
	int i, year = digits_at(s, end, 4) ? 0 : 2;

	for (i = 0; i < 3; i++) {
		if (!digits_at(s, end, i == year ? 4 : 1) ||
			!take_integer(&s, end, &part[i]) || part[i] > 9999)
			return false;
		if (i < 2 && !(year ? take(&s, end, "/") :
				take(&s, end, "-")))
			return false;
	}
	month = year ? part[0] : part[1];
	day = year ? part[1] : part[2];
	if (month > 31 || day > 31 || (s < end && *s == '/'))
		return false;
	rational_set(&x->value, (uint64_t)part[year]);
	x->day = (int)(100 * month + day + 1);
	*p = s;
	return true;
}

static bool take_unsigned(const char **p, const char *text, const char *end,
	struct number *x)
{
	struct rational *value = &x->value;
	bool whole;

	*x = (struct number) { .percent = false };
	if (take_date(p, end, x))
		return true;
	if (take_clock(p, end, x)) {
		take_half_day(p, end, x);
		return true;
	}
	if (take_decimal(p, end, value, &whole)) {
		if (!whole || !take_mixed(p, end, value)) {
			take_power(p, end, value);
			take_times_ten(p, end, value);
			take_slash(p, end, value);
		}
	} else if (take_symbol(p, text, end)) {
		take_divisors(p, text, end);
		return true;
	} else if (!take_vulgar(p, end, value) && !take_frac(p, end, value)) {
		return false;
	}
	take_unit(p, text, end, x);
	take_half_day(p, end, x);
	return true;
}

/* Whether the character before s ends something that can be subtracted from. */
static bool follows_term(const char *text, const char *s)
{
	return s > text && (ascii_alnum(s[-1]) || s[-1] == '%' ||
		s[-1] == '-');
}

/* "negative 5", and "minus 5" unless it is a subtraction. */
static bool says_minus(const char *text, const char *s)
{
	const char *p = s;

	while (p > text && p[-1] == ' ')
		p--;
	if (p == s)
		return false;
	if (p - text >= 8 && !memcmp(p - 8, "negative", 8))
		return p - 8 == text || !word_char(p[-9]);
	if (p - text < 5 || (memcmp(p - 5, "minus", 5) &&
			memcmp(p - 5, "Minus", 5)))
		return false;
	for (p -= 5; p > text && p[-1] == ' '; p--)
		;
	return p == text || (p - text >= 2 && !memcmp(p - 2, "is", 2)) ||
		(!word_char(p[-1]) && p[-1] != ')' && p[-1] != '%');
}

static bool take_sign(const char **p, const char *text, const char *end,
	bool *minus)
{
	static const char *const minuses[] = { "-", "\u2212", "\u2013",
		"\u2010", "\u2011", "\ufe63", "\uff0d", NULL };
	const char *s = *p, *before = s;

	if (follows_term(text, s))
		return false;
	*minus = take_any(&s, end, minuses);
	if (!*minus && !take(&s, end, "+"))
		return false;
	while (before > text && before[-1] == ' ')
		before--;
	if (before > text && before[-1] == '=')
		skip_spaces(&s, end, 1);
	*p = s;
	return true;
}

/* An exponent or index of something else is not a number of its own. */
static bool is_script(const char *text, const char *s)
{
	if (s > text && s[-1] == '{')
		s--;
	if (s - 2 < text || (s[-1] != '^' && s[-1] != '_'))
		return false;
	return ascii_alnum(s[-2]) || s[-2] == ')' || s[-2] == '}';
}

/* A fast test: most characters of a text start no number. */
static bool may_begin(char c)
{
	return ascii_digit(c) || c == '.' || c == '-' || c == '+' ||
		c == '\\' || (c & 0x80);
}

size_t number_read(const char *text, size_t at, size_t n, struct number *x)
{
	const char *start = text + at, *end = text + n, *s = start;
	bool minus = false;

	if (at == n || !may_begin(*s))
		return 0;
	if (take_sign(&s, text, end, &minus))
		take_currency(&s, end);
	if (!take_unsigned(&s, text, end, x))
		return 0;
	if (minus || says_minus(text, start))
		rational_negate(&x->value);
	x->script = is_script(text, start);
	return (size_t)(s - start);
}

/* Half past three is half past three in the afternoon, unless both say which
 * half of the day, or one says 15:30. */
static bool same_time(const struct number *a, const struct number *b)
{
	struct rational x = a->value, y = b->value, noon;

	if (a->half && b->half && a->half != b->half)
		return false;
	if (rational_equal(&x, &y))
		return true;
	rational_set(&noon, 12);
	if (a->half == 'p')
		rational_add(&x, &noon);
	else if (b->half == 'p')
		rational_add(&y, &noon);
	return rational_equal(&x, &y);
}

/* Without their signs of percent, and words like million. */
static bool same_value(const struct number *a, const struct number *b)
{
	struct rational x = a->value, y = b->value;

	if (a->day && b->day && a->day != b->day)
		return false;
	if (a->half || b->half)
		return same_time(a, b);
	if (rational_equal(&x, &y) || a->percent == b->percent)
		return rational_equal(&x, &y);
	rational_scale_by_ten(a->percent ? &x : &y, -2);
	return rational_equal(&x, &y);
}

bool number_same(const struct number *a, const struct number *b)
{
	struct number x = *a, y = *b;

	if (!x.value.known || !y.value.known)
		return false;
	if (a->zeros != b->zeros && same_value(a, b) && !(a->zeros && b->zeros))
		return true;
	rational_scale_by_ten(&x.value, a->zeros);
	rational_scale_by_ten(&y.value, b->zeros);
	return same_value(&x, &y);
}

uint64_t number_hash(const struct number *x)
{
	struct rational v = x->value;

	if (!v.known)
		return 0;
	rational_scale_by_ten(&v, x->zeros);
	return rational_hash(&v);
}
