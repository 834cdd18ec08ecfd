/* crawlclean - extract clean text from web pages: crawlclean(1) */
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/crawlclean/clean.h"
#include "cmd/crawlclean/tally.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/filter/rule_options.h"
#include "common/format/doc_chain.h"
#include "common/format/pages.h"

static struct {
	int format;
	bool extract_only, why, keep_pii, list_rules;
	size_t max_page;
	const char *out, *stats;
	struct rule_options rules;
} o = { .max_page = (size_t)16 << 20 };

static const struct program program = {
	"crawlclean", "[FILE | DIR ...]",
	"extract clean text from web pages"
};

static const struct option_row rows[] = {
	{ 'i', "input", OPT_ENUM, &o.format, "auto|warc|html|text|docs",
	  "format of the input (auto: its first bytes say it)" },
	{ 'x', "extract", OPT_FLAG, &o.extract_only, NULL,
	  "only extract the main text: no rules, no replacements" },
	{ 'w', "why", OPT_FLAG, &o.why, NULL,
	  "keep dropped documents, with the rule in metadata.drop" },
	OPT_OUTPUT(o.out),
	OPT_RULES(o.rules),
	{ 0, "rules", OPT_FLAG, &o.list_rules, NULL,
	  "list the rules with their thresholds, and exit" },
	{ 0, "stats", OPT_STR, &o.stats, "FILE",
	  "write the counts of each rule to FILE" },
	OPT_RULE_FILES(o.rules),
	{ 0, "keep-pii", OPT_FLAG, &o.keep_pii, NULL,
	  "+keep e-mail and IPv4 addresses" },
	{ 0, "max-page", OPT_BYTES, &o.max_page, "SIZE",
	  "+drop larger pages and documents (16M)" },
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

/* A batch is read while the previous one is processed. */
enum { BATCH_PAGES = 256, BATCH_BYTES = 4 << 20 };

struct batch {
	struct raw_page raw[BATCH_PAGES];
	struct cleaned done[BATCH_PAGES];
	size_t n;
};

struct run {
	struct clean_options clean;
	struct cleaner **cleaner;	/* one per thread */
	struct pages *pages;
	struct output *out;
	struct batch batch[2], *now, *next;
	struct tally tally;
	uint64_t written;		/* documents */
};

static bool damaged;

static void on_damage(const char *message)
{
	if (records_strict)
		die("%s", message);
	warn("%s", message);
	damaged = true;
}

/* ---- the loop ---- */

static void read_batch(struct run *run, struct batch *b)
{
	size_t bytes = 0;

	for (b->n = 0; b->n < BATCH_PAGES && bytes < BATCH_BYTES; b->n++) {
		if (!pages_next(run->pages, &b->raw[b->n]))
			break;
		bytes += b->raw[b->n].bytes.n;
	}
}

/* Part 0 reads the next batch; the others process the pages of this one. */
static void work(void *ctx, size_t i, int thread)
{
	struct run *run = ctx;

	if (i == 0)
		read_batch(run, run->next);
	else
		clean_page(run->cleaner[thread], &run->now->raw[i - 1],
			&run->now->done[i - 1]);
}

static void write_batch(struct run *run)
{
	size_t i;

	for (i = 0; i < run->now->n; i++) {
		struct cleaned *c = &run->now->done[i];

		tally_page(&run->tally, &run->now->raw[i], c);
		if (c->out.n && !run->written++)
			doc_chain_add_line(&c->out,
				run->now->raw[i].kind != RAW_DOCUMENT);
		output_write(run->out, c->out.p ? c->out.p : "", c->out.n);
	}
	if (progress_due())
		progress_print("pages=%" PRIu64 " kept=%" PRIu64
			" bytes=%" PRIu64, tally_pages(&run->tally),
			run->tally.outcomes[CLEAN_KEPT],
			run->tally.bytes_in);
}

static void run_all(struct run *run)
{
	struct batch *b;

	run->now = &run->batch[0];
	run->next = &run->batch[1];
	read_batch(run, run->now);
	while (run->now->n) {
		parallel_for(run->now->n + 1, work, run);
		write_batch(run);
		b = run->now;
		run->now = run->next;
		run->next = b;
	}
}

/* ---- the program ---- */

static void start(struct run *run, char **files)
{
	int i;

	rules_init();
	rule_options_apply(&o.rules);
	run->tally.max_page = o.max_page;
	run->tally.rules_for = o.rules.rules_for;
	run->clean = (struct clean_options){
		.extract_only = o.extract_only, .why = o.why,
		.keep_pii = o.keep_pii, .max = o.max_page
	};
	rule_options_open(&o.rules, &run->clean.env);
	input_on_damage = on_damage;
	run->pages = pages_open(files, (enum pages_format)o.format,
		o.max_page);
	run->out = output_open(o.out);
	run->cleaner = xcalloc((size_t)parallel_count(),
		sizeof *run->cleaner);
	for (i = 0; i < parallel_count(); i++)
		run->cleaner[i] = cleaner_new(&run->clean);
}

static void free_all(struct run *run)
{
	size_t i, k;

	for (i = 0; i < (size_t)parallel_count(); i++)
		cleaner_free(run->cleaner[i]);
	free(run->cleaner);
	for (k = 0; k < 2; k++)
		for (i = 0; i < BATCH_PAGES; i++) {
			raw_page_free(&run->batch[k].raw[i]);
			buf_free(&run->batch[k].done[i].out);
		}
	rule_options_close(&run->clean.env);
	free(run);
}

static int list_rules(void)
{
	struct output *out = output_open(NULL);

	rule_options_apply(&o.rules);
	rules_list(out);
	output_close(out);
	return 0;
}

static void check_options(void)
{
	const struct rule_options *r = &o.rules;

	if (o.extract_only && (o.why || r->set.n || r->off.n || r->rules_for))
		die_usage("-x applies no rules: it excludes --why, "
			"--rules-for, --set and --off");
	output_try_second("stats", o.stats, o.out);
}

int main(int argc, char **argv)
{
	struct run *run;
	const struct pages_counts *n;
	bool lost;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	if (o.list_rules)
		return list_rules();
	run = xcalloc(1, sizeof *run);
	start(run, argv);
	run_all(run);
	n = pages_counts(run->pages);
	tally_summary(&run->tally, n);
	if (o.stats)
		tally_write(&run->tally, n, o.stats);
	lost = damaged || run->tally.cut || n->lost || n->barren;
	pages_close(run->pages);
	output_close(run->out);
	free_all(run);
	return lost;
}
