/* formatting.c - the list of active formatting elements and the adoption
 * agency algorithm: see tree.h
 */
#include "common/html/tree.h"

#include <string.h>

#include "common/base/mem.h"

/* At most this many active formatting elements are kept after the last marker;
 * the oldest are dropped. Pages written for people have a dozen. */
#define MAX_ACTIVE 256

/* The index after the last marker. */
static size_t behind_marker(const struct html_parser *p)
{
	size_t i = p->nactive;

	while (i > 0 && p->active[i - 1])
		i--;
	return i;
}

static void remove_at(struct html_parser *p, size_t i)
{
	p->nactive--;
	memmove(p->active + i, p->active + i + 1,
		(p->nactive - i) * sizeof *p->active);
}

static bool has_attr(const struct node *node, const struct attr *attr)
{
	uint32_t i;

	for (i = 0; i < node->n; i++) {
		const struct attr *a = &node->attrs[i];

		if (a->id == attr->id && a->n == attr->n &&
		    memcmp(a->value, attr->value, a->n) == 0 &&
		    (a->id || strcmp(a->name, attr->name) == 0))
			return true;
	}
	return false;
}

static bool same_element(const struct node *a, const struct node *b)
{
	uint32_t i;

	if (a->tag != b->tag || a->ns != b->ns || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!has_attr(b, &a->attrs[i]))
			return false;
	return true;
}

/* Of three equal elements, the oldest is removed (the standard's "Noah's Ark
 * clause"). An element too deep to be opened does not become active. */
void html_activate(struct html_parser *p, struct node *node)
{
	size_t start = behind_marker(p), i, oldest = 0;
	int same = 0;

	if (html_current(p) != node)
		return;
	for (i = p->nactive; i-- > start;)
		if (same_element(p->active[i], node)) {
			same++;
			oldest = i;
		}
	if (same >= 3)
		remove_at(p, oldest);
	else if (p->nactive - start >= MAX_ACTIVE) {
		p->dom.limits |= LIMIT_DEPTH;
		remove_at(p, start);
	}
	p->active = grow(p->active, p->nactive, &p->active_cap,
		sizeof *p->active);
	p->active[p->nactive++] = node;
}

void html_marker(struct html_parser *p)
{
	p->active = grow(p->active, p->nactive, &p->active_cap,
		sizeof *p->active);
	p->active[p->nactive++] = NULL;
}

void html_clear_active(struct html_parser *p)
{
	while (p->nactive > 0 && p->active[--p->nactive])
		;
}

static struct node *clone(struct html_parser *p, const struct node *of)
{
	struct node *node = html_node(p, NODE_ELEMENT);

	node->tag = of->tag;
	node->name = of->name;
	node->attrs = of->attrs;
	node->n = of->n;
	return node;
}

static size_t active_index(const struct html_parser *p,
	const struct node *node)
{
	size_t i;

	for (i = p->nactive; i-- > 0 && p->active[i];)
		if (p->active[i] == node)
			return i;
	return HTML_NONE;
}

/* Reopens the formatting elements that a block has closed. Stops when the
 * stack is full or the page has used its quota, so memory stays linear. */
void html_reconstruct(struct html_parser *p)
{
	size_t i = p->nactive;

	if (i == 0 || !p->active[i - 1] || p->active[i - 1]->cap)
		return;
	while (i > 0 && p->active[i - 1] && !p->active[i - 1]->cap)
		i--;
	for (; i < p->nactive; i++) {
		struct node *node;
		struct html_place at;

		if (html_is_full(p) || p->clones_left == 0) {
			p->dom.limits |= LIMIT_DEPTH;
			return;
		}
		p->clones_left--;
		node = clone(p, p->active[i]);
		at = html_place(p, html_current(p));
		html_insert_before(at.parent, node, at.before);
		html_push(p, node);
		p->active[i] = node;
	}
}

struct node *html_find_active(const struct html_parser *p, enum tag tag)
{
	size_t i;

	for (i = p->nactive; i-- > 0 && p->active[i];)
		if (p->active[i]->tag == tag)
			return p->active[i];
	return NULL;
}

void html_remove_active(struct html_parser *p, const struct node *node)
{
	size_t i = active_index(p, node);

	if (i != HTML_NONE)
		remove_at(p, i);
}

/* ---- the adoption agency algorithm ---- */

/* The topmost special element below the formatting element in the stack. */
static size_t furthest_block(const struct html_parser *p, size_t formatting)
{
	size_t i;

	for (i = formatting + 1; i < p->nopen; i++)
		if (html_is_special(p->open[i]))
			return i;
	return HTML_NONE;
}

static void close_at(struct html_parser *p, size_t i)
{
	p->open[i]->cap = 0;
	p->nopen--;
	memmove(p->open + i, p->open + i + 1,
		(p->nopen - i) * sizeof *p->open);
}

static void replace_at(struct html_parser *p, size_t i, struct node *node)
{
	p->open[i]->cap = 0;
	p->open[i] = node;
	node->cap = 1;
}

/* The inner loop. From the furthest block, at stack index block, up to the
 * formatting element, every element between is removed or replaced by a clone,
 * which becomes the parent of the one below. Returns the last of them; *block
 * tracks the furthest block, *bookmark is the new formatting element's position
 * in the list. */
static struct node *lift(struct html_parser *p, size_t formatting,
	size_t *block, size_t *bookmark)
{
	struct node *last = p->open[*block];
	size_t i = *block;
	int inner = 1;

	for (; --i > formatting; inner++) {
		size_t k = active_index(p, p->open[i]);
		struct node *node;

		if (inner > 3 && k != HTML_NONE) {
			remove_at(p, k);
			if (k < *bookmark)
				--*bookmark;
			k = HTML_NONE;
		}
		if (k == HTML_NONE) {
			close_at(p, i);
			--*block;
			continue;
		}
		node = clone(p, p->open[i]);
		p->active[k] = node;
		replace_at(p, i, node);
		if (last == p->open[*block])
			*bookmark = k + 1;
		html_detach(last);
		html_append(node, last);
		last = node;
	}
	return last;
}

static void move_children(struct node *from, struct node *to)
{
	struct node *node;

	for (node = from->first; node; node = node->next)
		node->parent = to;
	to->first = from->first;
	to->last = from->last;
	from->first = from->last = NULL;
}

/* Puts the new formatting element into the list and, below the furthest block,
 * into the stack; removes the old one from both. */
static void replace_formatting(struct html_parser *p, struct node *old,
	struct node *node, size_t block, size_t bookmark)
{
	size_t i = active_index(p, old);

	remove_at(p, i);
	if (i < bookmark)
		bookmark--;
	p->active = grow(p->active, p->nactive, &p->active_cap,
		sizeof *p->active);
	memmove(p->active + bookmark + 1, p->active + bookmark,
		(p->nactive - bookmark) * sizeof *p->active);
	p->active[bookmark] = node;
	p->nactive++;

	i = html_open_index(p, old);
	p->open[i]->cap = 0;
	memmove(p->open + i, p->open + i + 1,
		(block - i) * sizeof *p->open);
	p->open[block] = node;
	node->cap = 1;
}

/* One round of the outer loop, for a formatting element with a furthest block. */
static void adopt_round(struct html_parser *p, struct node *old,
	size_t formatting, size_t block)
{
	struct node *ancestor = p->open[formatting - 1];
	struct node *furthest = p->open[block], *last, *node;
	size_t bookmark = active_index(p, old);
	struct html_place at;

	last = lift(p, formatting, &block, &bookmark);
	html_detach(last);
	at = html_place(p, ancestor);
	html_insert_before(at.parent, last, at.before);
	node = clone(p, old);
	move_children(furthest, node);
	html_append(furthest, node);
	replace_formatting(p, old, node, block, bookmark);
}

bool html_adopt(struct html_parser *p, struct html_token *tok)
{
	int outer;

	if (html_current_is(p, tok->tag) &&
	    active_index(p, html_current(p)) == HTML_NONE) {
		html_pop(p);
		return true;
	}
	for (outer = 0; outer < 8; outer++) {
		struct node *old = html_find_active(p, tok->tag);
		size_t formatting, block;

		if (!old)
			return html_body_other_end(p, tok);
		if (p->clones_left < 4) {
			p->dom.limits |= LIMIT_DEPTH;
			return html_body_other_end(p, tok);
		}
		formatting = html_open_index(p, old);
		if (formatting == HTML_NONE) {
			html_remove_active(p, old);
			return true;
		}
		if (!html_node_in_scope(p, old))
			return true;
		block = furthest_block(p, formatting);
		if (block == HTML_NONE) {
			html_pop_through(p, old);
			html_remove_active(p, old);
			return true;
		}
		p->clones_left -= 4;
		adopt_round(p, old, formatting, block);
	}
	return true;
}
