/* page_doc.c - documents(5) of pages: see page_doc.h */
#include "cmd/crawlclean/page_doc.h"

#include <stdio.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/format/jsonwrite.h"
#include "common/html/charset.h"

bool page_doc_is_url(const char *s)
{
	return s && (!strncmp(s, "http://", 7) || !strncmp(s, "https://", 8));
}

/* Names of files and archive members are bytes: each path component that is not
 * valid UTF-8 is decoded as a page would be. */
static void name_in_utf8(struct buf *name)
{
	const char *s = name->p, *end = s + name->n;
	struct buf decoded = { 0 };

	if (!name->n || utf8_valid(name->p, name->n))
		return;
	for (; s < end; s++) {
		const char *slash = memchr(s, '/', (size_t)(end - s));
		size_t n = (size_t)((slash ? slash : end) - s);

		charset_decode(&decoded, s, n, charset_sniff(s, n, NULL));
		if (slash)
			buf_putc(&decoded, '/');
		s += n;
	}
	buf_reset(name);
	buf_add(name, decoded.p, decoded.n);
	buf_free(&decoded);
}

/* ---- a new document ---- */

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

/* Appends the members of the metadata object. The date is when the page was
 * fetched or, if unknown, when it says that it was published. */
static void add_metadata(struct buf *m, const struct candidate *p,
	const struct raw_page *raw, const struct extract_meta *meta,
	const char *drop)
{
	add_string(m, "url", raw->url.n ? raw->url.p :
		page_doc_is_url(meta->url) ? meta->url : "");
	add_string(m, "date", raw->date.n ? raw->date.p : meta->date);
	if (p->language) {
		add_string(m, "language", p->language);
		add_score(m, "language_score", p->language_score);
	}
	if (p->quality > 0)
		add_score(m, "quality", p->quality);
	add_string(m, "title", meta->title);
	add_string(m, "author", meta->author);
	add_string(m, "drop", drop);
}

void page_doc_make(struct candidate *p, struct raw_page *raw,
	const struct extract_meta *meta, const char *drop, struct buf *out)
{
	struct buf *text = &p->text, metadata = { 0 };
	struct doc_parts d = { .text = buf_end(text) };

	name_in_utf8(&raw->source);
	name_in_utf8(&raw->id);
	while (text->n && text->p[text->n - 1] == '\n')
		text->n--;
	d.text_len = text->n;
	d.id = raw->id.n ? raw->id.p : raw->source.p;
	d.id_len = strlen(d.id);
	d.source = raw->source.p;
	d.source_len = raw->source.n;
	add_metadata(&metadata, p, raw, meta, drop);
	d.metadata = metadata.p;
	d.metadata_len = metadata.n;
	doc_make(out, &d);
	buf_free(&metadata);
}

/* ---- an existing one ---- */

static void set_score(struct doc *d, const char *path, double v)
{
	char score[32];

	snprintf(score, sizeof score, "%.4f", v);
	doc_set_json(d, path, score, strlen(score));
}

void page_doc_update(struct doc *d, const struct candidate *p, bool replaced,
	const char *drop)
{
	if (p->edited || replaced)
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
}
