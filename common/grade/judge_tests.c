/* judge_tests.c - runs the code of an answer with unit tests: see judge.h */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/format/jsonscan.h"
#include "common/grade/grade_text.h"
#include "common/grade/judge.h"

/* Of each thread. */
struct bench {
	struct buf test, input, want, program, harness, out;
};

struct tests {
	struct judge judge;
	struct tests_options o;
	struct buf command;
	struct bench *benches;
	uint64_t n, unknown;		/* rollouts; those the shell could not
					 * start */
};

/* ---- the code of a text ---- */

static const char *line_end(const char *s, const char *end)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));

	return nl ? nl : end;
}

static bool is_fence(const char *s, const char *end)
{
	while (s < end && *s == ' ')
		s++;
	return end - s >= 3 && !memcmp(s, "```", 3);
}

/* Narrows *text to its last code block, if it has one; an open one goes to the
 * end. */
static void find_code(const char **text, size_t *n)
{
	const char *s, *next, *end, *open = NULL, *code = NULL;
	size_t len = 0;

	grade_trim(text, n);
	end = *text + *n;
	for (s = *text; s < end; s = next) {
		next = line_end(s, end);
		next += next < end;
		if (!is_fence(s, end))
			continue;
		if (open) {
			code = open;
			len = (size_t)(s - open);
		}
		open = open ? NULL : next;
	}
	if (open) {
		code = open;
		len = (size_t)(end - open);
	}
	if (code) {
		*text = code;
		*n = len;
	}
}

/* ---- running ---- */

/* Runs answer and test in one interpreter, and says a word that only a test which
 * was run to its end can say. A module that is not __main__ does not start what
 * the answer does when it is run as a program. */
static const char harness[] =
	"import os, sys\n"
	"os.unlink('run.py')\n"
	"def run(write, word):\n"
	"    g = {'__name__': 'answer'}\n"
	"    for name in 'answer.py', 'test.py':\n"
	"        with open(name, encoding='utf-8') as f:\n"
	"            code = compile(f.read(), name, 'exec')\n"
	"        exec(code, g)\n"
	"        g['__name__'] = '__main__'\n"
	"    sys.stdout.flush()\n"
	"    write(1, word)\n"
	"run(os.write, b'\\n%016" PRIx64 "\\n')\n";

static bool ends_with(const struct buf *out, uint64_t word)
{
	char text[24];
	size_t n = (size_t)snprintf(text, sizeof text, "\n%016" PRIx64 "\n",
		word);

	return out->n >= n && !memcmp(out->p + out->n - n, text, n);
}

/* The exit status of the program with these files, or -1; *cause: it could not be
 * run. */
static int run(const struct tests *t, struct bench *b, const char *command,
	const struct sandbox_file *files, size_t n, const char **cause)
{
	int status = 0;

	switch (sandbox_run(command, &t->o.limits, files, n, b->input.p,
		b->input.n, &b->out, &status)) {
	case SANDBOX_NO_PROCESS:
		*cause = "no process can be started";
		return -1;
	case SANDBOX_TIMEOUT:
	case SANDBOX_OUTPUT:
		return -1;
	case SANDBOX_EXITED:
		break;
	}
	return status;
}

/* A test that is a program, after the answer. */
static int run_program(const struct tests *t, struct bench *b,
	const char *code, size_t n, const char **cause)
{
	struct sandbox_file files[3] = { { "answer.py", code, n },
		{ "test.py", b->test.p, b->test.n } };
	uint64_t word = 0;
	int status;

	buf_reset(&b->input);
	if (t->o.run) {
		buf_reset(&b->program);
		buf_add(&b->program, code, n);
		buf_putc(&b->program, '\n');
		if (b->test.n)
			buf_add(&b->program, b->test.p, b->test.n);
		buf_putc(&b->program, '\n');
		files[0] = (struct sandbox_file){ "answer", b->program.p,
			b->program.n };
		return run(t, b, t->command.p, files, 1, cause);
	}
	if (getrandom(&word, sizeof word, 0) != sizeof word)
		die_errno("no random numbers");
	buf_reset(&b->harness);
	buf_printf(&b->harness, harness, word);
	files[2] = (struct sandbox_file){ "run.py", b->harness.p,
		b->harness.n };
	status = run(t, b, "exec python3 -I -B run.py", files, 3, cause);
	return status || ends_with(&b->out, word) ? status : -1;
}

/* Whether two outputs are equal, but for white space at the end of lines and of
 * all. */
static bool same_output(const char *a, size_t n, const char *b, size_t m)
{
	const char *end = a + ascii_trim(&a, n, ascii_space);
	const char *stop = b + ascii_trim(&b, m, ascii_space);

	for (;;) {
		const char *x = line_end(a, end), *y = line_end(b, stop);
		size_t p = (size_t)(x - a), q = (size_t)(y - b);

		while (p && ascii_space(a[p - 1]))
			p--;
		while (q && ascii_space(b[q - 1]))
			q--;
		if (p != q || (p && memcmp(a, b, p)))
			return false;
		if (x == end || y == stop)
			return x == end && y == stop;
		a = x + 1;
		b = y + 1;
	}
}

/* A test that is an input and its output. */
static int run_input(const struct tests *t, struct bench *b,
	const char *code, size_t n, const char **cause)
{
	struct sandbox_file file = { t->o.run ? "answer" : "answer.py", code,
		n };
	int status = run(t, b, t->o.run ? t->command.p :
		"exec python3 -I -B answer.py", &file, 1, cause);

	if (status || *cause)
		return status;
	return same_output(buf_end(&b->out), b->out.n, buf_end(&b->want),
		b->want.n) ? 0 : -1;
}

/* Reads one test: false if it has no known form. */
static bool read_test(struct bench *b, const struct json *v, bool *program)
{
	struct json input, output;

	buf_reset(&b->test);
	buf_reset(&b->input);
	buf_reset(&b->want);
	*program = v->type == JSON_STRING;
	if (*program)
		return json_string(v, &b->test);
	if (v->type != JSON_OBJECT || !json_get(v, "output", &output) ||
			!json_string(&output, &b->want))
		return false;
	return !json_given(v, "input", &input) ||
		json_string(&input, &b->input);
}

/* The tests of a rollout: a list, or a single one. */
static bool find_tests(const struct rollout *x, struct json *tests)
{
	if (!json_field_given(&x->fields, "tests", tests))
		*tests = x->answer;
	return tests->type == JSON_STRING || tests->type == JSON_OBJECT ||
		(tests->type == JSON_ARRAY && json_count(tests));
}

static void try_one(const struct tests *t, struct bench *b,
	const struct json *test, const char *code, size_t n, struct verdict *v)
{
	bool program;
	int status;

	if (!read_test(b, test, &program)) {
		v->cause = JUDGE_NO_ANSWER;
		return;
	}
	status = program ? run_program(t, b, code, n, &v->cause) :
		run_input(t, b, code, n, &v->cause);
	v->score += !status;
	v->fault |= status == 126 || status == 127;
}

static void judge_code(struct judge *j, size_t i, int thread,
	struct rollout *x, struct verdict *v)
{
	struct tests *t = (struct tests *)j;
	struct bench *b = &t->benches[thread];
	const char *code = x->text;
	size_t n = x->text_len, count = 1;
	struct json tests, one;
	struct json_iter it;

	if (!find_tests(x, &tests)) {
		v->cause = JUDGE_NO_ANSWER;
		return;
	}
	find_code(&code, &n);
	if (tests.type == JSON_ARRAY) {
		count = json_count(&tests);
		json_begin(&it, &tests);
		while (!v->cause && json_next(&it, NULL, &one)) {
			double before = v->score;

			try_one(t, b, &one, code, n, v);
			if (t->o.all && v->score == before)
				break;
		}
	} else {
		try_one(t, b, &tests, code, n, v);
	}
	v->score /= (double)count;
	if (t->o.all && v->score < 1)
		v->score = 0;
}

/* ---- the judge ---- */

static void note(struct judge *j, const struct rollout *x,
	const struct verdict *v)
{
	struct tests *t = (struct tests *)j;

	t->n++;
	t->unknown += v->fault && !(v->score > 0);
}

static void finish(struct judge *j)
{
	const struct tests *t = (struct tests *)j;

	if (t->o.run && t->n && t->unknown == t->n)
		die("--run: '%s' cannot be started for any of %" PRIu64
			" rollouts", t->o.run, t->n);
}

static void free_tests(struct judge *j)
{
	struct tests *t = (struct tests *)j;
	int i;

	for (i = 0; i < parallel_count(); i++) {
		struct bench *b = &t->benches[i];

		buf_free(&b->test);
		buf_free(&b->input);
		buf_free(&b->want);
		buf_free(&b->program);
		buf_free(&b->harness);
		buf_free(&b->out);
	}
	free(t->benches);
	buf_free(&t->command);
}

/* Says what the kernel does not permit; dies without Python. */
static void try_out(const struct tests *t)
{
	struct buf out = { 0 };
	int status = 1;

	if (!sandbox_isolated())
		warn("the kernel permits no user namespaces: tests can use "
			"the network, and write what their user can");
	if (sandbox_run(t->o.run ? "exit 0" : "exec python3 -I -B -c pass",
		&t->o.limits, NULL, 0, NULL, 0, &out, &status) !=
			SANDBOX_EXITED || status)
		die("--tests: %s", t->o.run ? "no program can be run within "
			"the limits" : "python3 cannot be run within the "
			"limits; --run names another command");
	buf_free(&out);
}

struct judge *judge_tests(const struct tests_options *o)
{
	static const struct judge_kind kind = { .one = judge_code,
		.note = note, .finish = finish, .free = free_tests };
	struct tests *t = xcalloc(1, sizeof *t);

	t->judge = (struct judge){ &kind, "tests", 1, 0 };
	t->o = *o;
	t->benches = xcalloc((size_t)parallel_count(), sizeof *t->benches);
	if (o->run)
		buf_printf(&t->command, "set -- answer\n%s", o->run);
	try_out(t);
	return &t->judge;
}
