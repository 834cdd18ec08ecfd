/* optimizer.c - one update of all tensors: see optimizer.h */
#include "common/train/optimizer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/train/ranks.h"

/* A tensor with its moments. Muon's second moment is one number per row. */
struct state {
	const struct tensor *t;
	bool muon;
	enum dtype type;	/* of m and v: F32 or BF16 */
	struct range own;	/* elements that this rank updates */
	void *m, *v;		/* of these */
	size_t nv;		/* numbers of v on all ranks */
};

struct optimizer {
	struct optimizer_config config;
	struct trained_tensors of;	/* what it updates */
	long steps;
	struct shares *shares;
	struct state *states;	/* one per tensor */
	float *moments;		/* all m and v */
	float *x;		/* Muon's matrix, as (out,in) */
	struct muon_scratch scratch;
};

const char *optimizer_name(enum optimizer_kind kind)
{
	return kind == OPTIMIZER_MUON ? "muon" : "adamw";
}

void optimizer_defaults(struct optimizer_config *c, enum optimizer_kind kind,
	size_t width)
{
	*c = (struct optimizer_config) {
		.kind = kind,
		/* GPT-2's rate at its width, higher for narrower models. */
		.lr = 6e-4 * pow(768.0 / (double)width, .75),
		.matrix_lr = .02,
		.beta1 = .9,
		.beta2 = .95,
		.eps = 1e-8,
		.momentum = .95,
		.weight_decay = .1
	};
}

/* ---- moments ---- */

/* The shape of one part of t as (out,in). */
static void part_shape(const struct tensor *t, size_t *out, size_t *in)
{
	*out = t->shape[t->in_first] / t->parts;
	*in = t->shape[!t->in_first];
}

static size_t own_elements(const struct state *s)
{
	return s->own.end - s->own.first;
}

/* Those numbers of v that belong to the elements of a range. */
static struct range range_of_v(const struct state *s, struct range r)
{
	if (s->muon)
		r.end = r.end > r.first ? s->nv : 0;
	return r;
}

static size_t own_v(const struct state *s)
{
	struct range r = range_of_v(s, s->own);

	return r.end - r.first;
}

static void plan_state(struct optimizer *o, struct state *s,
	const struct tensor *t)
{
	s->t = t;
	s->muon = o->config.kind == OPTIMIZER_MUON && t->role == TENSOR_MATRIX;
	s->nv = t->n;
	s->type = s->muon ? DTYPE_F32 : o->config.moments;
	if (s->muon) {
		size_t out, in;

		part_shape(t, &out, &in);
		s->nv = t->parts * size_max(out, in);
	}
}

/* Divides the tensors among the ranks. The products of Muon's iteration cost as much as
 * a matrix has elements, times its shorter side. */
static void share(struct optimizer *o)
{
	double *work = xcalloc(o->of.ntensor, sizeof *work);
	size_t i, out, in;

	for (i = 0; i < o->of.ntensor; i++) {
		const struct state *s = &o->states[i];

		if (!s->muon)
			continue;
		part_shape(s->t, &out, &in);
		work[i] = (double)s->t->n * (double)size_min(out, in);
	}
	o->shares = shares_new(&o->of, work, ranks.count);
	for (i = 0; i < o->of.ntensor; i++)
		o->states[i].own = shares_range(o->shares, i, ranks.self);
	free(work);
}

/* Scratch for the largest of Muon's matrices. */
static void make_scratch(struct optimizer *o)
{
	size_t n = 0, shorter = 0, longer = 0, i, out, in;

	for (i = 0; i < o->of.ntensor; i++) {
		if (!o->states[i].muon || !own_elements(&o->states[i]))
			continue;
		part_shape(o->states[i].t, &out, &in);
		n = size_max(n, out * in);
		shorter = size_max(shorter, out < in ? out : in);
		longer = size_max(longer, size_max(out, in));
	}
	o->x = kernel_alloc(n);
	o->scratch.y = kernel_alloc(n);
	o->scratch.a = kernel_alloc(shorter * shorter);
	o->scratch.b = kernel_alloc(shorter * shorter);
	o->scratch.sum = xcalloc(longer, sizeof(double));
	o->scratch.compute = o->config.compute;
}

/* Memory for n moments, in floats. */
static size_t moment_floats(const struct state *s, size_t n)
{
	return s->type == DTYPE_BF16 ? (n + 1) / 2 : n;
}

static void make_moments(struct optimizer *o)
{
	size_t i, size = 0;
	float *p;

	for (i = 0; i < o->of.ntensor; i++)
		size += moment_floats(&o->states[i],
				own_elements(&o->states[i])) +
			moment_floats(&o->states[i], own_v(&o->states[i]));
	p = o->moments = kernel_alloc(size);
	for (i = 0; i < o->of.ntensor; i++) {
		struct state *s = &o->states[i];

		s->m = p;
		p += moment_floats(s, own_elements(s));
		s->v = p;
		p += moment_floats(s, own_v(s));
	}
}

struct optimizer *optimizer_new(const struct optimizer_config *c,
	struct model *m)
{
	struct optimizer *o = xcalloc(1, sizeof *o);
	size_t i;

	o->config = *c;
	o->of = model_trained(m);
	o->states = xcalloc(o->of.ntensor, sizeof *o->states);
	for (i = 0; i < o->of.ntensor; i++)
		plan_state(o, &o->states[i], &o->of.tensors[i]);
	share(o);
	make_scratch(o);
	make_moments(o);
	return o;
}

void optimizer_free(struct optimizer *o)
{
	if (!o)
		return;
	free(o->states);
	shares_free(o->shares);
	kernel_free(o->moments);
	kernel_free(o->x);
	kernel_free(o->scratch.y);
	kernel_free(o->scratch.a);
	kernel_free(o->scratch.b);
	free(o->scratch.sum);
	free(o);
}

long optimizer_steps(const struct optimizer *o)
{
	return o->steps;
}

struct range optimizer_range(const struct optimizer *o, size_t tensor)
{
	return o->states[tensor].own;
}

struct exchange *optimizer_exchange(const struct optimizer *o, enum dtype wire)
{
	return exchange_new(&o->of, o->shares, wire);
}

/* ---- Muon ---- */

static void muon_update(struct optimizer *o, struct state *s, const float *g,
	double scale, double lr)
{
	const struct tensor *t = s->t;
	struct muon_step k = { .mu = (float)o->config.momentum };
	size_t i, at;

	part_shape(t, &k.out, &k.in);
	k.row = t->in_first ? 1 : k.in;
	k.col = t->in_first ? t->shape[1] : 1;
	k.gain = (float)((1 - o->config.momentum) * scale);
	k.decay = (float)(lr * o->config.weight_decay);
	/* Longer steps for matrices with more outputs than inputs. */
	if (k.out > k.in)
		lr *= sqrt((double)k.out / (double)k.in);
	k.lr = (float)lr;
	for (i = 0; i < t->parts; i++) {
		at = i * k.out * k.row;
		muon_momentum(&k, (float *)s->m + at, o->x, g + at);
		muon_direction(o->x, (float *)s->v + i * size_max(k.out, k.in),
			&o->scratch, k.out, k.in);
		muon_apply(&k, t->data + at, o->x);
	}
}

/* ---- all tensors ---- */

static bool decays(const struct tensor *t)
{
	return t->role != TENSOR_NORM && t->role != TENSOR_BIAS;
}

/* Updates this rank's elements of tensor i; w: except for the decay. */
static void update(struct optimizer *o, size_t i, struct adamw w,
	const float *gradient, double grad_scale, double lr_scale)
{
	struct state *s = &o->states[i];
	size_t first = s->own.first, n = own_elements(s);
	const float *g = gradient + s->t->offset + first;
	float *p = s->t->data + first;

	if (!n)
		return;
	w.weight_decay = decays(s->t) ? (float)o->config.weight_decay : 0;
	if (s->muon)
		muon_update(o, s, g, grad_scale, o->config.matrix_lr * lr_scale);
	else if (s->type == DTYPE_BF16)
		adamw_step_bf16(&w, p, s->m, s->v, g, n,
			(uint32_t)hash_mix((uint64_t)w.step << 32 | i), first);
	else
		adamw_step(&w, p, s->m, s->v, g, n);
}

/* Floats of the tensors that are gathered at once: enough to be worth a message,
 * while the next ones are updated. */
#define GATHERED ((size_t)1 << 20)

void optimizer_step(struct optimizer *o, const float *gradient,
	double grad_scale, double lr_scale, struct exchange *e)
{
	const struct optimizer_config *c = &o->config;
	struct adamw w = {
		.lr = (float)(c->lr * lr_scale),
		.beta1 = (float)c->beta1,
		.beta2 = (float)c->beta2,
		.eps = (float)c->eps,
		.grad_scale = (float)grad_scale
	};
	size_t i, first = 0, n = 0;

	w.step = ++o->steps;
	for (i = 0; i < o->of.ntensor; i++) {
		update(o, i, w, gradient, grad_scale, lr_scale);
		n += o->of.tensors[i].n;
		if (e && (n >= GATHERED || i + 1 == o->of.ntensor)) {
			exchange_gather(e, first, i + 1);
			first = i + 1;
			n = 0;
		}
	}
}

/* Moments i to i + n - 1 at p, n <= PIECE, as fp32; valid until the next call. */
enum { PIECE = 1 << 16 };
static const float *moments_at(const struct state *s, const void *p, size_t i,
	size_t n)
{
	static float out[PIECE];

	if (s->type != DTYPE_BF16)
		return (const float *)p + i;
	moments_widen(out, (const uint16_t *)p + i, n);
	return out;
}

static bool moments_finite(const struct state *s, const void *p, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i += k) {
		k = s->type == DTYPE_BF16 ? size_min(n - i, PIECE) : n;
		if (!vec_finite(moments_at(s, p, i, k), k))
			return false;
	}
	return true;
}

const struct tensor *optimizer_not_finite(const struct optimizer *o)
{
	size_t i;

	/* The first on any rank. */
	for (i = 0; i < o->of.ntensor; i++) {
		const struct state *s = &o->states[i];

		if (!vec_finite(s->t->data, s->t->n) ||
			!moments_finite(s, s->m, own_elements(s)) ||
			!moments_finite(s, s->v, own_v(s)))
			break;
	}
	i = (size_t)-ranks_max(-(double)i);
	return i < o->of.ntensor ? &o->of.tensors[i] : NULL;
}

/* ---- files ---- */

static void moment_name(char out[96], const char *kind, const struct state *s)
{
	snprintf(out, 96, "optimizer.%s.%s", kind, s->t->name);
}

void optimizer_declare(const struct optimizer *o, struct st_writer *w)
{
	char name[96];
	size_t i;

	for (i = 0; i < o->of.ntensor; i++) {
		const struct state *s = &o->states[i];

		moment_name(name, "m", s);
		safetensors_declare(w, name, s->type, s->t->ndim, s->t->shape);
		moment_name(name, "v", s);
		if (s->muon)
			safetensors_declare(w, name, s->type, 1, &s->nv);
		else
			safetensors_declare(w, name, s->type, s->t->ndim,
				s->t->shape);
	}
}

/* The n moments at p, which are a rank's own: rank 0 writes them, or takes them from
 * that rank piece by piece. */
static void write_moments(const struct state *s, void *p, size_t n, size_t rank,
	struct st_writer *w)
{
	static float piece[PIECE];
	size_t i, k;

	for (i = 0; i < n; i += k) {
		size_t from = i;
		void *at = p;

		k = size_min(n - i, PIECE);
		if (rank && w) {
			at = piece;
			from = 0;
			ranks_move(rank, 0, piece, dtype_bytes(s->type, k));
		} else if (rank) {
			ranks_move(rank, 0, (char *)p + dtype_bytes(s->type, i),
				dtype_bytes(s->type, k));
		}
		if (w)
			safetensors_put(w, moments_at(s, at, from, k), k);
	}
}

static void write_of_all(const struct optimizer *o, size_t tensor, bool v,
	struct st_writer *w)
{
	const struct state *s = &o->states[tensor];
	size_t rank;

	for (rank = 0; rank < ranks.count; rank++) {
		struct range r = shares_range(o->shares, tensor, rank);

		if (v)
			r = range_of_v(s, r);
		if (w || rank == ranks.self)
			write_moments(s, v ? s->v : s->m, r.end - r.first, rank,
				w);
	}
}

void optimizer_write(const struct optimizer *o, struct st_writer *w)
{
	size_t i;

	for (i = 0; i < o->of.ntensor; i++) {
		write_of_all(o, i, false, w);
		write_of_all(o, i, true, w);
	}
}

/* out = those moments of a range, from the tensor w of all. */
static void set_moments(const struct state *st, void *out, const struct weight *w,
	struct range r)
{
	static float piece[PIECE];
	struct weight part = *w;
	size_t i, n = r.end - r.first;

	part.rows = 1;
	for (i = 0; i < n; i += part.cols) {
		part.cols = size_min(n - i, PIECE);
		part.data = (const char *)w->data +
			dtype_bytes(w->type, r.first + i);
		if (st->type != DTYPE_BF16) {
			weight_floats((float *)out + i, &part);
			continue;
		}
		weight_floats(piece, &part);
		moments_set((uint16_t *)out + i, piece, part.cols);
	}
}

/* own: of its n numbers, those to keep. */
static void read_moment(const struct safetensors *s, const char *name,
	const struct state *st, void *out, size_t n, struct range own)
{
	const struct st_tensor *t = safetensors_find(s, name);
	struct weight w;

	if (!t)
		die("%s: there is no tensor '%s': of another optimizer?",
			s->name, name);
	if (t->n != n || t->type != st->type)
		die("%s: tensor '%s' does not fit the model", s->name, name);
	w = safetensors_weight(t);
	set_moments(st, out, &w, own);
	if (!moments_finite(st, out, own.end - own.first))
		die("%s: tensor '%s' holds a NaN or infinity", s->name, name);
}

void optimizer_read(struct optimizer *o, const struct safetensors *s,
	long steps)
{
	char name[96];
	size_t i;

	for (i = 0; i < o->of.ntensor; i++) {
		struct state *st = &o->states[i];

		moment_name(name, "m", st);
		read_moment(s, name, st, st->m, st->t->n, st->own);
		moment_name(name, "v", st);
		read_moment(s, name, st, st->v, st->nv,
			range_of_v(st, st->own));
	}
	o->steps = steps;
}
