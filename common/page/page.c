/* page.c - the frame of a page, text and tables: see page.h */
#include "common/page/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/page/page_parts.h"

extern const unsigned char page_css[], page_css_end[];
extern const unsigned char page_js[], page_js_end[];

struct page {
	struct output *out;
	struct buf text;	/* formatted, not yet escaped */
	unsigned sections;
	const char *const *columns;	/* of the current table */
	size_t column, ncolumn;
};

/* ---- text ---- */

/* A character that markup gives a meaning, or that must not appear. */
static const char *escape(uint32_t c, bool valid)
{
	if (!valid)
		return "\xef\xbf\xbd";
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return unicode_class(c) & UNI_CONTROL && c < 0xa0 ?
			"\xef\xbf\xbd" : NULL;
	}
}

/* How white space looks when it is shown, before the character itself. */
static const char *visible(uint32_t c)
{
	switch (c) {
	case ' ':
		return "<u>&sdot;</u>";
	case '\t':
		return "<u>&rarr;</u>";
	case '\n':
		return "<u>&#8629;</u>";
	case '\r':
		return "<u>\\r</u>";
	default:
		return NULL;
	}
}

static void put_text(struct page *p, const char *s, size_t n, bool spaces)
{
	size_t plain = 0, i = 0;

	while (i < n) {
		uint32_t c;
		bool valid;
		size_t k = (size_t)utf8_decode(s + i, n - i, &c, &valid);
		const char *mark = spaces ? visible(c) : NULL;
		const char *as = mark && c == '\r' ? "" : escape(c, valid);

		if (mark || as)
			output_write(p->out, s + plain, i - plain);
		if (mark)
			output_str(p->out, mark);
		if (as)
			output_str(p->out, as);
		if (mark && !as)
			output_write(p->out, s + i, k);
		i += k;
		if (mark || as)
			plain = i;
	}
	output_write(p->out, s + plain, n - plain);
}

void page_text(struct page *p, const char *s, size_t n)
{
	put_text(p, s, n, false);
}

void page_string(struct page *p, const char *s)
{
	page_text(p, s, strlen(s));
}

void page_visible_text(struct page *p, const char *s, size_t n)
{
	put_text(p, s, n, true);
}

void page_show_spaces(struct page *p)
{
	page_markup(p, "<label><input type=\"checkbox\" id=\"spaces\"> "
		"Show white space</label>\n");
}

void page_markup(struct page *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_reset(&p->text);
	buf_vprintf(&p->text, fmt, ap);
	va_end(ap);
	output_write(p->out, p->text.p, p->text.n);
}

/* Formats the arguments after fmt into p->text and writes them escaped. */
#define PUT_FORMATTED(p, fmt) do { \
	va_list ap; \
	va_start(ap, fmt); \
	buf_reset(&(p)->text); \
	buf_vprintf(&(p)->text, fmt, ap); \
	va_end(ap); \
	page_text(p, (p)->text.p, (p)->text.n); \
} while (0)

void page_section(struct page *p, const char *fmt, ...)
{
	p->sections++;
	output_printf(p->out, "<h2 id=\"part%u\"><a href=\"#part%u\">",
		p->sections, p->sections);
	PUT_FORMATTED(p, fmt);
	output_str(p->out, "</a></h2>\n");
}

void page_heading(struct page *p, const char *fmt, ...)
{
	output_str(p->out, "<h3>");
	PUT_FORMATTED(p, fmt);
	output_str(p->out, "</h3>\n");
}

void page_paragraph(struct page *p, const char *fmt, ...)
{
	output_str(p->out, "<p>");
	PUT_FORMATTED(p, fmt);
	output_str(p->out, "</p>\n");
}

/* A newline right after <pre> would be dropped. */
void page_sample(struct page *p, const char *s, size_t n)
{
	output_str(p->out, "<pre>\n");
	page_text(p, s, n);
	output_str(p->out, "</pre>\n");
}

const char *page_shade(double x)
{
	static const char names[10][3] = { "s0", "s1", "s2", "s3", "s4", "s5",
		"s6", "s7", "s8", "s9" };

	return names[x > 0 ? x < 1 ? (int)(9 * x + .5) : 9 : 0];
}

/* ---- tables ---- */

static bool is_number(const struct page *p)
{
	return p->columns[p->column][0] == '#';
}

void page_table(struct page *p, const char *const *columns)
{
	p->columns = columns;
	output_str(p->out, "<div class=\"scroll\"><table>\n<tr>");
	for (p->column = 0; columns[p->column]; p->column++) {
		bool number = is_number(p);

		output_str(p->out, number ? "<th class=\"n\">" : "<th>");
		page_string(p, columns[p->column] + number);
		output_str(p->out, "</th>");
	}
	output_str(p->out, "</tr>\n");
	p->ncolumn = p->column;
	p->column = 0;
}

static void begin_cell(struct page *p)
{
	if (!p->column)
		output_str(p->out, "<tr>");
	output_str(p->out, is_number(p) ? "<td class=\"n\">" : "<td>");
}

static void end_cell(struct page *p)
{
	output_str(p->out, "</td>");
	if (++p->column < p->ncolumn)
		return;
	output_str(p->out, "</tr>\n");
	p->column = 0;
}

void page_cell(struct page *p, const char *fmt, ...)
{
	begin_cell(p);
	PUT_FORMATTED(p, fmt);
	end_cell(p);
}

void page_cell_text(struct page *p, const char *s, size_t n)
{
	begin_cell(p);
	page_text(p, s, n);
	end_cell(p);
}

void page_table_end(struct page *p)
{
	if (p->column)
		output_str(p->out, "</tr>\n");
	output_str(p->out, "</table></div>\n");
}

/* ---- data, style and script ---- */

void page_json_begin(struct page *p, const char *id)
{
	output_printf(p->out, "<script type=\"application/json\" id=\"%s\">",
		id);
}

/* Inside a string, where alone '<' occurs in JSON, \u003c is the same. */
void page_json(struct page *p, const char *json, size_t n)
{
	while (n) {
		const char *at = memchr(json, '<', n);
		size_t k = at ? (size_t)(at - json) : n;

		output_write(p->out, json, k);
		if (!at)
			return;
		output_str(p->out, "\\u003c");
		json += k + 1;
		n -= k + 1;
	}
}

void page_json_end(struct page *p)
{
	output_str(p->out, "</script>\n");
}

static void put_file(struct page *p, const char *element,
	const struct page_file *f)
{
	output_printf(p->out, "<%s>\n", element);
	output_write(p->out, f->begin, (size_t)(f->end - f->begin));
	output_printf(p->out, "</%s>\n", element);
}

void page_script(struct page *p, struct page_file script)
{
	put_file(p, "script", &script);
}

struct output *page_output(struct page *p)
{
	return p->out;
}

/* ---- the frame ---- */

struct page *page_begin(struct output *out, const char *title,
	const struct page_file *style)
{
	const struct page_file own = PAGE_FILE(page_css);
	struct page *p = xcalloc(1, sizeof *p);

	p->out = out;
	output_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		"content=\"width=device-width, initial-scale=1\">\n<title>");
	page_string(p, title);
	output_str(out, "</title>\n");
	put_file(p, "style", &own);
	if (style)
		put_file(p, "style", style);
	output_str(out, "</head>\n<body>\n<h1>");
	page_string(p, title);
	output_str(out, "</h1>\n");
	return p;
}

void page_end(struct page *p)
{
	page_script(p, PAGE_FILE(page_js));
	output_str(p->out, "</body>\n</html>\n");
	buf_free(&p->text);
	free(p);
}
