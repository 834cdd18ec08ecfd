/* page_text.c - the main text of a raw page: see page_text.h */
#include "cmd/crawlclean/page_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/http.h"
#include "common/html/charset.h"
#include "common/html/html.h"

struct page_reader {
	size_t max;
	struct html_parser *html;
	struct extractor *extract;
	struct buf body;	/* of a response, decoded */
	struct buf utf8, scratch;
};

struct page_reader *page_reader_new(size_t max)
{
	struct page_reader *r = xcalloc(1, sizeof *r);

	r->max = max;
	r->html = html_parser_new(false);
	r->extract = extractor_new(NULL, 0);
	return r;
}

void page_reader_free(struct page_reader *r)
{
	html_parser_free(r->html);
	extractor_free(r->extract);
	buf_free(&r->body);
	buf_free(&r->utf8);
	buf_free(&r->scratch);
	free(r);
}


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

static void text_of_html(struct page_reader *r, const char *body, size_t n,
	const char *type, struct buf *text, struct page_text *found)
{
	struct dom *d;

	buf_reset(&r->utf8);
	charset_decode(&r->utf8, body, n, charset_sniff(body, n, type));
	d = html_parse(r->html, buf_end(&r->utf8), r->utf8.n);
	buf_reset(&r->scratch);
	extract_text(r->extract, d, &r->scratch, &found->meta);
	buf_reset(text);
	utf8_clean(text, buf_end(&r->scratch), r->scratch.n);
}

/* type: a Content-Type, or NULL. */
static void text_of_body(struct page_reader *r, const struct buf *body,
	const char *type, struct buf *text, struct page_text *found)
{
	found->bytes = body->n;
	if (!found->plain) {
		text_of_html(r, body->p, body->n, type, text, found);
		return;
	}
	buf_reset(text);
	charset_decode(text, body->p, body->n,
		charset_sniff(body->p, body->n, type));
}

static enum outcome text_of_response(struct page_reader *r,
	struct raw_page *raw, struct buf *text, struct page_text *found)
{
	struct http_response http;
	enum media media;

	http_parse(&http, raw->bytes.p, raw->bytes.n);
	/* The type that the archive detected overrides the server's. */
	media = media_of(raw->type.n ? raw->type.p : http.content_type);
	if (media == MEDIA_OTHER || (media != MEDIA_HTML && (!http.n ||
			is_robots(raw->source.p))))
		return CLEAN_NO_PAGE;
	if (http_body(&http, &r->body, r->max + 1))
		return CLEAN_UNREADABLE;
	if (r->body.n > r->max)
		return CLEAN_TOO_LARGE;
	if (!sniff(media, r->body.p, r->body.n, &found->plain))
		return CLEAN_NO_PAGE;
	raw->cut |= http.cut;
	found->status = http.status;
	text_of_body(r, &r->body, http.content_type, text, found);
	return CLEAN_KEPT;
}

enum outcome page_reader_text(struct page_reader *r, struct raw_page *raw,
	struct buf *text, struct page_text *found)
{
	memset(found, 0, sizeof *found);
	found->bytes = raw->bytes.n;
	found->plain = raw->kind == RAW_TEXT;
	if (raw->kind == RAW_TOO_LARGE)
		return CLEAN_TOO_LARGE;
	if (raw->kind != RAW_TEXT && raw->kind != RAW_HTML)
		return text_of_response(r, raw, text, found);
	text_of_body(r, &raw->bytes, NULL, text, found);
	return CLEAN_KEPT;
}
