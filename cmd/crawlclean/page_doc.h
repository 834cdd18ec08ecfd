/* page_doc.h - documents(5) from what crawlclean found out about pages */
#ifndef PIPELM_PAGE_DOC_H
#define PIPELM_PAGE_DOC_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/extract/extract.h"
#include "common/format/doc.h"
#include "common/format/pages.h"
#include "common/filter/rules.h"

/* Whether s, which may be NULL, starts as an http or https URL does. */
bool page_doc_is_url(const char *s);

/* Appends a document's line to out: the text of p without trailing newlines,
 * identified as raw is, with metadata from the archive, else from the page.
 * drop: the rule that dropped it, or NULL. Converts the names in raw to UTF-8. */
void page_doc_make(struct candidate *p, struct raw_page *raw,
	const struct extract_meta *meta, const char *drop, struct buf *out);

/* Updates an existing document: its text, if p->edited or replaced is set, and
 * what was measured. */
void page_doc_update(struct doc *d, const struct candidate *p, bool replaced,
	const char *drop);

#endif
