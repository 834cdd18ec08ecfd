/* features.c - features of the blocks of pages, for tools/train-extract.py
 *
 * usage: features LIST >OUT. LIST holds the names of HTML files, one per line.
 * OUT: a line of the names of the block features, a line of those of the page;
 * then for each file a line `PAGE NBLOCK`, the page features and the rows of
 * blocks (words, then features) as 32-bit floats, and the texts of the blocks,
 * each preceded by its length in 32 bits. Numbers are in native byte order.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/html/charset.h"
#include "common/extract/features.h"
#include "common/html/html.h"

struct tool {
	struct html_parser *parser;
	struct classes *classes;
	struct page page;
	struct about about;
	struct features *features;
	struct output *out;
};

static void write_names(struct output *out, int from, int to)
{
	int i;

	for (i = from; i < to; i++)
		output_printf(out, "%s%c", feature_names[i],
			i + 1 < to ? ' ' : '\n');
}

static void write_blocks(struct tool *t)
{
	size_t i;
	int k;

	output_write(t->out, features_page(t->features), G_COUNT * sizeof(float));
	for (i = 0; i < t->page.nblock; i++) {
		float row[1 + F_COUNT];

		row[0] = (float)features_words(t->features, i);
		for (k = 0; k < F_COUNT; k++)
			row[1 + k] = features_column(t->features, k)[i];
		output_write(t->out, row, sizeof row);
	}
	for (i = 0; i < t->page.nblock; i++) {
		const struct text_block *b = &t->page.block[i];

		output_write(t->out, &b->len, sizeof b->len);
		output_write(t->out, t->page.text.p + b->start, b->len);
	}
}

static void do_file(struct tool *t, const char *name)
{
	struct buf utf8 = { 0 };
	size_t n;
	char *bytes = file_read(name, &n);
	const struct dom *d;

	charset_decode(&utf8, bytes, n, charset_sniff(bytes, n, NULL));
	d = html_parse(t->parser, utf8.p ? utf8.p : "", utf8.n);
	page_cut(&t->page, d, t->classes);
	page_about(&t->about, d, &t->page);
	output_printf(t->out, "%s %zu\n", name, t->page.nblock);
	if (t->page.nblock) {
		features_make(t->features, &t->page, &t->about);
		write_blocks(t);
	}
	buf_free(&utf8);
	free(bytes);
}

int main(int argc, char **argv)
{
	struct tool t = { .parser = html_parser_new(false),
		.classes = classes_new(), .features = features_new() };
	struct input *list;
	char *line;
	size_t n;

	err_init(argv[0]);
	list = input_open(argc > 1 ? argv[1] : "-");
	t.out = output_open("-");
	write_names(t.out, 0, F_COUNT);
	write_names(t.out, F_COUNT, F_COUNT + G_COUNT);
	while (input_line(list, &line, &n, 0)) {
		char *name = xstrndup(line, n);

		do_file(&t, name);
		free(name);
	}
	input_close(list);
	output_close(t.out);
	features_free(t.features);
	classes_free(t.classes);
	page_free(&t.page);
	about_free(&t.about);
	html_parser_free(t.parser);
	return 0;
}
