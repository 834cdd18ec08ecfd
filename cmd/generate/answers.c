/* answers.c - answers as text, ids, logprobs or JSON lines: see answers.h */
#include "cmd/generate/answers.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/terminal.h"
#include "common/format/jsonwrite.h"
#include "common/format/rollout.h"

static struct {
	const struct answers_options *o;
	const struct generator *generator;
	struct output *out;
	const char *prompt;		/* for echo */
	size_t prompt_len;
	bool terminal;
	struct sampler *sampler;	/* for the largest logits */
	struct buf line;		/* of output, under construction */
} w;

void answers_open(const struct answers_options *o,
	const struct generator *g, struct output *out, bool terminal)
{
	w.o = o;
	w.generator = g;
	w.out = out;
	w.terminal = terminal;
	if (o->top)
		w.sampler = sampler_new(g->model->config.vocab);
}

void answers_close(void)
{
	if (w.sampler)
		sampler_free(w.sampler);
	buf_free(&w.line);
}

static void put_line(void)
{
	output_write(w.out, w.line.p, w.line.n);
	buf_reset(&w.line);
}

static void put_text(const char *s, size_t n)
{
	if (!n)
		return;
	if (w.terminal)
		terminal_escape(&w.line, s, n);
	else
		buf_add(&w.line, s, n);
	put_line();
}

/* ---- answers as text ---- */

static void add_ids(const struct ids *ids)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		buf_printf(&w.line, "%s%" PRIu32, w.line.n ? " " : "", ids->v[i]);
}

static void put_ids(const struct request *q, const struct answer *a)
{
	if (w.o->echo)
		add_ids(&q->ids);
	add_ids(&a->ids);
	buf_putc(&w.line, '\n');
	put_line();
}

/* Appends the text of n ids as a JSON string. */
static void add_text(const uint32_t *ids, size_t n)
{
	struct buf text = { 0 };

	tok_decode(w.generator->vocab, ids, n, &text);
	json_add_string(&w.line, text.p, text.n);
	buf_free(&text);
}

/* Writes one token per line: logprob, id, and text as a JSON string, or null
 * without a tokenizer. */
static void put_logprobs(const struct answer *a)
{
	size_t i;

	for (i = 0; i < a->ids.n; i++) {
		buf_printf(&w.line, "%.6f\t%" PRIu32 "\t",
			(double)a->logprob[i], a->ids.v[i]);
		if (w.generator->vocab)
			add_text(&a->ids.v[i], 1);
		else
			buf_str(&w.line, "null");
		buf_putc(&w.line, '\n');
	}
	put_line();
}

void answers_text(void *ctx, struct request *q, struct answer *a)
{
	if (q->written)
		output_str(w.out, "---\n");
	if (w.o->logprobs) {
		put_logprobs(a);
	} else if (w.o->ids) {
		put_ids(q, a);
	} else {
		if (w.o->echo && !w.o->streams)
			put_text(w.prompt, w.prompt_len);
		put_text(a->text.p + a->shown, a->text.n - a->shown);
		output_putc(w.out, '\n');
	}
	output_flush(w.out);
}

/* Prints the text that is final, in whole characters. */
bool answers_stream(void *ctx, struct answer *a)
{
	size_t n = answer_settled(a, &w.generator->stop);

	if (n <= a->shown)
		return true;
	put_text(a->text.p + a->shown, n - a->shown);
	output_flush(w.out);
	a->shown = n;
	return true;
}

void answers_begin(const char *prompt, size_t len)
{
	w.prompt = prompt;
	w.prompt_len = len;
	if (w.o->echo && w.o->streams)
		put_text(prompt, len);
}

/* ---- as JSON ---- */

void answers_note_top(void *ctx, struct prompt *p, const float *logits)
{
	struct request *q = (struct request *)p;
	size_t most = (size_t)w.o->top, n, i;
	uint32_t *ids;

	most = most < w.generator->usable ? most : w.generator->usable;
	ids = xcalloc(most, sizeof *ids);
	n = sampler_top(w.sampler, logits, w.generator->usable, most, ids);
	buf_putc(&q->top, '[');
	for (i = 0; i < n; i++) {
		buf_printf(&q->top, "%s[%" PRIu32 ",", i ? "," : "", ids[i]);
		json_add_float(&q->top, logits[ids[i]]);
		buf_putc(&q->top, ']');
	}
	buf_putc(&q->top, ']');
	free(ids);
}

/* Adds the prompt's id, byte for byte as in its record. */
static void add_id(const struct request *q)
{
	struct json id;

	if (!json_field(&q->fields, "id", &id))
		return;
	json_add_key(&w.line, "id");
	buf_add(&w.line, id.p, id.n);
}

static void add_numbers(const struct request *q, const struct answer *a)
{
	json_add_key(&w.line, "prompt_ids");
	json_add_ints(&w.line, (const int32_t *)q->ids.v, q->ids.n);
	json_add_key(&w.line, "ids");
	json_add_ints(&w.line, (const int32_t *)a->ids.v, a->ids.n);
	if (!w.o->logprobs)
		return;
	json_add_key(&w.line, "logprobs");
	json_add_floats(&w.line, a->logprob, a->ids.n);
}

void answers_json(void *ctx, struct request *q, struct answer *a)
{
	buf_putc(&w.line, '{');
	add_id(q);
	if (w.o->samples > 1) {
		json_add_key(&w.line, "sample");
		json_add_int(&w.line, (int64_t)a->index);
	}
	add_numbers(q, a);
	json_add_key(&w.line, "text");
	if (w.generator->vocab)
		json_add_string(&w.line, a->text.p, a->text.n);
	else
		buf_str(&w.line, "null");
	json_add_key(&w.line, "stop");
	json_add_cstring(&w.line, answer_stop_name(a->stop));
	if (q->top.n) {
		json_add_key(&w.line, "top");
		buf_add(&w.line, q->top.p, q->top.n);
	}
	rollout_carry(&w.line, &q->fields, "top");
	buf_str(&w.line, "}\n");
	put_line();
}
