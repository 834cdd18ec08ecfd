/* language.c - the built-in language model: see language.h
 *
 * data/lang.bin, little-endian: "PLNG", u32 numbers of rows, dimensions and
 * labels; int8 rows * dimensions; float labels * dimensions; the labels, each
 * NUL-terminated.
 */
#include "common/filter/language.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/format/whatis.h"
#include "common/filter/fasttext.h"

enum {
	DIM = 16,
	MAX_GRAM = 4,
	MAX_WORD = 256,		/* characters; longer words are cut into several */
	NTABLE = 0x3000		/* characters covered by the table */
};

struct language {
	struct fasttext *ft;	/* or the fields below */
	struct mapped file;
	uint32_t nrow, nlabel;
	const int8_t *rows;
	const unsigned char *weights;	/* float[nlabel][DIM] */
	const char **label;
	uint16_t lower[NTABLE];	/* replacement of a word character; 0: the
				 * character ends a word */
};

extern const unsigned char data_lang[], data_lang_end[];

/* ---- characters of words ---- */

static uint32_t word_char(uint32_t c)
{
	if (c == '\'' || c == 0x2019)
		return '\'';
	if (c == 0x200c || unicode_class(c) & (UNI_LETTER | UNI_MARK))
		return unicode_lower(c);
	return 0;
}

static inline uint32_t lower_of(const struct language *l, uint32_t c)
{
	return c < NTABLE ? l->lower[c] : word_char(c);
}

/* ---- the model ---- */

static void check(bool ok, const char *name)
{
	if (!ok)
		die("%s: invalid language model", name);
}

static void load(struct language *l, const unsigned char *p, size_t n,
	const char *name)
{
	uint32_t head[3], i;
	size_t rows, weights;
	const char *s, *end = (const char *)p + n;

	if (n < 4 || memcmp(p, "PLNG", 4))
		die("%s: not a fastText model, nor a language model in "
			"the built-in format%s", name, whatis_note_bytes(p, n));
	check(n >= 16, name);
	memcpy(head, p + 4, 12);
	l->nrow = head[0];
	l->nlabel = head[2];
	check(l->nrow && l->nrow <= 1 << 24 && head[1] == DIM && l->nlabel &&
		l->nlabel <= 4096, name);
	rows = (size_t)l->nrow * DIM;
	weights = (size_t)l->nlabel * DIM * 4;
	check(n - 16 > rows + weights && !p[n - 1], name);
	l->rows = (const int8_t *)p + 16;
	l->weights = p + 16 + rows;
	l->label = xcalloc(l->nlabel, sizeof *l->label);
	s = (const char *)p + 16 + rows + weights;
	for (i = 0; i < l->nlabel; i++, s += strlen(s) + 1) {
		check(s < end, name);
		l->label[i] = s;
	}
	for (i = 1; i < NTABLE; i++)
		l->lower[i] = (uint16_t)word_char(i);
}

struct language *language_open(const char *file)
{
	struct language *l = xcalloc(1, sizeof *l);

	if (!file) {
		load(l, data_lang, (size_t)(data_lang_end - data_lang),
			"the built-in model");
		return l;
	}
	file_map(file, &l->file);
	if (fasttext_begins(l->file.p, l->file.n))
		l->ft = fasttext_open(file);
	else
		load(l, l->file.p, l->file.n, file);
	return l;
}

void language_close(struct language *l)
{
	if (!l)
		return;
	fasttext_close(l->ft);
	file_unmap(&l->file);
	free(l->label);
	free(l);
}

bool language_knows(const struct language *l, const char *code, size_t n)
{
	uint32_t i;

	for (i = 0; i < l->nlabel; i++)
		if (strlen(l->label[i]) == n && !memcmp(l->label[i], code, n))
			return true;
	return l->ft;
}

/* ---- a text ---- */

struct sum {
	int32_t v[DIM];
	uint32_t n;		/* rows in v */
	double total[DIM];	/* earlier sums, already folded */
	double rows;
};

#define FOLD (1u << 23)		/* rows of 127 that an int32_t can hold */

static void fold(struct sum *sum)
{
	int d;

	for (d = 0; d < DIM; d++) {
		sum->total[d] += sum->v[d];
		sum->v[d] = 0;
	}
	sum->rows += sum->n;
	sum->n = 0;
}

static void add_row(struct sum *sum, const int8_t *row)
{
	int d;

	for (d = 0; d < DIM; d++)
		sum->v[d] += row[d];
	sum->n++;
}

/* Adds all n-grams of the word with n characters, boundary marks included, that
 * starts at s[at[i]]; hashed with FNV-1a over signed bytes, like fastText. */
static void add_word(const struct language *l, struct sum *sum, const char *s,
	const uint16_t *at, int n)
{
	int i, k, b;

	for (i = 0; i < n; i++) {
		uint32_t h = 2166136261u;

		for (k = 1; k <= MAX_GRAM && i + k <= n; k++) {
			for (b = at[i + k - 1]; b < at[i + k]; b++)
				h = (h ^ (uint32_t)(int8_t)s[b]) * 16777619u;
			if (k == 1 && (i == 0 || i == n - 1))
				continue;
			add_row(sum, l->rows + (size_t)(h % l->nrow) * DIM);
		}
	}
}

static void add_text(const struct language *l, struct sum *sum,
	const char *text, size_t len)
{
	char s[4 * (MAX_WORD + 2)];
	uint16_t at[MAX_WORD + 3];
	size_t i = 0;
	int n = 1, end = 1;

	s[0] = '<';
	at[0] = 0;
	while (i <= len) {
		uint32_t c = 0;

		if (i < len)
			i += (size_t)utf8_decode(text + i, len - i, &c, NULL);
		else
			i++;
		c = c ? lower_of(l, c) : 0;
		if (c && n <= MAX_WORD) {
			at[n++] = (uint16_t)end;
			if (c < 128)
				s[end++] = (char)c;
			else
				end += utf8_encode(s + end, c);
			continue;
		}
		if (n > 1) {
			at[n] = (uint16_t)end;
			s[end] = '>';
			at[n + 1] = (uint16_t)(end + 1);
			add_word(l, sum, s, at, n + 1);
			if (sum->n > FOLD)
				fold(sum);
		}
		n = end = 1;
	}
}

/* The best label and its probability. */
static const char *best_label(const struct language *l, const struct sum *sum,
	double *score)
{
	double z[4096], top = -INFINITY, all = 0;
	uint32_t i, best = 0;
	int d;

	for (i = 0; i < l->nlabel; i++) {
		float w[DIM];

		memcpy(w, l->weights + (size_t)i * sizeof w, sizeof w);
		for (z[i] = 0, d = 0; d < DIM; d++)
			z[i] += w[d] * sum->total[d];
		z[i] /= sum->rows;
		if (z[i] > top) {
			top = z[i];
			best = i;
		}
	}
	for (i = 0; i < l->nlabel; i++)
		all += exp(z[i] - top);
	*score = 1 / all;
	return l->label[best];
}

static const char *guess_fasttext(const struct fasttext *ft, const char *text,
	size_t len, double *score)
{
	size_t n = fasttext_labels(ft), i, best = 0;
	float *all = xcalloc(n, sizeof *all);
	const char *label = "und";

	*score = 0;
	if (fasttext_score(ft, text, len, all)) {
		for (i = 1; i < n; i++)
			if (all[i] >= all[best])	/* ties as in the library */
				best = i;
		*score = all[best];
		label = fasttext_label(ft, best);
		if (!strncmp(label, "__label__", 9))
			label += 9;
	}
	free(all);
	return label;
}

const char *language_guess(const struct language *l, const char *text,
	size_t len, double *score)
{
	struct sum sum = { .n = 0 };

	if (l->ft)
		return guess_fasttext(l->ft, text, len, score);
	add_text(l, &sum, text, len);
	fold(&sum);
	if (sum.rows > 0)
		return best_label(l, &sum, score);
	*score = 0;
	return "und";
}
