/* layer_stats.c - statistics of the layers: see layer_stats.h */
#include "common/train/layer_stats.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

/* Of some numbers of a layer. */
struct sizes {
	double squares, largest;
	double n;
};

struct layer {
	struct sizes weight, gradient, update, before, stream;
};

struct layer_stats {
	struct watch watch;	/* first: it is what a callback is given */
	const struct trainer *trainer;
	struct trained_tensors of;
	struct layer *layers;	/* (n) */
	size_t n;		/* blocks + 2 */
	float *before;		/* what the trainer changes, before the update */
};

static void add(struct sizes *s, const float *x, const float *less, size_t n)
{
	struct vec_extent v = vec_extent(x, less, n);

	s->squares += v.squares;
	s->largest = fmax(s->largest, v.largest);
	s->n += (double)n;
}

/* The stream before a block is that after the layer before it. */
static void watch_layer(struct watch *w, size_t layer, const float *x,
	const float *qkv)
{
	struct layer_stats *s = (struct layer_stats *)w;

	add(&s->layers[layer].stream, x, NULL, s->trainer->watched *
		s->trainer->model->config.width);
}

struct layer_stats *layer_stats_new(const struct trainer *t)
{
	struct layer_stats *s = xcalloc(1, sizeof *s);

	s->watch.layer = watch_layer;
	s->trainer = t;
	s->of = model_trained(t->model);
	s->n = t->model->config.layers + 2;
	s->layers = xcalloc(s->n, sizeof *s->layers);
	s->before = kernel_alloc_raw(t->size);
	return s;
}

void layer_stats_free(struct layer_stats *s)
{
	if (!s)
		return;
	kernel_free(s->before);
	free(s->layers);
	free(s);
}

void layer_stats_watch(struct layer_stats *s, struct trainer *t)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		s->layers[i] = (struct layer){ .weight = { 0 } };
	t->watch = &s->watch;
}

static struct layer *layer_of(struct layer_stats *s, const struct tensor *t)
{
	return &s->layers[tensor_stage(t, s->n - 2)];
}

void layer_stats_gradient(struct layer_stats *s, struct trainer *t)
{
	size_t i;

	t->watch = NULL;
	for (i = 0; i < s->of.ntensor; i++) {
		const struct tensor *x = &s->of.tensors[i];

		vec_copy(s->before + x->offset, x->data, x->n);
		add(&layer_of(s, x)->gradient, t->gradient + x->offset, NULL,
			x->n);
	}
}

static void add_sizes(struct buf *out, const struct sizes *s)
{
	if (s->n > 0)
		buf_printf(out, "\t%.7g\t%.7g", sqrt(s->squares / s->n),
			s->largest);
	else
		buf_str(out, "\tnan\tnan");
}

void layer_stats_add(struct layer_stats *s, const struct trainer *t, long step,
	struct buf *out)
{
	size_t i;

	for (i = 0; i < s->of.ntensor; i++) {
		const struct tensor *x = &s->of.tensors[i];
		const float *before = s->before + x->offset;
		struct layer *l = layer_of(s, x);

		add(&l->weight, x->data, NULL, x->n);
		add(&l->before, before, NULL, x->n);
		add(&l->update, x->data, before, x->n);
	}
	for (i = 0; i < s->n; i++) {
		const struct layer *l = &s->layers[i];

		buf_printf(out, "%ld\t%zu", step, i);
		add_sizes(out, &l->weight);
		add_sizes(out, &l->gradient);
		if (l->before.squares > 0)
			buf_printf(out, "\t%.7g", sqrt(l->update.squares /
				l->before.squares));
		else
			buf_str(out, "\tnan");
		add_sizes(out, &l->stream);
		buf_putc(out, '\n');
	}
}
