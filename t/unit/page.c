/* page - checks of common/page; with a file name, writes a page of samples
 *
 *	page ticks
 *	page sample FILE
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/page/page.h"

static int failures;

static void fail(const char *what, double low, double high, double x)
{
	printf("%s: %g in %g .. %g\n", what, x, low, high);
	failures++;
}

/* Whether x is 1, 2 or 5 times a power of ten. */
static bool round_number(double x)
{
	double m = x / pow(10, floor(log10(x) + 1e-9));

	return fabs(m - 1) < 1e-6 || fabs(m - 2) < 1e-6 || fabs(m - 5) < 1e-6;
}

static void check_linear(double low, double high, size_t most)
{
	double tick[TICKS_MAX];
	size_t n = page_ticks(tick, low, high, false, most), i;

	if (n < 2 || n > most)
		fail("the number of ticks", low, high, (double)n);
	for (i = 0; i < n; i++)
		if (tick[i] < low - 1e-6 * (high - low) ||
			tick[i] > high + 1e-6 * (high - low))
			fail("a tick outside", low, high, tick[i]);
	for (i = 2; i < n; i++)
		if (fabs(tick[i] - 2 * tick[i - 1] + tick[i - 2]) >
			1e-6 * (high - low))
			fail("an uneven tick", low, high, tick[i]);
	if (n > 1 && !round_number(tick[1] - tick[0]))
		fail("a step that is not round", low, high, tick[1] - tick[0]);
}

static void check_log(double low, double high, size_t most)
{
	double tick[TICKS_MAX];
	size_t n = page_ticks(tick, low, high, true, most), i;

	if (n > most)
		fail("the number of ticks", low, high, (double)n);
	for (i = 0; i < n; i++)
		if (tick[i] < low * (1 - 1e-6) || tick[i] > high * (1 + 1e-6))
			fail("a logarithmic tick outside", low, high, tick[i]);
	if (high / low < 100)
		return;
	if (n < 2)
		fail("the number of ticks", low, high, (double)n);
	for (i = 0; i < n; i++)
		if (!round_number(tick[i]))
			fail("a logarithmic tick that is not round", low, high,
				tick[i]);
}

static void check_ticks(void)
{
	size_t i;

	for (i = 0; i < 2000; i++) {
		double low = (rng_uniform(1, RNG_TEST, 0, i) - .5) *
			pow(10, 12 * rng_uniform(1, RNG_TEST, 1, i) - 6);
		double span = pow(10, 12 * rng_uniform(1, RNG_TEST, 2, i) - 6);
		size_t most = 4 + rng_below(1, RNG_TEST, 3, i, 20);

		if (span > 1e-6 * fabs(low))
			check_linear(low, low + span, most);
		check_log(span, span * pow(10, 9 *
			rng_uniform(1, RNG_TEST, 4, i)), most);
	}
	check_linear(0, 1, 7);
	check_linear(-3, 1e9, 7);
}

/* ---- samples ---- */

enum { POINTS = 100000, STEPS = 400 };

static void curves(struct page *p)
{
	double *x = xcalloc(POINTS, sizeof *x);
	double *y = xcalloc((size_t)9 * POINTS, sizeof *y);
	struct series s[9];
	struct chart c = { .title = "Loss of <eight> runs & one more",
		.x_label = "step", .y_label = "loss", .log_y = true, .v = s,
		.n = 9 };
	char names[9][32];
	size_t i, k;

	for (i = 0; i < POINTS; i++)
		x[i] = (double)i;
	for (k = 0; k < 9; k++) {
		snprintf(names[k], sizeof names[k], "run <%zu>", k);
		s[k] = (struct series){ names[k], x, y + k * POINTS, STEPS };
		for (i = 0; i < POINTS; i++)
			y[k * POINTS + i] = (1 + .3 * (double)k) * exp(-(double)i /
				(60 + 20 * (double)k)) + .05 * (double)(k + 1) *
				(1 + .3 * rng_uniform(1, RNG_TEST, (uint32_t)k, i));
	}
	page_chart(p, &c);
	for (i = 100; i < 150; i++)
		y[i] = NAN;
	y[200] = -1;	/* not on a logarithmic axis */
	y[300] = y[302] = INFINITY;
	c.n = 1;
	s[0].name = NULL;
	c.title = "Gaps";
	page_chart(p, &c);
	c.title = "Many points";
	c.log_y = false;
	s[0] = (struct series){ NULL, x, y + POINTS, POINTS };
	page_chart(p, &c);
	c.title = "One point";
	s[0].n = 1;
	page_chart(p, &c);
	c.title = "Nothing";
	s[0].n = 0;
	page_chart(p, &c);
	c.title = "Logarithmic in both, large and small numbers";
	c.log_x = c.log_y = true;
	for (i = 0; i < 60; i++) {
		x[i] = pow(10, (double)i / 10);
		y[i] = 1e-9 * pow(x[i], 2.5);
	}
	s[0] = (struct series){ NULL, x, y, 60 };
	page_chart(p, &c);
	free(x);
	free(y);
}

static void maps(struct page *p)
{
	static float value[24 * 500];
	struct heat_map h = { .title = "A map", .x_label = "token",
		.y_label = "layer", .value = value, .rows = 24, .cols = 500,
		.low = 0, .high = 1 };
	size_t i;

	for (i = 0; i < 24 * 500; i++)
		value[i] = (float)(.5 + .5 * sin((double)(i % 500) / 20) *
			cos((double)(i / 500) / 4));
	page_heat_map(p, &h);
	h.rows = h.cols = 1;
	value[0] = 1;
	h.title = "One cell";
	page_heat_map(p, &h);
	h.rows = 2, h.cols = 3;
	for (i = 0; i < 6; i++)
		value[i] = (float)i / 5;
	value[2] = NAN;
	h.title = "Six cells, one without a value";
	h.row_names = (const char *const[]){ "first", "second" };
	page_heat_map(p, &h);
}

static void texts(struct page *p)
{
	static const char *const columns[] = { "name", "#steps", "#loss",
		NULL };
	static const char odd[] = "a < b && c > \"d\" 'e'\t\r\n\x01\xff\xe2\x82";
	int i;

	page_paragraph(p, "A paragraph of %d words, with <b> & \"quotes\".", 9);
	page_sample(p, "\nfirst line is empty\n  indented\n", 32);
	page_sample(p, odd, sizeof odd - 1);
	page_show_spaces(p);
	page_markup(p, "<div class=\"tokens\">");
	for (i = 0; i < 10; i++) {
		page_markup(p, "<i class=\"%s\">", page_shade(i / 9.0));
		page_visible_text(p, " shade\t\n", i % 2 ? 6 : 8);
		page_markup(p, "</i>");
	}
	for (i = 0; i < 16; i++)
		page_markup(p, "<i class=\"t%d\" data-s=\"%d\">token</i>",
			i % 8, i % 8);
	page_markup(p, "</div>\n");
	page_table(p, columns);
	for (i = 0; i < 7; i++)
		page_cell(p, "cell <%d>", i);
	page_table_end(p);
}

static void sample(const char *file)
{
	struct output *out = output_open(file);
	struct page *p = page_begin(out, "Samples <of> a page", NULL);

	page_section(p, "Text & tables");
	texts(p);
	page_section(p, "Curves");
	curves(p);
	page_section(p, "Maps");
	maps(p);
	page_end(p);
	output_close(out);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "sample"))
		sample(argv[2]);
	else if (argc == 2 && !strcmp(argv[1], "ticks"))
		check_ticks();
	else
		die_usage("page ticks | page sample FILE");
	return failures > 0;
}
