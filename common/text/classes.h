/* classes.h - what class and id names say about an element
 *
 * Names are split into words at everything that is not a letter and between
 * small and capital letters ("navBar", "nav-bar"); each word is looked up in
 * one table of some 300 that web pages use, in 14 categories.
 */
#ifndef PIPELM_CLASSES_H
#define PIPELM_CLASSES_H

#include <stddef.h>
#include <stdint.h>

enum category {
	CAT_NAV, CAT_HEAD, CAT_FOOT, CAT_SIDE, CAT_AD, CAT_COM, CAT_FORM,
	CAT_POP, CAT_ART, CAT_PROD, CAT_THREAD, CAT_DOC, CAT_CAP, CAT_DISC,
	CAT_COUNT
};

struct class_value {
	uint64_t hash;		/* of the attribute's value */
	uint64_t style;		/* hash of the first two names in order, digits
				 * left out: equal for elements that look alike */
	uint32_t categories;	/* bit 1 << category */
};

struct classes;

struct classes *classes_new(void);
void classes_free(struct classes *c);

/* What the attribute value s[0..n) says; remembered for values that come
 * again. The result lives until the next call. */
const struct class_value *classes_of(struct classes *c, const char *s, size_t n);

#endif
