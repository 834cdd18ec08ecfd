/* gguf.c - fuzz target: GGUF files, their models and their tokenizers; an accepted
 * tensor lies inside the file and is read to its end
 */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/format/gguf.h"
#include "common/model/model_dir.h"
#include "common/model/source.h"
#include "common/token/template.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void read_tensor(const struct gguf *g, const struct gguf_tensor *t)
{
	struct weight w;
	float *x;

	if (t->n > 1 << 20)
		abort();	/* inputs are never that long */
	if (!dtype_row(t->type)->to_float)
		return;
	w = gguf_weight(g, t);
	x = xmalloc(t->n * sizeof *x);
	weight_floats(x, &w);
	free(x);
}

static void read_value(const struct gguf_value *v)
{
	const unsigned char *at = v->data;
	volatile int64_t sum = 0;
	size_t i, n;

	for (i = 0; i < v->n; i++) {
		if (v->type == GGUF_TEXT) {
			const char *s = gguf_next_text(&at, &n);

			sum += n ? s[n - 1] : 0;
		} else if (v->type != GGUF_F32 && v->type != GGUF_F64) {
			sum += gguf_integer_at(v, i);
		}
	}
}

static void read_file(const char *file)
{
	struct gguf *g = gguf_open(file);
	size_t i;

	for (i = 0; i < g->ntensor; i++)
		read_tensor(g, &g->tensors[i]);
	for (i = 0; i < g->nvalue; i++)
		if (g->values[i].n)
			read_value(&g->values[i]);
	gguf_close(g);
}

static void read_model(const char *file)
{
	struct model_source *s = source_open_gguf(file);

	/* The table of rotations is as long as the context. */
	if (s->config.context * s->config.head_size < 1 << 20)
		model_free(model_from(s));
	else
		source_close(s);
}

static void read_tokenizer(const char *file)
{
	struct vocab *v = vocab_open(file, NULL);
	struct encoder *e = encoder_new(v);
	struct template t;
	struct ids ids = { 0 };

	tok_encode(e, "the [tool] <|im_end|> 1234", 26, &ids);
	template_find(&t, v, file);
	template_free(&t);
	ids_free(&ids);
	encoder_free(e);
	vocab_free(v);
}

static void target(const uint8_t *data, size_t size)
{
	const char *file = data_file(data, size);

	read_file(file);
	if (size % 2)
		read_model(file);
	else if (gguf_is(file))
		read_tokenizer(file);
}
