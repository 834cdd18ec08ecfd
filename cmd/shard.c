/* shard - inspect, join, split and shuffle token files: shard(1) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/format/shard.h"
#include "common/format/shard_shuffle.h"
#include "common/format/tokstream.h"

#define BLOCK ((size_t)64 << 10)	/* tokens copied at once */

static struct {
	const char *output;
	int64_t count, size, window;
} o = { .size = 100000000, .count = 1000, .window = 1024 };

static const struct program program = {
	"shard", "info [FILE ...]\ncheck [FILE ...]\ncat [FILE ...]\n"
	"head [FILE ...]\nsplit -o PREFIX [FILE ...]\n"
	"shuffle -o PREFIX FILE ...",
	"inspect, join, split and shuffle token files"
};

static const struct option_row rows[] = {
	{ 'o', "output", OPT_STR, &o.output, "NAME",
	  "the stream to write (cat, head), or the prefix of shards" },
	{ 'n', "count", OPT_INT, &o.count, "N",
	  "head: tokens to take (1000)" },
	{ 0, "shard-size", OPT_INT, &o.size, "N",
	  "split, shuffle: maximum tokens per shard (100000000)" },
	{ 0, "window", OPT_INT, &o.window, "N",
	  "+shuffle: tokens per piece if document ends are unknown (1024)" },
	OPT_SEED,
	OPT_COMMON
};

/* ---- info and check ---- */

/* A reader for name, or NULL if it is a shard in a file, which is mapped
 * instead. */
static struct tokstream_reader *open_stream(const char *name)
{
	struct input *in = input_open(name);
	const void *p;
	size_t n = input_peek(in, &p, 4);

	if (!shard_is(p, n) || !strcmp(name, "-"))
		return tokstream_open_input(in);
	input_close(in);
	return NULL;
}

static void print_info(struct output *out, const char *name, const char *kind,
	const struct tok_info *info)
{
	output_printf(out, "file\t%s\nformat\t%s\nwidth\t%d\nvocab\t%" PRIu32
		"\ntokenizer\t%016" PRIx64 "\neot\t%" PRId64 "\n", name, kind,
		info->width, info->vocab, info->tokenizer, info->eot);
}

static void print_chain(struct output *out, const struct tok_info *info)
{
	const char *s = info->by ? info->by : "";

	for (; *s; s += strcspn(s, "\n") + 1)
		output_printf(out, "by\t%.*s\n", (int)strcspn(s, "\n"), s);
}

static void info_shard(struct output *out, const char *name)
{
	struct shard s;

	shard_open(&s, name);
	print_info(out, name, s.ours ? "shard" : "shard of another program",
		&s.info);
	output_printf(out, "tokens\t%zu\n", s.count);
	if (s.ours)
		output_printf(out, "documents\t%" PRIu32 "\ncrc\t%08" PRIx32
			"\n", s.documents, s.crc);
	print_chain(out, &s.info);
	shard_close(&s);
}

/* Reads the stream to its end, which verifies it. */
static uint64_t drain(struct tokstream_reader *r)
{
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);

	while (tokstream_read(r, ids, BLOCK) > 0)
		;
	free(ids);
	return tokstream_count(r);
}

static void info_stream(struct output *out, const char *name,
	struct tokstream_reader *r)
{
	uint64_t count;

	print_info(out, name, "stream", tokstream_info(r));
	count = drain(r);
	output_printf(out, "tokens\t%" PRIu64 "\n", count);
	print_chain(out, tokstream_info(r));
	tokstream_close(r);
}

static void run_info(char **files)
{
	struct output *out = output_open(NULL);

	for (files = input_names(files); *files; files++) {
		struct tokstream_reader *r = open_stream(*files);

		if (r)
			info_stream(out, *files, r);
		else
			info_shard(out, *files);
		if (files[1])
			output_putc(out, '\n');
	}
	output_close(out);
}

static uint64_t check_shard(const char *name)
{
	struct shard s;
	uint64_t count;

	shard_open(&s, name);
	shard_check(&s);
	count = s.count;
	shard_close(&s);
	return count;
}

static void run_check(char **files)
{
	struct output *out = output_open(NULL);

	for (files = input_names(files); *files; files++) {
		struct tokstream_reader *r = open_stream(*files);
		uint64_t count = r ? drain(r) : check_shard(*files);

		tokstream_close(r);
		output_printf(out, "%s\tok\t%" PRIu64 "\n", *files, count);
	}
	output_close(out);
}

/* ---- streams ---- */

/* Copies up to `most` tokens of the files into one stream. */
static void copy_stream(char **files, uint64_t most)
{
	struct tokstream_reader *r = tokstream_open(files);
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);
	struct output *out = output_open(o.output);
	struct tokstream_writer *w;
	size_t n;

	output_refuse_terminal(out);
	w = tokstream_begin(out, tokstream_info(r));
	while (most && (n = tokstream_read(r, ids,
			most < BLOCK ? (size_t)most : BLOCK)) > 0) {
		tokstream_write(w, ids, n);
		most -= n;
	}
	tokstream_end(w);
	output_close(out);
	free(ids);
	tokstream_close(r);
}

/* ---- shards ---- */

static void run_split(char **files)
{
	struct tokstream_reader *r = tokstream_open(files);
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);
	struct shard_row *out = shard_row_begin(o.output,
		(uint64_t)o.size, tokstream_info(r));
	size_t n;

	while ((n = tokstream_read(r, ids, BLOCK)) > 0)
		shard_row_write(out, ids, n);
	shard_row_end(out);
	free(ids);
	tokstream_close(r);
}

static void run_shuffle(char **files)
{
	size_t n = 0;

	while (files[n])
		n++;
	if (!n)
		die_usage("shuffle: no shards are given (it needs files)");
	shard_shuffle(files, n, (size_t)o.window, (uint64_t)option_seed,
		o.output, (uint64_t)o.size);
}

static void need_prefix(const char *what)
{
	if (!o.output)
		die_usage("%s: no prefix for the shards: use -o",
			what);
	option_range("shard-size", o.size, 1, INT32_MAX);
	option_range("window", o.window, 1, INT32_MAX);
}

static void run_cat(char **files)
{
	copy_stream(files, UINT64_MAX);
}

static void run_head(char **files)
{
	option_range("count", o.count, 0, INT64_MAX);
	copy_stream(files, (uint64_t)o.count);
}

static const struct {
	const char *name;
	void (*run)(char **files);
	bool to_shards;
} commands[] = {
	{ "info", run_info, false }, { "check", run_check, false },
	{ "cat", run_cat, false }, { "head", run_head, false },
	{ "split", run_split, true }, { "shuffle", run_shuffle, true },
};

int main(int argc, char **argv)
{
	size_t i;

	argv += options_parse(&program, rows, argc, argv);
	for (i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (!*argv || strcmp(*argv, commands[i].name))
			continue;
		if (commands[i].to_shards)
			need_prefix(*argv);
		commands[i].run(argv + 1);
		return 0;
	}
	die_usage("the first operand is one of info, check, cat, head, split "
		"and shuffle");
}
