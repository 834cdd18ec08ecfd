/* words - prints for every line of standard input the number of sentences, a tab
 * and the words joined by U+001F */
#include <stdio.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/filter/words.h"

int main(int argc, char **argv)
{
	struct input *in;
	struct output *out;
	struct words w = { 0 };
	char *line;
	size_t len, i;

	err_init(argv[0]);
	words_init();
	in = input_open("-");
	out = output_open("-");
	while (input_line(in, &line, &len, 0)) {
		w.n = 0;
		words_split(&w, line, len);
		output_printf(out, "%zu\t", words_sentences(line, len,
			w.v, w.n));
		for (i = 0; i < w.n; i++) {
			if (i)
				output_putc(out, 0x1f);
			output_write(out, line + w.v[i].at, w.v[i].len);
		}
		output_putc(out, '\n');
	}
	words_free(&w);
	input_close(in);
	output_close(out);
	return 0;
}
