/* tally.c - what became of the pages of a run: see tally.h */
#include "cmd/crawlclean/tally.h"

#include <inttypes.h>

#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/html/dom.h"

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

/* ---- one page ---- */

static void count_limits(struct tally *t, const struct raw_page *raw,
	unsigned acted)
{
	int i;

	for (i = 0; i < LIMITS; i++) {
		if (!(acted & limits[i].bit))
			continue;
		t->limited[i]++;
		if (option_verbose)
			warn("%s: %s", raw->source.p, limits[i].what);
	}
}

/* Pages that are too large before decoding are reported by pages.c. */
static void count_swollen(struct tally *t, const struct raw_page *raw)
{
	t->swollen++;
	if (option_verbose)
		warn("%s: left out: more than %zu bytes when decoded",
			raw->source.p, t->max_page);
}

void tally_page(struct tally *t, struct raw_page *raw, struct cleaned *c)
{
	int i;

	t->outcomes[c->outcome]++;
	t->cut += raw->cut;
	if (c->outcome == CLEAN_TOO_LARGE && raw->kind != RAW_TOO_LARGE)
		count_swollen(t, raw);
	if (c->outcome != CLEAN_NO_PAGE && c->plain) {
		t->texts++;
		t->texts_bytes += c->html_bytes;
	} else if (c->outcome != CLEAN_NO_PAGE) {
		t->bytes_in += c->html_bytes;
	}
	t->bytes_out += c->outcome == CLEAN_KEPT ? c->text_bytes : 0;
	t->replaced += c->replaced;
	if (c->limits)
		count_limits(t, raw, c->limits);
	if (c->outcome == CLEAN_DROPPED)
		t->drops[c->rule]++;
	for (i = 0; i < RULES; i++)
		t->edits[i] += c->edits[i];
	if (c->outcome == CLEAN_BAD) {
		raw->record.p = raw->bytes.p;
		records_bad_json(raw->records, &raw->record, &c->error);
	}
	if (c->outcome == CLEAN_UNREADABLE && records_strict)
		die("%s: the page cannot be read: its compression is damaged "
			"or unknown", raw->source.p);
}

uint64_t tally_pages(const struct tally *t)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < CLEAN_OUTCOMES; i++)
		if (i != CLEAN_NO_PAGE && i != CLEAN_BAD)
			n += t->outcomes[i];
	return n - t->texts;
}

/* ---- at the end ---- */

void tally_write(const struct tally *t, const struct pages_counts *n,
	const char *file)
{
	struct output *out = output_open(file);
	int i;

	output_str(out, "what\tcount\n");
	output_printf(out, "records\t%" PRIu64 "\nlost-records\t%" PRIu64
		"\nbytes\t%" PRIu64 "\ntext-bytes\t%" PRIu64 "\n",
		n->records, n->lost, t->bytes_in, t->bytes_out);
	output_printf(out, "pages\t%" PRIu64 "\nkept\t%" PRIu64
		"\nunreadable\t%" PRIu64 "\ntoo-large\t%" PRIu64
		"\nreplaced\t%" PRIu64 "\ntexts\t%" PRIu64
		"\ntexts-bytes\t%" PRIu64 "\n", tally_pages(t),
		t->outcomes[CLEAN_KEPT], t->outcomes[CLEAN_UNREADABLE],
		t->outcomes[CLEAN_TOO_LARGE], t->replaced,
		t->texts, t->texts_bytes);
	for (i = 0; i < LIMITS; i++)
		output_printf(out, "%s\t%" PRIu64 "\n", limits[i].stat,
			t->limited[i]);
	for (i = 0; i < RULES; i++)
		output_printf(out, "%s%s\t%" PRIu64 "\n", rules[i].test ?
			"drop." : "lines.", rules[i].name, rules[i].test ?
			t->drops[i] : t->edits[i]);
	output_close(out);
}

static void warn_of_losses(const struct tally *t, const struct pages_counts *n)
{
	int i;

	if (n->lost || t->cut)
		warn("records lost: %" PRIu64 ", cut off: %" PRIu64,
			n->lost, t->cut);
	if (t->swollen && !option_quiet)
		warn("left out %" PRIu64 " page%s of more than %zu bytes when "
			"decoded; --max-page sets the limit", t->swollen,
			t->swollen == 1 ? "" : "s", t->max_page);
	if (!t->outcomes[CLEAN_KEPT] && t->outcomes[CLEAN_DROPPED])
		warn("the rules dropped every page: -w says which rule each%s",
			t->rules_for == RULES_DOCS ? "" : ", --rules-for docs "
			"is for handbooks and references");
	for (i = 0; i < LIMITS; i++)
		if (t->limited[i])
			warn("%" PRIu64 " page%s had %s", t->limited[i],
				t->limited[i] == 1 ? "" : "s",
				limits[i].what);
}

void tally_summary(const struct tally *t, const struct pages_counts *n)
{
	struct buf b = { 0 };
	int i;

	for (i = 0; i < RULES; i++)
		if (t->drops[i])
			buf_printf(&b, " %s=%" PRIu64, rules[i].name,
				t->drops[i]);
	progress_summary("pages=%" PRIu64 " texts=%" PRIu64 " kept=%" PRIu64
		" bytes=%" PRIu64 " text=%" PRIu64 " unreadable=%" PRIu64
		" too_large=%" PRIu64 " other=%" PRIu64 "%s%s",
		tally_pages(t), t->texts, t->outcomes[CLEAN_KEPT],
		t->bytes_in + t->texts_bytes, t->bytes_out,
		t->outcomes[CLEAN_UNREADABLE], t->outcomes[CLEAN_TOO_LARGE],
		t->outcomes[CLEAN_NO_PAGE] + n->passed_over,
		b.n ? " dropped:" : "", b.n ? b.p : "");
	warn_of_losses(t, n);
	buf_free(&b);
}
