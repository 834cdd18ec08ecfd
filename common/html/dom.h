/* dom.h - the tree of an HTML page
 *
 * Nodes, attributes and decoded text lie in an arena of the parser (html.h),
 * plain text is a slice of the parser's copy of the page: nothing is freed
 * by itself, all of it lives until the parser is given its next page.
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
			 * stands between its tags is below this node */
};

enum node_ns {
	NS_HTML, NS_SVG, NS_MATHML,
	NS_XLINK, NS_XML, NS_XMLNS	/* of attributes only */
};

struct attr {
	const char *name;	/* as a DOM has it, after a prefix's colon */
	const char *value;	/* value[0..n), not ended by a NUL */
	uint32_t n;
	uint16_t id;		/* enum attr_id, by the name in lower case */
	uint8_t ns;		/* NS_HTML: none */
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
	const char *name;	/* element: a C string, lower case but for
				 * those SVG names that have capitals */
	uint32_t n;
	uint32_t cap;		/* the parser's own */
	uint32_t user;		/* 0 after parsing, then the reader's own */
	uint8_t type;		/* enum node_type */
	uint8_t ns;		/* element: NS_HTML, NS_SVG or NS_MATHML */
	uint16_t tag;		/* element: enum tag, by the name in lower
				 * case, in every namespace; others: 0 */
};

/* Limits that keep hostile pages within linear time and memory, and that acted
 * on a page. */
enum limit {
	LIMIT_BYTES = 1,	/* the page was cut off: html.h */
	LIMIT_BLOCKS = 2,	/* the text was cut off: blocks.h */
	LIMIT_DEPTH = 4		/* no text was lost, but its place in the tree */
};

struct dom {
	struct node *document;
	struct node *html, *head, *body;	/* NULL where there is none;
						 * body may be a frameset */
	size_t nnode;
	bool quirks;		/* full quirks mode */
	bool limited_quirks;
	unsigned limits;	/* bits of enum limit */
};

/* The element is the HTML one of that tag. */
static inline bool node_is(const struct node *node, enum tag tag)
{
	return node->tag == tag && node->type == NODE_ELEMENT &&
		node->ns == NS_HTML;
}

/* The node after node in document order within the subtree of root, or NULL. */
struct node *dom_next(const struct node *node, const struct node *root);

/* The attribute of an element, or NULL. */
const struct attr *dom_attr(const struct node *node, enum attr_id id);

/* Appends all text below node to b. */
void dom_text(const struct node *node, struct buf *b);

/* Appends the tree below node in the notation of html5lib-tests: a line a
 * node or attribute, "| ", two spaces a level. */
void dom_dump(const struct node *node, struct buf *b);

#endif
