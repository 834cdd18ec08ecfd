/* optim.c - AdamW (Loshchilov and Hutter 2019) on all threads: see kernel.h */
#include "common/base/size.h"
#include "common/format/half.h"
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

struct update {
	const struct adamw *o;
	float *p, *m, *v;
	uint16_t *m16, *v16;
	const float *g;
	uint32_t seed;
	size_t first;
};

static void adamw_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct update *u = ctx;

	kernel_set()->vec->adamw(u->o, u->p + begin, u->m + begin,
		u->v + begin, u->g + begin, end - begin);
}

void adamw_step(const struct adamw *o, float *p, float *m, float *v,
	const float *g, size_t n)
{
	struct update u = { .o = o, .p = p, .m = m, .v = v, .g = g };

	rows_each(n, PART_FLOATS, adamw_part, &u);
}

enum { PIECE = 1024 };	/* that stays in the level 1 cache */

static void bf16_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct update *u = ctx;
	const struct vec_set *set = kernel_set()->vec;
	float m[PIECE], v[PIECE];
	size_t i, n;

	for (i = begin; i < end; i += n) {
		n = size_min(end - i, PIECE);
		set->widen(m, u->m16 + i, n);
		set->widen(v, u->v16 + i, n);
		set->adamw(u->o, u->p + i, m, v, u->g + i, n);
		set->narrow(u->m16 + i, m, n, u->seed,
			(uint32_t)(u->first + i), 0);
		set->narrow(u->v16 + i, v, n, u->seed,
			(uint32_t)(u->first + i), 16);
	}
}

void adamw_step_bf16(const struct adamw *o, float *p, uint16_t *m, uint16_t *v,
	const float *g, size_t n, uint32_t seed, size_t first)
{
	struct update u = { .o = o, .p = p, .m16 = m, .v16 = v, .g = g,
		.seed = seed, .first = first };

	rows_each(n, PART_FLOATS, bf16_part, &u);
}

void moments_widen(float *out, const uint16_t *x, size_t n)
{
	kernel_set()->vec->widen(out, x, n);
}

void moments_set(uint16_t *out, const float *x, size_t n)
{
	half_store_bf16(out, x, n);
}
