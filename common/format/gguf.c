/* gguf.c - reads GGUF files: see gguf.h
 *
 * The values of keys are in gguf_value.c, writing is in gguf_write.c.
 */
#include "common/format/gguf.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/base/mem.h"

#define MAGIC "GGUF"
#define ALIGNMENT 32		/* unless the file says otherwise */
#define MAX_NAME 65535		/* bytes of a key or a tensor's name */

/* The header while it is read. */
struct header {
	struct gguf *g;
	size_t at;		/* the next byte */
	size_t cap;		/* of the array that grows */
};

static _Noreturn void bad(const struct header *h, size_t at, const char *what)
{
	die("%s: byte %zu of a GGUF file: %s", h->g->name, at, what);
}

/* ---- numbers and texts ---- */

/* The next n bytes. */
static const unsigned char *take(struct header *h, uint64_t n)
{
	const unsigned char *p = h->g->map.p + h->at;

	if (n > h->g->map.n - h->at)
		bad(h, h->at, "the file ends here: cut off?");
	h->at += (size_t)n;
	return p;
}

static uint32_t take_u32(struct header *h)
{
	return get_le32(take(h, 4));
}

static uint64_t take_u64(struct header *h)
{
	return get_le64(take(h, 8));
}

/* A number of things that take at least `least` bytes each. */
static size_t take_count(struct header *h, size_t least, const char *what)
{
	uint64_t n = take_u64(h);

	if (n > (h->g->map.n - h->at) / least)
		die("%s: byte %zu of a GGUF file: %" PRIu64 " %s, more than "
			"fit in the file: cut off?", h->g->name, h->at - 8, n,
			what);
	return (size_t)n;
}

static void skip_text(struct header *h)
{
	take(h, take_u64(h));
}

/* A key or a name, which the caller frees. */
static char *take_name(struct header *h)
{
	size_t at = h->at;
	uint64_t n = take_u64(h);
	const unsigned char *p;

	if (!n || n > MAX_NAME)
		bad(h, at, "the length of a name is not from 1 to 65535");
	p = take(h, n);
	if (memchr(p, 0, (size_t)n))
		bad(h, at, "a name contains NUL");
	return xstrndup((const char *)p, (size_t)n);
}

/* Notes the index of a name; fatal if there is one already. */
static void note(struct header *h, struct map *names, const char *name,
	size_t index, size_t at)
{
	bool is_new;
	uint64_t *place = map_put(names, name, strlen(name), &is_new);

	if (!is_new)
		die("%s: byte %zu of a GGUF file: duplicate name '%s'",
			h->g->name, at, name);
	*place = index;
}

/* ---- values ---- */

static enum gguf_type take_type(struct header *h, const char *key)
{
	size_t at = h->at;
	uint32_t type = take_u32(h);

	if (type >= GGUF_TYPES)
		die("%s: byte %zu of a GGUF file: key '%s' has type %" PRIu32
			", which the format does not have", h->g->name, at,
			key, type);
	return (enum gguf_type)type;
}

static void take_elements(struct header *h, struct gguf_value *v)
{
	size_t i;

	v->data = h->g->map.p + h->at;
	for (i = 0; v->type == GGUF_TEXT && i < v->n; i++)
		skip_text(h);
	if (v->type != GGUF_TEXT)
		take(h, (uint64_t)v->n * gguf_type_size(v->type));
}

static void take_value(struct header *h, struct gguf_value *v)
{
	size_t at = h->at;

	v->key = take_name(h);
	note(h, &h->g->keys, v->key, h->g->nvalue - 1, at);
	v->type = take_type(h, v->key);
	v->array = v->type == GGUF_ARRAY;
	v->n = 1;
	if (v->array) {
		at = h->at;
		v->type = take_type(h, v->key);
		if (v->type == GGUF_ARRAY)
			die("%s: byte %zu of a GGUF file: key '%s' has an "
				"array of arrays, which is not supported",
				h->g->name, at, v->key);
		v->n = take_count(h, v->type == GGUF_TEXT ? 8 :
			gguf_type_size(v->type), "elements");
	}
	take_elements(h, v);
}

static void take_values(struct header *h, size_t n)
{
	struct gguf *g = h->g;

	for (h->cap = 0; g->nvalue < n;) {
		g->values = grow(g->values, g->nvalue, &h->cap,
			sizeof *g->values);
		g->values[g->nvalue] = (struct gguf_value){ 0 };
		g->nvalue++;
		take_value(h, &g->values[g->nvalue - 1]);
	}
}

/* ---- tensors ---- */

static void take_shape(struct header *h, struct gguf_tensor *t)
{
	size_t at = h->at;
	uint32_t i, n = take_u32(h);

	if (!n || n > GGUF_MAX_DIM)
		die("%s: byte %zu of a GGUF file: tensor '%s' has %" PRIu32
			" dimensions, not 1 to %d", h->g->name, at, t->name,
			n, GGUF_MAX_DIM);
	t->ndim = (int)n;
	t->n = 1;
	for (i = 0; i < n; i++) {
		uint64_t dim = take_u64(h);

		if (!dim || dim > SIZE_MAX / 64 / t->n)
			die("%s: byte %zu of a GGUF file: tensor '%s' has a "
				"dimension of %" PRIu64, h->g->name, h->at - 8,
				t->name, dim);
		t->dim[i] = (size_t)dim;
		t->n *= t->dim[i];
	}
}

static void take_dtype(struct header *h, struct gguf_tensor *t)
{
	size_t at = h->at;
	uint32_t number = take_u32(h);
	const char *name = gguf_dtype_name(number);
	const struct dtype_row *row;

	t->type = gguf_dtype(number);
	if (t->type == DTYPE_NONE)
		die("%s: byte %zu of a GGUF file: tensor '%s' is of type %s "
			"(%" PRIu32 "), which is not supported: use a file of "
			"F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, "
			"Q5_K or Q6_K", h->g->name, at, t->name,
			name ? name : "unknown", number);
	row = dtype_row(t->type);
	if (t->dim[0] % row->elements)
		die("%s: byte %zu of a GGUF file: tensor '%s' has rows of %zu "
			"numbers, not whole blocks of %zu", h->g->name, at,
			t->name, t->dim[0], row->elements);
	t->bytes = dtype_bytes(t->type, t->n);
}

/* Offsets count from the beginning of the data, which is not known yet. */
static void take_tensors(struct header *h, size_t n, uint64_t *offsets)
{
	struct gguf *g = h->g;

	for (h->cap = 0; g->ntensor < n;) {
		size_t at = h->at;
		struct gguf_tensor *t;

		g->tensors = grow(g->tensors, g->ntensor, &h->cap,
			sizeof *g->tensors);
		t = &g->tensors[g->ntensor++];
		*t = (struct gguf_tensor){ .name = take_name(h) };
		note(h, &g->names, t->name, g->ntensor - 1, at);
		take_shape(h, t);
		take_dtype(h, t);
		offsets[g->ntensor - 1] = take_u64(h);
	}
}

/* ---- the places of tensors ---- */

static size_t read_alignment(const struct gguf *g)
{
	int64_t n = gguf_int(g, "general.alignment", ALIGNMENT);

	if (n < 1 || n > 1 << 20 || n & (n - 1))
		die("%s: 'general.alignment' is %" PRId64 ", not a power of "
			"two up to 1048576", g->name, n);
	return (size_t)n;
}

static void place_tensors(struct header *h, const uint64_t *offsets)
{
	struct gguf *g = h->g;
	size_t alignment = read_alignment(g), i;
	size_t begin = (h->at + alignment - 1) / alignment * alignment;

	for (i = 0; i < g->ntensor; i++) {
		struct gguf_tensor *t = &g->tensors[i];

		if (offsets[i] % alignment)
			die("%s: tensor '%s' is at offset %" PRIu64 ", not a "
				"multiple of the alignment, %zu", g->name,
				t->name, offsets[i], alignment);
		if (begin > g->map.n || offsets[i] > g->map.n - begin ||
			t->bytes > g->map.n - begin - offsets[i])
			die("%s: tensor '%s' of %zu bytes at offset %" PRIu64
				" ends after the file: cut off?", g->name,
				t->name, t->bytes, offsets[i]);
		t->data = g->map.p + begin + offsets[i];
	}
}

static int by_data(const void *a, const void *b)
{
	const struct gguf_tensor *const *x = a, *const *y = b;

	return ((*x)->data > (*y)->data) - ((*x)->data < (*y)->data);
}

static void check_overlap(const struct gguf *g)
{
	const struct gguf_tensor **sorted = xcalloc(g->ntensor + 1,
		sizeof *sorted);
	size_t i;

	for (i = 0; i < g->ntensor; i++)
		sorted[i] = &g->tensors[i];
	qsort(sorted, g->ntensor, sizeof *sorted, by_data);
	for (i = 1; i < g->ntensor; i++)
		if (sorted[i - 1]->data + sorted[i - 1]->bytes >
			sorted[i]->data)
			die("%s: tensors '%s' and '%s' overlap", g->name,
				sorted[i - 1]->name, sorted[i]->name);
	free(sorted);
}

/* ---- a file ---- */

/* A pipe is not touched: what is read from it would be lost. */
bool gguf_is(const char *file)
{
	char head[4];
	struct stat st;
	int fd = stat(file, &st) || !S_ISREG(st.st_mode) ? -1 :
		open(file, O_RDONLY | O_CLOEXEC);
	bool is = fd >= 0 && read(fd, head, sizeof head) == sizeof head &&
		!memcmp(head, MAGIC, sizeof head);

	if (fd >= 0)
		close(fd);
	return is;
}

static void check_version(struct header *h)
{
	uint32_t version;

	if (h->g->map.n < 4 || memcmp(take(h, 4), MAGIC, 4))
		die("%s: not a GGUF file", h->g->name);
	version = take_u32(h);
	if (version == 0x02000000 || version == 0x03000000)
		die("%s: a big-endian GGUF file is not supported", h->g->name);
	if (version != 2 && version != 3)
		die("%s: version %" PRIu32 " of GGUF is not supported, only "
			"2 and 3", h->g->name, version);
}

struct gguf *gguf_open(const char *file)
{
	struct gguf *g = xcalloc(1, sizeof *g);
	struct header h = { .g = g };
	size_t ntensor, nvalue;
	uint64_t *offsets;

	g->name = xstrdup(file);
	file_map(file, &g->map);
	check_version(&h);
	ntensor = take_count(&h, 8 + 1 + 4 + 8 + 4 + 8, "tensors");
	nvalue = take_count(&h, 8 + 1 + 4 + 1, "keys");
	take_values(&h, nvalue);
	offsets = xcalloc(ntensor + 1, sizeof *offsets);
	take_tensors(&h, ntensor, offsets);
	place_tensors(&h, offsets);
	free(offsets);
	check_overlap(g);
	return g;
}

void gguf_close(struct gguf *g)
{
	size_t i;

	for (i = 0; i < g->nvalue; i++)
		free(g->values[i].key);
	for (i = 0; i < g->ntensor; i++)
		free(g->tensors[i].name);
	free(g->values);
	free(g->tensors);
	map_free(&g->keys);
	map_free(&g->names);
	file_unmap(&g->map);
	free(g->name);
	free(g);
}

const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name)
{
	const uint64_t *i = map_get(&g->names, name, strlen(name));

	return i ? &g->tensors[*i] : NULL;
}

struct weight gguf_weight(const struct gguf *g, const struct gguf_tensor *t)
{
	if (!dtype_row(t->type)->to_float)
		die("%s: tensor '%s' is of type %s, which holds no weights",
			g->name, t->name, dtype_row(t->type)->name);
	return (struct weight){ .type = t->type, .rows = t->n / t->dim[0],
		.cols = t->dim[0], .data = t->data };
}
