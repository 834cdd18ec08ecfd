/* clean.h - turns a raw page into a document, or says why there is none
 *
 * Decodes, parses, extracts the main text, applies the rules, replaces personal
 * addresses, and writes documents(5).
 */
#ifndef PIPELM_CLEAN_H
#define PIPELM_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/crawlclean/page_text.h"
#include "common/base/buf.h"
#include "common/format/jsonscan.h"
#include "common/format/pages.h"
#include "common/filter/rules.h"

struct clean_options {
	bool extract_only;	/* no rules, nothing replaced */
	bool why;		/* keep dropped documents, with metadata.drop */
	bool keep_pii;
	size_t max;		/* bytes of a page */
	struct rules_env env;
};

/* Zero-initialise; buf_free(&c.out). */
struct cleaned {
	enum outcome outcome;
	int rule;		/* CLEAN_DROPPED: its number */
	struct buf out;		/* the line of the document, or empty */
	bool plain;		/* it was plain text, not HTML */
	size_t html_bytes;	/* of the page, decoded */
	size_t text_bytes;
	uint32_t edits[RULES];	/* lines that rules removed */
	size_t replaced;	/* addresses */
	unsigned limits;	/* bits of enum limit (dom.h) that were reached */
	struct json_error error;	/* CLEAN_BAD */
};

struct cleaner;

/* Each thread needs its own; o must outlive it. */
struct cleaner *cleaner_new(const struct clean_options *o);
void cleaner_free(struct cleaner *c);

/* Modifies raw. */
void clean_page(struct cleaner *c, struct raw_page *raw, struct cleaned *to);

#endif
