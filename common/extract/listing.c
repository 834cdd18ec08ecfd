/* listing.c - finds line numbers of code: see listing.h */
#include "common/extract/listing.h"

#include <strings.h>

#include "common/base/ascii.h"

/* node.user: something in the subtree is not a number. */
enum { MARK_OTHER_TEXT = 1 };

/* Whether the text is only digits, optionally followed by a colon or full stop,
 * and space. */
static bool is_numeric(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (ascii_digit(s[i]) || ascii_space(s[i]) || s[i] == '.' ||
			s[i] == ':')
			continue;
		if (s[i] == '\xc2' && i + 1 < n && s[i + 1] == '\xa0')
			i++;
		else
			return false;
	}
	return true;
}

/* Marks the ancestors of a text that is not a number, up to the element, so that
 * they are not searched again. */
static bool only_numbers(struct node *n)
{
	struct node *c, *up;

	if (n->user & MARK_OTHER_TEXT)
		return false;
	for (c = n->first; c; c = dom_next(c, n)) {
		if (c->type != NODE_TEXT || is_numeric(c->text, c->n))
			continue;
		for (up = c->parent; up != n; up = up->parent)
			up->user |= MARK_OTHER_TEXT;
		n->user |= MARK_OTHER_TEXT;
		return false;
	}
	return true;
}

static struct node *element_from(struct node *n)
{
	while (n && n->type != NODE_ELEMENT)
		n = n->next;
	return n;
}

static struct node *descend(struct node *n, enum tag tag)
{
	int levels;

	for (levels = 0; n && !node_is(n, tag) && levels < 4; levels++)
		n = element_from(n->first);
	return n && node_is(n, tag) ? n : NULL;
}

/* Whether the numbers rise by one from line to line; a single one must be 1. */
static bool counts_up(const struct node *pre)
{
	const struct node *c;
	unsigned long value = 0, last = 0, n = 0;
	bool in_number = false, good = true;

	for (c = pre; c && good; c = dom_next(c, pre)) {
		uint32_t i;

		if (c->type != NODE_TEXT)
			continue;
		for (i = 0; i < c->n; i++) {
			if (ascii_digit(c->text[i])) {
				value = value * 10 + (unsigned)(c->text[i] - '0');
				in_number = true;
			} else if (in_number) {
				good &= !n || value == last + 1;
				last = value;
				value = 0;
				in_number = false;
				n++;
			}
		}
	}
	if (in_number) {
		good &= !n || value == last + 1;
		last = value;
		n++;
	}
	return good && (n > 1 || (n == 1 && last == 1));
}

/* Recognises line numbers without a telling class: a cell with a single pre that
 * counts the lines of the pre in the next cell. */
static bool is_counting_cell(struct node *n)
{
	struct node *pre, *beside;

	if (!node_is(n, TAG_TD) && !node_is(n, TAG_TH))
		return false;
	pre = descend(n, TAG_PRE);
	beside = element_from(n->next);
	return pre && beside && descend(beside, TAG_PRE) && only_numbers(n) &&
		counts_up(pre);
}

bool listing_is_numbers(struct node *n, unsigned roles, bool in_pre)
{
	if (roles & ROLE_NUMBERS || (in_pre && roles & ROLE_NUMBERS_IN_PRE) ||
		dom_attr(n, ATTR_DATA_LINE_NUMBER))
		return only_numbers(n);
	return is_counting_cell(n);
}

static bool is_code_cell(struct node *cell)
{
	const struct attr *class = dom_attr(cell, ATTR_CLASS);
	uint32_t i;

	if (descend(cell, TAG_PRE) || descend(cell, TAG_CODE))
		return true;
	for (i = 0; class && i + 4 <= class->n; i++)
		if (!strncasecmp(class->value + i, "code", 4))
			return true;
	return false;
}

bool listing_is_table(struct node *table, bool in_pre,
	struct classes *classes)
{
	struct node *part = element_from(table->first), *row, *cell, *last;
	const struct attr *class;
	unsigned roles = 0;

	while (part && (node_is(part, TAG_COLGROUP) ||
		node_is(part, TAG_CAPTION)))
		part = element_from(part->next);
	row = descend(part, TAG_TR);
	cell = row ? element_from(row->first) : NULL;
	if (!cell || !element_from(cell->next))
		return false;
	for (last = row->last; last->type != NODE_ELEMENT; last = last->prev)
		;
	class = dom_attr(cell, ATTR_CLASS);
	if (class)
		roles = classes_of(classes, class->value, class->n)->roles;
	return (in_pre || is_code_cell(last)) &&
		listing_is_numbers(cell, roles, in_pre);
}
