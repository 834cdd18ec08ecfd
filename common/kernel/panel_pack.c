/* panel_pack.c - fills panels of packed weights from the rows of a file: see
 * panel.h
 *
 * Rows become columns, so four of them at a time are transposed in registers
 * where the processor has vectors of 16 bytes.
 */
#include "common/kernel/panel.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { TOGETHER = 4 };

/* ---- F16 and BF16 ---- */

static unsigned exponent_of(enum dtype type)
{
	return type == DTYPE_F16 ? 0x7c00 : 0x7f80;
}

/* out[i*stride] = number i*step of `from`, n of them; false if one is not finite:
 * all bits of its exponent are set. */
static bool put_halves(uint16_t *out, size_t stride, const void *from,
	size_t step, size_t n, enum dtype type)
{
	const unsigned exponent = exponent_of(type);
	const char *p = from;
	bool finite = true;
	size_t i;

	for (i = 0; i < n; i++) {
		uint16_t x;

		memcpy(&x, p + i * step * sizeof x, sizeof x);
		out[i * stride] = x;
		finite &= (x & exponent) != exponent;
	}
	return finite;
}

bool panel_put_term(enum dtype type, void *panel, size_t cols, size_t n,
	size_t l, const void *from)
{
	bool pairs = panel_format(type).pairs;

	if (pairs && l % 2 == 0)	/* perhaps the last */
		memset((uint16_t *)panel + l * cols, 0, n * sizeof(uint32_t));
	return put_halves((uint16_t *)panel + panel_half(type, cols, 0, l),
		pairs ? 2 : 1, from, 1, n, type);
}

/* Terms from l on, an even number, of column j. */
static bool put_halves_column(enum dtype type, void *panel, size_t cols,
	size_t j, size_t l, size_t k, const void *from)
{
	uint16_t *even = (uint16_t *)panel + panel_half(type, cols, j, l);
	uint16_t *odd = (uint16_t *)panel + panel_half(type, cols, j, l + 1);
	const char *x = (const char *)from + l * sizeof *even;
	bool finite;

	if (l >= k)
		return true;
	k -= l;
	finite = put_halves(even, 2 * cols, x, 2, (k + 1) / 2, type);
	if (k % 2 && panel_format(type).pairs)
		odd[k / 2 * 2 * cols] = 0;
	return put_halves(odd, 2 * cols, x + sizeof *odd, 2, k / 2, type) && finite;
}

/* ---- blocks of integers ---- */

/* The words of 4 bytes; bytes of 4 bits only are pairs of terms. zero is 0 or the
 * highest bit, so that adding it is flipping that bit. */
static void put_numbers(struct panel_format f, unsigned char *b, size_t cols,
	size_t j, const int8_t *q)
{
	const uint64_t flip = 0x0101010101010101 * (uint64_t)f.zero;
	uint32_t *to = (uint32_t *)(void *)b + j;
	size_t g;

	for (g = 0; g < PANEL_BLOCK / 8; g++) {
		uint64_t words;

		memcpy(&words, q + 8 * g, sizeof words);
		words ^= flip;
		if (f.bits == 8) {
			to[0] = (uint32_t)words;
			to[cols] = (uint32_t)(words >> 32);
			to += 2 * cols;
			continue;
		}
		words &= 0x0f0f0f0f0f0f0f0f;
		*to = (uint32_t)(words | words >> 28);
		to += cols;
	}
}

/* Types of 32 numbers: the scale and the minimum begin the file's block. */
static bool put_half_scales(struct panel_format f, unsigned char *b,
	size_t cols, size_t j, const unsigned char *from)
{
	uint16_t *to = (uint16_t *)b + j;

	return put_halves(to, cols, from, 1, f.minimum ? 2 : 1, DTYPE_F16);
}

static bool put_float_scales(struct panel_format f, unsigned char *b,
	size_t cols, size_t j, const struct quant_part *p)
{
	float *to = (float *)b + j;
	int s;

	for (s = 0; s < f.scales; s++)
		to[(size_t)s * cols] = p->d[s];
	if (f.minimum)
		to[(size_t)s * cols] = p->m;
	return isfinite(p->d[0]) && isfinite(p->d[1]) && isfinite(p->m);
}

static bool put_blocks(enum dtype type, unsigned char *b, size_t cols, size_t j,
	size_t k, const void *from)
{
	const struct panel_format f = panel_format(type);
	bool finite = true;
	size_t i;

	for (i = 0; i < k / PANEL_BLOCK; i++) {
		struct quant_part p;

		if (f.scale == 2) {
			finite &= put_half_scales(f, b, cols, j,
				quant_integers(p.q, type, from, i));
		} else {
			quant_part(&p, type, from, i);
			finite &= put_float_scales(f, b, cols, j, &p);
		}
		put_numbers(f, b + panel_scales(f, cols), cols, j, p.q);
		b += panel_terms(f, cols, PANEL_BLOCK);
	}
	return finite;
}

bool panel_put_column(enum dtype type, void *panel, size_t cols, size_t j,
	size_t k, const void *from)
{
	if (panel_format(type).bits == 16)
		return put_halves_column(type, panel, cols, j, 0, k, from);
	return put_blocks(type, panel, cols, j, k, from);
}

/* ---- four columns together ---- */

#ifdef __SSE2__

/* Into loops for one type. */
#define INLINE static inline __attribute__((always_inline))

/* Row r of the 4 x 4 words at `to`, rows `cols` words apart, is word r of each x. */
INLINE void put_turned(uint32_t *to, size_t cols, const __m128i *x)
{
	__m128i a = _mm_unpacklo_epi32(x[0], x[1]);
	__m128i b = _mm_unpackhi_epi32(x[0], x[1]);
	__m128i c = _mm_unpacklo_epi32(x[2], x[3]);
	__m128i d = _mm_unpackhi_epi32(x[2], x[3]);

	_mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi64(a, c));
	_mm_storeu_si128((__m128i *)(to + cols), _mm_unpackhi_epi64(a, c));
	_mm_storeu_si128((__m128i *)(to + 2 * cols), _mm_unpacklo_epi64(b, d));
	_mm_storeu_si128((__m128i *)(to + 3 * cols), _mm_unpackhi_epi64(b, d));
}

/* Words of two words of bytes that hold 4 bits each. */
static __m128i join_words(__m128i first, __m128i second)
{
	__m128 a = _mm_castsi128_ps(first), b = _mm_castsi128_ps(second);
	__m128 even = _mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0));
	__m128 odd = _mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1));

	return _mm_or_si128(_mm_castps_si128(even),
		_mm_slli_epi16(_mm_castps_si128(odd), 4));
}

/* Types whose words are stored as in a panel, but for the sign: name and bytes of a
 * block. The others take as long to separate as to store. */
#define EACH_OF_WORDS(X) X(Q8_0, 34) X(Q4_0, 18) X(Q4_1, 20)

#define HAS_WORDS(name, bytes) type == DTYPE_##name ||
static bool has_words(enum dtype type)
{
	return EACH_OF_WORDS(HAS_WORDS) false;
}

/* The words of a block of the file: 4 in *x, or 8 in *x and *y. Those of 4 bits have
 * no sign there either. */
INLINE void words_of(enum dtype type, const unsigned char *end, __m128i *x,
	__m128i *y)
{
	const __m128i low = _mm_set1_epi8(15), flip = _mm_set1_epi8((char)128);
	__m128i last = _mm_loadu_si128((const __m128i *)(end - 16));

	if (type == DTYPE_Q8_0) {
		*x = _mm_loadu_si128((const __m128i *)(end - 32));
		*x = _mm_xor_si128(*x, flip);
		*y = _mm_xor_si128(last, flip);
	} else {
		*x = join_words(_mm_and_si128(last, low),
			_mm_and_si128(_mm_srli_epi16(last, 4), low));
	}
}

/* Number i of 16 bits of four blocks, row_bytes apart, to four columns; ored to
 * *bad, with the highest bit where it is not finite. */
INLINE void put_four_scales(uint16_t *to, const unsigned char *block,
	size_t row_bytes, size_t i, unsigned *bad)
{
	uint16_t x[TOGETHER];
	size_t c;

	for (c = 0; c < TOGETHER; c++) {
		memcpy(x + c, block + c * row_bytes + i * sizeof *x, sizeof *x);
		*bad |= (x[c] & 0x7c00u) + 0x400;
	}
	memcpy(to, x, sizeof x);
}

/* Blocks of four rows of the file: the panel's block is at b. */
INLINE void put_four_blocks(enum dtype type, size_t bytes, unsigned char *b,
	size_t cols, size_t j, const unsigned char *block, size_t row_bytes,
	unsigned *bad)
{
	const struct panel_format f = panel_format(type);
	uint32_t *to = (uint32_t *)(void *)(b + panel_scales(f, cols)) + j;
	uint16_t *scales = (uint16_t *)(void *)b + j;
	__m128i x[2][TOGETHER];
	size_t c;

	put_four_scales(scales, block, row_bytes, 0, bad);
	if (f.minimum)
		put_four_scales(scales + cols, block, row_bytes, 1, bad);
	for (c = 0; c < TOGETHER; c++)
		words_of(type, block + c * row_bytes + bytes, &x[0][c], &x[1][c]);
	put_turned(to, cols, x[0]);
	if (f.bits == 8)
		put_turned(to + 4 * cols, cols, x[1]);
}

INLINE bool put_four_of(enum dtype type, size_t bytes, unsigned char *b,
	size_t cols, size_t j, size_t k, const unsigned char *from,
	size_t row_bytes)
{
	size_t step = panel_terms(panel_format(type), cols, PANEL_BLOCK), i;
	unsigned bad = 0;

	for (i = 0; i < k / PANEL_BLOCK; i++)
		put_four_blocks(type, bytes, b + i * step, cols, j,
			from + i * bytes, row_bytes, &bad);
	return !(bad & 0x8000);
}

#define PUT_FOUR(name, bytes)                                                  \
	if (type == DTYPE_##name)                                              \
		return put_four_of(DTYPE_##name, bytes, b, cols, j, k, from,   \
			row_bytes);
static bool put_four_of_words(enum dtype type, unsigned char *b, size_t cols,
	size_t j, size_t k, const unsigned char *from, size_t row_bytes)
{
	EACH_OF_WORDS(PUT_FOUR)
	return false;
}

/* Row t of the 8 x 4 numbers at `to`, rows `cols` numbers apart, is number t of each
 * x. */
static void put_turned_halves(uint16_t *to, size_t cols, const __m128i *x)
{
	const __m128i a[2] = { _mm_unpacklo_epi16(x[0], x[1]),
		_mm_unpackhi_epi16(x[0], x[1]) };
	const __m128i b[2] = { _mm_unpacklo_epi16(x[2], x[3]),
		_mm_unpackhi_epi16(x[2], x[3]) };
	__m128i rows[4];
	size_t i;

	for (i = 0; i < 2; i++) {
		rows[2 * i] = _mm_unpacklo_epi32(a[i], b[i]);
		rows[2 * i + 1] = _mm_unpackhi_epi32(a[i], b[i]);
	}
	for (i = 0; i < 4; i++, to += 2 * cols) {
		_mm_storel_epi64((__m128i *)to, rows[i]);
		_mm_storel_epi64((__m128i *)(to + cols),
			_mm_unpackhi_epi64(rows[i], rows[i]));
	}
}

/* Eight terms at a time. */
static bool put_four_of_halves(enum dtype type, void *panel, size_t cols,
	size_t j, size_t k, const char *from, size_t row_bytes)
{
	const __m128i exponent = _mm_set1_epi16((short)exponent_of(type));
	__m128i bad = _mm_setzero_si128(), x[TOGETHER];
	bool finite = true;
	size_t l, c;

	for (l = 0; l + 8 <= k; l += 8) {
		for (c = 0; c < TOGETHER; c++) {
			x[c] = _mm_loadu_si128((const __m128i *)(from +
				c * row_bytes + l * sizeof(uint16_t)));
			bad = _mm_or_si128(bad, _mm_cmpeq_epi16(
				_mm_and_si128(x[c], exponent), exponent));
			if (panel_format(type).pairs)
				x[c] = _mm_or_si128(_mm_slli_epi32(x[c], 16),
					_mm_srli_epi32(x[c], 16));
		}
		if (panel_format(type).pairs)
			put_turned((uint32_t *)panel + l / 2 * cols + j, cols, x);
		else
			put_turned_halves((uint16_t *)panel + l * cols + j, cols,
				x);
	}
	for (c = 0; c < TOGETHER; c++)
		finite &= put_halves_column(type, panel, cols, j + c, l, k,
			from + c * row_bytes);
	return finite && !_mm_movemask_epi8(bad);
}

static bool put_four(enum dtype type, void *panel, size_t cols, size_t j,
	size_t k, const char *from, size_t row_bytes)
{
	if (panel_format(type).bits == 16)
		return put_four_of_halves(type, panel, cols, j, k, from,
			row_bytes);
	return put_four_of_words(type, panel, cols, j, k,
		(const unsigned char *)from, row_bytes);
}

static bool can_put_four(enum dtype type)
{
	return panel_format(type).bits == 16 || has_words(type);
}

#else

static bool can_put_four(enum dtype type)
{
	return false;
}

static bool put_four(enum dtype type, void *panel, size_t cols, size_t j,
	size_t k, const char *from, size_t row_bytes)
{
	return false;
}

#endif

bool panel_put_columns(enum dtype type, void *panel, size_t cols, size_t j,
	size_t n, size_t k, const void *from, size_t row_bytes)
{
	const char *row = from;
	bool finite = true;
	size_t i = 0;

	for (; can_put_four(type) && i + TOGETHER <= n; i += TOGETHER)
		finite &= put_four(type, panel, cols, j + i, k,
			row + i * row_bytes, row_bytes);
	for (; i < n; i++)
		finite &= panel_put_column(type, panel, cols, j + i, k,
			row + i * row_bytes);
	return finite;
}
