/* pages.c - finds web pages and texts in any packaging: see pages.h */
#include "common/format/pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/utf16.h"
#include "common/base/utf8.h"
#include "common/base/walk.h"
#include "common/format/archive.h"
#include "common/format/http.h"
#include "common/format/warc.h"
#include "common/format/whatis.h"

#define SNIFF ((size_t)4096)
#define SNIFF_RECORD ((size_t)64 << 10)	/* input_peek's limit */

struct pages {
	char **files;
	const char *operand;		/* the current operand */
	struct file_list below;		/* its files, if it is a directory */
	size_t next_below;
	struct pages_counts before;	/* counts when it was begun */
	enum pages_format format;
	size_t max;
	struct archive_walk *walk;
	struct archive_member member;
	enum pages_format now;	/* of the member; PAGES_AUTO: finished */
	struct warc *warc;
	struct records **docs;	/* closed at the end, when they report */
	size_t ndoc, doc_cap;
	struct pages_counts counts;
};

void raw_page_free(struct raw_page *p)
{
	buf_free(&p->bytes);
	buf_free(&p->source);
	buf_free(&p->url);
	buf_free(&p->date);
	buf_free(&p->id);
	buf_free(&p->type);
}

static void set(struct buf *b, const char *s)
{
	buf_reset(b);
	buf_str(b, s);
}

/* ---- recognising formats ---- */

static bool starts(const char *s, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !strncasecmp(s, with, len);
}

/* Tags that start pages without a document type. */
static bool has_page_tag(const char *s, size_t n)
{
	static const char *const tags[] = {
		"!doctype html", "html", "head", "body", "title", "meta",
		"link", "script", "style", "div", "table", "h1", "p>", "br",
		"frameset", NULL
	};
	size_t i;
	int k;

	for (i = 0; i < n && i < 1024; i++) {
		if (s[i] != '<')
			continue;
		for (k = 0; tags[k]; k++)
			if (starts(s + i + 1, n - i - 1, tags[k]))
				return true;
	}
	return false;
}

static bool begins_html(const char *s, size_t n)
{
	size_t i = utf8_mark(s, n);

	while (i < n && strchr(" \t\r\n\f", s[i]) && s[i])
		i++;
	if (i == n || s[i] != '<' || starts(s + i, n - i, "<svg"))
		return false;
	return has_page_tag(s + i, n - i);
}

static bool is_document(const char *s, size_t n)
{
	size_t i;

	for (i = utf8_mark(s, n); i < n && strchr(" \t\r\n", s[i]) && s[i]; i++)
		;
	if (i == n || s[i] != '{')
		return false;
	for (; i + 6 <= n; i++)
		if (!memcmp(s + i, "\"text\"", 6))
			return true;
	return false;
}

/* By a byte order mark, or by zero bytes. */
static enum utf16_form utf16_of(const char *s, size_t n)
{
	enum utf16_form form = utf16_mark(s, n, NULL);

	return form ? form : utf16_guess(s, n);
}

/* Applies is() to the start of s, converted to UTF-8 if it is UTF-16. */
static bool ask(const char *s, size_t n, bool is(const char *s, size_t n))
{
	size_t head = n < SNIFF ? n : SNIFF;
	enum utf16_form form = utf16_of(s, head);
	struct buf text = { 0 };
	bool yes;

	if (!form)
		return is(s, n);
	utf16_decode(&text, s, head, form);
	yes = is(text.p, text.n);
	buf_free(&text);
	return yes;
}

bool pages_is_html(const char *s, size_t n)
{
	return ask(s, n, begins_html);
}

bool pages_is_text(const char *s, size_t n)
{
	return !memchr(s, 0, n) || utf16_of(s, n);
}

/* FILE.warc or FILE.warc.*, of which the beginning may be missing. */
static bool is_named_warc(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = strstr(slash ? slash : path, ".warc");

	return name && (name[5] == '.' || !name[5]);
}

/* Whether another record follows what the file begins with. */
static bool is_rest_of_warc(struct input *in)
{
	const void *bytes;
	size_t n = input_peek(in, &bytes, SNIFF_RECORD);

	return warc_follows(bytes, n);
}

/* The format of the member; PAGES_AUTO: not one of ours. */
static enum pages_format sniff(const struct pages *p)
{
	const struct archive_member *m = &p->member;
	const void *bytes;
	size_t n, mark;
	const char *s;

	do
		n = input_peek(m->in, &bytes, SNIFF);
	while (!n && input_resume(m->in));
	s = bytes;
	mark = utf8_mark(s, n);
	if (!n)
		return PAGES_AUTO;
	if (p->format != PAGES_AUTO)
		return p->format;
	if (warc_begins((const unsigned char *)s + mark, n - mark))
		return PAGES_WARC;
	if (pages_is_html(s, n))
		return PAGES_HTML;
	if (is_named_warc(m->path))
		return PAGES_WARC;
	if (!m->is_file || p->below.n)
		return PAGES_AUTO;
	if (is_rest_of_warc(m->in))
		return PAGES_WARC;
	n = input_peek(m->in, &bytes, SNIFF);
	s = bytes;
	if (ask(s, n, is_document))
		return PAGES_DOCS;	/* their reader reports UTF-16 */
	return pages_is_text(s, n) ? PAGES_TEXT : PAGES_AUTO;
}

/* ---- from one member to the next ---- */

/* An operand that is a file in no known format is an error; a member of an
 * archive or directory is not. */
static void pass_over(struct pages *p)
{
	const void *bytes;

	if (p->member.is_file && !p->below.n) {
		if (input_peek(p->member.in, &bytes, 1))
			die("%s: neither a web archive, HTML, text nor "
				"documents%s", input_name(p->member.in),
				whatis_note(p->member.path));
		return;
	}
	p->counts.passed_over++;
	if (option_verbose)
		warn("%s: left out: neither HTML nor a web archive",
			p->member.path);
}

static void open_member(struct pages *p)
{
	p->now = sniff(p);
	p->counts.members++;
	if (p->now == PAGES_WARC) {
		input_skip_mark(p->member.in);
		p->warc = warc_open(p->member.in);
	} else if (p->now == PAGES_DOCS) {
		p->docs = grow(p->docs, p->ndoc, &p->doc_cap, sizeof *p->docs);
		p->docs[p->ndoc++] = records_open_input(p->member.in,
			"document");
	} else if (p->now == PAGES_AUTO) {
		pass_over(p);
	}
}

static void close_walk(struct pages *p)
{
	if (p->walk)
		archive_walk_close(p->walk);
	p->walk = NULL;
}

/* Reports what was skipped in an operand that has been read. */
static void report_operand(struct pages *p)
{
	uint64_t passed = p->counts.passed_over - p->before.passed_over;
	uint64_t large = p->counts.too_large - p->before.too_large;
	bool none = p->counts.given == p->before.given;
	const char *how = none ? "nothing read: left out" : "left out";
	const char *name = strcmp(p->operand, "-") ? p->operand :
		"standard input";

	if (passed && (!option_quiet || none))
		warn("%s: %s %" PRIu64 " %s%s", name, how, passed,
			p->below.n ? "file" : "member", passed == 1 ?
			" that is neither HTML nor a web archive; "
			"-i text takes it for text" :
			"s that are neither HTML nor web archives; "
			"-i text takes them for text");
	if (large && (!option_quiet || none))
		warn("%s: %s %" PRIu64 " page%s of more than %zu bytes; "
			"--max-page sets the limit", name, how, large,
			large == 1 ? "" : "s", p->max);
	p->counts.barren += none && (passed || large);
	file_list_free(&p->below);
	p->operand = NULL;
}

/* Starts an operand; returns the file to walk, NULL for those of a directory. */
static const char *begin_operand(struct pages *p, const char *name)
{
	p->operand = name;
	p->before = p->counts;
	p->counts.files++;
	p->next_below = 0;
	if (!file_is_dir(name))
		return name;
	walk_files(&p->below, name);
	if (!p->below.n)
		die("%s: no file in the directory", name);
	return NULL;
}

/* The next file to walk, from a directory operand or the operand itself; NULL at
 * the end. */
static const char *next_file(struct pages *p)
{
	const char *name = NULL;

	while (!name) {
		if (p->next_below < p->below.n)
			return p->below.v[p->next_below++];
		if (p->operand)
			report_operand(p);
		if (!*p->files)
			return NULL;
		name = begin_operand(p, *p->files++);
	}
	return name;
}

/* The next member; false: there is none. */
static bool next_member(struct pages *p)
{
	const char *name;

	for (;;) {
		if (p->walk && archive_walk_next(p->walk, &p->member)) {
			open_member(p);
			return true;
		}
		close_walk(p);
		name = next_file(p);
		if (!name)
			return false;
		p->walk = archive_walk_open(name);
	}
}

struct pages *pages_open(char **files, enum pages_format format, size_t max)
{
	struct pages *p = xcalloc(1, sizeof *p);

	p->files = input_names(files);
	p->format = format;
	p->max = max;
	return p;
}

const struct pages_counts *pages_counts(const struct pages *p)
{
	return &p->counts;
}

void pages_close(struct pages *p)
{
	size_t i;

	warc_close(p->warc);
	for (i = 0; i < p->ndoc; i++)
		records_close(p->docs[i]);
	free(p->docs);
	close_walk(p);
	file_list_free(&p->below);
	free(p);
}

/* ---- pages ---- */

/* Reads all of in into b; false when that is more than max bytes. */
static bool slurp(struct input *in, struct buf *b, size_t max)
{
	size_t got, part = 64 << 10;

	buf_reset(b);
	do {
		got = input_read(in, buf_room(b, part), part);
		b->n += got;
	} while (got == part && b->n <= max);
	buf_end(b);
	return b->n <= max;
}

static bool is_html_type(const char *type)
{
	return http_type_is(type, "text/html") ||
		http_type_is(type, "application/xhtml+xml");
}

/* Whether, and as what, a record is used. */
static bool wanted(const struct warc_record *r, enum raw_kind *kind)
{
	if (r->type == WARC_RESPONSE) {
		*kind = RAW_HTTP;
		return strncmp(r->uri, "dns:", 4) != 0;
	}
	*kind = is_html_type(r->content_type) ? RAW_HTML : RAW_TEXT;
	if (*kind == RAW_TEXT && !http_type_is(r->content_type, "text/plain"))
		return false;
	/* Crawlers store their own logs as resources with made-up schemes. */
	return r->type == WARC_CONVERSION || (r->type == WARC_RESOURCE &&
		strncmp(r->uri, "metadata:", 9));
}

static void count_lost(struct pages *p, const struct warc_record *r,
	const char *why)
{
	p->counts.lost++;
	if (records_strict)
		die("%s: byte %llu: not a record: %s",
			input_name(p->member.in), (unsigned long long)r->at,
			why);
	if (option_verbose)
		warn("%s: byte %llu: not a record: %s",
			input_name(p->member.in), (unsigned long long)r->at,
			why);
}

static void too_large(struct pages *p, struct raw_page *page)
{
	page->kind = RAW_TOO_LARGE;
	buf_free(&page->bytes);
	p->counts.too_large++;
	if (option_verbose)
		warn("%s: left out: more than %zu bytes", page->source.p,
			p->max);
}

/* False: the record is damaged. */
static bool take_block(struct pages *p, struct raw_page *page,
	const struct warc_record *r)
{
	enum input_end end = INPUT_WHOLE;

	set(&page->source, *r->uri ? r->uri : input_name(p->member.in));
	set(&page->url, r->uri);
	set(&page->date, r->date);
	set(&page->id, r->id);
	set(&page->type, r->payload_type);
	buf_reset(&page->bytes);
	if (r->length > p->max + (64 << 10))
		too_large(p, page);
	else
		end = warc_block(p->warc, &page->bytes, (size_t)r->length);
	page->cut = end == INPUT_CUT;
	if (end == INPUT_DAMAGED)
		count_lost(p, r, "it is damaged");
	return end != INPUT_DAMAGED;
}

static bool next_of_warc(struct pages *p, struct raw_page *page)
{
	struct warc_record r;

	while (warc_next(p->warc, &r)) {
		if (r.bad) {
			count_lost(p, &r, r.bad);
			continue;
		}
		p->counts.records++;
		if (wanted(&r, &page->kind) && take_block(p, page, &r))
			return true;
	}
	warc_close(p->warc);
	p->warc = NULL;
	p->now = PAGES_AUTO;
	return false;
}

static bool next_of_docs(struct pages *p, struct raw_page *page)
{
	struct records *docs = p->docs[p->ndoc - 1];

	if (!records_next(docs, &page->record)) {
		p->now = PAGES_AUTO;
		return false;
	}
	page->kind = RAW_DOCUMENT;
	page->records = docs;
	buf_reset(&page->bytes);
	buf_add(&page->bytes, page->record.p, page->record.n);
	page->record.p = NULL;
	return true;
}

/* Takes a whole member. False: it is damaged. */
static bool take_file(struct pages *p, struct raw_page *page)
{
	page->kind = p->now == PAGES_HTML ? RAW_HTML : RAW_TEXT;
	p->now = PAGES_AUTO;
	set(&page->source, p->member.path);
	set(&page->url, "");
	set(&page->date, "");
	set(&page->id, p->member.path);
	set(&page->type, "");
	if (!slurp(p->member.in, &page->bytes, p->max))
		too_large(p, page);
	if (p->format == PAGES_AUTO && page->kind == RAW_TEXT &&
		warc_follows(page->bytes.p, page->bytes.n))
		die("%s: a web archive whose beginning is missing: save it as "
			"FILE.warc, or use -i text if it is text",
			input_name(p->member.in));
	page->cut = input_ended(p->member.in) == INPUT_CUT;
	if (input_ended(p->member.in) != INPUT_DAMAGED)
		return true;
	p->counts.lost++;
	return false;
}

bool pages_next(struct pages *p, struct raw_page *page)
{
	bool found = false;

	page->cut = false;
	do {
		if (p->now == PAGES_AUTO)
			continue;
		else if (p->now == PAGES_WARC)
			found = next_of_warc(p, page);
		else if (p->now == PAGES_DOCS)
			found = next_of_docs(p, page);
		else
			found = take_file(p, page);
		if (found) {
			p->counts.given += page->kind != RAW_TOO_LARGE;
			return true;
		}
	} while (next_member(p));
	return false;
}
