/* split_simd.c - classifies ASCII bytes, 64 at a time; split_ascii_c is the
 * reference: see split_scan.h. Compiled once per instruction set.
 */
#include <immintrin.h>

#include "common/token/split_scan.h"

#define PASTE(a, b) a##b
#define NAME(base, isa) PASTE(base, isa)

#if ISA_WIDTH == 16

typedef __m512i vec;
#define BYTES 64
#define LOAD(p) _mm512_loadu_si512(p)
#define SET(c) _mm512_set1_epi8((char)(c))
#define OR(a, b) _mm512_or_si512(a, b)
#define SUB(a, b) _mm512_sub_epi8(a, b)
#define IS(a, b) ((uint64_t)_mm512_cmpeq_epi8_mask(a, b))
#define BELOW(a, n) ((uint64_t)_mm512_cmplt_epu8_mask(a, SET(n)))
#define HIGH(a) ((uint64_t)_mm512_movepi8_mask(a))

#else

typedef __m256i vec;
#define BYTES 32
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define SET(c) _mm256_set1_epi8((char)(c))
#define OR(a, b) _mm256_or_si256(a, b)
#define SUB(a, b) _mm256_sub_epi8(a, b)
#define HIGH(a) ((uint64_t)(uint32_t)_mm256_movemask_epi8(a))
#define IS(a, b) HIGH(_mm256_cmpeq_epi8(a, b))
#define BELOW(a, n) HIGH(_mm256_cmpeq_epi8(_mm256_min_epu8(a, SET((n) - 1)), a))

#endif

void NAME(split_ascii_, ISA)(uint64_t *masks, const unsigned char *text,
	size_t nblock);

void NAME(split_ascii_, ISA)(uint64_t *masks, const unsigned char *text,
	size_t nblock)
{
	size_t k;
	int half;

	for (k = 0; k < nblock; k++, masks += NMASK, text += 64) {
		uint64_t letter = 0, number = 0, space = 0, newline = 0;
		uint64_t small = 0, high = 0;

		for (half = 0; half < 64; half += BYTES) {
			vec c = LOAD(text + half), low = OR(c, SET(32));

			letter |= BELOW(SUB(low, SET('a')), 26) << half;
			small |= BELOW(SUB(c, SET('a')), 26) << half;
			number |= BELOW(SUB(c, SET('0')), 10) << half;
			space |= (BELOW(SUB(c, SET('\t')), 5) |
				IS(c, SET(' '))) << half;
			newline |= (IS(c, SET('\n')) | IS(c, SET('\r')))
				<< half;
			high |= HIGH(c) << half;
		}
		masks[LETTER] = letter;
		masks[NUMBER] = number;
		masks[SPACE] = space;
		masks[OTHER] = ~(letter | number | space | high);
		masks[CONT] = high;
		masks[NEWLINE] = newline;
		masks[UPPERISH] = letter & ~small;
		masks[LOWERISH] = small;
	}
}
