/* page_text.h - the main text of a raw page: a response of an archive, an HTML
 * file, or plain text
 *
 * What a page is follows from its Content-Type and its first bytes (WHATWG MIME
 * Sniffing, for pages and plain text only); its character encoding from
 * charset.h.
 */
#ifndef PIPELM_PAGE_TEXT_H
#define PIPELM_PAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/extract/extract.h"
#include "common/format/pages.h"

enum outcome {
	CLEAN_KEPT,
	CLEAN_DROPPED,		/* by a rule */
	CLEAN_NO_PAGE,		/* not a page: an image, a script ... */
	CLEAN_UNREADABLE,	/* damaged or unknown compression */
	CLEAN_TOO_LARGE,
	CLEAN_BAD,		/* an invalid document */
	CLEAN_OUTCOMES
};

struct page_text {
	struct extract_meta meta;	/* valid until the reader's next page */
	int status;		/* of the HTTP response, or 0 */
	bool plain;		/* it was plain text, not HTML */
	size_t bytes;		/* of the page, decompressed */
};

struct page_reader;

/* Each thread needs its own. max: bytes of a page. */
struct page_reader *page_reader_new(size_t max);
void page_reader_free(struct page_reader *r);

/* Replaces text by that of the page, in UTF-8, and sets raw->cut if the page
 * turns out to be truncated. Any result but CLEAN_KEPT means that there is no
 * text: CLEAN_NO_PAGE, CLEAN_UNREADABLE or CLEAN_TOO_LARGE. */
enum outcome page_reader_text(struct page_reader *r, struct raw_page *raw,
	struct buf *text, struct page_text *found);

#endif
