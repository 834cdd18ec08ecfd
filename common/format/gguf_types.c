/* gguf_types.c - the types of values and of tensors in GGUF files: see gguf.h */
#include "common/format/gguf.h"

size_t gguf_type_size(enum gguf_type type)
{
	static const unsigned char sizes[GGUF_TYPES] = {
		[GGUF_U8] = 1, [GGUF_I8] = 1, [GGUF_U16] = 2, [GGUF_I16] = 2,
		[GGUF_U32] = 4, [GGUF_I32] = 4, [GGUF_F32] = 4,
		[GGUF_BOOL] = 1, [GGUF_U64] = 8, [GGUF_I64] = 8,
		[GGUF_F64] = 8
	};

	return sizes[type];
}

static const struct {
	const char *name;	/* NULL: removed from the format */
	enum dtype type;
} types[] = {
	[0] = { "F32", DTYPE_F32 },
	[1] = { "F16", DTYPE_F16 },
	[2] = { "Q4_0", DTYPE_Q4_0 },
	[3] = { "Q4_1", DTYPE_Q4_1 },
	[6] = { "Q5_0", DTYPE_Q5_0 },
	[7] = { "Q5_1", DTYPE_Q5_1 },
	[8] = { "Q8_0", DTYPE_Q8_0 },
	[9] = { "Q8_1", DTYPE_NONE },
	[10] = { "Q2_K", DTYPE_NONE },
	[11] = { "Q3_K", DTYPE_NONE },
	[12] = { "Q4_K", DTYPE_Q4_K },
	[13] = { "Q5_K", DTYPE_Q5_K },
	[14] = { "Q6_K", DTYPE_Q6_K },
	[15] = { "Q8_K", DTYPE_NONE },
	[16] = { "IQ2_XXS", DTYPE_NONE },
	[17] = { "IQ2_XS", DTYPE_NONE },
	[18] = { "IQ3_XXS", DTYPE_NONE },
	[19] = { "IQ1_S", DTYPE_NONE },
	[20] = { "IQ4_NL", DTYPE_NONE },
	[21] = { "IQ3_S", DTYPE_NONE },
	[22] = { "IQ2_S", DTYPE_NONE },
	[23] = { "IQ4_XS", DTYPE_NONE },
	[24] = { "I8", DTYPE_I8 },
	[25] = { "I16", DTYPE_I16 },
	[26] = { "I32", DTYPE_I32 },
	[27] = { "I64", DTYPE_I64 },
	[28] = { "F64", DTYPE_F64 },
	[29] = { "IQ1_M", DTYPE_NONE },
	[30] = { "BF16", DTYPE_BF16 },
	[34] = { "TQ1_0", DTYPE_NONE },
	[35] = { "TQ2_0", DTYPE_NONE },
	[39] = { "MXFP4", DTYPE_NONE },
};
#define NTYPE (sizeof types / sizeof *types)

const char *gguf_dtype_name(uint32_t number)
{
	return number < NTYPE ? types[number].name : NULL;
}

enum dtype gguf_dtype(uint32_t number)
{
	return gguf_dtype_name(number) ? types[number].type : DTYPE_NONE;
}

uint32_t gguf_dtype_number(enum dtype type)
{
	uint32_t i = 0;

	while (i < NTYPE && gguf_dtype(i) != type)
		i++;
	return i;
}
