/* pages.h - finds web pages and texts in any packaging
 *
 * Web archives (WARC, WET, ARC), HTML and plain text files, documents(5), each
 * compressed or in archives of any kind. Formats are recognised by the first
 * bytes. Of the members of an archive and the files below a directory, only HTML
 * and web archives are used, unless the format is given; others (pictures, style
 * sheets, licences) are counted as skipped. When a file or directory has been
 * read, one line reports what was skipped.
 */
#ifndef PIPELM_PAGES_H
#define PIPELM_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/format/records.h"

enum pages_format {	/* the format of the inputs */
	PAGES_AUTO, PAGES_WARC, PAGES_HTML, PAGES_TEXT, PAGES_DOCS
};

enum raw_kind {
	RAW_HTTP,	/* an HTTP response, header and body */
	RAW_HTML,
	RAW_TEXT,
	RAW_DOCUMENT,	/* a line of documents(5) */
	RAW_TOO_LARGE	/* longer than max; no bytes */
};

/* Zero-initialise it; free it with raw_page_free. Buffers are C strings, empty if
 * nothing is known. */
struct raw_page {
	enum raw_kind kind;
	struct buf bytes;
	struct buf source;	/* target URL, or file */
	struct buf url, date, id;
	struct buf type;	/* media type that the archive found */
	bool cut;		/* truncated: the input ended inside the page,
				 * and the part that is there is intact */
	struct records *records;	/* RAW_DOCUMENT: the reader of the line */
	struct record record;		/* without its bytes */
};
void raw_page_free(struct raw_page *p);

/* lost: records that were damaged or truncated so that nothing is returned for
 * them, and places where bytes belong to no record. */
struct pages_counts {
	uint64_t files, members, passed_over, too_large, records, lost;
	uint64_t given;		/* pages that were not too large */
	uint64_t barren;	/* files and directories of which everything
				 * was skipped */
};

/* Whether p[0..n) starts an HTML page, with a tag, a comment or a declaration
 * after blanks and a byte order mark; whether it may be text. */
bool pages_is_html(const char *p, size_t n);
bool pages_is_text(const char *p, size_t n);

struct pages;

/* files as in records_open, or directories. Pages longer than max bytes are
 * skipped. With input_on_damage set, damaged data is skipped. */
struct pages *pages_open(char **files, enum pages_format format, size_t max);
bool pages_next(struct pages *p, struct raw_page *page);
const struct pages_counts *pages_counts(const struct pages *p);

/* Reports the counts of readers of documents, and frees. */
void pages_close(struct pages *p);

#endif
