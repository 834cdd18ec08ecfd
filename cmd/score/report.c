/* report.c - scores texts and writes the results: see score.h */
#include "cmd/score/score.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/progress.h"
#include "common/base/size.h"
#include "common/format/jsonwrite.h"
#include "common/score/inside_page.h"
#include "common/score/recite.h"
#include "common/score/surprise.h"

/* What a run writes, and its sums so far. */
struct report {
	const struct text_options *o;
	const struct scorer_options *so;
	const struct vocab *vocab;
	struct output *out;
	struct buf line;
	struct tally sum;
	struct recitals recitals;
	struct output *html;		/* or NULL */
	struct inside_page *page;
	uint64_t shown, left_out;	/* texts on the page, and not on it */
};

/* Tokens of a text on the page: it grows with their square. */
#define PAGE_TOKENS 1024

static void put_line(struct report *r)
{
	output_write(r->out, r->line.p, r->line.n);
	buf_reset(&r->line);
}

/* ---- a text ---- */

static size_t first_tokens(const struct report *r)
{
	return r->o->texts.first >= 0;
}

/* Returns false if there is nothing to score in x. */
static bool prepare(struct report *r, struct text *x)
{
	if (r->o->result != RESULT_RECITAL)
		return true;
	if (recite_prepare(x, r->o->prefix, first_tokens(r), r->so->context))
		return true;
	r->recitals.brief++;
	return false;
}

static void report_loss(struct report *r, const struct text *x)
{
	struct tally t;

	tally_text(&t, x);
	tally_add(&r->sum, &t);
	if (!r->o->each)
		return;
	buf_str(&r->line, "{\"id\":");
	buf_add(&r->line, x->id.p, x->id.n);
	tally_write(&t, &r->line);
	buf_str(&r->line, "}\n");
	put_line(r);
}

static void report_recital(struct report *r, const struct text *x)
{
	struct recital q;

	recite_measure(&q, x, r->vocab, r->o->prefix, first_tokens(r));
	recitals_add(&r->recitals, &q, x);
	if (!r->o->each)
		return;
	recital_write(&q, x, &r->line);
	put_line(r);
}

static void report_text(struct report *r, const struct text *x)
{
	struct tally t;

	switch (r->o->result) {
	case RESULT_LOSS:
		report_loss(r, x);
		break;
	case RESULT_TOKENS:
		tally_text(&t, x);
		tally_add(&r->sum, &t);
		surprise_write(r->out, r->vocab, x, r->so->top, r->o->tsv,
			&r->line);
		buf_reset(&r->line);
		break;
	case RESULT_RECITAL:
		report_recital(r, x);
		break;
	}
}

/* ---- the page ---- */

static void open_page(struct report *r, const struct generator *g)
{
	if (!r->o->html)
		return;
	r->html = output_open(r->o->html);
	r->page = inside_page_begin(r->html, g, r->o->html_top);
}

static void show_text(struct report *r, const struct text *x)
{
	if (!r->page)
		return;
	if (r->shown < r->o->html_texts) {
		inside_page_add(r->page, x, size_min(PAGE_TOKENS,
			r->so->context));
		r->shown++;
	} else {
		r->left_out++;
	}
}

static void close_page(struct report *r)
{
	if (!r->page)
		return;
	inside_page_end(r->page, r->left_out);
	output_close(r->html);
	if (r->left_out)
		warn("%s shows the first %" PRIu64 " texts: --html-texts shows "
			"more", r->o->html, r->shown);
}

/* ---- totals ---- */

static void write_totals(struct report *r)
{
	if (r->o->each || r->o->result == RESULT_TOKENS)
		return;
	if (r->o->result == RESULT_RECITAL) {
		recitals_write(&r->recitals, r->o->prefix, &r->line);
	} else {
		buf_printf(&r->line, "{\"%s\":%" PRIu64, r->o->texts.chat ?
			"conversations" : "documents", r->sum.texts);
		tally_write(&r->sum, &r->line);
		buf_str(&r->line, "}\n");
	}
	put_line(r);
}

static void summarize(const struct report *r)
{
	if (r->o->result == RESULT_RECITAL)
		summarize_recitals(&r->recitals);
	else
		summarize_loss(r->o->texts.chat ? "conversations" :
			"documents", r->sum.texts, &r->sum);
}

/* ---- runs ---- */

static void score_batch(struct report *r, struct scorer *s, struct text *v,
	size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].scores = (struct scores){ 0 };
		if (!prepare(r, &v[i]))
			continue;
		scores_init(&v[i].scores, r->so, v[i].ids.n);
		scorer_add(s, (const int32_t *)v[i].ids.v, v[i].mask,
			v[i].ids.n, &v[i].scores);
	}
	scorer_flush(s);
	for (i = 0; i < n; i++) {
		if (!v[i].scores.logprob)
			continue;
		report_text(r, &v[i]);
		show_text(r, &v[i]);
		scores_free(&v[i].scores);
	}
}

void score_texts(char **files, struct generator *g,
	const struct scorer_options *so, const struct text_options *o,
	struct output *out)
{
	struct report r = { .o = o, .so = so, .vocab = g->vocab, .out = out };
	struct texts *t = texts_open(files, g, &o->texts);
	struct scorer *s = scorer_new(g->model, so);
	struct text *v;
	size_t n;

	open_page(&r, g);
	if (o->result == RESULT_TOKENS && o->tsv)
		surprise_write_header(out);
	while ((v = texts_next(t, &n))) {
		score_batch(&r, s, v, n);
		if (progress_due())
			progress_print("texts=%" PRIu64 " tokens=%" PRIu64,
				r.sum.texts + r.recitals.texts,
				r.sum.tokens + r.recitals.of);
	}
	texts_close(t);
	close_page(&r);
	write_totals(&r);
	summarize(&r);
	scorer_free(s);
	recitals_free(&r.recitals);
	buf_free(&r.line);
}
