/* weight.c - types of numbers and views of weights: see weight.h */
#include "common/format/weight.h"

#include <stdint.h>
#include <string.h>

#include "common/base/size.h"
#include "common/format/half.h"
#include "common/format/quant.h"

static void load_f32(float *out, const void *p, size_t n)
{
	memcpy(out, p, n * sizeof *out);
}

static void store_f32(void *p, const float *x, size_t n)
{
	memcpy(p, x, n * sizeof *x);
}

static void load_f64(float *out, const void *p, size_t n)
{
	const char *from = p;
	size_t i;

	for (i = 0; i < n; i++) {
		double d;

		memcpy(&d, from + i * sizeof d, sizeof d);
		out[i] = (float)d;
	}
}

static const struct dtype_row table[] = {
	[DTYPE_F32] = { "F32", 1, 4, load_f32, store_f32, NULL },
	[DTYPE_F16] = { "F16", 1, 2, half_load_f16, half_store_f16,
		half_beyond_f16 },
	[DTYPE_BF16] = { "BF16", 1, 2, half_load_bf16, half_store_bf16,
		half_beyond_bf16 },
	[DTYPE_F64] = { "F64", 1, 8, load_f64, NULL, NULL },
#define Q(NAME, elements, load, store, beyond) [DTYPE_##NAME] = { #NAME, \
	elements, QUANT_BYTES_##NAME, load, store, beyond }
	Q(Q8_0, QUANT_BLOCK, quant_load_q8_0, quant_store_q8_0,
		quant_beyond_q8_0),
	Q(Q4_0, QUANT_BLOCK, quant_load_q4_0, quant_store_q4_0,
		quant_beyond_q4_0),
	Q(Q4_1, QUANT_BLOCK, quant_load_q4_1, quant_store_q4_1,
		quant_beyond_q4_1),
	Q(Q5_0, QUANT_BLOCK, quant_load_q5_0, NULL, NULL),
	Q(Q5_1, QUANT_BLOCK, quant_load_q5_1, NULL, NULL),
	Q(Q4_K, QUANT_BLOCK_K, quant_load_q4_k, NULL, NULL),
	Q(Q5_K, QUANT_BLOCK_K, quant_load_q5_k, NULL, NULL),
	Q(Q6_K, QUANT_BLOCK_K, quant_load_q6_k, NULL, NULL),
#undef Q
	[DTYPE_I64] = { "I64", 1, 8, NULL, NULL, NULL },
	[DTYPE_I32] = { "I32", 1, 4, NULL, NULL, NULL },
	[DTYPE_I16] = { "I16", 1, 2, NULL, NULL, NULL },
	[DTYPE_I8] = { "I8", 1, 1, NULL, NULL, NULL },
	[DTYPE_U64] = { "U64", 1, 8, NULL, NULL, NULL },
	[DTYPE_U32] = { "U32", 1, 4, NULL, NULL, NULL },
	[DTYPE_U16] = { "U16", 1, 2, NULL, NULL, NULL },
	[DTYPE_U8] = { "U8", 1, 1, NULL, NULL, NULL },
	[DTYPE_BOOL] = { "BOOL", 1, 1, NULL, NULL, NULL },
	[DTYPE_F8_E4M3] = { "F8_E4M3", 1, 1, NULL, NULL, NULL },
	[DTYPE_F8_E5M2] = { "F8_E5M2", 1, 1, NULL, NULL, NULL },
};

const struct dtype_row *dtype_row(enum dtype type)
{
	return &table[type];
}

enum dtype dtype_find(const char *name)
{
	int i;

	for (i = 0; i < DTYPE_NONE; i++)
		if (!strcmp(table[i].name, name))
			break;
	return (enum dtype)i;
}

size_t dtype_bytes(enum dtype type, size_t n)
{
	return n / table[type].elements * table[type].bytes;
}

void dtype_write(struct output *out, enum dtype type, const float *x,
	size_t n)
{
	const struct dtype_row *row = dtype_row(type);
	unsigned char part[4096];
	size_t most = sizeof part / row->bytes * row->elements, k;

	for (; n; n -= k, x += k) {
		const float *beyond;

		k = size_min(n, most);
		beyond = row->beyond ? row->beyond(x, k) : NULL;
		if (beyond)
			die("%s: a parameter of %g does not fit in the type %s",
				output_name(out), (double)*beyond, row->name);
		row->from_float(part, x, k);
		output_write(out, part, dtype_bytes(type, k));
	}
}

struct weight weight_rows(const struct weight *w, size_t first, size_t n)
{
	struct weight part = *w;

	part.rows = n;
	part.data = (const char *)w->data +
		dtype_bytes(w->type, first * w->cols);
	return part;
}

size_t weight_bytes(const struct weight *w)
{
	return dtype_bytes(w->type, w->rows * w->cols);
}

void weight_floats(float *out, const struct weight *w)
{
	table[w->type].to_float(out, w->data, w->rows * w->cols);
}

bool weight_is_bf16(const struct weight *w)
{
	return w->type == DTYPE_F32 && half_is_bf16(w->data, w->rows * w->cols);
}

const float *weight_as_floats(const struct weight *w)
{
	bool is = w->type == DTYPE_F32 &&
		(uintptr_t)w->data % sizeof(float) == 0;

	return is ? w->data : NULL;
}
