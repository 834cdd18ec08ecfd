/* token_page.c - a page that shows tokens: see token_page.h */
#include "common/token/token_page.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/page/page.h"
#include "common/token/segment.h"

#define NCOLOUR 8	/* .t0 to .t7 of page.css */

extern const unsigned char token_page_css[], token_page_css_end[];

struct token_page {
	struct page *page;
	const struct token_vocab *v;
	uint64_t *tokens;		/* (n) of all texts */
	size_t n, next;			/* the next vocabulary of the text */
	uint64_t texts, all_bytes;
	size_t bytes;			/* of the text */
	uint64_t segments;
	struct segment segment;
	struct buf list;		/* of the ids of a column */
};

struct token_page *token_page_begin(struct output *out,
	const struct token_vocab *v, size_t n)
{
	const struct page_file style = PAGE_FILE(token_page_css);
	struct token_page *p = xcalloc(1, sizeof *p);

	p->v = v;
	p->n = p->next = n;
	p->tokens = xcalloc(n, sizeof *p->tokens);
	p->page = page_begin(out, "Tokens", &style);
	page_show_spaces(p->page);
	return p;
}

static void end_text(struct token_page *p)
{
	if (p->texts)
		page_markup(p->page, "</div>\n");
}

void token_page_text(struct token_page *p, const char *title, size_t bytes)
{
	end_text(p);
	page_section(p->page, "%s", title);
	page_markup(p->page, "<div class=\"columns\">\n");
	p->next = 0;
	p->texts++;
	p->bytes = bytes;
	p->all_bytes += bytes;
}

/* ---- a column ---- */

static void put_segment(struct token_page *p, bool mask)
{
	const struct ids *ids = &p->segment.ids;
	size_t i;

	page_markup(p->page, "<i class=\"t%u%s\" data-s=\"%" PRIu64 "\">",
		(unsigned)(p->segments % NCOLOUR), mask ? " m" : "",
		p->segments);
	page_visible_text(p->page, p->segment.bytes.p, p->segment.bytes.n);
	page_markup(p->page, "</i>");
	buf_printf(&p->list, "%s<b class=\"t\" data-s=\"%" PRIu64 "\">",
		p->list.n ? ", " : "", p->segments);
	for (i = 0; i < ids->n; i++)
		buf_printf(&p->list, "%s%" PRIu32, i ? ", " : "", ids->v[i]);
	buf_str(&p->list, "</b>");
	p->segments++;
	segment_reset(&p->segment);
}

/* Text, tokens, bytes a token. */
static void put_counts(struct token_page *p, size_t n)
{
	page_markup(p->page, "<p class=\"soft\">%zu tokens", n);
	if (p->bytes && n)
		page_markup(p->page, ", %.2f bytes per token",
			(double)p->bytes / (double)n);
	page_markup(p->page, "</p>\n");
}

void token_page_column(struct token_page *p, const uint32_t *ids, size_t n,
	const unsigned char *mask)
{
	const struct token_vocab *v = &p->v[p->next];
	bool masked = false;
	size_t i;

	p->tokens[p->next++] += n;
	page_markup(p->page, "<div>");
	page_heading(p->page, "%s", v->name);
	put_counts(p, n);
	page_markup(p->page, "<div class=\"tokens\">");
	for (i = 0; i < n; i++) {
		masked |= mask && mask[i];
		if (!segment_add(&p->segment, v->v, ids[i]) && i + 1 < n)
			continue;
		put_segment(p, masked);
		masked = false;
	}
	page_markup(p->page, "</div>\n<details><summary>ids</summary><pre>");
	if (p->list.n)
		page_markup(p->page, "%s", buf_end(&p->list));
	page_markup(p->page, "</pre></details></div>\n");
	buf_reset(&p->list);
}

/* ---- totals ---- */

static void put_totals(struct token_page *p)
{
	const char *const columns[] = { "vocabulary", "#size", "#tokens",
		p->all_bytes ? "#bytes per token" : NULL, NULL };
	size_t i;

	page_section(p->page, "All %" PRIu64 " texts", p->texts);
	page_table(p->page, columns);
	for (i = 0; i < p->n; i++) {
		page_cell(p->page, "%s", p->v[i].name);
		page_cell(p->page, "%" PRIu32, vocab_size(p->v[i].v));
		page_cell(p->page, "%" PRIu64, p->tokens[i]);
		if (p->all_bytes)
			page_cell(p->page, "%.3f", (double)p->all_bytes /
				(double)p->tokens[i]);
	}
	page_table_end(p->page);
}

void token_page_end(struct token_page *p)
{
	end_text(p);
	if (p->texts > 1)
		put_totals(p);
	page_end(p->page);
	segment_free(&p->segment);
	buf_free(&p->list);
	free(p->tokens);
	free(p);
}
