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
#include "common/model/kinds.h"

#define MAGIC 20240326
#define HEADER_WORDS 256
#define PAD 128			/* vocabulary rows are padded to a multiple */
#define ARCHITECTURE "gpt2"	/* the only one of llm.c */
#define GPT2_EOT 50256	/* of GPT-2's vocabulary */

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
	const char *why, *note = whatis_note(file);
	int i;

	if (f->n < 4 * HEADER_WORDS || word(f, 0) != MAGIC)
		die("%s: not a checkpoint of llm.c%s", file, *note ? note :
			", nor a whole one of llama2.c");
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

/* In the order of the file. */
static const struct kind kinds[] = {
	{ "transformer.wte.weight", 0 },
	{ "transformer.wpe.weight", 0 },
	{ "transformer.h.%zu.ln_1.weight", KIND_LAYERED },
	{ "transformer.h.%zu.ln_1.bias", KIND_LAYERED },
	{ "transformer.h.%zu.attn.c_attn.weight", KIND_LAYERED | KIND_TRANSPOSED },
	{ "transformer.h.%zu.attn.c_attn.bias", KIND_LAYERED },
	{ "transformer.h.%zu.attn.c_proj.weight", KIND_LAYERED | KIND_TRANSPOSED },
	{ "transformer.h.%zu.attn.c_proj.bias", KIND_LAYERED },
	{ "transformer.h.%zu.ln_2.weight", KIND_LAYERED },
	{ "transformer.h.%zu.ln_2.bias", KIND_LAYERED },
	{ "transformer.h.%zu.mlp.c_fc.weight", KIND_LAYERED | KIND_TRANSPOSED },
	{ "transformer.h.%zu.mlp.c_fc.bias", KIND_LAYERED },
	{ "transformer.h.%zu.mlp.c_proj.weight", KIND_LAYERED | KIND_TRANSPOSED },
	{ "transformer.h.%zu.mlp.c_proj.bias", KIND_LAYERED },
	{ "transformer.ln_f.weight", 0 },
	{ "transformer.ln_f.bias", 0 },
};
#define NKIND (sizeof kinds / sizeof *kinds)

/* The embedding is followed by padding rows. */
static size_t elements(const struct model_source *s, size_t kind,
	const struct tensor *t)
{
	return kind ? t->n : (size_t)word(&s->map, 7) * s->config.width;
}

struct model_source *llmc_open(const char *file)
{
	struct model_source *s = xcalloc(1, sizeof *s);

	file_map(file, &s->map);
	read_header(&s->config, &s->map, file);
	s->type = word(&s->map, 1) == 3 ? DTYPE_F32 : DTYPE_BF16;
	check_size(&s->config, &s->map, file, dtype_bytes(s->type, 1));
	kinds_place(s, file, kinds, NKIND, 4 * HEADER_WORDS, elements);
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
		for (l = 0; l < kind_layers(c, &kinds[k]); l++)
			write_tensor(out, model_tensor(m, kind_name(&kinds[k], l)),
				kinds[k].flags & KIND_TRANSPOSED, type);
		if (k == 0)
			dtype_write(out, type, zero, pad);
	}
	free(zero);
	output_close(out);
}
