/* page.c - the page to chat in: see page.h */
#include "common/serve/page.h"

#include <string.h>
#include <sys/random.h>

#include "common/base/buf.h"
#include "common/base/err.h"

extern const char data_chatd[];	/* a NUL follows it */

#define MARK "NONCE"	/* in the page, where the nonce belongs */

static void add_nonce(struct buf *b)
{
	unsigned char bytes[16];
	size_t i;

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		die_errno("random bytes");
	for (i = 0; i < sizeof bytes; i++)
		buf_printf(b, "%02x", bytes[i]);
}

static void add_page(struct buf *b, const char *nonce)
{
	const char *s = data_chatd, *mark;
	size_t n = sizeof MARK - 1;

	while ((mark = strstr(s, MARK))) {
		buf_add(b, s, (size_t)(mark - s));
		buf_str(b, nonce);
		s = mark + n;
	}
	buf_str(b, s);
}

void page_answer(struct http_call *c)
{
	struct buf nonce = { 0 }, policy = { 0 }, page = { 0 };

	add_nonce(&nonce);
	buf_printf(&policy, "default-src 'none'; connect-src 'self'; "
		"script-src 'nonce-%s'; style-src 'nonce-%s'; img-src data:; "
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		nonce.p, nonce.p);
	add_page(&page, nonce.p);
	http_add_header(c, "Content-Security-Policy", policy.p);
	http_add_header(c, "X-Content-Type-Options", "nosniff");
	http_add_header(c, "Referrer-Policy", "no-referrer");
	http_add_header(c, "Cache-Control", "no-store");
	http_answer(c, 200, "text/html; charset=utf-8", page.p, page.n);
	buf_free(&nonce);
	buf_free(&policy);
	buf_free(&page);
}
