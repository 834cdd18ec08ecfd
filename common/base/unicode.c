/* unicode.c - simple lower case: see unicode.h */
#include "common/base/unicode.h"

#include "common/base/bytes.h"

uint32_t unicode_lower(uint32_t c)
{
	const unsigned char *kind = data_unicode + 8 * unicode_kind(c);
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	return c < 0x110000 ? c + get_le32(kind + 4) : c;
}
