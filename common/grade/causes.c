/* causes.c - counts of reasons: see causes.h */
#include "common/grade/causes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void causes_add(struct causes *c, const char *what)
{
	size_t i = 0;

	while (i < c->n && i < CAUSES && strcmp(c->v[i].what, what))
		i++;
	if (i == c->n) {
		c->v[i].what = xstrdup(i < CAUSES ? what : "other causes");
		c->n++;
	}
	c->v[i].n++;
}

void causes_free(struct causes *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i].what);
}
