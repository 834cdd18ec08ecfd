/* clean.c - turns a raw page into a document: see clean.h */
#include "cmd/crawlclean/clean.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/doc.h"
#include "common/format/jsonwrite.h"
#include "common/html/charset.h"
#include "common/filter/pii.h"

struct cleaner {
	const struct clean_options *o;
	struct page_reader *reader;
	struct candidate page;
	struct page_text found;
	struct doc doc;
	struct buf scratch, metadata;
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
	buf_free(&c->metadata);
	free(c);
}

/* ---- the document ---- */

/* Names of files and archive members are bytes: each path component that is not
 * valid UTF-8 is decoded as a page would be. */
static void name_in_utf8(struct buf *name, struct buf *scratch)
{
	const char *s = name->p, *end = s + name->n;

	if (!name->n || utf8_valid(name->p, name->n))
		return;
	for (buf_reset(scratch); s < end; s++) {
		const char *slash = memchr(s, '/', (size_t)(end - s));
		size_t n = (size_t)((slash ? slash : end) - s);

		charset_decode(scratch, s, n, charset_sniff(s, n, NULL));
		if (slash)
			buf_putc(scratch, '/');
		s += n;
	}
	buf_reset(name);
	buf_add(name, scratch->p, scratch->n);
}

static void add_string(struct buf *b, const char *key, const char *s)
{
	if (!s || !*s)
		return;
	json_add_key(b, key);
	json_add_string(b, s, strlen(s));
}

static void add_score(struct buf *b, const char *key, double v)
{
	json_add_key(b, key);
	buf_printf(b, "%.4f", v);
}

static bool is_address(const char *s)
{
	return s && (!strncmp(s, "http://", 7) || !strncmp(s, "https://", 8));
}

/* Builds the metadata object. The date is when the page was fetched or, if
 * unknown, when it says that it was published. */
static void make_metadata(struct cleaner *c, const struct raw_page *raw,
	const char *drop)
{
	const struct candidate *p = &c->page;
	struct buf *m = &c->metadata;

	buf_reset(m);
	buf_putc(m, '{');
	add_string(m, "url", raw->url.n ? raw->url.p :
		is_address(c->found.meta.url) ? c->found.meta.url : "");
	add_string(m, "date", raw->date.n ? raw->date.p : c->found.meta.date);
	if (p->language) {
		add_string(m, "language", p->language);
		add_score(m, "language_score", p->language_score);
	}
	if (p->quality > 0)
		add_score(m, "quality", p->quality);
	add_string(m, "title", c->found.meta.title);
	add_string(m, "author", c->found.meta.author);
	add_string(m, "drop", drop);
}

static void write_page(struct cleaner *c, const struct raw_page *raw,
	struct cleaned *to, const char *drop)
{
	struct buf *text = &c->page.text;
	struct doc_parts d = {
		.text = buf_end(text), .text_len = text->n,
		.id = raw->id.n ? raw->id.p : raw->source.p,
		.source = raw->source.p, .source_len = raw->source.n
	};

	while (text->n && text->p[text->n - 1] == '\n')
		text->n--;
	d.text_len = text->n;
	d.id_len = strlen(d.id);
	make_metadata(c, raw, drop);
	d.metadata = c->metadata.p + 1;
	d.metadata_len = c->metadata.n - 1;
	doc_make(&to->out, &d);
}

static void set_score(struct doc *d, const char *path, double v)
{
	char score[32];

	snprintf(score, sizeof score, "%.4f", v);
	doc_set_json(d, path, score, strlen(score));
}

static void write_document(struct cleaner *c, struct cleaned *to,
	const char *drop)
{
	const struct candidate *p = &c->page;
	struct doc *d = &c->doc;

	if (p->edited || to->replaced)
		doc_set_text(d, p->text.p, p->text.n);
	if (p->language) {
		doc_set_string(d, "metadata.language", p->language,
			strlen(p->language));
		set_score(d, "metadata.language_score", p->language_score);
	}
	if (p->quality > 0)
		set_score(d, "metadata.quality", p->quality);
	if (drop)
		doc_set_string(d, "metadata.drop", drop, strlen(drop));
	doc_pass_to(d, &to->out);
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
		buf_reset(&c->metadata);
		json_string(&v, &c->metadata);
		if (is_address(buf_end(&c->metadata)))
			return c->metadata.p;
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
	write_document(c, to, drop);
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
	name_in_utf8(&raw->source, &c->scratch);
	name_in_utf8(&raw->id, &c->scratch);
	drop = to->outcome == CLEAN_DROPPED ? rules[to->rule].name : NULL;
	to->text_bytes = c->page.text.n;
	candidate_language(&c->page, &c->o->env);
	write_page(c, raw, to, drop);
}
