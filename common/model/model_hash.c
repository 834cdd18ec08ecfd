/* model_hash.c - tells models apart: see model_hash.h
 *
 * The data is hashed in parts, whose hashes are hashed in their order, so that the
 * result does not depend on the number of threads.
 */
#include "common/model/model_hash.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/format/safetensors.h"
#include "common/model/adapter_dir.h"

#define PART ((size_t)4 << 20)	/* bytes that one thread hashes at a time */

struct part {
	const unsigned char *p;
	size_t n;
	uint64_t hash;
};

struct parts {
	struct part *v;
	size_t n, cap;
};

static void add(struct parts *a, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += PART) {
		a->v = grow(a->v, a->n, &a->cap, sizeof *a->v);
		a->v[a->n++] = (struct part) { p + i, size_min(PART, n - i), 0 };
	}
}

static void hash_part(void *ctx, size_t i, int thread)
{
	struct part *x = &((struct parts *)ctx)->v[i];

	x->hash = hash64(x->p, x->n);
	file_release(x->p, x->n);
}

/* Of what b says and of the parts, which are freed. */
static uint64_t finish(struct parts *a, struct buf *b)
{
	uint64_t hash;
	size_t i;

	parallel_for(a->n, hash_part, a);
	for (i = 0; i < a->n; i++)
		buf_add(b, &a->v[i].hash, sizeof a->v[i].hash);
	hash = hash64(b->p, b->n);
	free(a->v);
	buf_free(b);
	return hash;
}

static void describe(struct buf *b, const struct st_tensor *t)
{
	int i;

	buf_printf(b, "%s %s", t->name, dtype_row(t->type)->name);
	for (i = 0; i < t->ndim; i++)
		buf_printf(b, " %zu", t->shape[i]);
	buf_str(b, "\n");
}

static uint64_t hash_directory(const char *dir)
{
	bool adapter = adapter_is(dir);
	struct safetensors *s = adapter ? adapter_tensors(dir) :
		source_dir_tensors(dir);
	char *file = path_join(dir, adapter ? "adapter_config.json" :
		"config.json"), *config;
	struct parts a = { 0 };
	struct buf b = { 0 };
	size_t n, i;
	uint64_t hash;

	config = file_read(file, &n);
	buf_add(&b, config, n);
	for (i = 0; i < s->n; i++) {
		describe(&b, &s->tensors[i]);
		add(&a, s->tensors[i].data, s->tensors[i].bytes);
	}
	hash = finish(&a, &b);
	safetensors_close(s);
	free(config);
	free(file);
	return hash;
}

static uint64_t hash_file(const char *file)
{
	struct parts a = { 0 };
	struct buf b = { 0 };
	struct mapped map;
	uint64_t hash;

	file_map(file, &map);
	add(&a, map.p, map.n);
	buf_printf(&b, "%zu\n", map.n);
	hash = finish(&a, &b);
	file_unmap(&map);
	return hash;
}

uint64_t model_hash(const char *path)
{
	return file_is_dir(path) ? hash_directory(path) : hash_file(path);
}
