/* traits.h - the meaning of an element's attributes, read once */
#ifndef PIPELM_TRAITS_H
#define PIPELM_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/extract/classes.h"
#include "common/html/dom.h"

struct traits {
	unsigned categories;	/* of class, id and data-testid */
	unsigned roles;		/* of class */
	unsigned land;		/* landmark of its role, plus 1 */
	unsigned style;		/* bits of style.h */
	uint64_t class_style;	/* hash of the class, 0 without one */
	unsigned colspan, rowspan;
	bool hidden, open;
	bool opens;		/* the reader can open it */
	bool numbers;		/* carries a line number */
};

/* Fills in t from the attributes of n. */
void traits_read(struct traits *t, const struct node *n,
	struct classes *classes);

#endif
