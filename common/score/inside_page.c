/* inside_page.c - a page that shows texts as a model reads them: see
 * inside_page.h
 *
 * What needs no pointer is written as markup; the rest is data for inside.js,
 * with log-probabilities in hundredths of a nat and norms of three digits.
 */
#include "common/score/inside_page.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonwrite.h"
#include "common/model/architecture.h"
#include "common/page/page.h"
#include "common/score/inside.h"

extern const unsigned char inside_css[], inside_css_end[];
extern const unsigned char inside_js[], inside_js_end[];

#define WORST 10.0	/* bits of surprise that have the strongest colour */

struct inside_page {
	struct page *page;
	const struct generator *g;
	size_t top;
	unsigned texts;
	struct buf line, word;
	bool *used;		/* (vocab) ids whose text the script needs */
};

struct inside_page *inside_page_begin(struct output *out,
	const struct generator *g, size_t top)
{
	struct inside_page *p = xcalloc(1, sizeof *p);
	const struct page_file style = PAGE_FILE(inside_css);
	const struct model_config *c = &g->model->config;

	p->g = g;
	p->top = top < g->usable ? top : g->usable;
	p->used = xcalloc(c->vocab, sizeof *p->used);
	p->page = page_begin(out, "Inside the network", &style);
	page_markup(p->page, "<p>The model <b>");
	page_string(p->page, g->dir);
	page_markup(p->page, "</b>: %s, %zu layers of %zu heads, width %zu, "
		"%.4g million parameters, %zu tokens.</p>\n", c->arch->name,
		c->layers, c->heads, c->width, (double)g->model->nparam / 1e6,
		g->usable);
	page_show_spaces(p->page);
	return p;
}

void inside_page_end(struct inside_page *p, uint64_t left_out)
{
	if (left_out)
		page_paragraph(p->page, "%" PRIu64 " more texts are not on this "
			"page.", left_out);
	page_script(p->page, PAGE_FILE(inside_js));
	page_end(p->page);
	buf_free(&p->line);
	buf_free(&p->word);
	free(p->used);
	free(p);
}

/* ---- words ---- */

/* The text of a token; bytes of a part of a character in hexadecimal. */
static const struct buf *word(struct inside_page *p, uint32_t id)
{
	size_t n = 0, i;
	const char *s = vocab_bytes(p->g->vocab, id, &n);

	buf_reset(&p->word);
	if (!s)
		buf_printf(&p->word, "[%" PRIu32 "]", id);
	else if (utf8_valid(s, n))
		buf_add(&p->word, s, n);
	else
		for (i = 0; i < n; i++)
			buf_printf(&p->word, "\\x%02x", (unsigned char)s[i]);
	return &p->word;
}

static void add_words(struct inside_page *p)
{
	size_t i, n = p->g->model->config.vocab;

	json_add_key(&p->line, "words");
	buf_putc(&p->line, '{');
	for (i = 0; i < n; i++) {
		const struct buf *w;
		char id[24];

		if (!p->used[i])
			continue;
		w = word(p, (uint32_t)i);
		snprintf(id, sizeof id, "%zu", i);
		json_add_key(&p->line, id);
		json_add_string(&p->line, w->p, w->n);
	}
	buf_putc(&p->line, '}');
	memset(p->used, 0, n * sizeof *p->used);
}

/* ---- data for the script ---- */

/* -100 times a log-probability. */
static void add_logprob(struct buf *b, float x)
{
	buf_printf(b, "%ld", lroundf(-100 * x));
}

static void add_logprobs(struct buf *b, const char *key, const float *x,
	size_t n)
{
	size_t i;

	json_add_key(b, key);
	buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		json_add_comma(b);
		add_logprob(b, x[i]);
	}
	buf_putc(b, ']');
}

/* [[id,logprob,id,logprob,...],...], a list for each of n predictions. */
static void add_best(struct inside_page *p, const char *key,
	const struct logit *best, size_t n, size_t top)
{
	size_t i, k;

	json_add_key(&p->line, key);
	buf_putc(&p->line, '[');
	for (i = 0; i < n; i++) {
		buf_str(&p->line, i ? ",[" : "[");
		for (k = 0; k < top; k++) {
			const struct logit *x = &best[i * top + k];

			p->used[x->id] = true;
			buf_printf(&p->line, "%s%" PRIu32 ",", k ? "," : "",
				x->id);
			add_logprob(&p->line, x->logit);
		}
		buf_putc(&p->line, ']');
	}
	buf_putc(&p->line, ']');
}

static void add_tokens(struct inside_page *p, const struct inside *in)
{
	size_t i;

	json_add_key(&p->line, "ids");
	json_add_ints(&p->line, in->ids, in->n);
	for (i = 0; i < in->n; i++)
		p->used[in->ids[i]] = true;
	add_logprobs(&p->line, "logprob", in->logprob, in->n - 1);
	json_add_key(&p->line, "rank");
	json_add_ints(&p->line, in->rank, in->n - 1);
	json_add_key(&p->line, "entropy");
	buf_putc(&p->line, '[');
	for (i = 0; i + 1 < in->n; i++)
		buf_printf(&p->line, "%s%.2f", i ? "," : "",
			(double)in->entropy[i] / log(2));
	buf_putc(&p->line, ']');
	add_best(p, "best", in->best, in->n - 1, in->top);
}

static void add_layers(struct inside_page *p, const struct inside *in)
{
	size_t n = in->n - 1, l, i;

	json_add_key(&p->line, "lens");
	buf_putc(&p->line, '[');
	for (l = 0; l <= in->layers; l++) {
		buf_str(&p->line, l ? ",{" : "{");
		add_logprobs(&p->line, "logprob", in->lens_logprob + l * n, n);
		add_best(p, "best", in->lens + l * n * in->lens_top, n,
			in->lens_top);
		json_add_key(&p->line, "norm");
		for (i = 0; i < in->n; i++)
			buf_printf(&p->line, "%c%.3g", i ? ',' : '[',
				in->norm[l * in->n + i]);
		buf_str(&p->line, "]}\n");
	}
	buf_putc(&p->line, ']');
}

static void put_data(struct inside_page *p, const struct inside *in)
{
	char id[32];

	snprintf(id, sizeof id, "inside-%u", p->texts);
	page_json_begin(p->page, id);
	buf_reset(&p->line);
	buf_printf(&p->line, "{\"layers\":%zu,\"heads\":%zu", in->layers,
		in->heads);
	add_tokens(p, in);
	add_layers(p, in);
	add_words(p);
	json_add_key(&p->line, "attention");
	page_json(p->page, p->line.p, p->line.n);
	page_json(p->page, in->attention.p, in->attention.n);
	page_json(p->page, "}\n", 2);
	page_json_end(p->page);
}

/* ---- what is shown without a script ---- */

static double bits(float logprob)
{
	return -(double)logprob / log(2);
}

/* The name in JSON as text. */
static void put_name(struct inside_page *p, const struct text *x)
{
	struct json v;

	buf_reset(&p->line);
	if (!json_check(x->id.p, x->id.n, &v, NULL) ||
		!json_string(&v, &p->line))
		buf_add(&p->line, x->id.p, x->id.n);
	page_section(p->page, "%s", buf_end(&p->line));
}

static void put_tokens(struct inside_page *p, const struct inside *in)
{
	size_t i;

	page_markup(p->page, "<div class=\"tokens\">");
	for (i = 0; i < in->n; i++) {
		const struct buf *w = word(p, (uint32_t)in->ids[i]);

		page_markup(p->page, "<i class=\"%s%s\" data-i=\"%zu\">",
			page_shade(i ? bits(in->logprob[i - 1]) / WORST : 0),
			i ? "" : " first", i);
		page_visible_text(p->page, w->p, w->n);
		page_markup(p->page, "</i>");
	}
	page_markup(p->page, "</div>\n");
}

static void put_summary(struct inside_page *p, const struct inside *in,
	const struct text *x)
{
	double sum = 0;
	size_t n = in->n - 1, i;

	for (i = 0; i < n; i++)
		sum += bits(in->logprob[i]);
	page_markup(p->page, "<p class=\"soft\">%zu tokens", in->n);
	if (in->n < x->ids.n)
		page_markup(p->page, ", the first of %zu", x->ids.n);
	if (n)
		page_markup(p->page, "; mean surprise %.3f bits", sum /
			(double)n);
	page_markup(p->page, ". <span class=\"nowrap\">Surprise in bits: 0"
		"<span class=\"scale\">");
	for (i = 0; i < 10; i++)
		page_markup(p->page, "<i class=\"s%zu\"></i>", i);
	page_markup(p->page, "</span>%g and more</span></p>\n",
		WORST);
}

/* The mean surprise at the text's token by the lens of each layer. */
static void put_lens_chart(struct inside_page *p, const struct inside *in)
{
	size_t stages = in->layers + 1, n = in->n - 1, l, i;
	double *x = xcalloc(2 * stages, sizeof *x), *y = x + stages;
	struct series s = { .x = x, .y = y, .n = stages };
	struct chart c = { .title = "Logit lens: mean surprise at the text's "
		"own next token, if the network ended after a layer",
		.x_label = "layer (0: embedding)", .y_label = "bits",
		.v = &s, .n = 1 };

	for (l = 0; l < stages; l++) {
		x[l] = (double)l;
		for (i = 0; i < n; i++)
			y[l] += bits(in->lens_logprob[l * n + i]) / (double)n;
	}
	page_chart(p->page, &c);
	free(x);
}

static void put_maps(struct inside_page *p, const struct inside *in)
{
	size_t n = in->n, stages = in->layers + 1, i;
	float *value = xcalloc(stages * n, sizeof *value);
	struct heat_map h = { .value = value, .rows = stages, .cols = n - 1,
		.high = 1, .x_label = "token", .y_label = "layer" };

	for (i = 0; i < stages * (n - 1); i++)
		value[i] = expf(in->lens_logprob[i]);
	h.title = "Logit lens: probability of the text's own next token";
	if (n > 1)
		page_heat_map(p->page, &h);
	h.low = INFINITY;
	h.high = -INFINITY;
	for (i = 0; i < stages * n; i++) {
		value[i] = (float)log10(fmax(in->norm[i], 1e-30));
		h.low = fmin(h.low, (double)value[i]);
		h.high = fmax(h.high, (double)value[i]);
	}
	h.low = floor(10 * h.low) / 10;
	h.high = ceil(10 * h.high) / 10;
	h.cols = n;
	h.title = "Norm of the residual stream, its decimal logarithm";
	page_heat_map(p->page, &h);
	free(value);
}

void inside_page_add(struct inside_page *p, const struct text *x, size_t most)
{
	struct inside in;
	size_t n = x->ids.n < most ? x->ids.n : most;

	p->texts++;
	put_name(p, x);
	if (!n) {
		page_paragraph(p->page, "The text is empty.");
		return;
	}
	inside_look(&in, p->g->model, (const int32_t *)x->ids.v, n,
		p->g->usable, p->top);
	put_summary(p, &in, x);
	page_markup(p->page, "<div class=\"inside\" data-of=\"inside-%u\">\n",
		p->texts);
	put_tokens(p, &in);
	page_markup(p->page, "</div>\n");
	put_data(p, &in);
	if (n > 1)
		put_lens_chart(p, &in);
	put_maps(p, &in);
	inside_free(&in);
}
