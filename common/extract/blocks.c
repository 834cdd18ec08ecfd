/* blocks.c - cuts a tree into blocks in one walk: see blocks.h */
#include "common/extract/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/extract/formula.h"
#include "common/extract/listing.h"
#include "common/extract/plain.h"
#include "common/extract/style.h"
#include "common/extract/traits.h"

enum { BREAKS, INLINE, SKIPPED, LINE_BREAK };	/* BREAKS: the default */

static const unsigned char tag_kind[TAG_COUNT] = {
	[TAG_BR] = LINE_BREAK,
	/* hold no running text */
	[TAG_SCRIPT] = SKIPPED, [TAG_STYLE] = SKIPPED, [TAG_TEMPLATE] = SKIPPED,
	[TAG_SVG] = SKIPPED, [TAG_MATH] = SKIPPED, [TAG_HEAD] = SKIPPED,
	[TAG_TITLE] = SKIPPED, [TAG_IFRAME] = SKIPPED, [TAG_OBJECT] = SKIPPED,
	[TAG_EMBED] = SKIPPED, [TAG_CANVAS] = SKIPPED, [TAG_AUDIO] = SKIPPED,
	[TAG_VIDEO] = SKIPPED, [TAG_SELECT] = SKIPPED, [TAG_OPTION] = SKIPPED,
	[TAG_DATALIST] = SKIPPED, [TAG_TEXTAREA] = SKIPPED, [TAG_MAP] = SKIPPED,
	[TAG_PROGRESS] = SKIPPED, [TAG_METER] = SKIPPED, [TAG_IMG] = SKIPPED,
	[TAG_INPUT] = SKIPPED, [TAG_WBR] = SKIPPED, [TAG_PICTURE] = SKIPPED,
	[TAG_SOURCE] = SKIPPED, [TAG_META] = SKIPPED, [TAG_LINK] = SKIPPED,
	[TAG_A] = INLINE, [TAG_ABBR] = INLINE, [TAG_ACRONYM] = INLINE,
	[TAG_B] = INLINE, [TAG_BDI] = INLINE, [TAG_BDO] = INLINE,
	[TAG_BIG] = INLINE, [TAG_CITE] = INLINE, [TAG_CODE] = INLINE,
	[TAG_DATA] = INLINE, [TAG_DEL] = INLINE, [TAG_DFN] = INLINE,
	[TAG_EM] = INLINE, [TAG_FONT] = INLINE, [TAG_I] = INLINE,
	[TAG_INS] = INLINE, [TAG_KBD] = INLINE, [TAG_LABEL] = INLINE,
	[TAG_MARK] = INLINE, [TAG_NOBR] = INLINE, [TAG_OUTPUT] = INLINE,
	[TAG_Q] = INLINE, [TAG_RP] = INLINE, [TAG_RT] = INLINE,
	[TAG_RUBY] = INLINE, [TAG_S] = INLINE, [TAG_SAMP] = INLINE,
	[TAG_SMALL] = INLINE, [TAG_SPAN] = INLINE, [TAG_STRIKE] = INLINE,
	[TAG_STRONG] = INLINE, [TAG_SUB] = INLINE, [TAG_SUP] = INLINE,
	[TAG_TIME] = INLINE, [TAG_TT] = INLINE, [TAG_U] = INLINE,
	[TAG_VAR] = INLINE,
};

/* The landmark of a tag, plus 1. */
static const unsigned char tag_land[TAG_COUNT] = {
	[TAG_MAIN] = LAND_MAIN + 1, [TAG_ARTICLE] = LAND_ARTICLE + 1,
	[TAG_NAV] = LAND_NAV + 1, [TAG_FOOTER] = LAND_FOOTER + 1,
	[TAG_ASIDE] = LAND_ASIDE + 1, [TAG_FIGURE] = LAND_FIGURE + 1,
	[TAG_SECTION] = LAND_SECTION + 1, [TAG_DIALOG] = LAND_DIALOG + 1,
	[TAG_A] = LAND_A + 1,
};

/* What happens at the end of an open element. */
enum {
	OPEN_BREAKS = 1,	/* ends the block */
	OPEN_LINE = 2,		/* ends a line of preformatted text */
	OPEN_SHOWS = 4,		/* even an empty line is shown */
	OPEN_PRE = 8, OPEN_LINK = 16,
	OPEN_TABLE = 32,	/* a table of cells, not a listing */
	OPEN_GAP = 64		/* ends a line of running text */
};

struct walk {
	struct page *page;
	struct classes *classes;
	const struct node *shown;	/* hidden, but treated as visible */
	const struct node *hidden;	/* the hidden element with most text */
	size_t hidden_bytes;
	uint32_t elem;		/* the open element */
	int depth;		/* open elements, including unnumbered ones */
	int links, pres;	/* open a elements, open preformatted ones */
	const struct node *plain;	/* contains no formula, or NULL */
	/* the block being filled: */
	size_t start;		/* in page.text */
	uint32_t first_elem;	/* of its first text, or ELEM_NONE */
	uint32_t link_chars;
	enum gap gap;		/* due before the next text */
	size_t line;		/* preformatted: where the line of the open
				 * item or row started, SIZE_MAX when none is */
};

/* ---- text ---- */

static size_t count_chars(const char *s, size_t n)
{
	size_t i, chars = 0;

	for (i = 0; i < n; i++)
		chars += (s[i] & 0xc0) != 0x80;
	return chars;
}

static void add_collapsed(struct walk *w, const char *s, size_t n)
{
	const char *end = s + n;

	s = plain_skip(s, end, &w->gap);
	if (s == end)
		return;
	if (w->first_elem == ELEM_NONE) {
		w->first_elem = w->elem;
		w->gap = GAP_NONE;
	}
	plain_add(&w->page->text, s, end, &w->gap);
}

/* A preformatted block belongs to the element that contains all of it, whatever
 * the markup of its lines. */
static void add_preformatted(struct walk *w, const char *s, size_t n)
{
	const struct elem *elem = w->page->elem;
	enum gap gap = GAP_NONE;

	if (w->first_elem == ELEM_NONE && plain_skip(s, s + n, &gap) < s + n) {
		w->first_elem = w->elem;
		while (w->first_elem && !elem[w->first_elem].is_pre)
			w->first_elem = elem[w->first_elem].parent;
	}
	plain_preformatted(&w->page->text, s, n);
}

static void add_text(struct walk *w, const char *s, size_t n)
{
	struct buf *text = &w->page->text;
	size_t before = text->n;

	if (w->pres)
		add_preformatted(w, s, n);
	else
		add_collapsed(w, s, n);
	if (w->links && text->n > before)
		w->link_chars += (uint32_t)count_chars(text->p + before,
			text->n - before);
}

/* White space between rows and between items is not text, even where white
 * space is significant. */
static bool is_between(const struct node *text)
{
	switch (text->parent->tag) {
	case TAG_TABLE:
	case TAG_THEAD:
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_TR:
	case TAG_UL:
	case TAG_OL:
		return true;
	}
	return false;
}

static void line_break(struct walk *w)
{
	if (w->pres)
		buf_putc(&w->page->text, '\n');
	else
		w->gap = w->gap >= GAP_LINE ? GAP_PARAGRAPH : GAP_LINE;
}

/* The next text starts on a new line. */
static void owe_line(struct walk *w)
{
	if (w->gap < GAP_LINE)
		w->gap = GAP_LINE;
}

/* Adds a formula, on a line of its own if the page displays it so. */
static void add_formula(struct walk *w, const struct node *n)
{
	struct buf *tex = &w->page->formula;
	bool own_line = formula_is_display(n) && !w->pres;

	buf_reset(tex);
	if (n->ns == NS_MATHML)
		formula_tex(n, tex);
	else
		dom_text(n, tex);
	if (own_line)
		owe_line(w);
	if (tex->n)
		add_text(w, tex->p, tex->n);
	if (own_line)
		w->gap = GAP_LINE;
}

/* Starts a new line of preformatted text unless the current one is empty. */
static void fresh_line(struct walk *w)
{
	struct buf *text = &w->page->text;

	if (text->n > w->start && text->p[text->n - 1] != '\n')
		buf_putc(text, '\n');
}

static void end_block(struct walk *w)
{
	struct page *p = w->page;
	struct text_block *b;

	if (w->first_elem == ELEM_NONE) {
		p->text.n = w->start;
	} else {
		if (w->pres)
			p->text.n = w->start + plain_trim_lines(
				p->text.p + w->start, p->text.n - w->start);
		p->block = grow(p->block, p->nblock, &p->block_cap,
			sizeof *p->block);
		b = &p->block[p->nblock++];
		b->start = w->start;
		b->len = (uint32_t)(p->text.n - w->start);
		b->link_chars = w->link_chars;
		b->elem = w->first_elem;
		b->pre = w->pres > 0;
	}
	w->start = p->text.n;
	w->first_elem = ELEM_NONE;
	w->link_chars = 0;
	w->gap = GAP_NONE;
}

/* ---- elements ---- */

static bool is_visible_text(const struct node *n)
{
	uint32_t i;

	for (i = 0; n && n->type == NODE_TEXT && i < n->n; i++)
		if (!ascii_html_space(n->text[i]))
			return true;
	return false;
}

/* Elements with names unknown to HTML are inline where there is text next to
 * them, otherwise parts of the page. */
static bool is_inline(const struct node *n)
{
	return tag_kind[n->tag] == INLINE || (n->tag == TAG_UNKNOWN &&
		(is_visible_text(n->prev) || is_visible_text(n->next)));
}

static bool breaks(const struct node *n)
{
	return tag_kind[n->tag] == BREAKS && !is_inline(n);
}

/* Distances grow by one from parent to child. */
static void inherit(struct elem *e, const struct elem *parent)
{
	int i;

	for (i = 0; i < CAT_COUNT; i++)
		e->cat[i] = parent->cat[i] + (parent->cat[i] < CAT_FAR);
	for (i = 0; i < LAND_COUNT; i++)
		e->land[i] = parent->land[i] + (parent->land[i] < LAND_FAR);
	e->is_poster = parent->is_poster;
	e->article = parent->article;
	e->outer_article = parent->outer_article;
	e->row = e->tag == TAG_TABLE ? ELEM_NONE : parent->row;
	e->path = hash_mix(parent->path ^ e->style);
}

static void mark_own(struct walk *w, struct elem *e, uint32_t self,
	unsigned cats, unsigned land)
{
	int i;

	for (i = 0; i < CAT_COUNT; i++)
		if (cats >> i & 1) {
			e->cat[i] = 0;
			w->page->cats[i]++;
		}
	if (tag_land[e->tag])
		e->land[tag_land[e->tag] - 1] = 0;
	if (land)
		e->land[land - 1] = 0;
	if (!e->land[LAND_ARTICLE]) {
		e->article = self;
		if (e->outer_article == ELEM_NONE)
			e->outer_article = self;
	}
}

static void add_elem(struct walk *w, const struct node *n,
	const struct traits *t)
{
	struct page *p = w->page;
	uint32_t self = (uint32_t)p->nelem;
	struct elem *e;

	p->elem = grow(p->elem, p->nelem, &p->elem_cap, sizeof *p->elem);
	e = &p->elem[p->nelem++];
	e->tag = n->tag;
	e->parent = self ? w->elem : ELEM_NONE;
	e->first = (uint32_t)p->nblock;
	e->end = UINT32_MAX;
	e->is_inline = is_inline(n);
	e->is_pre = e->is_layout = e->is_poster = false;
	e->column = 0;
	e->style = n->tag ? n->tag : hash64(n->name, strlen(n->name));
	if (t->class_style)
		e->style = hash_mix(e->style + t->class_style);
	if (self) {
		inherit(e, &p->elem[e->parent]);
	} else {
		e->article = e->outer_article = e->row = ELEM_NONE;
		e->path = 0;
		memset(e->cat, CAT_FAR, sizeof e->cat);
		memset(e->land, LAND_FAR, sizeof e->land);
	}
	e->is_poster |= (t->roles & ROLE_POSTER) != 0;
	mark_own(w, e, self, t->categories, t->land);
	p->tags[n->tag]++;
	w->elem = self;
}

/* ---- tables ---- */

/* Whether the cells of the table hold parts of a page rather than values: a
 * heading, a table, or several paragraphs in a table without headings. */
static bool parts_page(struct grid_table *t, enum tag tag)
{
	if (tag == TAG_P)
		return ++t->paragraphs > 1 && !t->has_headings;
	return tag == TAG_TABLE || (tag >= TAG_H1 && tag <= TAG_H6);
}

/* Enters an element that has just been numbered in the tables around it. */
static void place_in_table(struct walk *w, const struct traits *t)
{
	struct elem *elem = w->page->elem, *self = &elem[w->elem];
	struct grid_table *table = grid_top(&w->page->grid);

	if (table && table->row != ELEM_NONE && parts_page(table, self->tag))
		elem[table->row].is_layout = true;
	if (self->tag == TAG_TABLE)
		grid_open(&w->page->grid);
	else if (table && self->tag == TAG_TR)
		grid_row(table, self->row = w->elem);
	else if (table && table->row != ELEM_NONE &&
		(self->tag == TAG_TD || self->tag == TAG_TH)) {
		table->has_headings |= self->tag == TAG_TH;
		self->column = grid_cell(table, t->colspan, t->rowspan);
		elem[table->row].column = self->column;
	}
}

/* ---- the walk ---- */

static void keep_fact(struct page *p, const struct node *n)
{
	p->fact = grow(p->fact, p->nfact, &p->fact_cap, sizeof *p->fact);
	p->fact[p->nfact++] = n;
}

/* Passes over an element that contains no running text. */
static void pass(struct walk *w, const struct node *n)
{
	if (tag_kind[n->tag] == LINE_BREAK)
		line_break(w);
	else if (formula_is_script(n))
		add_formula(w, n);
	else if (n->tag == TAG_META || n->tag == TAG_LINK ||
		n->tag == TAG_SCRIPT)
		keep_fact(w->page, n);
}

static bool is_formula(const struct node *n, const struct traits *t)
{
	return t->roles & ROLE_FORMULA ||
		(!n->tag && !strcmp(n->name, "mjx-container"));
}

/* Skips the rendering of a formula; the formula itself is taken from its
 * source. False when there is no source. */
static bool take_formula(struct walk *w, const struct node *n)
{
	const struct node *formula;

	if (formula_follows(n))
		return true;
	if (w->plain)
		return false;
	formula = formula_inside(n);
	if (!formula) {
		w->plain = n;
		return false;
	}
	if (formula_is_display(n))
		owe_line(w);
	add_formula(w, formula);
	if (formula_is_display(n))
		w->gap = GAP_LINE;
	return true;
}

/* The number of bytes of running text below n. */
static size_t text_below(const struct node *n)
{
	const struct node *c;
	size_t bytes = 0;
	uint32_t i;

	for (c = n->first; c; c = dom_next(c, n))
		if (c->type == NODE_TEXT && tag_kind[c->parent->tag] != SKIPPED)
			for (i = 0; i < c->n; i++)
				bytes += (unsigned char)c->text[i] > ' ';
	return bytes;
}

static bool is_hidden(struct walk *w, const struct node *n,
	const struct traits *t)
{
	size_t bytes;

	if (!t->hidden && !(t->style & STYLE_HIDDEN) &&
		(n->tag != TAG_DIALOG || t->open))
		return false;
	if (t->opens || t->style & STYLE_FLAT || n == w->shown)
		return false;
	bytes = text_below(n);
	if (bytes > w->hidden_bytes) {
		w->hidden_bytes = bytes;
		w->hidden = n;
	}
	return true;
}

static bool is_left_out(struct walk *w, struct node *n, const struct traits *t)
{
	if (is_formula(n, t) && take_formula(w, n))
		return true;
	if (is_hidden(w, n, t))
		return true;
	if (n->tag == TAG_BUTTON && w->pres)	/* Copy, Wrap, Run */
		return true;
	return (t->numbers || t->roles & ROLES_OF_NUMBERS || n->tag == TAG_TD ||
		n->tag == TAG_TH) && listing_is_numbers(n, t->roles, w->pres);
}

/* Tags that separate lines, not blocks, within preformatted text. */
static bool parts_lines(enum tag tag)
{
	switch (tag) {
	case TAG_DIV:
	case TAG_LI:
	case TAG_OL:
	case TAG_UL:
	case TAG_PRE:
	case TAG_TABLE:
	case TAG_THEAD:
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_TR:
		return true;
	default:
		return false;
	}
}

static bool opens_pre(struct walk *w, struct node *n, const struct traits *t)
{
	switch (n->tag) {
	case TAG_PRE:
	case TAG_XMP:
	case TAG_LISTING:
	case TAG_PLAINTEXT:
		return true;
	case TAG_TABLE:
		return listing_is_table(n, w->pres, w->classes);
	}
	return t->style & STYLE_PRE && breaks(n);
}

/* The OPEN_... bits of an element. */
static unsigned opening(struct walk *w, struct node *n, const struct traits *t)
{
	unsigned open = n->tag == TAG_A ? OPEN_LINK : 0;

	if (opens_pre(w, n, t))
		open |= OPEN_PRE;
	if (!breaks(n))
		return !(t->style & STYLE_BLOCK) ? open :
			open | (w->pres ? OPEN_LINE : OPEN_GAP);
	if (!w->pres)
		return open | OPEN_BREAKS;
	if (n->tag == TAG_TD || n->tag == TAG_TH)
		return open;
	if (!parts_lines((enum tag)n->tag))
		return open | OPEN_BREAKS;
	return open | OPEN_LINE |
		(n->tag == TAG_LI || n->tag == TAG_TR ? OPEN_SHOWS : 0);
}

/* Returns whether the node is an element whose children are to be walked;
 * leave is then called at its end. */
static bool enter(struct walk *w, struct node *n)
{
	struct traits t;
	unsigned open;

	if (n->type == NODE_TEXT && !(w->pres && is_between(n)))
		add_text(w, n->text, n->n);
	if (n->type != NODE_ELEMENT)
		return false;
	if (n->ns != NS_HTML) {
		if (n->ns == NS_MATHML && n->tag == TAG_MATH)
			add_formula(w, n);
		return false;
	}
	if (tag_kind[n->tag] == SKIPPED || tag_kind[n->tag] == LINE_BREAK) {
		pass(w, n);
		return false;
	}
	traits_read(&t, n, w->classes);
	if (is_left_out(w, n, &t)) {
		if (w->plain == n)
			w->plain = NULL;
		return false;
	}
	open = opening(w, n, &t);
	if (open & OPEN_BREAKS)
		end_block(w);
	else if (open & OPEN_LINE)
		fresh_line(w);
	else if (open & OPEN_GAP)
		owe_line(w);
	if (open & OPEN_SHOWS)
		w->line = w->page->text.n;
	if (w->depth++ < DEPTH_MAX) {
		add_elem(w, n, &t);
		w->page->elem[w->elem].is_pre = w->pres ?
			open & OPEN_BREAKS : open & OPEN_PRE;
		if (w->page->elem[w->elem].is_pre)	/* a notebook's input */
			w->page->elem[w->elem].cat[CAT_FORM] = CAT_FAR;
		if (!w->pres && !(n->tag == TAG_TABLE && open & OPEN_PRE)) {
			place_in_table(w, &t);
			open |= n->tag == TAG_TABLE ? OPEN_TABLE : 0;
		}
	}
	w->links += (open & OPEN_LINK) != 0;
	w->pres += (open & OPEN_PRE) != 0;
	buf_putc(&w->page->open, (int)open);
	return true;
}

static void leave(struct walk *w, const struct node *n)
{
	struct page *p = w->page;
	unsigned open = (unsigned char)p->open.p[--p->open.n];

	if (open & OPEN_BREAKS) {
		end_block(w);
	} else if (open & OPEN_LINE) {
		if (open & OPEN_SHOWS && p->text.n == w->line)
			buf_putc(&p->text, '\n');
		if (open & OPEN_SHOWS)
			w->line = SIZE_MAX;
		fresh_line(w);
	} else if (open & OPEN_GAP) {
		owe_line(w);
	}
	if (open & OPEN_TABLE)
		grid_close(&p->grid);
	if (w->plain == n)
		w->plain = NULL;
	w->links -= (open & OPEN_LINK) != 0;
	w->pres -= (open & OPEN_PRE) != 0;
	if (--w->depth < DEPTH_MAX) {
		struct elem *e = &p->elem[w->elem];

		/* the block around an inline element is not finished */
		e->end = (uint32_t)p->nblock + e->is_inline;
		w->elem = e->parent;
	} else {
		p->limits |= LIMIT_DEPTH;
	}
}

static void walk_body(struct walk *w, const struct node *body)
{
	struct page *p = w->page;
	struct node *n = body->first;

	while (n && p->nblock < BLOCKS_MAX && p->nelem < ELEMS_MAX) {
		bool open = enter(w, n);

		if (open && n->first) {
			n = n->first;
			continue;
		}
		if (open)
			leave(w, n);
		while (!n->next && n->parent != body) {
			n = n->parent;
			leave(w, n);
		}
		n = n->next;
	}
	if (n)
		p->limits |= LIMIT_BLOCKS;
}

/* Cuts the body as if the element `shown`, which may be NULL, were visible. */
static struct walk cut(struct page *p, const struct node *body,
	struct classes *classes, const struct node *shown)
{
	struct walk w = { .page = p, .classes = classes, .elem = ELEM_NONE,
		.first_elem = ELEM_NONE, .shown = shown };
	struct traits t;

	buf_reset(&p->text);
	buf_reset(&p->open);
	p->nblock = p->nelem = p->nfact = p->grid.n = 0;
	memset(p->tags, 0, sizeof p->tags);
	memset(p->cats, 0, sizeof p->cats);
	if (!body)
		return w;
	traits_read(&t, body, classes);
	add_elem(&w, body, &t);
	walk_body(&w, body);
	end_block(&w);
	return w;
}

/* A hidden element with most of the page is shown by a script. */
void page_cut(struct page *p, const struct dom *d, struct classes *classes)
{
	const struct node *body = d->body && node_is(d->body, TAG_BODY) ?
		d->body : NULL;
	struct walk w;
	size_t i;

	p->limits = d->limits;
	w = cut(p, body, classes, NULL);
	if (w.hidden_bytes > 2 * p->text.n)
		cut(p, body, classes, w.hidden);
	for (i = 0; i < p->nelem; i++)
		if (p->elem[i].end > p->nblock)
			p->elem[i].end = (uint32_t)p->nblock;
}

void page_free(struct page *p)
{
	buf_free(&p->text);
	free(p->block);
	free(p->elem);
	free(p->fact);
	buf_free(&p->open);
	buf_free(&p->formula);
	grid_free(&p->grid);
	*p = (struct page){ 0 };
}
