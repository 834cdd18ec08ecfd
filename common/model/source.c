/* source.c - opens a model by its path: see source.h */
#include "common/model/source.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/size.h"
#include "common/format/gguf.h"
#include "common/format/whatis.h"
#include "common/model/adapter_dir.h"
#include "common/model/llama2c.h"
#include "common/model/llmc.h"

struct model_source *source_open(const char *path)
{
	if (access(path, F_OK))
		die_errno("%s: not a model directory", path);
	if (adapter_is(path))
		return source_open_adapter(path, NULL);
	if (file_is_dir(path))
		return source_open_dir(path);
	if (gguf_is(path))
		return source_open_gguf(path);
	if (llama2c_is(path))
		return llama2c_open(path);
	if (llmc_is(path))
		return llmc_open(path);
	die("%s: not a model directory, which holds config.json and "
		"model.safetensors%s", path, whatis_note(path));
}

void source_close(struct model_source *s)
{
	s->close(s);
	adapter_close(s->adapter);
	free(s->tensors);
	free(s);
}

void source_set_tokenizer(struct model_source *s, const char *text)
{
	char *end;

	if (!text)
		return;
	s->tokens = strtoull(text, &end, 10);
	s->tokenizer = *end == ':' ? strtoull(end + 1, NULL, 16) : 0;
	if (*end != ':')
		s->tokens = 0;
}

void source_own_tokens(struct model_source *s, size_t first, size_t n)
{
	size_t vocab = size_max(s->config.vocab, first + n);

	if (vocab > s->config.vocab && s->config.head_bias)
		die("%s: the biases of its head leave no room for tokens %zu to "
			"%zu of an adapter", s->name, first, first + n - 1);
	s->own = (struct token_range){ first, n };
	s->config.vocab = vocab;
}

struct stored source_weight(const struct model_source *s,
	const struct tensor *t)
{
	struct stored w = s->weight(s, t);

	if (!w.file)
		w.file = s->name;
	return w;
}

/* Where the file has row i of the tensor. */
static size_t stored_row(const struct stored *t, size_t i)
{
	size_t half = t->pairs / 2, in_head = i % t->pairs;

	return i - in_head + 2 * (in_head % half) + in_head / half;
}

struct weight stored_rows(const struct stored *t, size_t first, size_t n,
	struct buf *scratch)
{
	struct weight rows = weight_rows(&t->w, t->pairs ? 0 : first, n);
	size_t i;

	if (!t->pairs)
		return rows;
	buf_reset(scratch);
	for (i = first; i < first + n; i++) {
		struct weight row = weight_rows(&t->w, stored_row(t, i), 1);

		buf_add(scratch, row.data, weight_bytes(&row));
	}
	rows.data = scratch->p;
	return rows;
}

/* Gathered rows are from anywhere, so all are released at the end. */
void stored_release(struct release *r, const struct stored *t, size_t first,
	size_t n)
{
	struct weight rows = weight_rows(&t->w, first, n);

	if (!t->pairs)
		file_release_some(r, t->file, rows.data, weight_bytes(&rows));
	else if (first + n == t->w.rows)
		file_release_some(r, t->file, t->w.data, weight_bytes(&t->w));
}
