/* safetensors.c - reading named tensors from a mapped file: safetensors.h
 *
 * The header is a small, fixed form of JSON, read by a cursor that stops at
 * the first byte which does not fit. Writing is in safetensors_write.c.
 */
#include "common/format/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/half.h"

#define MAX_HEADER ((uint64_t)100 << 20)	/* as the reference has it */

static const struct {
	const char *name;
	size_t size;
	enum dtype type;
} dtypes[] = {
	{ "F32", 4, DTYPE_F32 },
	{ "F16", 2, DTYPE_F16 },
	{ "BF16", 2, DTYPE_BF16 },
	{ "F64", 8, DTYPE_F64 },
	{ "I64", 8, DTYPE_I64 },
	{ "I32", 4, DTYPE_I32 },
	{ "U8", 1, DTYPE_U8 },
	{ "I8", 1, DTYPE_OTHER },
	{ "BOOL", 1, DTYPE_OTHER },
	{ "I16", 2, DTYPE_OTHER },
	{ "U16", 2, DTYPE_OTHER },
	{ "U32", 4, DTYPE_OTHER },
	{ "U64", 8, DTYPE_OTHER },
	{ "F8_E4M3", 1, DTYPE_OTHER },
	{ "F8_E5M2", 1, DTYPE_OTHER },
};
#define NDTYPE (sizeof dtypes / sizeof *dtypes)

/* The header while it is read. */
struct cursor {
	const struct safetensors *file;
	const unsigned char *p, *end;
	struct buf text;	/* the last string */
};

size_t dtype_size(enum dtype type)
{
	return type == DTYPE_OTHER ? 0 : dtypes[type].size;
}

const char *dtype_name(enum dtype type)
{
	return type == DTYPE_OTHER ? "other" : dtypes[type].name;
}

/* ---- the cursor ---- */

_Noreturn static void bad_header(const struct cursor *c, const char *what)
{
	die("%s: byte %zu of a safetensors header: %s", c->file->name,
		(size_t)(c->p - c->file->map.p), what);
}

static void skip_space(struct cursor *c)
{
	while (c->p < c->end && strchr(" \t\r\n", *c->p) && *c->p)
		c->p++;
}

/* True, and past it, when the next character is this one. */
static bool take(struct cursor *c, char ch)
{
	skip_space(c);
	if (c->p == c->end || *c->p != (unsigned char)ch)
		return false;
	c->p++;
	return true;
}

static void expect(struct cursor *c, char ch)
{
	char what[] = "no '?' where one must be";

	what[4] = ch;
	if (!take(c, ch))
		bad_header(c, what);
}

static uint32_t hex4(struct cursor *c)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < 4; i++, c->p++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = c->p < c->end ?
			strchr(digits, *c->p | (*c->p > '9' ? 0x20 : 0)) : NULL;

		if (!d || !*d)
			bad_header(c, "a bad \\u escape");
		v = v << 4 | (uint32_t)(d - digits);
	}
	return v;
}

static void unicode_escape(struct cursor *c)
{
	uint32_t code = hex4(c);
	char utf8[4];

	if (code >= 0xd800 && code < 0xdc00 && c->end - c->p > 6 &&
		c->p[0] == '\\' && c->p[1] == 'u') {
		c->p += 2;
		code = 0x10000 + ((code - 0xd800) << 10) + (hex4(c) & 0x3ff);
	}
	if (!code || (code >= 0xd800 && code < 0xe000))
		bad_header(c, "an escape that is no character");
	buf_add(&c->text, utf8, (size_t)utf8_encode(utf8, code));
}

static void escape(struct cursor *c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *e;

	if (c->p == c->end)
		bad_header(c, "a string without its end");
	if (*c->p == 'u') {
		c->p++;
		unicode_escape(c);
		return;
	}
	e = strchr(from, *c->p);
	if (!e || !*e)
		bad_header(c, "a bad escape");
	buf_putc(&c->text, to[e - from]);
	c->p++;
}

/* A string, which lives until the next one. */
static const char *string(struct cursor *c)
{
	expect(c, '"');
	buf_reset(&c->text);
	for (;;) {
		if (c->p == c->end || *c->p < 0x20)
			bad_header(c, "a string without its end");
		if (*c->p == '"')
			break;
		if (*c->p++ == '\\')
			escape(c);
		else
			buf_putc(&c->text, c->p[-1]);
	}
	c->p++;
	return buf_end(&c->text);
}

static size_t number(struct cursor *c)
{
	uint64_t v = 0;
	const unsigned char *begin;

	skip_space(c);
	for (begin = c->p; c->p < c->end && *c->p >= '0' && *c->p <= '9';
		c->p++) {
		v = v * 10 + (uint64_t)(*c->p - '0');
		if (v >> 56)
			bad_header(c, "a number that is too large");
	}
	if (c->p == begin)
		bad_header(c, "no number where one must be");
	return (size_t)v;
}

/* ---- tensors ---- */

static void read_dtype(struct cursor *c, struct st_tensor *t, size_t *size)
{
	const char *name = string(c);
	size_t i;

	for (i = 0; i < NDTYPE; i++)
		if (!strcmp(name, dtypes[i].name))
			break;
	if (i == NDTYPE)
		die("%s: tensor '%s': there is no type '%s'", c->file->name,
			t->name, name);
	t->type = dtypes[i].type;
	*size = dtypes[i].size;
}

static void read_shape(struct cursor *c, struct st_tensor *t)
{
	expect(c, '[');
	if (take(c, ']'))
		return;
	do {
		if (t->ndim == SAFETENSORS_MAX_DIM)
			bad_header(c, "more dimensions than 8");
		t->shape[t->ndim++] = number(c);
	} while (take(c, ','));
	expect(c, ']');
}

static void read_offsets(struct cursor *c, size_t offset[2])
{
	expect(c, '[');
	offset[0] = number(c);
	expect(c, ',');
	offset[1] = number(c);
	expect(c, ']');
}

/* Shape, type and place agree, and the place is inside the file. */
static void check_tensor(const struct cursor *c, struct st_tensor *t,
	const size_t offset[2], size_t size)
{
	const struct safetensors *s = c->file;
	size_t room = s->map.n - (size_t)(c->end - s->map.p);
	int i;

	t->n = 1;
	for (i = 0; i < t->ndim; i++) {
		if (t->shape[i] && t->n > SIZE_MAX / 16 / t->shape[i])
			die("%s: tensor '%s' is too large", s->name, t->name);
		t->n *= t->shape[i];
	}
	if (offset[0] > offset[1] || offset[1] - offset[0] != t->n * size)
		die("%s: tensor '%s': shape and data_offsets do not agree",
			s->name, t->name);
	if (offset[1] > room)
		die("%s: tensor '%s' ends after the file: cut off?", s->name,
			t->name);
	t->bytes = t->n * size;
	t->data = c->end + offset[0];
}

static void read_tensor(struct cursor *c, struct st_tensor *t)
{
	size_t offset[2] = { 0, 0 }, size = 0;
	unsigned seen = 0;

	expect(c, '{');
	do {
		const char *key = string(c);
		unsigned bit = !strcmp(key, "dtype") ? 1 :
			!strcmp(key, "shape") ? 2 :
			!strcmp(key, "data_offsets") ? 4 : 0;

		if (!bit || seen & bit)
			die("%s: tensor '%s': key '%s' is not known or there "
				"twice", c->file->name, t->name, key);
		seen |= bit;
		expect(c, ':');
		if (bit == 1)
			read_dtype(c, t, &size);
		else if (bit == 2)
			read_shape(c, t);
		else
			read_offsets(c, offset);
	} while (take(c, ','));
	expect(c, '}');
	if (seen != 7)
		die("%s: tensor '%s': dtype, shape or data_offsets is missing",
			c->file->name, t->name);
	check_tensor(c, t, offset, size);
}

static void read_meta(struct cursor *c, struct safetensors *s)
{
	size_t cap = 0;

	expect(c, '{');
	if (take(c, '}'))
		return;
	do {
		s->meta = grow(s->meta, s->nmeta, &cap, sizeof *s->meta);
		s->meta[s->nmeta].key = xstrdup(string(c));
		expect(c, ':');
		s->meta[s->nmeta++].value = xstrdup(string(c));
	} while (take(c, ','));
	expect(c, '}');
}

static void read_header(struct cursor *c, struct safetensors *s)
{
	struct map names = { 0 };
	size_t cap = 0;

	expect(c, '{');
	if (!take(c, '}')) {
		do {
			const char *name = string(c);
			bool is_new;

			map_put(&names, name, strlen(name), &is_new);
			if (!is_new)
				bad_header(c, "a name that is there twice");
			if (!strcmp(name, "__metadata__")) {
				expect(c, ':');
				read_meta(c, s);
				continue;
			}
			s->tensors = grow(s->tensors, s->n, &cap,
				sizeof *s->tensors);
			memset(&s->tensors[s->n], 0, sizeof *s->tensors);
			s->tensors[s->n].name = xstrdup(name);
			expect(c, ':');
			read_tensor(c, &s->tensors[s->n++]);
		} while (take(c, ','));
		expect(c, '}');
	}
	skip_space(c);
	if (c->p != c->end)
		bad_header(c, "something behind the end");
	map_free(&names);
}

struct safetensors *safetensors_open(const char *file)
{
	struct safetensors *s = xcalloc(1, sizeof *s);
	struct cursor c = { .file = s };
	uint64_t n = 0;
	int i;

	s->name = xstrdup(file);
	file_map(file, &s->map);
	if (s->map.n < 8)
		die("%s: not a safetensors file: shorter than its header", file);
	for (i = 7; i >= 0; i--)
		n = n << 8 | s->map.p[i];
	if (n > MAX_HEADER || n > s->map.n - 8)
		die("%s: not a safetensors file, or cut off: a header of %"
			PRIu64 " bytes in a file of %zu", file, n, s->map.n);
	c.p = s->map.p + 8;
	c.end = c.p + n;
	read_header(&c, s);
	buf_free(&c.text);
	return s;
}

void safetensors_close(struct safetensors *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->tensors[i].name);
	for (i = 0; i < s->nmeta; i++) {
		free(s->meta[i].key);
		free(s->meta[i].value);
	}
	free(s->tensors);
	free(s->meta);
	file_unmap(&s->map);
	free(s->name);
	free(s);
}

const struct st_tensor *safetensors_find(const struct safetensors *s,
	const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->tensors[i].name, name))
			return &s->tensors[i];
	return NULL;
}

const char *safetensors_meta(const struct safetensors *s, const char *key)
{
	size_t i;

	for (i = 0; i < s->nmeta; i++)
		if (!strcmp(s->meta[i].key, key))
			return s->meta[i].value;
	return NULL;
}

void safetensors_read(const struct safetensors *s, const struct st_tensor *t,
	float *out, size_t from, size_t n)
{
	const unsigned char *p = t->data + from * dtype_size(t->type);
	size_t i;

	switch (t->type) {
	case DTYPE_F32:
		memcpy(out, p, n * 4);
		break;
	case DTYPE_F16:
		half_load_f16(out, p, n);
		break;
	case DTYPE_BF16:
		half_load_bf16(out, p, n);
		break;
	case DTYPE_F64:
		for (i = 0; i < n; i++) {
			double d;

			memcpy(&d, p + 8 * i, 8);
			out[i] = (float)d;
		}
		break;
	default:
		die("%s: tensor '%s' holds no numbers of a model (F32, F16, "
			"BF16)", s->name, t->name);
	}
}
