/* wordcount_files.c - the words of files, counted by all threads: see
 * wordcount_files.h */
#include "common/token/wordcount_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/format/doc.h"

#define BLOCK ((size_t)64 << 20)	/* of raw text or lines read at once */
#define PIECE ((size_t)1 << 20)		/* of text a thread takes at once */
#define BATCH_DOCS 65536

struct text {
	const char *p;
	size_t len;
	const char *file;	/* for messages */
	uint64_t line;		/* 0: the file is the text */
};

static struct {
	const struct splitter *splitter;
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

/* Adds up what the threads have counted. */
static struct wordcount *collect(int threads)
{
	struct wordcount *all = wordcount_new();
	int i;

	for (i = 0; i < threads; i++) {
		if (work.counts[i] && !wordcount_size(all)) {
			wordcount_free(all);
			all = work.counts[i];
		} else if (work.counts[i]) {
			wordcount_merge(all, work.counts[i]);
			wordcount_free(work.counts[i]);
		}
		split_free(&work.split[i]);
	}
	return all;
}

struct wordcount *wordcount_files(char **files, bool raw,
	const struct splitter *s)
{
	int threads = parallel_count();
	struct wordcount *all;

	work.splitter = s;
	work.counts = xcalloc((size_t)threads, sizeof *work.counts);
	work.split = xcalloc((size_t)threads, sizeof *work.split);
	(raw ? count_raw : count_documents)(files);
	all = collect(threads);
	free(work.counts);
	free(work.split);
	free(work.v);
	memset(&work, 0, sizeof work);
	return all;
}
