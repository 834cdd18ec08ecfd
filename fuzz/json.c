/* json.c - fuzz target: the JSON scanner, its getters, and edits
 *
 * Checked: accepted text can be iterated to its end, written back and accepted
 * again; an edited object is an object that contains the edits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonedit.h"
#include "common/format/jsonscan.h"
#include "common/format/jsonwrite.h"
#include "fuzz/target.h"

static void require(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

static void rebuild(const struct json *v, struct buf *out)
{
	struct json_iter it;
	struct json key, value;
	struct buf s = { 0 };
	size_t count = 0;
	int64_t i;
	double d;

	if (json_string(v, &s)) {
		require(utf8_valid(s.p, s.n), "a string is not UTF-8");
		require(json_is(v, s.p, s.n), "a string is not itself");
		json_add_string(out, s.p, s.n);
	} else if (json_double(v, &d)) {
		require(!json_int(v, &i) || (double)i == d || v->n > 15,
			"a number is two numbers");
		json_add_double(out, d);
	} else if (v->type == JSON_ARRAY || v->type == JSON_OBJECT) {
		buf_putc(out, v->type == JSON_OBJECT ? '{' : '[');
		for (json_begin(&it, v); json_next(&it, &key, &value);) {
			if (count++)
				buf_putc(out, ',');
			if (v->type == JSON_OBJECT) {
				rebuild(&key, out);
				buf_putc(out, ':');
			}
			rebuild(&value, out);
		}
		require(count == json_count(v), "elements miscounted");
		buf_putc(out, v->type == JSON_OBJECT ? '}' : ']');
	} else {
		buf_add(out, v->p, v->n);
	}
	buf_free(&s);
}

static void check_edits(const char *p, size_t n)
{
	static const char *const paths[] = { "text", "m.a", "m.b", "x.y" };
	struct json_fields f = { 0 };
	struct json_edits e = { 0 };
	struct buf out = { 0 };
	struct json v, got;
	size_t i;

	if (json_object(p, n, &f, NULL)) {
		for (i = 0; i < 4; i++)
			json_edit_string(&e, paths[i], paths[i], 3);
		json_edits_apply(&e, p, n, &f, &out);
		require(json_check(out.p, out.n, &v, NULL), "edited");
		for (i = 0; i < 4; i++)
			require(json_path(&v, paths[i], &got) &&
				json_is(&got, paths[i], 3), "an edit");
	}
	json_fields_free(&f);
	json_edits_free(&e);
	buf_free(&out);
}

static void target(const uint8_t *data, size_t n)
{
	/* A copy without padding, so that reading past its end is detected. */
	char *p = xmalloc(n);
	struct buf once = { 0 }, twice = { 0 };
	struct json_error e;
	struct json v;

	memcpy(p, data, n);
	if (json_check(p, n, &v, &e)) {
		rebuild(&v, &once);
		require(json_check(once.p, once.n, &v, NULL), "rebuilt");
		rebuild(&v, &twice);
		require(once.n == twice.n && !memcmp(once.p, twice.p, once.n),
			"rebuilt twice");
		check_edits(p, n);
	} else {
		require(e.at <= n && e.what, "no place of the mistake");
	}
	buf_free(&once);
	buf_free(&twice);
	free(p);
}
