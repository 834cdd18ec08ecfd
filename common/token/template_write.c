/* template_write.c - writes the tokenizer files of a model directory: see
 * template.h
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/format/jsonwrite.h"
#include "common/token/template.h"

static void add_name(struct buf *b, const char *key, const char *name,
	size_t n)
{
	json_add_key(b, key);
	if (name)
		json_add_string(b, name, n);
	else
		buf_str(b, "null");
}

static void add_decoder(struct buf *b, const struct vocab *v)
{
	const char *sep = "";
	uint32_t id;
	size_t n;

	json_add_key(b, "added_tokens_decoder");
	buf_putc(b, '{');
	for (id = 0; id < vocab_size(v); id++) {
		const char *name;

		if (!vocab_is_special(v, id))
			continue;
		name = vocab_bytes(v, id, &n);
		buf_printf(b, "%s\"%" PRIu32 "\":{\"content\":", sep, id);
		json_add_string(b, name, n);
		buf_str(b, ",\"lstrip\":false,\"normalized\":false,"
			"\"rstrip\":false,\"single_word\":false,"
			"\"special\":true}");
		sep = ",";
	}
	buf_putc(b, '}');
}

/* For a base model: the end-of-document token, for both names. */
static void add_base_names(struct buf *b, const struct vocab *v)
{
	int64_t id = vocab_eot(v);
	size_t n = 0;
	const char *name = id < 0 ? NULL : vocab_bytes(v, (uint32_t)id, &n);

	add_name(b, "bos_token", NULL, 0);
	add_name(b, "eos_token", name, n);
	add_name(b, "pad_token", name, n);
}

/* The names that the template uses. */
static void add_names(struct buf *b, const struct template *t)
{
	size_t i;

	for (i = 0; i < TEMPLATE_NAMES; i++) {
		const struct template_name *n = &t->names[i];
		bool usual = !strcmp(n->key, "bos_token") ||
			!strcmp(n->key, "eos_token") ||
			!strcmp(n->key, "pad_token");

		if (n->value || usual)
			add_name(b, n->key, n->value, n->value ?
				strlen(n->value) : 0);
	}
}

/* Removes a file of an earlier model that would take precedence. */
static void remove_other(const char *dir, const char *name)
{
	char *file = path_join(dir, name);

	unlink(file);
	free(file);
}

void template_write_tokenizer(const struct template *t, const struct vocab *v,
	const char *dir, int context)
{
	struct buf b = { 0 };
	char *vocab_path = path_join(dir, "tokenizer.json");
	char *path = path_join(dir, "tokenizer_config.json");

	buf_str(&b, "{\"tokenizer_class\":\"PreTrainedTokenizerFast\"");
	add_decoder(&b, v);
	if (t)
		add_names(&b, t);
	else
		add_base_names(&b, v);
	json_add_key(&b, "clean_up_tokenization_spaces");
	buf_str(&b, "false");
	json_add_key(&b, "model_max_length");
	json_add_int(&b, context);
	if (t) {
		json_add_key(&b, "chat_template");
		json_add_string(&b, t->source, t->length);
	}
	buf_str(&b, "}\n");
	vocab_write_json(v, vocab_path);
	file_write(path, b.p, b.n);
	remove_other(dir, "chat_template.jinja");
	remove_other(dir, "chat_template.json");
	remove_other(dir, "special_tokens_map.json");
	buf_free(&b);
	free(vocab_path);
	free(path);
}
