/* source_gguf.c - a GGUF file as a source of weights: source.h, model(5) */
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/model/architecture.h"
#include "common/model/gguf_model.h"
#include "common/model/source.h"

/* The index in s->tensors. */
static size_t index_of(const struct model_source *s, const struct tensor *t)
{
	size_t i = 0;

	while (strcmp(s->tensors[i].name, t->name))
		i++;
	return i;
}

static const struct gguf_tensor *find(const struct model_source *s,
	const struct tensor *t)
{
	char name[GGUF_MODEL_NAME];
	const struct gguf_tensor *f;

	gguf_model_name(name, &s->config, s->tensors, index_of(s, t));
	f = gguf_tensor(s->gguf, name);
	if (!f)
		die("%s: tensor '%s' is missing", s->name, name);
	return f;
}

/* Rows and columns in the file; matrices are (out, in). */
static void check_shape(const struct model_source *s, const struct tensor *t,
	const struct gguf_tensor *f)
{
	size_t cols = t->shape[t->ndim == 2 && !t->in_first];
	size_t rows = t->ndim == 2 ? t->shape[t->in_first] : 1;

	if (f->dim[0] != cols || f->n / f->dim[0] != rows)
		die("%s: tensor '%s' has shape (%zu,%zu) but the keys imply "
			"(%zu,%zu)", s->name, f->name, f->n / f->dim[0],
			f->dim[0], rows, cols);
}

static struct stored weight_of(const struct model_source *s,
	const struct tensor *t)
{
	const struct gguf_tensor *f = find(s, t);
	struct stored w = { .w = gguf_weight(s->gguf, f),
		.transposed = t->in_first,
		.pairs = gguf_model_pairs(&s->config, s->tensors,
			index_of(s, t)) };

	check_shape(s, t, f);
	if (w.pairs && t->ndim == 1) {	/* a bias: rows of one number */
		if (dtype_row(f->type)->elements > 1)
			die("%s: tensor '%s': a bias in blocks, of type %s, is "
				"not supported", s->name, f->name,
				dtype_row(f->type)->name);
		w.w.rows = w.w.cols;
		w.w.cols = 1;
	}
	return w;
}

/* ---- further tensors ---- */

static bool is_redundant(const struct model_config *c, const char *name)
{
	return name_ends(name, ".attn_rot_embd") ||
		name_ends(name, ".attn.rot_embd") ||
		(c->tied && !strcmp(name, "output.weight")) ||
		(c->rope.type == ROPE_LLAMA3 &&
			!strcmp(name, GGUF_MODEL_FACTORS));
}

/* Reports tensors that the computation does not use. Those of a block, or that
 * change positions, mean that the keys describe another model, which is fatal. */
static void check_left_over(const struct model_source *s)
{
	char name[GGUF_MODEL_NAME];
	struct map used = { 0 };
	size_t i;

	for (i = 0; i < s->ntensor; i++) {
		gguf_model_name(name, &s->config, s->tensors, i);
		map_put(&used, name, strlen(name), NULL);
	}
	for (i = 0; i < s->gguf->ntensor; i++) {
		const char *own = s->gguf->tensors[i].name;

		if (map_get(&used, own, strlen(own)) ||
			is_redundant(&s->config, own))
			continue;
		if (!strncmp(own, "blk.", 4) || !strncmp(own, "rope", 4))
			die("%s: tensor '%s' is not of the model that the keys "
				"describe", s->name, own);
		warn("%s: tensor '%s' is not used", s->name, own);
	}
	map_free(&used);
}

/* Some writers repeat a tied head. */
static bool has_own_head(const struct gguf *g)
{
	const struct gguf_tensor *head = gguf_tensor(g, "output.weight");
	const struct gguf_tensor *embedding = gguf_tensor(g,
		"token_embd.weight");
	bool own = head->type != embedding->type ||
		head->bytes != embedding->bytes ||
		memcmp(head->data, embedding->data, head->bytes);

	file_release(head->data, head->bytes);
	file_release(embedding->data, embedding->bytes);
	return own;
}

/* ---- a file ---- */

static void close_gguf(struct model_source *s)
{
	gguf_close(s->gguf);
}

/* Our own key: the vocabulary that the model was trained with. */
static void read_tokenizer(struct model_source *s)
{
	size_t n;
	const char *text = gguf_text(s->gguf, GGUF_MODEL_TOKENIZER, &n);
	char *copy = text ? xstrndup(text, n) : NULL;

	source_set_tokenizer(s, copy);
	free(copy);
}

struct model_source *source_open_gguf(const char *file)
{
	struct model_source *s = xcalloc(1, sizeof *s);
	struct model_config *c = &s->config;
	size_t i;

	s->weight = weight_of;
	s->close = close_gguf;
	s->gguf = gguf_open(file);
	s->name = s->gguf->name;
	gguf_config_read(c, s->gguf);
	if (!c->tied)
		c->tied = !has_own_head(s->gguf);
	read_tokenizer(s);
	s->tensors = model_tensors(c, &s->ntensor);
	for (i = 0; i < s->ntensor; i++)	/* before memory is allocated */
		weight_of(s, &s->tensors[i]);
	check_left_over(s);
	return s;
}
