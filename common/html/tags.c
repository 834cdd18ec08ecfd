/* tags.c - maps names to numbers: perfect hash tables whose multipliers were
 * found by tools/gen-html-names.py
 */
#include "common/html/tokenizer.h"

#include <string.h>

static uint64_t load8(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
		(uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
		(uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
		(uint64_t)p[7] << 56;
}

/* All of a short name, both ends of a long one. Names under eight bytes are
 * equal when their keys and lengths are. */
static uint64_t name_key(const char *s, size_t n)
{
	uint64_t k = load8(s), last;

	if (n < 8)
		k &= ((uint64_t)1 << 8 * n) - 1;
	else {
		last = load8(s + n - 8);
		k ^= last << 29 | last >> 35;
	}
	return k ^ (uint64_t)n << 56;
}

/* Compares names; known has the key of name[0..n). */
static bool same(const char *known, const char *name, size_t n)
{
	return (n < 8 || strncmp(known, name, n) == 0) && !known[n];
}

enum tag html_tag_find(const char *name, size_t n)
{
	uint64_t key = name_key(name, n);
	unsigned id = html_tag_slots[key * HTML_TAG_MUL >>
		(64 - HTML_TAG_BITS)];

	if (html_tag_keys[id] != key || !same(html_tag_names[id], name, n))
		return TAG_UNKNOWN;
	return (enum tag)id;
}

enum attr_id html_attr_find(const char *name, size_t n)
{
	uint64_t key = name_key(name, n);
	unsigned id = html_attr_slots[key * HTML_ATTR_MUL >>
		(64 - HTML_ATTR_BITS)];

	if (html_attr_keys[id] != key || !same(html_attr_names[id], name, n))
		return ATTR_UNKNOWN;
	return (enum attr_id)id;
}
