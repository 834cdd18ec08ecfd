/* vocab_json.c - tokenizer.json of Hugging Face tokenizers: see vocab.h */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonscan.h"
#include "common/format/jsonwrite.h"
#include "common/token/vocab_parts.h"

/* ---- the alphabet of bytes ---- */

/* GPT-2 writes bytes as characters that can be seen: printable Latin-1 ones
 * stand for themselves, the other 68 are U+0100 and up in order. */
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

/* A token's text in the byte alphabet of GPT-2 ("Ġthe"), as files spell it,
 * to bytes: at most len bytes into out. Returns the number, -1 when a
 * character is not of that alphabet. */
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

static void add_mapped(struct buf *b, const char *bytes, size_t n)
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
	struct buf text, bytes;
};

/* The token that a string of the file stands for; false when it is none. */
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
		if (number < 0 || number >= VOCAB_MAX ||
			!vocab_put_special(r->v, (uint32_t)number, s, n))
			bad(r, "no good or repeated id of added token", s, n);
	}
}

static bool is_that_special(const struct vocab *v, int64_t id, const char *s,
	size_t n)
{
	size_t len;
	const char *name;

	if (id < 0 || id >= vocab_size(v) ||
		!vocab_is_special(v, (uint32_t)id))
		return false;
	name = vocab_bytes(v, (uint32_t)id, &len);
	return len == n && !memcmp(name, s, n);
}

static void read_vocab(struct reader *r, const struct json *model)
{
	struct json_iter it;
	struct json list, key, value;
	const char *s, *bytes;
	size_t n, len;
	int64_t id;

	if (!json_get(model, "vocab", &list) || list.type != JSON_OBJECT)
		die("%s: no object 'model.vocab'", r->name);
	json_begin(&it, &list);
	while (json_next(&it, &key, &value)) {
		json_view(&key, &r->text, &s, &n);
		if (!json_int(&value, &id) || id < 0 || id >= VOCAB_MAX)
			bad(r, "no good id of token", s, n);
		if (is_that_special(r->v, id, s, n))
			continue;
		if (!unmap(r, s, n, &bytes, &len))
			bad(r, "not of the byte alphabet: token", s, n);
		if (!vocab_put(r->v, (uint32_t)id, bytes, len))
			bad(r, "empty, or its bytes or id are there twice: "
				"token", s, n);
	}
}

static int64_t find_part(struct reader *r, const char *s, size_t n)
{
	const char *bytes;
	size_t len;

	return unmap(r, s, n, &bytes, &len) ?
		vocab_find(r->v, bytes, len) : -1;
}

/* A merge is ["a", "b"] or, in older files, "a b". */
static bool read_merge(struct reader *r, const struct json *e)
{
	int64_t left, right;
	struct json_iter it;
	struct json part;
	const char *s, *gap;
	size_t n;

	if (json_view(e, &r->text, &s, &n)) {
		gap = memchr(s, ' ', n);
		if (!gap)
			return false;
		left = find_part(r, s, (size_t)(gap - s));
		right = find_part(r, gap + 1, n - (size_t)(gap + 1 - s));
	} else {
		json_begin(&it, e);
		if (!json_next(&it, NULL, &part) ||
			!json_view(&part, &r->text, &s, &n))
			return false;
		left = find_part(r, s, n);
		if (!json_next(&it, NULL, &part) ||
			!json_view(&part, &r->text, &s, &n))
			return false;
		right = find_part(r, s, n);
	}
	return left >= 0 && right >= 0 &&
		vocab_put_merge(r->v, (uint32_t)left, (uint32_t)right);
}

static void read_merges(struct reader *r, const struct json *model)
{
	struct json_iter it;
	struct json list, e;

	if (!json_get(model, "merges", &list) || list.type != JSON_ARRAY)
		die("%s: no array 'model.merges'", r->name);
	json_begin(&it, &list);
	while (json_next(&it, NULL, &e))
		if (!read_merge(r, &e))
			bad(r, "parts or join are no tokens: merge", e.p, e.n);
}

static bool flag(const struct json *object, const char *key, bool otherwise)
{
	struct json v;
	bool value = otherwise;

	if (json_get(object, key, &v))
		json_bool(&v, &value);
	return value;
}

static bool is_type(const struct json *v, const char *type)
{
	struct json t;

	return json_get(v, "type", &t) && json_is_cstring(&t, type);
}

/* The regular expression of a Split that cuts around its matches. */
static char *split_pattern(const struct json *v)
{
	struct json behavior, regex;

	if (!is_type(v, "Split") || flag(v, "invert", false) ||
		!json_get(v, "behavior", &behavior) ||
		!json_is_cstring(&behavior, "Isolated"))
		return NULL;
	json_path(v, "pattern.Regex", &regex);
	return json_strdup(&regex);
}

/* The pattern that the pre-tokenizers of a file amount to, freed by the
 * caller; NULL when they are of a kind that we do not do. */
static char *find_pattern(const struct json *root)
{
	struct json pre, list, a, b, c;
	struct json_iter it;

	if (!json_get(root, "pre_tokenizer", &pre))
		return NULL;
	if (is_type(&pre, "ByteLevel"))
		return flag(&pre, "add_prefix_space", true) ||
			!flag(&pre, "use_regex", true) ? NULL :
			xstrdup("gpt2");
	json_get(&pre, "pretokenizers", &list);
	json_begin(&it, &list);
	if (!is_type(&pre, "Sequence") || !json_next(&it, NULL, &a) ||
		!json_next(&it, NULL, &b) || json_next(&it, NULL, &c) ||
		!is_type(&b, "ByteLevel") ||
		flag(&b, "add_prefix_space", true))
		return NULL;
	if (flag(&b, "use_regex", true))
		return is_type(&a, "Digits") &&
			flag(&a, "individual_digits", false) ?
			xstrdup("smollm") : NULL;
	return split_pattern(&a);
}

/* What would make ids differ from those of other programs is refused. */
static void check_model(const struct json *root, const struct json *model,
	const char *name)
{
	static const char *const affixes[] = { "continuing_subword_prefix",
		"end_of_word_suffix" };
	struct json v;
	size_t i;

	if (!is_type(model, "BPE"))
		die("%s: its model is not byte-level BPE", name);
	for (i = 0; i < 2; i++)
		if (json_get(model, affixes[i], &v) && v.type != JSON_NULL &&
			!json_is_cstring(&v, ""))
			die("%s: '%s' is not supported", name, affixes[i]);
	if (json_get(root, "normalizer", &v) && v.type != JSON_NULL) {
		if (!is_type(&v, "NFC"))
			die("%s: its normalizer is not supported", name);
		warn("%s: text is taken as it is, not normalized to NFC",
			name);
	}
}

static uint64_t line_of(const char *text, size_t at)
{
	uint64_t line = 1;
	size_t i;

	for (i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

struct vocab *vocab_parse_json(const char *text, size_t len, const char *name,
	const char *pattern)
{
	struct reader r = { .name = name };
	struct json root, model, added;
	struct json_error e;
	char *own;

	if (!json_check(text, len, &root, &e))
		die("%s:%" PRIu64 ": %s", name, line_of(text, e.at), e.what);
	if (!json_get(&root, "model", &model))
		die("%s: no 'model': not a tokenizer.json", name);
	check_model(&root, &model, name);
	own = pattern ? xstrdup(pattern) : find_pattern(&root);
	if (!own)
		die("%s: its pre_tokenizer is none of those that are known, "
			"tokenizer(5); tokenize can be told a pattern, -p",
			name);
	r.v = vocab_new(own, name);
	free(own);
	if (json_get(&root, "added_tokens", &added))
		read_added(&r, &added);
	read_vocab(&r, &model);
	read_merges(&r, &model);
	r.v->whole_words = flag(&model, "ignore_merges", false);
	buf_free(&r.text);
	buf_free(&r.bytes);
	vocab_finish_file(r.v, name);
	return r.v;
}

/* ---- writing ---- */

static void add_token(struct buf *b, const struct vocab *v, uint32_t id)
{
	struct buf mapped = { 0 };
	size_t n;
	const char *bytes = vocab_bytes(v, id, &n);

	if (vocab_is_special(v, id)) {
		json_add_string(b, bytes, n);
		return;
	}
	add_mapped(&mapped, bytes, n);
	json_add_string(b, mapped.p, mapped.n);
	buf_free(&mapped);
}

static void add_specials(struct buf *b, const struct vocab *v)
{
	const char *sep = "\n";
	uint32_t id;

	buf_str(b, " \"added_tokens\": [");
	for (id = 0; id < vocab_size(v); id++) {
		if (!vocab_is_special(v, id))
			continue;
		buf_printf(b, "%s  {\"id\": %" PRIu32 ", \"content\": ", sep,
			id);
		add_token(b, v, id);
		buf_str(b, ", \"single_word\": false, \"lstrip\": false, "
			"\"rstrip\": false, \"normalized\": false, "
			"\"special\": true}");
		sep = ",\n";
	}
	buf_str(b, "],\n");
}

#define BYTE_LEVEL(use_regex) "{\"type\": \"ByteLevel\", " \
	"\"add_prefix_space\": false, \"trim_offsets\": true, " \
	"\"use_regex\": " use_regex "}"

static void add_pre_tokenizer(struct buf *b, const struct splitter *s)
{
	const char *regex = splitter_regex(s);

	buf_str(b, " \"pre_tokenizer\": ");
	if (!strcmp(splitter_name(s), "gpt2")) {
		buf_str(b, BYTE_LEVEL("true") ",\n");
		return;
	}
	buf_str(b, "{\"type\": \"Sequence\", \"pretokenizers\": [\n  ");
	if (!strcmp(splitter_name(s), "smollm")) {
		buf_str(b, "{\"type\": \"Digits\", "
			"\"individual_digits\": true},\n  "
			BYTE_LEVEL("true") "]},\n");
		return;
	}
	buf_str(b, "{\"type\": \"Split\", \"pattern\": {\"Regex\": ");
	json_add_string(b, regex, strlen(regex));
	buf_str(b, "}, \"behavior\": \"Isolated\", \"invert\": false},\n  "
		BYTE_LEVEL("false") "]},\n");
}

/* The special tokens too: this is what makes readers keep their ids. */
static void add_vocab(struct buf *b, const struct vocab *v)
{
	const char *sep = "\n";
	uint32_t id;
	size_t n;

	buf_str(b, "  \"vocab\": {");
	for (id = 0; id < vocab_size(v); id++) {
		if (!vocab_bytes(v, id, &n))
			continue;
		buf_str(b, sep);
		add_token(b, v, id);
		buf_printf(b, ": %" PRIu32, id);
		sep = ",\n";
	}
	buf_str(b, "},\n");
}

static void add_merges(struct buf *b, const struct vocab *v)
{
	size_t i;

	buf_str(b, "  \"merges\": [");
	for (i = 0; i < v->nmerge; i++) {
		buf_str(b, i ? ",\n[" : "\n[");
		add_token(b, v, v->merges[i].left);
		buf_str(b, ", ");
		add_token(b, v, v->merges[i].right);
		buf_putc(b, ']');
	}
	buf_str(b, "]\n");
}

void vocab_write_json(const struct vocab *v, const char *name)
{
	struct buf b = { 0 };

	buf_str(&b, "{\"version\": \"1.0\",\n \"truncation\": null,\n"
		" \"padding\": null,\n");
	add_specials(&b, v);
	buf_str(&b, " \"normalizer\": null,\n");
	add_pre_tokenizer(&b, v->splitter);
	buf_str(&b, " \"post_processor\": null,\n \"decoder\": "
		BYTE_LEVEL("true") ",\n"
		" \"model\": {\"type\": \"BPE\", \"dropout\": null, "
		"\"unk_token\": null, \"continuing_subword_prefix\": null, "
		"\"end_of_word_suffix\": null, \"fuse_unk\": false, "
		"\"byte_fallback\": false, ");
	buf_printf(&b, "\"ignore_merges\": %s,\n",
		v->whole_words ? "true" : "false");
	add_vocab(&b, v);
	add_merges(&b, v);
	buf_str(&b, " }\n}\n");
	file_write(name, b.p, b.n);
	buf_free(&b);
}
