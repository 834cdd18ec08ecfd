/* template.c - finds or makes the chat template: see template.h */
#include "common/token/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsontree.h"
#include "common/format/whatis.h"
#include "common/token/template_parts.h"
#include "common/token/vocab_gguf.h"
#include "common/token/vocab_parts.h"

/* A built-in template, NAME.jinja, and the special tokens that it places. In
 * chatml, tools and calls of them have the form that Hermes and Qwen use; what
 * the other two cannot express they refuse rather than drop it. */
struct built_in {
	const char *name, *text, *end;
	const char *tokens[4], *bos, *eos;
};

extern const char chatml_jinja[], chatml_jinja_end[];
extern const char llama3_jinja[], llama3_jinja_end[];
extern const char plain_jinja[], plain_jinja_end[];

static const struct built_in built_ins[] = {
	{ "chatml", chatml_jinja, chatml_jinja_end,
	  { "<|im_start|>", "<|im_end|>" }, NULL, "<|im_end|>" },
	{ "llama3", llama3_jinja, llama3_jinja_end,
	  { "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
	    "<|eot_id|>" }, "<|begin_of_text|>", "<|eot_id|>" },
	{ "plain", plain_jinja, plain_jinja_end, { NULL }, NULL, NULL },
};
#define NBUILT (sizeof built_ins / sizeof *built_ins)

static const char *const name_keys[TEMPLATE_NAMES] = { "bos_token",
	"eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
	"mask_token" };

/* ---- common to all templates ---- */

static void set_name(struct template *t, const char *key, const char *value)
{
	size_t i;

	for (i = 0; i < TEMPLATE_NAMES; i++) {
		t->names[i].key = name_keys[i];
		if (strcmp(key, name_keys[i]) || !value)
			continue;
		free(t->names[i].value);
		t->names[i].value = xstrdup(value);
	}
}

/* Special tokens that take adjacent white space, according to tokenizer.json. */
static void set_strips(struct template *t)
{
	size_t i;

	for (i = 0; i < t->vocab->nadded; i++) {
		const struct added_token *a = t->vocab->added[i];
		uint64_t *value = map_get(&t->specials, a->content, a->len);

		if (value && a->lstrip)
			*value |= TEMPLATE_LSTRIP;
		if (value && a->rstrip)
			*value |= TEMPLATE_RSTRIP;
	}
}

static void begin(struct template *t, const struct vocab *v)
{
	uint32_t id;

	*t = (struct template){ .vocab = v, .close = -1 };
	set_name(t, "", NULL);
	for (id = 0; id < vocab_size(v); id++) {
		size_t n;
		const char *name = vocab_bytes(v, id, &n);

		if (!name || !n || !vocab_is_special(v, id))
			continue;
		*map_put(&t->specials, name, n, NULL) = id;
		if (n > t->longest)
			t->longest = n;
	}
	set_strips(t);
}

/* Takes ownership of text. Returns false and sets t->why if it cannot be parsed. */
static bool set_text(struct template *t, char *text, size_t n,
	const char *name)
{
	t->source = text;
	t->length = n;
	t->jinja = jinja_parse(text, n, name, &t->why);
	if (t->jinja)
		template_probe(t);
	return t->jinja != NULL;
}

void template_free(struct template *t)
{
	size_t i;

	jinja_free(t->jinja);
	map_free(&t->specials);
	free(t->why);
	free(t->source);
	free(t->opening);
	for (i = 0; i < TEMPLATE_NAMES; i++)
		free(t->names[i].value);
	*t = (struct template){ 0 };
}

/* ---- built-in templates ---- */

static bool has_tokens(const struct vocab *v, const struct built_in *b)
{
	size_t i;

	for (i = 0; i < 4 && b->tokens[i]; i++)
		if (vocab_special(v, b->tokens[i]) < 0)
			return false;
	return i > 0;
}

static const char *eot_name(const struct vocab *v, char *text, size_t size)
{
	int64_t eot = vocab_eot(v);
	size_t n = 0;
	const char *name = eot < 0 ? NULL : vocab_bytes(v, (uint32_t)eot, &n);

	if (!name || n >= size)
		return NULL;
	snprintf(text, size, "%.*s", (int)n, name);
	return text;
}

static void use_built_in(struct template *t, const struct built_in *b)
{
	char eot[256];
	const char *end = eot_name(t->vocab, eot, sizeof eot);
	size_t n = (size_t)(b->end - b->text);

	set_name(t, "bos_token", b->bos);
	set_name(t, "eos_token", b->eos ? b->eos : end);
	set_name(t, "pad_token", end);
	t->built_in = true;
	set_text(t, xstrndup(b->text, n), n, b->name);
}

static const struct built_in *find_built_in(const char *name)
{
	size_t i;

	for (i = 0; i < NBUILT; i++)
		if (!strcmp(built_ins[i].name, name))
			return &built_ins[i];
	return NULL;
}

void template_choose(struct template *t, struct vocab *v, const char *name)
{
	const struct built_in *b = find_built_in(name);
	size_t i, n;
	char *text;

	for (i = 0; b && i < 4 && b->tokens[i]; i++)
		vocab_add_special(v, b->tokens[i]);
	if (b && !b->eos && vocab_eot(v) < 0)
		die("the template '%s' needs an end-of-text token, such as "
			"<|endoftext|>, but the tokenizer has none", name);
	if (!b && !file_exists(name))
		die_usage("the template '%s' is not chatml, llama3 or "
			"plain, nor a file", name);
	begin(t, v);
	if (b) {
		use_built_in(t, b);
		return;
	}
	text = file_read(name, &n);
	if (!strstr(text, "{{") && !strstr(text, "{%"))
		die("%s: not a chat template: there is no {{ }} or {%% %%} in "
			"it%s", name, whatis_note(name));
	if (!set_text(t, text, n, name))
		die("%s", t->why);
}

bool template_equal(const struct template *a, const struct template *b)
{
	return a->length == b->length && (!a->length ||
		!memcmp(a->source, b->source, a->length));
}

/* ---- templates of models ---- */

/* A name is a string, or an object with the string in its content. */
static void take_names(struct template *t, const struct jsontree *c)
{
	size_t i;

	for (i = 0; i < TEMPLATE_NAMES; i++) {
		const struct jsontree_value *v = jsontree_get(jsontree_root(c),
			name_keys[i]);

		if (jsontree_type(v) == JSONTREE_OBJECT)
			v = jsontree_get(v, "content");
		set_name(t, name_keys[i], jsontree_text(v, NULL));
	}
}

/* The value of "chat_template": a string, or the entry "default" of a list; NULL
 * when it is missing. */
static char *take_template(const struct jsontree *c, size_t *n)
{
	const struct jsontree_value *v = jsontree_get(jsontree_root(c),
		"chat_template"), *only = NULL;
	const char *text;
	size_t i;

	for (i = 0; jsontree_type(v) == JSONTREE_ARRAY && i < jsontree_size(v); i++) {
		const struct jsontree_value *e = jsontree_at(v, i);

		if (!only || !strcmp(jsontree_string(c, e, "name", ""),
				"default"))
			only = jsontree_get(e, "template");
	}
	text = jsontree_text(jsontree_type(v) == JSONTREE_ARRAY ? only : v, n);
	return text ? xstrndup(text, *n) : NULL;
}

/* Reads the names of special tokens from DIR/name, and returns the template in
 * it, if any. */
static char *read_config(struct template *t, const char *dir,
	const char *name, char **where, size_t *n)
{
	char *file = path_join(dir, name), *text = NULL;
	struct jsontree *c;

	if (file_exists(file)) {
		c = jsontree_open(file);
		take_names(t, c);
		text = take_template(c, n);
		jsontree_close(c);
	}
	*where = file;
	return text;
}

/* The template of a directory, which the caller frees, or NULL; *where, also to
 * be freed, is its file. transformers prefers a separate template file, and
 * writes one since 4.52. */
static char *read_template(struct template *t, const char *dir, char **where,
	size_t *n)
{
	static const char *const configs[] = { "special_tokens_map.json",
		"tokenizer_config.json", "chat_template.json" };
	char *own = path_join(dir, "chat_template.jinja"), *text = NULL;
	size_t i, mark;

	*where = NULL;
	for (i = 0; i < 3 && !text; i++) {
		free(*where);
		text = read_config(t, dir, configs[i], where, n);
	}
	if (file_exists(own)) {
		free(text);
		free(*where);
		*where = own;
		text = file_read(own, n);
		mark = utf8_mark(text, *n);
		*n -= mark;
		memmove(text, text + mark, *n + 1);
		return text;
	}
	free(own);
	return text;
}

/* The same of a GGUF file. */
static char *read_gguf(struct template *t, const char *file, size_t *n)
{
	static const char *const keys[TEMPLATE_NAMES] = { "bos", "eos",
		"unknown", "seperator", "padding", "cls", "mask" };
	struct gguf *g = gguf_open(file);
	const char *text = gguf_text(g, "tokenizer.chat_template", n);
	char *copy = text && *n ? xstrndup(text, *n) : NULL;
	size_t i;

	for (i = 0; i < TEMPLATE_NAMES; i++) {
		char *name = vocab_gguf_name(g, t->vocab, keys[i]);

		set_name(t, name_keys[i], name);
		free(name);
	}
	gguf_close(g);
	return copy;
}

static bool find_by_tokens(struct template *t)
{
	size_t i;

	for (i = 0; i < NBUILT; i++)
		if (has_tokens(t->vocab, &built_ins[i])) {
			use_built_in(t, &built_ins[i]);
			return true;
		}
	t->why = xstrdup("the model has no chat template: sft trains models "
		"that chat");
	return false;
}

bool template_find(struct template *t, const struct vocab *v, const char *dir)
{
	char *where = NULL, *home, *text;
	size_t n = 0;
	bool found;

	begin(t, v);
	home = dir ? vocab_home(dir) : NULL;
	if (home && !file_is_dir(home) && gguf_is(home)) {
		text = read_gguf(t, home, &n);
		where = xstrdup(home);
	} else {
		text = home ? read_template(t, home, &where, &n) : NULL;
	}
	free(home);
	found = text ? set_text(t, text, n, where) : find_by_tokens(t);
	free(where);
	return found;
}

int64_t template_stop(const struct template *t)
{
	return t->close;
}
