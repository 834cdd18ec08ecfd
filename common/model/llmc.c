/* llmc.c - checkpoints of llm.c: see llmc.h */
#include "common/model/llmc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/mem.h"
#include "common/format/whatis.h"
#include "common/kernel/kernel.h"
#include "common/model/architecture.h"

#define MAGIC 20240326
#define HEADER_WORDS 256
#define PAD 128			/* vocabulary rows are padded to a multiple */
#define ARCHITECTURE "gpt2"	/* the only one of llm.c */
#define GPT2_EOT 50256	/* of GPT-2's vocabulary */

/* A kind of tensor, in the order of the file. */
static const struct {
	const char *name;	/* of layer %zu, or the only one */
	bool layered, transposed;
} kinds[] = {
	{ "transformer.wte.weight", false, false },
	{ "transformer.wpe.weight", false, false },
	{ "transformer.h.%zu.ln_1.weight", true, false },
	{ "transformer.h.%zu.ln_1.bias", true, false },
	{ "transformer.h.%zu.attn.c_attn.weight", true, true },
	{ "transformer.h.%zu.attn.c_attn.bias", true, false },
	{ "transformer.h.%zu.attn.c_proj.weight", true, true },
	{ "transformer.h.%zu.attn.c_proj.bias", true, false },
	{ "transformer.h.%zu.ln_2.weight", true, false },
	{ "transformer.h.%zu.ln_2.bias", true, false },
	{ "transformer.h.%zu.mlp.c_fc.weight", true, true },
	{ "transformer.h.%zu.mlp.c_fc.bias", true, false },
	{ "transformer.h.%zu.mlp.c_proj.weight", true, true },
	{ "transformer.h.%zu.mlp.c_proj.bias", true, false },
	{ "transformer.ln_f.weight", false, false },
	{ "transformer.ln_f.bias", false, false },
};
#define NKIND (sizeof kinds / sizeof *kinds)

/* The name of a kind's tensor in a layer. */
static const char *name_of(size_t kind, size_t layer)
{
	static char name[sizeof ((struct tensor *)NULL)->name];

	snprintf(name, sizeof name, kinds[kind].name, layer);
	return name;
}

static size_t layers_of(const struct model_config *c, size_t kind)
{
	return kinds[kind].layered ? c->layers : 1;
}

/* ---- reading ---- */

static int32_t word(const struct mapped *f, size_t i)
{
	return (int32_t)get_le32(f->p + 4 * i);
}

bool llmc_is(const char *file)
{
	struct mapped f;
	bool is;

	if (name_ends(file, ".bin"))
		return true;
	file_map(file, &f);
	is = f.n >= 4 && word(&f, 0) == MAGIC;
	file_unmap(&f);
	return is;
}

static void read_header(struct model_config *c, const struct mapped *f,
	const char *file)
{
	const char *why;
	int i;

	if (f->n < 4 * HEADER_WORDS || word(f, 0) != MAGIC)
		die("%s: not a checkpoint of llm.c%s", file,
			whatis_note(file));
	if (word(f, 1) != 3 && word(f, 1) != 5)
		die("%s: version %d of llm.c's checkpoints is not known", file,
			(int)word(f, 1));
	for (i = 2; i < 8; i++)
		if (word(f, (size_t)i) < 1)
			die("%s: word %d of the header is not above 0", file,
				i);
	*c = (struct model_config) {
		.arch = architecture_find(ARCHITECTURE),
		.context = (size_t)word(f, 2),
		.vocab = (size_t)word(f, 3),
		.layers = (size_t)word(f, 4),
		.heads = (size_t)word(f, 5),
		.kv_heads = (size_t)word(f, 5),
		.width = (size_t)word(f, 6),
		.head_size = (size_t)(word(f, 6) / word(f, 5)),
		.tied = true, .bos = -1, .eos = -1
	};
	c->arch->begin(c);
	if (c->vocab > GPT2_EOT)
		c->bos = c->eos = GPT2_EOT;
	why = model_config_check(c);
	if (why)
		die("%s: %s", file, why);
	if ((size_t)word(f, 7) < c->vocab)
		die("%s: the padded vocabulary is below the vocabulary", file);
}

/* Checks the size that the header implies against the file. Nothing overflows,
 * since each size is below 2^24 and checked against the file one by one. */
static void check_size(const struct model_config *c, const struct mapped *f,
	const char *file, size_t size)
{
	double w = (double)c->width, l = (double)c->layers;
	double n = (double)word(f, 7) * w + (double)c->context * w +
		l * (12 * w * w + 13 * w) + 2 * w;

	if ((double)f->n != n * (double)size + 4 * HEADER_WORDS)
		die("%s: %zu bytes, but the header asks for %.0f: cut off?",
			file, f->n, n * (double)size + 4 * HEADER_WORDS);
}

static struct stored weight_of(const struct model_source *s,
	const struct tensor *t)
{
	size_t i;

	for (i = 0; strcmp(s->tensors[i].name, t->name);)
		i++;
	return (struct stored){
		.w = { .type = s->type,
			.rows = t->ndim == 2 ? t->shape[t->in_first] : 1,
			.cols = t->shape[t->ndim == 2 && !t->in_first],
			.data = s->places[i] },
		.transposed = t->in_first
	};
}

/* Finds each tensor in the file; padding rows follow the embedding. */
static void find_places(struct model_source *s)
{
	const struct model_config *c = &s->config;
	const unsigned char *p = s->map.p + 4 * HEADER_WORDS;
	size_t k, l, i;

	s->places = xcalloc(s->ntensor, sizeof *s->places);
	for (k = 0; k < NKIND; k++)
		for (l = 0; l < layers_of(c, k); l++) {
			const char *name = name_of(k, l);

			for (i = 0; strcmp(s->tensors[i].name, name);)
				i++;
			s->places[i] = p;
			p += dtype_bytes(s->type, k ? s->tensors[i].n :
				(size_t)word(&s->map, 7) * c->width);
		}
}

static void close_file(struct model_source *s)
{
	file_unmap(&s->map);
	free(s->places);
}

struct model_source *llmc_open(const char *file)
{
	struct model_source *s = xcalloc(1, sizeof *s);

	s->weight = weight_of;
	s->close = close_file;
	s->name = file;
	file_map(file, &s->map);
	read_header(&s->config, &s->map, file);
	s->type = word(&s->map, 1) == 3 ? DTYPE_F32 : DTYPE_BF16;
	check_size(&s->config, &s->map, file, dtype_bytes(s->type, 1));
	s->tensors = model_tensors(&s->config, &s->ntensor);
	find_places(s);
	return s;
}

/* ---- writing ---- */

static size_t padded(size_t vocab)
{
	return (vocab + PAD - 1) / PAD * PAD;
}

static void write_header(struct output *out, const struct model_config *c,
	enum dtype type)
{
	unsigned char header[4 * HEADER_WORDS] = { 0 };
	const size_t words[] = { MAGIC, type == DTYPE_F32 ? 3 : 5, c->context,
		c->vocab, c->layers, c->heads, c->width, padded(c->vocab) };
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		put_le32(header + 4 * i, (uint32_t)words[i]);
	output_write(out, header, sizeof header);
}

static void write_tensor(struct output *out, const struct tensor *t,
	bool transposed, enum dtype type)
{
	float *x;

	if (!transposed) {
		dtype_write(out, type, t->data, t->n);
		return;
	}
	x = xmalloc(t->n * sizeof *x);
	matrix_transpose(x, t->shape[0], t->data, t->shape[0],
		t->shape[1]);
	dtype_write(out, type, x, t->n);
	free(x);
}

void llmc_write(const struct model *m, const char *file, enum dtype type)
{
	const struct model_config *c = &m->config;
	size_t k, l, pad;
	struct output *out;
	float *zero;

	if (c->arch != architecture_find(ARCHITECTURE) || !c->tied ||
		c->ffn != 4 * c->width)
		die("%s: llm.c holds gpt2 models with a tied head and an MLP "
			"of 4 widths only", file);
	if (type != DTYPE_F32 && type != DTYPE_BF16)
		die("%s: llm.c holds f32 or bf16 only", file);
	out = output_open(file);
	write_header(out, c, type);
	pad = (padded(c->vocab) - c->vocab) * c->width;
	zero = xcalloc(pad, sizeof *zero);
	for (k = 0; k < NKIND; k++) {
		for (l = 0; l < layers_of(c, k); l++)
			write_tensor(out, model_tensor(m, name_of(k, l)),
				kinds[k].transposed, type);
		if (k == 0)
			dtype_write(out, type, zero, pad);
	}
	free(zero);
	output_close(out);
}
