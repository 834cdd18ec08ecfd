/* fasttext.c - fastText models: see fasttext.h
 *
 * File, little-endian: i32 magic, i32 version, 12 i32 of arguments, f64;
 * dictionary; u8 quantised, input matrix; u8 quantised, output matrix.
 */
#include "common/text/fasttext.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"

#define MAGIC 793712314
#define VERSION 12
#define MAX_NGRAM 64		/* bytes; maxn is at most 16 characters */

enum { LOSS_HS = 1, LOSS_NS, LOSS_SOFTMAX, LOSS_OVA };
enum { MODEL_SUPERVISED = 3 };

struct quantizer {
	int32_t dim, nsub, dsub, last;
	const unsigned char *centroids;		/* floats */
};

/* m rows of n numbers: floats at p, or codes */
struct matrix {
	bool quantised;
	int64_t m, n;
	const unsigned char *p;			/* floats or codes */
	struct quantizer pq;
	const unsigned char *norm_codes;	/* NULL: none */
	struct quantizer norm_pq;
};

struct tree_node {
	int64_t count;
	int left, right;
};

struct fasttext {
	struct mapped file;
	const char *name;
	size_t at;			/* while it is read */
	int32_t dim, word_ngrams, loss, bucket, minn, maxn;
	int32_t nwords, nlabels;
	int64_t pruned;			/* -1: not pruned */
	struct map words;		/* id */
	int32_t *prune;			/* bucket -> row or -1, when pruned */
	const char **label;
	int64_t *label_count;
	struct tree_node *tree;		/* LOSS_HS: 2 * nlabels - 1 */
	struct matrix in, out;
};

/* ---- the file ---- */

_Noreturn static void bad(const struct fasttext *ft, const char *what)
{
	die("%s: byte %zu: not a sound fastText model: %s", ft->name, ft->at,
		what);
}

static const unsigned char *take(struct fasttext *ft, size_t n)
{
	const unsigned char *p = ft->file.p + ft->at;

	if (n > ft->file.n - ft->at)
		bad(ft, "it ends early");
	ft->at += n;
	return p;
}

static int32_t take_i32(struct fasttext *ft)
{
	int32_t v;

	memcpy(&v, take(ft, 4), 4);
	return v;
}

static int64_t take_i64(struct fasttext *ft)
{
	int64_t v;

	memcpy(&v, take(ft, 8), 8);
	return v;
}

static bool take_bool(struct fasttext *ft)
{
	unsigned char c = *take(ft, 1);

	if (c > 1)
		bad(ft, "a flag that is neither 0 nor 1");
	return c;
}

static void check(const struct fasttext *ft, bool ok, const char *what)
{
	if (!ok)
		bad(ft, what);
}

static void read_arguments(struct fasttext *ft)
{
	int32_t v[12];
	int i;

	check(ft, take_i32(ft) == MAGIC, "no fastText magic number");
	check(ft, take_i32(ft) == VERSION, "a version other than 12");
	for (i = 0; i < 12; i++)
		v[i] = take_i32(ft);
	take(ft, 8);
	ft->dim = v[0];
	ft->word_ngrams = v[5];
	ft->loss = v[6];
	ft->bucket = v[8];
	ft->minn = v[9];
	ft->maxn = v[10];
	check(ft, v[7] == MODEL_SUPERVISED, "it classifies nothing");
	check(ft, ft->dim > 0 && ft->dim <= 1 << 16, "its dimension");
	check(ft, ft->loss >= LOSS_HS && ft->loss <= LOSS_OVA, "its loss");
	check(ft, ft->bucket >= 0 && ft->word_ngrams >= 0 &&
		ft->maxn <= 16 && ft->word_ngrams <= 64, "its arguments");
	if (ft->minn < 1)
		ft->minn = 1;
}

/* One entry: a string, its count, its type. */
static const char *read_entry(struct fasttext *ft, int64_t *count, bool *label)
{
	const unsigned char *s = ft->file.p + ft->at;
	const unsigned char *end = memchr(s, 0, ft->file.n - ft->at);

	check(ft, end != NULL, "it ends early");
	take(ft, (size_t)(end - s) + 1);
	*count = take_i64(ft);
	*label = take_bool(ft);
	return (const char *)s;
}

static void read_prune(struct fasttext *ft)
{
	int64_t i;
	int32_t b;

	if (ft->pruned <= 0)
		return;
	check(ft, (uint64_t)ft->pruned <= ft->file.n / 8, "its pruned words");
	ft->prune = xrealloc(NULL, (size_t)ft->bucket + 1, sizeof *ft->prune);
	for (b = 0; b < ft->bucket; b++)
		ft->prune[b] = -1;
	for (i = 0; i < ft->pruned; i++) {
		int32_t from = take_i32(ft), to = take_i32(ft);

		check(ft, from >= 0 && from < ft->bucket && to >= 0 &&
			to < ft->pruned, "its pruned words");
		ft->prune[from] = to;
	}
}

static void read_dictionary(struct fasttext *ft)
{
	int32_t size = take_i32(ft), i, nlabel = 0;

	ft->nwords = take_i32(ft);
	ft->nlabels = take_i32(ft);
	take(ft, 8);
	ft->pruned = take_i64(ft);
	check(ft, ft->nwords >= 0 && ft->nlabels > 0 &&
		size == ft->nwords + (int64_t)ft->nlabels &&
		(size_t)size <= ft->file.n / 10, "its number of words");
	ft->label = xcalloc((size_t)ft->nlabels, sizeof *ft->label);
	ft->label_count = xcalloc((size_t)ft->nlabels, sizeof(int64_t));
	for (i = 0; i < size; i++) {
		bool label;
		int64_t count;
		const char *s = read_entry(ft, &count, &label);

		check(ft, label == (i >= ft->nwords) && count >= 0,
			"words and labels are mixed");
		if (label) {
			ft->label_count[nlabel] = count;
			ft->label[nlabel++] = s;
		} else {
			*map_put(&ft->words, s, strlen(s), NULL) = (uint64_t)i;
		}
	}
	read_prune(ft);
}

static void read_quantizer(struct fasttext *ft, struct quantizer *q,
	int64_t dim)
{
	q->dim = take_i32(ft);
	q->nsub = take_i32(ft);
	q->dsub = take_i32(ft);
	q->last = take_i32(ft);
	check(ft, q->dim == dim && q->nsub > 0 && q->dsub > 0 && q->last > 0 &&
		q->last <= q->dsub &&
		(int64_t)q->dsub * (q->nsub - 1) + q->last == dim,
		"its quantiser");
	q->centroids = take(ft, (size_t)dim * 256 * 4);
}

static void read_quantised(struct fasttext *ft, struct matrix *x)
{
	bool norms = take_bool(ft);
	int32_t codes;

	x->m = take_i64(ft);
	x->n = take_i64(ft);
	codes = take_i32(ft);
	check(ft, x->m > 0 && x->n == ft->dim && codes > 0,
		"the size of a matrix");
	x->p = take(ft, (size_t)codes);
	read_quantizer(ft, &x->pq, x->n);
	check(ft, codes % x->pq.nsub == 0 && codes / x->pq.nsub == x->m,
		"the number of codes");
	if (norms) {
		x->norm_codes = take(ft, (size_t)x->m);
		read_quantizer(ft, &x->norm_pq, 1);
	}
}

static void read_matrix(struct fasttext *ft, struct matrix *x)
{
	if (x->quantised) {
		read_quantised(ft, x);
		return;
	}
	x->m = take_i64(ft);
	x->n = take_i64(ft);
	check(ft, x->n == ft->dim && x->m > 0 &&
		(uint64_t)x->m <= ft->file.n / 4 / (uint64_t)x->n,
		"the size of a matrix");
	x->p = take(ft, (size_t)(x->m * x->n) * 4);
}

static void read_matrices(struct fasttext *ft)
{
	int64_t rows = ft->nwords;

	ft->in.quantised = take_bool(ft);
	read_matrix(ft, &ft->in);
	check(ft, ft->in.quantised || ft->pruned < 0,
		"pruned words in a matrix of floats");
	rows += ft->pruned > 0 ? ft->pruned : ft->pruned < 0 ? ft->bucket : 0;
	if (ft->maxn <= 0 && ft->word_ngrams < 2 && ft->pruned < 0)
		rows = ft->nwords;
	check(ft, ft->in.m >= rows, "fewer rows than words");
	ft->out.quantised = take_bool(ft) && ft->in.quantised;
	read_matrix(ft, &ft->out);
	check(ft, ft->out.m == ft->nlabels, "not one row a label");
	check(ft, ft->at == ft->file.n, "something follows its end");
}

/* Huffman's tree over the labels, which stand by falling count. */
static void build_tree(struct fasttext *ft)
{
	int n = ft->nlabels, leaf = n - 1, node = n, i, j;

	ft->tree = xcalloc((size_t)(2 * n), sizeof *ft->tree);
	for (i = 0; i < 2 * n - 1; i++)
		ft->tree[i] = (struct tree_node){
			i < n ? ft->label_count[i] : (int64_t)1e15, -1, -1 };
	for (i = n; i < 2 * n - 1; i++) {
		int least[2];

		for (j = 0; j < 2; j++)
			least[j] = leaf >= 0 && ft->tree[leaf].count <
				ft->tree[node].count ? leaf-- : node++;
		ft->tree[i].left = least[0];
		ft->tree[i].right = least[1];
		ft->tree[i].count = ft->tree[least[0]].count +
			ft->tree[least[1]].count;
	}
}

bool fasttext_begins(const unsigned char *p, size_t n)
{
	int32_t magic;

	if (n < 8)
		return false;
	memcpy(&magic, p, 4);
	return magic == MAGIC;
}

struct fasttext *fasttext_open(const char *file)
{
	struct fasttext *ft = xcalloc(1, sizeof *ft);

	ft->name = file;
	file_map(file, &ft->file);
	read_arguments(ft);
	read_dictionary(ft);
	read_matrices(ft);
	if (ft->loss == LOSS_HS)
		build_tree(ft);
	return ft;
}

void fasttext_close(struct fasttext *ft)
{
	if (!ft)
		return;
	map_free(&ft->words);
	free(ft->prune);
	free(ft->label);
	free(ft->label_count);
	free(ft->tree);
	file_unmap(&ft->file);
	free(ft);
}

size_t fasttext_labels(const struct fasttext *ft)
{
	return (size_t)ft->nlabels;
}

const char *fasttext_label(const struct fasttext *ft, size_t i)
{
	return ft->label[i];
}

/* ---- rows ---- */

static float float_at(const unsigned char *p, size_t i)
{
	float f;

	memcpy(&f, p + 4 * i, 4);
	return f;
}

static const unsigned char *centroid(const struct quantizer *q, int sub,
	unsigned code)
{
	size_t at = sub == q->nsub - 1 ?
		(size_t)sub * 256 * (size_t)q->dsub + code * (size_t)q->last :
		((size_t)sub * 256 + code) * (size_t)q->dsub;

	return q->centroids + 4 * at;
}

static float row_norm(const struct matrix *x, int64_t row)
{
	return x->norm_codes ? float_at(centroid(&x->norm_pq, 0,
		x->norm_codes[row]), 0) : 1;
}

static void add_row(const struct matrix *x, int64_t row, float *to)
{
	const struct quantizer *q = &x->pq;
	float norm;
	int sub, j;

	if (!x->quantised) {
		for (j = 0; j < x->n; j++)
			to[j] += float_at(x->p + 4 * row * x->n, (size_t)j);
		return;
	}
	norm = row_norm(x, row);
	for (sub = 0; sub < q->nsub; sub++) {
		const unsigned char *c = centroid(q, sub,
			x->p[row * q->nsub + sub]);

		for (j = 0; j < (sub == q->nsub - 1 ? q->last : q->dsub); j++)
			*to++ += norm * float_at(c, (size_t)j);
	}
}

static float dot_row(const struct matrix *x, int64_t row, const float *with)
{
	const struct quantizer *q = &x->pq;
	float sum = 0;
	int sub, j;

	if (!x->quantised) {
		for (j = 0; j < x->n; j++)
			sum += with[j] *
				float_at(x->p + 4 * row * x->n, (size_t)j);
		return sum;
	}
	for (sub = 0; sub < q->nsub; sub++) {
		const unsigned char *c = centroid(q, sub,
			x->p[row * q->nsub + sub]);

		for (j = 0; j < (sub == q->nsub - 1 ? q->last : q->dsub); j++)
			sum += *with++ * float_at(c, (size_t)j);
	}
	return sum * row_norm(x, row);
}

/* ---- a text as rows of the input matrix ---- */

struct asked {
	const struct fasttext *ft;
	float *sum;
	size_t n;			/* rows added */
	int32_t recent[64];		/* hashes of the last words */
	size_t nrecent;
};

#define FNV_BEGIN 2166136261u

/* FNV-1a as fastText has it: bytes are signed. */
static uint32_t fnv(uint32_t h, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (uint32_t)(int8_t)s[i]) * 16777619u;
	return h;
}

static void add(struct asked *q, int64_t row)
{
	add_row(&q->ft->in, row, q->sum);
	q->n++;
}

static void add_bucket(struct asked *q, uint32_t b)
{
	const struct fasttext *ft = q->ft;

	if (ft->pruned < 0)
		add(q, (int64_t)ft->nwords + b);
	else if (ft->pruned > 0 && ft->prune[b] >= 0)
		add(q, (int64_t)ft->nwords + ft->prune[b]);
}

static bool is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* All n-grams of minn to maxn characters of s[0..n), which is <word>. */
static void add_subwords(struct asked *q, const char *s, size_t n)
{
	const struct fasttext *ft = q->ft;
	size_t i, j, from;
	int chars;

	if (ft->bucket == 0)
		return;
	for (i = 0; i < n; i++) {
		uint32_t h = FNV_BEGIN;

		if (is_inside(s[i]))
			continue;
		for (j = i, chars = 1; j < n && chars <= ft->maxn; chars++) {
			for (from = j++; j < n && is_inside(s[j]); j++)
				;
			h = fnv(h, s + from, j - from);
			if (chars >= ft->minn &&
				!(chars == 1 && (i == 0 || j == n)))
				add_bucket(q, h % (uint32_t)ft->bucket);
		}
	}
}

/* N-grams of words that end with the word hashed h. The library adds them
 * after all words, which gives the same sum. */
static void add_word_ngrams(struct asked *q, uint32_t h)
{
	const struct fasttext *ft = q->ft;
	size_t keep = (size_t)ft->word_ngrams, i, j;

	if (keep < 2 || ft->bucket == 0)
		return;
	if (q->nrecent == keep)
		memmove(q->recent, q->recent + 1,
			--q->nrecent * sizeof *q->recent);
	q->recent[q->nrecent++] = (int32_t)h;
	for (i = 0; i + 1 < q->nrecent; i++) {
		uint64_t sum = (uint64_t)(int64_t)q->recent[i];

		for (j = i + 1; j < q->nrecent; j++)
			sum = sum * 116049371u +
				(uint64_t)(int64_t)q->recent[j];
		add_bucket(q, (uint32_t)(sum % (uint64_t)ft->bucket));
	}
}

/* A word, s[1..n-1) with room for the marks around it at both ends. */
static void add_word(struct asked *q, char *s, size_t n)
{
	const uint64_t *id = map_get(&q->ft->words, s + 1, n - 2);
	bool end = n == 6 && !memcmp(s + 1, "</s>", 4);

	if (id)
		add(q, (int64_t)*id);
	if (q->ft->maxn > 0 && !end) {
		char last = s[n - 1], first = s[0];

		s[0] = '<';
		s[n - 1] = '>';
		add_subwords(q, s, n);
		s[0] = first;
		s[n - 1] = last;
	}
	add_word_ngrams(q, fnv(FNV_BEGIN, s + 1, n - 2));
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || !c;
}

/* A label in the text is none of its words. */
static bool is_label(const char *s, size_t n)
{
	return n >= 9 && !memcmp(s, "__label__", 9);
}

static void add_words(struct asked *q, const char *text, size_t len)
{
	char small[256];
	size_t at = 0, end, n;

	for (;; at = end) {
		while (at < len && is_space(text[at]))
			at++;
		for (end = at; end < len && !is_space(text[end]); end++)
			;
		if (end == at)
			break;
		n = end - at;
		if (!is_label(text + at, n)) {
			char *s = n + 2 > sizeof small ? xmalloc(n + 2) : small;

			memcpy(s + 1, text + at, n);
			add_word(q, s, n + 2);
			if (s != small)
				free(s);
		}
	}
	memcpy(small + 1, "</s>", 4);
	add_word(q, small, 6);
}

/* ---- scores ---- */

/* The library's way to keep logarithms finite. */
static double log_of(double p)
{
	return log(p + 1e-5);
}

static void score_tree(const struct fasttext *ft, const float *hidden,
	float *score)
{
	int n = ft->nlabels, node;
	double *path = xcalloc((size_t)(2 * n), sizeof *path);

	for (node = 2 * n - 2; node >= n; node--) {
		double f = 1 / (1 + exp(-dot_row(&ft->out, node - n, hidden)));

		path[ft->tree[node].left] = path[node] + log_of(1 - f);
		path[ft->tree[node].right] = path[node] + log_of(f);
	}
	for (node = 0; node < n; node++)
		score[node] = (float)exp(path[node]);
	free(path);
}

static void score_softmax(const struct fasttext *ft, const float *hidden,
	float *score)
{
	float top = -INFINITY;
	double sum = 0;
	int i;

	for (i = 0; i < ft->nlabels; i++) {
		score[i] = dot_row(&ft->out, i, hidden);
		top = score[i] > top ? score[i] : top;
	}
	for (i = 0; i < ft->nlabels; i++)
		sum += exp(score[i] - top);
	for (i = 0; i < ft->nlabels; i++)
		score[i] = (float)(exp(score[i] - top) / sum + 1e-5);
}

/* The library's sigmoid is a table of 512 steps from -8 to 8. */
static void score_sigmoid(const struct fasttext *ft, const float *hidden,
	float *score)
{
	int i;

	for (i = 0; i < ft->nlabels; i++) {
		double x = dot_row(&ft->out, i, hidden);

		if (x >= -8 && x <= 8)
			x = 1 / (1 + exp(-(floor((x + 8) * 32) / 32 - 8)));
		else
			x = x > 0;
		score[i] = (float)(x + 1e-5);
	}
}

bool fasttext_score(const struct fasttext *ft, const char *text, size_t len,
	float *score)
{
	struct asked q = { .ft = ft };
	int i;

	q.sum = xcalloc((size_t)ft->dim, sizeof *q.sum);
	memset(score, 0, (size_t)ft->nlabels * sizeof *score);
	add_words(&q, text, len);
	for (i = 0; i < ft->dim && q.n; i++)
		q.sum[i] /= (float)q.n;
	if (q.n) {
		if (ft->loss == LOSS_HS)
			score_tree(ft, q.sum, score);
		else if (ft->loss == LOSS_SOFTMAX)
			score_softmax(ft, q.sum, score);
		else
			score_sigmoid(ft, q.sum, score);
	}
	free(q.sum);
	return q.n > 0;
}
