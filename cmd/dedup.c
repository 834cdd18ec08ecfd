/* dedup - drop exact and near duplicates of documents: dedup(1) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/format/doc.h"
#include "common/format/doc_chain.h"
#include "common/dedup/cluster_list.h"
#include "common/dedup/repeats.h"

static struct {
	int modes;
	int64_t bands, rows, words, least;
	size_t memory;
	const char *out, *clusters;
} o = { REPEAT_EXACT | REPEAT_NEAR, 14, 8, 5, 20, (size_t)2 << 30, NULL, NULL };

static const struct program program = {
	"dedup", "[FILE ...]",
	"drop exact and near duplicates of documents"
};

static const struct option_row rows[] = {
	{ 0, "by", OPT_SET, &o.modes, "url|exact|near|paragraph|line",
	  "what makes two documents duplicates (exact,near)" },
	{ 'M', "memory", OPT_BYTES, &o.memory, "SIZE",
	  "memory of the whole process (2G)" },
	OPT_OUTPUT(o.out),
	{ 0, "clusters", OPT_STR, &o.clusters, "FILE",
	  "write the id and cluster of each duplicate to FILE" },
	{ 0, "bands", OPT_INT, &o.bands, "N", "+bands per signature (14)" },
	{ 0, "rows", OPT_INT, &o.rows, "N", "+rows per band (8)" },
	{ 0, "words", OPT_INT, &o.words, "N", "+words per shingle (5)" },
	{ 0, "min-length", OPT_INT, &o.least, "N",
	  "+lines and paragraphs under N bytes are always kept (20)" },
	OPT_THREADS,
	OPT_SEED,
	OPT_RECORDS,
	OPT_COMMON
};

/* The documents of a batch stay in a core's cache between the steps. */
enum { BATCH_BYTES = 512 << 10, BATCH_DOCS = 4096 };

/* The memory that the process needs apart from the tables and the list of
 * clusters: the program, its buffers and what the allocator cannot return; for
 * each thread, the lines of a batch with their texts; for each band, the keys
 * of a batch, and as much again lost to fragmentation between small tables.
 * Measured, rounded up. */
enum { FIXED_BYTES = 12 << 20, THREAD_BYTES = 2 << 20,
	BAND_BYTES = 2 * BATCH_DOCS * sizeof(uint64_t) };

struct run {
	struct repeats *repeats;
	struct docs *in;
	struct output *out;
	struct doc_batch batch;
	struct repeat_marks *marks;	/* BATCH_DOCS */
	struct repeat_scratch *scratch;	/* one per thread */
	struct cluster_list list;	/* with --clusters */
	size_t list_bytes;		/* memory for it */
	uint64_t docs, by_mode[32];
	unsigned turns;
};

static void check_options(void)
{
	option_range("bands", o.bands, 1, 256);
	option_range("rows", o.rows, 1, 64);
	option_range("words", o.words, 1, 32);
	option_range("min-length", o.least, 0, INT64_MAX);
	output_try_second("clusters", o.clusters, o.out);
}

/* Divides -M: the tables get what the process does not otherwise need; with
 * --clusters, the list of clusters gets a quarter of that. */
static void plan_memory(struct run *run, struct repeats_options *r)
{
	size_t beside = FIXED_BYTES, least;

	beside += THREAD_BYTES * (size_t)parallel_count();
	if (o.modes & REPEAT_NEAR)
		beside += BAND_BYTES * (size_t)o.bands;
	least = beside + repeats_least_memory(r) * (o.clusters ? 2 : 1);
	if (o.memory < least)
		die_usage("--memory: %zu bytes are less than the %zuM that "
			"-j %d and empty tables take", o.memory,
			(least >> 20) + 1, parallel_count());
	r->memory = o.memory - beside;
	run->list_bytes = o.clusters ? r->memory / 4 : 0;
	r->memory -= run->list_bytes;
}

static struct repeats *new_repeats(struct run *run)
{
	struct repeats_options r = {
		.modes = o.modes, .bands = (int)o.bands, .rows = (int)o.rows,
		.nword = (int)o.words, .seed = (uint64_t)option_seed,
		.least = (size_t)o.least, .clusters = o.clusters != NULL
	};

	plan_memory(run, &r);
	return repeats_new(&r);
}

static void mark(void *ctx, size_t i, int thread)
{
	struct run *run = ctx;

	doc_batch_parse(&run->batch, i);
	if (!run->batch.error[i].what)
		repeats_mark(run->repeats, &run->scratch[thread],
			&run->batch.v[i], &run->marks[i]);
}

static void warn_of_memory(struct run *run)
{
	struct repeats_counts c;

	repeats_count(run->repeats, &c);
	if (c.turns && !run->turns)
		warn("after %" PRIu64 " documents a table is full: from here "
			"on only the last %" PRIu64 " keys or more are "
			"remembered; -M gives more room", run->docs, c.room);
	run->turns = c.turns;
}

/* Refuses an incomplete list: nothing in it would show that it is wrong. */
static void check_list(const struct run *run)
{
	if (o.clusters && cluster_list_memory(&run->list) > run->list_bytes)
		die("the list of clusters of %" PRIu64 " documents needs more "
			"than a quarter of -M %zuM: give more memory",
			run->docs, o.memory >> 20);
}

static void judge(struct run *run, size_t i)
{
	struct doc *doc = &run->batch.v[i];
	const char *id;
	size_t n;
	int why;

	if (!doc_batch_good(run->in, &run->batch, i))
		return;
	id = doc_id(doc, &n);
	if (o.clusters)
		cluster_list_add(&run->list, id, n);
	why = repeats_judge(run->repeats, doc, &run->marks[i]);
	run->docs++;
	run->by_mode[why]++;
	if (why)
		return;
	if (run->by_mode[0] == 1)
		doc_chain_add(doc, false);
	doc_pass(doc, run->out);
}

static void run_all(struct run *run)
{
	size_t i, threads = (size_t)parallel_count();

	while (docs_batch(run->in, &run->batch, BATCH_BYTES * threads,
			BATCH_DOCS)) {
		parallel_for(run->batch.n, mark, run);
		for (i = 0; i < run->batch.n; i++)
			judge(run, i);
		warn_of_memory(run);
		check_list(run);
		if (progress_due())
			progress_print("documents=%" PRIu64 " kept=%" PRIu64
				" bytes=%" PRIu64, run->docs, run->by_mode[0],
				records_bytes(docs_records(run->in)));
	}
}

static void write_clusters(struct run *run)
{
	struct output *out = output_open(o.clusters);

	cluster_list_write(&run->list, repeats_clusters(run->repeats), out);
	output_close(out);
}

static void summarise(const struct run *run)
{
	struct repeats_counts c;

	repeats_count(run->repeats, &c);
	progress_summary("documents=%" PRIu64 " kept=%" PRIu64 " url=%" PRIu64
		" exact=%" PRIu64 " near=%" PRIu64 " empty=%" PRIu64
		" parts=%" PRIu64 " part_bytes=%" PRIu64, run->docs,
		run->by_mode[0], run->by_mode[REPEAT_URL],
		run->by_mode[REPEAT_EXACT], run->by_mode[REPEAT_NEAR],
		run->by_mode[REPEAT_LINE] + run->by_mode[REPEAT_PARAGRAPH],
		c.parts, c.bytes);
}

static void free_all(struct run *run)
{
	size_t i;

	for (i = 0; i < BATCH_DOCS; i++)
		repeat_marks_free(&run->marks[i]);
	for (i = 0; i < (size_t)parallel_count(); i++)
		repeat_scratch_free(&run->scratch[i]);
	free(run->marks);
	free(run->scratch);
	cluster_list_free(&run->list);
	doc_batch_free(&run->batch);
	repeats_free(run->repeats);
}

int main(int argc, char **argv)
{
	struct run run = { 0 };

	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "a smaller -M";
	check_options();
	run.repeats = new_repeats(&run);
	run.marks = xcalloc(BATCH_DOCS, sizeof *run.marks);
	run.scratch = xcalloc((size_t)parallel_count(), sizeof *run.scratch);
	run.in = docs_open(argv);
	run.out = output_open(o.out);
	run_all(&run);
	docs_close(run.in);
	if (o.clusters)
		write_clusters(&run);
	output_close(run.out);
	summarise(&run);
	free_all(&run);
	return 0;
}
