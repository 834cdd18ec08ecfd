/* words_url.c - recognises words that are URLs: see words.h
 *
 * [scheme://] [anything@] (host name | public IPv4 address) [:port]
 * [/path, ?query or #fragment]. A host name ends in a label of lower-case
 * letters.
 */
#include "common/filter/words.h"

#include "common/filter/uchar.h"

struct url {
	const uint32_t *c;
	const uint16_t *k;
	size_t n;
};

static bool is_digit(uint32_t c)
{
	return c - '0' < 10;
}

/* A letter or digit of a label of a host name. */
static bool is_host(uint32_t c)
{
	return is_digit(c) || (c | 32) - 'a' < 26 || (c >= 0xa1 && c <= 0xffff);
}

/* Whether [:port][/...] follows up to the end. */
static bool is_tail(const struct url *u, size_t i)
{
	size_t d;

	if (i < u->n && u->c[i] == ':') {
		for (d = i + 1; d < u->n && u->k[d] & UC_DIGIT; d++)
			;
		if (d - i >= 3 && d - i <= 6)
			i = d;
	}
	return i == u->n || u->c[i] == '/' || u->c[i] == '?' || u->c[i] == '#';
}

static bool is_private(const unsigned *o)
{
	return o[0] == 10 || o[0] == 127 || (o[0] == 169 && o[1] == 254) ||
		(o[0] == 192 && o[1] == 168) ||
		(o[0] == 172 && o[1] >= 16 && o[1] <= 31);
}

static bool is_ipv4(const struct url *u, size_t i)
{
	unsigned o[4];
	int part;

	for (part = 0; part < 4; part++) {
		size_t begin = i;

		for (o[part] = 0; i < u->n && i - begin < 3 &&
				is_digit(u->c[i]); i++)
			o[part] = 10 * o[part] + u->c[i] - '0';
		if (i == begin || o[part] > 255)
			return false;
		if (part < 3 && (i == u->n || u->c[i++] != '.'))
			return false;
	}
	return o[0] >= 1 && o[0] <= 223 && o[3] >= 1 && o[3] <= 254 &&
		!is_private(o) && is_tail(u, i);
}

static bool is_host_name(const struct url *u, size_t i)
{
	size_t begin, j;
	bool dots = false;

	for (;; i++) {
		begin = i;
		while (i < u->n && (is_host(u->c[i]) || u->c[i] == '_' ||
				u->c[i] == '-'))
			i++;
		if (i == begin)
			break;
		if (i == u->n || u->c[i] != '.')
			break;
		if (i - begin > 64 || !is_host(u->c[begin]) ||
			!is_host(u->c[i - 1]))
			return false;
		dots = true;
	}
	for (j = begin; j < u->n && u->k[j] & UC_LOWER; j++)
		;
	return dots && j - begin >= 2 && j - begin <= 63 && is_tail(u, j);
}

static bool is_place(const struct url *u, size_t i)
{
	return is_ipv4(u, i) || is_host_name(u, i);
}

/* Whether a host and tail follow, with or without user information. */
static bool is_rest(const struct url *u, size_t from)
{
	size_t i;

	if (is_place(u, from))
		return true;
	for (i = from + 1; i < u->n; i++)
		if (u->c[i] == '@' && is_place(u, i + 1))
			return true;
	return false;
}

static size_t scheme_end(const struct url *u)
{
	size_t i;

	for (i = 0; i < u->n; i++) {
		uint32_t c = u->c[i];

		if (!(u->k[i] & (UC_LETTER | UC_DIGIT)) && c != '_' &&
			c != '+' && c != '-' && c != '.')
			break;
	}
	if (i < 2 || i + 3 > u->n || u->c[i] != ':' || u->c[i + 1] != '/' ||
		u->c[i + 2] != '/')
		return 0;
	return i + 3;
}

bool words_is_url(const uint32_t *c, const uint16_t *classes, size_t n)
{
	struct url u = { c, classes, n };
	size_t scheme = scheme_end(&u);

	return (scheme && is_rest(&u, scheme)) || is_rest(&u, 0);
}
