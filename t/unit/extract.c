/* extract.c - main text of HTML files, without crawlclean
 *
 * usage: extract [-w TREES] [-o DIR] [-m] [-r N] FILE...
 * Texts go to standard output or to DIR/NAME.txt for NAME.html; -w uses other
 * trees than the built-in ones; -m prints metadata instead, `key: value` lines;
 * -r does everything N times and prints the speed.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/html/charset.h"
#include "common/extract/extract.h"
#include "common/html/html.h"

struct tool {
	struct html_parser *parser;
	struct extractor *x;
	const char *dir;
	bool meta;
	int rounds;
	struct output *out;
	struct buf text;
	size_t bytes;
	double parse, extract;	/* seconds */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void write_text(struct tool *t, const char *name)
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	size_t n = strlen(base);
	struct buf path = { 0 };

	if (!t->dir) {
		output_write(t->out, t->text.p, t->text.n);
		return;
	}
	if (n > 5 && !strcmp(base + n - 5, ".html"))
		n -= 5;
	buf_printf(&path, "%s/%.*s.txt", t->dir, (int)n, base);
	file_write(path.p, t->text.p, t->text.n);
	buf_free(&path);
}

static void write_meta(struct tool *t, const struct extract_meta *m)
{
	output_printf(t->out, "title: %s\nauthor: %s\ndate: %s\nurl: %s\n"
		"language: %s\n", m->title, m->author, m->date, m->url,
		m->language);
}

static void do_file(struct tool *t, const char *name)
{
	struct buf utf8 = { 0 };
	struct extract_meta meta;
	size_t n;
	char *bytes = file_read(name, &n);
	int i;

	charset_decode(&utf8, bytes, n, charset_sniff(bytes, n, NULL));
	for (i = 0; i < t->rounds; i++) {
		double start = now(), parsed;
		const struct dom *d = html_parse(t->parser,
			utf8.p ? utf8.p : "", utf8.n);

		parsed = now();
		extract_text(t->x, d, &t->text, &meta);
		t->parse += parsed - start;
		t->extract += now() - parsed;
		t->bytes += utf8.n;
	}
	if (t->meta)
		write_meta(t, &meta);
	else if (t->rounds == 1)
		write_text(t, name);
	buf_free(&utf8);
	free(bytes);
}

static void print_speed(const struct tool *t)
{
	double mb = 1e-6 * (double)t->bytes;

	output_printf(t->out, "parse %.1f extract %.1f both %.1f MB/s\n",
		mb / t->parse, mb / t->extract, mb / (t->parse + t->extract));
}

int main(int argc, char **argv)
{
	struct tool t = { .parser = html_parser_new(false), .rounds = 1 };
	char *trees = NULL;
	size_t n = 0;
	int c;

	err_init(argv[0]);
	while ((c = getopt(argc, argv, "w:o:mr:")) != -1)
		switch (c) {
		case 'w':
			trees = file_read(optarg, &n);
			break;
		case 'o':
			t.dir = optarg;
			break;
		case 'm':
			t.meta = true;
			break;
		case 'r':
			t.rounds = atoi(optarg);
			break;
		default:
			die_usage("extract [-w TREES] [-o DIR] [-m] [-r N] FILE...");
		}
	t.x = extractor_new(trees, n);
	t.out = output_open("-");
	for (; optind < argc; optind++)
		do_file(&t, argv[optind]);
	if (t.rounds > 1)
		print_speed(&t);
	output_close(t.out);
	extractor_free(t.x);
	html_parser_free(t.parser);
	buf_free(&t.text);
	free(trees);
	return 0;
}
