/* attention.c - causal attention on all threads: see kernel.h
 *
 * A part of the work is one head of one sequence. Scores are computed
 * transposed, keys down and as many queries across as a panel of a packed matrix
 * is wide (tile_set.cols): so each vector lane computes the softmax of one
 * query, and the panel of probabilities is already the packed right factor of
 *   out' (head_size, queries) = V' (head_size, keys) P' (keys, queries).
 * Only keys that some query of a panel attends to are computed, and only the
 * last ones need a mask. Keys are in blocks, as in a cache, whose keys are therefore
 * used where they are. Scores are not stored: backward recomputes them from
 * the log-sum-exp of each query (as in Dao et al. 2022, FlashAttention). If its
 * other products are to be in bf16, their inputs are packed as for matmul, panels of
 * gradients and probabilities too; the scores are those of forward, so that
 * probabilities have a sum of 1.
 */
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/scratch.h"
#include "common/kernel/tile.h"

#include <math.h>
#include <string.h>

/* Queries per strip, over which backward sums the gradients of keys and
 * values before adding them; a multiple of every panel's width. */
#define STRIP 128
#define MAX_COLS 64

/* The arguments of a pass. */
struct pass {
	const struct attention *s;
	float *out, *lse, *prob, *d_q, *d_k, *d_v;
	const float *d_out, *out_was, *lse_was, *q;
	const void *k, *v;
};

/* The keys that any of the queries t .. t+n-1 attend to: from first, where a block
 * or a tile begins, to end-1. */
struct keys {
	size_t first, end;
};

static const int32_t *starts(const struct attention *s, size_t batch)
{
	return s->start ? s->start + batch * s->time : NULL;
}

static struct keys keys_seen(const struct attention *s, size_t batch, size_t t,
	size_t n, size_t step)
{
	struct keys keys = { 0, s->past + t + n };

	if (s->start)
		keys.first = (size_t)starts(s, batch)[t] / step * step;
	return keys;
}

/* Masks keys that a query does not attend to: sets their scores to minus
 * infinity. Query t+i is column i of the panel, key keys.first row 0. */
static void mask(const struct attention *s, size_t batch, size_t t, size_t n,
	struct keys keys, float *panel)
{
	const int32_t *start = starts(s, batch);
	size_t cols = kernel_set()->tile->cols, i, j;

	for (j = s->past + t + 1; j < keys.end; j++)
		for (i = 0; i < j - s->past - t; i++)
			panel[(j - keys.first) * cols + i] = -INFINITY;
	for (i = 0; start && i < n; i++)
		for (j = keys.first; j < (size_t)start[t + i]; j++)
			panel[(j - keys.first) * cols + i] = -INFINITY;
}

/* The words of a packed row of `terms` terms. */
static size_t row_words(const struct tile_set *t, size_t terms)
{
	return tile_whole(t, tile_words(t, terms));
}

/* x (rows, cols) = `terms` terms, from term `from` on, of the product of a,
 * `rows` rows packed as tiles of `all` terms, with panel b. */
static void multiply_terms(const struct tile_set *t, float *x, const float *a,
	size_t rows, size_t all, size_t from, size_t terms, const float *b)
{
	size_t i, m;

	for (i = 0; i < rows; i += t->rows) {
		m = size_min(t->rows, rows - i);
		t->tile(m, t->cols, terms, a + i * row_words(t, all) +
			from / t->terms * tile_whole(t, m), b,
			x + i * t->cols, t->cols, NULL, NULL, 0,
			fetch_ahead(b, t->cols * sizeof *b));
	}
}

/* ---- forward ---- */

/* One head: its keys and values, and room for a panel. */
struct head {
	const float *k;		/* blocks of keys */
	float *v;		/* tiles of (hd, keys) */
	float *q;		/* panel (hd, cols) */
	float *weight;		/* panel (keys, cols) */
	float *out;		/* (hd, cols) */
	float *room;		/* for k, unless it is used where it is; and for
				 * values in fp32 */
};

/* The weights of the keys that the panel of n queries from t on attends to; by (cols)
 * gets the reciprocals of their sums. */
static struct keys weigh(const struct pass *p, const struct head *x, size_t batch,
	size_t h, size_t t, size_t n, float *by)
{
	const struct attention *s = p->s;
	const struct attention_set *set = kernel_set()->attention;
	size_t hd = s->head_size, row = batch * s->time + t, i;
	struct keys keys = keys_seen(s, batch, t, n, KV_BLOCK);
	size_t count = keys.end - keys.first;
	float max[MAX_COLS];
	uint64_t sum[MAX_COLS];

	tile_pack_b(kernel_set()->tile, x->q, floats(p->q + row * s->q_stride + h * hd),
		1, s->q_stride, n, hd);
	set->score_panel(x->weight, x->k + keys.first * hd, x->q,
		kv_round(count), hd);
	mask(s, batch, t, n, keys, x->weight);
	set->softmax_panel(x->weight, count, s->scale, max, sum);
	for (i = 0; i < kernel_set()->tile->cols; i++) {
		float total = attention_total(sum[i]);

		by[i] = 1 / total;
		if (p->lse && i < n)
			p->lse[(batch * s->heads + h) * s->time + t + i] =
				s->scale * max[i] + logf(total);
	}
	return keys;
}

static void forward_panel(const struct pass *p, const struct head *x,
	size_t batch, size_t h, size_t t)
{
	const struct attention *s = p->s;
	const struct attention_set *set = kernel_set()->attention;
	size_t hd = s->head_size, n = size_min(kernel_set()->tile->cols, s->time - t);
	size_t all = s->past + s->time, row = batch * s->time + t;
	float by[MAX_COLS];
	struct keys keys = weigh(p, x, batch, h, t, n, by);
	size_t count = keys.end - keys.first;

	if (p->prob) {
		set->rows_of_panel(p->prob + ((batch * s->heads + h) * s->time +
			t) * all + keys.first, all, x->weight, by, n, count);
		return;
	}
	multiply_terms(kernel_set()->tile, x->out, x->v, hd, all, keys.first, count,
		x->weight);
	set->rows_of_panel(p->out + row * s->out_stride + h * hd,
		s->out_stride, x->out, by, n, hd);
}

/* n cached keys or values of a head in fp32. */
static const float *widened(const struct attention *s, const void *x, size_t n,
	float *room)
{
	if (s->kv_type == DTYPE_F32)
		return x;
	kernel_set()->vec->widen(room, x, n * s->head_size);
	return room;
}

static void pack_head(const struct pass *p, struct head *x, size_t at)
{
	const struct attention *s = p->s;
	const struct tile_set *tile = kernel_set()->tile;
	size_t hd = s->head_size, all = s->past + s->time;
	const float *k = p->k, *v = p->v;

	if (s->cached) {
		x->k = widened(s, p->k, kv_round(all), x->room);
		v = widened(s, p->v, all, x->room + kv_round(all) * hd);
		tile_pack_a(tile, x->v, floats(v), 1, hd, hd, all);
		return;
	}
	x->k = x->room;
	kernel_set()->attention->pack_keys(x->room, k + at, s->kv_stride, all, hd);
	if (!p->prob)
		tile_pack_a(tile, x->v, floats(v + at), 1, s->kv_stride, hd, all);
}

static void forward_part(void *ctx, size_t part, int thread)
{
	const struct pass *p = ctx;
	const struct attention *s = p->s;
	size_t hd = s->head_size, all = kv_round(s->past + s->time), t;
	size_t cols = kernel_set()->tile->cols;
	size_t batch = part / s->heads, h = part % s->heads;
	size_t at = batch * (s->past + s->time) * s->kv_stride +
		h / (s->heads / s->kv_heads) * hd;
	struct head x;

	x.v = scratch_thread(thread, 3 * all * hd + 2 * hd * cols + all * cols);
	x.room = x.v + all * hd;
	x.q = x.room + 2 * all * hd;
	x.out = x.q + hd * cols;
	x.weight = x.out + hd * cols;
	pack_head(p, &x, at);
	for (t = 0; t < s->time; t += cols)
		forward_panel(p, &x, batch, h, t);
}

static void plain_part(void *ctx, size_t i, int thread)
{
	const struct pass *p = ctx;
	size_t kvs = p->s->kv_heads;

	attention_plain(p->s, i / kvs, i % kvs, p->out, p->lse, p->prob, p->q,
		p->k, p->v);
}

static void forward(struct pass *p)
{
	if (kernel_set()->tile)
		parallel_for(p->s->batch * p->s->heads, forward_part, p);
	else
		parallel_for(p->s->batch * p->s->kv_heads, plain_part, p);
}

void attention_forward(const struct attention *s, float *out, float *lse,
	const float *q, const void *k, const void *v)
{
	struct pass p = { .s = s, .out = out, .lse = lse, .q = q, .k = k,
		.v = v };

	forward(&p);
}

void attention_probabilities(const struct attention *s, float *prob,
	const float *q, const float *k)
{
	struct pass p = { .s = s, .prob = prob, .q = q, .k = k };

	vec_zero(prob, s->batch * s->heads * s->time * (s->past + s->time));
	forward(&p);
}

/* ---- backward ---- */

/* The tiles that its products use, but for the scores in bf16. */
static const struct tile_set *tiles_of(const struct attention *s)
{
	return s->compute == COMPUTE_BF16 ? kernel_set()->bf16 : kernel_set()->tile;
}

/* A multiple of it is where a tile of keys begins, and what scores are computed by. */
static size_t step_of_keys(const struct attention *s)
{
	size_t rows = tiles_of(s)->rows, step = rows;

	while (s->compute == COMPUTE_BF16 && step % KV_BLOCK)
		step += rows;
	return step;
}

/* panel = a times panel b for the keys from keys.first to keys.end of packed
 * a (all, head_size). Computes whole tiles: a few extra rows may be written. */
static void multiply_keys(const struct attention *s, float *panel,
	const float *a, struct keys keys, const float *b)
{
	const struct tile_set *t = tiles_of(s);
	size_t all = s->past + s->time, hd = s->head_size;
	size_t end = size_min((keys.end + t->rows - 1) / t->rows * t->rows, all);

	tile_block(t, end - keys.first, t->cols, hd, a + keys.first * row_words(t, hd),
		b, 0, (struct panels_ahead){ 0 }, panel, t->cols, NULL, NULL, 0);
}

/* With P = softmax(S), O = P V: dV = P' dO, dP = dO V', and dS = P (dP - D)
 * where D = dO . O of each query; dQ = scale dS K, dK = scale dS' Q. P' and
 * dS' of a strip of queries are adjacent panels. */
struct strip {
	float *k, *k_turned, *v; /* tiles of (keys, hd), or blocks of keys in fp32 if
				 * tiles are in bf16; (hd, keys), (keys, hd) */
	float *q, *d_o;		/* panels (hd, cols), of one panel's queries */
	float *q_rows, *d_o_rows; /* panels (queries, cols) of hd columns */
	float *prob, *d_score;	/* panels (keys, cols), panel floats apart */
	float *d_q;		/* (hd, cols) */
	float *rounded;		/* a panel, or a tile of a strip's queries, in bf16 */
	size_t panel;
};

/* In LANES sums, which become vectors. */
static float dot(const float *x, const float *y, size_t n)
{
	enum { LANES = 16 };
	float sum[LANES] = { 0 }, all = 0;
	size_t i, j;

	for (i = 0; i + LANES <= n; i += LANES)
		for (j = 0; j < LANES; j++)
			sum[j] += x[i + j] * y[i + j];
	for (; i < n; i++)
		all += x[i] * y[i];
	for (j = 0; j < LANES; j++)
		all += sum[j];
	return all;
}

/* The scores of the n queries in panel q. */
static void backward_scores(const struct attention *s, const struct strip *x,
	float *panel, struct keys keys)
{
	if (s->compute == COMPUTE_BF16)
		kernel_set()->attention->score_panel(panel,
			x->k + keys.first * s->head_size, x->q,
			kv_round(keys.end - keys.first), s->head_size);
	else
		multiply_keys(s, panel, x->k, keys, x->q);
}

/* d_q (hd, cols) = K' times the panel of gradients of scores of n keys from `first`
 * on. */
static void multiply_scores(const struct attention *s, const struct strip *x,
	const float *d_score, size_t first, size_t n)
{
	const struct tile_set *t = tiles_of(s);

	if (s->compute == COMPUTE_BF16) {
		t->pack_b(x->rounded, floats(d_score), t->cols, 1, t->cols, n);
		d_score = x->rounded;
	}
	multiply_terms(t, x->d_q, x->k_turned, s->head_size, s->time, first, n, d_score);
}

/* Probabilities and gradients of scores for the panel of n queries from t on,
 * in a strip whose keys run from keys.first to keys.end; writes d_q. */
static void backward_panel(const struct pass *p, const struct strip *x,
	size_t batch, size_t h, size_t t, size_t n, struct keys keys,
	float *prob, float *d_score)
{
	const struct attention *s = p->s;
	const struct attention_set *set = kernel_set()->attention;
	size_t cols = kernel_set()->tile->cols, hd = s->head_size, i;
	size_t row = batch * s->time + t, end = keys.end - keys.first;
	size_t o = row * s->out_stride + h * hd, mine = t + n - keys.first;
	struct keys seen = { keys.first, t + n };
	const float *lse = p->lse_was + (batch * s->heads + h) * s->time + t;
	float lse_of[MAX_COLS] = { 0 }, delta[MAX_COLS] = { 0 };
	float one[MAX_COLS];

	for (i = 0; i < cols; i++)
		one[i] = 1;
	for (i = 0; i < n; i++) {
		lse_of[i] = lse[i];
		delta[i] = dot(p->d_out + o + i * s->out_stride,
			p->out_was + o + i * s->out_stride, hd);
	}
	tile_pack_b(kernel_set()->tile, x->q, floats(p->q + row * s->q_stride + h * hd),
		1, s->q_stride, n, hd);
	tile_pack_b(tiles_of(s), x->d_o, floats(p->d_out + o), 1, s->out_stride, n, hd);
	backward_scores(s, x, prob, seen);
	multiply_keys(s, d_score, x->v, seen, x->d_o);
	mask(s, batch, t, n, seen, prob);
	set->grad_panel(prob, d_score, mine, s->scale, lse_of, delta);
	multiply_scores(s, x, d_score, keys.first, mine);
	set->rows_of_panel(p->d_q + row * s->q_stride + h * hd, s->q_stride,
		x->d_q, one, n, hd);
	/* Later queries of the strip attend to keys that these do not. */
	memset(prob + mine * cols, 0, (end - mine) * cols * sizeof *prob);
	memset(d_score + mine * cols, 0, (end - mine) * cols * sizeof *prob);
}

/* Packs n rows of hd columns into panels, padded with zeros to `rows` rows. */
static void pack_rows(const struct tile_set *t, float *out, const float *x,
	size_t stride, size_t n, size_t rows, size_t hd)
{
	size_t used = tile_words(t, n), all = tile_words(t, rows), j;

	for (j = 0; j < hd; j += t->cols) {
		float *panel = out + j * all;

		t->pack_b(panel, floats(x + j), stride, 1, size_min(t->cols, hd - j), n);
		memset(panel + used * t->cols, 0,
			(all - used) * t->cols * sizeof *panel);
	}
}

/* Packs a tile of m keys, whose panels of queries begin at a, `panel` floats apart. */
static void pack_tile(const struct tile_set *t, float *out, const float *a,
	size_t panel, size_t m, size_t queries)
{
	size_t p;

	for (p = 0; p < queries; p += t->cols, a += panel)
		t->pack_a(out + p / t->terms * tile_whole(t, m), floats(a), t->cols, 1,
			m, t->cols);
}

/* d (m, n) += the product of a tile of keys from row `first` on of panels, with rows,
 * panels of `queries` queries, of which the first `skip` panels contribute nothing. */
static void add_to_tile(const struct attention *s, const struct strip *x, float *d,
	const float *panels, size_t first, size_t m, const float *rows, size_t queries,
	size_t skip)
{
	const struct tile_set *t = tiles_of(s);
	size_t cols = t->cols, hd = s->head_size, left = queries - skip * cols, j;
	const float *a = panels + skip * x->panel + first * cols;

	if (s->compute == COMPUTE_BF16)
		pack_tile(t, x->rounded, a, x->panel, m, left);
	for (j = 0; j < hd; j += cols) {
		const float *b = rows + (j * tile_words(t, queries) +
			tile_words(t, skip * cols) * cols);

		if (s->compute == COMPUTE_BF16)
			t->tile(m, size_min(cols, hd - j), left, x->rounded, b, d + j,
				s->kv_stride, NULL, d + j, s->kv_stride,
				fetch_ahead(b, cols * sizeof *b));
		else
			t->tile_panels(m, size_min(cols, hd - j), left, a, x->panel, b,
				d + j, s->kv_stride);
	}
}

/* d (keys, hd), with row stride kv_stride, += panels' times rows, for the
 * queries from t on of the strip. Panels before a key's own query contribute
 * nothing to it. */
static void add_to_keys(const struct attention *s, const struct strip *x, float *d,
	const float *panels, const float *rows, size_t queries, size_t t,
	struct keys keys)
{
	size_t step = tiles_of(s)->rows, cols = tiles_of(s)->cols, i;

	for (i = keys.first; i < keys.end; i += step)
		add_to_tile(s, x, d + i * s->kv_stride, panels, i - keys.first,
			size_min(step, keys.end - i), rows, queries,
			i > t ? (i - t) / cols : 0);
}

static void backward_strip(const struct pass *p, const struct strip *x,
	size_t batch, size_t h, size_t t)
{
	const struct attention *s = p->s;
	const struct tile_set *tile = tiles_of(s);
	size_t cols = tile->cols, hd = s->head_size, i;
	size_t n = size_min(STRIP, s->time - t), row = batch * s->time + t;
	size_t rows = tile_columns(n);
	size_t kv = batch * s->time * s->kv_stride +
		h / (s->heads / s->kv_heads) * hd;
	struct keys keys = keys_seen(s, batch, t, n, step_of_keys(s));

	for (i = 0; i < n; i += cols)
		backward_panel(p, x, batch, h, t + i, size_min(cols, n - i), keys,
			x->prob + i / cols * x->panel,
			x->d_score + i / cols * x->panel);
	pack_rows(tile, x->q_rows, p->q + row * s->q_stride + h * hd, s->q_stride, n,
		rows, hd);
	pack_rows(tile, x->d_o_rows, p->d_out + row * s->out_stride + h * hd,
		s->out_stride, n, rows, hd);
	add_to_keys(s, x, p->d_v + kv, x->prob, x->d_o_rows, rows, t, keys);
	add_to_keys(s, x, p->d_k + kv, x->d_score, x->q_rows, rows, t, keys);
}

/* Lays out a thread's scratch memory. Words in bf16 need no more than floats, but for
 * whole squares. */
static struct strip strip_new(const struct attention *s, int thread)
{
	const struct tile_set *t = tiles_of(s);
	size_t cols = t->cols, hd = s->head_size, time = kv_round(s->time);
	size_t kv_size = tile_whole(t, time) * tile_whole(t, hd);
	size_t wide = hd * cols, rows = STRIP * tile_columns(hd);
	struct strip x = { .panel = time * cols };
	size_t panels = STRIP / cols * x.panel;

	x.k = scratch_thread(thread, 3 * kv_size + 3 * wide + 2 * rows + 2 * panels +
		x.panel + STRIP * cols);
	x.k_turned = x.k + kv_size;
	x.v = x.k_turned + kv_size;
	x.q = x.v + kv_size;
	x.d_o = x.q + wide;
	x.d_q = x.d_o + wide;
	x.q_rows = x.d_q + wide;
	x.d_o_rows = x.q_rows + rows;
	x.prob = x.d_o_rows + rows;
	x.d_score = x.prob + panels;
	x.rounded = x.d_score + panels;
	return x;
}

/* All query heads that share one key-value head, whose gradient is the sum over
 * them in order. */
static void backward_part(void *ctx, size_t part, int thread)
{
	const struct pass *p = ctx;
	const struct attention *s = p->s;
	const struct tile_set *tile = tiles_of(s);
	const float *keys = p->k, *values = p->v;
	size_t hd = s->head_size, group = s->heads / s->kv_heads, h, t;
	size_t batch = part / s->kv_heads, kv = part % s->kv_heads;
	size_t at = batch * s->time * s->kv_stride + kv * hd;
	struct strip x = strip_new(s, thread);

	if (s->compute == COMPUTE_BF16)
		kernel_set()->attention->pack_keys(x.k, keys + at, s->kv_stride,
			s->time, hd);
	else
		tile_pack_a(tile, x.k, floats(keys + at), s->kv_stride, 1, s->time, hd);
	tile_pack_a(tile, x.k_turned, floats(keys + at), 1, s->kv_stride, hd, s->time);
	tile_pack_a(tile, x.v, floats(values + at), s->kv_stride, 1, s->time, hd);
	for (t = 0; t < s->time; t++) {
		memset(p->d_k + at + t * s->kv_stride, 0, hd * sizeof(float));
		memset(p->d_v + at + t * s->kv_stride, 0, hd * sizeof(float));
	}
	for (h = kv * group; h < (kv + 1) * group; h++)
		for (t = 0; t < s->time; t += STRIP)
			backward_strip(p, &x, batch, h, t);
}

static void backward_part_in_bf16(void *ctx, size_t part, int thread)
{
	const struct tile_set *t = kernel_set()->bf16;
	unsigned was = tile_begin(t);

	backward_part(ctx, part, thread);
	tile_end(t, was);
}

static void plain_backward_part(void *ctx, size_t i, int thread)
{
	const struct pass *p = ctx;
	size_t kvs = p->s->kv_heads;

	attention_plain_backward(p->s, i / kvs, i % kvs, p->d_q, p->d_k,
		p->d_v, p->d_out, p->out_was, p->lse_was, p->q, p->k, p->v);
}

void attention_backward(const struct attention *s, float *d_q, float *d_k,
	float *d_v, const float *d_out, const float *out, const float *lse,
	const float *q, const float *k, const float *v)
{
	struct pass p = { .s = s, .d_q = d_q, .d_k = d_k, .d_v = d_v,
		.d_out = d_out, .out_was = out, .lse_was = lse, .q = q, .k = k,
		.v = v };

	parallel_for(s->batch * s->kv_heads, !kernel_set()->tile ? plain_backward_part :
		s->compute == COMPUTE_BF16 ? backward_part_in_bf16 : backward_part, &p);
}
