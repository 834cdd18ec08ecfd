/* half.c - 16-bit floats to and from fp32 on all threads: see kernel.h */
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

struct half {
	float *wide;
	const float *wide_in;
	uint16_t *narrow;
	const uint16_t *narrow_in;
	void (*widen)(float *out, const uint16_t *x, size_t n);
	void (*narrowing)(uint16_t *out, const float *x, size_t n);
};

static void widen_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct half *p = ctx;

	p->widen(p->wide + begin, p->narrow_in + begin, end - begin);
}

static void narrow_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct half *p = ctx;

	p->narrowing(p->narrow + begin, p->wide_in + begin, end - begin);
}

void f16_to_f32(float *out, const uint16_t *x, size_t n)
{
	struct half p = { .wide = out, .narrow_in = x,
		.widen = kernel_set()->half->from_f16 };

	rows_each(n, PART_FLOATS, widen_part, &p);
}

void bf16_to_f32(float *out, const uint16_t *x, size_t n)
{
	struct half p = { .wide = out, .narrow_in = x,
		.widen = kernel_set()->half->from_bf16 };

	rows_each(n, PART_FLOATS, widen_part, &p);
}

void f32_to_f16(uint16_t *out, const float *x, size_t n)
{
	struct half p = { .narrow = out, .wide_in = x,
		.narrowing = kernel_set()->half->to_f16 };

	rows_each(n, PART_FLOATS, narrow_part, &p);
}

void f32_to_bf16(uint16_t *out, const float *x, size_t n)
{
	struct half p = { .narrow = out, .wide_in = x,
		.narrowing = kernel_set()->half->to_bf16 };

	rows_each(n, PART_FLOATS, narrow_part, &p);
}
