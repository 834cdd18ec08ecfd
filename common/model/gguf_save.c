/* gguf_save.c - writes a model to a GGUF file: see gguf_model.h */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/kernel/kernel.h"
#include "common/model/gguf_model.h"

/* ---- types ---- */

/* "general.file_type", by which tools name files. */
static size_t file_type(enum dtype type)
{
	switch (type) {
	case DTYPE_F16:
		return 1;
	case DTYPE_Q4_0:
		return 2;
	case DTYPE_Q8_0:
		return 7;
	case DTYPE_BF16:
		return 32;
	default:
		return 0;
	}
}

/* Columns and rows in the file. */
static void shape(const struct tensor *t, size_t dim[2])
{
	dim[0] = t->shape[t->ndim == 2 && !t->in_first];
	dim[1] = t->ndim == 2 ? t->shape[t->in_first] : 1;
}

static bool is_head(const struct model_config *c, const struct tensor *t)
{
	return t->place == (c->tied ? PLACE_EMBEDDING : PLACE_HEAD);
}

/* llama.cpp requires or expects vectors and positions in F32. Logits suffer most
 * from few bits, so the head has at least 8. */
static enum dtype type_of(const struct model_config *c, const struct tensor *t,
	enum dtype type)
{
	size_t dim[2];

	shape(t, dim);
	if (t->ndim < 2 || t->place == PLACE_POSITIONS)
		return DTYPE_F32;
	if (dim[0] % dtype_row(type)->elements)
		return DTYPE_F16;
	return type == DTYPE_Q4_0 && is_head(c, t) ? DTYPE_Q8_0 : type;
}

/* ---- keys ---- */

static void set_provenance(struct gguf_writer *w, const char *before)
{
	struct buf b = { 0 };

	buf_str(&b, before);
	if (b.n && b.p[b.n - 1] != '\n')
		buf_putc(&b, '\n');
	buf_printf(&b, "%s\n", option_command());
	gguf_set_text(w, GGUF_MODEL_PROVENANCE, b.p, b.n);
	buf_free(&b);
}

static void set_tokenizer(struct gguf_writer *w, const struct model *m)
{
	char text[48];

	if (!m->tokens)
		return;
	snprintf(text, sizeof text, "%zu:%016" PRIx64, m->tokens,
		m->tokenizer);
	gguf_set_text(w, GGUF_MODEL_TOKENIZER, text, strlen(text));
}

static void set_general(struct gguf_writer *w, enum dtype type)
{
	gguf_set_text(w, "general.type", "model", 5);
	gguf_set_u32(w, "general.file_type", file_type(type));
	if (dtype_row(type)->elements > 1)
		gguf_set_u32(w, "general.quantization_version", 2);
}

static void declare(struct gguf_writer *w, const struct model *m,
	enum dtype type)
{
	const struct model_config *c = &m->config;
	char name[GGUF_MODEL_NAME];
	size_t dim[2], i, wider = 0;

	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];
		enum dtype own = type_of(c, t, type);

		shape(t, dim);
		gguf_model_name(name, c, m->tensors, i);
		gguf_declare(w, name, own, t->ndim, dim);
		wider += t->ndim == 2 && dim[0] % dtype_row(type)->elements;
	}
	if (wider)
		warn("%s: %zu matrices have rows that do not divide into blocks "
			"of %zu: they are F16, not %s", gguf_writer_name(w),
			wider, dtype_row(type)->elements, dtype_row(type)->name);
	dim[0] = c->head_size / 2;
	if (c->rope.type == ROPE_LLAMA3)
		gguf_declare(w, GGUF_MODEL_FACTORS, DTYPE_F32, 1, dim);
}

void gguf_save_keys(struct gguf_writer *w, const struct model *m,
	enum dtype type, const char *provenance)
{
	gguf_config_write(w, &m->config);
	set_general(w, type);
	set_provenance(w, provenance);
	set_tokenizer(w, m);
	declare(w, m, type);
}

/* ---- tensors ---- */

/* Row i of the file, of rows of cols numbers, pairs of which make a head. */
static size_t paired_row(size_t i, size_t pairs)
{
	size_t in_head = i % pairs;

	return i - in_head + in_head / 2 + in_head % 2 * (pairs / 2);
}

static void put_paired(struct gguf_writer *w, const struct tensor *t,
	size_t pairs)
{
	size_t cols = t->ndim == 2 ? t->shape[1] : 1, i;
	float *x = xmalloc(t->n * sizeof *x);

	for (i = 0; i < t->shape[0]; i++)
		memcpy(x + i * cols, t->data + paired_row(i, pairs) * cols,
			cols * sizeof *x);
	gguf_put(w, x, t->n);
	free(x);
}

static void put_transposed(struct gguf_writer *w, const struct tensor *t)
{
	float *x = xmalloc(t->n * sizeof *x);

	matrix_transpose(x, t->shape[0], t->data, t->shape[0], t->shape[1]);
	gguf_put(w, x, t->n);
	free(x);
}

static void put_factors(struct gguf_writer *w, const struct model_config *c)
{
	struct model_config plain = *c;
	size_t n = c->head_size / 2, i;
	float *now = xcalloc(n, sizeof *now), *was = xcalloc(n, sizeof *was);

	plain.rope.type = ROPE_DEFAULT;
	model_rope_frequencies(c, now);
	model_rope_frequencies(&plain, was);
	for (i = 0; i < n; i++)
		was[i] /= now[i];
	gguf_put(w, was, n);
	free(now);
	free(was);
}

void gguf_save_tensors(struct gguf_writer *w, const struct model *m)
{
	size_t i;

	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];
		size_t pairs = gguf_model_pairs(&m->config, m->tensors, i);

		if (pairs)
			put_paired(w, t, pairs);
		else if (t->in_first)
			put_transposed(w, t);
		else
			gguf_put(w, t->data, t->n);
	}
	if (m->config.rope.type == ROPE_LLAMA3)
		put_factors(w, &m->config);
}
