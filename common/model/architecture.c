/* architecture.c - the table of architectures: see architecture.h */
#include "common/model/architecture.h"

#include <string.h>

#define DECLARE(name) extern const struct architecture architecture_##name;
ARCHITECTURES(DECLARE)

#define ROW(name) &architecture_##name,
static const struct architecture *const table[] = { ARCHITECTURES(ROW) NULL };

#define WORD(name) "|" #name
const char architecture_word_list[] = ARCHITECTURES(WORD);

const struct architecture *architecture_find(const char *name)
{
	size_t i;

	for (i = 0; table[i]; i++)
		if (!strcmp(table[i]->name, name))
			return table[i];
	return NULL;
}

const struct architecture *architecture_at(size_t i)
{
	return i < sizeof table / sizeof *table - 1 ? table[i] : NULL;
}
