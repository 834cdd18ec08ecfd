/* style.h - what a style attribute does to its element
 *
 * As in CSS, the last declaration of a property counts, or the last important
 * one. Style sheets are not read.
 */
#ifndef PIPELM_STYLE_H
#define PIPELM_STYLE_H

#include <stddef.h>

enum {
	STYLE_HIDDEN = 1,	/* display none, visibility hidden, collapse */
	STYLE_PRE = 2,		/* white-space pre */
	STYLE_FLAT = 4,		/* height 0 */
	STYLE_BLOCK = 8		/* display block or the like */
};

/* The bits above that the attribute's value s[0..n) sets. */
unsigned style_read(const char *s, size_t n);

#endif
