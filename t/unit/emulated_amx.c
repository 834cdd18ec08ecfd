/* emulated_amx.c - the loops for AMX with its instructions in plain C: see
 * emulated.h; after their description in Intel's Software Developer's Manual
 */
#define AMX_EMULATED

#include "t/unit/emulated.h"

#include <float.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/kernel/amx.h"
#include "common/kernel/bf16.h"
#include "common/kernel/int8.h"
#include "common/kernel/simd.h"

/* ---- registers ---- */

enum { REGISTERS = 8, ROWS_MAX = 16, BYTES_MAX = 64 };

static _Thread_local struct {
	bool on;
	struct amx_config shape;
	unsigned char at[REGISTERS][ROWS_MAX][BYTES_MAX];
} amx;

static atomic_int in_use;

int emulated_in_use(void)
{
	return in_use;
}

static void need(bool true_, const char *what)
{
	if (!true_)
		die("AMX: %s", what);
}

/* Registers: rows, and bytes of a row. */
static int rows(int t)
{
	need(amx.on, "not configured");
	need(t >= 0 && t < REGISTERS && amx.shape.rows[t], "no such register");
	return amx.shape.rows[t];
}

static size_t bytes(int t)
{
	rows(t);
	return amx.shape.bytes[t];
}

static void amx_release(void)
{
	in_use -= amx.on;
	memset(&amx, 0, sizeof amx);
}

static void amx_configure(const struct amx_config *c)
{
	int i;

	amx_release();
	need(c->palette == 1 && !c->start, "no such palette");
	for (i = 0; i < 16; i++) {
		need(i >= 14 || !c->reserved[i], "reserved bytes");
		need(c->rows[i] <= ROWS_MAX && c->bytes[i] <= BYTES_MAX &&
			!c->rows[i] == !c->bytes[i] &&
			(i < REGISTERS || !c->rows[i]), "shape of a register");
	}
	amx.shape = *c;
	amx.on = true;
	in_use++;
}

static void amx_zero(int t)
{
	rows(t);
	memset(amx.at[t], 0, sizeof amx.at[t]);
}

static void amx_load(int t, const void *from, size_t stride)
{
	int r;

	amx_zero(t);
	for (r = 0; r < rows(t); r++)
		memcpy(amx.at[t][r], (const char *)from + (size_t)r * stride,
			bytes(t));
}

static void amx_store(int t, void *to, size_t stride)
{
	int r;

	for (r = 0; r < rows(t); r++)
		memcpy((char *)to + (size_t)r * stride, amx.at[t][r], bytes(t));
}

/* ---- products ---- */

static void need_shapes(int c, int a, int b)
{
	need(a != b && a != c && b != c, "the same register twice");
	need(rows(c) == rows(a), "rows of c and a differ");
	need(bytes(a) == 4 * (size_t)rows(b), "columns of a, rows of b differ");
	need(bytes(c) == bytes(b) && bytes(c) % 4 == 0, "columns of c and b differ");
}

static float flush(float x)
{
	return fabsf(x) < FLT_MIN ? copysignf(0, x) : x;
}

/* Number i of a row in bf16. */
static float half(const unsigned char *row, size_t i)
{
	uint32_t u = (uint32_t)(row[2 * i] | row[2 * i + 1] << 8) << 16;
	float x;

	memcpy(&x, &u, sizeof x);
	return flush(x);
}

/* The bits of an element of c, which were `bits` before: a row of a by column j of
 * register b. */
static uint32_t dot_bf16(uint32_t bits, const unsigned char *a, int b, size_t j)
{
	float even = 0, odd = 0, c;
	int k;

	for (k = 0; k < rows(b); k++) {
		const unsigned char *word = amx.at[b][k] + 4 * j;
		size_t i = 2 * (size_t)k;

		even = flush(fmaf(half(a, i), half(word, 0), even));
		odd = flush(fmaf(half(a, i + 1), half(word, 1), odd));
	}
	memcpy(&c, &bits, sizeof c);
	c = flush(flush(c) + flush(even + odd));
	memcpy(&bits, &c, sizeof c);
	return bits;
}

static uint32_t dot_int8(uint32_t bits, const unsigned char *a, int b, size_t j)
{
	int k, t;

	for (k = 0; k < rows(b); k++)
		for (t = 0; t < 4; t++)
			bits += (uint32_t)((int8_t)a[4 * k + t] *
				(int8_t)amx.at[b][k][4 * j + (size_t)t]);
	return bits;
}

static void multiply_registers(int c, int a, int b, uint32_t (*dot)(uint32_t bits,
	const unsigned char *a, int b, size_t j))
{
	size_t j;
	int r;

	need_shapes(c, a, b);
	for (r = 0; r < rows(c); r++)
		for (j = 0; j < bytes(c) / 4; j++) {
			uint32_t u;

			memcpy(&u, amx.at[c][r] + 4 * j, sizeof u);
			u = dot(u, amx.at[a][r], b, j);
			memcpy(amx.at[c][r] + 4 * j, &u, sizeof u);
		}
}

static void amx_dot_bf16(int c, int a, int b)
{
	multiply_registers(c, a, b, dot_bf16);
}

static void amx_dot_int8(int c, int a, int b)
{
	multiply_registers(c, a, b, dot_int8);
}

/* ---- what words.h takes from AVX512-BF16 ---- */

static uint32_t round_one(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof u);
	return bf16_round(u) >> 16;
}

static vi rounded(vf x)
{
	uint32_t u[W];
	float from[W];
	size_t i;

	v_store(from, x);
	for (i = 0; i < W; i++)
		u[i] = round_one(from[i]);
	return v_load_int(u);
}

static vi rounded_along(const float *p)
{
	uint32_t u[W];
	size_t i;

	for (i = 0; i < W; i++)
		u[i] = round_one(p[2 * i + 1]) << 16 | round_one(p[2 * i]);
	return v_load_int(u);
}

#undef ISA
#define ISA emulated
#include "common/kernel/int8_amx.c"
#include "common/kernel/tile_amx.c"

/* ---- what tests use ---- */

enum isa emulated_use(void)
{
	struct kernel_set s;

	kernel_use(ISA_AVX512);
	s = *kernel_set();
	s.bf16 = &bf16_emulated;
	s.int8 = &int8_emulated;
	kernel_replace(ISA_AMX, &s);
	return ISA_AMX;
}

void emulated_misuse(const char *what)
{
	static const struct amx_config some = {
		.palette = 1, .bytes = { 64, 64, 32, 64 }, .rows = { 16, 16, 16, 8 }
	};
	struct amx_config other = some;
	char memory[ROWS_MAX * BYTES_MAX] = { 0 };

	if (!strcmp(what, "unset")) {
		amx_zero(0);
		return;
	}
	if (!strcmp(what, "shape")) {
		other.rows[2] = 17;
		amx_configure(&other);
		return;
	}
	amx_configure(&some);
	if (!strcmp(what, "register"))
		amx_zero(4);
	if (!strcmp(what, "columns"))
		amx_dot_bf16(0, 1, 3);
	if (!strcmp(what, "rows"))
		amx_dot_bf16(3, 2, 1);
	if (!strcmp(what, "twice"))
		amx_dot_bf16(0, 1, 1);
	if (!strcmp(what, "outside"))
		amx_load(0, memory + 1, BYTES_MAX);
	if (!strcmp(what, "released")) {
		amx_release();
		amx_store(0, memory, BYTES_MAX);
	}
}
