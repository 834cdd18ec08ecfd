/* extract.c - chooses among the blocks of a page: see extract.h */
#include "common/extract/extract.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/extract/about.h"
#include "common/extract/blocks.h"
#include "common/extract/features.h"
#include "common/extract/keys.h"
#include "common/extract/plain.h"
#include "common/extract/render.h"
#include "common/extract/trees.h"

extern const unsigned char data_extract[], data_extract_end[];

/* A page has no content when the probability of its best block, or its
 * expected number of words of content, is lower than this. */
static const float LEAST_BEST = .42f;
static const double LEAST_WORDS = 5;
static const double LEAST_THRESHOLD = .15;

enum {
	REPEAT_WORDS = 4,	/* shorter repeats are kept */
	COPY_WORDS = 8,		/* a repeat in another kind of place */
	COPIED_PART = 20,	/* the same, of blocks that are a whole element */
	VALUE_WORDS = 60	/* a longer cell is more than a value */
};

struct extractor {
	struct classes *classes;
	struct page page;
	struct about about;
	struct features *features;
	struct trees *page_trees, *block_trees;
	struct keys seen;
	struct buf title;
	float *p;		/* probability that each block is content */
	bool *chosen;
	uint32_t *first;	/* the first block of each key of seen */
	size_t cap;
};

struct extractor *extractor_new(const void *trees, size_t n)
{
	struct extractor *x = xcalloc(1, sizeof *x);

	if (!trees) {
		trees = data_extract;
		n = (size_t)(data_extract_end - data_extract);
	}
	x->classes = classes_new();
	x->features = features_new();
	x->page_trees = trees_load(trees, n, "page", feature_names,
		F_COUNT + G_COUNT, F_COUNT);
	x->block_trees = trees_load(trees, n, "block", feature_names,
		F_COUNT + G_COUNT, F_COUNT);
	return x;
}

void extractor_free(struct extractor *x)
{
	if (!x)
		return;
	classes_free(x->classes);
	page_free(&x->page);
	about_free(&x->about);
	features_free(x->features);
	trees_free(x->page_trees);
	trees_free(x->block_trees);
	keys_free(&x->seen);
	buf_free(&x->title);
	free(x->p);
	free(x->chosen);
	free(x->first);
	free(x);
}

static void make_room(struct extractor *x, size_t n)
{
	n = (n + 15) & ~(size_t)15;
	if (n <= x->cap)
		return;
	x->cap = 2 * n;
	x->p = xrealloc(x->p, x->cap, sizeof *x->p);
	x->first = xrealloc(x->first, x->cap, sizeof *x->first);
	x->chosen = xrealloc(x->chosen, x->cap, sizeof *x->chosen);
}

static float sigmoid(float z)
{
	return 1 / (1 + expf(-z));
}

static void predict(struct extractor *x)
{
	const float *column = features_column(x->features, 0);
	size_t i, n = x->page.nblock;
	size_t stride = (size_t)(features_column(x->features, 1) - column);

	trees_sum(x->block_trees, column, stride, features_page(x->features),
		n, x->p);
	for (i = 0; i < n; i++)
		x->p[i] = sigmoid(x->p[i]);
}

/* Whether the page is about one text, so that the rules for articles apply. */
static bool is_article(const struct extractor *x)
{
	const float *g = features_page(x->features);
	float z[16], p;

	trees_sum(x->page_trees, features_column(x->features, 0), 0, g, 1, z);
	p = sigmoid(z[0]);
	return p > .6f || (p > .3f && g[G_og_type] == 1 && !g[G_forum_engine]);
}

/* The expected word F1 is highest for the blocks with p above t when t is half
 * of that F1 (Lipton et al. 2014). Returns that t, or 1 for an empty page. */
static double threshold(const struct extractor *x)
{
	double expected = 0, t = .4;
	float best = 0;
	size_t i;
	int round;

	for (i = 0; i < x->page.nblock; i++) {
		expected += x->p[i] * features_words(x->features, i);
		if (x->p[i] > best)
			best = x->p[i];
	}
	if (best < LEAST_BEST || expected < LEAST_WORDS)
		return 1;
	for (round = 0; round < 12; round++) {
		double right = 0, taken = 0;

		for (i = 0; i < x->page.nblock; i++)
			if (x->p[i] > t) {
				double words = features_words(x->features, i);

				taken += words;
				right += x->p[i] * words;
			}
		t = right / (taken + expected);
	}
	return t > LEAST_THRESHOLD ? t : LEAST_THRESHOLD;
}

/* What is subtracted from a block's probability on an article page. A listing
 * is content even in a figure. */
static double penalty(unsigned marks)
{
	if (marks & MARK_FIGURE && !(marks & MARK_VERBATIM))
		return 1;
	if (marks & (MARK_OTHER | MARK_REPEAT | MARK_LINKS))
		return 1;
	return marks & MARK_SIDE ? .5 : 0;
}

/* The first chosen block with the words of block i, or i when there is none. */
static size_t first_like(struct extractor *x, size_t i)
{
	uint32_t known = x->seen.n, id;
	size_t words;

	id = keys_put(&x->seen, features_text_hash(x->features, i, &words));
	if (id == known || !x->chosen[x->first[id]])
		x->first[id] = (uint32_t)i;
	return x->first[id];
}

static uint64_t path_of(const struct page *p, size_t i)
{
	return p->elem[p->block[i].elem].path;
}

/* Whether block i repeats block k in another kind of place; *words receives its
 * length. */
static bool is_copy(const struct extractor *x, size_t i, size_t k,
	size_t *words)
{
	uint64_t hash = features_text_hash(x->features, i, words);
	size_t same;

	return hash == features_text_hash(x->features, k, &same) &&
		path_of(&x->page, i) != path_of(&x->page, k);
}

/* The end of the largest element that starts with block i and ends no later
 * than end, or i. */
static size_t whole_part(const struct page *p, size_t i, size_t end)
{
	uint32_t e = p->block[i].elem;
	size_t part = i;

	for (; e && p->elem[e].first == i && p->elem[e].end <= end;
		e = p->elem[e].parent)
		part = p->elem[e].end;
	return part;
}

/* The number of blocks from i on that form an element repeated as a whole: they
 * say the same as the blocks from k on, in another kind of place. *tried is
 * the end of the blocks that were compared. */
static size_t copied_part(const struct extractor *x, size_t i, size_t k,
	size_t *tried)
{
	size_t n = 0, m, words, all = 0, part;

	while (k + n < i && i + n < x->page.nblock &&
		is_copy(x, i + n, k + n, &words))
		n++;
	*tried = i + n;
	part = whole_part(&x->page, i, i + n) - i;
	for (m = 0; m < part; m++) {
		is_copy(x, i + m, k + m, &words);
		all += words;
	}
	return all >= COPIED_PART ? part : 0;
}

/* Drops those of the n blocks from i on whose counterparts from k on are chosen. */
static void drop_part(struct extractor *x, size_t i, size_t k, size_t n)
{
	for (; n--; i++, k++)
		if (x->chosen[k] && !(features_marks(x->features, i) &
			MARK_VERBATIM))
			x->chosen[i] = false;
}

static void drop_repeat(struct extractor *x, size_t i, size_t k)
{
	unsigned marks = features_marks(x->features, i);
	size_t words;
	bool copy = is_copy(x, i, k, &words);

	if (words >= REPEAT_WORDS && x->chosen[k] &&
		!(marks & MARK_VERBATIM) &&
		(marks & MARK_PLATE || (words >= COPY_WORDS && copy)))
		x->chosen[i] = false;
}

/* Legitimate text does repeat itself: refrains, answers, and code and cells that
 * differ by a single character. So a repeat is dropped only if it is
 * boilerplate, or longer text repeated in another kind of place, such as a
 * quotation or a second version for narrow screens. */
static void drop_repeats(struct extractor *x)
{
	size_t i, k, tried = 0, n = x->page.nblock;

	keys_reset(&x->seen, n);
	for (i = 0; i < n; i++) {
		k = first_like(x, i);
		if (k == i)
			continue;
		if (i >= tried)
			drop_part(x, i, k, copied_part(x, i, k, &tried));
		drop_repeat(x, i, k);
	}
}

/* The element around block i if the block is loose text or a listing, which
 * belong with the blocks before and after them there; else ELEM_NONE. */
static uint32_t holder(const struct extractor *x, size_t i)
{
	uint32_t e = features_elem(x->features, i);

	if (x->page.block[i].pre)
		return x->page.elem[e].parent;
	return features_marks(x->features, i) & MARK_LOOSE ? e : ELEM_NONE;
}

static void choose_between(struct extractor *x)
{
	size_t i, k, n = x->page.nblock;

	for (i = 0; i < n; i = k) {
		uint32_t h = x->chosen[i] ? ELEM_NONE : holder(x, i);
		const struct elem *e;

		k = i + 1;
		if (h == ELEM_NONE)
			continue;
		while (k < n && !x->chosen[k] && holder(x, k) == h)
			k++;
		e = &x->page.elem[h];
		if (i <= e->first || k >= e->end || !x->chosen[i - 1] ||
			!x->chosen[k])
			continue;
		for (; i < k; i++)
			x->chosen[i] = !(features_marks(x->features, i) &
				MARK_PLATE);
	}
}

/* The table of values that contains block i, or ELEM_NONE. */
static uint32_t data_table(const struct page *p, size_t i)
{
	uint32_t row = p->elem[p->block[i].elem].row;

	if (row == ELEM_NONE || p->elem[row].is_layout)
		return ELEM_NONE;
	while (row && p->elem[row].tag != TAG_TABLE)
		row = p->elem[row].parent;
	return row;
}

/* The values of a table are meaningless without each other: all of its cells
 * get their mean probability, unless one holds more than a value. */
static void pool_tables(struct extractor *x)
{
	const struct page *p = &x->page;
	size_t i, k, n = p->nblock;

	for (i = 0; i < n; i = k) {
		uint32_t table = data_table(p, i);
		double sum = 0, all = 0, most = 0;

		k = i + 1;
		if (table == ELEM_NONE)
			continue;
		for (k = i; k < n && data_table(p, k) == table; k++) {
			double words = features_words(x->features, k);

			most = words > most ? words : most;
			sum += (words + 1) * x->p[k];
			all += words + 1;
		}
		for (; i < k && most < VALUE_WORDS; i++)
			x->p[i] = (float)(sum / all);
	}
}

static void choose(struct extractor *x)
{
	double t = threshold(x);
	bool article = is_article(x);
	size_t i, n = x->page.nblock;

	for (i = 0; i < n; i++) {
		double p = x->p[i];

		if (article)
			p -= penalty(features_marks(x->features, i));
		x->chosen[i] = p > t;
	}
	choose_between(x);
	drop_repeats(x);
}

static const char *title_of(struct extractor *x)
{
	const struct text_block *b;
	long i;

	if (*x->about.og_title)
		return x->about.og_title;
	if (*x->about.title || !x->page.nblock)
		return x->about.title;
	i = features_title_block(x->features);
	if (i < 0)
		return "";
	b = &x->page.block[i];
	buf_reset(&x->title);
	plain_line(&x->title, x->page.text.p + b->start, b->len);
	return buf_end(&x->title);
}

void extract_text(struct extractor *x, const struct dom *d, struct buf *text,
	struct extract_meta *meta)
{
	buf_reset(text);
	page_cut(&x->page, d, x->classes);
	page_about(&x->about, d, &x->page);
	if (x->page.nblock) {
		make_room(x, x->page.nblock);
		features_make(x->features, &x->page, &x->about);
		predict(x);
		pool_tables(x);
		choose(x);
		render_blocks(&x->page, x->chosen, text);
	}
	if (meta)
		*meta = (struct extract_meta){ title_of(x), x->about.author,
			x->about.date, x->about.canonical, x->about.language,
			x->page.limits };
}
