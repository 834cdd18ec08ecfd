/* model_dir.c - writing a model directory: see model_dir.h and model(5)
 *
 * Reading is in source_dir.c.
 */
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
#include "common/model/adapter_dir.h"
#include "common/model/gguf_model.h"

static void check_tokenizer(const char *dir, size_t tokens, uint64_t was,
	uint64_t hash)
{
	if (tokens && was != hash)
		die("%s%s: not the tokenizer that the model was trained with",
			dir, file_is_dir(dir) ? "/tokenizer.json" : "");
}

void model_check_tokenizer(const struct model *m, const char *dir,
	uint64_t hash)
{
	check_tokenizer(dir, m->tokens, m->tokenizer, hash);
}

void source_check_tokenizer(const struct model_source *s, const char *dir,
	uint64_t hash)
{
	check_tokenizer(dir, s->tokens, s->tokenizer, hash);
}

void model_check_head(const struct model_config *c, const char *dir,
	bool reward)
{
	if (c->reward && !reward)
		die("%s: a reward model, which rmtrain and grade --reward-model "
			"read: it scores answers and cannot write any", dir);
	if (!c->reward && reward)
		die("%s: a language model, without the score of a reward "
			"model: rmtrain trains one", dir);
}

/* That of a GGUF file; "" if it has none. */
static char *gguf_provenance(const char *name)
{
	struct gguf *g = gguf_open(name);
	size_t n;
	const char *text = gguf_text(g, GGUF_MODEL_PROVENANCE, &n);
	char *copy = text ? xstrndup(text, n) : xstrdup("");

	gguf_close(g);
	return copy;
}

char *model_provenance(const char *dir)
{
	char *file = path_join(dir, "provenance.txt"), *text;
	size_t n;

	if (!file_is_dir(dir) && gguf_is(dir)) {
		free(file);
		return gguf_provenance(dir);
	}
	text = file_exists(file) ? file_read(file, &n) : xstrdup("");
	free(file);
	return text;
}

/* ---- writing ---- */

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

/* Refuses files in a directory without a model: another program's. */
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
				(file_same(file, tokenizer) ||
				same_content(file, tokenizer))))
			die("%s: is there already, without a model: give "
				"another directory, or --force to replace it",
				file);
		free(file);
	}
}

char *model_dir_weights(const char *dir)
{
	return path_join(dir, adapter_is(dir) ? "adapter_model.safetensors" :
		"model.safetensors");
}

void model_dir_check_kind(const char *dir, bool adapter)
{
	if (adapter && holds(dir, "model.safetensors"))
		die("%s: holds a whole model, which an adapter needs or would "
			"hide: give another directory", dir);
	if (!adapter && adapter_is(dir))
		die("%s: holds an adapter, which a whole model would hide: give "
			"another directory", dir);
}

void model_dir_check(const char *dir, const char *from, const char *tokenizer,
	const char *instead)
{
	if (file_exists(dir) && !file_is_dir(dir))
		die("%s: a file, not a directory to write a model to%s", dir,
			whatis_note(dir));
	if (!file_exists(dir) || (from && file_same(dir, from)))
		return;
	if (holds(dir, "model.safetensors") || adapter_is(dir))
		die("%s: holds a model already: %s", dir, instead);
	/* A run that was killed before its first checkpoint leaves its log. */
	if (!holds(dir, "trainlog.tsv"))
		check_strangers(dir, tokenizer);
}

void model_remove_best(const char *dir)
{
	static const char *const names[] = { "config.json",
		"adapter_config.json", "generation_config.json",
		"provenance.txt", "tokenizer.json", "tokenizer_config.json",
		"adapter_model.safetensors", "model.safetensors", NULL };
	char *best = path_join(dir, "best");

	dir_remove(best, names);
	free(best);
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
	buf_free(&b);
}

static void write_stops(const char *dir, const struct model_config *c)
{
	struct buf b = { 0 };

	if (c->reward)		/* which writes no text */
		return;
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

/* Begins the file of the tensors, with what its header says. */
static struct st_writer *create(const struct model *m, const char *file,
	const char *const *meta)
{
	struct st_writer *w = safetensors_create(file);

	/* transformers requires this to load a file. */
	safetensors_set_meta(w, "format", "pt");
	if (m->tokens) {
		char text[48];

		snprintf(text, sizeof text, "%zu:%016" PRIx64, m->tokens,
			m->tokenizer);
		safetensors_set_meta(w, "tokenizer", text);
	}
	for (; meta && *meta; meta += 2)
		safetensors_set_meta(w, meta[0], meta[1]);
	return w;
}

static void write_tensors(const struct model *m, const char *dir,
	enum dtype type, const char *const *meta)
{
	char *file = path_join(dir, "model.safetensors");
	struct st_writer *w = create(m, file, meta);
	size_t i;

	for (i = 0; i < m->ntensor; i++)
		safetensors_declare(w, m->tensors[i].name, type,
			m->tensors[i].ndim, m->tensors[i].shape);
	for (i = 0; i < m->ntensor; i++)
		safetensors_put(w, m->tensors[i].data, m->tensors[i].n);
	safetensors_finish(w);
	free(file);
}

static void write_adapter(const struct model *m, const char *dir,
	const char *const *meta)
{
	char *file = path_join(dir, "adapter_model.safetensors");
	struct st_writer *w = create(m, file, meta);
	struct buf b = { 0 };

	adapter_config_write(&b, m);
	write_text(dir, "adapter_config.json", &b);
	adapter_write_tensors(w, m->lora);
	safetensors_finish(w);
	buf_free(&b);
	free(file);
}

void model_save(const struct model *m, const char *dir, enum dtype type,
	const char *provenance, const char *const *meta)
{
	dir_make(dir);
	write_stops(dir, &m->config);
	write_provenance(dir, provenance);
	if (m->lora) {
		write_adapter(m, dir, meta);
		return;
	}
	write_config(dir, &m->config);
	write_tensors(m, dir, type, meta);
}
