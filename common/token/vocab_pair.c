/* vocab_pair.c - reads vocab.json with merges.txt: see vocab.h
 *
 * This is the older form of tokenizer.json; GPT-2's tokenizer is the best known.
 * It is converted to tokenizer.json and read as such. How text is split depends
 * on the class named in tokenizer_config.json; added tokens are in up to three
 * files next to it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsontree.h"
#include "common/format/jsonscan.h"
#include "common/format/jsonwrite.h"
#include "common/token/vocab_parts.h"

#define LEVEL(prefix, regex) "{\"type\":\"ByteLevel\",\"add_prefix_space\":" \
	prefix ",\"use_regex\":" regex "}"
#define QWEN "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" \
	"| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/* Classes of transformers, without "Fast" at the end, and the special tokens that
 * they have when no file names any. */
static const struct class {
	const char *name, *split;	/* NULL: GPT-2's */
	bool nfc;
	const char *specials[5];
} classes[] = {
	{ "GPT2Tokenizer", NULL, false, { "<|endoftext|>" } },
	{ "CodeGenTokenizer", NULL, false, { "<|endoftext|>" } },
	{ "WhisperTokenizer", NULL, false, { "<|endoftext|>" } },
	{ "GPTNeoXTokenizer", NULL, true, { "<|endoftext|>", "<|padding|>" } },
	{ "RobertaTokenizer", NULL, false, { "<s>", "</s>", "<unk>", "<pad>",
		"<mask>" } },
	{ "BartTokenizer", NULL, false, { "<s>", "</s>", "<unk>", "<pad>",
		"<mask>" } },
	{ "Qwen2Tokenizer", QWEN, true, { "<|endoftext|>" } },
};

struct pair {
	const char *name;	/* of vocab.json */
	size_t stem;		/* its length up to "vocab.json" */
	struct json vocab;
	struct buf json;	/* the resulting tokenizer.json */
	struct map listed;
	const struct class *class;
	bool prefix;
};

static char *sibling(const struct pair *p, const char *name)
{
	struct buf b = { 0 };

	buf_add(&b, p->name, p->stem);
	buf_str(&b, name);
	return b.p;
}

/* Opens a file in the directory of vocab.json; NULL when it is missing. */
static struct jsontree *open_beside(const struct pair *p, const char *name)
{
	const char *slash = strrchr(p->name, '/');
	char *dir = slash ? xstrndup(p->name, (size_t)(slash - p->name)) :
		xstrdup(".");
	char *path = path_join(dir, name);
	struct jsontree *c = file_exists(path) ? jsontree_open(path) : NULL;

	free(dir);
	free(path);
	return c;
}

static void add_flag(struct pair *p, const struct jsontree *c,
	const struct jsontree_value *e, const char *key, bool otherwise)
{
	bool object = e && jsontree_type(e) == JSONTREE_OBJECT;

	buf_printf(&p->json, ",\"%s\":%s", key, (object ?
		jsontree_bool(c, e, key, otherwise) : otherwise) ?
		"true" : "false");
}

/* Lists a token once, with the vocabulary's id or the given one; a token with
 * neither is skipped. c and e, which may be NULL, hold its flags. */
static void list_token(struct pair *p, const char *content, int64_t id,
	bool special, const struct jsontree *c, const struct jsontree_value *e)
{
	struct json known;
	bool is_new;

	if (json_get(&p->vocab, content, &known) && !json_int(&known, &id))
		die("%s: invalid id of token '%s'", p->name, content);
	if (id < 0 || !*content)
		return;
	map_put(&p->listed, content, strlen(content), &is_new);
	if (!is_new)
		return;
	buf_printf(&p->json, "%s{\"id\":%" PRId64 ",\"content\":",
		p->listed.n > 1 ? "," : "", id);
	json_add_string(&p->json, content, strlen(content));
	add_flag(p, c, e, "lstrip", false);
	add_flag(p, c, e, "rstrip", false);
	add_flag(p, c, e, "single_word", false);
	add_flag(p, c, e, "normalized", !special);
	add_flag(p, c, e, "special", special);
	buf_putc(&p->json, '}');
}

/* A string, an object with the string in its content, or a list of these. */
static void list_special(struct pair *p, const struct jsontree *c,
	const struct jsontree_value *e)
{
	size_t i;
	const char *text = jsontree_text(jsontree_type(e) == JSONTREE_OBJECT ?
		jsontree_get(e, "content") : e, NULL);

	if (text)
		list_token(p, text, -1, true, c, e);
	for (i = 0; jsontree_type(e) == JSONTREE_ARRAY && i < jsontree_size(e); i++)
		if (jsontree_type(jsontree_at(e, i)) != JSONTREE_ARRAY)
			list_special(p, c, jsontree_at(e, i));
}

static void list_decoder(struct pair *p, const struct jsontree *c)
{
	const struct jsontree_value *list, *e, *name;
	const char *key;
	void *state = NULL;

	list = jsontree_get(jsontree_root(c), "added_tokens_decoder");
	while (list && jsontree_next(list, &state, &key, &e)) {
		name = jsontree_get(e, "content");
		if (jsontree_text(name, NULL))
			list_token(p, jsontree_text(name, NULL), atol(key),
				jsontree_bool(c, e, "special", true), c, e);
	}
}

static void list_config(struct pair *p)
{
	static const char *const roles[] = { "bos_token", "eos_token",
		"unk_token", "pad_token", "sep_token", "cls_token",
		"mask_token" };
	struct jsontree *c = open_beside(p, "tokenizer_config.json");
	const struct jsontree_value *e;
	size_t i;

	if (!c)
		return;
	list_decoder(p, c);
	for (i = 0; i < sizeof roles / sizeof *roles; i++)
		if ((e = jsontree_get(jsontree_root(c), roles[i])) != NULL)
			list_special(p, c, e);
	jsontree_close(c);
}

static void list_files(struct pair *p)
{
	struct jsontree *c = open_beside(p, "special_tokens_map.json");
	const struct jsontree_value *e;
	void *state = NULL;
	const char *key;

	list_config(p);
	while (c && jsontree_next(jsontree_root(c), &state, &key, &e))
		list_special(p, c, e);
	if (c)
		jsontree_close(c);
	c = open_beside(p, "added_tokens.json");
	state = NULL;
	while (c && jsontree_next(jsontree_root(c), &state, &key, &e))
		list_token(p, key, jsontree_integer(e), false, NULL, NULL);
	if (c)
		jsontree_close(c);
}

/* Reads from tokenizer_config.json how to split. */
static void find_class(struct pair *p, bool needed)
{
	struct jsontree *c = open_beside(p, "tokenizer_config.json");
	const char *name = c ? jsontree_string(c, NULL, "tokenizer_class",
		classes[0].name) : classes[0].name;
	size_t i, n = strlen(name);

	n -= name_ends(name, "Fast") ? 4 : 0;
	for (i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strlen(classes[i].name) == n &&
			!strncmp(classes[i].name, name, n))
			p->class = &classes[i];
	if (!p->class && needed)
		die("%s: the tokenizer_class '%s' is not supported without a "
			"tokenizer.json", jsontree_name(c), name);
	if (!p->class)
		p->class = &classes[0];
	p->prefix = c && jsontree_bool(c, NULL, "add_prefix_space", false);
	if (c)
		jsontree_close(c);
}

static void add_pre_tokenizer(struct pair *p)
{
	buf_printf(&p->json, ",\"normalizer\":%s,\"pre_tokenizer\":",
		p->class->nfc ? "{\"type\":\"NFC\"}" : "null");
	if (!p->class->split) {
		buf_str(&p->json, p->prefix ? LEVEL("true", "true") :
			LEVEL("false", "true"));
		return;
	}
	buf_str(&p->json, "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
		"\"Split\",\"pattern\":{\"Regex\":");
	json_add_string(&p->json, p->class->split, strlen(p->class->split));
	buf_printf(&p->json, "},\"behavior\":\"Isolated\"},%s]}", p->prefix ?
		LEVEL("true", "false") : LEVEL("false", "false"));
}

/* Each line is a merge, except a first one with the version. */
static void add_merges(struct pair *p)
{
	char *path = sibling(p, "merges.txt"), *text, *s, *end;
	const char *sep = "";
	size_t len;

	if (!file_exists(path))
		die("%s: %s is missing", p->name, path);
	text = file_read(path, &len);
	for (s = text + utf8_mark(text, len); s < text + len; s = end + 1) {
		size_t n;

		end = memchr(s, '\n', len - (size_t)(s - text));
		if (!end)
			end = text + len;
		n = (size_t)(end - s);
		n -= n && s[n - 1] == '\r';
		if (!n)
			continue;
		buf_str(&p->json, sep);
		json_add_string(&p->json, s, n);
		sep = ",";
	}
	free(text);
	free(path);
}

static void make_json(struct pair *p, const char *pattern)
{
	size_t i;

	find_class(p, !pattern);
	buf_str(&p->json, "{\"added_tokens\":[");
	list_files(p);
	for (i = 0; i < 5 && p->class->specials[i]; i++)
		list_token(p, p->class->specials[i], -1, true, NULL, NULL);
	buf_putc(&p->json, ']');
	add_pre_tokenizer(p);
	buf_str(&p->json, ",\"model\":{\"type\":\"BPE\",\"vocab\":");
	buf_add(&p->json, p->vocab.p, p->vocab.n);
	buf_str(&p->json, ",\"merges\":[");
	add_merges(p);
	buf_str(&p->json, "]}}");
}

struct vocab *vocab_open_pair(const char *name, const char *pattern)
{
	struct pair p = { .name = name };
	struct json_error e;
	struct vocab *v;
	char *text;
	size_t len, mark;

	if (!name_ends(name, "vocab.json"))
		return NULL;
	p.stem = strlen(name) - strlen("vocab.json");
	text = file_read(name, &len);
	mark = utf8_mark(text, len);
	if (!json_check(text + mark, len - mark, &p.vocab, &e))
		die("%s: at byte %zu: %s", name, e.at + 1, e.what);
	if (p.vocab.type != JSON_OBJECT)
		die("%s: not an object of tokens and ids", name);
	make_json(&p, pattern);
	v = vocab_parse_json(p.json.p, p.json.n, name, pattern);
	map_free(&p.listed);
	buf_free(&p.json);
	free(text);
	return v;
}
