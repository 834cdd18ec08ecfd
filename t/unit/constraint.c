/* constraint - what constraints say about texts: t/715-constraint.t
 *
 *	constraint json SCHEMA <LINES	for each line: C, complete; P, it may
 *	constraint regex PATTERN	become so; X, it cannot. \n and \xNN in a
 *					line are bytes. "Z": complete, and nothing
 *					may follow.
 *	constraint next SCHEMA <LINES	the bytes that may follow each line
 *	constraint walk SCHEMA <SEEDS	for each seed, a text made of bytes that may
 *					follow each other, or "stuck"
 *
 * A text is read byte by byte, as a whole and in all pairs of parts: all must say
 * the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/rng.h"
#include "common/sample/constraint.h"

static size_t unescape(char *s, size_t n)
{
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		char hex[3] = { 0 };

		if (s[i] != '\\' || (s[i + 1] != 'n' && s[i + 1] != 'x')) {
			s[m++] = s[i];
		} else if (s[++i] == 'n') {
			s[m++] = '\n';
		} else {
			memcpy(hex, s + i + 1, 2);
			s[m++] = (char)strtol(hex, NULL, 16);
			i += 2;
		}
	}
	return m;
}

/* The state after p[0..n), read in one or two parts; NULL if it is dead. */
static struct constraint_state *after(const struct constraint *c, const char *p,
	size_t n, size_t cut)
{
	struct constraint_state *s = constraint_begin(c), *first;

	if (cut) {
		if (!constraint_allows(s, p, cut))
			goto dead;
		constraint_take(s, p, cut);
		first = s;
		s = constraint_copy(first);
		constraint_end(first);
	}
	if (n > cut) {
		if (!constraint_allows(s, p + cut, n - cut))
			goto dead;
		constraint_take(s, p + cut, n - cut);
	}
	return s;
dead:
	constraint_end(s);
	return NULL;
}

static char judge(struct constraint_state *s)
{
	char c = !s ? 'X' : constraint_closed(s) ? 'Z' :
		constraint_complete(s) ? 'C' : 'P';

	constraint_end(s);
	return c;
}

static char by_bytes(const struct constraint *c, const char *p, size_t n)
{
	struct constraint_state *s = constraint_begin(c);
	size_t i;

	for (i = 0; i < n; i++) {
		if (!constraint_allows(s, p + i, 1)) {
			constraint_end(s);
			return 'X';
		}
		constraint_take(s, p + i, 1);
	}
	return judge(s);
}

static void classify(const struct constraint *c, const char *p, size_t n)
{
	char what = judge(after(c, p, n, 0));
	size_t cut;

	for (cut = 1; cut < n; cut++)
		if (judge(after(c, p, n, cut)) != what)
			die("'%.*s': other in two parts, at %zu", (int)n, p, cut);
	if (by_bytes(c, p, n) != what)
		die("'%.*s': other byte by byte", (int)n, p);
	printf("%c\n", what);
}

static void list_next(const struct constraint *c, const char *p, size_t n)
{
	struct constraint_state *s = after(c, p, n, n);
	int b;

	for (b = 0; s && b < 256; b++) {
		char byte = (char)b;

		if (constraint_allows(s, &byte, 1))
			printf(b > 0x20 && b < 0x7f ? "%c" : "<%02x>", b);
	}
	putchar('\n');
	constraint_end(s);
}

/* The bytes that may follow, those that end something more than once, so that a
 * random text has an end. Returns how many. */
static size_t choices(struct constraint_state *s, char *v)
{
	size_t n = 0;
	int b, i;

	for (b = 0; b < 256; b++) {
		char byte = (char)b;

		if (!constraint_allows(s, &byte, 1))
			continue;
		for (i = 0; i < (b && strchr("\"]}", b) ? 40 : 1); i++)
			v[n++] = byte;
	}
	return n;
}

static void walk(const struct constraint *c, uint64_t seed)
{
	struct constraint_state *s = constraint_begin(c);
	static char v[256 * 40];
	uint64_t at = 0;
	size_t n;

	while (!constraint_closed(s) && (n = choices(s, v))) {
		char b;

		if (constraint_complete(s) && at > 20)
			break;
		b = v[rng_below(seed, RNG_TEST, 0, at++, n)];
		constraint_take(s, &b, 1);
		printf(b == '\n' ? " " : "%c", b);
	}
	puts(constraint_complete(s) ? "" : "stuck");
	constraint_end(s);
}

int main(int argc, char **argv)
{
	struct constraint *c;
	struct input *in;
	struct json schema;
	struct buf why = { 0 };
	char *line;
	size_t n;

	err_init("constraint");
	if (argc != 3)
		die("usage: constraint json|regex|next|walk WHAT");
	if (!strcmp(argv[1], "regex")) {
		c = constraint_regex(argv[2], "the pattern");
	} else {
		if (!json_check(argv[2], strlen(argv[2]), &schema, NULL))
			die("the schema is not JSON");
		c = constraint_schema(&schema, &why);
		if (!c)
			die("%s", why.p);
	}
	for (in = input_open("-"); input_line(in, &line, &n, 0);) {
		char *copy = line;

		n = unescape(copy, n);
		if (!strcmp(argv[1], "walk"))
			walk(c, strtoull(copy, NULL, 10));
		else if (!strcmp(argv[1], "next"))
			list_next(c, copy, n);
		else
			classify(c, copy, n);
	}
	input_close(in);
	constraint_free(c);
	buf_free(&why);
	return 0;
}
