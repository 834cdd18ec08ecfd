/* select.c - the content of a selectedcontent element: see tree.h
 *
 * The standard's "maybe clone an option into selectedcontent".
 */
#include "common/html/tree.h"

/* Ancestors further up than this are not searched. */
#define MAX_LEVELS 512

static struct node *ancestor(const struct node *node, enum tag tag)
{
	struct node *up = node->parent;
	int levels = 0;

	while (up && !node_is(up, tag))
		up = ++levels < MAX_LEVELS ? up->parent : NULL;
	return up;
}

static struct node *copy(struct html_parser *p, const struct node *of)
{
	struct node *node = html_node(p, (enum node_type)of->type);

	*node = *of;
	node->cap = 0;
	node->parent = node->first = node->last = NULL;
	node->prev = node->next = NULL;
	return node;
}

/* Appends copies of from's children to `to` until the page's quota of copies
 * runs out. */
static void copy_children(struct html_parser *p, const struct node *from,
	struct node *to)
{
	const struct node *node = from->first;

	while (node && p->clones_left > 0) {
		struct node *made = copy(p, node);

		p->clones_left--;
		html_append(to, made);
		if (node->first) {
			node = node->first;
			to = made;
			continue;
		}
		while (!node->next && node->parent != from) {
			node = node->parent;
			to = to->parent;
		}
		node = node->next;
	}
}

void html_selectedcontent(struct html_parser *p, struct node *node)
{
	p->shown = node;
	p->shown_any = false;
}

/* The first option is shown until one has the selected attribute. */
void html_option_done(struct html_parser *p, struct node *option)
{
	struct node *select;
	bool selected = dom_attr(option, ATTR_SELECTED);

	if (!p->shown || (p->shown_any && !selected))
		return;
	select = ancestor(option, TAG_SELECT);
	if (!select || dom_attr(select, ATTR_MULTIPLE) ||
	    ancestor(p->shown, TAG_SELECT) != select ||
	    ancestor(p->shown, TAG_OPTION) ||	/* it would contain itself */
	    ancestor(option, TAG_SELECTEDCONTENT))
		return;
	p->shown_any = true;
	while (p->shown->first)
		html_detach(p->shown->first);
	copy_children(p, option, p->shown);
}
