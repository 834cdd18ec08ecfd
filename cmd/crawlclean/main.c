/* crawlclean - web pages in, documents of clean text out: crawlclean(1) */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/format/doc_chain.h"
#include "common/format/pages.h"
#include "cmd/crawlclean/clean.h"
#include "common/html/dom.h"
#include "common/filter/fasttext.h"
#include "common/filter/language.h"
#include "common/filter/url.h"

static struct {
	int format, rules_for;
	bool extract_only, why, keep_pii, list_rules;
	size_t max_page;
	const char *out, *stats, *languages, *language_model;
	const char *quality_model, *quality_label;
	struct option_list set, off, url[URL_LISTS];
} o = { .max_page = (size_t)16 << 20 };

static const struct program program = {
	"crawlclean", "[FILE | DIR ...]",
	"extract clean text from web pages"
};

static const struct option_row rows[] = {
	{ 'i', "input", OPT_ENUM, &o.format, "auto|warc|html|text|docs",
	  "what the input is (auto: its first bytes say it)" },
	{ 'x', "extract", OPT_FLAG, &o.extract_only, NULL,
	  "only take the main text: no rules, nothing replaced" },
	{ 'w', "why", OPT_FLAG, &o.why, NULL,
	  "keep dropped documents, with the rule in metadata.drop" },
	OPT_OUTPUT(o.out),
	{ 'l', "languages", OPT_STR, &o.languages, "LIST",
	  "only these languages, such as en,de (all)" },
	{ 0, "rules-for", OPT_ENUM, &o.rules_for, "fineweb|any-language|docs",
	  "the set of rules: docs is for handbooks (fineweb)" },
	{ 0, "set", OPT_LIST, &o.set, "RULE=N", "set the threshold of a rule" },
	{ 0, "off", OPT_LIST, &o.off, "RULE",
	  "switch off a rule, or a family such as gopher" },
	{ 0, "rules", OPT_FLAG, &o.list_rules, NULL,
	  "list the rules with their thresholds, and exit" },
	{ 0, "stats", OPT_STR, &o.stats, "FILE",
	  "write the counts of each rule to FILE" },
	{ 0, "language-model", OPT_STR, &o.language_model, "FILE",
	  "+a fastText model in place of the built-in one" },
	{ 0, "quality-model", OPT_STR, &o.quality_model, "FILE",
	  "+a fastText model that judges quality" },
	{ 0, "quality-label", OPT_STR, &o.quality_label, "LABEL",
	  "+whose score the rule 'quality' takes (the first)" },
	{ 0, "url-domains", OPT_LIST, &o.url[URL_DOMAIN], "FILE",
	  "+drop the hosts listed, and those below them" },
	{ 0, "url-addresses", OPT_LIST, &o.url[URL_ADDRESS], "FILE",
	  "+drop the addresses listed" },
	{ 0, "url-words", OPT_LIST, &o.url[URL_WORD], "FILE",
	  "+drop addresses with a word of the list" },
	{ 0, "url-soft-words", OPT_LIST, &o.url[URL_SOFT_WORD], "FILE",
	  "+drop addresses with several words of the list" },
	{ 0, "url-subwords", OPT_LIST, &o.url[URL_SUBWORD], "FILE",
	  "+drop addresses whose letters hold one of the list" },
	{ 0, "keep-pii", OPT_FLAG, &o.keep_pii, NULL,
	  "+leave e-mail and IPv4 addresses as they are" },
	{ 0, "max-page", OPT_BYTES, &o.max_page, "SIZE",
	  "+drop larger pages and documents (16M)" },
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

enum { LIMITS = 3 };

/* A batch is read while the one before is worked on. */
enum { BATCH_PAGES = 256, BATCH_BYTES = 4 << 20 };

struct batch {
	struct raw_page raw[BATCH_PAGES];
	struct cleaned done[BATCH_PAGES];
	size_t n;
};

struct run {
	struct clean_options clean;
	struct cleaner **cleaner;	/* a thread */
	struct pages *pages;
	struct output *out;
	struct batch batch[2], *now, *next;
	uint64_t outcomes[CLEAN_OUTCOMES];
	uint64_t drops[RULES], edits[RULES];
	uint64_t written;		/* documents */
	uint64_t texts, texts_bytes;	/* plain text; the rest are pages */
	uint64_t bytes_in, bytes_out, cut, replaced;
	uint64_t swollen;		/* too large only when decoded */
	uint64_t limited[LIMITS];	/* pages on which a limit acted */
};

static const struct {
	enum limit bit;
	const char *stat, *what;
} limits[LIMITS] = {
	{ LIMIT_BLOCKS, "cut-blocks", "more than 400,000 paragraphs and cells: "
		"the text was cut off there" },
	{ LIMIT_BYTES, "cut-bytes", "more than 1 GiB of HTML: "
		"the rest was left out" },
	{ LIMIT_DEPTH, "too-deep", "elements nested too deeply: "
		"no text is lost, but how it is laid out may be" },
};

static bool damaged;

static void on_damage(const char *message)
{
	if (records_strict)
		die("%s", message);
	warn("%s", message);
	damaged = true;
}

/* ---- rules and models ---- */

static void set_rule(const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *name, *end;
	double v;

	if (!eq || eq == arg)
		die_usage("--set: '%s' is not RULE=NUMBER", arg);
	v = strtod(eq + 1, &end);
	if (end == eq + 1 || *end || !isfinite(v))
		die_usage("--set: '%s' is not a number", eq + 1);
	name = xstrndup(arg, (size_t)(eq - arg));
	if (!rules_set(name, v))
		die_usage("--set: there is no rule '%s' with a threshold; "
			"--rules lists them", name);
	free(name);
}

static void set_rules(void)
{
	size_t i;

	rules_for((enum rules_set_id)o.rules_for);
	for (i = 0; i < o.off.n; i++)
		if (!rules_switch_off(o.off.v[i]))
			die_usage("--off: there is no rule '%s'; --rules "
				"lists them", o.off.v[i]);
	for (i = 0; i < o.set.n; i++)
		set_rule(o.set.v[i]);
}

static struct urls *read_lists(void)
{
	struct urls *u = urls_new(true);
	size_t i;
	int list;

	for (list = 0; list < URL_LISTS; list++)
		for (i = 0; i < o.url[list].n; i++)
			urls_add_file(u, list, o.url[list].v[i]);
	urls_finish(u);
	return u;
}

static void open_quality(struct rules_env *env)
{
	struct fasttext *ft;
	size_t i, n;

	if (!o.quality_model) {
		if (o.quality_label)
			die_usage("--quality-label needs --quality-model");
		return;
	}
	env->quality = ft = fasttext_open(o.quality_model);
	n = fasttext_labels(ft);
	for (i = 0; i < n && o.quality_label; i++)
		if (!strcmp(fasttext_label(ft, i), o.quality_label) ||
			(!strncmp(fasttext_label(ft, i), "__label__", 9) &&
			!strcmp(fasttext_label(ft, i) + 9, o.quality_label)))
			break;
	if (i == n)
		die("%s: there is no label '%s' in it", o.quality_model,
			o.quality_label);
	env->quality_label = i;
}

static void list_rules(void)
{
	struct output *out = output_open(NULL);
	int i;

	output_str(out, "rule\ton\tthreshold\twhat it drops\n");
	for (i = 0; i < RULES; i++) {
		const struct rule *r = &rules[i];

		output_printf(out, "%s\t%s\t", r->name, r->off ? "no" : "yes");
		if (isnan(r->limit))
			output_str(out, "-");
		else
			output_printf(out, "%g", r->limit);
		output_printf(out, "\t%s%s\n", r->test ? "" : "takes out: ",
			r->drops);
	}
	output_close(out);
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

/* Part 0 reads the next batch, the others are the pages of this one. */
static void work(void *ctx, size_t i, int thread)
{
	struct run *run = ctx;

	if (i == 0)
		read_batch(run, run->next);
	else
		clean_page(run->cleaner[thread], &run->now->raw[i - 1],
			&run->now->done[i - 1]);
}

static void count_limits(struct run *run, const struct raw_page *raw,
	unsigned acted)
{
	int i;

	for (i = 0; i < LIMITS; i++) {
		if (!(acted & limits[i].bit))
			continue;
		run->limited[i]++;
		if (option_verbose)
			warn("%s: %s", raw->source.p, limits[i].what);
	}
}

/* pages.c tells of those that are too large as they stand. */
static void count_swollen(struct run *run, const struct raw_page *raw)
{
	run->swollen++;
	if (option_verbose)
		warn("%s: left out: more than %zu bytes when decoded",
			raw->source.p, o.max_page);
}

static void count(struct run *run, struct raw_page *raw, struct cleaned *c)
{
	int i;

	run->outcomes[c->outcome]++;
	run->cut += raw->cut;
	if (c->outcome == CLEAN_TOO_LARGE && raw->kind != RAW_TOO_LARGE)
		count_swollen(run, raw);
	if (c->outcome != CLEAN_NO_PAGE && c->plain) {
		run->texts++;
		run->texts_bytes += c->html_bytes;
	} else if (c->outcome != CLEAN_NO_PAGE) {
		run->bytes_in += c->html_bytes;
	}
	run->bytes_out += c->outcome == CLEAN_KEPT ? c->text_bytes : 0;
	run->replaced += c->replaced;
	if (c->limits)
		count_limits(run, raw, c->limits);
	if (c->outcome == CLEAN_DROPPED)
		run->drops[c->rule]++;
	for (i = 0; i < RULES; i++)
		run->edits[i] += c->edits[i];
	if (c->outcome == CLEAN_BAD) {
		raw->record.p = raw->bytes.p;
		records_bad_json(raw->records, &raw->record, &c->error);
	}
	if (c->outcome == CLEAN_UNREADABLE && records_strict)
		die("%s: the page cannot be read: its compression is damaged "
			"or unknown", raw->source.p);
}

static uint64_t pages_of(const struct run *run)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < CLEAN_OUTCOMES; i++)
		if (i != CLEAN_NO_PAGE && i != CLEAN_BAD)
			n += run->outcomes[i];
	return n - run->texts;
}

static void write_batch(struct run *run)
{
	size_t i;

	for (i = 0; i < run->now->n; i++) {
		struct cleaned *c = &run->now->done[i];

		count(run, &run->now->raw[i], c);
		if (c->out.n && !run->written++)
			doc_chain_add_line(&c->out,
				run->now->raw[i].kind != RAW_DOCUMENT);
		output_write(run->out, c->out.p ? c->out.p : "", c->out.n);
	}
	if (progress_due())
		progress_print("pages=%" PRIu64 " kept=%" PRIu64
			" bytes=%" PRIu64, pages_of(run),
			run->outcomes[CLEAN_KEPT], run->bytes_in);
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

/* ---- at the end ---- */

static void write_stats(const struct run *run)
{
	struct output *out = output_open(o.stats);
	int i;

	output_str(out, "what\tcount\n");
	output_printf(out, "records\t%" PRIu64 "\nlost-records\t%" PRIu64
		"\nbytes\t%" PRIu64 "\ntext-bytes\t%" PRIu64 "\n",
		pages_counts(run->pages)->records,
		pages_counts(run->pages)->lost, run->bytes_in, run->bytes_out);
	output_printf(out, "pages\t%" PRIu64 "\nkept\t%" PRIu64
		"\nunreadable\t%" PRIu64 "\ntoo-large\t%" PRIu64
		"\nreplaced\t%" PRIu64 "\ntexts\t%" PRIu64
		"\ntexts-bytes\t%" PRIu64 "\n", pages_of(run),
		run->outcomes[CLEAN_KEPT], run->outcomes[CLEAN_UNREADABLE],
		run->outcomes[CLEAN_TOO_LARGE], run->replaced,
		run->texts, run->texts_bytes);
	for (i = 0; i < LIMITS; i++)
		output_printf(out, "%s\t%" PRIu64 "\n", limits[i].stat,
			run->limited[i]);
	for (i = 0; i < RULES; i++)
		output_printf(out, "%s%s\t%" PRIu64 "\n", rules[i].test ?
			"drop." : "lines.", rules[i].name, rules[i].test ?
			run->drops[i] : run->edits[i]);
	output_close(out);
}

static void summarise(const struct run *run)
{
	const struct pages_counts *n = pages_counts(run->pages);
	struct buf b = { 0 };
	int i;

	for (i = 0; i < RULES; i++)
		if (run->drops[i])
			buf_printf(&b, " %s=%" PRIu64, rules[i].name,
				run->drops[i]);
	progress_summary("pages=%" PRIu64 " texts=%" PRIu64 " kept=%" PRIu64
		" bytes=%" PRIu64 " text=%" PRIu64 " unreadable=%" PRIu64 " too_large=%" PRIu64
		" other=%" PRIu64 "%s%s", pages_of(run),
		run->texts, run->outcomes[CLEAN_KEPT],
		run->bytes_in + run->texts_bytes, run->bytes_out,
		run->outcomes[CLEAN_UNREADABLE],
		run->outcomes[CLEAN_TOO_LARGE],
		run->outcomes[CLEAN_NO_PAGE] + n->passed_over,
		b.n ? " dropped:" : "", b.n ? b.p : "");
	if (n->lost || run->cut)
		warn("records lost: %" PRIu64 ", cut off: %" PRIu64,
			n->lost, run->cut);
	if (run->swollen && !option_quiet)
		warn("left out %" PRIu64 " page%s of more than %zu bytes when "
			"decoded; --max-page sets the limit", run->swollen,
			run->swollen == 1 ? "" : "s", o.max_page);
	if (!run->outcomes[CLEAN_KEPT] && run->outcomes[CLEAN_DROPPED])
		warn("the rules dropped every page: -w says which rule each%s",
			o.rules_for == RULES_DOCS ? "" : ", --rules-for docs "
			"is for handbooks and references");
	for (i = 0; i < LIMITS; i++)
		if (run->limited[i])
			warn("%" PRIu64 " page%s had %s", run->limited[i],
				run->limited[i] == 1 ? "" : "s",
				limits[i].what);
	buf_free(&b);
}

static void check_languages(const struct language *l)
{
	const char *s = o.languages;

	for (; s; s = strchr(s, ',')) {
		size_t n;

		s += *s == ',';
		n = strcspn(s, ",");
		if (!language_knows(l, s, n))
			die_usage("-l: '%.*s' is no language that the model "
				"knows; codes are as in en,de,zh-Hant", (int)n,
				s);
	}
}

static void start(struct run *run, char **files)
{
	int i;

	rules_init();
	set_rules();
	run->clean = (struct clean_options){
		.extract_only = o.extract_only, .why = o.why,
		.keep_pii = o.keep_pii, .max = o.max_page,
		.env = { .languages = o.languages }
	};
	run->clean.env.urls = read_lists();
	run->clean.env.language = language_open(o.language_model);
	check_languages(run->clean.env.language);
	open_quality(&run->clean.env);
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
	urls_free((struct urls *)run->clean.env.urls);
	language_close((struct language *)run->clean.env.language);
	fasttext_close((struct fasttext *)run->clean.env.quality);
	free(run);
}

int main(int argc, char **argv)
{
	struct run *run;
	bool lost;

	argv += options_parse(&program, rows, argc, argv);
	run = xcalloc(1, sizeof *run);
	if (o.extract_only && (o.why || o.set.n || o.off.n || o.rules_for))
		die_usage("-x applies no rules: it excludes --why, "
			"--rules-for, --set and --off");
	output_try_second("stats", o.stats, o.out);
	if (o.list_rules) {
		set_rules();
		list_rules();
		return 0;
	}
	start(run, argv);
	run_all(run);
	summarise(run);
	if (o.stats)
		write_stats(run);
	lost = damaged || run->cut || pages_counts(run->pages)->lost ||
		pages_counts(run->pages)->barren;
	pages_close(run->pages);
	output_close(run->out);
	free_all(run);
	return lost;
}
