/* html.h - parses HTML as the WHATWG standard specifies
 *
 * The tokenizer and tree construction of https://html.spec.whatwg.org/
 * multipage/parsing.html: any sequence of bytes gives the tree that a browser
 * builds. Two limits keep time and memory linear for hostile pages: below a
 * depth of 512 no more elements are opened, and their content becomes their
 * siblings; and the number of reopened formatting elements is bounded.
 */
#ifndef PIPELM_HTML_H
#define PIPELM_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "common/html/dom.h"

struct html_parser;

/* A parser is reused for page after page. scripting is the standard's flag:
 * when it is set, the content of noscript is text. */
struct html_parser *html_parser_new(bool scripting);
void html_parser_free(struct html_parser *p);

/* Parses a page in UTF-8 without a byte order mark (charset.h makes it). Invalid
 * bytes go into the tree unchanged. The page is copied; the tree lives until
 * the next call. Pages over 1 GiB are truncated there. */
struct dom *html_parse(struct html_parser *p, const char *page, size_t n);

/* Parses the inner HTML of an element with the given name and namespace (the
 * standard's fragment case); the result is the children of dom->html. */
struct dom *html_parse_fragment(struct html_parser *p, enum node_ns ns,
	const char *context, const char *page, size_t n);

#endif
