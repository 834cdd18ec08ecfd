/* curves - training logs as plots in the terminal and as a page: curves(1) */
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/options.h"
#include "common/base/terminal.h"
#include "common/train/curves.h"

static struct {
	struct option_list columns;
	const char *html, *output;
	int64_t width, height;
	bool ascii;
} o = { .height = 16 };
static struct curve_options how;

static const struct program program = { "curves",
	"[DIR | trainlog.tsv ...]\n"
	"--html FILE [DIR | trainlog.tsv ...]",
	"training logs as plots and as a page" };

static const struct option_row rows[] = {
	{ 'c', "columns", OPT_LIST, &o.columns, "NAMES",
	  "columns of one plot, separated by commas; may be repeated (loss)" },
	{ 'x', "against", OPT_ENUM, &how.x, CURVES_X,
	  "column along the x axis (step)" },
	{ 0, "log-x", OPT_FLAG, &how.log_x, NULL, "logarithmic x axis" },
	{ 0, "log-y", OPT_FLAG, &how.log_y, NULL, "logarithmic y axis" },
	{ 0, "smooth", OPT_INT, &how.smooth, "N",
	  "draw means over N steps (1)" },
	{ 0, "width", OPT_INT, &o.width, "N",
	  "columns of a plot (the terminal's, or 80)" },
	{ 0, "height", OPT_INT, &o.height, "N", "lines of a plot (16)" },
	{ 0, "ascii", OPT_FLAG, &o.ascii, NULL,
	  "draw with ASCII characters only" },
	{ 0, "html", OPT_STR, &o.html, "FILE",
	  "write one page with everything about the runs, instead of plots" },
	OPT_OUTPUT(o.output),
	OPT_COMMON
};

static void check_options(char **argv)
{
	if (option_given("smooth"))
		option_range("smooth", how.smooth, 1, 1L << 40);
	option_range("height", o.height, PLOT_HEIGHT_MIN, PLOT_SIZE_MAX);
	if (option_given("width"))
		option_range("width", o.width, PLOT_WIDTH_MIN, PLOT_SIZE_MAX);
	if (o.html && (o.columns.n || o.output))
		die_usage("--html writes a page of all columns, no plots: leave "
			"out -c and -o");
	if (!*argv && isatty(STDIN_FILENO))
		die_usage("no logs given, and standard input is a terminal: "
			"name directories of models or their logs");
}

static void plot(struct output *out, const struct curves *c)
{
	struct plot p = { .width = (size_t)o.width, .height = (size_t)o.height,
		.utf8 = !o.ascii && terminal_utf8(),
		.colour = !o.output && terminal_colours() };
	size_t i;

	if (!p.width && !o.output)
		p.width = terminal_columns();
	if (!p.width)
		p.width = 80;
	if (p.width < PLOT_WIDTH_MIN)
		p.width = PLOT_WIDTH_MIN;
	if (!o.columns.n)
		curves_plot(out, c, "loss", &p);
	for (i = 0; i < o.columns.n; i++) {
		if (i)
			output_str(out, "\n");
		curves_plot(out, c, o.columns.v[i], &p);
	}
}

int main(int argc, char **argv)
{
	struct output *out;
	struct curves *c;

	argv += options_parse(&program, rows, argc, argv);
	check_options(argv);
	out = output_open(o.html ? o.html : o.output);
	c = curves_open(input_names(argv), &how, o.html != NULL);
	if (o.html)
		curves_page(out, c);
	else
		plot(out, c);
	output_close(out);
	curves_free(c);
	return 0;
}
