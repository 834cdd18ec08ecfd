/* optim.c - AdamW (Loshchilov and Hutter 2019) on all threads: see kernel.h */
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

struct update {
	const struct adamw *o;
	float *p, *m, *v;
	const float *g;
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
	struct update u = { o, p, m, v, g };

	rows_each(n, PART_FLOATS, adamw_part, &u);
}
