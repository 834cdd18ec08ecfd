/* html.c - fuzz target: parses the bytes of a page into its tree
 *
 * The first byte of the input chooses the encoding, the scripting flag and
 * the context element. Checked: the tree is a tree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/html/charset.h"
#include "common/html/html.h"
#include "fuzz/target.h"

static void require(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "not a tree: %s\n", what);
		abort();
	}
}

/* Every node is linked to its parent and siblings both ways; the bytes of
 * every text are readable. */
static void check(const struct node *root)
{
	const struct node *node, *last;
	size_t i, count = 0, sum = 0;
	volatile size_t read;	/* so that the reads are not optimised away */

	for (node = root; node; node = dom_next(node, root)) {
		require(++count < (size_t)1 << 28, "a cycle");
		require(!node->first == !node->last, "first and last");
		require(!node->first || !node->first->prev, "prev of the first");
		require(!node->last || !node->last->next, "next of the last");
		last = node->prev;
		require(!last || last->next == node, "next of prev");
		require(!last || last->parent == node->parent, "parents");
		require(!node->first || node->first->parent == node, "parent");
		if (node->type == NODE_TEXT || node->type == NODE_COMMENT)
			for (i = 0; i < node->n; i++)
				sum += (unsigned char)node->text[i];
		if (node->type == NODE_TEXT)
			require(node->n > 0, "empty text");
		if (node->type == NODE_ELEMENT)
			for (sum += strlen(node->name), i = 0; i < node->n; i++)
				sum += strlen(node->attrs[i].name) +
					node->attrs[i].n;
	}
	read = sum;
	(void)read;
}

static const char *const contexts[] = {
	NULL, "div", "table", "tr", "td", "select", "template", "body",
	"html", "title", "script", "svg", "math", "frameset", "colgroup", "p"
};
static const char *const types[] = {
	NULL, "x;charset=utf-8", "x;charset=windows-1252",
	"x;charset=shift_jis", "x;charset=utf-16", "x;charset=gbk",
	"x;charset=iso-2022-jp", "x;charset=big5"
};

static void target(const uint8_t *data, size_t n)
{
	static struct html_parser *parsers[2];
	struct html_parser **p = &parsers[n ? data[0] & 1 : 0];
	const char *context = contexts[n ? data[0] >> 4 : 0];
	const char *type = types[n ? data[0] >> 1 & 7 : 0];
	enum node_ns ns = NS_HTML;
	struct buf page = { 0 };
	struct dom *dom;

	if (n)
		data++, n--;
	charset_decode(&page, (const char *)data, n,
		charset_sniff((const char *)data, n, type));
	if (!*p)
		*p = html_parser_new(p == &parsers[1]);
	if (context && strcmp(context, "svg") == 0)
		ns = NS_SVG;
	if (context && strcmp(context, "math") == 0)
		ns = NS_MATHML;
	dom = context ? html_parse_fragment(*p, ns, context, page.p, page.n) :
		html_parse(*p, page.p, page.n);
	check(dom->document);
	require(!dom->body || context || dom->html, "body without html");
	page.n = 0;
	dom_dump(dom->document, &page);
	buf_free(&page);
}
