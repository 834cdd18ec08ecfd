/* features_tree.c - features of a block's position in the tree
 *
 * See features.h. Values that depend on an element's ancestors are passed down
 * in one loop over the elements, since parents come before their children.
 */
#include "common/extract/features_work.h"

#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

enum { GROUP_LEAST = 3, MEET_FAR = 30 };

/* ---- the container of the main text ---- */

/* A block's prose counts fully for the parent of its element, and half for its
 * grandparent. */
static void find_best(struct features *f)
{
	const struct elem *elem = f->page->elem;
	double most = 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		uint32_t e = f->row[i].elem, up = e ? elem[e].parent : 0;

		f->place[up].score += f->row[i].prose;
		if (up)
			f->place[elem[up].parent].score += .5 * f->row[i].prose;
	}
	f->best = 0;
	for (i = 0; i < f->page->nelem; i++) {
		struct sums s;
		double score;

		if (f->place[i].score <= most)
			continue;
		s = below(f, (uint32_t)i);
		score = f->place[i].score * (1 - per(s.link_words, s.words));
		if (score > most) {
			most = score;
			f->best = (uint32_t)i;
		}
	}
}

/* ---- repeated siblings ---- */

static uint64_t sibling_hash(const struct elem *e)
{
	return hash_mix(e->style ^ (uint64_t)e->parent * 0x9e3779b97f4a7c15u);
}

static struct block_group *group_at(struct features *f, uint32_t id)
{
	if (id == f->ngroup) {
		f->group = grow(f->group, f->ngroup, &f->group_cap,
			sizeof *f->group);
		f->group[f->ngroup++] = (struct block_group){ 0 };
	}
	return &f->group[id];
}

static void group_siblings(struct features *f)
{
	const struct page *p = f->page;
	uint32_t i;

	f->ngroup = 0;
	keys_reset(&f->keys, p->nelem);
	for (i = 0; i < p->nelem; i++) {
		const struct elem *e = &p->elem[i];
		struct block_group *g;
		struct sums s;

		f->place[i].group = ELEM_NONE;
		if (e->end <= e->first)
			continue;
		s = below(f, i);
		f->place[i].group = keys_put(&f->keys, sibling_hash(e));
		g = group_at(f, f->place[i].group);
		g->n++;
		g->blocks += e->end - e->first;
		g->words += s.words;
		g->link_words += s.link_words;
		g->prose += s.prose;
	}
}

/* Items longer than one block and a half on average: a list of things, not of
 * words. */
static bool is_large(const struct block_group *g)
{
	return 2 * (uint64_t)g->blocks >= 3 * (uint64_t)g->n;
}

/* ---- values passed down ---- */

static void mark_path(struct features *f, uint32_t from, bool title)
{
	uint32_t e, levels = 0;

	for (e = from; e != ELEM_NONE; e = f->page->elem[e].parent) {
		struct meet m = { e, levels++ };

		if (title)
			f->place[e].title = m;
		else
			f->place[e].best = m;
	}
}

static void find_up(struct features *f, uint32_t i)
{
	const struct elem *e = &f->page->elem[i], *parent;

	if (e->parent == ELEM_NONE) {
		f->place[i].up = ELEM_NONE;
		return;
	}
	parent = &f->page->elem[e->parent];
	f->place[i].up = parent->first == e->first && parent->end == e->end ?
		f->place[e->parent].up : e->parent;
}

static void find_levels(struct features *f, uint32_t i)
{
	struct elem_place *me = &f->place[i];
	const struct elem_place *up = me->up == ELEM_NONE ? NULL : &f->place[me->up];
	struct sums s = below(f, i);
	float words = (float)(s.words / f->all_words);

	me->level30 = !up || s.prose >= .3 * f->all_prose ? 0 : up->level30 + 1;
	me->level50 = !up || s.prose >= .5 * f->all_prose ? 0 : up->level50 + 1;
	me->words50 = !up || s.prose >= .5 * f->all_prose ? words : up->words50;
	me->words80 = !up || s.prose >= .8 * f->all_prose ? words : up->words80;
}

static void find_groups(struct features *f, uint32_t i, const struct elem_place *up)
{
	struct elem_place *me = &f->place[i];
	const struct block_group *g;

	me->inner = up ? up->inner : ELEM_NONE;
	me->large = up ? up->large : ELEM_NONE;
	if (me->group == ELEM_NONE)
		return;
	g = &f->group[me->group];
	if (g->n < GROUP_LEAST)
		return;
	me->inner = me->group;
	if (is_large(g) && (me->large == ELEM_NONE ||
		g->words >= f->group[me->large].words))
		me->large = me->group;
}

void places_make(struct features *f)
{
	const struct page *p = f->page;
	static const struct meet nowhere = { ELEM_NONE, ELEM_NONE };
	uint32_t i;

	memset(f->place, 0, p->nelem * sizeof *f->place);
	for (i = 0; i < p->nelem; i++)
		f->place[i].best = f->place[i].title = nowhere;
	find_best(f);
	group_siblings(f);
	mark_path(f, f->best, false);
	if (f->title >= 0)
		mark_path(f, f->row[f->title].elem, true);
	for (i = 0; i < p->nelem; i++) {
		struct elem_place *me = &f->place[i], *up = p->elem[i].parent ==
			ELEM_NONE ? NULL : &f->place[p->elem[i].parent];

		find_up(f, i);
		find_levels(f, i);
		find_groups(f, i, up);
		if (up && me->best.elem == ELEM_NONE)
			me->best = up->best;
		if (up && me->title.elem == ELEM_NONE)
			me->title = up->title;
	}
}

/* ---- columns of the matrix ---- */

static void columns_elem(struct features *f)
{
	static const unsigned char cats[][2] = { { F_class_form, CAT_FORM },
		{ F_class_footer, CAT_FOOT }, { F_class_comment, CAT_COM },
		{ F_class_popup, CAT_POP }, { F_class_product, CAT_PROD },
		{ F_class_nav, CAT_NAV }, { F_class_thread, CAT_THREAD },
		{ F_class_header, CAT_HEAD }, { F_class_docs, CAT_DOC } };
	static const unsigned char lands[][2] = { { F_land_footer, LAND_FOOTER },
		{ F_land_main, LAND_MAIN }, { F_land_nav, LAND_NAV },
		{ F_land_aside, LAND_ASIDE }, { F_land_section, LAND_SECTION },
		{ F_land_article, LAND_ARTICLE }, { F_land_dialog, LAND_DIALOG } };
	size_t i, k;

	for (i = 0; i < f->n; i++) {
		const struct elem *e = &f->page->elem[f->page->block[i].elem];
		const struct elem *outer = &f->page->elem[f->row[i].elem];

		for (k = 0; k < sizeof cats / sizeof *cats; k++)
			column(f, cats[k][0])[i] = e->cat[cats[k][1]];
		for (k = 0; k < sizeof lands / sizeof *lands; k++)
			column(f, lands[k][0])[i] = outer->land[lands[k][1]];
		column(f, F_is_div)[i] = outer->tag == TAG_DIV;
		column(f, F_is_p)[i] = outer->tag == TAG_P;
		column(f, F_is_li)[i] = outer->tag == TAG_LI;
		column(f, F_in_link)[i] = outer->land[LAND_A] < 20;
		column(f, F_near_popup)[i] = e->cat[CAT_POP] < 12 ||
			e->cat[CAT_AD] < 5 || e->cat[CAT_DISC] < 6;
		column(f, F_near_comments)[i] = e->cat[CAT_COM] < 8;
	}
}

static uint32_t go_up(const struct features *f, uint32_t e)
{
	return f->place[e].up == ELEM_NONE ? e : f->place[e].up;
}

static void columns_ancestors(struct features *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		uint32_t e = f->row[i].elem;
		const struct elem_place *me = &f->place[e];
		const struct elem *a = &f->page->elem[e];
		struct sums s;

		column(f, F_levels_to_30_prose)[i] = (float)me->level30;
		column(f, F_levels_to_50_prose)[i] = (float)me->level50;
		column(f, F_words_at_50_prose)[i] = me->words50;
		column(f, F_words_at_80_prose)[i] = me->words80;
		if (a->end - a->first == 1)
			e = go_up(f, e);
		a = &f->page->elem[e];
		s = below(f, e);
		column(f, F_anc1_prose_density)[i] = (float)per(s.prose, s.words);
		column(f, F_anc1_link_density)[i] = (float)per(s.link_words, s.words);
		column(f, F_anc1_page_prose)[i] = (float)(s.prose / f->all_prose);
		column(f, F_anc1_words_per_block)[i] = (float)(s.words / (a->end - a->first));
		e = go_up(f, e);
		s = below(f, e);
		column(f, F_anc2_prose_density)[i] = (float)per(s.prose, s.words);
		column(f, F_anc2_link_density)[i] = (float)per(s.link_words, s.words);
		column(f, F_anc2_page_prose)[i] = (float)(s.prose / f->all_prose);
		column(f, F_anc2_words)[i] = (float)s.words;
		s = below(f, go_up(f, e));
		column(f, F_anc3_prose_density)[i] = (float)per(s.prose, s.words);
	}
}

static float clip(double x, double low, double high)
{
	return (float)(x < low ? low : x > high ? high : x);
}

static void columns_best(struct features *f)
{
	const struct elem *best = &f->page->elem[f->best];
	double size = best->end > best->first ? best->end - best->first : 1;
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct meet m = f->place[f->row[i].elem].best;
		bool inside = i >= best->first && i < best->end;

		column(f, F_in_container)[i] = inside;
		column(f, F_container_position)[i] = clip(((double)i - best->first) / size,
			-2, 3);
		column(f, F_container_levels)[i] = (float)m.levels;
		column(f, F_container_outside)[i] = !inside && m.elem != f->row[i].elem;
	}
}

static void columns_siblings(struct features *f)
{
	static const struct block_group none;
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct elem_place *me = &f->place[f->row[i].elem];
		const struct block_group *a = &none, *b = &none;

		if (me->inner != ELEM_NONE)
			a = &f->group[me->inner];
		if (me->large != ELEM_NONE)
			b = &f->group[me->large];
		column(f, F_inner_items)[i] = (float)a->n;
		column(f, F_inner_item_words)[i] = (float)per(a->words, a->n);
		column(f, F_inner_page_words)[i] = (float)(a->words / f->all_words);
		column(f, F_inner_prose_density)[i] = (float)per(a->prose, a->words);
		column(f, F_inner_item_blocks)[i] = (float)per(a->blocks, a->n);
		column(f, F_large_items)[i] = (float)b->n;
		column(f, F_large_item_words)[i] = (float)per(b->words, b->n);
		column(f, F_large_page_words)[i] = (float)(b->words / f->all_words);
		column(f, F_large_prose_density)[i] = (float)per(b->prose, b->words);
	}
}

/* The largest group of siblings on the page. */
static void page_siblings(struct features *f)
{
	const struct block_group *large = NULL;
	size_t i;

	f->g[G_siblings_prose_density] = 0;
	f->g[G_siblings_page_words] = 0;
	f->g[G_siblings_link_density] = 0;
	for (i = 0; i < f->ngroup; i++) {
		const struct block_group *g = &f->group[i];

		if (g->n >= GROUP_LEAST && is_large(g) &&
			(!large || g->words > large->words))
			large = g;
	}
	if (!large)
		return;
	f->g[G_siblings_prose_density] = (float)per(large->prose, large->words);
	f->g[G_siblings_page_words] = (float)(large->words / f->all_words);
	f->g[G_siblings_link_density] = (float)per(large->link_words, large->words);
}

static void columns_paths(struct features *f)
{
	double most = 1;
	size_t i;

	f->ngroup = 0;
	keys_reset(&f->keys, f->n);
	for (i = 0; i < f->n; i++) {
		struct row *r = &f->row[i];
		struct block_group *g;

		r->path = keys_put(&f->keys,
			f->page->elem[f->page->block[i].elem].path);
		g = group_at(f, r->path);
		g->n++;
		g->words += r->words;
		g->prose += r->prose;
		g->sentences += r->count.sentences;
		if (g->prose > most)
			most = g->prose;
	}
	for (i = 0; i < f->n; i++) {
		const struct block_group *g = &f->group[f->row[i].path];

		column(f, F_path_blocks)[i] = (float)g->n;
		column(f, F_path_block_words)[i] = (float)(g->words / g->n);
		column(f, F_path_block_sentences)[i] = (float)(g->sentences / g->n);
		column(f, F_path_page_words)[i] = (float)(g->words / f->all_words);
		column(f, F_path_prose_rank)[i] = (float)(g->prose / most);
	}
}

static void columns_title(struct features *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct meet m = f->place[f->row[i].elem].title;
		bool none = m.elem == ELEM_NONE;

		column(f, F_after_title)[i] = f->title < 0 ? .5f :
			(long)i >= f->title;
		column(f, F_title_distance)[i] = f->title < 0 ? 300 :
			clip((double)i - (double)f->title, -60, 200);
		column(f, F_title_levels)[i] = none ? MEET_FAR : (float)m.levels;
		column(f, F_title_page_words)[i] = none ? 0 :
			(float)(below(f, m.elem).words / f->all_words);
	}
}

/* ---- articles ---- */

/* The article that contains the title or, if that has little prose of its own,
 * the first one with much prose. */
static uint32_t find_article(const struct features *f)
{
	const struct page *p = f->page;
	uint32_t a = ELEM_NONE, i;
	double most = 0;

	for (i = 0; i < p->nelem; i++)
		if (f->place[i].own_prose > most)
			most = f->place[i].own_prose;
	if (f->title >= 0)
		a = p->elem[f->row[f->title].elem].article;
	if (a != ELEM_NONE && f->place[a].own_prose >= 20 &&
		f->place[a].own_prose >= .3 * most)
		return a;
	for (i = 0; i < p->nelem; i++)
		if (f->place[i].own_prose > 0 &&
			f->place[i].own_prose >= .4 * most)
			return i;
	return ELEM_NONE;
}

/* The most prose in any outermost article, -1 when there is no article. */
static double largest_article(const struct features *f)
{
	const struct page *p = f->page;
	double most = -1;
	uint32_t i;

	for (i = 0; i < p->nelem; i++) {
		const struct elem *e = &p->elem[i];
		double prose;

		if (e->outer_article != i || e->end <= e->first)
			continue;
		prose = below(f, i).prose;
		if (prose > most)
			most = prose;
	}
	return most;
}

static void columns_articles(struct features *f)
{
	const struct elem *elem = f->page->elem;
	double most;
	size_t i;

	for (i = 0; i < f->n; i++) {
		uint32_t a = elem[f->row[i].elem].article;

		if (a != ELEM_NONE)
			f->place[a].own_prose += f->row[i].prose;
	}
	f->title_article = find_article(f);
	most = largest_article(f);
	for (i = 0; i < f->n; i++) {
		const struct elem *e = &elem[f->row[i].elem];

		column(f, F_other_article)[i] = f->title_article == ELEM_NONE ? -1 :
			e->article == f->title_article ? 2 :
			e->article == ELEM_NONE ? 1 : 0;
		column(f, F_article_prose_share)[i] = most < 0 ? -2 :
			e->outer_article == ELEM_NONE ? -1 :
			(float)per(below(f, e->outer_article).prose, most);
	}
}

/* Navigation, share lines, dates, the repeated title, the profile next to each
 * post of a forum: recognised by their words and by what is around them. */
static bool is_plate(const struct row *r, const struct elem *e)
{
	return e->is_poster || r->ld > .5f || (r->count.date && r->words < 10) ||
		(r->heading && r->title_share > .6f) ||
		4 * r->count.plate >= r->count.words ||
		e->land[LAND_NAV] < LAND_FAR || e->land[LAND_ASIDE] < LAND_FAR ||
		e->land[LAND_FOOTER] < LAND_FAR ||
		e->land[LAND_DIALOG] < LAND_FAR || e->cat[CAT_NAV] < 3 ||
		e->cat[CAT_FOOT] < 3 || e->cat[CAT_AD] < 3 ||
		e->cat[CAT_POP] < 3 || e->cat[CAT_FORM] < 3;
}

/* Text directly between the blocks of its element, not in an element of its
 * own. */
static bool is_loose(const struct features *f, const struct row *r)
{
	const struct elem *e = &f->page->elem[r->elem];

	return e->end - e->first > 1;
}

static void mark_rows(struct features *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct row *r = &f->row[i];
		const struct elem *e = &f->page->elem[f->page->block[i].elem];
		const struct elem *outer = &f->page->elem[r->elem];

		if (outer->land[LAND_FIGURE] < 6 ||
			(e->cat[CAT_CAP] < 2 && r->words < 60))
			r->marks |= MARK_FIGURE;
		if (column(f, F_other_article)[i] == 0)
			r->marks |= MARK_OTHER;
		if (!(r->marks & MARK_VERBATIM) && is_plate(r, e))
			r->marks |= MARK_PLATE;
		if (is_loose(f, r))
			r->marks |= MARK_LOOSE;
		if (r->repeated > .6f && r->words >= 20 &&
			r->marks & MARK_PLATE)
			r->marks |= MARK_REPEAT;
		if ((outer->land[LAND_ASIDE] < 12 || e->cat[CAT_SIDE] < 6) &&
			!column(f, F_in_container)[i])
			r->marks |= MARK_SIDE;
		if (r->ld > .7f && outer->tag == TAG_P && r->words >= 3)
			r->marks |= MARK_LINKS;
	}
}

void columns_tree(struct features *f)
{
	columns_elem(f);
	columns_ancestors(f);
	columns_best(f);
	columns_siblings(f);
	page_siblings(f);
	columns_paths(f);
	columns_title(f);
	columns_articles(f);
	mark_rows(f);
}
