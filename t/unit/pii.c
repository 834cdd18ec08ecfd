/* pii - replaces what identifies a person in every line of standard input,
 * each line being a separate text */
#include "common/base/err.h"
#include "common/base/io.h"
#include "common/filter/pii.h"

int main(int argc, char **argv)
{
	struct input *in;
	struct output *out;
	struct buf text = { 0 }, scratch = { 0 };
	char *line;
	size_t len;

	err_init(argv[0]);
	in = input_open("-");
	out = output_open("-");
	while (input_line(in, &line, &len, 0)) {
		buf_reset(&text);
		buf_add(&text, line, len);
		pii_replace(&text, &scratch);
		output_write(out, text.p, text.n);
		output_putc(out, '\n');
	}
	buf_free(&text);
	buf_free(&scratch);
	input_close(in);
	output_close(out);
	return 0;
}
