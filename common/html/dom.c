/* dom.c - walks a tree without recursion: see dom.h */
#include "common/html/dom.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/* Like dom_next, but skips the subtree of node. */
static struct node *skip(const struct node *node, const struct node *root)
{
	while (node != root) {
		if (node->next)
			return node->next;
		node = node->parent;
	}
	return NULL;
}

struct node *dom_next(const struct node *node, const struct node *root)
{
	return node->first ? node->first : skip(node, root);
}

const struct attr *dom_attr(const struct node *node, enum attr_id id)
{
	uint32_t i;

	if (node->type != NODE_ELEMENT)
		return NULL;
	for (i = 0; i < node->n; i++)
		if (node->attrs[i].id == id)
			return &node->attrs[i];
	return NULL;
}

void dom_text(const struct node *root, struct buf *b)
{
	const struct node *node;

	for (node = root; node; node = dom_next(node, root))
		if (node->type == NODE_TEXT)
			buf_add(b, node->text, node->n);
}

static const char *ns_prefix(int ns)
{
	static const char *const prefix[] = {
		"", "svg ", "math ", "xlink ", "xml ", "xmlns "
	};

	return prefix[ns];
}

/* By displayed name; UTF-8 sorts like UTF-16 except for characters above
 * U+FFFF against U+E000..U+FFFF. */
static int by_name(const void *va, const void *vb)
{
	const struct attr *a = va, *b = vb;
	const char *pa = ns_prefix(a->ns), *pb = ns_prefix(b->ns);

	if (a->ns == b->ns)
		return strcmp(a->name, b->name);
	return strcmp(*pa ? pa : a->name, *pb ? pb : b->name);
}

static void indent(struct buf *b, int depth)
{
	buf_str(b, "| ");
	while (depth-- > 0)
		buf_str(b, "  ");
}

static void dump_element(const struct node *node, int depth, struct buf *b)
{
	size_t size = node->n * sizeof *node->attrs;
	struct attr *sorted = xmalloc(size);
	uint32_t i;

	buf_printf(b, "<%s%s>\n", ns_prefix(node->ns), node->name);
	if (size)
		memcpy(sorted, node->attrs, size);
	qsort(sorted, node->n, sizeof *sorted, by_name);
	for (i = 0; i < node->n; i++) {
		indent(b, depth + 1);
		buf_printf(b, "%s%s=\"", ns_prefix(sorted[i].ns),
			sorted[i].name);
		buf_add(b, sorted[i].value, sorted[i].n);
		buf_str(b, "\"\n");
	}
	free(sorted);
}

static void dump_doctype(const struct doctype *d, struct buf *b)
{
	buf_printf(b, "<!DOCTYPE %s", d->name ? d->name : "");
	if (d->public_id || d->system_id)
		buf_printf(b, " \"%s\" \"%s\"",
			d->public_id ? d->public_id : "",
			d->system_id ? d->system_id : "");
	buf_str(b, ">\n");
}

static void dump_node(const struct node *node, int depth, struct buf *b)
{
	indent(b, depth);
	switch ((enum node_type)node->type) {
	case NODE_ELEMENT:
		dump_element(node, depth, b);
		break;
	case NODE_TEXT:
		buf_putc(b, '"');
		buf_add(b, node->text, node->n);
		buf_str(b, "\"\n");
		break;
	case NODE_COMMENT:
		buf_str(b, "<!-- ");
		buf_add(b, node->text, node->n);
		buf_str(b, " -->\n");
		break;
	case NODE_DOCTYPE:
		dump_doctype(node->doctype, b);
		break;
	case NODE_CONTENT:
		buf_str(b, "content\n");
		break;
	case NODE_DOCUMENT:
		buf_str(b, "#document\n");
	}
}

void dom_dump(const struct node *root, struct buf *b)
{
	const struct node *node = root->first;
	int depth = 0;

	while (node) {
		dump_node(node, depth, b);
		if (node->first) {
			node = node->first;
			depth++;
			continue;
		}
		while (!node->next && node->parent != root) {
			node = node->parent;
			depth--;
		}
		node = node->next;
	}
}
