/* report - text with tables and charts to a page: report(1) */
#include "common/base/io.h"
#include "common/base/options.h"
#include "common/page/report.h"

static struct { const char *output, *title; } o;

static const struct program program = { "report", "[FILE ...]",
	"text with tables and charts to a page" };

static const struct option_row rows[] = {
	{ 0, "title", OPT_STR, &o.title, "TEXT", "title of the page (Report)" },
	OPT_OUTPUT(o.output),
	OPT_COMMON
};

int main(int argc, char **argv)
{
	struct output *out;
	struct report *r;
	struct input *in;
	char **name;

	argv += options_parse(&program, rows, argc, argv);
	out = output_open(o.output);
	r = report_begin(out, o.title);
	for (name = input_names(argv); *name; name++) {
		in = input_open(*name);
		report_add(r, in);
		input_close(in);
	}
	report_end(r);
	output_close(out);
	return 0;
}
