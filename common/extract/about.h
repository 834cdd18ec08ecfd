/* about.h - what a page says about itself: meta and link elements, JSON-LD
 *
 * JSON-LD is often broken, so it is not parsed, only searched for a few keys.
 */
#ifndef PIPELM_ABOUT_H
#define PIPELM_ABOUT_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/extract/blocks.h"

/* Strings are never NULL and live until the next page_about. */
struct about {
	struct arena arena;
	const char *title;	/* title element */
	const char *og_title;
	const char *og_type;	/* these are in lower case: */
	const char *generator;
	const char *url;	/* canonical, or og:url */
	const char *body;	/* class, id and data-testid of body */
	const char *canonical;	/* url as written */
	const char *author, *date, *language;
	bool ld_article;	/* JSON-LD declares a type of article */
};

/* Fills in a, which must be zero-initialised ({0}) before its first page; p is
 * d cut into blocks. */
void page_about(struct about *a, const struct dom *d, const struct page *p);
void about_free(struct about *a);

#endif
