/* vocab_dir.c - reads the vocabulary of a model directory: see vocab.h */
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/jsontree.h"
#include "common/token/vocab_parts.h"

/* A special token is a string, or an object with the string in its content. */
static const char *token_name(const struct jsontree_value *v)
{
	if (v && jsontree_type(v) == JSONTREE_OBJECT)
		v = jsontree_get(v, "content");
	return jsontree_text(v, NULL);
}

static bool is_listed(const struct vocab *v, const char *content)
{
	size_t i;

	for (i = 0; i < v->nadded; i++)
		if (!strcmp(v->added[i]->content, content))
			return true;
	return vocab_special(v, content) >= 0;
}

static bool is_spelled(const struct vocab *v, uint32_t id, const char *content)
{
	struct buf mapped = { 0 };
	bool same;

	vocab_spell(v, &mapped, id);
	same = !strcmp(buf_end(&mapped), content);
	buf_free(&mapped);
	return same && v->tokens[id].kind == TOKEN_ORDINARY;
}

/* An entry of added_tokens_decoder that the vocabulary's own list lacks. If it
 * does not say, it counts as special, so that no text is encoded to it. */
static void add_entry(struct vocab *v, const struct jsontree *c, const char *key,
	const struct jsontree_value *e)
{
	const char *name = token_name(e);
	char *end;
	unsigned long id = strtoul(key, &end, 10);
	struct added_token t = { .content = (char *)name, .id = (uint32_t)id };
	size_t n;

	if (!name || !*name || *end || end == key || id >= VOCAB_MAX)
		die("%s: an entry of 'added_tokens_decoder' has an invalid id or "
			"content", jsontree_name(c));
	if (is_listed(v, name))
		return;
	t.len = strlen(name);
	t.special = jsontree_bool(c, e, "special", true);
	t.single_word = jsontree_bool(c, e, "single_word", false);
	t.lstrip = jsontree_bool(c, e, "lstrip", false);
	t.rstrip = jsontree_bool(c, e, "rstrip", false);
	t.normalized = jsontree_bool(c, e, "normalized", !t.special);
	if (vocab_bytes(v, t.id, &n)) {
		if (!is_spelled(v, t.id, name))
			die("%s: the added token '%s' has the id of another "
				"token, %lu", jsontree_name(c), name, id);
		t.in_vocab = true;
	} else {
		vocab_put_text(v, t.id, name, t.len, t.special);
	}
	vocab_put_added(v, &t);
}

/* Reads the tokens that only tokenizer_config.json has, and which of them ends a
 * document. */
static void read_config(struct vocab *v, const char *file)
{
	struct jsontree *c = jsontree_open(file);
	const struct jsontree_value *root = jsontree_root(c), *list, *e;
	const char *key, *name;
	void *state = NULL;

	list = jsontree_get(root, "added_tokens_decoder");
	while (list && jsontree_next(list, &state, &key, &e))
		add_entry(v, c, key, e);
	vocab_index_added(v);
	name = token_name(jsontree_get(root, "eos_token"));
	if (name)
		v->eos = vocab_special(v, name);
	jsontree_close(c);
}

struct vocab *vocab_open_file(const char *name, const char *pattern)
{
	struct vocab *v = vocab_open_pair(name, pattern);
	char *text;
	size_t len;

	if (v)
		return v;
	text = file_read(name, &len);
	v = vocab_parse(text, len, name, pattern);
	free(text);
	return v;
}

struct vocab *vocab_open_dir(const char *dir, const char *pattern)
{
	char *path = path_join(dir, "tokenizer.json"), *pair, *config;
	struct vocab *v;

	pair = path_join(dir, "vocab.json");
	if (!file_exists(path) && !file_exists(pair))
		die("%s: missing: copy the tokenizer that the model's "
			"tokens were made with there (that file, or vocab.json "
			"and merges.txt)", path);
	v = vocab_open_file(file_exists(path) ? path : pair, pattern);
	config = path_join(dir, "tokenizer_config.json");
	if (file_exists(config))
		read_config(v, config);
	free(path);
	free(pair);
	free(config);
	return v;
}
