/* bpe-train - learn a vocabulary from text: bpe-train(1) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/format/doc.h"
#include "common/token/bpe_train.h"

#define BLOCK ((size_t)64 << 20)	/* of raw text or lines read at once */
#define PIECE ((size_t)1 << 20)		/* of text a thread takes at once */
#define BATCH_DOCS 65536

static struct {
	int64_t size, min_count;
	const char *pattern, *output, *counts;
	bool raw, merge;
	int ties;
} o = { .size = 8192, .min_count = 1, .pattern = "gpt2" };

static const struct program program = {
	"bpe-train", "-o OUT [FILE ...]\n--counts OUT.tsv [FILE ...]\n"
	"--merge-counts -o OUT COUNTS ...", "learn a vocabulary from text"
};

static const struct option_row rows[] = {
	{ 'n', "size", OPT_INT, &o.size, "N",
	  "ordinary tokens, the 256 bytes included (8192)" },
	{ 'p', "pattern", OPT_STR, &o.pattern, "PATTERN",
	  "gpt2, smollm, cl100k, o200k or a regular expression (gpt2)" },
	{ 'o', "output", OPT_STR, &o.output, "OUT",
	  "NAME.tiktoken, or tokenizer.json by any other name" },
	{ 'r', "raw", OPT_FLAG, &o.raw, NULL,
	  "each file is one document of plain text" },
	{ 0, "ties", OPT_ENUM, &o.ties, "bytes|hf",
	  "+how bytes are numbered, which decides ties (bytes)" },
	{ 0, "min-count", OPT_INT, &o.min_count, "N",
	  "+a pair must occur so often to become a token (1)" },
	{ 0, "counts", OPT_STR, &o.counts, "OUT.tsv",
	  "+write the words and their counts, do not train" },
	{ 0, "merge-counts", OPT_FLAG, &o.merge, NULL,
	  "+the files are word counts: add them up" },
	OPT_RECORDS,
	OPT_THREADS,
	OPT_COMMON
};

/* ---- counting by many threads ---- */

struct text {
	const char *p;
	size_t len;
	const char *file;	/* for messages */
	uint64_t line;		/* 0: the file is the text */
};

static struct {
	struct splitter *splitter;
	struct text *v;			/* texts to be counted */
	size_t n, cap;
	struct wordcount **counts;	/* a thread */
	struct split *split;
	uint64_t bytes;
	const char *file;		/* where texts come from now */
	uint64_t line;
} work;

static void add_text(const char *p, size_t len)
{
	work.v = grow(work.v, work.n, &work.cap, sizeof *work.v);
	work.v[work.n++] = (struct text){ p, len, work.file, work.line };
	work.bytes += len;
}

static void count_text(void *ctx, size_t i, int thread)
{
	if (!work.counts[thread])
		work.counts[thread] = wordcount_new();
	work.split[thread].name = work.v[i].file;
	work.split[thread].line = work.v[i].line;
	wordcount_text(work.counts[thread], &work.split[thread], work.splitter,
		work.v[i].p, work.v[i].len);
}

static void count_texts(void)
{
	parallel_for(work.n, count_text, NULL);
	work.n = 0;
	if (progress_due())
		progress_print("bytes=%" PRIu64, work.bytes);
}

/* Cuts text into pieces where that changes no word and returns where the last
 * one begins, which is added only at the end of the document. */
static size_t add_pieces(const char *text, size_t len, bool end)
{
	size_t at = 0;

	while (len - at > 2 * PIECE) {
		size_t cut = split_safe_cut(work.splitter, text + at, len - at,
			PIECE);

		if (cut == len - at)
			break;
		add_text(text + at, cut);
		at += cut;
	}
	if (end)
		add_text(text + at, len - at);
	return end ? len : at;
}

/* A file may be larger than memory, as long as it can be cut. */
static void count_raw_file(const char *name)
{
	struct input *in = input_open(name);
	size_t cap = BLOCK, n = 0, got, used;
	char *text = xmalloc(cap);

	work.file = input_name(in);
	work.line = 0;
	do {
		got = input_read(in, text + n, cap - n);
		n += got;
		used = add_pieces(text, n, n < cap);
		count_texts();
		memmove(text, text + used, n - used);
		n -= used;
		if (n > cap / 2) {
			cap *= 2;
			text = xrealloc(text, cap, 1);
		}
	} while (got);
	free(text);
	input_close(in);
}

static void count_raw(char **files)
{
	for (files = input_names(files); *files; files++)
		count_raw_file(*files);
}

static void count_documents(char **files)
{
	struct docs *in = docs_open(files);
	struct doc_batch b = { 0 };

	while (docs_batch_texts(in, &b, BLOCK / 4, BATCH_DOCS)) {
		size_t i, n;

		for (i = 0; i < b.n; i++) {
			if (doc_batch_good(in, &b, i)) {
				const char *text = doc_text(&b.v[i], &n);

				work.file = b.v[i].rec.file;
				work.line = b.v[i].rec.line;
				add_pieces(text, n, true);
			}
		}
		count_texts();
	}
	doc_batch_free(&b);
	docs_close(in);
}

static struct wordcount *count_all(char **files)
{
	int i, n = parallel_count();
	struct wordcount *all = wordcount_new();

	work.splitter = splitter_new(o.pattern, "--pattern");
	work.counts = xcalloc((size_t)n, sizeof *work.counts);
	work.split = xcalloc((size_t)n, sizeof *work.split);
	(o.raw ? count_raw : count_documents)(files);
	for (i = 0; i < n; i++) {
		if (work.counts[i] && !wordcount_size(all)) {
			wordcount_free(all);
			all = work.counts[i];
		} else if (work.counts[i]) {
			wordcount_merge(all, work.counts[i]);
			wordcount_free(work.counts[i]);
		}
		split_free(&work.split[i]);
	}
	free(work.counts);
	free(work.split);
	free(work.v);
	o.pattern = xstrdup(splitter_name(work.splitter));
	splitter_free(work.splitter);
	return all;
}

static struct wordcount *read_counts(char **files)
{
	struct wordcount *all = wordcount_new();
	char *pattern = option_given("pattern") ? xstrdup(o.pattern) : NULL;

	if (!*files)
		die_usage("--merge-counts: no files are given");
	wordcount_read(all, *files, &pattern);
	if (!splitter_find(pattern))
		splitter_free(splitter_of_file(pattern, *files));
	while (*++files)
		wordcount_read(all, *files, &pattern);
	o.pattern = pattern;
	return all;
}

/* ---- training ---- */

static void train(const struct wordcount *words)
{
	struct bpe_options options = { (uint32_t)o.size,
		(uint64_t)o.min_count, o.ties == 1 };
	struct vocab *v;
	uint32_t size;

	v = bpe_train(words, o.pattern, &options);
	size = vocab_size(v);
	if (size < o.size)
		warn("only %" PRIu32 " tokens: no pair of tokens is left that "
			"occurs often enough", size);
	if (name_ends(o.output, ".tiktoken")) {
		vocab_write_tiktoken(v, o.output);
	} else {
		vocab_add_special(v, "<|endoftext|>");
		vocab_write_json(v, o.output);
	}
	progress_summary("words=%zu occurrences=%" PRIu64 " tokens=%" PRIu32,
		wordcount_size(words), wordcount_total(words), size);
	vocab_free(v);
}

static void check_options(void)
{
	if (!o.output && !o.counts)
		die_usage("no output is given: use -o");
	if (o.output && o.counts)
		die_usage("only one of -o and --counts");
	if (o.merge && o.raw)
		die_usage("--raw does not go with --merge-counts");
	option_range("size", o.size, 256, VOCAB_MAX - 1);
	option_range("min-count", o.min_count, 1, INT64_MAX);
	output_try(o.output ? o.output : o.counts);
}

int main(int argc, char **argv)
{
	struct wordcount *words;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	records_hint = "-r reads plain text";
	words = o.merge ? read_counts(argv) : count_all(argv);
	if (!wordcount_size(words))
		die("there is no text to learn from");
	if (o.counts)
		wordcount_write(words, o.pattern, o.counts);
	else
		train(words);
	wordcount_free(words);
	return 0;
}
