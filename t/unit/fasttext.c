/* fasttext - the labels and scores of every line of standard input
 *
 * fasttext MODEL: prints LABEL, tab, score for each label, tabs between, or
 * "none" if the model has no prediction. In a line "\n", "\t" and "\\" stand
 * for a newline, a tab and a backslash. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/filter/fasttext.h"

/* Unescapes in place; returns the new length. */
static size_t unescape(char *s, size_t n)
{
	size_t i, to = 0;

	for (i = 0; i < n; i++) {
		char c = s[i];

		if (c == '\\' && i + 1 < n)
			c = s[++i] == 'n' ? '\n' : s[i] == 't' ? '\t' : s[i];
		s[to++] = c;
	}
	return to;
}

int main(int argc, char **argv)
{
	struct fasttext *ft;
	struct input *in;
	char *line;
	size_t len, i;
	float *score;

	err_init(argv[0]);
	if (argc != 2)
		die_usage("fasttext MODEL");
	ft = fasttext_open(argv[1]);
	score = xcalloc(fasttext_labels(ft), sizeof *score);
	in = input_open("-");
	while (input_line(in, &line, &len, 0)) {
		if (!fasttext_score(ft, line, unescape(line, len), score)) {
			puts("none");
			continue;
		}
		for (i = 0; i < fasttext_labels(ft); i++)
			printf("%s%s\t%.9g", i ? "\t" : "",
				fasttext_label(ft, i), (double)score[i]);
		putchar('\n');
	}
	input_close(in);
	free(score);
	fasttext_close(ft);
	return fflush(stdout) != 0;
}
