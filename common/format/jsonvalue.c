/* jsonvalue.c - strings and numbers of validated JSON text: see jsonscan.h */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonscan.h"

static uint32_t hex4(const char *s)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)ascii_hex(s[i]);
	return v;
}

/* Decodes \uXXXX at s (and the second half of a pair); returns the number of
 * bytes taken. */
static size_t unicode_escape(const char *s, const char *end, uint32_t *c)
{
	uint32_t low;

	*c = hex4(s + 2);
	if (*c < 0xd800 || *c > 0xdfff)
		return 6;
	if (*c < 0xdc00 && end - s >= 12 && s[6] == '\\' && s[7] == 'u') {
		low = hex4(s + 8);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
			return 12;
		}
	}
	*c = 0xfffd;
	return 6;
}

static char simple_escape(char c)
{
	switch (c) {
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	}
	return c;
}

/* Unescapes s..end to `to`, which needs room for as many bytes (an escape is
 * never shorter than its character). Returns the end of the output. */
static char *unescape(char *to, const char *s, const char *end)
{
	while (s < end) {
		const char *slash = memchr(s, '\\', (size_t)(end - s));
		size_t run = (size_t)((slash ? slash : end) - s);

		memcpy(to, s, run);
		to += run;
		s += run;
		if (!slash)
			break;
		if (s[1] == 'u') {
			uint32_t c;

			s += unicode_escape(s, end, &c);
			to += utf8_encode(to, c);
		} else {
			*to++ = simple_escape(s[1]);
			s += 2;
		}
	}
	return to;
}

bool json_string(const struct json *v, struct buf *b)
{
	const char *s;
	char *to;

	if (v->type != JSON_STRING)
		return false;
	s = v->p + 1;
	if (!v->escaped) {
		buf_add(b, s, v->n - 2);
		return true;
	}
	to = buf_room(b, v->n);
	b->n += (size_t)(unescape(to, s, v->p + v->n - 1) - to);
	buf_end(b);
	return true;
}

bool json_view(const struct json *v, struct buf *tmp, const char **s,
	size_t *n)
{
	if (v->type != JSON_STRING)
		return false;
	if (!v->escaped) {
		*s = v->p + 1;
		*n = v->n - 2;
		return true;
	}
	buf_reset(tmp);
	json_string(v, tmp);
	*s = tmp->p;
	*n = tmp->n;
	return true;
}

char *json_strdup(const struct json *v)
{
	struct buf b = { 0 };

	if (!json_string(v, &b))
		return NULL;
	return b.p;
}

bool json_is(const struct json *v, const char *s, size_t n)
{
	struct buf b = { 0 };
	bool same;

	if (v->type != JSON_STRING)
		return false;
	if (!v->escaped)
		return v->n == n + 2 && !memcmp(v->p + 1, s, n);
	json_string(v, &b);
	same = b.n == n && !memcmp(b.p, s, n);
	buf_free(&b);
	return same;
}

bool json_is_cstring(const struct json *v, const char *s)
{
	return json_is(v, s, strlen(s));
}

/* ---- numbers ---- */

/* strtod, for numbers that the fast path below does not handle. */
static double slow_double(const char *s, size_t n)
{
	char small[64], *copy = n < sizeof small ? small : xmalloc(n + 1);
	double v;

	memcpy(copy, s, n);
	copy[n] = 0;
	v = strtod(copy, NULL);
	if (copy != small)
		free(copy);
	return v;
}

/* Up to 15 digits and a power of ten up to 22 are both exact doubles, so a single
 * division or multiplication rounds correctly (Clinger 1990). */
static double to_double(const char *s, size_t n)
{
	static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22 };
	bool minus = *s == '-', point = false;
	uint64_t m = 0;
	size_t i, ndigit = 0, fraction = 0;

	for (i = minus; i < n; i++) {
		if (s[i] == '.') {
			point = true;
			continue;
		}
		if (s[i] < '0' || s[i] > '9')
			return slow_double(s, n);
		m = 10 * m + (uint64_t)(s[i] - '0');
		ndigit += m > 0;
		fraction += point;
		if (ndigit > 15 || fraction > 22)
			return slow_double(s, n);
	}
	return (minus ? -1.0 : 1.0) * ((double)m / tens[fraction]);
}

bool json_double(const struct json *v, double *out)
{
	if (v->type != JSON_NUMBER)
		return false;
	*out = to_double(v->p, v->n);
	return true;
}

/* A plain integer of up to 18 digits, the common form. */
static bool short_int(const struct json *v, int64_t *out)
{
	size_t i = v->p[0] == '-';
	int64_t x = 0;

	if (v->n > 18)
		return false;
	for (; i < v->n; i++) {
		if (v->p[i] < '0' || v->p[i] > '9')
			return false;
		x = 10 * x + (v->p[i] - '0');
	}
	*out = v->p[0] == '-' ? -x : x;
	return true;
}

bool json_int(const struct json *v, int64_t *out)
{
	double d;

	if (v->type != JSON_NUMBER)
		return false;
	if (short_int(v, out))
		return true;
	d = to_double(v->p, v->n);
	if (!(d >= -0x1p53 && d <= 0x1p53) || d != floor(d))
		return false;
	*out = (int64_t)d;
	return true;
}

bool json_bool(const struct json *v, bool *out)
{
	*out = v->type == JSON_TRUE;
	return v->type == JSON_TRUE || v->type == JSON_FALSE;
}

bool json_ints(const struct json *v, int32_t **out, size_t *n, size_t *cap)
{
	struct json_iter it;
	struct json e;
	int64_t x;

	*n = 0;
	if (v->type != JSON_ARRAY)
		return false;
	for (json_begin(&it, v); json_next(&it, NULL, &e);) {
		if (!json_int(&e, &x) || x < INT32_MIN || x > INT32_MAX)
			return false;
		*out = grow(*out, *n, cap, sizeof **out);
		(*out)[(*n)++] = (int32_t)x;
	}
	return true;
}

bool json_floats(const struct json *v, float **out, size_t *n, size_t *cap)
{
	struct json_iter it;
	struct json e;
	double x;

	*n = 0;
	if (v->type != JSON_ARRAY)
		return false;
	for (json_begin(&it, v); json_next(&it, NULL, &e);) {
		if (e.type == JSON_NULL)
			x = NAN;
		else if (!json_double(&e, &x))
			return false;
		*out = grow(*out, *n, cap, sizeof **out);
		(*out)[(*n)++] = (float)x;
	}
	return true;
}
