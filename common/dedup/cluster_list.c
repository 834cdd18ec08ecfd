/* cluster_list.c - writes the list of duplicates: see cluster_list.h */
#include "common/dedup/cluster_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void cluster_list_add(struct cluster_list *l, const char *id, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_putc(&l->ids, (unsigned char)id[i] < 0x20 ? ' ' : id[i]);
	buf_add(&l->ids, "", 1);
	l->n++;
}

size_t cluster_list_memory(const struct cluster_list *l)
{
	return l->ids.n + l->n * (sizeof(uint32_t) + sizeof(bool));
}

void cluster_list_write(const struct cluster_list *l, struct clusters *c,
	struct output *out)
{
	bool *shared = xcalloc(c->n + 1, sizeof *shared);
	const char *id = l->ids.p;
	uint32_t i, first;

	for (i = 0; i < c->n; i++) {
		first = clusters_first(c, i);
		if (first != i)
			shared[i] = shared[first] = true;
	}
	for (i = 0; i < c->n; i++) {
		if (shared[i])
			output_printf(out, "%s\t%" PRIu32 "\n", id,
				clusters_first(c, i) + 1);
		id += strlen(id) + 1;
	}
	free(shared);
}

void cluster_list_free(struct cluster_list *l)
{
	buf_free(&l->ids);
}
