/* info.c - what a model is: see ckpt.h */
#include <stdlib.h>
#include <string.h>

#include "cmd/ckpt/ckpt.h"
#include "common/format/gguf.h"
#include "common/model/adapter_dir.h"
#include "common/model/architecture.h"
#include "common/model/model_dir.h"

static void put_config(struct output *out, const struct model *m)
{
	const struct model_config *c = &m->config;
	size_t i;

	output_printf(out, "arch\t%s\nlayers\t%zu\nwidth\t%zu\nheads\t%zu\n"
		"kv_heads\t%zu\nhead_size\t%zu\nffn\t%zu\ncontext\t%zu\n"
		"vocab\t%zu\n", c->arch->name, c->layers, c->width,
		c->heads, c->kv_heads, c->head_size, c->ffn, c->context,
		c->vocab);
	output_printf(out, "norm_eps\t%g\n", (double)c->norm_eps);
	if (c->positions == POSITIONS_ROTARY)
		output_printf(out, "rope_theta\t%g\n", c->rope_theta);
	output_printf(out, "tied\t%s\nbos\t%d\neos\t%d",
		c->tied ? "yes" : "no", (int)c->bos, (int)c->eos);
	for (i = 0; i < c->nmore_eos; i++)
		output_printf(out, " %d", (int)c->more_eos[i]);
	output_printf(out, "\nparameters\t%zu\n", m->nparam);
	if (c->reward)
		output_printf(out, "head\treward\npad\t%d\n", (int)c->pad);
}

static void put_tensor(struct output *out, const char *name, enum dtype type,
	int ndim, const size_t *shape, bool reversed)
{
	int i;

	output_printf(out, "%s\t%s\t", name, dtype_row(type)->name);
	for (i = 0; i < ndim; i++)
		output_printf(out, i ? ",%zu" : "%zu",
			shape[reversed ? ndim - 1 - i : i]);
	output_putc(out, '\n');
}

static void put_dir_tensors(struct output *out, const char *dir)
{
	struct safetensors *s = adapter_is(dir) ? adapter_tensors(dir) :
		source_dir_tensors(dir);
	size_t i;

	for (i = 0; i < s->n; i++)
		put_tensor(out, s->tensors[i].name, s->tensors[i].type,
			s->tensors[i].ndim, s->tensors[i].shape, false);
	safetensors_close(s);
}

static void put_gguf_tensors(struct output *out, const struct gguf *g)
{
	size_t i;

	for (i = 0; i < g->ntensor; i++)
		put_tensor(out, g->tensors[i].name, g->tensors[i].type,
			g->tensors[i].ndim, g->tensors[i].dim, true);
}

/* How many tensors have each type, and how text is split. */
static void put_gguf(struct output *out, const char *file, bool tensors)
{
	struct gguf *g = gguf_open(file);
	size_t n[DTYPE_NONE] = { 0 }, i, len;
	const char *pre = gguf_text(g, "tokenizer.ggml.pre", &len);

	for (i = 0; i < g->ntensor; i++)
		n[g->tensors[i].type]++;
	output_str(out, "types");
	for (i = 0; i < DTYPE_NONE; i++)
		if (n[i])
			output_printf(out, "%c%s %zu", i ? ' ' : '\t',
				dtype_row((enum dtype)i)->name, n[i]);
	output_putc(out, '\n');
	if (pre)
		output_printf(out, "pre\t%.*s\n", (int)len, pre);
	output_printf(out, "chat_template\t%s\n",
		gguf_find(g, "tokenizer.chat_template") ? "yes" : "no");
	if (tensors)
		put_gguf_tensors(out, g);
	gguf_close(g);
}

/* The lines of an adapter, after those of the model into which it is merged. */
static void put_adapter(struct output *out, const char *dir)
{
	struct adapter_config c;

	if (!adapter_is(dir))
		return;
	adapter_config_read(&c, dir);
	output_printf(out, "base\t%s\nlora_rank\t%zu\nlora_alpha\t%g\n",
		c.base, c.rank, c.alpha);
	adapter_config_free(&c);
}

static void put_provenance(struct output *out, const char *model)
{
	char *by = model_provenance(model);
	const char *line, *end;

	for (line = by; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		output_printf(out, "by\t%.*s\n", (int)(end - line), line);
	}
	free(by);
}

void info(const char *model, bool tensors)
{
	struct output *out = output_open(NULL);
	struct model *m = model_load(model);

	put_config(out, m);
	put_adapter(out, model);
	put_provenance(out, model);
	if (file_is_dir(model) && tensors)
		put_dir_tensors(out, model);
	else if (!file_is_dir(model) && gguf_is(model))
		put_gguf(out, model, tensors);
	output_close(out);
	model_free(m);
}
