/* vocab_differ.c - finds the difference of two vocabularies: see vocab.h */
#include "common/token/vocab.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/buf.h"

static bool same_token(const struct vocab *a, const struct vocab *b,
	uint32_t id)
{
	size_t na = 0, nb = 0;
	const char *x = vocab_bytes(a, id, &na), *y = vocab_bytes(b, id, &nb);

	return !x == !y && na == nb && (!na || !memcmp(x, y, na)) &&
		vocab_is_special(a, id) == vocab_is_special(b, id);
}

static void add_token(struct buf *out, const struct vocab *v, uint32_t id)
{
	size_t n = 0;
	const char *s = vocab_bytes(v, id, &n);

	if (s)
		buf_printf(out, "%s'%.*s'",
			vocab_is_special(v, id) ? "the special " : "", (int)n,
			s);
	else
		buf_str(out, "none");
}

char *vocab_difference(const struct vocab *a, const struct vocab *b)
{
	uint32_t id, n = vocab_size(a), m = vocab_size(b);
	struct buf out = { 0 };

	for (id = 0; id < n && id < m && same_token(a, b, id); id++)
		;
	if (id < n && id < m) {
		buf_printf(&out, "token %" PRIu32 ": ", id);
		add_token(&out, a, id);
		buf_str(&out, " and ");
		add_token(&out, b, id);
	} else if (n != m) {
		buf_printf(&out, "%" PRIu32 " and %" PRIu32 " tokens", n, m);
	} else if (vocab_hash(a) != vocab_hash(b)) {
		buf_str(&out, "different merges or patterns");
	} else {
		return NULL;
	}
	return buf_end(&out);
}
