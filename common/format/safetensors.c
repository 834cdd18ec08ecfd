/* safetensors.c - reads named tensors from a mapped file: see safetensors.h
 *
 * Writing is in safetensors_write.c, shards are in safetensors_index.c.
 */
#include "common/format/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/format/jsonscan.h"

#define MAX_HEADER ((uint64_t)100 << 20)	/* as in the reference */

/* The header while it is read. */
struct header {
	const struct safetensors *file;
	const unsigned char *data;	/* after the header */
	struct buf text;		/* the last string */
};

/* ---- values of the header ---- */

_Noreturn static void bad_header(const struct header *h, const char *at,
	const char *what)
{
	die("%s: byte %zu of a safetensors header: %s", h->file->name,
		(size_t)((const unsigned char *)at - h->file->map.p), what);
}

/* Starts iterating over v, which must be of that type. */
static void walk(const struct header *h, struct json_iter *it,
	const struct json *v, enum json_type type)
{
	if (v->type != type)
		bad_header(h, v->p, type == JSON_OBJECT ?
			"expected an object" :
			"expected a list");
	json_begin(it, v);
}

/* A string, valid until the next one. */
static const char *string(struct header *h, const struct json *v)
{
	buf_reset(&h->text);
	if (!json_string(v, &h->text))
		bad_header(h, v->p, "expected a string");
	if (strlen(buf_end(&h->text)) != h->text.n)
		bad_header(h, v->p, "a string contains NUL");
	return h->text.p;
}

static size_t number(const struct header *h, const struct json *v)
{
	int64_t n;

	if (!json_int(v, &n) || n < 0)
		bad_header(h, v->p, "expected a size");
	return (size_t)n;
}

/* ---- tensors ---- */

static void read_dtype(struct header *h, const struct json *v,
	struct st_tensor *t)
{
	const char *name = string(h, v);

	t->type = dtype_find(name);
	if (t->type == DTYPE_NONE || dtype_row(t->type)->elements > 1)
		die("%s: tensor '%s': unknown type '%s'", h->file->name,
			t->name, name);
}

static void read_shape(const struct header *h, const struct json *v,
	struct st_tensor *t)
{
	struct json_iter it;
	struct json e;

	for (walk(h, &it, v, JSON_ARRAY); json_next(&it, NULL, &e);) {
		if (t->ndim == SAFETENSORS_MAX_DIM)
			bad_header(h, e.p, "more than 8 dimensions");
		t->shape[t->ndim++] = number(h, &e);
	}
}

static void read_offsets(const struct header *h, const struct json *v,
	size_t offset[2])
{
	struct json_iter it;
	struct json e;
	int n = 0;

	for (walk(h, &it, v, JSON_ARRAY); json_next(&it, NULL, &e); n++)
		if (n < 2)
			offset[n] = number(h, &e);
	if (n != 2)
		bad_header(h, v->p, "expected a start and an end");
}

/* Shape, type and offsets must agree, and lie within the file. */
static void check_tensor(const struct header *h, struct st_tensor *t,
	const size_t offset[2])
{
	const struct safetensors *s = h->file;
	size_t room = s->map.n - (size_t)(h->data - s->map.p);
	int i;

	t->n = 1;
	for (i = 0; i < t->ndim; i++) {
		if (t->shape[i] && t->n > SIZE_MAX / 16 / t->shape[i])
			die("%s: tensor '%s' is too large", s->name, t->name);
		t->n *= t->shape[i];
	}
	t->bytes = dtype_bytes(t->type, t->n);
	if (offset[0] > offset[1] || offset[1] - offset[0] != t->bytes)
		die("%s: tensor '%s': shape and data_offsets disagree",
			s->name, t->name);
	if (offset[1] > room)
		die("%s: tensor '%s' ends after the file: cut off?", s->name,
			t->name);
	t->data = h->data + offset[0];
	t->file = s->name;
}

static void read_tensor(struct header *h, const struct json *v,
	struct st_tensor *t)
{
	size_t offset[2] = { 0, 0 };
	unsigned seen = 0;
	struct json_iter it;
	struct json k, e;

	for (walk(h, &it, v, JSON_OBJECT); json_next(&it, &k, &e);) {
		const char *key = string(h, &k);
		unsigned bit = !strcmp(key, "dtype") ? 1 :
			!strcmp(key, "shape") ? 2 :
			!strcmp(key, "data_offsets") ? 4 : 0;

		if (!bit || seen & bit)
			die("%s: tensor '%s': unknown or duplicate key '%s'",
				h->file->name, t->name, key);
		seen |= bit;
		if (bit == 1)
			read_dtype(h, &e, t);
		else if (bit == 2)
			read_shape(h, &e, t);
		else
			read_offsets(h, &e, offset);
	}
	if (seen != 7)
		die("%s: tensor '%s': dtype, shape or data_offsets is missing",
			h->file->name, t->name);
	check_tensor(h, t, offset);
}

static void read_meta(struct header *h, const struct json *v,
	struct safetensors *s)
{
	struct json_iter it;
	struct json k, e;
	size_t cap = 0;

	for (walk(h, &it, v, JSON_OBJECT); json_next(&it, &k, &e);) {
		s->meta = grow(s->meta, s->nmeta, &cap, sizeof *s->meta);
		s->meta[s->nmeta].key = xstrdup(string(h, &k));
		s->meta[s->nmeta++].value = xstrdup(string(h, &e));
	}
}

static void read_header(struct header *h, const struct json *v,
	struct safetensors *s)
{
	struct map names = { 0 };
	struct json_iter it;
	struct json k, e;
	size_t cap = 0;

	for (walk(h, &it, v, JSON_OBJECT); json_next(&it, &k, &e);) {
		const char *name = string(h, &k);
		bool is_new;

		map_put(&names, name, strlen(name), &is_new);
		if (!is_new)
			bad_header(h, k.p, "duplicate name");
		if (!strcmp(name, "__metadata__")) {
			read_meta(h, &e, s);
			continue;
		}
		s->tensors = grow(s->tensors, s->n, &cap, sizeof *s->tensors);
		memset(&s->tensors[s->n], 0, sizeof *s->tensors);
		s->tensors[s->n].name = xstrdup(name);
		read_tensor(h, &e, &s->tensors[s->n++]);
	}
	map_free(&names);
}

static int by_data(const void *a, const void *b)
{
	const struct st_tensor *const *x = a, *const *y = b;

	if ((*x)->data != (*y)->data)
		return (*x)->data < (*y)->data ? -1 : 1;
	return ((*x)->bytes > (*y)->bytes) - ((*x)->bytes < (*y)->bytes);
}

/* The tensors must cover the data, without gaps or overlaps. */
static void check_places(const struct header *h, const struct safetensors *s)
{
	const struct st_tensor **sorted = xcalloc(s->n + 1, sizeof *sorted);
	const unsigned char *at = h->data;
	size_t i;

	for (i = 0; i < s->n; i++)
		sorted[i] = &s->tensors[i];
	qsort(sorted, s->n, sizeof *sorted, by_data);
	for (i = 0; i < s->n; i++) {
		if (sorted[i]->data != at)
			die("%s: tensor '%s' does not start where the one "
				"before it ends", s->name, sorted[i]->name);
		at += sorted[i]->bytes;
	}
	if (at != s->map.p + s->map.n)
		die("%s: %zu bytes belong to no tensor", s->name,
			(size_t)(s->map.p + s->map.n - at));
	free(sorted);
}

struct safetensors *safetensors_open(const char *file)
{
	struct safetensors *s = xcalloc(1, sizeof *s);
	struct header h = { .file = s };
	struct json_error error;
	struct json v;
	uint64_t n = 0;

	s->name = xstrdup(file);
	file_map(file, &s->map);
	if (s->map.n < 8)
		die("%s: not a safetensors file: shorter than its header", file);
	n = get_le64(s->map.p);
	if (n > MAX_HEADER || n > s->map.n - 8)
		die("%s: not a safetensors file, or truncated: a header of %"
			PRIu64 " bytes in a file of %zu", file, n, s->map.n);
	h.data = s->map.p + 8 + n;
	if (!json_check((const char *)s->map.p + 8, (size_t)n, &v, &error))
		bad_header(&h, (const char *)s->map.p + 8 + error.at,
			error.what);
	read_header(&h, &v, s);
	check_places(&h, s);
	buf_free(&h.text);
	return s;
}

void safetensors_close(struct safetensors *s)
{
	struct safetensors **shard;
	size_t i;

	/* Tensors of an index are views of those of its shards. */
	for (i = 0; !s->shards && i < s->n; i++)
		free(s->tensors[i].name);
	for (i = 0; i < s->nmeta; i++) {
		free(s->meta[i].key);
		free(s->meta[i].value);
	}
	for (shard = s->shards; shard && *shard; shard++)
		safetensors_close(*shard);
	free(s->shards);
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

struct weight safetensors_weight(const struct st_tensor *t)
{
	struct weight w = { .type = t->type, .rows = 1, .cols = t->n,
		.data = t->data };

	if (!dtype_row(t->type)->to_float)
		die("%s: tensor '%s' is of type %s, not of a model's weights "
			"(F32, F16, BF16)", t->file, t->name,
			dtype_row(t->type)->name);
	if (t->ndim > 1 && t->shape[t->ndim - 1]) {
		w.cols = t->shape[t->ndim - 1];
		w.rows = t->n / w.cols;
	}
	return w;
}
