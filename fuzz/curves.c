/* curves.c - fuzz target: training logs, as plots and as a page */
#include "common/train/curves.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void plot(const struct curves *c, struct output *out, bool utf8)
{
	const struct plot p = { .width = PLOT_WIDTH_MIN, .height = 5,
		.utf8 = utf8, .colour = !utf8 };

	curves_plot(out, c, "loss,val_loss,tokens", &p);
}

static void target(const uint8_t *data, size_t size)
{
	static const struct curve_options options[] = { { .smooth = 3 },
		{ .log_x = true, .log_y = true } };
	char *const names[] = { (char *)data_file(data, size), NULL };
	struct output *out = output_open("/dev/null");
	struct curves *c;
	int i;

	for (i = 0; i < 2; i++) {
		c = curves_open(names, &options[i], true);
		plot(c, out, i);
		curves_page(out, c);
		curves_free(c);
	}
	output_close(out);
}
