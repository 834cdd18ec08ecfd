/* safetensors-index.c - fuzz target: the index of a model in several files; an
 * accepted one names tensors of the two files beside it
 */
#include <stdlib.h>
#include <string.h>

#include "common/format/safetensors.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

/* A shard of one tensor of 2 elements beside the data's file. */
static void make_shard(const char *beside, const char *name, const char *tensor)
{
	static const float x[2] = { 1, 2 };
	size_t shape = 2, n = (size_t)(strrchr(beside, '/') - beside);
	char file[300];
	struct st_writer *w;

	snprintf(file, sizeof file, "%.*s/%s", (int)n, beside, name);
	w = safetensors_create(file);
	safetensors_declare(w, tensor, DTYPE_F32, 1, &shape);
	safetensors_put(w, x, shape);
	safetensors_finish(w);
}

static void target(const uint8_t *data, size_t size)
{
	static bool made;
	const char *index = data_file(data, size);
	struct safetensors *s;
	size_t i;

	if (!made) {
		make_shard(index, "a.safetensors", "first");
		make_shard(index, "b.safetensors", "second");
		made = true;
	}
	s = safetensors_open_index(index);
	if (!s->n || s->n > 2)
		abort();
	for (i = 0; i < s->n; i++) {
		const struct st_tensor *t = &s->tensors[i];
		struct weight w = safetensors_weight(t);
		float x[2];

		weight_floats(x, &w);
		if (x[0] != 1 || x[1] != 2 || safetensors_find(s, t->name) != t)
			abort();
	}
	safetensors_close(s);
}
