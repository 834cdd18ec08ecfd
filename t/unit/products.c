/* products - matrix products of all types and kinds compared with the plain ones:
 * see kernels.h
 *
 *	products TOPIC THREADS emulated
 *
 * compares the loops for AMX, on any processor with AVX-512 (emulated.h). */
#include "common/format/half.h"
#include "common/kernel/bf16.h"
#include "t/unit/emulated.h"
#include "t/unit/kernels.h"

/* ---- matmul ---- */

enum { NN, NT, TN, STRIDES, FORMS };

static void set_operands(struct matmul *p, int form, const float *a,
	const float *b)
{
	size_t m = p->m, n = p->n, k = p->k;

	p->a = a, p->b = b;
	p->a_row = form == TN ? 1 : k;
	p->a_col = form == TN ? m : 1;
	p->b_row = form == NT ? 1 : n;
	p->b_col = form == NT ? k : 1;
	if (form == STRIDES) {
		p->a_row = 3 * k + 1, p->a_col = 3;
		p->b_row = 2 * n + 5, p->b_col = 2;
	}
}

/* The right factor of p packed in slabs, from rows that are its columns or its
 * terms. */
static struct packed_matrix *pack(const struct matmul *p, bool in_first)
{
	size_t rows = in_first ? p->k : p->n, cols = in_first ? p->n : p->k;
	size_t step = in_first ? PACKED_STEP : 37, i, j;
	float *b = blank(rows * cols);
	struct packed_matrix *w = packed_new(packed_kind(COMPUTE_FP32,
		DTYPE_F32), p->n, p->k, NULL);
	struct weight all = { DTYPE_F32, rows, cols, b };

	for (i = 0; i < rows; i++)
		for (j = 0; j < cols; j++)
			b[i * cols + j] = p->b[(in_first ? i : j) * p->b_row +
				(in_first ? j : i) * p->b_col];
	for (i = 0; i < rows; i += step) {
		struct weight slab = weight_rows(&all, i,
			rows - i < step ? rows - i : step);

		if (!packed_put(w, i, &slab, in_first))
			failures++;
	}
	free(b);
	return w;
}

/* The upper bytes of the F16 scales of a quantized block. */
static void set_scales(char *p, enum dtype type, char high)
{
	if (type == DTYPE_Q6_K) {
		p[209] = high;
		return;
	}
	p[1] = high;
	if (type != DTYPE_Q8_0 && type != DTYPE_Q4_0 && type != DTYPE_Q5_0)
		p[3] = high;
}

/* Weights of a type near x (n); of types that are only read, random bits with
 * scales that are small and finite. */
static void make_weights(char *p, const float *x, size_t n, enum dtype type)
{
	const struct dtype_row *t = dtype_row(type);
	size_t i, j;

	if (t->from_float) {
		t->from_float(p, x, n);
		return;
	}
	for (i = 0; i < n / t->elements; i++, p += t->bytes) {
		for (j = 0; j < t->bytes; j++)
			p[j] = (char)hash_mix(i * t->bytes + j + 1);
		set_scales(p, type, 0x10);
	}
}

/* Number i, or the scale of its block, becomes infinite. */
static void make_infinite(char *p, size_t i, enum dtype type)
{
	const struct dtype_row *t = dtype_row(type);

	p += i / t->elements * t->bytes;
	if (t->elements > 1)
		set_scales(p, type, 0x7c);
	else
		t->from_float(p, &(float){ INFINITY }, 1);
}

/* The product with the transpose has the bits of matmul. forward: of W, whose
 * numbers it has as floats. */
static void packed_back(const struct packed_matrix *w,
	const struct matmul *forward)
{
	static const size_t batch[] = { 1, 3, 5, 70 };
	size_t n = forward->k, k = forward->n, i;
	float *x = numbers(5, 70 * k, 1), *add = numbers(6, 70 * n, 1);
	float *got = blank(70 * n), *want = blank(70 * n);
	struct matmul p = { .n = n, .k = k, .a = x, .a_row = k, .a_col = 1,
		.b = forward->b, .b_row = forward->b_col,
		.b_col = forward->b_row, .c_row = n, .add_row = n };

	for (i = 0; i < sizeof batch / sizeof *batch; i++) {
		p.add = i % 2 ? add : NULL;
		p.m = batch[i];
		p.c = got;
		matmul_packed_back(&p, w);
		p.c = want;
		matmul(&p);
		compare("packed, transposed", got, want, p.m * n, 0);
	}
	free(x), free(add), free(got), free(want);
}

/* Weights of another type at odd addresses multiply one, few and many rows with
 * the same bits as the equal floats; columns can be unpacked again; non-finite
 * weights are reported. */
static void one_packed(size_t n, size_t k, enum dtype type, bool in_first)
{
	static const size_t batch[] = { 1, 2, 3, 4, 5, 70 };
	size_t rows = in_first ? k : n, cols = in_first ? n : k, i, j;
	float *b = numbers(1, n * k, 1), *x = numbers(2, 70 * k, 1);
	float *got = blank(70 * n), *want = blank(70 * n), *row = blank(k);
	float *bias = numbers(3, n, 1), *add = numbers(4, 70 * n, 1);
	char *memory = xmalloc(dtype_bytes(type, n * k) + 1);
	struct weight file = { type, rows, cols, memory + 1 };
	struct matmul p = { .n = n, .k = k, .a = x, .a_row = k, .a_col = 1,
		.c_row = n, .bias = bias, .add = add, .add_row = n };
	const size_t place[] = { 0, n * k / 2, n * k - 1 };
	struct packed_matrix *w;

	make_weights(memory + 1, b, n * k, type);
	weight_floats(b, &file);
	p.b = b, p.b_row = in_first ? n : 1, p.b_col = in_first ? 1 : k;
	kernel_use(isa);
	w = packed_new(packed_kind(COMPUTE_FP32, type), n, k, NULL);
	if (!packed_put(w, 0, &file, in_first))
		failures++;
	for (i = 0; i < sizeof batch / sizeof *batch; i++) {
		p.m = batch[i];
		p.c = got;
		matmul_packed(&p, w);
		p.c = want;
		matmul(&p);
		compare("packed, another type", got, want, p.m * n, 0);
	}
	packed_back(w, &p);
	for (j = 0; j < n; j += n / 3 + 1) {
		int32_t id = (int32_t)j;

		packed_columns(row, w, &id, 1);
		for (i = 0; i < k; i++)
			if (row[i] != b[i * p.b_row + j * p.b_col])
				failures++;
	}
	for (i = 0; i < LENGTH(place); i++) {
		make_weights(memory + 1, b, n * k, type);
		make_infinite(memory + 1, place[i], type);
		if (packed_put(w, 0, &file, in_first))
			failures++;
	}
	packed_free(w);
	free(b), free(x), free(got), free(want), free(row), free(memory);
	free(bias), free(add);
}

static void one_matmul(size_t m, size_t n, size_t k, int form, int extras)
{
	size_t c_row = form == STRIDES ? n + 3 : n, size = m * c_row;
	float *a = numbers(1, m * (3 * k + 1) + 1, 1);
	float *b = numbers(2, k * (2 * n + 5) + 1, 1);
	float *bias = numbers(3, n + 1, 1), *old = numbers(4, size + 1, 1);
	float *want = copy_of(old, size), *got = copy_of(old, size);
	float *again = copy_of(old, size);
	struct packed_matrix *w;
	struct matmul p = { .m = m, .n = n, .k = k, .c = want, .c_row = c_row,
		.bias = extras & 1 ? bias : NULL,
		.add = extras & 2 ? old : NULL, .add_row = c_row };
	char what[100];

	set_operands(&p, form, a, b);
	snprintf(what, sizeof what, "matmul %zux%zux%zu form %d extras %d", m,
		n, k, form, extras);
	kernel_use(ISA_C);
	matmul(&p);
	kernel_use(isa);
	p.c = got;
	if (extras & 2)
		p.add = got;	/* adds in place */
	matmul(&p);
	compare(what, got, want, size, 2e-6);
	w = pack(&p, form == STRIDES);
	p.c = again;
	p.add = p.add ? again : NULL;
	p.b = NULL;
	matmul_packed(&p, w);
	if (memcmp(again, got, size * sizeof *got)) {
		warn("%s, %s: packed has other bits", what, cpu_isa_name(isa));
		failures++;
	}
	packed_free(w);
	free(a), free(b), free(bias), free(old);
	free(want), free(got), free(again);
}

/* A row has the same bits alone and in every batch. */
static void rows_alone(size_t m, size_t n, size_t k, enum compute compute)
{
	float *a = numbers(1, m * k, 1), *b = numbers(2, n * k, 1);
	float *all = blank(m * n), *one = blank(n);
	struct matmul p = { .m = m, .n = n, .k = k, .a = a, .a_row = k,
		.a_col = 1, .b = b, .b_row = 1, .b_col = k, .c = all,
		.c_row = n, .compute = compute };
	size_t i;

	kernel_use(isa);
	matmul(&p);
	p.m = 1, p.c = one;
	for (i = 0; i < m; i += m / 7 + 1) {
		p.a = a + i * k;
		matmul(&p);
		if (memcmp(one, all + i * n, n * sizeof *one)) {
			warn("row %zu of %zux%zux%zu differs alone", i, m, n,
				k);
			failures++;
		}
	}
	free(a), free(b), free(all), free(one);
}

/* A product of x (k,n) or its transpose with itself has the bits of any other. */
static void symmetric(size_t n, size_t k, bool tall, enum compute compute)
{
	float *x = numbers(1, n * k, 1), *half = blank(n * n), *full = blank(n * n);
	struct matmul p = { .m = n, .n = n, .k = k, .a = x, .b = x,
		.a_row = tall ? 1 : k, .a_col = tall ? n : 1,
		.b_row = tall ? n : 1, .b_col = tall ? 1 : k,
		.c = full, .c_row = n, .compute = compute };

	kernel_use(isa);
	matmul(&p);
	p.c = half;
	p.symmetric = true;
	matmul(&p);
	if (memcmp(half, full, n * n * sizeof *full)) {
		warn("a symmetric product of %zux%zux%zu, %s, has other bits", n, n,
			k, tall ? "tall" : "wide");
		failures++;
	}
	free(x), free(half), free(full);
}

static void test_matmul(void)
{
	static const size_t self[][2] = { { 1, 3 }, { 64, 40 }, { 65, 9 }, { 96, 800 },
		{ 331, 100 }, { 1700, 33 } };
	static const size_t shape[][3] = { { 1, 1, 1 }, { 1, 40, 7 },
		{ 2, 3, 0 }, { 3, 33, 400 }, { 5, 8, 16 }, { 6, 16, 385 },
		{ 7, 17, 31 }, { 14, 32, 384 }, { 13, 31, 100 },
		{ 28, 64, 33 }, { 15, 1, 50 }, { 64, 96, 770 }, { 65, 15, 9 },
		{ 65, 70, 800 }, { 100, 47, 13 }, { 240, 35, 17 },
		{ 300, 1600, 20 }, { 70, 9, 1 } };
	size_t i;
	int form, extras, type;

	for (i = 0; i < LENGTH(shape); i++)
		for (form = 0; form < FORMS; form++)
			for (extras = 0; extras < 4; extras++)
				one_matmul(shape[i][0], shape[i][1],
					shape[i][2], form, extras);
	for (form = 0; form < 2; form++) {
		one_packed(3, 5, DTYPE_BF16, form);
		one_packed(37, 400, DTYPE_F16, form);
		one_packed(130, 770, DTYPE_BF16, form);
		one_packed(64, 32, DTYPE_F32, form);
	}
	for (type = DTYPE_Q8_0; type <= DTYPE_Q6_K; type++)
		one_packed(75, 768, (enum dtype)type, false);
	for (i = 0; i < LENGTH(self); i++)
		for (form = 0; form < 4; form++)
			symmetric(self[i][0], self[i][1], form & 1,
				form & 2 ? COMPUTE_BF16 : COMPUTE_FP32);
	rows_alone(70, 100, 500, COMPUTE_FP32);
	rows_alone(300, 33, 385, COMPUTE_FP32);
	rows_alone(64, 64, 64, COMPUTE_FP32);
	if (isa != ISA_C)	/* several bands of rows and blocks of columns */
		rows_alone(2900, 1540, 384, COMPUTE_FP32);
}

/* ---- products in integers ---- */

enum { INT8_M = 131 };	/* two parts of int8.c */

/* Rows of A: ordinary ones, zeros, one large number, numbers of all sizes, tiny
 * ones, one large block of 8. */
static float *make_rows(size_t m, size_t k)
{
	float *x = numbers(2, m * k, 1);
	size_t l;

	for (l = 0; l < k; l++) {
		x[k + l] = 0;
		x[3 * k + l] *= ldexpf(1, (int)(l % 90) - 45);
		x[4 * k + l] *= 1e-36f;
		if (l / 32 % 8 == 3)
			x[5 * k + l] *= 1000;
	}
	x[2 * k + k / 2] = -1e6f;
	return x;
}

/* C in double precision, from the weights as they were packed. */
static void multiply_double(float *c, const struct matmul *p,
	const struct packed_matrix *w)
{
	float *column = blank(p->k);
	size_t i, j, l;

	for (j = 0; j < p->n; j++) {
		int32_t id = (int32_t)j;

		packed_columns(column, w, &id, 1);
		for (i = 0; i < p->m; i++) {
			double x = (double)p->bias[j] +
				(double)p->add[i * p->add_row + j];

			for (l = 0; l < p->k; l++)
				x += (double)column[l] *
					(double)p->a[i * p->a_row + l];
			c[i * p->n + j] = (float)x;
		}
	}
	free(column);
}

/* In the first of m rows. */
static void not_finite(const struct matmul *p, size_t m, float *a, float *c,
	const struct packed_matrix *w)
{
	struct matmul q = *p;
	size_t j;

	a[p->k - 1] = NAN;
	a[p->k] = -INFINITY;
	q.m = m;
	q.c = c;
	matmul_packed(&q, w);
	for (j = 0; j < p->n; j++)
		if (!isnan(c[j]) || !isnan(c[p->n + j]) ||
				isnan(c[2 * p->n + j])) {
			warn("int8: NaN or infinity in A is lost");
			failures++;
			return;
		}
}

/* How far results are from those in double precision: with 8 bits, of ordinary
 * rows, where all blocks are alike, about 2.3 / 127 / sqrt(12); hardly more than
 * with 15 bits where a few large blocks make them. */
static void check_int8(const float *got, const float *want, size_t n,
	size_t k, enum compute compute)
{
	bool fine = compute == COMPUTE_INT16;

	if (fine)
		compare("int8, plain C beside double precision", got, want,
			INT8_M * n, 2e-4);
	if (k > 128)
		compare("int8, a large block beside double precision",
			got + 5 * n, want + 5 * n, n, 1e-4);
	compare("int8, ordinary rows beside double precision", got + 6 * n,
		want + 6 * n, (INT8_M - 6) * n, fine ? 6e-5 : 8e-3);
}

/* All sets compute the same bits as plain C, in any batch, and nearly what
 * double precision does. */
static void one_int8(size_t n, size_t k, enum dtype type, bool in_first,
	enum compute compute)
{
	static const size_t batch[] = { 1, 2, 3, 4, 7, 15, 16, 17, 70,
		INT8_M };
	size_t rows = in_first ? k : n, cols = in_first ? n : k, i;
	float *b = numbers(1, n * k, 1), *a = make_rows(INT8_M, k);
	float *bias = numbers(3, n, 1), *add = numbers(4, INT8_M * n, 1);
	float *got = blank(INT8_M * n), *want = blank(INT8_M * n);
	char *memory = xmalloc(dtype_bytes(type, n * k) + 1);
	struct weight file = { type, rows, cols, memory + 1 };
	struct matmul p = { .m = INT8_M, .n = n, .k = k, .a = a, .a_row = k,
		.a_col = 1, .c_row = n, .bias = bias, .add = add,
		.add_row = n };
	struct packed_kind kind = packed_kind(compute, type);
	struct packed_matrix *w;

	make_weights(memory + 1, b, n * k, type);
	kernel_use(ISA_C);
	w = packed_new(kind, n, k, NULL);
	if (!packed_put(w, 0, &file, in_first))
		failures++;
	p.c = got;
	matmul_packed(&p, w);
	multiply_double(want, &p, w);
	check_int8(got, want, n, k, compute);
	packed_free(w);
	kernel_use(isa);
	w = packed_new(kind, n, k, NULL);
	if (!packed_put(w, 0, &file, in_first))
		failures++;
	p.c = want;
	for (i = 0; i < LENGTH(batch); i++) {
		p.m = batch[i];
		matmul_packed(&p, w);
		compare("int8", want, got, p.m * n, 0);
	}
	p.add = NULL, p.bias = NULL;
	not_finite(&p, 3, a, want, w);
	not_finite(&p, 19, a, want, w);
	packed_free(w);
	free(a), free(b), free(bias), free(add), free(got), free(want);
	free(memory);
}

static void test_int8(void)
{
	enum compute c;
	int type;

	for (c = COMPUTE_INT16; c <= COMPUTE_INT8; c++) {
		for (type = DTYPE_Q8_0; type <= DTYPE_Q6_K; type++)
			one_int8(75, 768, (enum dtype)type, false, c);
		one_int8(33, 5, DTYPE_F32, false, c);
		one_int8(70, 800, DTYPE_F32, true, c);
		one_int8(37, 420, DTYPE_BF16, true, c);
		one_int8(130, 97, DTYPE_F16, false, c);
	}
}

/* ---- products in bf16 ---- */

enum { BF16_M = 70 };

/* Rows of A: those of make_rows, then some whose products, sums or numbers are
 * smaller than the smallest normal number, and one with which such a weight would
 * count. */
static float *make_small_rows(size_t k)
{
	static const float by[] = { 1e-37f, 3e-38f, 1e-38f, 1e-39f };
	float *x = make_rows(BF16_M, k);
	size_t r, l;

	for (r = 0; r < LENGTH(by); r++)
		for (l = 0; l < k; l++)
			x[(5 + r) * k + l] *= by[r];
	x[9 * k] = 5e37f;
	return x;
}

/* x rounded, with the conversion of files. */
static float *round_to_bf16(const float *x, size_t n)
{
	char *file = xmalloc(2 * n);
	float *y = blank(n);

	half_store_bf16(file, x, n);
	half_load_bf16(y, file, n);
	free(file);
	return y;
}

static void infinite_in_bf16(const struct matmul *p, float *a, float *c,
	const struct packed_matrix *w)
{
	struct matmul q = *p;
	size_t j;

	a[p->k - 1] = NAN;
	a[2 * p->k - 1] = -INFINITY;
	q.m = 3;
	q.c = c;
	matmul_packed(&q, w);
	for (j = 0; j < p->n; j++)
		if (!isnan(c[j]) || isfinite(c[p->n + j]) ||
				!isfinite(c[2 * p->n + j])) {
			warn("bf16, %s: NaN or infinity in A is lost",
				cpu_isa_name(isa));
			failures++;
			return;
		}
}

/* The columns are the rounded weights. */
static void check_columns(const struct packed_matrix *w, const struct matmul *p,
	bool in_first)
{
	float *row = blank(p->k), *want = round_to_bf16(p->b, p->n * p->k);
	size_t j, l;

	for (j = 0; j < p->n; j += p->n / 3 + 1) {
		int32_t id = (int32_t)j;

		packed_columns(row, w, &id, 1);
		for (l = 0; l < p->k; l++)
			if (row[l] != want[in_first ? l * p->n + j :
					j * p->k + l])
				failures++;
	}
	free(row), free(want);
}

/* The definition: that of AMX if it is tested, otherwise what PIPELM_ISA=c runs. */
static void in_c(const struct matmul *p, const struct packed_matrix *w)
{
	if (!strcmp(cpu_isa_name(isa), "amx") && p->k)
		bf16_plain(p, w, true);
	else if (w)
		matmul_packed(p, w);
	else
		matmul(p);
}

/* Plain C computes nearly what double precision does with rounded factors. */
static void plain_bf16(const struct matmul *p, const struct packed_matrix *w,
	bool in_first)
{
	float *want = blank(BF16_M * p->n), *near = blank(BF16_M * p->n);
	float *a = round_to_bf16(p->a, BF16_M * p->k);
	struct matmul q = *p;
	size_t i;

	multiply_double(near, &q, w);
	q.a = a;
	multiply_double(want, &q, w);
	for (i = 0; i < BF16_M * p->n; i += p->n)
		compare("bf16, plain C beside double precision", p->c + i,
			want + i, p->n, 1e-6);
	i = 10 * p->n;		/* ordinary rows */
	compare("bf16, plain C beside unrounded A", p->c + i, near + i,
		BF16_M * p->n - i, 4e-3);	/* 2^-8 */
	check_columns(w, p, in_first);
	free(a), free(want), free(near);
}

/* All sets compute the same bits as their definition, in any batch, packed or
 * not. */
static void packed_in_bf16(size_t n, size_t k, enum dtype type, bool in_first)
{
	static const size_t batch[] = { 1, 2, 3, 4, 5, 13, 14, 15, 33, 64, 65,
		BF16_M };
	size_t rows = in_first ? k : n, cols = in_first ? n : k, i;
	float *b = numbers(1, n * k, 1), *a = make_small_rows(k);
	float *bias = numbers(3, n, 1), *add = numbers(4, BF16_M * n, 1);
	float *got = blank(BF16_M * n), *want = blank(BF16_M * n);
	char *memory = xmalloc(dtype_bytes(type, n * k) + 1);
	struct weight file = { type, rows, cols, memory + 1 };
	struct matmul p = { .m = BF16_M, .n = n, .k = k, .a = a, .a_row = k,
		.a_col = 1, .b = b, .b_row = in_first ? n : 1,
		.b_col = in_first ? 1 : k, .c = want, .c_row = n,
		.bias = bias, .add = add, .add_row = n,
		.compute = COMPUTE_BF16 };
	struct packed_kind kind = packed_kind(COMPUTE_BF16, type);
	struct packed_matrix *w;

	for (i = 0; i < n; i++)	/* of columns whose products are tiny */
		if (i % 3 == 0)
			bias[i] = 0, add[5 * n + i] = 0, add[6 * n + i] = 1e-39f;
	make_weights(memory + 1, b, n * k, type);
	if (type == DTYPE_BF16)	/* the first one is denormal */
		memory[1] = 0x7f, memory[2] = 0;
	weight_floats(b, &file);
	kernel_use(ISA_C);
	w = packed_new(kind, n, k, NULL);
	if (!packed_put(w, 0, &file, in_first))
		failures++;
	in_c(&p, w);
	plain_bf16(&p, w, in_first);
	packed_free(w);
	kernel_use(isa);
	w = packed_new(kind, n, k, NULL);
	if (!packed_put(w, 0, &file, in_first))
		failures++;
	check_columns(w, &p, in_first);
	p.c = got;
	for (i = 0; i < LENGTH(batch); i++) {
		p.m = batch[i];
		matmul_packed(&p, w);
		compare("bf16", got, want, p.m * n, 0);
		matmul(&p);
		compare("bf16, not packed", got, want, p.m * n, 0);
	}
	p.add = NULL, p.bias = NULL;
	infinite_in_bf16(&p, a, got, w);
	make_infinite(memory + 1, n * k - 1, type);
	if (packed_put(w, 0, &file, in_first))
		failures++;
	packed_free(w);
	free(a), free(b), free(bias), free(add), free(got), free(want);
	free(memory);
}

static uint16_t *half_of(const float *x, size_t n)
{
	uint16_t *out = xmalloc((n + 1) * sizeof *out);

	bf16_round_loop(out, x, n);
	return out;
}

/* The three forms of training, from any strides, and without gaps also from factors that
 * are rounded already. */
static void form_in_bf16(size_t m, size_t n, size_t k, int form, int extras)
{
	size_t c_row = form == STRIDES ? n + 3 : n, size = m * c_row;
	float *a = numbers(1, m * (3 * k + 1) + 1, 1);
	float *b = numbers(2, k * (2 * n + 5) + 1, 1);
	float *bias = numbers(3, n + 1, 1), *old = numbers(4, size + 1, 1);
	float *want = copy_of(old, size), *got = copy_of(old, size);
	struct matmul p = { .m = m, .n = n, .k = k, .c = want, .c_row = c_row,
		.bias = extras & 1 ? bias : NULL,
		.add = extras & 2 ? want : NULL, .add_row = c_row,
		.compute = COMPUTE_BF16 };
	char what[100];
	int given;

	set_operands(&p, form, a, b);
	snprintf(what, sizeof what, "bf16 %zux%zux%zu form %d extras %d", m, n,
		k, form, extras);
	kernel_use(ISA_C);
	in_c(&p, NULL);
	kernel_use(isa);
	p.c = got;
	p.add = p.add ? got : NULL;
	matmul(&p);
	compare(what, got, want, size, 0);
	for (given = 1; given < 4 && form != STRIDES && extras == 3; given++) {
		memcpy(got, old, size * sizeof *got);
		p.a16 = given & 1 ? half_of(a, m * k) : NULL;
		p.b16 = given & 2 ? half_of(b, k * n) : NULL;
		p.a = given & 1 ? NULL : a;
		p.b = given & 2 ? NULL : b;
		matmul(&p);
		compare("bf16, factors rounded before", got, want, size, 0);
		free((void *)p.a16), free((void *)p.b16);
	}
	free(a), free(b), free(bias), free(old), free(want), free(got);
}

static void test_bf16(void)
{
	static const size_t shape[][3] = { { 1, 1, 1 }, { 1, 40, 7 },
		{ 2, 3, 0 }, { 3, 33, 401 }, { 6, 16, 385 }, { 14, 32, 384 },
		{ 28, 64, 33 }, { 15, 1, 50 }, { 64, 96, 770 }, { 65, 15, 9 },
		{ 240, 35, 17 }, { 70, 1600, 3 }, { 70, 9, 769 } };
	size_t i;
	int form;

	for (i = 0; i < LENGTH(shape); i++)
		for (form = 0; form < 4 * FORMS; form++)
			form_in_bf16(shape[i][0], shape[i][1], shape[i][2],
				form % FORMS, form / FORMS);
	for (form = 0; form < 2; form++) {
		packed_in_bf16(3, 5, DTYPE_BF16, form);
		packed_in_bf16(32, 64, DTYPE_BF16, form);
		packed_in_bf16(130, 771, DTYPE_BF16, form);
		packed_in_bf16(37, 401, DTYPE_F16, form);
		packed_in_bf16(70, 800, DTYPE_F32, form);
	}
	packed_in_bf16(75, 768, DTYPE_Q8_0, false);
	packed_in_bf16(33, 256, DTYPE_Q4_K, false);
	rows_alone(70, 90, 800, COMPUTE_BF16);
#ifndef __SANITIZE_ADDRESS__	/* for which emulating it takes long */
	if (isa != ISA_C)
		rows_alone(2100, 1030, 1100, COMPUTE_BF16);
#endif
}

int main(int argc, char **argv)
{
	static const struct topic topics[] = {
		{ "matmul", test_matmul },
		{ "int8", test_int8 },
		{ "bf16", test_bf16 },
	};

	err_init(argv[0]);
	if (argc > 3)
		only = emulated_use();
	return run_topic(argc, argv, topics, LENGTH(topics)) ||
		emulated_in_use();
}
