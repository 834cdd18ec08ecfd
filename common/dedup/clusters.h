/* clusters.h - which documents are repeats of one another, as a forest
 *
 * Documents are numbered from 0 in the order they come. A cluster is known by
 * its least number, so that the result does not depend on the order of joins.
 * 4 bytes a document.
 */
#ifndef PIPELM_CLUSTERS_H
#define PIPELM_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise; clusters_free. */
struct clusters {
	uint32_t *parent;
	size_t n, cap;
};

/* Adds the next document, alone, and returns its number. */
uint32_t clusters_add(struct clusters *c);
void clusters_join(struct clusters *c, uint32_t a, uint32_t b);

/* The first document of the cluster that i belongs to. */
uint32_t clusters_first(struct clusters *c, uint32_t i);
void clusters_free(struct clusters *c);

#endif
