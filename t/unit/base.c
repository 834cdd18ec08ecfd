/* base bytes|trim|heap|shuffle|fields - small building blocks of common/base and
 * common/format, compared with facts or a plain definition
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/heap.h"
#include "common/base/rng.h"
#include "common/format/jsonscan.h"
#include "common/format/jsonwrite.h"

static int failures;

static void check(bool good, const char *what, size_t i)
{
	if (good)
		return;
	failures++;
	printf("%s: wrong in case %zu\n", what, i);
}

static void bytes(void)
{
	static const unsigned char b[] = { 1, 2, 3, 0xf4, 5, 6, 7, 0xf8 };
	unsigned char out[8];

	check(get_le16(b) == 0x201 && get_be16(b) == 0x102, "16 bits", 0);
	check(get_le16(b + 2) == 0xf403 && get_be16(b + 3) == 0xf405, "16", 1);
	check(get_le32(b) == 0xf4030201u && get_be32(b) == 0x010203f4u, "32", 0);
	check(get_le64(b) == 0xf8070605f4030201u, "64 bits", 0);
	put_le64(out, 0xf8070605f4030201u);
	check(!memcmp(out, b, 8), "64 bits", 1);
	put_le32(out, 0xf4030201u);
	put_le16(out + 4, 0x605);
	check(!memcmp(out, b, 6), "32 and 16 bits", 2);
}

static void trim(void)
{
	static const struct {
		const char *text, *want;
		bool (*class)(char);
	} row[] = {
		{ " \t a b\t ", "a b", ascii_blank },
		{ "\na\n", "\na\n", ascii_blank },
		{ "\v\f\r\n a \v", "a", ascii_space },
		{ "\r\n a \v", "a \v", ascii_json_space },
		{ "\f a\v", "a\v", ascii_html_space },
		{ "", "", ascii_space }, { "  ", "", ascii_space },
		{ "\xa0 a \x85", "\xa0 a \x85", ascii_space }
	};
	size_t i;

	for (i = 0; i < sizeof row / sizeof *row; i++) {
		const char *s = row[i].text;
		size_t n = ascii_trim(&s, strlen(s), row[i].class);

		check(n == strlen(row[i].want) && !memcmp(s, row[i].want, n),
			"trim", i);
		check(ascii_only(row[i].text, strlen(row[i].text),
			row[i].class) == !*row[i].want, "only", i);
	}
}

static bool less(const void *a, const void *b)
{
	return *(const uint64_t *)a < *(const uint64_t *)b;
}

static int by_size(const void *a, const void *b)
{
	return less(b, a) - less(a, b);
}

/* Elements leave in order, whether added all at once or one by one. */
static void heap(void)
{
	uint64_t v[200], h[200], top;
	size_t n, i;

	for (n = 1; n < 200; n += 7) {
		for (i = 0; i < n; i++)
			v[i] = h[i] = rng_below(n, RNG_TEST, 0, i, 50);
		qsort(v, n, sizeof *v, by_size);
		heap_make(h, n, sizeof *h, less);
		if (n % 2)
			for (i = 0; i < n; i++) {
				h[i] = rng_below(n, RNG_TEST, 0, i, 50);
				heap_up(h, sizeof *h, i, less);
			}
		for (i = 0; i < n; i++) {
			top = h[0];
			heap_pop(h, n - i, sizeof *h, less);
			check(top == v[i] && h[n - i - 1] == top, "heap", n);
		}
	}
}

/* The Fisher-Yates shuffle in Knuth's form, for elements of any size. */
static void shuffle(void)
{
	uint32_t v[50], want[50], swap;
	char text[50][3];
	size_t i, j;

	for (i = 0; i < 50; i++) {
		v[i] = want[i] = (uint32_t)i;
		memset(text[i], (int)i, 3);
	}
	for (i = 50; i > 1; i--) {
		j = (size_t)rng_below(9, RNG_TEST, 4, i, i);
		swap = want[i - 1];
		want[i - 1] = want[j];
		want[j] = swap;
	}
	rng_shuffle(v, 50, sizeof *v, 9, RNG_TEST, 4);
	rng_shuffle(text, 50, 3, 9, RNG_TEST, 4);
	check(!memcmp(v, want, sizeof v), "shuffle", 0);
	for (i = 0; i < 50; i++)
		check(text[i][0] == (char)want[i] && text[i][2] == (char)want[i],
			"shuffle of three bytes", i);
	rng_shuffle(v, 0, sizeof *v, 9, RNG_TEST, 4);
}

/* json_field finds in the list what json_get finds by scanning. */
static void fields(void)
{
	static const char line[] = " {\"a\":1,\"b\":{\"a\":2,\"c\":[7,8]},"
		"\"n\":null,\"a\":\"last\",\"\\u0062c\":true} ";
	static const char *const keys[] = { "a", "b", "n", "bc", "c", "x" };
	struct json_fields f = { 0 }, again = { 0 };
	struct json v, w, whole;
	size_t i;

	check(json_scan(line, strlen(line), &f, NULL), "scan", 0);
	check(json_check(line, strlen(line), &whole, NULL), "check", 0);
	json_list(&whole, &again);
	check(f.n == 5 && again.n == 5, "number of fields", f.n);
	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		bool here = json_get(&whole, keys[i], &w);

		check(json_field(&f, keys[i], &v) == here && v.p == w.p &&
			v.n == w.n, keys[i], 0);
		check(json_field(&again, keys[i], &v) == here && v.p == w.p,
			keys[i], 1);
		check(json_field_given(&f, keys[i], &v) ==
			json_given(&whole, keys[i], &w), keys[i], 2);
	}
	check(json_field(&f, "a", &v) && json_is_cstring(&v, "last"), "a", 3);
	check(json_field_path(&f, "b.c.1", &v) && v.n == 1 && *v.p == '8',
		"path", 0);
	check(!json_field_path(&f, "b.x", &v) && v.type == JSON_NONE, "path", 1);
	check(json_flag(&whole, "bc", false) && !json_flag(&whole, "n", true) &&
		json_flag(&whole, "x", true), "flag", 0);
	check(json_says(&whole, "a", "last") && !json_says(&whole, "n", ""),
		"says", 0);
	check(json_scan("[1]", 3, &f, NULL) && !f.n &&
		!json_object("[1]", 3, &f, NULL), "no object", 0);
	json_fields_free(&f);
	json_fields_free(&again);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } row[] = {
		{ "bytes", bytes }, { "trim", trim }, { "heap", heap },
		{ "shuffle", shuffle }, { "fields", fields },
	};
	size_t i;

	err_init(argv[0]);
	for (i = 0; argc == 2 && i < sizeof row / sizeof *row; i++)
		if (!strcmp(argv[1], row[i].name)) {
			row[i].run();
			return failures != 0;
		}
	die("one of bytes, trim, heap, shuffle, fields");
}
