/* html.h - HTML parsing as the WHATWG standard has it
 *
 * The tokenizer and tree construction of https://html.spec.whatwg.org/
 * multipage/parsing.html: any bytes give the tree that a browser builds.
 * Two limits keep hostile pages from taking more than linear time and memory:
 * at a depth of 512 elements no more are opened, what they hold becomes their
 * siblings; and formatting elements are not reopened without end.
 */
#ifndef PIPELM_HTML_H
#define PIPELM_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "common/html/dom.h"

struct html_parser;

/* A parser is used for page after page. scripting is the standard's flag: with
 * it, what is inside noscript is text. */
struct html_parser *html_parser_new(bool scripting);
void html_parser_free(struct html_parser *p);

/* Parses a page, UTF-8 without a byte order mark (charset.h makes it). Bytes
 * that are not valid UTF-8 pass into the tree as they are. The page is copied;
 * the tree lives until the next call. Pages longer than 1 GiB are cut there. */
struct dom *html_parse(struct html_parser *p, const char *page, size_t n);

/* Parses the inside of an element with the name and namespace given (the
 * standard's fragment case); the children of dom->html are the result. */
struct dom *html_parse_fragment(struct html_parser *p, enum node_ns ns,
	const char *context, const char *page, size_t n);

#endif
