/* uchar.h - character classes for the quality rules
 *
 * The rules reproduce the decisions of datatrove, which uses Python (Unicode
 * 14) and spaCy's English tokenizer, so these are their classes; the rest of
 * the project uses common/base/unicode.h. The table is data/textclass.bin,
 * written by tools/gen-textclass.py.
 */
#ifndef PIPELM_UCHAR_H
#define PIPELM_UCHAR_H

#include <stdint.h>
#include <string.h>

enum uchar_class {
	UC_SPACE = 1 << 0,	/* white space by Python's str.isspace */
	UC_LETTER = 1 << 1,	/* category L */
	UC_MARK = 1 << 2,	/* category M */
	UC_DIGIT = 1 << 3,	/* category Nd */
	/* spaCy's alphabets: LOWER and UPPER both include letters without case */
	UC_ALPHA = 1 << 4,
	UC_LOWER = 1 << 5,
	UC_UPPER = 1 << 6,
	UC_ICON = 1 << 7,	/* other symbols, emoji */
	UC_SYMBOL = 1 << 8,	/* symbols alone do not make a word */
	UC_TERMINAL = 1 << 9,	/* ends a line that is a sentence */
	UC_SENTENCE = 1 << 10,	/* a token that ends a sentence */
	UC_PUNCT = 1 << 11,	/* category P */
	UC_CURRENCY = 1 << 12,
	UC_QUOTE = 1 << 13,
	UC_AFFIX = 1 << 14	/* split off at either end of a word; with quotes */
};

#define UCHAR_INDEX (64 * 4)
#define UCHAR_BLOCKS (UCHAR_INDEX + 0x1100)

extern const unsigned char data_textclass[], data_textclass_end[];

/* The classes of code point c, or-ed. */
static inline unsigned uchar_class(uint32_t c)
{
	const unsigned char *blocks = data_textclass + UCHAR_BLOCKS;
	uint32_t mask;

	memcpy(&mask, data_textclass + 4 * blocks[256 *
		data_textclass[UCHAR_INDEX + (c >> 8)] + (c & 255)], 4);
	return mask;
}

#endif
