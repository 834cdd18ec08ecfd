/* html_tags.c - from names to numbers: hash tables without collisions whose
 * multipliers tools/html_names.py has searched
 */
#include "common/text/html_tokenizer.h"

#include <string.h>

static uint64_t load8(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
		(uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
		(uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
		(uint64_t)p[7] << 56;
}

/* All of a short name, the two ends of a long one. */
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

static unsigned find(const char *name, size_t n, uint64_t mul, int bits,
	const uint16_t *slots, const char *const *names)
{
	unsigned id = slots[name_key(name, n) * mul >> (64 - bits)];

	if (strncmp(names[id], name, n) != 0 || names[id][n] != 0)
		return 0;
	return id;
}

enum tag html_tag_find(const char *name, size_t n)
{
	return (enum tag)find(name, n, HTML_TAG_MUL, HTML_TAG_BITS,
		html_tag_slots, html_tag_names);
}

enum attr_id html_attr_find(const char *name, size_t n)
{
	return (enum attr_id)find(name, n, HTML_ATTR_MUL, HTML_ATTR_BITS,
		html_attr_slots, html_attr_names);
}
