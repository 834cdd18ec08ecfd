/* features_text.c - features of the text of blocks, alone and in order
 *
 * See features.h. The text of each block is scanned once; values over several
 * blocks come from prefix sums.
 */
#include "common/extract/features_work.h"

#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

enum { TITLE_WORDS = 64, GRAM = 5, HEADING_FAR = 50 };

/* The distinct words of the page's title. */
struct title {
	uint64_t word[TITLE_WORDS];
	size_t block[TITLE_WORDS];	/* last block that had it, plus 1 */
	size_t n;
	uint64_t maybe;		/* a bit for the low six bits of each word */
};

static void title_words(struct features *f, struct title *t)
{
	struct word_counts ignored;
	size_t i, k;

	t->n = 0;
	t->maybe = 0;
	f->words.n = 0;
	lexicon_count(f->lexicon, f->about->title, strlen(f->about->title),
		&f->words, &ignored);
	lexicon_count(f->lexicon, f->about->og_title, strlen(f->about->og_title),
		&f->words, &ignored);
	for (i = 0; i < f->words.n && t->n < TITLE_WORDS; i++) {
		uint64_t w = f->words.hash[i];

		for (k = 0; k < t->n && t->word[k] != w; k++)
			;
		if (k < t->n)
			continue;
		t->word[t->n] = w;
		t->block[t->n++] = 0;
		t->maybe |= (uint64_t)1 << (w & 63);
	}
	f->words.n = 0;
}

/* How many words of the block are in the title; *distinct: how many different
 * ones. */
static size_t match_title(struct title *t, const uint64_t *word, size_t n,
	size_t block, size_t *distinct)
{
	size_t i, k, hits = 0;

	*distinct = 0;
	for (i = 0; i < n; i++) {
		if (!(t->maybe >> (word[i] & 63) & 1))
			continue;
		for (k = 0; k < t->n && t->word[k] != word[i]; k++)
			;
		if (k == t->n)
			continue;
		hits++;
		*distinct += t->block[k] != block + 1;
		t->block[k] = block + 1;
	}
	return hits;
}

static uint64_t gram_hash(const uint64_t *w)
{
	uint64_t h = 0;
	int i;

	for (i = 0; i < GRAM; i++)
		h = h * 0x9fb21c651e98df25u + w[i];
	return h ^ h >> 32;
}

/* The share of the block's 5-grams seen in earlier blocks; then adds its own. */
static float repeated_share(struct keys *seen, const uint64_t *word, size_t n)
{
	size_t i, grams = n - GRAM + 1, hits = 0;

	if (n <= GRAM)
		return 0;
	for (i = 0; i < grams; i++)
		hits += keys_has(seen, gram_hash(word + i));
	if (hits < grams)
		for (i = 0; i < grams; i++)
			keys_put(seen, gram_hash(word + i));
	return (float)hits / (float)grams;
}

static unsigned char heading_level(unsigned tag)
{
	return tag >= TAG_H1 && tag <= TAG_H6 ? (unsigned char)(tag - TAG_H1 + 1) : 0;
}

static double prose_of(const struct row *r)
{
	if (r->words < 8 || r->ld >= .4f)
		return 0;
	if (r->count.sentences < 1 && r->words < 20)
		return 0;
	return r->words * (1 - r->ld);
}

/* Preformatted text and table cells are never judged by what they repeat: two
 * lines of code may differ in a single character. */
static bool is_verbatim(const struct features *f, size_t i)
{
	const struct page *p = f->page;
	uint32_t row = p->elem[p->block[i].elem].row;

	return p->block[i].pre ||
		(row != ELEM_NONE && !p->elem[row].is_layout);
}

static void scan_row(struct features *f, size_t i)
{
	const struct page *p = f->page;
	const struct text_block *b = &p->block[i];
	struct row *r = &f->row[i];

	r->first_word = f->words.n;
	lexicon_count(f->lexicon, p->text.p + b->start, b->len, &f->words,
		&r->count);
	r->words = r->count.words + .5 * r->count.ideographs;
	r->ld = (float)b->link_chars / (float)r->count.chars;
	if (r->ld > 1)
		r->ld = 1;
	r->link_words = r->words * r->ld;
	r->prose = prose_of(r);
	r->marks = is_verbatim(f, i) ? MARK_VERBATIM : 0;
	r->elem = b->elem;
	while (r->elem && p->elem[r->elem].is_inline)
		r->elem = p->elem[r->elem].parent;
	r->heading = heading_level(p->elem[r->elem].tag);
}

/* The h1 with most of the title's words, else the first block with most of
 * them, if it has more than .4. */
static long find_title(const struct features *f)
{
	long best = -1, heading = -1;
	size_t i;

	for (i = 0; i < f->n; i++) {
		float share = f->row[i].title_share;

		if (share > (best < 0 ? .4f : f->row[best].title_share))
			best = (long)i;
		if (f->row[i].heading == 1 && (heading < 0 ||
			share > f->row[heading].title_share))
			heading = (long)i;
	}
	return heading >= 0 ? heading : best;
}

static void sum_rows(struct features *f)
{
	struct sums s = { 0, 0, 0 };
	size_t i;

	for (i = 0; i < f->n; i++) {
		f->before[i] = s;
		s.words += f->row[i].words;
		s.link_words += f->row[i].link_words;
		s.prose += f->row[i].prose;
	}
	f->before[f->n] = s;
	f->all_words = s.words > 1 ? s.words : 1;
	f->all_prose = s.prose > 1 ? s.prose : 1;
}

void rows_scan(struct features *f)
{
	struct title title;
	size_t i;

	title_words(f, &title);
	for (i = 0; i < f->n; i++)
		scan_row(f, i);
	keys_reset(&f->keys, f->words.n);
	for (i = 0; i < f->n; i++) {
		struct row *r = &f->row[i];
		const uint64_t *word = f->words.hash + r->first_word;
		size_t distinct, hits = match_title(&title, word,
			r->count.words, i, &distinct);

		r->title_share = (float)per((double)distinct, (double)title.n);
		column(f, F_block_in_title)[i] = (float)per((double)hits, r->words);
		r->repeated = r->marks & MARK_VERBATIM ? 0 :
			repeated_share(&f->keys, word, r->count.words);
	}
	sum_rows(f);
	f->title = find_title(f);
}

void columns_text(struct features *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct row *r = &f->row[i];
		float words = r->words > 1 ? (float)r->words : 1;

		column(f, F_chars)[i] = (float)r->count.chars;
		column(f, F_link_density)[i] = r->ld;
		column(f, F_ends_sentence)[i] = r->count.ended;
		column(f, F_capitalized)[i] = (float)r->count.capital / words;
		column(f, F_boilerplate)[i] = (float)r->count.plate / words;
		column(f, F_hard_boilerplate)[i] = (float)r->count.hard / words;
		column(f, F_title_in_block)[i] = r->title_share;
		column(f, F_repeated_5grams)[i] = r->repeated;
	}
}

/* Link density of blocks i-k to i+k. */
static float window_ld(const struct features *f, size_t i, size_t k)
{
	const struct sums *a = &f->before[i < k ? 0 : i - k];
	const struct sums *b = &f->before[i + k + 1 < f->n ? i + k + 1 : f->n];

	return (float)per(b->link_words - a->link_words, b->words - a->words);
}

static float prose_from(const struct features *f, size_t i, size_t k)
{
	size_t to = i + k + 1 < f->n ? i + k + 1 : f->n;

	return (float)(f->before[to].prose - f->before[i].prose);
}

static void columns_headings(struct features *f)
{
	long last = -HEADING_FAR, i, n = (long)f->n;
	double prose = 0;

	for (i = 0; i < n; i++) {
		long d = i - last;

		column(f, F_heading_distance)[i] = d < HEADING_FAR ? d : HEADING_FAR;
		if (f->row[i].heading)
			last = i;
	}
	for (i = n - 1; i >= 0; i--) {
		column(f, F_prose_to_heading)[i] = (float)prose;
		prose = f->row[i].heading ? 0 : prose + f->row[i].prose;
	}
}

void columns_order(struct features *f)
{
	size_t i, n = f->n;
	double prose = f->before[n].prose;

	for (i = 0; i < n; i++) {
		const struct row *next = i + 1 < n ? &f->row[i + 1] : NULL;
		unsigned s = next ? next->count.sentences : 0;

		column(f, F_next_link_density)[i] = next ? next->ld : 1;
		column(f, F_next_sentences)[i] = (float)(s < 3 ? s : 3);
		column(f, F_around3_link_density)[i] = window_ld(f, i, 3);
		column(f, F_around8_link_density)[i] = window_ld(f, i, 8);
		column(f, F_ahead3_prose)[i] = prose_from(f, i, 3);
		column(f, F_ahead8_prose)[i] = prose_from(f, i, 8);
		column(f, F_block_position)[i] = (float)i / (float)n;
		column(f, F_word_position)[i] = (float)(f->before[i].words / f->all_words);
		column(f, F_prose_before)[i] = (float)(f->before[i].prose / f->all_prose);
		column(f, F_prose_after)[i] = (float)((prose - f->before[i + 1].prose) /
			f->all_prose);
	}
	columns_headings(f);
}
