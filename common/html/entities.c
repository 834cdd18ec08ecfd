/* entities.c - character references: `&amp;`, `&#38;`, `&#x26;`
 *
 * The section "Character reference state" of the standard and the following.
 */
#include "common/html/tokenizer.h"

#include <string.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/html/entities_table.h"

/* The meaning of references 0x80..0x9f: windows-1252. */
static const uint16_t c1[32] = {
	0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

static int digit(char ch, int base)
{
	int d = ascii_hex(ch);

	return d < base ? d : -1;
}

/* s is after "&#". */
static size_t numeric(const char *s, size_t n, char out[8], size_t *len)
{
	int base = n && (s[0] | 32) == 'x' ? 16 : 10, d;
	size_t i = base == 16, start = i;
	uint32_t c = 0;

	for (; i < n && (d = digit(s[i], base)) >= 0; i++)
		if (c <= 0x10ffff)
			c = c * (uint32_t)base + (uint32_t)d;
	if (i == start)
		return 0;
	if (i < n && s[i] == ';')
		i++;
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	else if (c >= 0x80 && c < 0xa0)
		c = c1[c - 0x80];
	*len = (size_t)utf8_encode(out, c);
	return i;
}

static const struct entity *lookup(const char *name, size_t n)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)name[i]) * 16777619u;
	for (h ^= h >> 15;; h++) {
		unsigned id = entity_slots[h & ((1u << ENTITY_BITS) - 1)];

		if (!id)
			return NULL;
		if (strncmp(entities[id - 1].name, name, n) == 0 &&
		    entities[id - 1].name[n] == 0)
			return &entities[id - 1];
	}
}

/* A name that ends in ';' is the whole run of letters and digits, so only
 * names without ';' (at most six characters) can be prefixes. */
static size_t named(const char *s, size_t n, bool in_attr, char out[8],
	size_t *len)
{
	const struct entity *e = NULL;
	size_t run = 0, used = 0;

	while (run < n && run < ENTITY_LONGEST && ascii_alnum(s[run]))
		run++;
	if (run < n && s[run] == ';')
		e = lookup(s, used = run + 1);
	if (!e)
		for (used = run < 6 ? run : 6; used >= 2; used--)
			if ((e = lookup(s, used)))
				break;
	if (!e)
		return 0;
	if (in_attr && s[used - 1] != ';' && used < n &&
	    (s[used] == '=' || ascii_alnum(s[used])))
		return 0;
	*len = strlen(e->utf8);
	memcpy(out, e->utf8, 7);
	return used;
}

size_t html_reference(const char *s, size_t n, bool in_attr, char out[8],
	size_t *len)
{
	size_t used;

	if (n && s[0] == '#') {
		used = numeric(s + 1, n - 1, out, len);
		return used ? used + 1 : 0;
	}
	if (n == 0 || !ascii_alnum(s[0]))
		return 0;
	return named(s, n, in_attr, out, len);
}
