/* candidate.c - measures a text for the quality rules: see candidate.h */
#include "common/filter/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/filter/rules.h"
#include "common/filter/uchar.h"

/* ---- slices ---- */

/* The length of leading white space of x. */
static size_t space_begins(struct slice x)
{
	uint32_t c;
	size_t len;

	if (!x.n)
		return 0;
	len = (size_t)utf8_decode(x.s, x.n, &c, NULL);
	return uchar_class(c) & UC_SPACE ? len : 0;
}

/* The length of trailing white space of x. */
static size_t space_ends(struct slice x)
{
	size_t i = x.n;
	uint32_t c;

	if (!i)
		return 0;
	while (--i > 0 && x.n - i < 4 && ((unsigned char)x.s[i] & 0xc0) == 0x80)
		;
	utf8_decode(x.s + i, x.n - i, &c, NULL);
	return uchar_class(c) & UC_SPACE ? x.n - i : 0;
}

static struct slice lstrip(struct slice x)
{
	size_t n;

	while ((n = space_begins(x)) > 0) {
		x.s += n;
		x.n -= n;
	}
	return x;
}

static struct slice rstrip(struct slice x)
{
	size_t n;

	while ((n = space_ends(x)) > 0)
		x.n -= n;
	return x;
}

struct slice slice_strip(struct slice x)
{
	return rstrip(lstrip(x));
}

bool slice_ends(struct slice x, const char *end)
{
	size_t n = strlen(end);

	return x.n >= n && !memcmp(x.s + x.n - n, end, n);
}

/* The length of the line separator at s[0..n), else 0. */
static size_t line_end(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c == '\r')
		return n > 1 && s[1] == '\n' ? 2 : 1;
	if ((c >= '\n' && c <= '\f') || (c >= 0x1c && c <= 0x1e))
		return 1;
	if (c == 0xc2)
		return n > 1 && s[1] == (char)0x85 ? 2 : 0;
	return c == 0xe2 && n > 2 && s[1] == (char)0x80 &&
		(s[2] == (char)0xa8 || s[2] == (char)0xa9) ? 3 : 0;
}

bool slice_line(struct slice *rest, struct slice *line)
{
	size_t i, end = 0;

	if (!rest->n)
		return false;
	for (i = 0; i < rest->n; i++)
		if ((end = line_end(rest->s + i, rest->n - i)))
			break;
	*line = (struct slice){ rest->s, i };
	rest->s += i + end;
	rest->n -= i + end;
	return true;
}

/* Removes the next part, up to a run of at least `least` newlines, from *rest;
 * rest->s is NULL after the last part. */
static bool next_part(struct slice *rest, size_t least, struct slice *part)
{
	const char *s = rest->s, *end = s + rest->n, *nl, *stop;

	if (!s)
		return false;
	for (nl = s; nl < end && (nl = memchr(nl, '\n', (size_t)(end - nl)));
			nl = stop) {
		for (stop = nl; stop < end && *stop == '\n'; stop++)
			;
		if ((size_t)(stop - nl) < least)
			continue;
		*part = (struct slice){ s, (size_t)(nl - s) };
		*rest = (struct slice){ stop, (size_t)(end - stop) };
		return true;
	}
	*part = (struct slice){ s, (size_t)(end - s) };
	rest->s = NULL;
	return true;
}

/* ---- sets ---- */

/* Empties h and makes room for n hashes. */
static void hash_set_begin(struct hash_set *h, size_t n)
{
	size_t want = 64;

	while (want < 2 * n)
		want *= 2;
	if (want > h->nslot || ++h->stamp == 0) {
		free(h->v);
		h->nslot = want > h->nslot ? want : h->nslot;
		h->v = xcalloc(h->nslot, sizeof *h->v);
		h->stamp = 1;
	}
}

/* The slot of a hash; its count, kept by the caller, is 0 when it is new. */
static struct hash_slot *hash_set_put(struct hash_set *h, uint64_t hash)
{
	size_t mask = h->nslot - 1, i = hash & mask;

	for (;; i = (i + 1) & mask) {
		struct hash_slot *s = &h->v[i];

		if (s->stamp != h->stamp) {
			*s = (struct hash_slot){ hash, h->stamp, 0, 0 };
			return s;
		}
		if (s->hash == hash)
			return s;
	}
}

/* ---- cached facts ---- */

static struct slice text_of(struct candidate *p)
{
	return (struct slice){ p->text.n ? p->text.p : "", p->text.n };
}

/* True when the fact is not yet known; marks it as known. */
static bool missing(struct candidate *p, unsigned fact)
{
	bool had = p->facts->has & fact;

	p->facts->has |= fact;
	return !had;
}

double candidate_chars(struct candidate *p)
{
	if (missing(p, HAS_CHARS))
		p->facts->chars = (double)utf8_length(text_of(p).s, p->text.n);
	return p->facts->chars;
}

const struct words *candidate_words(struct candidate *p)
{
	struct words *w = &p->facts->words;

	if (missing(p, HAS_WORDS)) {
		w->n = 0;
		words_split(w, text_of(p).s, p->text.n);
	}
	return w;
}

const struct candidate_lines *candidate_lines(struct candidate *p)
{
	struct candidate_lines *l = &p->facts->lines;
	struct slice rest = text_of(p), line;

	if (!missing(p, HAS_LINES))
		return l;
	*l = (struct candidate_lines){ 0 };
	while (slice_line(&rest, &line)) {
		struct slice left = lstrip(line);
		struct slice right = rstrip(line);

		l->n++;
		l->bullets += left.n && (*left.s == '-' ||
			(left.n >= 3 && !memcmp(left.s, "\u2022", 3)));
		l->ellipses += slice_ends(right, "...") ||
			slice_ends(right, "\u2026");
	}
	return l;
}

/* The number of non-overlapping occurrences of `what` in x. */
static double count_of(struct slice x, const char *what)
{
	size_t n = strlen(what);
	const char *s = x.s, *end = x.s + x.n;
	double count = 0;

	while (s < end && (s = memchr(s, *what, (size_t)(end - s)))) {
		if ((size_t)(end - s) >= n && !memcmp(s, what, n)) {
			count++;
			s += n;
		} else {
			s++;
		}
	}
	return count;
}

/* The index of the stop word s[0..n), or -1. */
static int stop_word(const char *s, size_t n)
{
	static const char stop_words[8][5] = {
		"the", "be", "to", "of", "and", "that", "have", "with"
	};
	int i;

	for (i = 0; i < 8 && n <= 4; i++)
		if (strlen(stop_words[i]) == n && !memcmp(stop_words[i], s, n))
			return i;
	return -1;
}

const struct candidate_symbols *candidate_symbols(struct candidate *p)
{
	struct candidate_symbols *y = &p->facts->symbols;
	const struct words *w = candidate_words(p);
	struct slice text = text_of(p);
	unsigned seen = 0;
	size_t i;
	int k;

	if (!missing(p, HAS_SYMBOLS))
		return y;
	*y = (struct candidate_symbols){ .words = (double)w->n };
	for (i = 0; i < w->n; i++) {
		if (!(w->v[i].common & UC_SYMBOL)) {
			y->non_symbol++;
			y->chars += w->v[i].chars;
		}
		y->letters += !!(w->v[i].classes & UC_LETTER);
		k = stop_word(text.s + w->v[i].at, w->v[i].len);
		if (k >= 0 && !(seen >> k & 1)) {
			seen |= 1u << k;
			y->stop_words++;
		}
	}
	y->hashes = count_of(text, "#");
	y->ellipses = count_of(text, "...") + count_of(text, "\u2026");
	return y;
}

/* Counts repeats among parts separated by runs of at least `least` newlines. */
static void count_repeats(struct candidate *p, struct slice text, size_t least,
	struct repeat_count *r)
{
	struct hash_set *set = &p->facts->set;
	struct slice rest = text, part;
	size_t n = 0;

	while (next_part(&rest, least, &part))
		n++;
	*r = (struct repeat_count){ .of = (double)n };
	hash_set_begin(set, n);
	rest = text;
	while (next_part(&rest, least, &part)) {
		if (!hash_set_put(set, hash64(part.s, part.n))->count++)
			continue;
		r->parts++;
		r->chars += (double)utf8_length(part.s, part.n);
	}
}

const struct repeat_count *candidate_paragraphs(struct candidate *p)
{
	if (missing(p, HAS_PARAGRAPHS))
		count_repeats(p, slice_strip(text_of(p)), 2,
			&p->facts->paragraphs);
	return &p->facts->paragraphs;
}

const struct repeat_count *candidate_dup_lines(struct candidate *p)
{
	if (missing(p, HAS_DUP_LINES))
		count_repeats(p, text_of(p), 1, &p->facts->dup_lines);
	return &p->facts->dup_lines;
}

static bool ends_in_stop(struct slice line)
{
	size_t i = line.n;
	uint32_t c;

	while (--i > 0 && line.n - i < 4 &&
			((unsigned char)line.s[i] & 0xc0) == 0x80)
		;
	utf8_decode(line.s + i, line.n - i, &c, NULL);
	return uchar_class(c) & UC_TERMINAL;
}

/* Here only "\n" separates lines, and blank lines do not count. */
static void measure_lines(struct candidate *p, struct fineweb_lines *f,
	double short_line)
{
	struct slice text = text_of(p);
	const char *s = text.s, *end = s + text.n, *nl;
	double chars;

	for (; s; s = nl ? nl + 1 : NULL) {
		struct slice line;

		nl = memchr(s, '\n', (size_t)(end - s));
		line = (struct slice){ s, (size_t)((nl ? nl : end) - s) };
		f->newlines += nl != NULL;
		chars = (double)utf8_length(line.s, line.n);
		f->chars += chars;
		if (!slice_strip(line).n)
			continue;
		f->n++;
		f->ended += ends_in_stop(line);
		f->short_ones += chars <= short_line;
		if (hash_set_put(&p->facts->set,
				hash64(line.s, line.n))->count++)
			f->dup_chars += chars;
	}
}

#define SHORT_LINE 30

const struct fineweb_lines *candidate_fineweb(struct candidate *p)
{
	struct fineweb_lines *f = &p->facts->fineweb;

	if (!missing(p, HAS_FINEWEB))
		return f;
	*f = (struct fineweb_lines){ 0 };
	hash_set_begin(&p->facts->set,
		1 + (size_t)count_of(text_of(p), "\n"));
	measure_lines(p, f, SHORT_LINE);
	return f;
}

/* ---- n-grams of words ---- */

/* Concatenates the words, and hashes each. */
static void make_dense(struct candidate *p)
{
	struct candidate_facts *f = p->facts;
	const struct words *w = candidate_words(p);
	size_t i;

	if (!missing(p, HAS_DENSE))
		return;
	if (w->n >= f->dense_cap) {
		f->dense_cap = w->n + w->n / 2 + 1;
		f->dense_at = xrealloc(f->dense_at, f->dense_cap,
			sizeof *f->dense_at);
		f->word_hash = xrealloc(f->word_hash, f->dense_cap,
			sizeof *f->word_hash);
	}
	buf_reset(&f->dense);
	buf_room(&f->dense, p->text.n);
	for (i = 0; i < w->n; i++) {
		const char *s = p->text.p + w->v[i].at;

		f->dense_at[i] = (uint32_t)f->dense.n;
		f->word_hash[i] = hash64(s, w->v[i].len);
		buf_add(&f->dense, s, w->v[i].len);
	}
	f->dense_at[w->n] = (uint32_t)f->dense.n;
}

static double chars_of(const struct text_word *v, size_t n)
{
	double chars = 0;

	while (n--)
		chars += v++->chars;
	return chars;
}

double candidate_top_ngram(struct candidate *p, size_t n)
{
	const struct words *w = candidate_words(p);
	struct hash_set *set = &p->facts->set;
	struct hash_slot *slot, top = { .count = 0 };
	size_t i, k;

	if (w->n < n)
		return 0;
	make_dense(p);
	hash_set_begin(set, w->n);
	for (i = 0; i + n <= w->n; i++) {
		uint64_t h = 0;

		for (k = 0; k < n; k++)
			h = hash_mix(h * 3 + p->facts->word_hash[i + k]);
		slot = hash_set_put(set, h);
		if (!slot->count++)
			slot->first = (uint32_t)i;
		if (slot->count > top.count || (slot->count == top.count &&
				slot->first < top.first))
			top = *slot;
	}
	return (chars_of(w->v + top.first, n) + (double)(n - 1)) * top.count;
}

double candidate_dup_ngrams(struct candidate *p, size_t n)
{
	const struct words *w = candidate_words(p);
	const struct candidate_facts *f = p->facts;
	struct hash_set *set = &p->facts->set;
	double chars = 0;
	size_t i = 0;

	if (w->n < n)
		return 0;
	make_dense(p);
	hash_set_begin(set, w->n);
	while (i + n <= w->n) {
		/* Words alone, without what separates them. */
		uint64_t h = hash64(f->dense.p + f->dense_at[i],
			f->dense_at[i + n] - f->dense_at[i]);

		if (hash_set_put(set, h)->count++) {
			chars += chars_of(w->v + i, n);
			i += n;
		} else {
			i++;
		}
	}
	return chars;
}

/* ---- the page ---- */

void candidate_begin(struct candidate *p)
{
	if (!p->facts)
		p->facts = xcalloc(1, sizeof *p->facts);
	p->facts->has = 0;
	p->edited = false;
	p->language = NULL;
	p->url = NULL;
	p->status = 0;
	p->language_score = p->quality = 0;
	memset(p->edits, 0, sizeof p->edits);
}

void candidate_free(struct candidate *p)
{
	struct candidate_facts *f = p->facts;

	buf_free(&p->text);
	if (f) {
		words_free(&f->words);
		free(f->set.v);
		buf_free(&f->dense);
		free(f->dense_at);
		free(f->word_hash);
		buf_free(&f->kept);
		buf_free(&f->line);
		free(f);
	}
	p->facts = NULL;
}
