/* vocab_json.c - reads the tokenizer.json of Hugging Face tokenizers: see vocab.h */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonscan.h"
#include "common/token/vocab_parts.h"

/* ---- the byte alphabet ---- */

/* GPT-2 represents bytes by visible characters: printable Latin-1 characters by
 * themselves, the other 68 in order from U+0100 on. */
static bool stands_for_itself(uint32_t c)
{
	return (c > 32 && c < 127) || (c > 160 && c < 256 && c != 173);
}

uint32_t vocab_byte_char(unsigned char byte)
{
	if (stands_for_itself(byte))
		return byte;
	return byte <= 32 ? 256u + byte : byte == 173 ? 323u :
		256u + 33 + (byte - 127u);
}

static int char_byte(uint32_t c)
{
	if (stands_for_itself(c))
		return (int)c;
	if (c < 256 || c > 323)
		return -1;
	c -= 256;
	return c < 33 ? (int)c : c < 67 ? (int)c - 33 + 127 : 173;
}

/* Converts a token in GPT-2's byte alphabet ("Ġthe"), as in files, to at most len
 * bytes in out. Returns their number, or -1 when a character is not in that
 * alphabet. */
static long unmap_bytes(const char *text, size_t len, char *out)
{
	size_t i = 0;
	long n = 0;

	while (i < len) {
		uint32_t c;
		int byte;

		i += (size_t)utf8_decode(text + i, len - i, &c, NULL);
		byte = char_byte(c);
		if (byte < 0)
			return -1;
		out[n++] = (char)byte;
	}
	return n;
}

void vocab_add_mapped(struct buf *b, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		b->n += (size_t)utf8_encode(buf_room(b, 4),
			vocab_byte_char((unsigned char)bytes[i]));
}

/* ---- reading ---- */

struct reader {
	const char *name;
	struct vocab *v;
	struct map added;	/* content to index + 1 in v->added */
	struct buf text, bytes;
};

/* The bytes that a string of the file represents; false when it is not in the
 * byte alphabet. */
static bool unmap(struct reader *r, const char *s, size_t n, const char **bytes,
	size_t *len)
{
	long got;

	buf_reset(&r->bytes);
	got = unmap_bytes(s, n, buf_room(&r->bytes, n));
	*bytes = r->bytes.p;
	*len = (size_t)got;
	return got >= 0;
}

static _Noreturn void bad(const struct reader *r, const char *what,
	const char *s, size_t n)
{
	die("%s: %s '%.*s'", r->name, what, n > 80 ? 80 : (int)n, s);
}

/* Duplicate contents count once, as for Hugging Face. */

static void add_added(struct reader *r, const struct json *e, const char *s,
	size_t n, uint32_t id)
{
	struct added_token t = { .content = (char *)s, .len = n, .id = id,
		.special = json_flag(e, "special", false),
		.single_word = json_flag(e, "single_word", false),
		.lstrip = json_flag(e, "lstrip", false),
		.rstrip = json_flag(e, "rstrip", false),
		.normalized = json_flag(e, "normalized", false) };
	bool is_new;
	uint64_t *place = map_put(&r->added, s, n, &is_new);

	if (!is_new)
		return;
	if (!vocab_put_text(r->v, id, s, n, t.special))
		bad(r, "duplicate or too large id of added token", s, n);
	vocab_put_added(r->v, &t);
	*place = r->v->nadded;
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
				"or 'id'", r->name);
		if (number < 0 || number >= VOCAB_MAX)
			bad(r, "invalid id of added token", s, n);
		if (n)
			add_added(r, &e, s, n, (uint32_t)number);
	}
}

/* Hugging Face's tokenizers give an added token that is not in the vocabulary the
 * next free id, whatever the file says; here the file's id counts. */
static void check_ids(const struct reader *r, size_t size)
{
	const struct vocab *v = r->v;
	size_t i, next = size;

	for (i = 0; i < v->nadded; i++) {
		const struct added_token *t = v->added[i];

		if (!t->in_vocab && t->id != next)
			warn("%s: the added token '%s' has id %" PRIu32 " by "
				"the file, %zu by Hugging Face's tokenizers",
				r->name, t->content, t->id, next);
		if (t->id >= next)
			next = (size_t)t->id + 1;
	}
}

/* ---- tokens ---- */

static struct added_token *find_added(const struct reader *r, const char *s,
	size_t n)
{
	const uint64_t *i = map_get(&r->added, s, n);

	return i ? r->v->added[*i - 1] : NULL;
}

/* An added token that merges make, or that represents a byte, is an ordinary
 * token too. Returns its id, or -1 when s is not in the vocabulary. */
static int64_t make_ordinary(struct reader *r, const char *s, size_t n)
{
	struct added_token *t = find_added(r, s, n);
	const char *bytes;
	size_t len;

	if (!t || !t->in_vocab || !unmap(r, s, n, &bytes, &len) ||
		!vocab_make_ordinary(r->v, t->id, bytes, len))
		return -1;
	if (t->special)
		warn("%s: the special token '%.*s' is an ordinary token too: "
			"text can spell it", r->name, n > 80 ? 80 : (int)n, s);
	return t->id;
}

static bool is_of_byte(struct reader *r, const char *s, size_t n)
{
	const char *bytes;
	size_t len;

	return n <= 2 && unmap(r, s, n, &bytes, &len) && len == 1;
}

/* A key that is not in the byte alphabet is a token that no text gives. */
static void read_token(struct reader *r, const char *s, size_t n, uint32_t id)
{
	struct added_token *t = find_added(r, s, n);
	const char *bytes;
	size_t len;
	bool good;

	if (t) {
		if (t->id != id)
			bad(r, "id differs from that in 'model.vocab': added "
				"token", s, n);
		t->in_vocab = true;
		if (is_of_byte(r, s, n))
			make_ordinary(r, s, n);
		return;
	}
	good = unmap(r, s, n, &bytes, &len) ?
		vocab_put(r->v, id, bytes, len) :
		vocab_put_text(r->v, id, s, n, false);
	if (!good)
		bad(r, "empty or duplicate token, or duplicate id:", s, n);
}

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
			bad(r, "invalid id of token", s, n);
		read_token(r, s, n, (uint32_t)id);
	}
}

/* ---- merges ---- */

static int64_t find_part(struct reader *r, const char *s, size_t n)
{
	const char *bytes;
	size_t len;
	int64_t id = unmap(r, s, n, &bytes, &len) ?
		vocab_find(r->v, bytes, len) : -1;

	return id >= 0 ? id : make_ordinary(r, s, n);
}

static bool put_merge(struct reader *r, int64_t left, int64_t right)
{
	struct buf join = { 0 };
	const char *s;
	bool good;
	size_t n;

	if (left < 0 || right < 0)
		return false;
	if (vocab_put_merge(r->v, (uint32_t)left, (uint32_t)right))
		return true;
	s = vocab_bytes(r->v, (uint32_t)left, &n);
	vocab_add_mapped(&join, s, n);
	s = vocab_bytes(r->v, (uint32_t)right, &n);
	vocab_add_mapped(&join, s, n);
	good = make_ordinary(r, join.p, join.n) >= 0 &&
		vocab_put_merge(r->v, (uint32_t)left, (uint32_t)right);
	buf_free(&join);
	return good;
}

/* "a b" */
static bool read_pair(struct reader *r, const char *s, size_t n)
{
	const char *gap = memchr(s, ' ', n);
	int64_t left;

	if (!gap)
		return false;
	left = find_part(r, s, (size_t)(gap - s));
	return put_merge(r, left, find_part(r, gap + 1,
		n - (size_t)(gap + 1 - s)));
}

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
			read_pair(r, s, n);
	json_begin(&it, e);
	if (!json_next(&it, NULL, &part) ||
		!json_view(&part, &r->text, &s, &n))
		return false;
	left = find_part(r, s, n);
	if (!json_next(&it, NULL, &part) ||
		!json_view(&part, &r->text, &s, &n))
		return false;
	right = find_part(r, s, n);
	return !json_next(&it, NULL, &part) && put_merge(r, left, right);
}

static void read_merges(struct reader *r, const struct json *model)
{
	struct json_iter it;
	struct json list, e;

	if (!json_get(model, "merges", &list) || list.type != JSON_ARRAY)
		die("%s: 'model.merges' is missing or not an array", r->name);
	json_begin(&it, &list);
	while (json_next(&it, NULL, &e))
		if (!read_merge(r, &e))
			bad(r, "parts or result not in the vocabulary: "
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
		die("%s: its model is not byte-level BPE: type %.*s", name,
			v.n > 80 ? 80 : (int)v.n, v.n ? v.p : "missing");
	for (i = 0; i < 2; i++)
		if (json_get(model, affixes[i], &v) && v.type != JSON_NULL &&
			!json_is_cstring(&v, ""))
			die("%s: model: '%s' is not supported", name,
				affixes[i]);
	if (json_flag(model, "byte_fallback", false))
		die("%s: model: 'byte_fallback' is not supported", name);
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

/* The token for bytes that have no token of their own. */
static void read_unknown(struct reader *r, const struct json *model)
{
	struct json unk;
	const struct added_token *t;
	const char *s;
	size_t n;

	vocab_note_lacks(r->v);
	json_get(model, "unk_token", &unk);
	if (!json_view(&unk, &r->text, &s, &n))
		return;
	t = find_added(r, s, n);
	r->v->unk = t && t->in_vocab ? t->id : find_part(r, s, n);
	r->v->fuse_unk = json_flag(model, "fuse_unk", false);
	if (r->v->unk < 0 && r->v->lacking)
		bad(r, "not in the vocabulary: unk_token", s, n);
	vocab_note_lacks(r->v);
}

static uint64_t line_of(const char *text, size_t at)
{
	uint64_t line = 1;
	size_t i;

	for (i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

static void free_reader(struct reader *r)
{
	buf_free(&r->text);
	buf_free(&r->bytes);
	map_free(&r->added);
}

struct vocab *vocab_parse_json(const char *text, size_t len, const char *name,
	const char *pattern)
{
	struct reader r = { .name = name };
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
	r.v = vocab_new(pattern ? pattern : "gpt2", "--pattern");
	r.v->name = xstrdup(name);
	if (!pattern)
		read_steps(r.v, &root, name);
	json_get(&root, "normalizer", &v);
	read_normalizer(r.v, &v, name, 0);
	if (json_get(&root, "added_tokens", &list))
		read_added(&r, &list);
	if (!json_get(&model, "vocab", &list) || list.type != JSON_OBJECT)
		die("%s: 'model.vocab' is missing or not an object", name);
	read_vocab(&r, &list);
	check_ids(&r, json_count(&list));
	read_merges(&r, &model);
	read_unknown(&r, &model);
	r.v->whole_words = json_flag(&model, "ignore_merges", false);
	vocab_index_added(r.v);
	free_reader(&r);
	return r.v;
}
