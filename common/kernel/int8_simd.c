/* int8_simd.c - the inner loops of products in integers: see int8.h
 *
 * A word of weights holds four terms of a column without sign. With VNNI, all four
 * are multiplied at once, and a second time if numbers of A have 15 bits. Without
 * it, the same holds for weights of 4 bits times 8, since the sums over a block fit
 * in 16 bits; in all other cases terms 0 and 2 are multiplied, then 1 and 3.
 */
#include "common/kernel/int8.h"
#include "common/kernel/simd.h"

#define COLS (2 * W)

/* ---- rounding A: 8 terms at a time in all sets ---- */

/* How integers of A are multiplied. */
enum way {
	BYTES,			/* four terms at once */
	BYTES_TWICE,		/* their upper 8 bits, then the lower 7 */
	BYTES_SHORT,		/* with sums of 16 bits */
	PAIRS			/* two terms at once */
};

FORCE_INLINE enum way way_of(struct panel_format f, bool fine)
{
#ifdef __AVX512VNNI__
	return fine ? BYTES_TWICE : BYTES;
#else
	return f.bits == 4 && !fine ? BYTES_SHORT : PAIRS;
#endif
}

/* The nearest of 8 bits, upwards from half way. */
FORCE_INLINE __m128i upper_of(__m128i q)
{
	return _mm_srai_epi16(_mm_add_epi16(q, _mm_set1_epi16(64)), 7);
}

/* q without its upper bits. */
FORCE_INLINE __m128i lower_of(__m128i q, __m128i upper)
{
	return _mm_sub_epi16(q, _mm_slli_epi16(upper, 7));
}

/* Stores the words of 8 terms. */
FORCE_INLINE void put_words(int32_t (*out)[2], __m128i q, enum way way)
{
	__m128i second = q;

	if (way == PAIRS) {
		q = _mm_shuffle_epi8(q, _mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8,
			9, 12, 13, 10, 11, 14, 15));
	} else {
		if (way == BYTES_TWICE) {
			q = upper_of(q);
			second = lower_of(second, q);
		}
		q = _mm_shuffle_epi32(_mm_packs_epi16(q, second),
			_MM_SHUFFLE(3, 1, 2, 0));
	}
	_mm_storeu_si128((__m128i *)out, q);
}

FORCE_INLINE int32_t sum_of_8(__m128i q)
{
	__m128i s = _mm_madd_epi16(q, _mm_set1_epi16(1));

	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(1, 0, 3, 2)));
	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(2, 3, 0, 1)));
	return _mm_cvtsi128_si32(s);
}

FORCE_INLINE void load_terms(__m256 *x, const float *a, size_t n)
{
	float part[PANEL_BLOCK];
	int i;

	if (n < PANEL_BLOCK) {
		memset(part, 0, sizeof part);
		memcpy(part, a, n * sizeof *a);
		a = part;
	}
	for (i = 0; i < 4; i++)
		x[i] = _mm256_loadu_ps(a + 8 * i);
}

/* Compares their bits, of which those of NaN are the largest. */
static float largest(const float *a, size_t n)
{
	const __m256i mask = _mm256_set1_epi32(0x7fffffff);
	__m256i most = _mm256_setzero_si256();
	__m256 x[4];
	__m128i m;
	int i;

	load_terms(x, a, n);
	for (i = 0; i < 4; i++)
		most = _mm256_max_epi32(most,
			_mm256_and_si256(_mm256_castps_si256(x[i]), mask));
	m = _mm_max_epi32(_mm256_castsi256_si128(most),
		_mm256_extracti128_si256(most, 1));
	m = _mm_max_epi32(m, _mm_shuffle_epi32(m, _MM_SHUFFLE(1, 0, 3, 2)));
	m = _mm_max_epi32(m, _mm_shuffle_epi32(m, _MM_SHUFFLE(2, 3, 0, 1)));
	return _mm_cvtss_f32(_mm_castsi128_ps(m));
}

/* q: the integers of a part, 8 at a time. */
FORCE_INLINE void finish(struct int8_part *out, const __m128i *q, float scale,
	struct panel_format f, bool fine)
{
	const enum way way = way_of(f, fine);
	int32_t sum[4];
	int i;

	for (i = 0; i < 4; i++) {
		put_words(out->word + 2 * i, q[i], way);
		sum[i] = sum_of_8(q[i]);
	}
	sum[0] += sum[1];
	sum[2] += sum[3];
	out->scale = scale;
	out->sum = scale * (float)(sum[0] + sum[2]);
	if (f.scales == 1)
		sum[0] += sum[2], sum[2] = 0;
	out->start[0] = -f.zero * sum[0];
	out->start[1] = -f.zero * sum[2];
}

static void round_block(struct int8_part *out, struct int8_part *rest,
	const float *a, size_t n, float most, struct panel_format f, bool fine)
{
	float scale = isfinite(most) ? most / INT8_LARGEST : NAN;
	__m128i q[4], upper[4];
	float by = 0;
	__m256 x[4];
	int i;

	load_terms(x, a, n);
	if (most < INT8_SMALLEST)
		scale = 0;
	if (scale > 0)
		by = INT8_LARGEST / most;
	for (i = 0; i < 4; i++) {
		__m256i q32 = _mm256_cvtps_epi32(x[i] * _mm256_set1_ps(by));

		q[i] = _mm_packs_epi32(_mm256_castsi256_si128(q32),
			_mm256_extracti128_si256(q32, 1));
		/* Infinity times 0 would be NaN. */
		if (by == 0)
			q[i] = _mm_setzero_si128();
		upper[i] = upper_of(q[i]);
	}
	if (fine) {
		finish(out, q, scale, f, true);
		return;
	}
	finish(out, upper, 128 * scale, f, false);
	for (i = 0; i < 4 && rest; i++)
		q[i] = lower_of(q[i], upper[i]);
	if (rest)
		finish(rest, q, scale, f, false);
}

/* ---- sums of products, in one vector or two ---- */

/* start: of the sum. */
FORCE_INLINE void begin_sum(vi *s, int32_t start, enum way way)
{
	s[0] = v_set_int(start);
	s[1] = s[0];
	if (way == BYTES_TWICE || way == BYTES_SHORT)
		s[0] = v_set_int(0);
}

/* Adds the products of a word of each column with four terms of A. */
FORCE_INLINE void add_products(vi *s, vi w, const int32_t *a, enum way way)
{
#ifdef __AVX512VNNI__
	s[0] = _mm512_dpbusd_epi32(s[0], w, v_set_int(a[0]));
	if (way == BYTES_TWICE)
		s[1] = _mm512_dpbusd_epi32(s[1], w, v_set_int(a[1]));
#else
	if (way == BYTES_SHORT) {
		s[0] = v_add_16(s[0], v_byte_pairs(w, v_set_int(a[0])));
		return;
	}
	s[0] = v_add_int(s[0], v_pairs(v_and(w, v_set_int(0x00ff00ff)),
		v_set_int(a[0])));
	s[0] = v_add_int(s[0], v_pairs(v_shift_right_16(w, 8), v_set_int(a[1])));
#endif
}

FORCE_INLINE vi end_sum(const vi *s, enum way way)
{
	if (way == BYTES_TWICE)
		return v_add_int(v_shift_left(s[0], 7), s[1]);
	if (way == BYTES_SHORT)
		return v_add_int(v_pairs(s[0], v_set_int(0x00010001)), s[1]);
	return s[0];
}

/* ---- a tile ---- */

/* All functions here are inlined into copies in which f, way and m are
 * constants. */

/* The two words of terms t..t+7 of vector h of columns; numbers of a block are
 * at b. */
FORCE_INLINE void load_words(vi *w, struct panel_format f, const char *b,
	size_t t, int h)
{
	const vi low = v_set_int(0x0f0f0f0f);

	b += t * COLS * (size_t)f.bits / 8 + 4 * h * W;
	w[0] = v_load_int(b);
	if (f.bits == 8) {
		w[1] = v_load_int(b + 4 * COLS);
		return;
	}
	w[1] = v_and(v_shift_right_16(w[0], 4), low);
	w[0] = v_and(w[0], low);
}

/* x (m, 2 vectors) += n terms from t on of a block that share scales; part r of A
 * is a[r * row]. */
FORCE_INLINE void add_terms(vf *x, struct panel_format f, enum way way,
	size_t m, const struct int8_part *a, size_t row, const char *b,
	size_t t, size_t n)
{
	const char *numbers = b + panel_scales(f, COLS);
	int half = t ? 1 : 0, h;
	vi s[INT8_ROWS * 2][2];
	size_t r, end = t + n;

#pragma GCC unroll 4
	for (r = 0; r < m; r++)
#pragma GCC unroll 2
		for (h = 0; h < 2; h++)
			begin_sum(s[2 * r + h], a[r * row].start[half], way);
#pragma GCC unroll 4
	for (; t < end; t += 8)
#pragma GCC unroll 2
		for (h = 0; h < 2; h++) {
			vi w[2];

			load_words(w, f, numbers, t, h);
#pragma GCC unroll 4
			for (r = 0; r < m; r++) {
				const int32_t (*word)[2] = a[r * row].word;
				vi *y = s[2 * r + h];

				add_products(y, w[0], word[t / 4], way);
				add_products(y, w[1], word[t / 4 + 1], way);
			}
		}
#pragma GCC unroll 2
	for (h = 0; h < 2; h++) {
		vf d = v_load_scales(f.scale, b + f.scale * h * W, half);

#pragma GCC unroll 4
		for (r = 0; r < m; r++)
			x[2 * r + h] = v_fma(d * v_set(a[r * row].scale),
				v_to_float(end_sum(s[2 * r + h], way)),
				x[2 * r + h]);
	}
}

FORCE_INLINE void add_block(vf *x, struct panel_format f, enum way way,
	size_t m, const struct int8_part *a, size_t row, const char *b)
{
	size_t n = PANEL_BLOCK / (size_t)f.scales, r;
	int h;

	add_terms(x, f, way, m, a, row, b, 0, n);
	if (f.scales == 2)
		add_terms(x, f, way, m, a, row, b, n, n);
	if (!f.minimum)
		return;
#pragma GCC unroll 2
	for (h = 0; h < 2; h++) {
		vf minimum = v_load_scales(f.scale, b + f.scale * h * W, f.scales);

#pragma GCC unroll 4
		for (r = 0; r < m; r++)
			x[2 * r + h] = v_fma(minimum, v_set(a[r * row].sum),
				x[2 * r + h]);
	}
}

FORCE_INLINE void add_remainders(vf *x, struct panel_format f, enum way way,
	const struct int8_rows *a, size_t i, const char *panel)
{
	const struct int8_part *rest = a->part + (2 * i + 1) * a->blocks;
	const uint32_t more = a->more[i];
	size_t l;

	for (l = 0; l < more; l++)
		add_block(x, f, way, 1, rest + l, 0, panel +
			rest[l].block * panel_terms(f, COLS, PANEL_BLOCK));
}

/* The arguments of tile in int8_set. */
struct tile {
	size_t m, n;
	const struct int8_rows *a;
	size_t i;
	const char *panel;
	float *c;
	size_t c_row;
	const float *bias, *add;
	size_t add_row;
};

/* m rows from row i of the tile on. */
FORCE_INLINE void rows_of(const struct tile *p, struct panel_format f,
	enum way way, size_t i, size_t m)
{
	size_t blocks = p->a->blocks, l, r;
	const size_t step = panel_terms(f, COLS, PANEL_BLOCK);
	const struct int8_part *a = p->a->part + 2 * (p->i + i) * blocks;
	vf x[INT8_ROWS * 2];

#pragma GCC unroll 8
	for (r = 0; r < 2 * m; r++)
		x[r] = v_set(0);
	for (l = 0; l < blocks; l++) {
		v_fetch(p->panel + l * step, step);
		add_block(x, f, way, m, a + l, 2 * blocks, p->panel + l * step);
	}
#pragma GCC unroll 4
	for (r = 0; r < m; r++)
		add_remainders(x + 2 * r, f, way, p->a, p->i + i + r, p->panel);
	for (r = 0; r < m; r++)
		v_finish(x + 2 * r, p->n, p->c + (i + r) * p->c_row, p->bias,
			p->add ? p->add + (i + r) * p->add_row : NULL);
}

/* With 16 registers, 4 rows at a time do not fit. */
FORCE_INLINE void tile_of(const struct tile *p, struct panel_format f,
	enum way way)
{
	size_t i = 0;

	if (p->m == 4 && W == 16) {
		rows_of(p, f, way, 0, 4);
		return;
	}
	for (; i + 2 <= p->m; i += 2)
		rows_of(p, f, way, i, 2);
	if (i < p->m)
		rows_of(p, f, way, i, 1);
}

FORCE_INLINE void tile_of_type(const struct tile *p, struct panel_format f)
{
	if (p->a->fine)
		tile_of(p, f, way_of(f, true));
	else
		tile_of(p, f, way_of(f, false));
}

#define EACH_TYPE(X) \
	X(Q8_0) X(Q4_0) X(Q4_1) X(Q5_0) X(Q5_1) X(Q4_K) X(Q5_K) X(Q6_K)

#define TILE(name)                                                             \
	case DTYPE_##name:                                                     \
		tile_of_type(&p, panel_format(DTYPE_##name));                  \
		break;

static void tile(enum dtype type, size_t m, size_t n,
	const struct int8_rows *a, size_t i, const void *panel, float *c,
	size_t c_row, const float *bias, const float *add, size_t add_row)
{
	const struct tile p = { m, n, a, i, panel, c, c_row, bias, add,
		add_row };

	switch (type) {
		EACH_TYPE(TILE)
	default:
		break;
	}
}

#define REMAINDERS(name)                                                       \
	case DTYPE_##name:                                                     \
		add_remainders(y, panel_format(DTYPE_##name),                  \
			way_of(panel_format(DTYPE_##name), false), a, i,       \
			panel);                                                \
		break;

static void remainders(enum dtype type, float *x, const struct int8_rows *a,
	size_t i, const void *panel)
{
	vf y[2] = { v_load(x), v_load(x + W) };

	switch (type) {
		EACH_TYPE(REMAINDERS)
	default:
		break;
	}
	v_store(x, y[0]);
	v_store(x + W, y[1]);
}

const struct int8_set ISA_TABLE(int8) = {
	.rows = INT8_ROWS, .group = 1, .largest = largest, .round = round_block,
	.tile = tile, .remainders = remainders
};
