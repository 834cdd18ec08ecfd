/* activation.c - GELU and SwiGLU on all threads: see kernel.h */
#include "common/kernel/numbers.h"
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

struct activation {
	struct values_out out;
	const float *d_out, *x;
	size_t n;
};

static void gelu_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct activation *p = ctx;

	kernel_set()->activation->gelu(values_out_at(p->out, begin), p->x + begin,
		end - begin);
}

void gelu_forward(struct values_out out, const float *x, size_t n)
{
	struct activation p = { .out = out, .x = x };

	rows_each(n, PART_FLOATS, gelu_part, &p);
}

static void gelu_backward_part(void *ctx, size_t begin, size_t end,
	size_t part)
{
	const struct activation *p = ctx;

	kernel_set()->activation->gelu_backward(values_out_at(p->out, begin),
		p->d_out + begin, p->x + begin, end - begin);
}

void gelu_backward(struct values_out d_x, const float *d_out, const float *x, size_t n)
{
	struct activation p = { .out = d_x, .d_out = d_out, .x = x };

	rows_each(n, PART_FLOATS, gelu_backward_part, &p);
}

static void swiglu_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct activation *p = ctx;
	size_t r, n = p->n;

	for (r = begin; r < end; r++)
		kernel_set()->activation->swiglu(values_out_at(p->out, r * n),
			p->x + 2 * r * n, p->x + (2 * r + 1) * n, n);
}

void swiglu_forward(struct values_out out, const float *gate_up, size_t rows, size_t n)
{
	struct activation p = { .out = out, .x = gate_up, .n = n };

	rows_each(rows, rows_step(2 * n), swiglu_part, &p);
}

static void swiglu_backward_part(void *ctx, size_t begin, size_t end,
	size_t part)
{
	const struct activation *p = ctx;
	size_t r, n = p->n;

	for (r = begin; r < end; r++) {
		size_t gate = 2 * r * n, up = gate + n;

		kernel_set()->activation->swiglu_backward(
			values_out_at(p->out, gate), values_out_at(p->out, up),
			p->d_out + r * n, p->x + gate, p->x + up, n);
	}
}

void swiglu_backward(struct values_out d_gate_up, const float *d_out,
	const float *gate_up, size_t rows, size_t n)
{
	struct activation p = { .out = d_gate_up, .d_out = d_out,
		.x = gate_up, .n = n };

	rows_each(rows, rows_step(2 * n), swiglu_backward_part, &p);
}
