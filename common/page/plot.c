/* plot.c - line charts in characters: see plot.h
 *
 * The canvas is a grid of cells, a character each, of dots_x by dots_y dots: two by
 * four in Braille (U+2800 plus a bit for each dot), or a single one.
 */
#include "common/page/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/terminal.h"
#include "common/base/utf8.h"
#include "common/page/page_parts.h"

enum { KINDS = 8 };		/* marks, and colours */
static const char marks[KINDS + 1] = "*+ox#@%&";
static const int colours[KINDS] = { 36, 33, 35, 32, 31, 34, 96, 93 };

/* What a frame is drawn with. */
struct frame {
	const char *left, *left_tick, *corner, *below, *below_tick;
};
static const struct frame ascii_frame = { "|", "+", "+", "-", "+" };
static const struct frame utf8_frame = { "\u2502", "\u2524", "\u2514", "\u2500",
	"\u252c" };

struct canvas {
	size_t cols, rows, dots_x, dots_y;
	unsigned char *dots;	/* (rows,cols) bits */
	unsigned char *kind;	/* (rows,cols) of the last line there */
	struct axis x, y;	/* in dots, from the left and from the top */
	const struct plot *plot;
	const struct frame *frame;
	size_t margin;		/* characters of the labels of y */
	bool braille, colour;
	struct buf line;
};

/* ---- lines ---- */

/* The dot at (x,y), in dots. */
static void put_dot(struct canvas *c, double x, double y, size_t kind)
{
	static const unsigned char bits[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 },
		{ 0x04, 0x20 }, { 0x40, 0x80 } };
	size_t col, row, at;

	if (!(x >= 0 && y >= 0 && x < (double)(c->cols * c->dots_x) &&
			y < (double)(c->rows * c->dots_y)))
		return;
	col = (size_t)x;
	row = (size_t)y;
	at = row / c->dots_y * c->cols + col / c->dots_x;
	c->dots[at] |= bits[row % c->dots_y][col % c->dots_x];
	c->kind[at] = (unsigned char)(kind % KINDS);
}

/* The dots of a line of (x1,y1) from (x0,y0), without the first. */
static void put_line(struct canvas *c, double x0, double y0, double x1,
	double y1, size_t kind)
{
	double n = fmax(fabs(x1 - x0), fabs(y1 - y0)), i;

	for (i = 1; i <= n; i++)
		put_dot(c, round(x0 + (x1 - x0) * i / n),
			round(y0 + (y1 - y0) * i / n), kind);
}

static void put_series(struct canvas *c, const struct series *s, size_t kind)
{
	double x, y, last_x = 0, last_y = 0;
	bool begun = false;
	size_t i;

	for (i = 0; i < s->n; i++) {
		bool shown = axis_shows(&c->x, s->x[i]) &&
			axis_shows(&c->y, s->y[i]);

		if (shown) {
			x = round(axis_place(&c->x, s->x[i]));
			y = round(axis_place(&c->y, s->y[i]));
			if (begun)
				put_line(c, last_x, last_y, x, y, kind);
			else
				put_dot(c, x, y, kind);
			last_x = x;
			last_y = y;
		}
		begun = shown;
	}
}

/* ---- text ---- */

/* Writes the line, without blanks at its end. */
static void end_line(struct canvas *c, struct output *out)
{
	while (c->line.n && c->line.p[c->line.n - 1] == ' ')
		c->line.n--;
	buf_putc(&c->line, '\n');
	output_write(out, c->line.p, c->line.n);
	buf_reset(&c->line);
}

static void add_blanks(struct buf *b, size_t n)
{
	while (n--)
		buf_putc(b, ' ');
}

static void set_colour(struct canvas *c, int kind)
{
	if (c->colour && kind >= 0)
		buf_printf(&c->line, "\033[%dm", colours[kind]);
	else if (c->colour)
		buf_str(&c->line, "\033[0m");
}

static void add_cell(struct canvas *c, unsigned dots, size_t kind)
{
	char utf8[4];

	if (c->braille)
		buf_add(&c->line, utf8, (size_t)utf8_encode(utf8, 0x2800 + dots));
	else
		buf_putc(&c->line, marks[kind]);
}

/* The cells of a row, up to its last one that is not empty. */
static void add_cells(struct canvas *c, size_t row)
{
	const unsigned char *dots = c->dots + row * c->cols;
	const unsigned char *kind = c->kind + row * c->cols;
	size_t n = c->cols, i;
	int now = -1;

	while (n && !dots[n - 1])
		n--;
	for (i = 0; i < n; i++) {
		if (!dots[i]) {
			buf_putc(&c->line, ' ');
			continue;
		}
		if (kind[i] != now)
			set_colour(c, now = kind[i]);
		add_cell(c, dots[i], kind[i]);
	}
	if (now >= 0)
		set_colour(c, -1);
}

/* The character, from the left or from the top, in which a value of an axis is. */
static size_t cell(const struct axis *a, double x, size_t dots)
{
	return (size_t)fmax(0, round(axis_place(a, x))) / dots;
}

static void write_rows(struct canvas *c, struct output *out, const double *tick,
	size_t n)
{
	char text[32];
	size_t row, i;

	for (row = 0; row < c->rows; row++) {
		text[0] = '\0';
		for (i = 0; i < n && !text[0]; i++)
			if (cell(&c->y, tick[i], c->dots_y) == row)
				page_tick_text(text, tick[i]);
		buf_printf(&c->line, "%*s ", (int)c->margin, text);
		buf_str(&c->line, text[0] ? c->frame->left_tick :
			c->frame->left);
		add_cells(c, row);
		end_line(c, out);
	}
}

/* The axis of x, then its ticks, of which those are left out that have no room. */
static void write_below(struct canvas *c, struct output *out)
{
	double tick[TICKS_MAX];
	size_t n = page_ticks(tick, c->x.low, c->x.high, c->x.log,
		c->cols / 10 + 1);
	struct buf labels = { 0 };
	char text[32];
	size_t col, i, at, len, used = 0;

	buf_printf(&c->line, "%*s %s", (int)c->margin, "", c->frame->corner);
	add_blanks(&labels, c->margin + 2);
	for (col = i = 0; col < c->cols; col++) {
		bool here = i < n && cell(&c->x, tick[i], c->dots_x) == col;

		buf_str(&c->line, here ? c->frame->below_tick : c->frame->below);
		if (!here)
			continue;
		page_tick_text(text, tick[i++]);
		len = strlen(text);
		at = col > len / 2 ? col - len / 2 : 0;
		at = at + len > c->cols ? c->cols - len : at;
		if (used && at < used + 1)
			continue;
		add_blanks(&labels, at - used);
		buf_str(&labels, text);
		used = at + len;
	}
	end_line(c, out);
	buf_add(&c->line, labels.p, labels.n);
	end_line(c, out);
	buf_free(&labels);
}

/* The characters of a text in UTF-8. */
static size_t characters(const struct buf *b)
{
	size_t n = 0, i;

	for (i = 0; i < b->n; i++)
		n += ((unsigned char)b->p[i] & 0xc0) != 0x80;
	return n;
}

/* The legend, on as few lines as it needs. */
static void write_legend(struct canvas *c, struct output *out,
	const struct chart *chart)
{
	struct buf name = { 0 };
	size_t i, used = 0;

	for (i = 0; i < chart->n; i++) {
		if (!chart->v[i].name)
			continue;
		buf_reset(&name);
		terminal_escape(&name, chart->v[i].name,
			strlen(chart->v[i].name));
		if (used && used + characters(&name) + 4 > c->plot->width) {
			end_line(c, out);
			used = 0;
		}
		add_blanks(&c->line, used ? 2 : c->margin + 2);
		used += (used ? 2 : c->margin + 2) + 2 + characters(&name);
		set_colour(c, (int)(i % KINDS));
		add_cell(c, 0x12, i % KINDS);
		set_colour(c, -1);
		buf_putc(&c->line, ' ');
		buf_add(&c->line, name.p, name.n);
	}
	if (used)
		end_line(c, out);
	buf_free(&name);
}

static void write_text(struct canvas *c, struct output *out, size_t indent,
	const char *s)
{
	if (!s)
		return;
	add_blanks(&c->line, indent);
	terminal_escape(&c->line, s, strlen(s));
	end_line(c, out);
}

/* ---- a plot ---- */

/* Sets the margin for the labels of y, whose ticks it returns, and what is left. */
static size_t lay_out(struct canvas *c, double *tick)
{
	size_t most = c->rows / 3 + 1, n, i;
	char text[32];

	n = page_ticks(tick, c->y.low, c->y.high, c->y.log, most < 7 ? most : 7);
	for (i = 0; i < n; i++) {
		page_tick_text(text, tick[i]);
		c->margin = strlen(text) > c->margin ? strlen(text) : c->margin;
	}
	c->cols = c->plot->width > c->margin + 2 + 8 ?
		c->plot->width - c->margin - 2 : 8;
	c->x.end = (double)(c->cols * c->dots_x - 1);
	c->y.begin = (double)(c->rows * c->dots_y - 1);
	c->dots = xcalloc(c->rows * c->cols, sizeof *c->dots);
	c->kind = xcalloc(c->rows * c->cols, sizeof *c->kind);
	return n;
}

static void draw(struct canvas *c, struct output *out, const struct chart *chart)
{
	double tick[TICKS_MAX];
	size_t n = lay_out(c, tick), i;

	for (i = 0; i < chart->n; i++)
		put_series(c, &chart->v[i], i);
	write_text(c, out, 0, chart->title);
	write_text(c, out, 0, chart->y_label);
	write_rows(c, out, tick, n);
	write_below(c, out);
	n = chart->x_label ? strlen(chart->x_label) : 0;
	write_text(c, out, c->margin + 2 + (c->cols > n ? (c->cols - n) / 2 : 0),
		chart->x_label);
	write_legend(c, out, chart);
	free(c->dots);
	free(c->kind);
}

void plot_write(struct output *out, const struct plot *p,
	const struct chart *chart)
{
	struct canvas c = { .plot = p, .rows = p->height,
		.braille = p->utf8 && (p->colour || chart->n < 2),
		.colour = p->colour && chart->n > 1 };

	c.dots_x = c.braille ? 2 : 1;
	c.dots_y = c.braille ? 4 : 1;
	c.frame = p->utf8 ? &utf8_frame : &ascii_frame;
	c.x.log = chart->log_x;
	c.y.log = chart->log_y;
	if (chart_ranges(chart, 0, &c.x, &c.y)) {
		draw(&c, out, chart);
	} else {
		write_text(&c, out, 0, chart->title);
		write_text(&c, out, 0, "no data");
	}
	buf_free(&c.line);
}
