/* set.c - which table of inner loops is in use: see set.h */
#include "common/kernel/set.h"

#define SET(isa, tiles)                                                        \
	{ tiles, &attention_##isa, &norm_##isa, &activation_##isa,             \
		&loss_##isa, &vec_##isa }

static const struct kernel_set sets[] = {
	SET(c, NULL),
#ifdef __x86_64__
	SET(avx2, &tile_avx2),
	SET(avx512, &tile_avx512),
#endif
};

/* Atomic: several threads may ask first. They find the same. */
static const struct kernel_set *_Atomic now;

void kernel_use(enum isa isa)
{
	now = &sets[isa];
}

const struct kernel_set *kernel_set(void)
{
	const struct kernel_set *s = now;

	if (!s) {
		s = &sets[cpu_isa()];
		now = s;
	}
	return s;
}
