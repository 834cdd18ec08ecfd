/* activations.c - the memory of a forward and backward pass: activations.h
 *
 * The same function walks the plan twice: first without memory, to compute the
 * size, then to assign addresses.
 */
#include "common/model/activations.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"

#define LINE 16			/* floats of a cache line */
#define CHUNK_FLOATS ((size_t)4 << 20)	/* logits of a chunk of rows */
#define CHUNK_ROWS 512			/* but not fewer rows than this, or packing
					 * the head costs as much as the products */

struct carver {
	float *p;		/* NULL: only count */
	size_t n;
};

static float *carve(struct carver *c, size_t n)
{
	float *p = c->p ? c->p + c->n : NULL;

	c->n += (n + LINE - 1) / LINE * LINE;
	return p;
}

static void plan_qk_norm(struct block_activations *k,
	const struct model_config *c, size_t r, struct carver *v)
{
	k->q_raw = carve(v, r * c->heads * c->head_size);
	k->k_raw = carve(v, r * c->kv_heads * c->head_size);
	k->q_rstd = carve(v, r * c->heads);
	k->k_rstd = carve(v, r * c->kv_heads);
}

static uint16_t *carve_half(struct carver *c, size_t n)
{
	return (uint16_t *)(void *)carve(c, (n + 1) / 2);
}

static struct values_out carve_output(const struct activations *a, struct carver *c,
	size_t n)
{
	if (a->halves)
		return (struct values_out){ NULL, carve_half(c, n) };
	return to_floats(carve(c, n));
}

/* The outputs of norms and of the activation. */
static void plan_outputs(const struct activations *a, struct block_activations *k,
	const struct model_config *c, size_t r, struct carver *v)
{
	k->norm1 = carve_output(a, v, r * c->width);
	k->norm2 = carve_output(a, v, r * c->width);
	k->act = carve_output(a, v, r * c->ffn);
}

/* The rest, besides x. */
static void plan_block(struct block_activations *k,
	const struct model_config *c, size_t r, struct carver *v)
{
	k->mean1 = carve(v, r);
	k->rstd1 = carve(v, r);
	k->qkv = carve(v, r * model_qkv_width(c));
	k->lse = carve(v, r * c->heads);
	k->att = carve(v, r * c->heads * c->head_size);
	k->middle = carve(v, r * c->width);
	k->mean2 = carve(v, r);
	k->rstd2 = carve(v, r);
	k->up = carve(v, r * model_up_width(c));
}

static void plan(struct activations *a, const struct model_config *c,
	struct carver *v)
{
	size_t r = a->rows * a->time, i;
	bool backward = a->keep != KEEP_NOTHING;

	for (i = 0; i < c->layers; i++) {
		struct block_activations *k = &a->blocks[i];

		if (i)
			*k = a->blocks[0];
		if (i == 0 || backward)
			k->x = carve(v, r * c->width);
		if (i == 0 || a->keep == KEEP_ALL)
			plan_outputs(a, k, c, r, v);
		if (i && a->keep != KEEP_ALL && a->keep != KEEP_PRODUCTS)
			continue;
		plan_block(k, c, r, v);
		if (c->qk_norm && backward)
			plan_qk_norm(k, c, r, v);
	}
	a->x = backward || !c->layers ? carve(v, r * c->width) :
		a->blocks[0].x;
	a->mean = carve(v, r);
	a->rstd = carve(v, r);
	a->norm = carve(v, r * c->width);
	if (backward) {
		a->d_x = carve(v, r * c->width);
		a->d_wide = carve(v, r * size_max(c->width, size_max(c->ffn,
			c->heads * c->head_size)));
		a->d_qkv = carve(v, r * size_max(model_qkv_width(c), c->width));
		if (a->halves)
			a->d_up = carve_half(v, r * model_up_width(c));
	}
}

size_t logits_at_once(const struct model_config *c)
{
	return size_max(CHUNK_FLOATS / logits_row(c), CHUNK_ROWS);
}

size_t logits_row(const struct model_config *c)
{
	return (c->vocab + 15) / 16 * 16;
}

struct activations *activations_new(const struct model *m, size_t rows,
	size_t time, enum keep keep)
{
	struct activations *a = xcalloc(1, sizeof *a);
	struct carver v = { NULL, 0 };
	size_t r = rows * time, i;

	a->keep = keep;
	a->halves = keep != KEEP_NOTHING && model_trains_in(m) == COMPUTE_BF16;
	a->rows = rows;
	a->time = time;
	a->blocks = xcalloc(m->config.layers, sizeof *a->blocks);
	a->chunk = size_min(logits_at_once(&m->config), r);
	plan(a, &m->config, &v);
	a->memory = kernel_alloc(v.n);
	v = (struct carver) { a->memory, 0 };
	plan(a, &m->config, &v);
	a->pos = xcalloc(r, sizeof *a->pos);
	a->pick = xcalloc(r, sizeof *a->pick);
	for (i = 0; i < r; i++)
		a->pos[i] = (int32_t)(i % time);
	return a;
}

size_t activations_bytes(const struct model_config *c, size_t rows)
{
	struct activations a = { .rows = rows, .time = 1 };
	struct carver v = { NULL, 0 };

	a.blocks = xcalloc(c->layers, sizeof *a.blocks);
	plan(&a, c, &v);
	free(a.blocks);
	return v.n * sizeof(float);
}

void activations_watch(struct activations *a, struct backward_watch *w)
{
	a->backward = w;
}

void activations_free(struct activations *a)
{
	if (!a)
		return;
	kernel_free(a->memory);
	free(a->blocks);
	kernel_free(a->logits);
	kernel_free(a->logprobs);
	kernel_free(a->gathered);
	kernel_free(a->d_gathered);
	free(a->pos);
	free(a->pick);
	free(a);
}
