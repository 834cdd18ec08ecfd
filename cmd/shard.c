/* shard - look at token files, join them, cut and shuffle them: shard(1) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/base/rng.h"
#include "common/format/shard.h"
#include "common/format/tokstream.h"

#define BLOCK ((size_t)64 << 10)	/* tokens moved at once */

static struct {
	const char *output;
	int64_t count, size, window;
} o = { .size = 100000000, .count = 1000, .window = 1024 };

static const struct program program = {
	"shard", "info FILE ...\ncheck FILE ...\ncat [FILE ...]\n"
	"head [FILE ...]\nsplit -o PREFIX [FILE ...]\n"
	"shuffle -o PREFIX FILE ...",
	"look at token files, join them, cut and shuffle them"
};

static const struct option_row rows[] = {
	{ 'o', "output", OPT_STR, &o.output, "NAME",
	  "the stream to write (cat, head), or the prefix of shards" },
	{ 'n', "count", OPT_INT, &o.count, "N",
	  "head: tokens to take (1000)" },
	{ 0, "shard-size", OPT_INT, &o.size, "N",
	  "split, shuffle: tokens of a shard at most (100000000)" },
	{ 0, "window", OPT_INT, &o.window, "N",
	  "+shuffle: tokens of a piece where documents have no end (1024)" },
	OPT_SEED,
	OPT_COMMON
};

/* ---- info and check ---- */

/* A reader of name, or NULL where it is a shard in a file, which is mapped
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

/* Reads the stream to its end, which checks it. */
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

	if (!*files)
		die_usage("info: no files are given");
	for (; *files; files++) {
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

	if (!*files)
		die_usage("check: no files are given");
	for (; *files; files++) {
		struct tokstream_reader *r = open_stream(*files);
		uint64_t count = r ? drain(r) : check_shard(*files);

		tokstream_close(r);
		output_printf(out, "%s\tok\t%" PRIu64 "\n", *files, count);
	}
	output_close(out);
}

/* ---- streams ---- */

/* Copies up to most tokens of the files into one stream. */
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

static struct shard_row *begin_row(const struct tok_info *info)
{
	return shard_row_begin(o.output, (uint64_t)o.size, info);
}

static void run_split(char **files)
{
	struct tokstream_reader *r = tokstream_open(files);
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);
	struct shard_row *out = begin_row(tokstream_info(r));
	size_t n;

	while ((n = tokstream_read(r, ids, BLOCK)) > 0)
		shard_row_write(out, ids, n);
	shard_row_end(out);
	free(ids);
	tokstream_close(r);
}

/* ---- shuffle ---- */

/* A document with its eot, or a piece of a file without them. */
struct part {
	uint32_t file, n;
	size_t at;
};

struct parts {
	struct part *v;
	size_t n, cap;
};

static void add_part(struct parts *p, size_t file, size_t at, size_t n)
{
	p->v = grow(p->v, p->n, &p->cap, sizeof *p->v);
	p->v[p->n++] = (struct part){ (uint32_t)file, (uint32_t)n, at };
}

/* Finds the documents of a shard. Where it knows no eot, pieces of equal
 * length stand for them. */
static void find_parts(struct parts *p, const struct shard *s, size_t file)
{
	size_t at, start = 0;
	uint32_t ids[4096];

	for (at = 0; at < s->count;) {
		size_t i, n = s->count - at < 4096 ? s->count - at : 4096;

		shard_copy(s, at, n, ids);
		for (i = 0; i < n; i++, at++) {
			bool end = s->info.eot >= 0 ?
				(int64_t)ids[i] == s->info.eot :
				at + 1 - start == (size_t)o.window;

			if (end) {
				add_part(p, file, start, at + 1 - start);
				start = at + 1;
			}
		}
	}
	if (start < s->count)
		add_part(p, file, start, s->count - start);
}

static void write_part(struct shard_row *out, const struct shard *s,
	const struct part *p, uint32_t *ids)
{
	size_t at = p->at, left = p->n;

	while (left) {
		size_t n = left < BLOCK ? left : BLOCK;

		shard_copy(s, at, n, ids);
		shard_row_write(out, ids, n);
		at += n;
		left -= n;
	}
}

static void run_shuffle(char **files)
{
	size_t nfile = 0, i;
	struct shard *s;
	struct parts parts = { 0 };
	struct tok_info info;
	struct buf by = { 0 };
	struct shard_row *out;
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);

	while (files[nfile])
		nfile++;
	if (!nfile)
		die_usage("shuffle: no shards are given (it needs files)");
	s = xcalloc(nfile, sizeof *s);
	for (i = 0; i < nfile; i++) {
		shard_open(&s[i], files[i]);
		shard_check(&s[i]);
		tok_info_match(&s[0].info, files[0], &s[i].info, files[i]);
		find_parts(&parts, &s[i], i);
		if (s[i].info.by)
			tok_chain_add(&by, s[i].info.by);
	}
	rng_shuffle(parts.v, parts.n, sizeof *parts.v, (uint64_t)option_seed,
		RNG_SHUFFLE, 0);
	info = s[0].info;
	info.by = by.p;
	out = begin_row(&info);
	for (i = 0; i < parts.n; i++)
		write_part(out, &s[parts.v[i].file], &parts.v[i], ids);
	shard_row_end(out);
	for (i = 0; i < nfile; i++)
		shard_close(&s[i]);
	free(s);
	buf_free(&by);
	free(parts.v);
	free(ids);
}

static void need_prefix(const char *what)
{
	if (!o.output)
		die_usage("%s: no prefix for its shards is given: use -o",
			what);
	option_range("shard-size", o.size, 1, INT32_MAX);
	option_range("window", o.window, 1, INT32_MAX);
}

int main(int argc, char **argv)
{
	const char *what;

	argv += options_parse(&program, rows, argc, argv);
	what = *argv ? *argv++ : "";
	if (!strcmp(what, "info")) {
		run_info(argv);
	} else if (!strcmp(what, "check")) {
		run_check(argv);
	} else if (!strcmp(what, "cat")) {
		copy_stream(argv, UINT64_MAX);
	} else if (!strcmp(what, "head")) {
		option_range("count", o.count, 0, INT64_MAX);
		copy_stream(argv, (uint64_t)o.count);
	} else if (!strcmp(what, "split")) {
		need_prefix(what);
		run_split(argv);
	} else if (!strcmp(what, "shuffle")) {
		need_prefix(what);
		run_shuffle(argv);
	} else {
		die_usage("the first operand is one of info, check, cat, "
			"head, split and shuffle");
	}
	return 0;
}
