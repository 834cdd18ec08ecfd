/* grade - add rewards to rollouts: grade(1) */
#include <string.h>

#include "common/base/io.h"
#include "common/base/options.h"
#include "common/grade/grading.h"
#include "common/score/reward_grader.h"

static struct {
	bool exact, number, choice, f1, em, replace, finished;
	int rule, format;
	const char *regex, *command, *reward_model, *extract, *letters, *name, *out;
	double weight, timeout;
} o = { .letters = "ABCD", .weight = 1, .timeout = 30 };

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
	{ 'x', "command", OPT_STR, &o.command, "CMD",
	  "a program: reads a rollout per line, writes a number per line" },
	{ 0, "reward-model", OPT_STR, &o.reward_model, "DIR",
	  "the score of a reward model, which rmtrain trains" },
	{ 'w', "weight", OPT_FLOAT, &o.weight, "X",
	  "factor of the score in the reward (1)" },
	{ 0, "name", OPT_STR, &o.name, "NAME",
	  "name of the score in rewards (the kind)" },
	OPT_OUTPUT(o.out),
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
	  "+limit for an answer of -x; after it, 0 (30)" },
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

static const char *choose_kind(struct grader_options *g)
{
	const struct {
		bool given;
		const char *name;
		enum grader_kind kind;
	} kinds[] = {
		{ o.exact, "exact", GRADER_EXACT },
		{ o.number, "number", GRADER_NUMBER },
		{ o.choice, "choice", GRADER_CHOICE },
		{ o.f1, "f1", GRADER_F1 },
		{ o.em, "em", GRADER_EM },
		{ o.regex != NULL, "regex", GRADER_REGEX },
		{ option_given("format"), "format", GRADER_FORMAT },
		{ o.command != NULL, "command", GRADER_EXACT },
		{ o.reward_model != NULL, "reward-model", GRADER_EXACT }
	};
	const char *name = NULL;
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!kinds[i].given)
			continue;
		if (name)
			die_usage("--%s and --%s: one grader at a time; connect "
				"two by a pipe", name, kinds[i].name);
		name = kinds[i].name;
		g->kind = kinds[i].kind;
	}
	if (!name)
		die_usage("no grader: --number, --exact, --choice, --f1, "
			"--em, --regex, --format, --reward-model or -x");
	return name;
}

/* Refuses options that have no effect, which are mistakes. */
static void check_effects(void)
{
	static const struct {
		const char *name, *with;
		const bool *flag;
		const char *const *text;
	} needs[] = {
		{ "rule", "--number", &o.number, NULL },
		{ "letters", "--choice", &o.choice, NULL },
		{ "timeout", "-x", NULL, &o.command },
	};
	size_t i;

	for (i = 0; i < sizeof needs / sizeof *needs; i++)
		if (option_given(needs[i].name) &&
			!(needs[i].flag ? *needs[i].flag :
				*needs[i].text != NULL))
			die_usage("--%s has no effect without %s",
				needs[i].name, needs[i].with);
	if (o.extract && o.command)
		die_usage("--extract has no effect with -x, which gets the "
			"whole rollout");
	if (o.extract && o.reward_model)
		die_usage("--extract has no effect with --reward-model, which "
			"scores the whole answer");
}

static void check_options(void)
{
	option_range_real("weight", o.weight, -1e30, 1e30);
	if (o.name && (!*o.name || strpbrk(o.name, ".\"\\")))
		die_usage("--name: '%s' has a dot or a quote", o.name);
	if (!*o.letters)
		die_usage("--letters is empty");
	option_above("timeout", o.timeout, 0, 1e6, NULL);
}

static struct grading_options grading_options(void)
{
	struct grading_options g = { .command = o.command,
		.timeout = o.timeout, .weight = o.weight,
		.replace = o.replace, .finished = o.finished };
	const char *kind;

	g.grader = (struct grader_options){
		.rule = (enum number_rule)o.rule,
		.format = (enum grader_format)o.format, .pattern = o.regex,
		.extract = o.extract, .letters = o.letters
	};
	kind = choose_kind(&g.grader);
	check_effects();
	g.name = o.name ? o.name : kind;
	return g;
}

int main(int argc, char **argv)
{
	struct grading_options options;
	struct reward_grader *judge = NULL;
	struct grading *g;
	struct records *in;
	struct output *out;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	options = grading_options();
	if (o.reward_model) {
		judge = reward_grader_new(o.reward_model);
		options.judge = reward_grader_judge(judge);
	}
	g = grading_new(&options);
	in = records_open(argv, "rollout");
	out = output_open(o.out);
	grading_run(g, in, out);
	records_close(in);
	grading_finish(g);
	output_close(out);
	grading_summary(g);
	grading_free(g);
	reward_grader_free(judge);
	return 0;
}
