/* clean.c - turns a raw page into a document: see clean.h */
#include "cmd/crawlclean/clean.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/crawlclean/page_doc.h"
#include "common/base/mem.h"
#include "common/filter/pii.h"

struct cleaner {
	const struct clean_options *o;
	struct page_reader *reader;
	struct candidate page;
	struct page_text found;
	struct doc doc;
	struct buf scratch, url;
};

struct cleaner *cleaner_new(const struct clean_options *o)
{
	struct cleaner *c = xcalloc(1, sizeof *c);

	c->o = o;
	c->reader = page_reader_new(o->max);
	return c;
}

void cleaner_free(struct cleaner *c)
{
	page_reader_free(c->reader);
	candidate_free(&c->page);
	doc_free(&c->doc);
	buf_free(&c->scratch);
	buf_free(&c->url);
	free(c);
}

/* ---- a page ---- */

/* Applies the rules; true if the page is to be written. */
static bool judge(struct cleaner *c, struct cleaned *to)
{
	int rule = -1;

	if (c->o->extract_only)
		return true;
	rule = rules_first(&c->page, &c->o->env);
	memcpy(to->edits, c->page.edits, sizeof to->edits);
	if (rule >= 0) {
		to->outcome = CLEAN_DROPPED;
		to->rule = rule;
		return c->o->why;
	}
	if (!c->o->keep_pii)
		to->replaced = pii_replace(&c->page.text, &c->scratch);
	return true;
}

/* The URL of an existing document: metadata.url, url, source. */
static const char *address_of(struct cleaner *c)
{
	static const char *const paths[] = { "metadata.url", "url", "source" };
	struct json v;
	size_t i;

	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (!doc_get(&c->doc, paths[i], &v) || v.type != JSON_STRING)
			continue;
		buf_reset(&c->url);
		json_string(&v, &c->url);
		if (page_doc_is_url(buf_end(&c->url)))
			return c->url.p;
	}
	return NULL;
}

static void clean_document(struct cleaner *c, struct raw_page *raw,
	struct cleaned *to)
{
	const char *text, *drop;
	size_t n;

	c->doc.rec = raw->record;
	c->doc.rec.p = buf_end(&raw->bytes);
	c->doc.rec.n = raw->bytes.n;
	if (!doc_parse(&c->doc, &to->error)) {
		to->outcome = CLEAN_BAD;
		return;
	}
	text = doc_text(&c->doc, &n);
	to->html_bytes = n;
	if (n > c->o->max) {
		to->outcome = CLEAN_TOO_LARGE;
		return;
	}
	buf_reset(&c->page.text);
	buf_add(&c->page.text, text, n);
	buf_end(&c->page.text);
	c->page.url = address_of(c);
	if (!judge(c, to))
		return;
	drop = to->outcome == CLEAN_DROPPED ? rules[to->rule].name : NULL;
	to->text_bytes = c->page.text.n;
	page_doc_update(&c->doc, &c->page, to->replaced > 0, drop);
	doc_pass_to(&c->doc, &to->out);
}

void clean_page(struct cleaner *c, struct raw_page *raw, struct cleaned *to)
{
	const char *drop;

	buf_reset(&to->out);
	to->outcome = CLEAN_KEPT;
	to->replaced = to->html_bytes = to->text_bytes = 0;
	to->plain = false;
	to->limits = 0;
	memset(to->edits, 0, sizeof to->edits);
	candidate_begin(&c->page);
	if (raw->kind == RAW_DOCUMENT) {
		clean_document(c, raw, to);
		return;
	}
	to->outcome = page_reader_text(c->reader, raw, &c->page.text,
		&c->found);
	to->html_bytes = c->found.bytes;
	to->plain = c->found.plain;
	c->page.status = c->found.status;
	if (to->outcome == CLEAN_KEPT && raw->cut && !c->page.text.n)
		to->outcome = CLEAN_UNREADABLE;
	if (to->outcome != CLEAN_KEPT)
		return;
	to->limits = c->found.meta.limits;
	c->page.url = raw->url.n ? raw->url.p : NULL;
	if (!judge(c, to))
		return;
	drop = to->outcome == CLEAN_DROPPED ? rules[to->rule].name : NULL;
	to->text_bytes = c->page.text.n;
	candidate_language(&c->page, &c->o->env);
	page_doc_make(&c->page, raw, &c->found.meta, drop, &to->out);
}
