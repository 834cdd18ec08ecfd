/* safetensors.c - fuzz target: tensors of a mapped file; an accepted tensor
 * lies inside the file and is read to its end
 */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/format/safetensors.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void read_tensor(const struct st_tensor *t)
{
	float *x;

	if (t->n > 1 << 20)
		abort();	/* inputs are never that long */
	x = xmalloc((t->n + 1) * sizeof *x);
	if (dtype_row(t->type)->to_float) {
		struct weight w = safetensors_weight(t);

		weight_floats(x, &w);
	}
	free(x);
}

static void target(const uint8_t *data, size_t size)
{
	struct safetensors *s = safetensors_open(data_file(data, size));
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->tensors[i].bytes > size)
			abort();
		if (s->tensors[i].bytes)
			read_tensor(&s->tensors[i]);
	}
	safetensors_meta(s, "step");
	safetensors_close(s);
}
