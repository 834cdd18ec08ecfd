/* about.c - the metadata of a page: see about.h */
#include "common/extract/about.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/extract/plain.h"

/* What was found on one page; the first value of each kind counts. */
struct found {
	struct about *about;
	const char *og_url, *meta_date, *ld_date, *ld_author;
};

static bool value_is(const struct attr *a, const char *s)
{
	return a && a->n == strlen(s) && !strncasecmp(a->value, s, a->n);
}

/* A copy with white space collapsed to make one line. */
static const char *copy(struct about *a, const char *s, size_t n)
{
	struct buf line = { 0 };
	const char *r;

	plain_line(&line, s, n);
	r = arena_strndup(&a->arena, line.p ? line.p : "", line.n);
	buf_free(&line);
	return r;
}

static const char *lower(struct about *a, const char *s)
{
	char *p = arena_strndup(&a->arena, s, strlen(s)), *q;

	for (q = p; *q; q++)
		if (*q >= 'A' && *q <= 'Z')
			*q |= 32;
	return p;
}

static void first(const char **slot, const char *value)
{
	if (!*slot && *value)
		*slot = value;
}

/* ---- meta, link, title ---- */

static void read_meta(struct found *f, const struct node *n)
{
	static const char *const dates[] = { "date", "dc.date", "pubdate",
		"publishdate", "publish-date", "datepublished",
		"article.published", "dc.date.issued", "sailthru.date",
		"parsely-pub-date" };
	const struct attr *key = dom_attr(n, ATTR_PROPERTY);
	const struct attr *content = dom_attr(n, ATTR_CONTENT);
	const char *value;
	size_t i;

	if (!key || !key->n)
		key = dom_attr(n, ATTR_NAME);
	if (!key || !key->n)
		key = dom_attr(n, ATTR_ITEMPROP);
	if (!key || !content || !content->n)
		return;
	value = copy(f->about, content->value, content->n);
	if (value_is(key, "og:title"))
		first(&f->about->og_title, value);
	else if (value_is(key, "og:type"))
		first(&f->about->og_type, value);
	else if (value_is(key, "og:url"))
		first(&f->og_url, value);
	else if (value_is(key, "generator"))
		first(&f->about->generator, value);
	else if (value_is(key, "article:published_time"))
		first(&f->about->date, value);
	else if (value_is(key, "author") || (value_is(key, "article:author") &&
		strncasecmp(value, "http", 4)))
		first(&f->about->author, value);
	else
		for (i = 0; i < sizeof dates / sizeof *dates; i++)
			if (value_is(key, dates[i]))
				first(&f->meta_date, value);
}

static void read_link(struct found *f, const struct node *n)
{
	const struct attr *href;

	if (!value_is(dom_attr(n, ATTR_REL), "canonical"))
		return;
	href = dom_attr(n, ATTR_HREF);
	if (href)
		first(&f->about->canonical, copy(f->about, href->value, href->n));
}

static void read_title(struct found *f, const struct node *n)
{
	struct buf text = { 0 };

	if (f->about->title)
		return;
	dom_text(n, &text);
	f->about->title = copy(f->about, text.p ? text.p : "", text.n);
	buf_free(&text);
}

/* ---- JSON-LD ---- */

/* The four hexadecimal digits at s, or -1. */
static int hex4(const char *s, const char *end)
{
	int i, v = 0;

	for (i = 0; i < 4; i++) {
		int digit = s + i < end ? ascii_hex(s[i]) : -1;

		if (digit < 0)
			return -1;
		v = v * 16 + digit;
	}
	return v;
}

/* Decodes the escape sequence whose backslash is just before *s and advances
 * *s. Returns the character, U+FFFD when the sequence is invalid. */
static uint32_t unescape(const char **s, const char *end)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *c = strchr(from, **s);
	int hi, lo;

	if (**s != 'u') {
		(*s)++;
		return c && *c ? (uint32_t)to[c - from] :
			(unsigned char)(*s)[-1];
	}
	hi = hex4(++*s, end);
	if (hi < 0)
		return 0xfffd;
	*s += 4;
	if (hi < 0xd800 || hi > 0xdfff)
		return (uint32_t)hi;
	if (hi >= 0xdc00 || end - *s < 6 || **s != '\\' || (*s)[1] != 'u')
		return 0xfffd;
	lo = hex4(*s + 2, end);
	if (lo < 0xdc00 || lo > 0xdfff)
		return 0xfffd;
	*s += 6;
	return 0x10000 + ((uint32_t)(hi - 0xd800) << 10) + (uint32_t)(lo - 0xdc00);
}

/* The string whose opening quote is at s, or "". */
static const char *json_string(struct about *a, const char *s, const char *end)
{
	struct buf b = { 0 };
	const char *r;

	for (s++; s < end && *s != '"';) {
		if (*s == '\\' && s + 1 < end) {
			char c[4];
			uint32_t u;

			s++;
			u = unescape(&s, end);
			buf_add(&b, c, (size_t)utf8_encode(c, u ? u : 0xfffd));
		} else {
			buf_putc(&b, *s++);
		}
	}
	r = s < end ? copy(a, buf_end(&b), b.n) : "";
	buf_free(&b);
	return r;
}

/* The position after the quoted key and its colon, or NULL. */
static const char *after_key(const char *s, const char *end, const char *key)
{
	size_t n = strlen(key);

	if ((size_t)(end - s) < n + 2 || memcmp(s + 1, key, n) || s[n + 1] != '"')
		return NULL;
	for (s += n + 2; s < end && (unsigned char)*s <= ' '; s++)
		;
	if (s == end || *s != ':')
		return NULL;
	for (s++; s < end && (unsigned char)*s <= ' '; s++)
		;
	return s < end ? s : NULL;
}

static bool is_article_type(const char *s)
{
	static const char *const types[] = { "article", "newsarticle",
		"blogposting", "technicalarticle", "techarticle",
		"reportagenewsarticle" };
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcasecmp(s, types[i]))
			return true;
	return false;
}

/* The value of "author": a string, or the first "name" soon after. */
static const char *json_author(struct about *a, const char *s, const char *end)
{
	const char *v;

	if (*s == '"')
		return strncasecmp(s + 1, "http", 4) ? json_string(a, s, end) : "";
	if (end - s > 400)
		end = s + 400;
	for (; s < end && (s = memchr(s, '"', (size_t)(end - s))); s++)
		if ((v = after_key(s, end, "name")) && *v == '"')
			return json_string(a, v, end);
	return "";
}

static void read_json_ld(struct found *f, const char *s, const char *end)
{
	const char *v;

	for (; s < end && (s = memchr(s, '"', (size_t)(end - s))); s++) {
		if ((v = after_key(s, end, "@type")) && *v == '"')
			f->about->ld_article |= is_article_type(
				json_string(f->about, v, end));
		else if ((v = after_key(s, end, "datePublished")) && *v == '"')
			first(&f->ld_date, json_string(f->about, v, end));
		else if (!f->ld_author && (v = after_key(s, end, "author")))
			first(&f->ld_author, json_author(f->about, v, end));
	}
}

static void read_script(struct found *f, const struct node *n)
{
	const struct node *text = n->first;

	if (text && text->type == NODE_TEXT &&
		value_is(dom_attr(n, ATTR_TYPE), "application/ld+json"))
		read_json_ld(f, text->text, text->text + text->n);
}

/* ---- everything together ---- */

static void read_node(struct found *f, const struct node *n)
{
	if (n->type != NODE_ELEMENT || n->ns != NS_HTML)
		return;
	switch (n->tag) {
	case TAG_META:
		read_meta(f, n);
		break;
	case TAG_LINK:
		read_link(f, n);
		break;
	case TAG_TITLE:
		read_title(f, n);
		break;
	case TAG_SCRIPT:
		read_script(f, n);
		break;
	}
}

static const char *body_names(struct about *a, const struct node *body)
{
	static const enum attr_id ids[] = { ATTR_CLASS, ATTR_ID,
		ATTR_DATA_TESTID };
	struct buf b = { 0 };
	const char *r;
	size_t i;

	for (i = 0; body && i < 3; i++) {
		const struct attr *v = dom_attr(body, ids[i]);

		if (v) {
			buf_add(&b, v->value, v->n);
			buf_putc(&b, ' ');
		}
	}
	r = b.p ? lower(a, copy(a, b.p, b.n)) : "";
	buf_free(&b);
	return r;
}

static void read_head(struct found *f, const struct dom *d)
{
	const struct node *n;

	for (n = d->head ? d->head->first : NULL; n; n = dom_next(n, d->head))
		read_node(f, n);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

void page_about(struct about *a, const struct dom *d, const struct page *p)
{
	struct found f = { .about = a };
	const struct attr *lang = d->html ? dom_attr(d->html, ATTR_LANG) : NULL;
	size_t i;

	arena_reset(&a->arena);
	*a = (struct about){ .arena = a->arena };
	read_head(&f, d);
	for (i = 0; i < p->nfact; i++)
		read_node(&f, p->fact[i]);
	a->title = or_empty(a->title);
	a->og_title = or_empty(a->og_title);
	a->og_type = lower(a, or_empty(a->og_type));
	a->generator = lower(a, or_empty(a->generator));
	a->canonical = a->canonical ? a->canonical : or_empty(f.og_url);
	a->url = lower(a, a->canonical);
	a->body = body_names(a, d->body);
	a->author = a->author ? a->author : or_empty(f.ld_author);
	a->date = a->date ? a->date : f.ld_date ? f.ld_date :
		or_empty(f.meta_date);
	a->language = lang ? copy(a, lang->value, lang->n) : "";
}

void about_free(struct about *a)
{
	arena_free(&a->arena);
	*a = (struct about){ 0 };
}
