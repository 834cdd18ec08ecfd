/* clusters.h - groups of duplicate documents, as a disjoint-set forest
 *
 * Documents are numbered from 0 in input order. A cluster is identified by its
 * lowest number, so that the result does not depend on the order of joins.
 * Uses 4 bytes per document.
 */
#ifndef PIPELM_CLUSTERS_H
#define PIPELM_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise it; free it with clusters_free. */
struct clusters {
	uint32_t *parent;
	size_t n, cap;
};

/* Adds the next document as a cluster of its own and returns its number. */
uint32_t clusters_add(struct clusters *c);
void clusters_join(struct clusters *c, uint32_t a, uint32_t b);

/* The first document of the cluster with document i. */
uint32_t clusters_first(struct clusters *c, uint32_t i);
void clusters_free(struct clusters *c);

#endif
