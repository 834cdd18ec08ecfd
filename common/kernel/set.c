/* set.c - selects the table of inner loops: see set.h */
#include "common/kernel/int8.h"
#include "common/kernel/set.h"

#define SET(isa, tiles, panels, int8)                                          \
	{ tiles, panels, int8, &attention_##isa, &norm_##isa,                  \
		&activation_##isa, &loss_##isa, &vec_##isa }

#define ROW(name, member, width, loops, flags, has)                            \
	[member] = SET(loops, &tile_##loops, &panel_##loops, &int8_##name),

static const struct kernel_set sets[] = {
	[ISA_C] = SET(c, NULL, NULL, &int8_c),
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
