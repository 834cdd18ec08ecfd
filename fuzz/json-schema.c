/* json-schema.c - fuzz target: schemas, and texts under them
 *
 * The input is a schema, a NUL byte and a text. Checked: what the matcher calls a
 * complete text is JSON, and reading it in one or two parts makes no difference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/json_match.h"
#include "fuzz/target.h"

static void require(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

/* The state after p[0..n), read in two parts. */
static struct json_match *after(const struct schema *s, const char *p, size_t n,
	size_t cut)
{
	struct json_match *m = json_match_new(s), *copy;

	json_match_take(m, p, cut);
	copy = json_match_copy(m);
	json_match_free(m);
	require(json_match_allows(copy, p + cut, n - cut) ==
		json_match_take(copy, p + cut, n - cut),
		"allowed, but not taken");
	return copy;
}

static void read_text(const struct schema *s, const char *p, size_t n)
{
	struct json_match *whole = after(s, p, n, 0);
	struct json_match *parts = after(s, p, n, n / 2);
	struct json v;

	require(json_match_complete(whole) == json_match_complete(parts) &&
		json_match_closed(whole) == json_match_closed(parts),
		"two parts give another state");
	require(!json_match_closed(whole) || json_match_complete(whole),
		"closed, but not complete");
	if (json_match_complete(whole))
		require(json_check(p, n, &v, NULL), "complete, but not JSON");
	json_match_free(whole);
	json_match_free(parts);
}

static void target(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1), *end;
	struct schema *s;
	struct json v;
	struct buf why = { 0 };
	size_t n;

	memcpy(text, data, size);
	text[size] = 0;
	n = strlen(text);
	end = text + n + (n < size);
	if (json_check(text, n, &v, NULL) && (s = schema_compile(&v, &why))) {
		read_text(s, end, size - (size_t)(end - text));
		schema_free(s);
	}
	buf_free(&why);
	free(text);
}
