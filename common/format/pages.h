/* pages.h - web pages and texts out of whatever holds them
 *
 * Web archives (WARC, WET, ARC), HTML and plain text files, documents(5), each
 * compressed or in archives of any kind. What a file is shows in its first
 * bytes. Of the members of an archive and the files below a directory only
 * HTML and web archives are taken, unless the format is given; the rest
 * (pictures, style sheets, licences) is counted as passed over. When a file or
 * directory has been read, one line says what was left out of it.
 */
#ifndef PIPELM_PAGES_H
#define PIPELM_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/format/records.h"

enum pages_format {	/* what to take each input for */
	PAGES_AUTO, PAGES_WARC, PAGES_HTML, PAGES_TEXT, PAGES_DOCS
};

enum raw_kind {
	RAW_HTTP,	/* an HTTP response, header and body */
	RAW_HTML,
	RAW_TEXT,
	RAW_DOCUMENT,	/* a line of documents(5) */
	RAW_TOO_LARGE	/* longer than max; no bytes */
};

/* Zero-initialise; raw_page_free. Buffers are C strings, empty where nothing
 * is known. */
struct raw_page {
	enum raw_kind kind;
	struct buf bytes;
	struct buf source;	/* target address, or file */
	struct buf url, date, id;
	struct buf type;	/* media type that the archive found */
	bool cut;		/* the input ended inside the page, and what
				 * there is of it is sound */
	struct records *records;	/* RAW_DOCUMENT: whose line it is */
	struct record record;		/* without its bytes */
};
void raw_page_free(struct raw_page *p);

/* lost: records that were damaged or cut off so that nothing is given of them,
 * and places where bytes belong to no record. */
struct pages_counts {
	uint64_t files, members, passed_over, too_large, records, lost;
	uint64_t given;		/* pages that were not too large */
	uint64_t barren;	/* files and directories of which everything
				 * was left out */
};

/* Whether p[0..n) begins a page of HTML: a tag, a comment or a declaration,
 * behind blanks and a byte order mark; whether it may be text. */
bool pages_is_html(const char *p, size_t n);
bool pages_is_text(const char *p, size_t n);

struct pages;

/* files as in records_open, or directories; pages longer than max bytes are not kept. Where
 * input_on_damage is set, what is damaged is left out. */
struct pages *pages_open(char **files, enum pages_format format, size_t max);
bool pages_next(struct pages *p, struct raw_page *page);
const struct pages_counts *pages_counts(const struct pages *p);

/* Reports what readers of documents have counted, frees. */
void pages_close(struct pages *p);

#endif
