/* model_dir.c - a model directory: see model_dir.h and model(5) */
#include "common/model/model_dir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/format/whatis.h"
#include "common/kernel/kernel.h"
#include "common/model/architecture.h"

/* ---- reading ---- */

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* The name without what some files leave out, or NULL. */
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

static _Noreturn void die_shape(const struct safetensors *s,
	const struct tensor *t, const struct st_tensor *f)
{
	struct buf has = { 0 }, wants = { 0 };

	put_shape(&has, f->shape, f->ndim);
	put_shape(&wants, t->shape, t->ndim);
	die("%s: tensor '%s' has not the shape of config.json: %s instead of "
		"%s", s->name, t->name, has.p, wants.p);
}

static void read_tensor(const struct safetensors *s, const struct model *m,
	const struct tensor *t)
{
	const struct st_tensor *f = find(s, &m->config, t->name);

	if (f->ndim != t->ndim || f->shape[0] != t->shape[0] ||
		(t->ndim == 2 && f->shape[1] != t->shape[1]))
		die_shape(s, t, f);
	safetensors_read(s, f, t->data, 0, t->n);
	if (!vec_finite(t->data, t->n))
		die("%s: tensor '%s' holds a NaN or infinity", s->name,
			t->name);
}

/* Weights that are there in another form than model.safetensors. */
static void die_other_weights(const char *dir)
{
	static const char *const others[] = { "model.safetensors.index.json",
		"pytorch_model.bin", "pytorch_model.bin.index.json" };
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++) {
		char *file = path_join(dir, others[i]);

		if (file_exists(file))
			die("%s: only a single model.safetensors is read: "
				"save_pretrained(DIR, max_shard_size='1TB') of "
				"transformers writes one", file);
		free(file);
	}
}

static bool is_of(const struct model *m, const char *name)
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

/* Masks and frequencies that files of old versions hold follow from
 * config.json, and a tied head is the embedding. */
static bool follows(const struct model_config *c, const char *name)
{
	const char *const *p = c->arch->derived;

	while (*p && !name_ends(name, *p))
		p++;
	return *p || (c->tied && !strcmp(name, c->arch->head));
}

/* Tensors that nothing is computed with. Those of a block mean that
 * config.json describes another model. */
static void check_left_over(const struct safetensors *s, const struct model *m)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const char *name = s->tensors[i].name;

		if (is_of(m, name) || follows(&m->config, name))
			continue;
		if (in_block(m->config.arch, name))
			die("%s: tensor '%s' is not of the model that "
				"config.json describes", s->name, name);
		warn("%s: tensor '%s' is not used", s->name, name);
	}
}

/* The embedding in the file. */
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

/* Is there a head beside the embedding that is not a copy of it? */
static bool has_own_head(const struct safetensors *s,
	const struct model_config *c)
{
	const struct st_tensor *head = safetensors_find(s, c->arch->head);
	const struct st_tensor *embedding = head ? find_embedding(s, c) : NULL;

	return head && (head->type != embedding->type ||
		head->bytes != embedding->bytes ||
		memcmp(head->data, embedding->data, head->bytes));
}

/* "tokenizer": the number of tokens, a colon, their hash. */
static void read_tokenizer(struct model *m, const struct safetensors *s)
{
	const char *text = safetensors_meta(s, "tokenizer");
	char *end;

	if (!text)
		return;
	m->tokens = strtoull(text, &end, 10);
	m->tokenizer = *end == ':' ? strtoull(end + 1, NULL, 16) : 0;
	if (*end != ':')
		m->tokens = 0;
}

struct model *model_load(const char *dir)
{
	struct model_config c;
	struct safetensors *s;
	struct model *m;
	char *file, *stops;
	size_t i;

	if (access(dir, F_OK))
		die_errno("%s: not a model directory", dir);
	if (!file_is_dir(dir))
		die("%s: not a model directory, which holds config.json and "
			"model.safetensors%s", dir, whatis_note(dir));
	file = path_join(dir, "config.json");
	if (!file_exists(file))
		die("%s: not a model directory: there is no config.json in it",
			dir);
	model_config_read(&c, file);
	free(file);
	stops = path_join(dir, "generation_config.json");
	if (file_exists(stops))
		model_config_read_stops(&c, stops);
	free(stops);
	/* Opened before memory is taken for what config.json promises. */
	file = path_join(dir, "model.safetensors");
	if (!file_exists(file))
		die_other_weights(dir);
	s = safetensors_open(file);
	if (c.tied && has_own_head(s, &c)) {
		warn("%s: the head is not the embedding, although config.json "
			"says 'tie_word_embeddings': it is used as it is, as "
			"transformers does", s->name);
		c.tied = false;
	}
	m = model_new(&c);
	read_tokenizer(m, s);
	for (i = 0; i < m->ntensor; i++)
		read_tensor(s, m, &m->tensors[i]);
	check_left_over(s, m);
	safetensors_close(s);
	free(file);
	return m;
}

void model_check_tokenizer(const struct model *m, const char *dir,
	uint64_t hash)
{
	if (m->tokens && m->tokenizer != hash)
		die("%s/tokenizer.json: not the tokenizer that the model was "
			"trained with", dir);
}

char *model_provenance(const char *dir)
{
	char *file = path_join(dir, "provenance.txt"), *text;
	size_t n;

	text = file_exists(file) ? file_read(file, &n) : xstrdup("");
	free(file);
	return text;
}

/* ---- writing ---- */

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

static bool same_content(const char *a, const char *b)
{
	size_t n, k;
	char *x = file_read(a, &n), *y = file_read(b, &k);
	bool same = n == k && !memcmp(x, y, n);

	free(x);
	free(y);
	return same;
}

static bool holds(const char *dir, const char *name)
{
	char *file = path_join(dir, name);
	bool is = file_exists(file);

	free(file);
	return is;
}

/* Files of a directory without a model: of another program. */
static void check_strangers(const char *dir, const char *tokenizer)
{
	static const char *const names[] = { "config.json", "tokenizer.json",
		"tokenizer_config.json", "chat_template.jinja",
		"generation_config.json", "provenance.txt" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		char *file = path_join(dir, names[i]);

		if (file_exists(file) && !(i == 1 && tokenizer &&
				!file_is_dir(tokenizer) &&
				(same_file(file, tokenizer) ||
				same_content(file, tokenizer))))
			die("%s: is there already, without a model: give "
				"another directory, or --force to replace it",
				file);
		free(file);
	}
}

void model_dir_check(const char *dir, const char *from, const char *tokenizer,
	const char *instead)
{
	if (file_exists(dir) && !file_is_dir(dir))
		die("%s: a file, not a directory to write a model to%s", dir,
			whatis_note(dir));
	if (!file_exists(dir) || (from && same_file(dir, from)))
		return;
	if (holds(dir, "model.safetensors"))
		die("%s: holds a model already: %s", dir, instead);
	/* A run that was killed before its first checkpoint leaves its log. */
	if (!holds(dir, "trainlog.tsv"))
		check_strangers(dir, tokenizer);
}

void model_remove_best(const char *dir)
{
	static const char *const names[] = { "model.safetensors",
		"config.json", "generation_config.json", "provenance.txt",
		"tokenizer.json", "tokenizer_config.json" };
	char *best = path_join(dir, "best");
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		char *file = path_join(best, names[i]);

		if (unlink(file) && errno != ENOENT && errno != ENOTDIR)
			die_errno("%s: cannot remove", file);
		free(file);
	}
	rmdir(best);	/* what else is in it stays, and so does it */
	free(best);
}

static void copy_file(const char *from, const char *to, const char *name)
{
	char *source = path_join(from, name), *goal = path_join(to, name);
	char *text;
	size_t n;

	/* Read whole before it is replaced: from may be to by another name. */
	if (file_exists(source) && strcmp(source, goal)) {
		text = file_read(source, &n);
		file_write(goal, text, n);
		free(text);
	}
	free(source);
	free(goal);
}

void model_copy_tokenizer(const char *from, const char *to)
{
	static const char *const names[] = { "tokenizer.json", "vocab.json",
		"merges.txt", "tokenizer_config.json",
		"special_tokens_map.json", "chat_template.jinja",
		"chat_template.json" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		copy_file(from, to, names[i]);
}

static void write_text(const char *dir, const char *name, const struct buf *b)
{
	char *file = path_join(dir, name);

	file_write(file, b->p, b->n);
	free(file);
}

static void write_config(const char *dir, const struct model_config *c)
{
	struct buf b = { 0 };

	model_config_write(&b, c);
	write_text(dir, "config.json", &b);
	buf_reset(&b);
	buf_str(&b, "{\n");
	if (c->bos >= 0)
		buf_printf(&b, "  \"bos_token_id\": %d,\n", (int)c->bos);
	if (c->eos >= 0) {
		model_config_put_eos(&b, c);
		buf_printf(&b, "  \"pad_token_id\": %d,\n", (int)c->eos);
	}
	buf_str(&b, "  \"do_sample\": true\n}\n");
	write_text(dir, "generation_config.json", &b);
	buf_free(&b);
}

static void write_provenance(const char *dir, const char *before)
{
	char *own = before ? NULL : model_provenance(dir);
	struct buf b = { 0 };

	buf_str(&b, before ? before : own);
	if (b.n && b.p[b.n - 1] != '\n')
		buf_putc(&b, '\n');
	buf_printf(&b, "%s\n", option_command());
	write_text(dir, "provenance.txt", &b);
	buf_free(&b);
	free(own);
}

static void write_tensors(const struct model *m, const char *dir,
	enum dtype type, const char *const *meta)
{
	char *file = path_join(dir, "model.safetensors");
	struct st_writer *w = safetensors_create(file);
	size_t i;

	/* What transformers asks for before it loads a file. */
	safetensors_set_meta(w, "format", "pt");
	if (m->tokens) {
		char text[48];

		snprintf(text, sizeof text, "%zu:%016" PRIx64, m->tokens,
			m->tokenizer);
		safetensors_set_meta(w, "tokenizer", text);
	}
	for (; meta && *meta; meta += 2)
		safetensors_set_meta(w, meta[0], meta[1]);
	for (i = 0; i < m->ntensor; i++)
		safetensors_declare(w, m->tensors[i].name, type,
			m->tensors[i].ndim, m->tensors[i].shape);
	for (i = 0; i < m->ntensor; i++)
		safetensors_put(w, m->tensors[i].data, m->tensors[i].n);
	safetensors_finish(w);
	free(file);
}

void model_save(const struct model *m, const char *dir, enum dtype type,
	const char *provenance, const char *const *meta)
{
	dir_make(dir);
	write_config(dir, &m->config);
	write_provenance(dir, provenance);
	write_tensors(m, dir, type, meta);
}
