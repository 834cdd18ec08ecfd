/* cluster_list.h - the list of duplicates: a line for each, with its cluster
 *
 * Tab-separated: the document's id, and the position in the input, from 1, of
 * the first document of its cluster. Documents without duplicates are omitted.
 */
#ifndef PIPELM_CLUSTER_LIST_H
#define PIPELM_CLUSTER_LIST_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/io.h"
#include "common/dedup/clusters.h"

/* Zero-initialise it; free it with cluster_list_free. */
struct cluster_list {
	struct buf ids;		/* each NUL-terminated */
	size_t n;
};

/* Adds the id of the next document. Blanks replace control characters, which
 * would break the lines. */
void cluster_list_add(struct cluster_list *l, const char *id, size_t n);

/* Bytes that the ids, their clusters and writing the list take. */
size_t cluster_list_memory(const struct cluster_list *l);

/* c: the clusters of the documents whose ids were added. */
void cluster_list_write(const struct cluster_list *l, struct clusters *c,
	struct output *out);
void cluster_list_free(struct cluster_list *l);

#endif
