/* fasttext.c - fastText models: see fasttext.h
 *
 * The file, little-endian: i32 magic, i32 version, 12 i32 arguments, f64; the
 * dictionary; u8 quantised, input matrix; u8 quantised, output matrix.
 */
#include "common/filter/fasttext.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/whatis.h"

#define MAGIC 793712314
#define VERSION 12
#define MAX_COUNT (int64_t)1e15	/* infinity for the Huffman tree */

enum { LOSS_HS = 1, LOSS_NS, LOSS_SOFTMAX, LOSS_OVA };
enum { MODEL_SUPERVISED = 3 };

struct quantizer {
	int32_t dim, nsub, dsub, last;
	const unsigned char *centroids;		/* floats */
};

/* m rows of n numbers: floats at p, or codes of a quantiser */
struct matrix {
	bool quantised;
	int64_t m, n;
	const unsigned char *p;			/* floats or codes */
	struct quantizer pq;
	const unsigned char *norm_codes;	/* or NULL */
	struct quantizer norm_pq;
};

struct tree_node {
	int64_t count;
	int left, right;
};

/* A row of n-grams that was kept when the model was pruned. */
struct kept {
	int32_t bucket, row;		/* bucket -1: a free slot */
};

struct fasttext {
	struct mapped file;
	const char *name;
	size_t at;			/* offset while reading */
	int32_t dim, word_ngrams, loss, bucket, minn, maxn;
	int32_t nwords, nlabels;
	int64_t pruned;			/* -1: not pruned */
	struct map words;		/* word ids, then label ids */
	struct kept *kept;		/* a hash table, when pruned > 0 */
	int kept_bits;			/* log2 of its size */
	const char **label;
	int64_t *label_count;
	struct tree_node *tree;		/* LOSS_HS: 2 * nlabels - 1 */
	struct matrix in, out;
};

/* ---- the file ---- */

_Noreturn static void bad(const struct fasttext *ft, const char *what)
{
	die("%s: byte %zu: invalid fastText model: %s%s", ft->name, ft->at,
		what, ft->at <= 4 ? whatis_note(ft->name) : "");
}

static const unsigned char *take(struct fasttext *ft, size_t n)
{
	if (n > ft->file.n - ft->at)
		bad(ft, "it ends early");
	ft->at += n;
	return ft->file.p + ft->at - n;
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
		bad(ft, "a flag is neither 0 nor 1");
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

	check(ft, take_i32(ft) == MAGIC, "wrong magic number");
	check(ft, take_i32(ft) == VERSION, "its version is not 12");
	for (i = 0; i < 12; i++)
		v[i] = take_i32(ft);
	take(ft, 8);
	ft->dim = v[0];
	ft->word_ngrams = v[5];
	ft->loss = v[6];
	ft->bucket = v[8];
	ft->minn = v[9];
	ft->maxn = v[10];
	check(ft, v[7] == MODEL_SUPERVISED, "not a supervised model");
	check(ft, ft->dim > 0 && ft->dim <= 1 << 16, "dimension out of range");
	check(ft, ft->loss >= LOSS_HS && ft->loss <= LOSS_OVA, "unknown loss");
	check(ft, ft->bucket >= 0 && ft->word_ngrams >= 0 &&
		ft->word_ngrams <= 64 && ft->minn >= 0 && ft->maxn >= 0 &&
		ft->maxn <= 16, "argument out of range");
	if (ft->minn < 1)
		ft->minn = 1;
}

/* One dictionary entry: a string, its count, its type. */
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

/* The slot that holds bucket b, or the free one where it belongs. */
static struct kept *find_kept(const struct fasttext *ft, int32_t b)
{
	size_t mask = ((size_t)1 << ft->kept_bits) - 1;
	size_t i = (uint32_t)b * 2654435769u >> (32 - ft->kept_bits);

	while (ft->kept[i].bucket >= 0 && ft->kept[i].bucket != b)
		i = (i + 1) & mask;
	return ft->kept + i;
}

static void read_kept(struct fasttext *ft)
{
	size_t size, i;

	if (ft->pruned <= 0)
		return;
	check(ft, (uint64_t)ft->pruned <= ft->file.n / 8 &&
		ft->pruned <= ft->bucket, "number of kept n-grams out of range");
	while ((int64_t)1 << ft->kept_bits < 2 * ft->pruned)
		ft->kept_bits++;
	size = (size_t)1 << ft->kept_bits;
	ft->kept = xrealloc(NULL, size, sizeof *ft->kept);
	for (i = 0; i < size; i++)
		ft->kept[i].bucket = -1;
	for (i = 0; i < (size_t)ft->pruned; i++) {
		int32_t from = take_i32(ft), to = take_i32(ft);

		check(ft, from >= 0 && from < ft->bucket && to >= 0 &&
			to < ft->pruned, "kept n-gram out of range");
		*find_kept(ft, from) = (struct kept){ from, to };
	}
}

static void read_label(struct fasttext *ft, const char *s, int64_t count,
	int64_t *total)
{
	int32_t i = ft->nlabels++;

	check(ft, count < MAX_COUNT - *total, "label count out of range");
	check(ft, utf8_valid(s, strlen(s)), "a label is not valid UTF-8");
	*total += count;
	ft->label_count[i] = count;
	ft->label[i] = s;
}

static void read_dictionary(struct fasttext *ft)
{
	int32_t size = take_i32(ft), nlabels, i;
	int64_t total = 0;

	ft->nwords = take_i32(ft);
	nlabels = take_i32(ft);
	take(ft, 8);
	ft->pruned = take_i64(ft);
	check(ft, ft->nwords >= 0 && nlabels > 0 &&
		size == ft->nwords + (int64_t)nlabels &&
		(size_t)size <= ft->file.n / 10, "number of words out of range");
	check(ft, ft->pruned >= -1, "number of kept n-grams out of range");
	ft->label = xcalloc((size_t)nlabels, sizeof *ft->label);
	ft->label_count = xcalloc((size_t)nlabels, sizeof(int64_t));
	for (i = 0; i < size; i++) {
		bool label;
		int64_t count;
		const char *s = read_entry(ft, &count, &label);

		check(ft, count >= 0, "negative word or label count");
		check(ft, label == (i >= ft->nwords),
			"words and labels are mixed");
		if (label)
			read_label(ft, s, count, &total);
		*map_put(&ft->words, s, strlen(s), NULL) = (uint64_t)i;
	}
	read_kept(ft);
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
		"invalid quantiser");
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
		"matrix size out of range");
	x->p = take(ft, (size_t)codes);
	read_quantizer(ft, &x->pq, x->n);
	check(ft, codes % x->pq.nsub == 0 && codes / x->pq.nsub == x->m,
		"wrong number of codes");
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
		"matrix size out of range");
	x->p = take(ft, (size_t)(x->m * x->n) * 4);
}

static void read_matrices(struct fasttext *ft)
{
	int64_t rows = ft->nwords;

	ft->in.quantised = take_bool(ft);
	read_matrix(ft, &ft->in);
	check(ft, ft->in.quantised || ft->pruned < 0,
		"pruned n-grams with a matrix of floats");
	rows += ft->pruned > 0 ? ft->pruned : ft->pruned < 0 ? ft->bucket : 0;
	if (ft->maxn <= 0 && ft->word_ngrams < 2 && ft->pruned < 0)
		rows = ft->nwords;
	check(ft, ft->in.m >= rows, "fewer rows than words");
	ft->out.quantised = take_bool(ft) && ft->in.quantised;
	read_matrix(ft, &ft->out);
	check(ft, ft->out.m == ft->nlabels, "not one row for each label");
	check(ft, ft->at == ft->file.n, "there is data after its end");
}

/* Builds the Huffman tree over the labels, which are in descending order of
 * count. */
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
	free(ft->kept);
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
	int32_t *hash;			/* of each word, for word n-grams */
	size_t nhash, cap;
};

#define FNV_BEGIN 2166136261u

/* FNV-1a as fastText computes it: bytes are signed. */
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

	if (ft->pruned > 0) {
		const struct kept *k = find_kept(ft, (int32_t)b);

		if (k->bucket >= 0)
			add(q, (int64_t)ft->nwords + k->row);
	} else if (ft->pruned < 0) {
		add(q, (int64_t)ft->nwords + b);
	}
}

static bool is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Adds all n-grams of minn to maxn characters of s[0..n), which is <word>. */
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

static void keep_hash(struct asked *q, const char *s, size_t n)
{
	q->hash = grow(q->hash, q->nhash, &q->cap, sizeof *q->hash);
	q->hash[q->nhash++] = (int32_t)fnv(FNV_BEGIN, s, n);
}

/* Adds all word n-grams. They come after all words, as in the library: floating
 * point sums depend on the order. */
static void add_word_ngrams(struct asked *q)
{
	size_t max = (size_t)q->ft->word_ngrams, i, j;

	for (i = 0; i < q->nhash; i++) {
		uint64_t h = (uint64_t)(int64_t)q->hash[i];

		for (j = i + 1; j < q->nhash && j < i + max; j++) {
			h = h * 116049371u + (uint64_t)(int64_t)q->hash[j];
			add_bucket(q, (uint32_t)(h % (uint64_t)q->ft->bucket));
		}
	}
}

static bool is_end(const char *s, size_t n)
{
	return n == 4 && !memcmp(s, "</s>", 4);
}

static bool is_label(const char *s, size_t n)
{
	return n >= 9 && !memcmp(s, "__label__", 9);
}

/* Adds the word s[1..n-1), which has room for a boundary mark at both ends. A
 * label in the text is ignored. */
static void add_word(struct asked *q, char *s, size_t n)
{
	const struct fasttext *ft = q->ft;
	const uint64_t *id = map_get(&ft->words, s + 1, n - 2);

	if (id ? *id >= (uint64_t)ft->nwords : is_label(s + 1, n - 2))
		return;
	if (id)
		add(q, (int64_t)*id);
	if (ft->maxn > 0 && !is_end(s + 1, n - 2)) {
		s[0] = '<';
		s[n - 1] = '>';
		add_subwords(q, s, n);
	}
	if (ft->word_ngrams > 1 && ft->bucket > 0)
		keep_hash(q, s + 1, n - 2);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || !c;
}

/* Adds the words up to the end of the text, or up to and including an end mark. */
static void add_words(struct asked *q, const char *text, size_t len)
{
	char small[256];
	size_t at = 0, end, n;

	for (;; at = end) {
		char *s = small;

		while (at < len && is_space(text[at]))
			at++;
		for (end = at; end < len && !is_space(text[end]); end++)
			;
		n = end - at;
		if (n == 0 || is_end(text + at, n))
			break;
		if (n + 2 > sizeof small)
			s = xmalloc(n + 2);
		memcpy(s + 1, text + at, n);
		add_word(q, s, n + 2);
		if (s != small)
			free(s);
	}
	memcpy(small + 1, "</s>", 4);
	add_word(q, small, 6);
}

/* ---- scores ---- */

/* The dot product of row i of the output matrix with hidden; always finite. */
static float output(const struct fasttext *ft, int64_t i, const float *hidden)
{
	float x = dot_row(&ft->out, i, hidden);

	if (!isfinite(x))
		die("%s: invalid fastText model: a score is not finite",
			ft->name);
	return x;
}

/* Keeps logarithms finite as the library does. */
static float log_of(float p)
{
	return (float)log(p + 1e-5);
}

static void score_tree(const struct fasttext *ft, const float *hidden,
	float *score)
{
	int n = ft->nlabels, node;
	float *path = xcalloc((size_t)(2 * n), sizeof *path);

	for (node = 2 * n - 2; node >= n; node--) {
		const struct tree_node *at = ft->tree + node;
		double x = output(ft, node - n, hidden);
		float f = (float)(1 / (1 + exp(-x)));

		path[at->left] = path[node] + log_of(1 - f);
		path[at->right] = path[node] + log_of(f);
	}
	for (node = 0; node < n; node++)
		score[node] = expf(path[node]);
	free(path);
}

static void score_softmax(const struct fasttext *ft, const float *hidden,
	float *score)
{
	float top = -INFINITY;
	double sum = 0;
	int i;

	for (i = 0; i < ft->nlabels; i++) {
		score[i] = output(ft, i, hidden);
		top = score[i] > top ? score[i] : top;
	}
	for (i = 0; i < ft->nlabels; i++)
		sum += exp(score[i] - top);
	for (i = 0; i < ft->nlabels; i++)
		score[i] = (float)(exp(score[i] - top) / sum + 1e-5);
}

/* The library's sigmoid is a table of 512 steps from -8 to 8, indexed by a
 * calculation in float. */
static double sigmoid(float x)
{
	if (x < -8 || x > 8)
		return x > 0;
	return 1 / (1 + exp(8 - (double)floorf((x + 8) * 32) / 32));
}

static void score_sigmoid(const struct fasttext *ft, const float *hidden,
	float *score)
{
	int i;

	for (i = 0; i < ft->nlabels; i++)
		score[i] = (float)(sigmoid(output(ft, i, hidden)) + 1e-5);
}

bool fasttext_score(const struct fasttext *ft, const char *text, size_t len,
	float *score)
{
	struct asked q = { .ft = ft };
	int i;

	q.sum = xcalloc((size_t)ft->dim, sizeof *q.sum);
	memset(score, 0, (size_t)ft->nlabels * sizeof *score);
	add_words(&q, text, len);
	add_word_ngrams(&q);
	for (i = 0; i < ft->dim && q.n; i++)
		q.sum[i] *= (float)(1.0 / (double)q.n);
	if (q.n) {
		if (ft->loss == LOSS_HS)
			score_tree(ft, q.sum, score);
		else if (ft->loss == LOSS_SOFTMAX)
			score_softmax(ft, q.sum, score);
		else
			score_sigmoid(ft, q.sum, score);
	}
	free(q.hash);
	free(q.sum);
	return q.n > 0;
}
