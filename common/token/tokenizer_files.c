/* tokenizer_files.c - copies tokenizers of models: see tokenizer_files.h */
#include "common/token/tokenizer_files.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"

static void copy_file(const char *from, const char *to, const char *name)
{
	char *source = path_join(from, name), *goal = path_join(to, name);
	char *text;
	size_t n;

	/* Read completely before replacing: both may name the same file. */
	if (file_exists(source) && strcmp(source, goal)) {
		text = file_read(source, &n);
		file_write(goal, text, n);
		free(text);
	}
	free(source);
	free(goal);
}

static void copy_files(const char *from, const char *to)
{
	static const char *const names[] = { "tokenizer.json", "tokenizer.model",
		"vocab.json", "merges.txt", "tokenizer_config.json",
		"special_tokens_map.json", "chat_template.jinja",
		"chat_template.json" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		copy_file(from, to, names[i]);
}

/* A template found by the vocabulary alone is not one of the model's own. */
static bool has_own(const struct template *t)
{
	return t->source && !t->built_in;
}

static void copy(const char *from, const char *to, size_t context)
{
	struct template t;
	struct vocab *v;

	if (file_is_dir(from)) {
		copy_files(from, to);
		return;
	}
	if (!vocab_exists(from))
		return;
	v = vocab_open(from, NULL);
	template_find(&t, v, from);
	dir_make(to);
	template_write_tokenizer(has_own(&t) ? &t : NULL, v, to,
		(int)context);
	template_free(&t);
	vocab_free(v);
}

void tokenizer_copy(const char *from, const char *to, size_t context)
{
	char *home = vocab_home(from);

	copy(home, to, context);
	free(home);
}

void tokenizer_copy_gguf(const char *from, struct gguf_writer *to,
	const struct gguf_ids *ids, size_t rows)
{
	struct template t;
	struct vocab *v;

	if (!vocab_exists(from)) {
		warn("%s: has no tokenizer, so the GGUF file has none", from);
		gguf_set_text(to, "tokenizer.ggml.model", "no_vocab", 8);
		return;
	}
	v = vocab_open(from, NULL);
	if (vocab_size(v) > rows)
		die("%s: the tokenizer has %zu tokens, the model only %zu",
			from, (size_t)vocab_size(v), rows);
	template_find(&t, v, from);
	vocab_write_gguf(to, v, &t, ids, rows);
	template_free(&t);
	vocab_free(v);
}
