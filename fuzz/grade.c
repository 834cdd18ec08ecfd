/* grade.c - fuzz target: the rules of grade; the input is an answer, a NUL, and the
 * reference
 *
 * Checked: scores are from 0 to 1 and repeatable; a letter has full marks if and
 * only if it is that of the reference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/jsonwrite.h"
#include "common/grade/grader.h"
#include "fuzz/target.h"

static void require(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

static void try_kind(enum grader_kind kind, int rule, const char *text,
	size_t n, const struct json *answer)
{
	const struct grader_options o = { .kind = kind,
		.rule = (enum number_rule)rule,
		.format = (enum grader_format)rule, .letters = "ABCDI",
		.votes = true };
	struct grader *g = grader_new(&o);
	struct grader_scratch s = { 0 };
	struct grade a, b;
	enum grade_result result = grader_score(g, &s, text, n, answer, &a);

	require(a.score >= 0 && a.score <= 1, "a score");
	require(grader_score(g, &s, text, n, answer, &b) == result &&
		a.score == b.score && a.vote == b.vote && a.gold == b.gold,
		"two scores of one text");
	if (result == GRADE_OK && kind == GRADER_CHOICE)
		require(a.score == (a.vote == a.gold), "a letter");
	grader_scratch_free(&s);
	grader_free(g);
}

static void target(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t n = nul ? (size_t)(nul - data) : size;
	size_t m = nul ? size - n - 1 : 0;
	char *text = xmalloc(n);	/* without padding */
	struct buf quoted = { 0 };
	struct json answer;
	int i;

	memcpy(text, data, n);
	json_add_string(&quoted, nul ? (const char *)nul + 1 : "", m);
	if (utf8_valid(text, n) && json_check(quoted.p, quoted.n, &answer,
			NULL)) {
		for (i = 0; i < 4; i++) {
			try_kind(GRADER_NUMBER, i, text, n, &answer);
			try_kind(GRADER_FORMAT, i, text, n, &answer);
		}
		try_kind(GRADER_EXACT, 0, text, n, &answer);
		try_kind(GRADER_CHOICE, 0, text, n, &answer);
		try_kind(GRADER_F1, 0, text, n, &answer);
		try_kind(GRADER_EM, 0, text, n, &answer);
	}
	free(text);
	buf_free(&quoted);
}
