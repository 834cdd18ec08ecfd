/* grade - add rewards to rollouts: grade(1) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/grade/weights.h"
#include "common/base/io.h"
#include "common/base/options.h"
#include "common/grade/grading.h"
#include "common/score/judge_reward.h"

static struct {
	bool exact, number, choice, f1, em, replace, finished;
	int rule, format, tests, unit;
	const char *regex, *command, *extract, *letters, *name, *out, *weight;
	const char *summary, *by, *length, *run, *reward_model;
	double timeout, edge;
	size_t memory, output, files;
	int64_t processes;
} o = { .letters = "ABCD", .timeout = 30, .memory = 512 << 20,
	.output = 1 << 20, .files = 16 << 20, .processes = 32 };

static const struct program program = {
	"grade", "[FILE ...]", "add rewards to rollouts"
};

static const struct option_row rows[] = {
	{ 0, "exact", OPT_FLAG, &o.exact, NULL, "the text is the answer" },
	{ 0, "number", OPT_FLAG, &o.number, NULL,
	  "the number the text ends in is the answer" },
	{ 0, "choice", OPT_FLAG, &o.choice, NULL,
	  "the one letter that the text settles on is the answer" },
	{ 0, "f1", OPT_FLAG, &o.f1, NULL,
	  "words in common with the answer, as SQuAD counts" },
	{ 0, "em", OPT_FLAG, &o.em, NULL,
	  "equal to the answer, as SQuAD compares" },
	{ 0, "regex", OPT_STR, &o.regex, "PATTERN", "the text matches" },
	{ 0, "format", OPT_ENUM, &o.format, "think-answer|think|answer|boxed",
	  "the text has this format" },
	{ 0, "length", OPT_STR, &o.length, "FROM-TO",
	  "the text has so many tokens" },
	{ 0, "tests", OPT_ENUM, &o.tests, "share|all",
	  "the text's code passes this share of its tests, or all" },
	{ 0, "reward-model", OPT_STR, &o.reward_model, "DIR",
	  "the score of a reward model, which rmtrain trains" },
	{ 'x', "command", OPT_STR, &o.command, "CMD",
	  "a program: reads a rollout per line, writes a number per line" },
	{ 'w', "weight", OPT_STR, &o.weight, "X|NAME=X,...",
	  "factor of the score in the reward (1)" },
	{ 0, "name", OPT_STR, &o.name, "NAME",
	  "name of the score in rewards (that of the option)" },
	OPT_OUTPUT(o.out),
	{ 0, "summary", OPT_STR, &o.summary, "FILE",
	  "write accuracy, pass@k, baselines as a line of JSON" },
	{ 0, "by", OPT_STR, &o.by, "KEY",
	  "+a summary for each value of this key, too" },
	{ 0, "rule", OPT_ENUM, &o.rule, "either|strict|last|flexible",
	  "+which number counts, and how it is compared (either)" },
	{ 0, "letters", OPT_STR, &o.letters, "SET", "+letters for --choice (ABCD)" },
	{ 0, "extract", OPT_STR, &o.extract, "PATTERN",
	  "+grade only its first match, or group 1 of it" },
	{ 0, "finished", OPT_FLAG, &o.finished, NULL,
	  "+a truncated answer (stop is \"length\") gets 0" },
	{ 0, "replace", OPT_FLAG, &o.replace, NULL,
	  "+discard existing rewards" },
	{ 0, "timeout", OPT_FLOAT, &o.timeout, "SECONDS",
	  "+limit for an answer of -x (30), or a test (5)" },
	{ 0, "unit", OPT_ENUM, &o.unit, "tokens|words|characters",
	  "+what --length counts (tokens)" },
	{ 0, "edge", OPT_FLOAT, &o.edge, "N",
	  "+how far from --length the score falls to 0 (0)" },
	{ 0, "run", OPT_STR, &o.run, "CMD",
	  "+how --tests runs the program $1 (Python)" },
	{ 0, "test-memory", OPT_BYTES, &o.memory, "SIZE",
	  "+memory of a process of --tests (512M)" },
	{ 0, "test-output", OPT_BYTES, &o.output, "SIZE",
	  "+output of a test (1M)" },
	{ 0, "test-files", OPT_BYTES, &o.files, "SIZE",
	  "+files that a test can write (16M)" },
	{ 0, "test-processes", OPT_INT, &o.processes, "N",
	  "+processes of a test (32)" },
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

/* ---- the graders that were asked for ---- */

static const struct kind {
	const char *name;	/* of the option, and of its scores */
	enum grader_kind kind;	/* of those by rule */
} kinds[] = {
	{ "exact", GRADER_EXACT }, { "number", GRADER_NUMBER },
	{ "choice", GRADER_CHOICE }, { "f1", GRADER_F1 },
	{ "em", GRADER_EM }, { "regex", GRADER_REGEX },
	{ "format", GRADER_FORMAT }, { "length", GRADER_EXACT },
	{ "tests", GRADER_EXACT }, { "reward-model", GRADER_EXACT },
	{ "command", GRADER_EXACT }
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* FROM-TO, FROM- or TO. */
static struct judge *make_length(void)
{
	struct length_options l = { .unit = (enum length_unit)o.unit,
		.edge = o.edge };
	char *end;

	l.from = l.to = strtod(o.length, &end);
	if (end == o.length || !(l.from >= 0))
		die_usage("--length: '%s' is not FROM-TO, two numbers",
			o.length);
	if (*end == '-') {
		const char *to = end + 1;

		l.to = *to ? strtod(to, &end) : INFINITY;
		end += !*to;
	}
	if (*end || !(l.to >= l.from))
		die_usage("--length: '%s' is not FROM-TO, two numbers",
			o.length);
	return judge_length(&l);
}

static struct judge *make_tests(void)
{
	struct tests_options t = { .run = o.run, .all = o.tests == 1,
		.limits = { .seconds = option_given("timeout") ? o.timeout : 5,
			.memory = o.memory, .output = o.output,
			.files = o.files, .processes = (int)o.processes } };

	return judge_tests(&t);
}

static struct judge *make_judge(const struct kind *k)
{
	struct grader_options g = { .kind = k->kind,
		.rule = (enum number_rule)o.rule,
		.format = (enum grader_format)o.format, .pattern = o.regex,
		.extract = o.extract, .letters = o.letters,
		.votes = o.summary != NULL };

	if (!strcmp(k->name, "command"))
		return judge_command(o.command, o.timeout);
	if (!strcmp(k->name, "reward-model"))
		return judge_reward(o.reward_model);
	if (!strcmp(k->name, "length"))
		return make_length();
	if (!strcmp(k->name, "tests"))
		return make_tests();
	return judge_rule(k->name, &g);
}

static size_t make_judges(struct judge *judges[KINDS])
{
	size_t i, n = 0;

	for (i = 0; i < KINDS; i++)
		if (option_given(kinds[i].name))
			judges[n++] = make_judge(&kinds[i]);
	if (!n)
		die_usage("no grader: --number, --exact, --choice, --f1, "
			"--em, --regex, --format, --length, --tests, "
			"--reward-model or -x");
	if (o.name && n > 1)
		die_usage("--name has no effect with several graders, which "
			"have the names of their options");
	if (o.name)
		judges[0]->name = o.name;
	return n;
}

/* ---- checks ---- */

static bool any_given(const char *const *names)
{
	for (; *names; names++)
		if (option_given(*names))
			return true;
	return false;
}

/* Refuses options that have no effect, which are mistakes. */
static void check_effects(void)
{
	static const char *const rules[] = { "exact", "number", "choice", "f1",
		"em", "regex", "format", NULL };
	static const struct {
		const char *name;
		const char *with[3];
		const char *say;
	} needs[] = {
		{ "rule", { "number" }, "--number" },
		{ "letters", { "choice" }, "--choice" },
		{ "timeout", { "command", "tests" }, "-x or --tests" },
		{ "by", { "summary" }, "--summary" },
		{ "unit", { "length" }, "--length" },
		{ "edge", { "length" }, "--length" },
		{ "run", { "tests" }, "--tests" },
		{ "test-memory", { "tests" }, "--tests" },
		{ "test-output", { "tests" }, "--tests" },
		{ "test-files", { "tests" }, "--tests" },
		{ "test-processes", { "tests" }, "--tests" }
	};
	size_t i;

	for (i = 0; i < sizeof needs / sizeof *needs; i++)
		if (option_given(needs[i].name) && !any_given(needs[i].with))
			die_usage("--%s has no effect without %s",
				needs[i].name, needs[i].say);
	if (o.extract && !any_given(rules))
		die_usage("--extract has no effect without a grader by rule");
}

static void check_options(void)
{
	if (o.name && (!*o.name || strpbrk(o.name, ".\"\\")))
		die_usage("--name: '%s' has a dot or a quote", o.name);
	if (!*o.letters)
		die_usage("--letters is empty");
	option_above("timeout", o.timeout, 0, 1e6, NULL);
	option_range_real("edge", o.edge, 0, 1e18);
	option_range("test-processes", o.processes, 1, 1 << 20);
	check_effects();
	output_try_second("summary", o.summary, o.out);
}

int main(int argc, char **argv)
{
	struct judge *judges[KINDS];
	struct grading_options options = { .judges = judges };
	struct grading *g;
	struct records *in;
	struct output *out;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	options.njudge = make_judges(judges);
	weights_set(judges, options.njudge, o.weight);
	options.replace = o.replace;
	options.finished = o.finished;
	options.summary = o.summary;
	options.by = o.by;
	g = grading_new(&options);
	in = records_open(argv, "rollout");
	out = output_open(o.out);
	grading_run(g, in, out);
	records_close(in);
	grading_finish(g);
	output_close(out);
	grading_summary(g);
	grading_free(g);
	return 0;
}
