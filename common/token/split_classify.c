/* split_classify.c - converts text to bit masks of classes: see split_scan.h */
#include <string.h>

#include "common/base/cpu.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/token/split_scan.h"

/* The masks of a byte, one bit for each enum split_mask. */
static unsigned ascii_class(unsigned char c)
{
	unsigned low = c | 0x20u;

	if (c >= 0x80)
		return 1u << CONT;
	if (low >= 'a' && low <= 'z')
		return 1u << LETTER | 1u << (c == low ? LOWERISH : UPPERISH);
	if (c >= '0' && c <= '9')
		return 1u << NUMBER;
	if (c == '\r' || c == '\n')
		return 1u << SPACE | 1u << NEWLINE;
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1u << SPACE;
	return 1u << OTHER;
}

void split_ascii_c(uint64_t *masks, const unsigned char *text, size_t nblock)
{
	size_t k;
	int i, m;

	for (k = 0; k < nblock; k++, masks += NMASK, text += 64) {
		memset(masks, 0, NMASK * sizeof *masks);
		for (i = 0; i < 64; i++) {
			unsigned class = ascii_class(text[i]);

			for (m = 0; m < NMASK; m++)
				masks[m] |= (uint64_t)(class >> m & 1) << i;
		}
	}
}

static void classify_ascii(uint64_t *masks, const unsigned char *text,
	size_t nblock)
{
	static void (*const forms[ISA_COUNT])(uint64_t *masks,
		const unsigned char *text, size_t nblock) = {
		[ISA_C] = split_ascii_c,
#ifdef __x86_64__
		[ISA_AVX2] = split_ascii_avx2,
		[ISA_AVX512] = split_ascii_avx512,
#endif
	};
	void (*form)(uint64_t *masks, const unsigned char *text, size_t nblock);

	CPU_CHOOSE(form, forms);
	form(masks, text, nblock);
}

/* Decodes the character at s[0..n), whose first byte is not ASCII. The fast path
 * is for complete characters. */
static inline int decode(const unsigned char *s, size_t n, uint32_t *c)
{
	if (n >= 3 && s[0] >= 0xe1 && s[0] < 0xed && (s[1] & 0xc0) == 0x80 &&
		(s[2] & 0xc0) == 0x80) {
		*c = (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
		return 3;
	}
	if (n >= 2 && s[0] >= 0xc2 && s[0] < 0xe0 && (s[1] & 0xc0) == 0x80) {
		*c = (s[0] & 31u) << 6 | (s[1] & 63u);
		return 2;
	}
	return utf8_decode((const char *)s, n, c, NULL);
}

/* Sets the masks of the len bytes from bit i of block b on, which may extend into
 * the next block. */
static inline void mark(uint64_t *b, int mask, int i, uint64_t bits)
{
	b[mask] |= bits << i;
	if (i > 60)
		b[mask + NMASK] |= bits >> (64 - i);
}

static inline void mark_character(uint64_t *b, int i, int len, unsigned class)
{
	uint64_t bits = (1u << len) - 1;

	mark(b, CONT, i, bits & ~(uint64_t)1);
	if (class & UNI_LETTER)
		mark(b, LETTER, i, bits);
	else if (class & UNI_NUMBER)
		mark(b, NUMBER, i, bits);
	else if (class & UNI_SPACE)
		mark(b, SPACE, i, bits);
	else
		mark(b, OTHER, i, bits);
	if (class & UNI_UPPERISH)
		mark(b, UPPERISH, i, bits);
	if (class & UNI_LOWERISH)
		mark(b, LOWERISH, i, bits);
}

/* Gives non-ASCII bytes, which CONT marks, the classes of their characters. A
 * U+FFFD that stands for an invalid byte is OTHER. */
static void classify_rest(uint64_t *masks, const unsigned char *text, size_t n)
{
	size_t k, nblock = (n + 63) / 64;
	uint64_t taken = 0;	/* bytes that belong to the previous block */

	for (k = 0; k < nblock; k++) {
		uint64_t *b = masks + NMASK * k;
		uint64_t todo = b[CONT] & ~taken;

		b[CONT] = taken;
		taken = 0;
		while (todo) {
			int i = __builtin_ctzll(todo);
			size_t p = 64 * k + (size_t)i;
			uint32_t c;
			int len = decode(text + p, n - p, &c);

			mark_character(b, i, len, unicode_class(c));
			if (i + len >= 64) {
				taken = ((uint64_t)1 << (i + len - 64)) - 1;
				break;
			}
			todo &= ~(uint64_t)0 << (i + len);
		}
	}
}

void split_classify(uint64_t *masks, const unsigned char *text, size_t n)
{
	size_t whole = n / 64, left = n % 64;
	unsigned char tail[64] = { 0 };
	int m;

	classify_ascii(masks, text, whole);
	memset(masks + NMASK * whole, 0, 2 * NMASK * sizeof *masks);
	if (left) {
		memcpy(tail, text + 64 * whole, left);
		classify_ascii(masks + NMASK * whole, tail, 1);
		for (m = 0; m < NMASK; m++)
			masks[NMASK * whole + (size_t)m] &=
				((uint64_t)1 << left) - 1;
	}
	classify_rest(masks, text, n);
}
