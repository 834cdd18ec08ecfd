/* clusters.c - union-find: see clusters.h. Find uses path halving; the lowest
 * number is always the root.
 */
#include "common/dedup/clusters.h"

#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/mem.h"

uint32_t clusters_add(struct clusters *c)
{
	if (c->n >= UINT32_MAX - 1)
		die("more than %u documents: --clusters cannot number them",
			UINT32_MAX - 1);
	c->parent = grow(c->parent, c->n, &c->cap, sizeof *c->parent);
	c->parent[c->n] = (uint32_t)c->n;
	return (uint32_t)c->n++;
}

uint32_t clusters_first(struct clusters *c, uint32_t i)
{
	while (c->parent[i] != i) {
		c->parent[i] = c->parent[c->parent[i]];
		i = c->parent[i];
	}
	return i;
}

void clusters_join(struct clusters *c, uint32_t a, uint32_t b)
{
	a = clusters_first(c, a);
	b = clusters_first(c, b);
	if (a < b)
		c->parent[b] = a;
	else
		c->parent[a] = b;
}

void clusters_free(struct clusters *c)
{
	free(c->parent);
	*c = (struct clusters){ 0 };
}
