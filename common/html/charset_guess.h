/* charset_guess.h - which encoding makes the likeliest text of the bytes
 *
 * The words with bytes above 0x7f are decoded in each candidate. What comes out
 * costs -log P of each character: after the one before it, by the letter pairs
 * of each of 48 languages, or by how frequent the character is in Chinese,
 * Japanese or Korean. The cheapest pair of encoding and language wins. Encodings
 * that are rare on the web pay in advance, so that short texts fall to usual
 * ones. Up to 1 KiB of words is looked at.
 *
 * data/charset.bin, made by tools/train-charset.py: "PLCS"; u32 languages of
 * an alphabet, and for each u8 letters, marks and encodings; u16 letters in
 * lower case and marks, each ascending; the cost of each class behind each in
 * 1/16 nat, u8 (classes are 6 of what is no letter of that language, see
 * charset_guess.c, and its letters); the name of each encoding (15) and a u8
 * cost of its own. u32 languages of characters, and for each its name (8), u32
 * n, u16 characters ascending (n), their costs (n).
 */
#ifndef PIPELM_CHARSET_GUESS_H
#define PIPELM_CHARSET_GUESS_H

#include <stddef.h>

struct charset_guess {
	const char *name;	/* canonical, of the best; lives for ever */
	double cost;		/* nats */
	double claimed;		/* of the encoding claimed */
	size_t length, high;	/* bytes of words that were looked at, and
				 * those of them above 0x7f */
};

/* claim: the canonical name of an encoding, or NULL. It is read in every
 * language, the other encodings only in their own. */
struct charset_guess charset_guess(const char *page, size_t n,
	const char *claim);

#endif
