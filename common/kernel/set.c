/* set.c - selects the table of inner loops: see set.h */
#include "common/kernel/set.h"

#define SET(isa, tiles, panels)                                                \
	{ tiles, panels, &attention_##isa, &norm_##isa, &activation_##isa,             \
		&loss_##isa, &vec_##isa }

#define ROW(name, member, width, flags, has)                                   \
	[member] = SET(name, &tile_##name, &panel_##name),

static const struct kernel_set sets[] = {
	[ISA_C] = SET(c, NULL, NULL),
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

const struct kernel_set *kernel_set(void)
{
	const struct kernel_set *s = now;

	if (!s) {
		s = &sets[cpu_isa()];
		now = s;
	}
	return s;
}
