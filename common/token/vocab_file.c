/* vocab_file.c - opens a vocabulary in any format; tiktoken rank files: see
 * vocab.h
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/adapter_config.h"
#include "common/format/whatis.h"
#include "common/token/vocab_gguf.h"
#include "common/token/vocab_parts.h"

/* ---- tiktoken ---- */

/* Published rank files, which name neither pattern nor special tokens,
 * recognised by vocab_tokens_hash. */
static const struct published {
	uint64_t hash;
	const char *pattern;
	struct { uint32_t id; const char *name; } specials[5];
} published[] = {
	{ 0x38824f2c2063699bu, "gpt2", { { 50256, "<|endoftext|>" } } },
	{ 0x6fb518802d59c138u, "cl100k", { { 100257, "<|endoftext|>" },
		{ 100258, "<|fim_prefix|>" }, { 100259, "<|fim_middle|>" },
		{ 100260, "<|fim_suffix|>" }, { 100276, "<|endofprompt|>" } } },
	{ 0xb44b3fb21bd7171cu, "o200k", { { 199999, "<|endoftext|>" },
		{ 200018, "<|endofprompt|>" } } },
};

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes s[0..n) to out, which has room for 3 * n / 4 bytes; returns their
 * number, or -1. */
static long base64_decode(const char *s, size_t n, char *out)
{
	uint32_t bits = 0;
	long got = 0;
	size_t i;

	if (n % 4)
		return -1;
	if (n && s[n - 1] == '=')
		n -= n > 1 && s[n - 2] == '=' ? 2 : 1;
	for (i = 0; i < n; i++) {
		int value = base64_value((unsigned char)s[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4)
			out[got++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	return got;
}

static void add_base64(struct buf *b, const unsigned char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < n; i += 3) {
		uint32_t bits = (uint32_t)s[i] << 16 |
			(i + 1 < n ? (uint32_t)s[i + 1] << 8 : 0) |
			(i + 2 < n ? s[i + 2] : 0);

		buf_putc(b, digits[bits >> 18]);
		buf_putc(b, digits[bits >> 12 & 63]);
		buf_putc(b, i + 1 < n ? digits[bits >> 6 & 63] : '=');
		buf_putc(b, i + 2 < n ? digits[bits & 63] : '=');
	}
}

/* Reads a line `BASE64 ID`; returns what is wrong with it, or NULL. */
static const char *read_rank(struct vocab *v, const char *s, size_t n,
	struct buf *bytes)
{
	const char *gap = memchr(s, ' ', n), *p;
	uint64_t id = 0;
	long len;

	if (!gap || gap + 1 == s + n)
		return "not base64, a space and a rank";
	for (p = gap + 1; p < s + n; p++) {
		if (*p < '0' || *p > '9' || id >= VOCAB_MAX)
			return "the rank is not a number, or too large";
		id = 10 * id + (uint64_t)(*p - '0');
	}
	buf_reset(bytes);
	len = base64_decode(s, (size_t)(gap - s), buf_room(bytes, n));
	if (len <= 0)
		return "the token is not base64, or empty";
	if (id >= VOCAB_MAX || !vocab_put(v, (uint32_t)id, bytes->p,
			(size_t)len))
		return "duplicate rank or token";
	return NULL;
}

static void read_ranks(struct vocab *v, const char *text, size_t len,
	const char *name)
{
	struct buf bytes = { 0 };
	uint64_t line = 0;
	size_t at = 0;

	while (at < len) {
		const char *s = text + at, *nl = memchr(s, '\n', len - at);
		size_t n = nl ? (size_t)(nl - s) : len - at;
		const char *wrong = NULL;

		line++;
		at += n + 1;
		if (n && s[n - 1] == '\r')
			n--;
		if (n)
			wrong = read_rank(v, s, n, &bytes);
		if (wrong && line == 1)
			vocab_check_kind(text, len, name);
		if (wrong)
			die("%s:%" PRIu64 ": %s", name, line, wrong);
	}
	buf_free(&bytes);
}

static const struct published *find_published(const struct vocab *v)
{
	uint64_t hash = vocab_tokens_hash(v, 0);
	size_t i;

	for (i = 0; i < sizeof published / sizeof *published; i++)
		if (published[i].hash == hash)
			return &published[i];
	return NULL;
}

static struct vocab *parse_tiktoken(const char *text, size_t len,
	const char *name, const char *pattern)
{
	struct vocab *v = vocab_new(pattern ? pattern : "gpt2", "--pattern");
	const struct published *p;
	int missing;
	size_t i;

	v->name = xstrdup(name);
	read_ranks(v, text, len, name);
	if (!vocab_finish(v, &missing))
		die("%s: no token for byte 0x%02x, so not every text can be "
			"encoded", name, (unsigned)missing);
	p = find_published(v);
	if (!p && !pattern)
		die("%s: rank files do not say how to split text: tokenize "
			"can be told a pattern, -p; a model needs a "
			"tokenizer.json", name);
	if (!pattern) {
		splitter_free(v->splitter);
		v->splitter = splitter_new(p->pattern, name);
	}
	vocab_merge_by_rank(v);
	for (i = 0; p && i < 5 && p->specials[i].name; i++)
		vocab_put_text(v, p->specials[i].id, p->specials[i].name,
			strlen(p->specials[i].name), true);
	return v;
}

void vocab_write_tiktoken(const struct vocab *v, const char *name)
{
	struct buf b = { 0 };
	uint32_t id;
	size_t n;

	for (id = 0; id < vocab_size(v); id++) {
		const char *bytes = vocab_bytes(v, id, &n);

		if (!bytes || vocab_is_special(v, id))
			continue;
		add_base64(&b, (const unsigned char *)bytes, n);
		buf_printf(&b, " %" PRIu32 "\n", id);
	}
	file_write(name, b.p, b.n);
	buf_free(&b);
}

/* ---- files in any format ---- */

void vocab_check_kind(const char *text, size_t len, const char *name)
{
	const char *is = whatis(text, len);

	if (is && strcmp(is, "JSON") && !strstr(is, "which -t takes"))
		die("%s: neither a tokenizer.json nor tiktoken ranks: it "
			"looks like %s", name, is);
}

struct vocab *vocab_parse(const char *text, size_t len, const char *name,
	const char *pattern)
{
	size_t mark = utf8_mark(text, len), i = 0;

	if (vocab_llama2c_is(text, len)) {
		if (pattern)
			die_usage("%s: a tokenizer of llama2.c, which splits "
				"text by no pattern", name);
		return vocab_parse_llama2c(text, len, name);
	}
	text += mark;
	len -= mark;
	while (i < len && strchr(" \t\r\n", text[i]) && text[i])
		i++;
	if (i == len)
		die("%s: not a vocabulary: the file is empty", name);
	if (text[i] == '{')
		return vocab_parse_json(text, len, name, pattern);
	return parse_tiktoken(text, len, name, pattern);
}

static bool dir_has(const char *dir)
{
	static const char *const names[] = { "tokenizer.json", "vocab.json" };
	bool found = false;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names && !found; i++) {
		char *file = path_join(dir, names[i]);

		found = file_exists(file);
		free(file);
	}
	return found;
}

char *vocab_home(const char *model)
{
	char *base = file_is_dir(model) && !dir_has(model) ?
		adapter_base_of(model) : NULL;

	return base ? base : xstrdup(model);
}

static struct vocab *open_home(const char *name, const char *pattern)
{
	struct vocab *v;
	char *beside;

	if (file_is_dir(name))
		return vocab_open_dir(name, pattern);
	if (gguf_is(name))
		return vocab_open_gguf(name, pattern);
	beside = vocab_llama2c_beside(name);
	v = vocab_open_file(beside ? beside : name, pattern);
	free(beside);
	return v;
}

struct vocab *vocab_open(const char *name, const char *pattern)
{
	char *home = vocab_home(name);
	struct vocab *v = open_home(home, pattern);

	free(home);
	return v;
}

/* Whether a model that is a file has a tokenizer, in it or beside it. */
static bool file_has(const char *model)
{
	char *beside;

	if (gguf_is(model))
		return vocab_gguf_has(model);
	beside = vocab_llama2c_beside(model);
	free(beside);
	return beside != NULL;
}

bool vocab_exists(const char *model)
{
	char *home = vocab_home(model);
	bool has = file_is_dir(home) ? dir_has(home) : file_has(home);

	free(home);
	return has;
}
