/* classes.h - what class and id names say about an element
 *
 * Names are split into words at every character that is not a letter and where
 * a capital follows a lower-case letter ("navBar", "nav-bar"). Each word is
 * looked up in a table of some 300 words that web pages use, in 14 categories.
 * A few names are looked up as a whole.
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

/* Beyond the categories: a part that the reader opens, as in an accordion. */
#define CLASS_OPENS (1u << CAT_COUNT)

/* Exact class names with a meaning that page generators gave them. */
enum role {
	ROLE_NUMBERS = 1,	/* line numbers of a listing */
	ROLE_NUMBERS_IN_PRE = 2,	/* the same, but only within pre */
	ROLE_FORMULA = 4,	/* a formula as rendered by a program */
	ROLE_POSTER = 8,	/* the author of a post: rank, profile, signature */
	ROLES_OF_NUMBERS = ROLE_NUMBERS | ROLE_NUMBERS_IN_PRE
};

struct class_value {
	uint64_t hash;		/* of the attribute's value */
	uint64_t style;		/* hash of the first two names in byte order,
				 * without digits: equal for similar elements */
	uint32_t categories;	/* bits 1 << category, CLASS_OPENS */
	uint32_t roles;		/* bits of enum role */
};

struct classes;

struct classes *classes_new(void);
void classes_free(struct classes *c);

/* The meaning of the attribute value s[0..n); cached, since values repeat. The
 * result is valid until the next call. */
const struct class_value *classes_of(struct classes *c, const char *s, size_t n);

#endif
