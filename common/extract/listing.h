/* listing.h - code listings with line numbers added by a highlighter
 */
#ifndef PIPELM_LISTING_H
#define PIPELM_LISTING_H

#include <stdbool.h>

#include "common/extract/classes.h"
#include "common/html/dom.h"

/* Whether the element holds line numbers and nothing else. roles are those of
 * its classes; in_pre: it is in preformatted text. Marks the nodes below, so
 * that calling it for every element of a page takes linear time. */
bool listing_is_numbers(struct node *n, unsigned roles, bool in_pre);

/* Whether the table is a listing: the first cell of its first row holds one
 * line number, or all of them, and the last cell code. */
bool listing_is_table(struct node *table, bool in_pre,
	struct classes *classes);

#endif
