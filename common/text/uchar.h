/* uchar.h - classes of characters for the text rules and the language model
 *
 * Categories and lower case follow Unicode 14; the classes below the line are
 * those of datatrove and of spaCy's English tokenizer, whose decisions the
 * quality rules repeat. The tables are data/textclass.bin, written by
 * tools/gen-textclass.py. No locale is used.
 */
#ifndef PIPELM_UCHAR_H
#define PIPELM_UCHAR_H

#include <stdint.h>
#include <string.h>

enum uchar_class {
	UC_SPACE = 1 << 0,	/* white space as Python's str.isspace has it */
	UC_LETTER = 1 << 1,	/* category L */
	UC_MARK = 1 << 2,	/* category M */
	UC_DIGIT = 1 << 3,	/* category Nd */
	/* spaCy's alphabets: LOWER and UPPER both hold letters without case */
	UC_ALPHA = 1 << 4,
	UC_LOWER = 1 << 5,
	UC_UPPER = 1 << 6,
	UC_ICON = 1 << 7,	/* other symbols, emoji */
	UC_SYMBOL = 1 << 8,	/* a word of these alone is no word */
	UC_TERMINAL = 1 << 9,	/* ends a line that is a sentence */
	UC_SENTENCE = 1 << 10,	/* a token that ends a sentence */
	UC_PUNCT = 1 << 11,	/* category P */
	UC_CURRENCY = 1 << 12,
	UC_QUOTE = 1 << 13,
	UC_AFFIX = 1 << 14	/* cut off at either end of a word; quotes too */
};

#define UCHAR_DELTAS (64 * 4)
#define UCHAR_INDEX (UCHAR_DELTAS + 128 * 4)
#define UCHAR_BLOCKS (UCHAR_INDEX + 0x1100)

extern const unsigned char data_textclass[], data_textclass_end[];

/* Where the class number of c, a code point, stands; its delta number is 256
 * bytes further. */
static inline const unsigned char *uchar_slot(uint32_t c)
{
	return data_textclass + UCHAR_BLOCKS +
		512 * data_textclass[UCHAR_INDEX + (c >> 8)] + (c & 255);
}

/* The classes of c, or-ed. */
static inline unsigned uchar_class(uint32_t c)
{
	uint32_t mask;

	memcpy(&mask, data_textclass + 4 * *uchar_slot(c), 4);
	return mask;
}

/* The lower-case form of c where that is one character, else c. */
static inline uint32_t uchar_lower(uint32_t c)
{
	int32_t delta;

	memcpy(&delta, data_textclass + UCHAR_DELTAS + 4 * uchar_slot(c)[256],
		4);
	return c + (uint32_t)delta;
}

#endif
