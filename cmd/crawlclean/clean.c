/* clean.c - turns a raw page into a document: see clean.h */
#include "cmd/crawlclean/clean.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/doc.h"
#include "common/format/http.h"
#include "common/format/jsonwrite.h"
#include "common/html/charset.h"
#include "common/extract/extract.h"
#include "common/html/html.h"
#include "common/filter/pii.h"

struct cleaner {
	const struct clean_options *o;
	struct html_parser *html;
	struct extractor *extract;
	struct candidate page;
	struct doc doc;
	struct extract_meta meta;
	struct buf body;	/* HTTP: decoded content */
	struct buf utf8, scratch, metadata;
};

struct cleaner *cleaner_new(const struct clean_options *o)
{
	struct cleaner *c = xcalloc(1, sizeof *c);

	c->o = o;
	c->html = html_parser_new(false);
	c->extract = extractor_new(NULL, 0);
	return c;
}

void cleaner_free(struct cleaner *c)
{
	html_parser_free(c->html);
	extractor_free(c->extract);
	candidate_free(&c->page);
	doc_free(&c->doc);
	buf_free(&c->body);
	buf_free(&c->utf8);
	buf_free(&c->scratch);
	buf_free(&c->metadata);
	free(c);
}

/* ---- text of a page ---- */

enum media { MEDIA_HTML, MEDIA_XML, MEDIA_TEXT, MEDIA_UNKNOWN, MEDIA_OTHER };

/* The media that a Content-Type declares. MEDIA_UNKNOWN: none, or one of three
 * names that browsers treat as none (WHATWG MIME Sniffing). */
static enum media media_of(const char *type)
{
	static const struct {
		const char *name;
		enum media media;
	} known[] = {
		{ "text/html", MEDIA_HTML },
		{ "application/xhtml+xml", MEDIA_HTML },
		{ "text/xml", MEDIA_XML }, { "application/xml", MEDIA_XML },
		{ "text/plain", MEDIA_TEXT }, { "", MEDIA_UNKNOWN },
		{ "unknown/unknown", MEDIA_UNKNOWN },
		{ "application/unknown", MEDIA_UNKNOWN },
		{ "*/*", MEDIA_UNKNOWN }, { NULL, MEDIA_OTHER }
	};
	size_t i = 0;

	while (known[i].name && !http_type_is(type, known[i].name))
		i++;
	return known[i].media;
}

/* Whether the first element, after comments and declarations, is html. */
static bool begins_with_html(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end && (s = memchr(s, '<', (size_t)(end - s))) != NULL) {
		s++;
		if (s < end && *s != '?' && *s != '!')
			return end - s > 4 && !strncasecmp(s, "html", 4) &&
				strchr(" \t\r\n>", s[4]);
	}
	return false;
}

/* Whether body[0..n) is a page or plain text. */
static bool sniff(enum media media, const char *body, size_t n, bool *plain)
{
	bool html = media == MEDIA_HTML || begins_with_html(body, n) ||
		(media == MEDIA_UNKNOWN && pages_is_html(body, n));

	*plain = !html;
	return html || ((media == MEDIA_UNKNOWN || media == MEDIA_TEXT) &&
		pages_is_text(body, n));
}

/* robots.txt, which is served as plain text. */
static bool is_robots(const char *url)
{
	size_t n = strlen(url);

	return n > 11 && !strcmp(url + n - 11, "/robots.txt");
}

/* Extracts the text of body[0..n) to c->page.text. type: a Content-Type, or
 * NULL. */
static void text_of_html(struct cleaner *c, const char *body, size_t n,
	const char *type)
{
	struct dom *d;

	buf_reset(&c->utf8);
	charset_decode(&c->utf8, body, n, charset_sniff(body, n, type));
	d = html_parse(c->html, buf_end(&c->utf8), c->utf8.n);
	buf_reset(&c->page.text);
	buf_reset(&c->scratch);
	extract_text(c->extract, d, &c->scratch, &c->meta);
	utf8_clean(&c->page.text, buf_end(&c->scratch), c->scratch.n);
}

static void text_of_text(struct cleaner *c, const char *s, size_t n,
	const char *type)
{
	memset(&c->meta, 0, sizeof c->meta);
	buf_reset(&c->page.text);
	charset_decode(&c->page.text, s, n, charset_sniff(s, n, type));
}

static enum outcome text_of_response(struct cleaner *c, struct raw_page *raw,
	struct cleaned *to)
{
	struct http_response r;
	enum media media;

	http_parse(&r, raw->bytes.p, raw->bytes.n);
	/* The type that the archive detected overrides the server's. */
	media = media_of(raw->type.n ? raw->type.p : r.content_type);
	if (media == MEDIA_OTHER || (media != MEDIA_HTML && (!r.n ||
			is_robots(raw->source.p))))
		return CLEAN_NO_PAGE;
	if (http_body(&r, &c->body, c->o->max + 1))
		return CLEAN_UNREADABLE;
	if (c->body.n > c->o->max)
		return CLEAN_TOO_LARGE;
	if (!sniff(media, c->body.p, c->body.n, &to->plain))
		return CLEAN_NO_PAGE;
	raw->cut |= r.cut;
	to->html_bytes = c->body.n;
	c->page.status = r.status;
	if (to->plain)
		text_of_text(c, c->body.p, c->body.n, r.content_type);
	else
		text_of_html(c, c->body.p, c->body.n, r.content_type);
	return CLEAN_KEPT;
}

/* Fills c->page.text; any result other than CLEAN_KEPT means there is none. */
static enum outcome find_text(struct cleaner *c, struct raw_page *raw,
	struct cleaned *to)
{
	to->html_bytes = raw->bytes.n;
	if (raw->kind == RAW_TOO_LARGE)
		return CLEAN_TOO_LARGE;
	to->plain = raw->kind == RAW_TEXT;
	if (raw->kind == RAW_TEXT) {
		text_of_text(c, raw->bytes.p, raw->bytes.n, NULL);
		return CLEAN_KEPT;
	}
	if (raw->kind == RAW_HTML) {
		text_of_html(c, raw->bytes.p, raw->bytes.n, NULL);
		return CLEAN_KEPT;
	}
	return text_of_response(c, raw, to);
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
		is_address(c->meta.url) ? c->meta.url : "");
	add_string(m, "date", raw->date.n ? raw->date.p : c->meta.date);
	if (p->language) {
		add_string(m, "language", p->language);
		add_score(m, "language_score", p->language_score);
	}
	if (p->quality > 0)
		add_score(m, "quality", p->quality);
	add_string(m, "title", c->meta.title);
	add_string(m, "author", c->meta.author);
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
		buf_reset(&c->body);
		json_string(&v, &c->body);
		if (is_address(buf_end(&c->body)))
			return c->body.p;
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
	to->outcome = find_text(c, raw, to);
	if (to->outcome == CLEAN_KEPT && raw->cut && !c->page.text.n)
		to->outcome = CLEAN_UNREADABLE;
	if (to->outcome != CLEAN_KEPT)
		return;
	to->limits = c->meta.limits;
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
