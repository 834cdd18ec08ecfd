/* source_dir.c - a model directory as a source of weights: source.h, model(5) */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/model/architecture.h"
#include "common/model/source.h"

/* ---- tensors ---- */

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* The name without the prefix that some files omit, or NULL. */
static const char *short_name(const struct model_config *c, const char *name)
{
	const char *prefix = c->arch->file_prefix;

	return prefix && begins(name, prefix) ? name + strlen(prefix) : NULL;
}

static const struct st_tensor *find(const struct safetensors *s,
	const struct model_config *c, const char *name)
{
	const struct st_tensor *t = safetensors_find(s, name);

	if (!t && short_name(c, name))
		t = safetensors_find(s, short_name(c, name));
	if (!t)
		die("%s: tensor '%s' is missing", s->name, name);
	return t;
}

static void put_shape(struct buf *b, const size_t *shape, int ndim)
{
	int i;

	for (i = 0; i < ndim; i++)
		buf_printf(b, "%c%zu", i ? ',' : '(', shape[i]);
	buf_str(b, ndim ? ")" : "()");
}

static _Noreturn void die_shape(const struct tensor *t,
	const struct st_tensor *f)
{
	struct buf has = { 0 }, wants = { 0 };

	put_shape(&has, f->shape, f->ndim);
	put_shape(&wants, t->shape, t->ndim);
	die("%s: tensor '%s' has shape %s but config.json implies %s", f->file,
		t->name, has.p, wants.p);
}

static struct stored weight_of(const struct model_source *s,
	const struct tensor *t)
{
	const struct st_tensor *f = find(s->safetensors, &s->config, t->name);

	if (f->ndim != t->ndim || f->shape[0] != t->shape[0] ||
		(t->ndim == 2 && f->shape[1] != t->shape[1]))
		die_shape(t, f);
	return (struct stored){ .w = safetensors_weight(f), .file = f->file };
}

/* Fatal: there are no safetensors files; says so if another format is there. */
static _Noreturn void die_weights(const char *dir)
{
	static const char *const others[] = { "pytorch_model.bin",
		"pytorch_model.bin.index.json" };
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++) {
		char *file = path_join(dir, others[i]);

		if (file_exists(file))
			die("%s: only safetensors files are read: "
				"save_pretrained(DIR) of transformers writes "
				"them", file);
		free(file);
	}
	die("%s: not a model directory: model.safetensors is missing",
		dir);
}

struct safetensors *source_dir_tensors(const char *dir)
{
	char *file = path_join(dir, "model.safetensors");
	char *index = path_join(dir, "model.safetensors.index.json");
	struct safetensors *s;

	if (file_exists(file))
		s = safetensors_open(file);
	else if (file_exists(index))
		s = safetensors_open_index(index);
	else
		die_weights(dir);
	free(file);
	free(index);
	return s;
}

/* ---- further tensors ---- */

static bool is_of(const struct model_source *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->ntensor; i++) {
		const char *own = m->tensors[i].name;
		const char *bare = short_name(&m->config, own);

		if (!strcmp(own, name) || (bare && !strcmp(bare, name)))
			return true;
	}
	return false;
}

static bool in_block(const struct architecture *a, const char *name)
{
	const char *const *p = a->block_prefixes;

	while (*p && !begins(name, *p))
		p++;
	return *p;
}

/* Whether a tensor is redundant: masks and frequencies in files of old versions
 * follow from config.json, and a tied head is the embedding. */
static bool follows(const struct model_config *c, const char *name)
{
	const char *const *p = c->arch->derived;

	while (*p && !name_ends(name, *p))
		p++;
	return *p || (c->tied && !strcmp(name, c->arch->head));
}

/* Reports tensors that the computation does not use. Those of a block mean that
 * config.json describes another model, which is fatal. */
static void check_left_over(const struct model_source *m)
{
	const struct safetensors *s = m->safetensors;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct st_tensor *t = &s->tensors[i];

		if (is_of(m, t->name) || follows(&m->config, t->name))
			continue;
		if (in_block(m->config.arch, t->name))
			die("%s: tensor '%s' is not of the model that "
				"config.json describes", t->file, t->name);
		warn("%s: tensor '%s' is not used", t->file, t->name);
	}
}

/* Finds the embedding in the file. */
static const struct st_tensor *find_embedding(const struct safetensors *s,
	const struct model_config *c)
{
	size_t n, i = 0;
	struct tensor *t = model_tensors(c, &n);
	const struct st_tensor *found;

	while (t[i].place != PLACE_EMBEDDING)
		i++;
	found = find(s, c, t[i].name);
	free(t);
	return found;
}

/* Whether there is a head tensor that is not a copy of the embedding. */
static bool has_own_head(const struct safetensors *s,
	const struct model_config *c)
{
	const struct st_tensor *head = safetensors_find(s, c->arch->head);
	const struct st_tensor *embedding = head ? find_embedding(s, c) : NULL;

	bool own = head && (head->type != embedding->type ||
		head->bytes != embedding->bytes ||
		memcmp(head->data, embedding->data, head->bytes));

	if (head) {
		file_release(head->data, head->bytes);
		file_release(embedding->data, embedding->bytes);
	}
	return own;
}

/* ---- a directory ---- */

/* Reads config.json, and the additional ids of generation_config.json. */
static void read_config(struct model_config *c, const char *dir)
{
	char *file = path_join(dir, "config.json");
	char *stops = path_join(dir, "generation_config.json");

	if (!file_exists(file))
		die("%s: not a model directory: config.json is missing",
			dir);
	model_config_read(c, file);
	if (file_exists(stops))
		model_config_read_stops(c, stops);
	free(file);
	free(stops);
}

static void close_dir(struct model_source *s)
{
	safetensors_close(s->safetensors);
}

struct model_source *source_open_dir(const char *dir)
{
	struct model_source *s = xcalloc(1, sizeof *s);
	struct model_config *c = &s->config;

	s->weight = weight_of;
	s->close = close_dir;
	read_config(c, dir);
	s->safetensors = source_dir_tensors(dir);
	s->name = s->safetensors->name;
	if (c->tied && has_own_head(s->safetensors, c)) {
		warn("%s: the head is not the embedding, although config.json "
			"says 'tie_word_embeddings': it is used as it is, as "
			"transformers does", s->safetensors->name);
		c->tied = false;
	}
	source_set_tokenizer(s, safetensors_meta(s->safetensors, "tokenizer"));
	s->tensors = model_tensors(c, &s->ntensor);
	check_left_over(s);
	return s;
}
