/* charset_guess.h - finds the encoding in which the bytes make the likeliest text
 *
 * The words with bytes above 0x7f are decoded in each candidate encoding. Each
 * character of the result costs -log P: by the pair it forms with the
 * character before, for each of 48 languages with alphabets, or by its
 * frequency in Chinese, Japanese or Korean. The cheapest pair of encoding and
 * language wins. Encodings that are rare on the web pay a surcharge, so that
 * short texts go to common ones. Up to 1 KiB of words is examined.
 *
 * data/charset.bin, made by tools/train-charset.py: "PLCS"; u32 number of
 * alphabetic languages, and for each: u8 numbers of letters, marks and
 * encodings; u16 lower-case letters, then marks, each ascending; u8 cost in
 * 1/16 nat of each class after each class (the classes are the 6 classes of
 * other characters, see charset_guess.c, and the letters); for each encoding
 * its name (15) and a u8 cost of its own. u32 number of CJK languages, and for
 * each: name (8), u32 n, u16 characters ascending (n), their costs (n).
 */
#ifndef PIPELM_CHARSET_GUESS_H
#define PIPELM_CHARSET_GUESS_H

#include <stddef.h>

struct charset_guess {
	const char *name;	/* canonical, of the best; static */
	double cost;		/* nats */
	double claimed;		/* of the declared encoding */
	size_t length, high;	/* bytes of words examined, and those of
				 * them above 0x7f */
};

/* claim: the canonical name of the declared encoding, or NULL. It is tried in
 * every language, other encodings only in their own. */
struct charset_guess charset_guess(const char *page, size_t n,
	const char *claim);

#endif
