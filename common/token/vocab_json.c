/* vocab_json.c - reads the tokenizer.json of Hugging Face tokenizers: see vocab.h */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonscan.h"
#include "common/token/vocab_build.h"

/* ---- reading ---- */

struct reader {
	struct vocab_build b;
	struct buf text;
};

static void add_added(struct reader *r, const struct json *e, const char *s,
	size_t n, uint32_t id)
{
	struct added_token t = { .content = (char *)s, .len = n, .id = id,
		.special = json_flag(e, "special", false),
		.single_word = json_flag(e, "single_word", false),
		.lstrip = json_flag(e, "lstrip", false),
		.rstrip = json_flag(e, "rstrip", false),
		.normalized = json_flag(e, "normalized", false) };

	vocab_build_added(&r->b, &t);
}

static void read_added(struct reader *r, const struct json *list)
{
	struct json_iter it;
	struct json e, content, id;
	const char *s;
	int64_t number;
	size_t n;

	json_begin(&it, list);
	while (json_next(&it, NULL, &e)) {
		json_get(&e, "content", &content);
		json_get(&e, "id", &id);
		if (!json_view(&content, &r->text, &s, &n) ||
			!json_int(&id, &number))
			die("%s: an entry of 'added_tokens' lacks 'content' "
				"or 'id'", r->b.name);
		if (number < 0 || number >= VOCAB_MAX)
			vocab_build_bad(&r->b, "invalid id of added token", s, n);
		if (n)
			add_added(r, &e, s, n, (uint32_t)number);
	}
}

/* Hugging Face's tokenizers give an added token that is not in the vocabulary the
 * next free id, whatever the file says; here the file's id counts. */
static void check_ids(const struct reader *r, size_t size)
{
	const struct vocab *v = r->b.v;
	size_t i, next = size;

	for (i = 0; i < v->nadded; i++) {
		const struct added_token *t = v->added[i];

		if (!t->in_vocab && t->id != next)
			warn("%s: the added token '%s' has id %" PRIu32 " by "
				"the file, %zu by Hugging Face's tokenizers",
				r->b.name, t->content, t->id, next);
		if (t->id >= next)
			next = (size_t)t->id + 1;
	}
}

/* ---- tokens ---- */

static void read_vocab(struct reader *r, const struct json *list)
{
	struct json_iter it;
	struct json key, value;
	const char *s;
	size_t n;
	int64_t id;

	json_begin(&it, list);
	while (json_next(&it, &key, &value)) {
		json_view(&key, &r->text, &s, &n);
		if (!json_int(&value, &id) || id < 0 || id >= VOCAB_MAX)
			vocab_build_bad(&r->b, "invalid id of token", s, n);
		vocab_build_token(&r->b, s, n, (uint32_t)id);
	}
}

/* ---- merges ---- */

/* A merge is ["a", "b"] or, in older files, "a b". */
static bool read_merge(struct reader *r, const struct json *e)
{
	int64_t left, right;
	struct json_iter it;
	struct json part;
	const char *s;
	size_t n;

	if (json_view(e, &r->text, &s, &n))
		return (n >= 8 && !memcmp(s, "#version", 8)) ||
			vocab_build_pair(&r->b, s, n);
	json_begin(&it, e);
	if (!json_next(&it, NULL, &part) ||
		!json_view(&part, &r->text, &s, &n))
		return false;
	left = vocab_build_find(&r->b, s, n);
	if (!json_next(&it, NULL, &part) ||
		!json_view(&part, &r->text, &s, &n))
		return false;
	right = vocab_build_find(&r->b, s, n);
	return !json_next(&it, NULL, &part) &&
		vocab_build_merge(&r->b, left, right);
}

static void read_merges(struct reader *r, const struct json *model)
{
	struct json_iter it;
	struct json list, e;

	if (!json_get(model, "merges", &list) || list.type != JSON_ARRAY)
		die("%s: 'model.merges' is missing or not an array", r->b.name);
	json_begin(&it, &list);
	while (json_next(&it, NULL, &e))
		if (!read_merge(r, &e))
			vocab_build_bad(&r->b, "parts or result not in the vocabulary: "
				"merge", e.p, e.n);
}

/* ---- refuse by name what would be done differently ---- */

/* Files of older releases have no type: with merges they are BPE, as Hugging Face
 * treats them. */
static void check_model(const struct json *model, const char *name)
{
	static const char *const affixes[] = { "continuing_subword_prefix",
		"end_of_word_suffix" };
	struct json v;
	double dropout;
	size_t i;

	if (json_get(model, "type", &v) ? !json_is_cstring(&v, "BPE") :
		!json_get(model, "merges", &v))
		die("%s: its model is not BPE: type %.*s", name,
			v.n > 80 ? 80 : (int)v.n, v.n ? v.p : "missing");
	for (i = 0; i < 2; i++)
		if (json_get(model, affixes[i], &v) && v.type != JSON_NULL &&
			!json_is_cstring(&v, ""))
			die("%s: model: '%s' is not supported", name,
				affixes[i]);
	if (json_get(model, "dropout", &v) && json_double(&v, &dropout) &&
		dropout != 0)
		die("%s: model: 'dropout' is not supported", name);
}

static void read_normalizer(struct vocab *v, const struct json *n,
	const char *name, int depth)
{
	struct json list, e, type;
	struct json_iter it;

	if (json_says(n, "type", "NFC")) {
		v->nfc = true;
	} else if (json_says(n, "type", "Sequence") && depth < 8 &&
		json_get(n, "normalizers", &list) && list.type == JSON_ARRAY) {
		json_begin(&it, &list);
		while (json_next(&it, NULL, &e))
			read_normalizer(v, &e, name, depth + 1);
	} else if (n->type != JSON_NONE && n->type != JSON_NULL) {
		json_get(n, "type", &type);
		die("%s: normalizer: the type %.*s is not supported", name,
			type.n > 80 ? 80 : (int)type.n,
			type.n ? type.p : "missing");
	}
}

static void read_steps(struct vocab *v, const struct json *root,
	const char *name)
{
	struct pretokenizer *steps;
	struct splitter *one;
	struct json pre;

	json_get(root, "pre_tokenizer", &pre);
	steps = pretokenizer_parse(&pre, name);
	one = pretokenizer_one(steps);
	if (one) {
		splitter_free(v->splitter);
		v->splitter = one;
		pretokenizer_free(steps);
	} else {
		v->steps = steps;
		v->steps_json = xstrndup(pre.p, pre.n);
	}
}

/* How the text between added tokens is normalized and split. */
static void read_splitting(struct vocab *v, const struct json *root,
	const struct json *model, const char *pattern, const char *name)
{
	struct json normalizer;

	if (!json_flag(model, "byte_fallback", false)) {
		if (!pattern)
			read_steps(v, root, name);
		json_get(root, "normalizer", &normalizer);
		read_normalizer(v, &normalizer, name, 0);
		return;
	}
	if (pattern)
		die_usage("%s: its model has 'byte_fallback', so no pattern "
			"splits its text", name);
	v->spaces = metaspace_parse(root, name, &v->nfc);
}

/* The token for bytes that have no token of their own. */
static void read_unknown(struct reader *r, const struct json *model)
{
	struct json unk;
	const struct added_token *t;
	const char *s;
	size_t n;

	if (r->b.v->spaces)
		vocab_build_spaces(&r->b);
	vocab_note_lacks(r->b.v);
	json_get(model, "unk_token", &unk);
	if (!json_view(&unk, &r->text, &s, &n))
		return;
	t = vocab_build_find_added(&r->b, s, n);
	r->b.v->unk = t && t->in_vocab ? t->id : vocab_build_find(&r->b, s, n);
	r->b.v->fuse_unk = json_flag(model, "fuse_unk", false);
	if (r->b.v->unk < 0 && r->b.v->lacking)
		vocab_build_bad(&r->b, "not in the vocabulary: unk_token", s, n);
	vocab_note_lacks(r->b.v);
}

static uint64_t line_of(const char *text, size_t at)
{
	uint64_t line = 1;
	size_t i;

	for (i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* A TemplateProcessing, alone or in a Sequence, whose texts begin with a special
 * token. */
static void read_post_processor(struct vocab *v, const struct json *p,
	int depth)
{
	struct json list, e, token;
	struct json_iter it;
	struct buf name = { 0 };

	if (json_says(p, "type", "Sequence") && depth < 8 &&
		json_get(p, "processors", &list) && list.type == JSON_ARRAY) {
		json_begin(&it, &list);
		while (json_next(&it, NULL, &e))
			read_post_processor(v, &e, depth + 1);
	}
	if (!json_says(p, "type", "TemplateProcessing") ||
		!json_get(p, "single", &list) || list.type != JSON_ARRAY)
		return;
	json_begin(&it, &list);
	if (json_next(&it, NULL, &e) && json_get(&e, "SpecialToken", &token) &&
		json_get(&token, "id", &e) && json_string(&e, &name))
		v->first = vocab_special(v, buf_end(&name));
	buf_free(&name);
}

struct vocab *vocab_parse_json(const char *text, size_t len, const char *name,
	const char *pattern)
{
	struct reader r = { .b.name = name };
	struct json root, model, list, v;
	struct json_error e;

	if (!json_check(text, len, &root, &e)) {
		vocab_check_kind(text, len, name);
		die("%s:%" PRIu64 ": %s", name, line_of(text, e.at), e.what);
	}
	if (!json_get(&root, "model", &model)) {
		vocab_check_kind(text, len, name);
		die("%s: not a tokenizer.json: 'model' is missing", name);
	}
	check_model(&model, name);
	r.b.v = vocab_new(pattern ? pattern : "gpt2", "--pattern");
	r.b.v->name = xstrdup(name);
	read_splitting(r.b.v, &root, &model, pattern, name);
	if (json_get(&root, "added_tokens", &list))
		read_added(&r, &list);
	if (!json_get(&model, "vocab", &list) || list.type != JSON_OBJECT)
		die("%s: 'model.vocab' is missing or not an object", name);
	read_vocab(&r, &list);
	check_ids(&r, json_count(&list));
	read_merges(&r, &model);
	read_unknown(&r, &model);
	json_get(&root, "post_processor", &v);
	read_post_processor(r.b.v, &v, 0);
	r.b.v->whole_words = json_flag(&model, "ignore_merges", false);
	vocab_index_added(r.b.v);
	vocab_build_end(&r.b);
	buf_free(&r.text);
	return r.b.v;
}
