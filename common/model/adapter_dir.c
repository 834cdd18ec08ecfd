/* adapter_dir.c - reads an adapter directory: see adapter_dir.h */
#include "common/model/adapter_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

/* ---- opening ---- */

/* The ids that end a text are the adapter's, where it has a file for them. */
static void read_stops(struct model_config *c, const char *dir)
{
	char *file = path_join(dir, "generation_config.json");

	if (file_exists(file)) {
		c->eos = -1;
		c->nmore_eos = 0;
		model_config_read_stops(c, file);
	}
	free(file);
}

static void set_tokens(struct model_source *s, const char *dir)
{
	const struct adapter_config *c = &s->adapter->config;

	if (c->first > s->config.vocab)
		die("%s: its embeddings begin with token %zu, but the base model "
			"%s has only %zu tokens", dir, c->first,
			s->adapter->base, s->config.vocab);
	source_own_tokens(s, c->first, c->tokens);
}

struct safetensors *adapter_tensors(const char *dir)
{
	char *file = path_join(dir, "adapter_model.safetensors");
	struct safetensors *s;

	if (!file_exists(file))
		die("%s: missing: of adapters only safetensors files are read",
			file);
	s = safetensors_open(file);
	free(file);
	return s;
}

struct model_source *source_open_adapter(const char *dir, const char *base)
{
	struct adapter *a = xcalloc(1, sizeof *a);
	struct model_source *s;

	adapter_config_read(&a->config, dir);
	a->base = base ? xstrdup(base) : adapter_base(&a->config, dir);
	if (adapter_is(a->base))
		die("%s: its base model %s is an adapter itself: ckpt merge "
			"makes a model of that", dir, a->base);
	a->tensors = adapter_tensors(dir);
	s = source_open(a->base);
	s->adapter = a;
	set_tokens(s, dir);
	read_stops(&s->config, dir);
	source_set_tokenizer(s, safetensors_meta(a->tensors, "tokenizer"));
	return s;
}

void adapter_close(struct adapter *a)
{
	if (!a)
		return;
	adapter_config_free(&a->config);
	safetensors_close(a->tensors);
	free(a->base);
	free(a);
}

/* ---- tensors ---- */

static const struct st_tensor *find(const struct safetensors *s,
	const char *name)
{
	char full[sizeof ADAPTER_PREFIX + sizeof ((struct tensor *)NULL)->name];

	snprintf(full, sizeof full, ADAPTER_PREFIX "%s", name);
	return safetensors_find(s, full);
}

/* Whether the file has an A for a tensor of the model. */
static bool has_a(const struct safetensors *s, const struct tensor *t)
{
	struct tensor a;

	if (t->role != TENSOR_MATRIX)
		return false;
	a = lora_named(t, ".lora_A.weight");
	return find(s, a.name) != NULL;
}

/* The base's own rows, for a table whose rows the adapter leaves as they are; false
 * if the base lacks some. */
static bool read_base(const struct model_source *s, const struct tensor *t)
{
	struct buf scratch = { 0 };
	struct stored from;
	struct weight w;
	size_t i = 0;

	if (t->place != PLACE_EMBEDDING && t->place != PLACE_HEAD)
		return false;
	while (s->tensors[i].place != t->place)
		i++;
	from = source_weight(s, &s->tensors[i]);
	if (s->own.first + s->own.n > from.w.rows)
		return false;
	w = stored_rows(&from, s->own.first, s->own.n, &scratch);
	weight_floats(t->data, &w);
	buf_free(&scratch);
	return true;
}

static void read_tensor(const struct model_source *s, const struct tensor *t)
{
	const struct adapter *a = s->adapter;
	const struct st_tensor *f = find(a->tensors, t->name);
	struct weight w;

	if (!f && read_base(s, t))
		return;
	if (!f)
		die("%s: tensor '" ADAPTER_PREFIX "%s' is missing", a->tensors->name,
			t->name);
	if (f->ndim != 2 || f->shape[0] != t->shape[0] ||
			f->shape[1] != t->shape[1])
		die("%s: tensor '%s' has shape (%zu,%zu), but the base model %s "
			"and adapter_config.json imply (%zu,%zu)",
			a->tensors->name, f->name, f->ndim > 0 ? f->shape[0] : 0,
			f->ndim > 1 ? f->shape[1] : 0, a->base, t->shape[0],
			t->shape[1]);
	w = safetensors_weight(f);
	weight_floats(t->data, &w);
	if (!vec_finite(t->data, t->n))
		die("%s: tensor '%s' holds a NaN or infinity",
			a->tensors->name, f->name);
}

/* Every tensor of the file must be one of the adapter's: another would change what
 * is computed. */
static void check_left_over(const struct adapter *a, const struct lora *l)
{
	const struct safetensors *s = a->tensors;
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		for (k = 0; k < l->ntensor; k++)
			if (find(s, l->tensors[k].name) == &s->tensors[i])
				break;
		if (k == l->ntensor)
			die("%s: tensor '%s' belongs to no matrix of the blocks "
				"of %s: not an adapter of this model, or of a "
				"kind that is not supported", s->name,
				s->tensors[i].name, a->base);
	}
}

struct lora *adapter_read(const struct model_source *s, const struct model *m)
{
	const struct adapter *a = s->adapter;
	struct lora_config c = { a->config.rank, a->config.alpha,
		a->config.root, a->config.first, a->config.tokens };
	bool *has = xcalloc(m->ntensor, sizeof *has);
	struct lora *l;
	size_t i;

	for (i = 0; i < m->ntensor; i++)
		has[i] = has_a(a->tensors, &m->tensors[i]);
	l = lora_new(m, &c, has);
	check_left_over(a, l);
	if (!l->ntensor)
		die("%s: holds no tensor", a->tensors->name);
	for (i = 0; i < l->ntensor; i++)
		read_tensor(s, &l->tensors[i]);
	l->base = xstrdup(a->base);
	free(has);
	return l;
}
