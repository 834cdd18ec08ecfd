/* blocks.c - one walk over the tree that cuts it into blocks: see blocks.h */
#include "common/text/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

enum { BREAKS, INLINE, SKIPPED, LINE_BREAK };	/* BREAKS: all other tags */

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

/* Landmark of a tag, plus 1. */
static const unsigned char tag_land[TAG_COUNT] = {
	[TAG_MAIN] = LAND_MAIN + 1, [TAG_ARTICLE] = LAND_ARTICLE + 1,
	[TAG_NAV] = LAND_NAV + 1, [TAG_FOOTER] = LAND_FOOTER + 1,
	[TAG_ASIDE] = LAND_ASIDE + 1, [TAG_FIGURE] = LAND_FIGURE + 1,
	[TAG_SECTION] = LAND_SECTION + 1, [TAG_DIALOG] = LAND_DIALOG + 1,
	[TAG_A] = LAND_A + 1,
};

static const struct {
	const char *name;
	enum landmark land;
} roles[] = {
	{ "main", LAND_MAIN }, { "navigation", LAND_NAV },
	{ "contentinfo", LAND_FOOTER }, { "complementary", LAND_ASIDE },
	{ "article", LAND_ARTICLE }, { "dialog", LAND_DIALOG },
	{ "tablist", LAND_NAV }, { "menu", LAND_NAV }, { "menubar", LAND_NAV },
};

struct walk {
	struct page *page;
	struct classes *classes;
	uint32_t elem;		/* the open element */
	int depth;		/* open elements, those without a number too */
	int links, pres;	/* open a and pre elements */
	/* the block that is being filled: */
	size_t start;		/* in page.text */
	uint32_t first_elem;	/* of its first text, ELEM_NONE: none yet */
	uint32_t link_chars;
	char gap;		/* owed before the next text: 0, ' ', '\n' */
};

/* ---- text ---- */

/* Bytes that may begin white space. */
static const unsigned char maybe_blank[256] = {
	[' '] = 1, ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, ['\f'] = 1,
	[0xc2] = 1, [0xe2] = 1, [0xe3] = 1,
};

/* The same for those that are not ASCII: no-break, en to hair, zero-width and
 * ideographic space. */
static int wide_blank_len(const unsigned char *s, const unsigned char *end)
{
	if (end - s >= 2 && s[0] == 0xc2)
		return s[1] == 0xa0 ? 2 : 0;
	if (end - s < 3 || s[1] != 0x80)
		return 0;
	if (s[0] == 0xe2)
		return s[2] <= 0x8b || s[2] == 0xaf ? 3 : 0;
	return s[0] == 0xe3 && s[2] == 0x80 ? 3 : 0;
}

/* Bytes of the white space character at s, 0 if it is another one. */
static inline int blank_len(const unsigned char *s, const unsigned char *end)
{
	return *s < 0x80 ? maybe_blank[*s] : wide_blank_len(s, end);
}

static size_t count_chars(const char *s, size_t n)
{
	size_t i, chars = 0;

	for (i = 0; i < n; i++)
		chars += (s[i] & 0xc0) != 0x80;
	return chars;
}

/* The first character of s that is not white space, or end. Indentation is
 * long, so spaces go by eight. */
static const unsigned char *skip_blanks(const unsigned char *s,
	const unsigned char *end)
{
	while (s < end) {
		int n = blank_len(s, end);

		if (!n)
			break;
		s += n;
		while (end - s >= 8 && !memcmp(s, "        ", 8))
			s += 8;
	}
	return s;
}

static void add_collapsed(struct walk *w, const unsigned char *s, size_t n)
{
	struct buf *text = &w->page->text;
	const unsigned char *end = s + n, *run;
	char *out;

	run = skip_blanks(s, end);
	if (run > s && !w->gap)
		w->gap = ' ';
	if (run == end)
		return;
	if (w->first_elem == ELEM_NONE) {
		w->first_elem = w->elem;
		w->gap = 0;
	}
	out = buf_room(text, n + 1);
	while (run < end) {
		if (w->gap)
			*out++ = w->gap;
		for (s = run + 1; s < end && !maybe_blank[*s]; s++)
			;
		memcpy(out, run, (size_t)(s - run));
		out += s - run;
		run = skip_blanks(s, end);
		w->gap = run > s ? ' ' : 0;
	}
	text->n = (size_t)(out - text->p);
}

static void add_text(struct walk *w, const struct node *n)
{
	struct buf *text = &w->page->text;
	const unsigned char *s = (const unsigned char *)n->text;
	const unsigned char *end = s + n->n;
	size_t before = text->n;

	if (w->pres) {
		if (w->first_elem == ELEM_NONE && skip_blanks(s, end) < end)
			w->first_elem = w->elem;
		buf_add(text, n->text, n->n);
	} else {
		add_collapsed(w, s, n->n);
	}
	if (w->links && text->n > before)
		w->link_chars += (uint32_t)count_chars(text->p + before,
			text->n - before);
}

static void line_break(struct walk *w)
{
	if (w->pres)
		buf_putc(&w->page->text, '\n');
	else
		w->gap = '\n';
}

/* Takes spaces at the ends of lines and empty lines at both ends out of
 * s[0..n). Returns what is left. */
static size_t trim_lines(char *s, size_t n)
{
	size_t from = 0, to = 0;

	for (from = 0; from < n; from++) {
		char c = s[from] == '\r' ? '\n' : s[from];

		if (c == '\n')
			while (to && (s[to - 1] == ' ' || s[to - 1] == '\t'))
				to--;
		if (c != '\n' || to)
			s[to++] = c;
	}
	while (to && (s[to - 1] == ' ' || s[to - 1] == '\t' ||
		s[to - 1] == '\n' || s[to - 1] == '\f'))
		to--;
	return to;
}

static void end_block(struct walk *w)
{
	struct page *p = w->page;
	struct block *b;

	if (w->first_elem == ELEM_NONE) {
		p->text.n = w->start;
	} else {
		if (w->pres)
			p->text.n = w->start + trim_lines(p->text.p + w->start,
				p->text.n - w->start);
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
	w->gap = 0;
}

/* ---- elements ---- */

static unsigned role_land(const struct attr *a)
{
	size_t i;

	for (i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strlen(roles[i].name) == a->n &&
			!memcmp(roles[i].name, a->value, a->n))
			return roles[i].land + 1;
	return 0;
}

/* What the attributes say: categories, the role's landmark plus 1, style. */
static unsigned read_attrs(struct walk *w, const struct node *n,
	struct elem *e, unsigned *land)
{
	const struct class_value *v;
	unsigned cats = 0;
	uint32_t i;

	e->style = n->tag ? n->tag : hash64(n->name, strlen(n->name));
	for (i = 0; i < n->n; i++) {
		const struct attr *a = &n->attrs[i];

		switch (a->id) {
		case ATTR_CLASS:
			v = classes_of(w->classes, a->value, a->n);
			cats |= v->categories;
			e->style = hash_mix(e->style + v->style);
			break;
		case ATTR_ID:
		case ATTR_DATA_TESTID:
			cats |= classes_of(w->classes, a->value,
				a->n)->categories;
			break;
		case ATTR_ROLE:
			*land = role_land(a);
			break;
		}
	}
	return cats;
}

/* Distances grow by one from parent to child. */
static void inherit(struct elem *e, const struct elem *parent)
{
	int i;

	for (i = 0; i < CAT_COUNT; i++)
		e->cat[i] = parent->cat[i] + (parent->cat[i] < CAT_FAR);
	for (i = 0; i < LAND_COUNT; i++)
		e->land[i] = parent->land[i] + (parent->land[i] < LAND_FAR);
	e->article = parent->article;
	e->outer_article = parent->outer_article;
	e->path = hash_mix(parent->path ^ e->style);
}

static void mark_own(struct walk *w, struct elem *e, uint32_t self,
	unsigned cats, unsigned land)
{
	int i;

	for (i = 0; cats; i++, cats >>= 1)
		if (cats & 1) {
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

static void add_elem(struct walk *w, const struct node *n)
{
	static const struct elem none = { .article = ELEM_NONE,
		.outer_article = ELEM_NONE };
	struct page *p = w->page;
	uint32_t self = (uint32_t)p->nelem;
	unsigned land = 0, cats;
	struct elem *e;

	p->elem = grow(p->elem, p->nelem, &p->elem_cap, sizeof *p->elem);
	e = &p->elem[p->nelem++];
	e->tag = n->tag;
	e->parent = self ? w->elem : ELEM_NONE;
	e->first = (uint32_t)p->nblock;
	e->end = UINT32_MAX;
	e->is_inline = tag_kind[n->tag] == INLINE;
	cats = read_attrs(w, n, e, &land);
	if (self) {
		inherit(e, &p->elem[e->parent]);
	} else {
		e->article = none.article;
		e->outer_article = none.outer_article;
		e->path = 0;
		memset(e->cat, CAT_FAR, sizeof e->cat);
		memset(e->land, LAND_FAR, sizeof e->land);
	}
	mark_own(w, e, self, cats, land);
	p->tags[n->tag]++;
	w->elem = self;
}

static void keep_hidden(struct page *p, const struct node *n)
{
	p->hidden = grow(p->hidden, p->nhidden, &p->hidden_cap,
		sizeof *p->hidden);
	p->hidden[p->nhidden++] = n;
}

/* Returns whether the node is an element whose inside is to be walked; leave
 * is then called at its end. */
static bool enter(struct walk *w, const struct node *n)
{
	if (n->type == NODE_TEXT) {
		add_text(w, n);
		return false;
	}
	if (n->type != NODE_ELEMENT || n->ns != NS_HTML)
		return false;
	if (tag_kind[n->tag] == SKIPPED) {
		if (n->tag == TAG_META || n->tag == TAG_LINK ||
			n->tag == TAG_SCRIPT)
			keep_hidden(w->page, n);
		return false;
	}
	if (tag_kind[n->tag] == LINE_BREAK) {
		line_break(w);
		return false;
	}
	if (tag_kind[n->tag] == BREAKS)
		end_block(w);
	w->links += n->tag == TAG_A;
	w->pres += n->tag == TAG_PRE;
	if (w->depth++ < DEPTH_MAX)
		add_elem(w, n);
	return true;
}

static void leave(struct walk *w, const struct node *n)
{
	struct page *p = w->page;

	if (tag_kind[n->tag] == BREAKS)
		end_block(w);
	w->links -= n->tag == TAG_A;
	w->pres -= n->tag == TAG_PRE;
	if (--w->depth < DEPTH_MAX) {
		struct elem *e = &p->elem[w->elem];

		/* the block that an inline element stands in is not done */
		e->end = (uint32_t)p->nblock + e->is_inline;
		w->elem = e->parent;
	}
}

static void walk_body(struct walk *w, const struct node *body)
{
	const struct page *p = w->page;
	const struct node *n = body->first;

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
}

void page_cut(struct page *p, const struct dom *d, struct classes *classes)
{
	struct walk w = { .page = p, .classes = classes, .elem = ELEM_NONE,
		.first_elem = ELEM_NONE };
	size_t i;

	buf_reset(&p->text);
	p->nblock = p->nelem = p->nhidden = 0;
	memset(p->tags, 0, sizeof p->tags);
	memset(p->cats, 0, sizeof p->cats);
	if (!d->body || !node_is(d->body, TAG_BODY))
		return;
	add_elem(&w, d->body);
	walk_body(&w, d->body);
	end_block(&w);
	for (i = 0; i < p->nelem; i++)
		if (p->elem[i].end > p->nblock)
			p->elem[i].end = (uint32_t)p->nblock;
}

void page_free(struct page *p)
{
	buf_free(&p->text);
	free(p->block);
	free(p->elem);
	free(p->hidden);
	*p = (struct page){ 0 };
}
