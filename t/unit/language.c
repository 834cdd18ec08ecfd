/* language - guesses the language of every line of standard input
 *
 * language [MODEL]: prints CODE, tab, probability. If a line has tabs,
 * only what follows the last one is the text; in it "\n", "\t" and "\\" stand
 * for a newline, a tab and a backslash, as in the test data. */
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/progress.h"
#include "common/filter/language.h"

static void unescape(struct buf *b, const char *s, size_t n)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < n; i++) {
		if (s[i] != '\\' || i + 1 == n) {
			buf_putc(b, s[i]);
			continue;
		}
		i++;
		buf_putc(b, s[i] == 'n' ? '\n' : s[i] == 't' ? '\t' : s[i]);
	}
}

int main(int argc, char **argv)
{
	struct language *l;
	struct input *in;
	struct buf text = { 0 };
	char *line, *tab;
	size_t len, bytes = 0;
	double score, seconds = 0, begin;
	const char *code;

	err_init(argv[0]);
	l = language_open(argc > 1 ? argv[1] : NULL);
	in = input_open("-");
	while (input_line(in, &line, &len, 0)) {
		while ((tab = memchr(line, '\t', len))) {
			len -= (size_t)(tab + 1 - line);
			line = tab + 1;
		}
		unescape(&text, line, len);
		begin = clock_seconds();
		code = language_guess(l, text.p ? text.p : "", text.n, &score);
		seconds += clock_seconds() - begin;
		bytes += text.n;
		printf("%s\t%.5f\n", code, score);
	}
	fprintf(stderr, "%.1f MB/s\n", (double)bytes / seconds / 1e6);
	buf_free(&text);
	input_close(in);
	language_close(l);
	return fflush(stdout) != 0;
}
