/* bpe-train - learn a vocabulary from text: bpe-train(1) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/format/records.h"
#include "common/token/bpe_train.h"
#include "common/token/wordcount_files.h"

static struct {
	int64_t size, min_count;
	const char *pattern, *output;
	bool raw, counts, merge;
	int ties;
} o = { .size = 8192, .min_count = 1, .pattern = "gpt2" };

static const struct program program = {
	"bpe-train", "-o OUT [FILE ...]\n--counts [-o OUT] [FILE ...]\n"
	"--merge-counts -o OUT [COUNTS ...]", "learn a vocabulary from text"
};

static const struct option_row rows[] = {
	{ 'n', "size", OPT_INT, &o.size, "N",
	  "ordinary tokens, including the 256 bytes (8192)" },
	{ 'p', "pattern", OPT_STR, &o.pattern, "PATTERN",
	  "gpt2, smollm, cl100k, o200k or a regular expression (gpt2)" },
	{ 'o', "output", OPT_STR, &o.output, "OUT",
	  "NAME.tiktoken, or tokenizer.json by any other name" },
	{ 'r', "raw", OPT_FLAG, &o.raw, NULL,
	  "each file is one document of plain text" },
	{ 0, "ties", OPT_ENUM, &o.ties, "bytes|hf",
	  "+numbering of bytes, which decides ties (bytes)" },
	{ 0, "min-count", OPT_INT, &o.min_count, "N",
	  "+a pair must occur so often to become a token (1)" },
	{ 0, "counts", OPT_FLAG, &o.counts, NULL,
	  "+write the words and their counts, do not train" },
	{ 0, "merge-counts", OPT_FLAG, &o.merge, NULL,
	  "+the files are word counts; add them" },
	OPT_RECORDS,
	OPT_THREADS,
	OPT_COMMON
};

/* Sets o.pattern to the splitter's name, which is what files record. */
static struct wordcount *count_files(char **files)
{
	struct splitter *s = splitter_new(o.pattern, "--pattern");
	struct wordcount *words = wordcount_files(files, o.raw, s);

	o.pattern = xstrdup(splitter_name(s));
	splitter_free(s);
	return words;
}

static struct wordcount *read_counts(char **files)
{
	struct wordcount *all = wordcount_new();
	char *pattern = option_given("pattern") ? xstrdup(o.pattern) : NULL;

	files = input_names(files);
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
	if (o.merge && o.raw)
		die_usage("--raw does not go with --merge-counts");
	option_range("size", o.size, 256, VOCAB_MAX - 1);
	option_range("min-count", o.min_count, 1, INT64_MAX);
	output_try(o.output);
}

int main(int argc, char **argv)
{
	struct wordcount *words;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	records_hint = "-r reads plain text";
	words = o.merge ? read_counts(argv) : count_files(argv);
	if (!wordcount_size(words))
		die("there is no text to learn from");
	if (o.counts)
		wordcount_write(words, o.pattern, o.output);
	else
		train(words);
	wordcount_free(words);
	return 0;
}
