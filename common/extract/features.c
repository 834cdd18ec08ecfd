/* features.c - allocates the memory of features.h and runs its parts in order */
#include "common/extract/features_work.h"

#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

const char *const feature_names[F_COUNT + G_COUNT] = {
#define X(name) #name,
	BLOCK_FEATURES(X)
#undef X
#define X(name) "page." #name,
	PAGE_FEATURES(X)
#undef X
};

struct features *features_new(void)
{
	struct features *f = xcalloc(1, sizeof *f);

	f->lexicon = lexicon_new();
	/* A page without words reads none of them, but needs a pointer. */
	f->words.hash = grow(NULL, 0, &f->words.cap, sizeof *f->words.hash);
	return f;
}

static void make_room(struct features *f, size_t blocks, size_t elems)
{
	f->n = blocks;
	f->stride = (blocks + 15) & ~(size_t)15;
	if (f->stride * F_COUNT > f->x_cap) {
		f->x_cap = f->stride * F_COUNT;
		free(f->x);
		f->x = xaligned(f->x_cap * sizeof *f->x);
	}
	if (blocks + 1 > f->row_cap) {
		f->row_cap = 2 * blocks + 1;
		f->row = xrealloc(f->row, f->row_cap, sizeof *f->row);
		f->before = xrealloc(f->before, f->row_cap, sizeof *f->before);
	}
	if (elems > f->place_cap) {
		f->place_cap = 2 * elems;
		f->place = xrealloc(f->place, f->place_cap, sizeof *f->place);
	}
}

void features_make(struct features *f, const struct page *p,
	const struct about *a)
{
	f->page = p;
	f->about = a;
	make_room(f, p->nblock, p->nelem);
	rows_scan(f);
	places_make(f);
	columns_text(f);
	columns_order(f);
	columns_tree(f);
	page_make(f);
}

const float *features_column(const struct features *f, int i)
{
	return column(f, i);
}

const float *features_page(const struct features *f)
{
	return f->g;
}

double features_words(const struct features *f, size_t block)
{
	return f->row[block].words;
}

unsigned features_marks(const struct features *f, size_t block)
{
	return f->row[block].marks;
}

uint32_t features_elem(const struct features *f, size_t block)
{
	return f->row[block].elem;
}

uint64_t features_text_hash(const struct features *f, size_t block,
	size_t *words)
{
	const struct row *r = &f->row[block];

	*words = r->count.words;
	return hash64(f->words.hash + r->first_word,
		r->count.words * sizeof *f->words.hash);
}

long features_title_block(const struct features *f)
{
	return f->title;
}

void features_free(struct features *f)
{
	if (!f)
		return;
	lexicon_free(f->lexicon);
	keys_free(&f->keys);
	free(f->words.hash);
	free(f->x);
	free(f->row);
	free(f->before);
	free(f->place);
	free(f->group);
	free(f);
}
