/* page.h - writes self-contained HTML pages: text, tables, charts, heat maps
 *
 * A page needs nothing from elsewhere: style and script are inside. It follows the
 * reader's choice of dark or light, and fits a telephone. Everything is written as
 * it is called, so a page may be longer than memory.
 *
 *	struct page *p = page_begin(out, "A run", NULL);
 *	page_section(p, "Loss");
 *	page_chart(p, &chart);
 *	page_end(p);
 *
 * Text is untrusted: whatever is passed as a string is escaped, in one function,
 * page_text. Only page_markup takes markup, a literal of the program; its
 * arguments are numbers and words of the program.
 *
 * Formatted paragraphs, headings, cells:	fmt as for printf, then escaped.
 */
#ifndef PIPELM_PAGE_H
#define PIPELM_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/io.h"

struct page;

/* A style or script of the program, linked in from a file beside the source:
 * PAGE_FILE(inside_css) is that of inside.css (see the Makefile). */
struct page_file {
	const unsigned char *begin, *end;
};
#define PAGE_FILE(name) (struct page_file){ name, name##_end }

/* Writes the head and the title. out, whose owner closes it, must outlive the
 * page. style: more than the page's own, or NULL. */
struct page *page_begin(struct output *out, const char *title,
	const struct page_file *style);

/* Writes the end, and frees. */
void page_end(struct page *p);

/* ---- text ---- */

/* s[0..n), UTF-8, escaped. Invalid bytes and control characters other than tab
 * and newline are shown as U+FFFD. */
void page_text(struct page *p, const char *s, size_t n);
void page_string(struct page *p, const char *s);

/* The same with white space visible when the reader asks for it, by a box that
 * page_show_spaces puts on the page. */
void page_visible_text(struct page *p, const char *s, size_t n);
void page_show_spaces(struct page *p);

/* A heading, which begins a section; it can be linked to. A smaller one. A
 * paragraph. */
void page_section(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void page_heading(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void page_paragraph(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A sample of text, with its own line breaks. */
void page_sample(struct page *p, const char *s, size_t n);

/* Markup of the program: see above. */
void page_markup(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The name of the class that colours an element by x, from 0 (not at all) to 1
 * (most): "s0" to "s9". Text on any of them is legible. NaN is 0. */
const char *page_shade(double x);

/* ---- tables ---- */

/* columns: NULL-terminated names; one that begins with '#' is a column of numbers,
 * aligned to the right. Cells follow in rows, which begin by themselves. */
void page_table(struct page *p, const char *const *columns);
void page_cell(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void page_cell_text(struct page *p, const char *s, size_t n);
void page_table_end(struct page *p);

/* ---- charts: chart.c ---- */

/* A line. A point that is not finite, or not above 0 on a logarithmic axis, breaks
 * it. A line with many more points than pixels keeps the extremes of each
 * pixel. */
struct series {
	const char *name;	/* for the legend; NULL: none */
	const double *x, *y;	/* (n), x not decreasing */
	size_t n;
};

/* Lines in one drawing, told apart by colour and by dashes, with ticks at round
 * numbers. */
struct chart {
	const char *title, *x_label, *y_label;	/* each may be NULL */
	bool log_x, log_y;
	const struct series *v;
	size_t n;
};
void page_chart(struct page *p, const struct chart *c);

/* Round numbers within [low, high] for the ticks of an axis, at most `most` of
 * them, which is at most TICKS_MAX; returns how many. log: powers of ten, with
 * 2 and 5 times those if there are few; low > 0. */
enum { TICKS_MAX = 32 };
size_t page_ticks(double *tick, double low, double high, bool log, size_t most);

/* ---- heat maps: heat.c ---- */

/* Cells coloured by value from low to high; NaN has no colour. */
struct heat_map {
	const char *title, *x_label, *y_label;	/* each may be NULL */
	const float *value;	/* (rows, cols), the first row at the top */
	size_t rows, cols;
	double low, high;
	const char *const *row_names;	/* (rows), or NULL: numbers from 0 */
	const double *col_values;	/* (cols), or NULL: numbers from 0 */
};
void page_heat_map(struct page *p, const struct heat_map *h);

/* ---- data for a script of the page ---- */

/* Begins a block of JSON that the script of the page finds by its id, a word of
 * the program. What page_json is given until page_json_end must be JSON (strings
 * from json_add_string); it cannot end the block. */
void page_json_begin(struct page *p, const char *id);
void page_json(struct page *p, const char *json, size_t n);
void page_json_end(struct page *p);

void page_script(struct page *p, struct page_file script);

#endif
