/* gradients - loss, logits and gradients of a model on random tokens, as a
 * safetensors file for a reference to compare with
 *
 *	gradients MODEL B T OUT [bf16]
 *
 * Holds ids and targets (B,T) I32, logprobs (B,T), logits (B,T,V), and the
 * gradient of the mean loss with respect to each tensor, under its name. Of an
 * adapter's directory: with respect to the adapter's. bf16: by products in bf16.
 */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/format/adapter_config.h"
#include "common/format/safetensors.h"
#include "common/model/forward.h"
#include "common/model/model_dir.h"

static void logits_of(const struct model *m, const struct batch *b,
	float *logits)
{
	const struct model_config *c = &m->config;
	size_t n = b->rows * b->time, v = c->vocab, i, j;
	int32_t *target = xcalloc(n, sizeof *target);
	struct activations *a = activations_new(m, b->rows, b->time, KEEP_NOTHING);
	struct batch each = *b;
	float *logprob = xcalloc(n, sizeof *logprob);

	/* One target at a time: the code under test cannot return the logits
	 * of a whole batch and does not need to. */
	model_forward(m, a, b);
	each.target = target;
	for (j = 0; j < v; j++) {
		for (i = 0; i < n; i++)
			target[i] = (int32_t)j;
		model_score(m, a, &each, logprob, NULL);
		for (i = 0; i < n; i++)
			logits[i * v + j] = logprob[i];
	}
	activations_free(a);
	free(target);
	free(logprob);
}

int main(int argc, char **argv)
{
	struct model *m;
	struct trained_tensors of;
	struct activations *a;
	struct weights g;
	struct st_writer *w;
	size_t b, t, n, i, shape[3];
	int32_t *ids, *targets;
	float *weight, *logprob, *gradient, *logits;
	struct batch batch;

	if (argc != 5 && argc != 6)
		die_usage("gradients MODEL B T OUT [bf16]");
	m = adapter_is(argv[1]) ? model_load_packed(argv[1], COMPUTE_FP32) :
		model_load(argv[1]);
	if (argc == 6)
		model_compute_in(m, COMPUTE_BF16);
	of = model_trained(m);
	b = (size_t)atoi(argv[2]);
	t = (size_t)atoi(argv[3]);
	n = b * t;
	ids = xcalloc(n, sizeof *ids);
	targets = xcalloc(n, sizeof *targets);
	weight = xcalloc(n, sizeof *weight);
	logprob = xcalloc(n, sizeof *logprob);
	logits = xcalloc(n * m->config.vocab, sizeof *logits);
	gradient = xaligned(of.size * sizeof *gradient);
	for (i = 0; i < n; i++) {
		ids[i] = (int32_t)rng_below(1, RNG_TEST, 0, i,
			m->config.vocab);
		targets[i] = (int32_t)rng_below(1, RNG_TEST, 1, i,
			m->config.vocab);
		weight[i] = 1 / (float)n;
	}
	batch = (struct batch) { b, t, ids, NULL, NULL, targets };
	a = activations_new(m, b, t, KEEP_ALL);
	weights_view(&g, m, gradient);
	model_forward(m, a, &batch);
	model_backward(m, a, &batch, weight, NULL, &g, logprob);
	logits_of(m, &batch, logits);

	w = safetensors_create(argv[4]);
	shape[0] = b;
	shape[1] = t;
	shape[2] = m->config.vocab;
	safetensors_declare(w, "ids", DTYPE_I32, 2, shape);
	safetensors_declare(w, "targets", DTYPE_I32, 2, shape);
	safetensors_declare(w, "logprobs", DTYPE_F32, 2, shape);
	safetensors_declare(w, "log_softmax", DTYPE_F32, 3, shape);
	for (i = 0; i < of.ntensor; i++)
		safetensors_declare(w, of.tensors[i].name, DTYPE_F32,
			of.tensors[i].ndim, of.tensors[i].shape);
	safetensors_put_raw(w, ids, n * 4);
	safetensors_put_raw(w, targets, n * 4);
	safetensors_put(w, logprob, n);
	safetensors_put(w, logits, n * m->config.vocab);
	for (i = 0; i < of.ntensor; i++)
		safetensors_put(w, gradient + of.tensors[i].offset,
			of.tensors[i].n);
	safetensors_finish(w);
	weights_free(&g);
	activations_free(a);
	model_free(m);
	free(ids);
	free(targets);
	free(weight);
	free(logprob);
	free(logits);
	free(gradient);
	return 0;
}
