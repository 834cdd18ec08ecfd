/* docs.c - fuzz target: lines as documents, rollouts, questions and conversations;
 * their texts as input of shingles, words and graders
 *
 * Checked: a document that passes equals its line; all instruction sets give the
 * same signature; scores are from 0 to 1.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/cpu.h"
#include "common/format/conversation.h"
#include "common/format/doc.h"
#include "common/format/rollout.h"
#include "common/grade/grader.h"
#include "common/dedup/minhash.h"
#include "common/dedup/repeats.h"
#include "common/score/question.h"
#include "fuzz/target.h"

static void require(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

/* The signature of the text with another instruction set. */
static void sign_with(const char *isa, const char *text, size_t n,
	uint32_t *sig)
{
	static struct minhash *m[2];
	static struct minhash_scratch s;
	int i = !strcmp(isa, "c");

	if (!m[i]) {
		setenv("PIPELM_ISA", isa, 1);
		m[i] = minhash_new(5, 3, 5, 1);
	}
	minhash_sign(m[i], &s, text, n, sig);
}

static void try_text(const char *text, size_t n, const struct json *answer)
{
	static const struct grader_options kinds[] = {
		{ .kind = GRADER_EXACT },
		{ .kind = GRADER_NUMBER, .rule = NUMBER_EITHER },
		{ .kind = GRADER_NUMBER, .rule = NUMBER_STRICT },
		{ .kind = GRADER_CHOICE, .letters = "ABCD" },
		{ .kind = GRADER_F1 },
		{ .kind = GRADER_EM },
		{ .kind = GRADER_REGEX, .pattern = "a+b|\\bx" },
		{ .kind = GRADER_FORMAT, .format = FORMAT_THINK_ANSWER },
		{ .kind = GRADER_FORMAT, .format = FORMAT_BOXED,
			.extract = "x(.*)" },
	};
	static struct grader *graders[sizeof kinds / sizeof *kinds];
	static struct grader_scratch scratch;
	uint32_t fast[15], plain[15];
	struct buf key = { 0 };
	struct grade grade;
	size_t i;

	sign_with("avx2", text, n, fast);
	sign_with("c", text, n, plain);
	require(!memcmp(fast, plain, sizeof fast), "signatures differ");
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!graders[i])
			graders[i] = grader_new(&kinds[i]);
		grader_score(graders[i], &scratch, text, n, answer, &grade);
		require(grade.score >= 0 && grade.score <= 1, "a score");
	}
	repeats_url_key(text, n, &key);
	buf_free(&key);
}

static void try_question(const struct record *rec)
{
	static struct question q;
	struct json_error e;
	size_t i, sum = 0;

	if (question_parse(&q, rec, &e) || e.what)
		return;
	require(q.n >= 2 && q.answer < q.n, "an answer");
	for (i = 0; i < q.n; i++)
		sum += q.choice[i].n + q.label[i].n;
	require(sum + q.prompt.n < 4 * rec->n, "a question");
}

static void try_line(const char *p, size_t n)
{
	static struct rollout x;
	static struct doc doc;
	struct buf out = { 0 };
	struct json_error e;
	const char *text;
	size_t len;

	doc.rec = x.rec = (struct record){ p, n, "fuzz", 1, true };
	if (doc_parse(&doc, &e)) {
		doc_pass_to(&doc, &out);
		require(out.n == n + 1 && !memcmp(out.p, p, n), "a document");
		doc_id(&doc, &len);
		text = doc_text(&doc, &len);
		doc_set_text(&doc, text, len);
		try_text(text, len, &doc.metadata);
	}
	try_question(&doc.rec);
	if (rollout_parse(&x, ROLLOUT_TEXT | ROLLOUT_IDS, &e)) {
		buf_reset(&out);
		rollout_write(&out, &x, &x.fields);
		x.rec = (struct record){ out.p, out.n, "fuzz", 1, true };
		require(rollout_parse(&x, ROLLOUT_IDS, &e), "a rollout");
	} else if (rollout_parse(&x, ROLLOUT_TEXT, &e)) {
		try_text(x.text, x.text_len, &x.answer);
	}
	buf_free(&out);
}

/* Conversations are read from a file; a valid first line avoids the final error. */
static void try_conversations(const uint8_t *data, size_t n)
{
	static const char good[] = "[{\"role\":\"user\",\"content\":\"x\"}]\n";
	int fd = memfd_create("fuzz", 0);
	char name[32], *files[] = { name, NULL };
	struct conversations *in;
	struct conversation c;
	size_t i, sum = 0;

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	if (fd < 0 || write(fd, good, sizeof good - 1) < 0 ||
		write(fd, data, n) < 0 || write(fd, "\n", 1) < 0)
		abort();
	in = conversations_open(files, "conversation");
	while (conversations_next(in, &c))
		for (i = 0; i < c.n; i++)
			sum += strlen(c.v[i].role) + c.v[i].content[c.v[i].len];
	require(sum > 0, "no role");
	conversations_close(in);
	close(fd);
}

static void target(const uint8_t *data, size_t n)
{
	char *p = malloc(n + !n);

	if (n)
		memcpy(p, data, n);
	if (!memchr(p, '\n', n))
		try_line(p, n);
	free(p);
	try_conversations(data, n);
}
