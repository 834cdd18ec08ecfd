/* extract.c - fuzz target: extracts the main text from the bytes of a page
 *
 * Corpus pages with longer text reach the most code. Checked: the text is UTF-8
 * and ends in a newline; a reused extractor and the plain instruction set give
 * the same text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/html/charset.h"
#include "common/extract/extract.h"
#include "common/html/html.h"
#include "fuzz/target.h"

static void require(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

static int valid(const char *s)
{
	return s && utf8_valid(s, strlen(s));
}

static struct extractor *extractor_with(const char *isa)
{
	setenv("PIPELM_ISA", isa, 1);
	return extractor_new(NULL, 0);
}

static void compare(struct extractor *x, const struct dom *dom,
	const struct buf *text, const char *what)
{
	struct buf other = { 0 };
	struct extract_meta m;

	extract_text(x, dom, &other, &m);
	require(other.n == text->n &&
		(!text->n || !memcmp(other.p, text->p, text->n)), what);
	buf_free(&other);
}

static void target(const uint8_t *data, size_t n)
{
	static struct html_parser *parser;
	static struct extractor *plain, *fast;
	struct buf page = { 0 }, text = { 0 };
	struct extract_meta m;
	struct extractor *fresh;
	const struct dom *dom;

	if (!parser) {
		parser = html_parser_new(false);
		plain = extractor_with("c");
		fast = extractor_with("avx2");
	}
	charset_decode(&page, (const char *)data, n,
		charset_sniff((const char *)data, n, NULL));
	dom = html_parse(parser, page.p ? page.p : "", page.n);
	extract_text(fast, dom, &text, &m);
	require(!text.n || (utf8_valid(text.p, text.n) &&
		text.p[text.n - 1] == '\n'), "the text");
	require(valid(m.title) && valid(m.author) && valid(m.date) &&
		valid(m.url) && valid(m.language), "metadata");
	compare(plain, dom, &text, "instruction sets differ");
	fresh = extractor_with("avx2");
	compare(fresh, dom, &text, "the page before matters");
	extractor_free(fresh);
	buf_free(&text);
	buf_free(&page);
}
