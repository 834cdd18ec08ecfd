/* dom.h - the tree of an HTML page
 *
 * Nodes, attributes and decoded text are in an arena of the parser (html.h);
 * plain text is a slice of the parser's copy of the page. Nothing is freed
 * separately: everything lives until the parser is given its next page.
 */
#ifndef PIPELM_DOM_H
#define PIPELM_DOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/html/names.h"

enum node_type {
	NODE_DOCUMENT,
	NODE_ELEMENT,
	NODE_TEXT,
	NODE_COMMENT,
	NODE_DOCTYPE,
	NODE_CONTENT	/* the only child of an HTML template element: what
			 * is between its tags is below this node */
};

enum node_ns {
	NS_HTML, NS_SVG, NS_MATHML,
	NS_XLINK, NS_XML, NS_XMLNS	/* attributes only */
};

struct attr {
	const char *name;	/* the local name, after a prefix's colon */
	const char *value;	/* value[0..n), without a final NUL */
	uint32_t n;
	uint16_t id;		/* enum attr_id, of the lower-case name */
	uint8_t ns;		/* NS_HTML: no namespace */
};

struct doctype {
	const char *name, *public_id, *system_id;	/* C strings */
};

struct node {
	struct node *parent, *first, *last, *prev, *next;
	union {
		struct attr *attrs;	/* element: attrs[0..n) */
		char *text;		/* text, comment: text[0..n), UTF-8 */
		struct doctype *doctype;
	};
	const char *name;	/* element: a C string, lower case except for
				 * SVG names with capitals */
	uint32_t n;
	uint32_t cap;		/* used by the parser */
	uint32_t user;		/* 0 after parsing, then free for the reader */
	uint8_t type;		/* enum node_type */
	uint8_t ns;		/* element: NS_HTML, NS_SVG or NS_MATHML */
	uint16_t tag;		/* element: enum tag, of the lower-case name,
				 * in every namespace; other nodes: 0 */
};

/* Limits that keep the time and memory for hostile pages linear. A bit says
 * that the limit was reached. */
enum limit {
	LIMIT_BYTES = 1,	/* the page was truncated: html.h */
	LIMIT_BLOCKS = 2,	/* the text was truncated: blocks.h */
	LIMIT_DEPTH = 4		/* no text was lost, but nesting was */
};

struct dom {
	struct node *document;
	struct node *html, *head, *body;	/* NULL when missing;
						 * body may be a frameset */
	size_t nnode;
	bool quirks;		/* full quirks mode */
	bool limited_quirks;
	unsigned limits;	/* bits of enum limit */
};

/* Whether the node is the HTML element with that tag. */
static inline bool node_is(const struct node *node, enum tag tag)
{
	return node->tag == tag && node->type == NODE_ELEMENT &&
		node->ns == NS_HTML;
}

/* The next node in document order within the subtree of root, or NULL. */
struct node *dom_next(const struct node *node, const struct node *root);

/* The attribute of an element, or NULL. */
const struct attr *dom_attr(const struct node *node, enum attr_id id);

/* Appends all text below node to b. */
void dom_text(const struct node *node, struct buf *b);

/* Appends the tree below node in the format of html5lib-tests: one line per
 * node or attribute, starting with "| ", two spaces per level. */
void dom_dump(const struct node *node, struct buf *b);

#endif
