/* unicode.c - simple lower case: see unicode.h */
#include "common/base/unicode.h"

uint32_t unicode_lower(uint32_t c)
{
	const unsigned char *kind = data_unicode + 8 * unicode_kind(c);
	uint32_t delta;

	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	delta = kind[4] | (uint32_t)kind[5] << 8 | (uint32_t)kind[6] << 16 |
		(uint32_t)kind[7] << 24;
	return c < 0x110000 ? c + delta : c;
}
