/* set.c - selects the table of inner loops: see set.h */
#include "common/kernel/int8.h"
#include "common/kernel/set.h"

#define SET(isa, tiles, bf16, panels, int8)                                    \
	{ tiles, bf16, panels, int8, &attention_##isa, &norm_##isa,            \
		&activation_##isa, &loss_##isa, &vec_##isa }

#define ROW(name, member, width, fp32, int8, bf16, flags, has)                 \
	[member] = SET(fp32, &tile_##fp32, &bf16_##bf16, &panel_##fp32,        \
		&int8_##int8),

static struct kernel_set sets[] = {
	[ISA_C] = SET(c, NULL, NULL, NULL, &int8_c),
#ifdef __x86_64__
	ISA_SETS(ROW)
#endif
};

/* Atomic: several threads may initialise it at once. They get the same
 * value. */
static const struct kernel_set *_Atomic now;

void kernel_use(enum isa isa)
{
	now = &sets[isa];
}

void kernel_replace(enum isa isa, const struct kernel_set *s)
{
	sets[isa] = *s;
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
