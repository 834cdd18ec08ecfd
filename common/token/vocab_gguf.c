/* vocab_gguf.c - reads the vocabulary of a GGUF file: see vocab_gguf.h */
#include "common/token/vocab_gguf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/vocab_build.h"

#define KEY(name) "tokenizer.ggml." name

/* ---- how text is split ---- */

#define SUFFIX "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define BLANKS "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define QWEN SUFFIX "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" \
	"| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" BLANKS
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define TEKKEN "[^\\r\\n\\p{L}\\p{N}]?" UPPER "*" LOWER "+|" \
	"[^\\r\\n\\p{L}\\p{N}]?" UPPER "+" LOWER "*|" \
	"\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" BLANKS

/* Those of one pattern and one normalization have the preferred name first. */
static const struct gguf_pre pres[] = {
	{ "gpt-2", "gpt2", false, false, false },
	{ "smollm", "smollm", false, false, false },
	{ "starcoder", "smollm", false, false, false },
	{ "refact", "smollm", false, false, false },
	{ "llama-bpe", "cl100k", false, true, true },
	{ "llama3", "cl100k", false, true, true },
	{ "llama-v3", "cl100k", false, true, true },
	{ "gpt-4o", "o200k", false, false, false },
	{ "qwen2", QWEN, true, false, false },
	{ "deepseek-r1-qwen", QWEN, true, false, false },
	{ "tekken", TEKKEN, false, true, true },
};
#define NPRE (sizeof pres / sizeof *pres)

const struct gguf_pre *gguf_pre_at(size_t i)
{
	return i < NPRE ? &pres[i] : NULL;
}

static const struct gguf_pre *find_pre(const struct gguf *g)
{
	struct buf known = { 0 };
	const char *name;
	size_t i, n;

	for (i = 0; i < NPRE; i++)
		if (gguf_says(g, KEY("pre"), pres[i].name))
			return &pres[i];
	for (i = 0; i < NPRE; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", pres[i].name);
	name = gguf_text(g, KEY("pre"), &n);
	die("%s: how text is split, '" KEY("pre") "', is %s%.*s; supported "
		"are %s. tokenize can be told a pattern, -p", g->name,
		name ? "" : "missing", name ? n < 80 ? (int)n : 80 : 0,
		name ? name : "", known.p);
}

/* ---- tokens ---- */

static bool is_scored(const struct gguf *g)
{
	return gguf_says(g, KEY("model"), "llama");
}

static void check_model(const struct gguf *g)
{
	size_t n;
	const char *model = gguf_text(g, KEY("model"), &n);

	if (!model)
		die("%s: has no tokenizer: '" KEY("model") "' is missing; "
			"generate --ids takes ids", g->name);
	if (gguf_says(g, KEY("model"), "gpt2") || is_scored(g))
		return;
	die("%s: the tokenizer is of the type '%.*s', which is not supported, "
		"only byte-level BPE ('gpt2') and SentencePiece's ('llama'); "
		"generate --ids takes ids", g->name, n < 80 ? (int)n : 80,
		model);
}

static const struct gguf_value *need_array(const struct gguf *g,
	const char *key, enum gguf_elements kind)
{
	const struct gguf_value *v = gguf_array(g, key, kind);

	if (!v)
		die("%s: key '%s' is missing", g->name, key);
	return v;
}

static bool is_added(int64_t type)
{
	return type == GGUF_TOKEN_UNKNOWN || type == GGUF_TOKEN_CONTROL ||
		type == GGUF_TOKEN_USER;
}

static void check_type(const struct vocab_build *b, int64_t type, size_t id)
{
	if (!is_added(type) && type != GGUF_TOKEN_NORMAL &&
		type != GGUF_TOKEN_UNUSED &&
		(type != GGUF_TOKEN_BYTE || !b->v->spaces))
		die("%s: token %zu has type %" PRId64 ", which %s does not "
			"have", b->name, id, type, b->v->spaces ?
			"SentencePiece" : "byte-level BPE");
}

/* Each token in turn, with its type. */
static void each_token(struct vocab_build *b, const struct gguf_value *tokens,
	const struct gguf_value *types, void (*fn)(struct vocab_build *b,
	const char *s, size_t n, uint32_t id, int64_t type))
{
	const unsigned char *at = tokens->data;
	size_t id, n;

	for (id = 0; id < tokens->n; id++) {
		const char *s = gguf_next_text(&at, &n);

		fn(b, s, n, (uint32_t)id, gguf_integer_at(types, id));
	}
}

static void put_added(struct vocab_build *b, const char *s, size_t n,
	uint32_t id, int64_t type)
{
	struct added_token t = { .content = (char *)s, .len = n, .id = id,
		.special = type != GGUF_TOKEN_USER };

	check_type(b, type, id);
	if (!is_added(type))
		return;
	if (!n || memchr(s, 0, n))
		die("%s: token %" PRIu32 " is empty or contains NUL", b->name,
			id);
	vocab_build_added(b, &t);
}

static void put_token(struct vocab_build *b, const char *s, size_t n,
	uint32_t id, int64_t type)
{
	if (type == GGUF_TOKEN_BYTE && metaspace_byte(s, n) < 0)
		vocab_build_bad(b, "not spelled as a byte:", s, n);
	if (type != GGUF_TOKEN_UNUSED)
		vocab_build_token(b, s, n, id);
}

static void read_tokens(struct vocab_build *b, const struct gguf *g)
{
	const struct gguf_value *tokens = need_array(g, KEY("tokens"),
		GGUF_TEXTS);
	const struct gguf_value *types = need_array(g, KEY("token_type"),
		GGUF_INTEGERS);

	if (tokens->n > VOCAB_MAX || types->n != tokens->n)
		die("%s: %zu tokens with %zu types; at most %d are supported",
			g->name, tokens->n, types->n, VOCAB_MAX);
	each_token(b, tokens, types, put_added);
	each_token(b, tokens, types, put_token);
}

static void read_merges(struct vocab_build *b, const struct gguf *g)
{
	const struct gguf_value *v = need_array(g, KEY("merges"),
		GGUF_TEXTS);
	const unsigned char *at = v->data;
	size_t i, n;

	for (i = 0; i < v->n; i++) {
		const char *s = gguf_next_text(&at, &n);

		if (!vocab_build_pair(b, s, n))
			vocab_build_bad(b, "parts or result not in the "
				"vocabulary: merge", s, n);
	}
}

/* A number for each token, by which they are merged. */
static void read_scores(struct vocab_build *b, const struct gguf *g)
{
	const struct gguf_value *list = need_array(g, KEY("scores"),
		GGUF_REALS);
	size_t i, n = need_array(g, KEY("tokens"), GGUF_TEXTS)->n;
	float *score = xcalloc(n + 1, sizeof *score);

	if (list->n != n)
		die("%s: %zu scores of %zu tokens", g->name, list->n, n);
	for (i = 0; i < n; i++)
		score[i] = (float)gguf_real_at(list, i);
	vocab_build_scores(b, score);
	free(score);
}

/* ---- special ids ---- */

/* The token, if it is one of the vocabulary. */
static int64_t special_id(const struct gguf *g, const struct vocab *v,
	const char *name)
{
	char key[64];
	int64_t id;
	size_t n;

	snprintf(key, sizeof key, KEY("%s_token_id"), name);
	id = gguf_int(g, key, -1);
	return id >= 0 && id < (int64_t)vocab_size(v) &&
		vocab_bytes(v, (uint32_t)id, &n) ? id : -1;
}

char *vocab_gguf_name(const struct gguf *g, const struct vocab *v,
	const char *name)
{
	int64_t id = special_id(g, v, name);
	size_t n;
	const char *text = id < 0 ? NULL : vocab_bytes(v, (uint32_t)id, &n);

	return text ? xstrndup(text, n) : NULL;
}

/* llama.cpp adds the bos token unless told not to, for some. */
static void read_ends(struct vocab *v, const struct gguf *g, bool adds_bos)
{
	int64_t id = special_id(g, v, "eos");

	if (id >= 0 && vocab_is_special(v, (uint32_t)id))
		v->eos = id;
	if (gguf_bool(g, KEY("add_bos_token"), adds_bos))
		v->first = special_id(g, v, "bos");
}

/* ---- a file ---- */

bool vocab_gguf_has(const char *file)
{
	struct gguf *g = gguf_open(file);
	bool has = gguf_says(g, KEY("model"), "gpt2") || is_scored(g);

	gguf_close(g);
	return has;
}

static void read_byte_level(struct vocab_build *b, const struct gguf *g,
	const char *pattern)
{
	const struct gguf_pre *pre = pattern ? NULL : find_pre(g);

	b->v = vocab_new(pre ? pre->pattern : pattern, "--pattern");
	b->v->nfc = pre && pre->nfc;
	b->v->whole_words = pre && pre->whole_words;
	read_tokens(b, g);
	read_merges(b, g);
	vocab_note_lacks(b->v);
	read_ends(b->v, g, pre && pre->adds_bos);
}

static void read_scored(struct vocab_build *b, const struct gguf *g,
	const char *pattern)
{
	if (pattern)
		die_usage("%s: its tokenizer is SentencePiece's, so no "
			"pattern splits its text", g->name);
	b->v = vocab_new("gpt2", "");
	b->v->spaces = metaspace_new(gguf_bool(g, KEY("add_space_prefix"),
		true) ? METASPACE_ALWAYS : METASPACE_NEVER);
	read_tokens(b, g);
	read_scores(b, g);
	b->v->fuse_unk = true;
	b->v->unk = special_id(g, b->v, "unknown");
	read_ends(b->v, g, true);
}

struct vocab *vocab_open_gguf(const char *file, const char *pattern)
{
	struct gguf *g = gguf_open(file);
	struct vocab_build b = { .name = file };

	check_model(g);
	if (is_scored(g))
		read_scored(&b, g, pattern);
	else
		read_byte_level(&b, g, pattern);
	b.v->name = xstrdup(file);
	vocab_index_added(b.v);
	vocab_build_end(&b);
	gguf_close(g);
	return b.v;
}
