/* render.c - blocks as paragraphs, items and rows: see render.h */
#include "common/text/render.h"

/* What a block is part of; ELEM_NONE where it is not. */
struct setting {
	uint32_t item;		/* li */
	uint32_t row, cell;	/* tr; td or th */
};

static struct setting setting_of(const struct page *p, uint32_t e)
{
	struct setting s = { ELEM_NONE, ELEM_NONE, ELEM_NONE };

	for (; e; e = p->elem[e].parent) {
		switch (p->elem[e].tag) {
		case TAG_LI:
			if (s.item == ELEM_NONE)
				s.item = e;
			break;
		case TAG_TD:
		case TAG_TH:
			if (s.cell == ELEM_NONE)
				s.cell = e;
			break;
		case TAG_TR:
			s.row = e;
			return s;
		case TAG_TABLE:
		case TAG_UL:
		case TAG_OL:
			return s;
		}
	}
	return s;
}

/* What stands between a block and the one before it. */
static const char *gap(struct setting a, struct setting b)
{
	if (b.row != ELEM_NONE && b.row == a.row)
		return b.cell != a.cell ? "\t" : "\n";
	if (b.row != ELEM_NONE && a.row != ELEM_NONE)
		return "\n";
	if (b.item != ELEM_NONE && a.item != ELEM_NONE)
		return "\n";
	return "\n\n";
}

/* A line break inside a cell would end the row. */
static void add_cell(struct buf *text, const char *s, size_t n)
{
	char *to = buf_room(text, n);
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = s[i] == '\n' ? ' ' : s[i];
	text->n += n;
}

void render_blocks(const struct page *p, const bool *chosen, struct buf *text)
{
	struct setting last = { ELEM_NONE, ELEM_NONE, ELEM_NONE };
	bool any = false;
	size_t i;

	for (i = 0; i < p->nblock; i++) {
		const struct block *b = &p->block[i];
		const char *s = p->text.p + b->start;
		struct setting now;

		if (!chosen[i])
			continue;
		now = setting_of(p, b->elem);
		if (any)
			buf_str(text, gap(last, now));
		if (now.item != ELEM_NONE && now.row == ELEM_NONE &&
			now.item != last.item)
			buf_str(text, "- ");
		if (now.row != ELEM_NONE && !b->pre)
			add_cell(text, s, b->len);
		else
			buf_add(text, s, b->len);
		last = now;
		any = true;
	}
	if (any)
		buf_putc(text, '\n');
}
