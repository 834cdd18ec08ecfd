/* listing.h - listings of code with line numbers that a highlighter has put
 * beside them
 */
#ifndef PIPELM_LISTING_H
#define PIPELM_LISTING_H

#include <stdbool.h>

#include "common/extract/classes.h"
#include "common/html/dom.h"

/* The element holds line numbers and nothing else. roles: of its classes;
 * in_pre: it stands in preformatted text. Sets marks in the nodes below, so
 * that asking for every element of a page takes linear time. */
bool listing_is_numbers(struct node *n, unsigned roles, bool in_pre);

/* The table is a listing: the first cell of its first row holds the number
 * of a line, or of all, and the last one code. */
bool listing_is_table(struct node *table, bool in_pre,
	struct classes *classes);

#endif
