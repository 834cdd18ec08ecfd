/* render.c - renders blocks as paragraphs, items and rows: see render.h */
#include "common/extract/render.h"

/* What a block is part of; ELEM_NONE for nothing. */
struct setting {
	uint32_t item;		/* li */
	uint32_t row, cell;	/* tr; td or th */
};

static const struct setting nowhere = { ELEM_NONE, ELEM_NONE, ELEM_NONE };

static struct setting setting_of(const struct page *p, uint32_t e)
{
	struct setting s = nowhere;

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
			if (!p->elem[e].is_layout && s.cell != ELEM_NONE)
				s.row = e;
			return s;
		case TAG_TABLE:
		case TAG_UL:
		case TAG_OL:
			if (!p->elem[e].is_pre)
				return s;
		}
	}
	return s;
}

static uint32_t table_of(const struct page *p, uint32_t row)
{
	while (row && p->elem[row].tag != TAG_TABLE)
		row = p->elem[row].parent;
	return row;
}

static void add_tabs(const struct page *p, struct buf *text, uint32_t from,
	uint32_t to)
{
	uint32_t i = from == ELEM_NONE ? 0 : p->elem[from].column;

	for (; i < p->elem[to].column; i++)
		buf_putc(text, '\t');
}

/* The separator between two blocks that are not in one row. */
static const char *gap(const struct page *p, struct setting a,
	struct setting b)
{
	if (b.row != ELEM_NONE && a.row != ELEM_NONE)
		return table_of(p, a.row) == table_of(p, b.row) ?
			"\n" : "\n\n";
	if (b.item != ELEM_NONE && a.item != ELEM_NONE &&
		b.row == ELEM_NONE && a.row == ELEM_NONE)
		return "\n";
	return "\n\n";
}

struct rendering {
	const struct page *page;
	struct buf *text;
	struct setting last;	/* of the last block, or all ELEM_NONE */
	uint32_t left_out;	/* row of the last block that was left out */
	bool cut_short;		/* blocks of its row that come after the last
				 * chosen block were left out */
};

/* Ends the last row with its empty cells. */
static void end_row(struct rendering *r)
{
	if (r->last.row != ELEM_NONE && !r->cut_short)
		add_tabs(r->page, r->text, r->last.cell, r->last.row);
}

/* Appends the separator between the last block and one at now, with empty cells;
 * cells left out at either end of a row leave no gap. */
static void add_gap(struct rendering *r, struct setting now)
{
	bool one_row = r->last.row != ELEM_NONE && r->last.row == now.row;

	if (one_row && r->last.cell == now.cell) {
		buf_putc(r->text, '\n');
		return;
	}
	if (one_row) {
		add_tabs(r->page, r->text, r->last.cell, now.cell);
		return;
	}
	end_row(r);
	if (r->text->n)
		buf_str(r->text, gap(r->page, r->last, now));
	if (now.row != ELEM_NONE && r->left_out != now.row)
		add_tabs(r->page, r->text, ELEM_NONE, now.cell);
}

static void add_block(struct rendering *r, const struct text_block *b)
{
	struct setting now = setting_of(r->page, b->elem);

	add_gap(r, now);
	if (now.item != ELEM_NONE && now.row == ELEM_NONE &&
		now.item != r->last.item)
		buf_str(r->text, "- ");
	buf_add(r->text, r->page->text.p + b->start, b->len);
	r->last = now;
	r->cut_short = false;
}

void render_blocks(const struct page *p, const bool *chosen, struct buf *text)
{
	struct rendering r = { p, text, nowhere, ELEM_NONE, false };
	size_t i;

	for (i = 0; i < p->nblock; i++) {
		const struct text_block *b = &p->block[i];

		if (chosen[i]) {
			add_block(&r, b);
			continue;
		}
		r.left_out = p->elem[b->elem].row;
		r.cut_short |= r.left_out == r.last.row;
	}
	end_row(&r);
	if (text->n)
		buf_putc(text, '\n');
}
