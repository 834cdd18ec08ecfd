/* grade - write rewards into rollouts: grade(1) */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/format/coprocess.h"
#include "common/format/jsonwrite.h"
#include "common/format/rollout.h"
#include "common/grade/grader.h"

static struct {
	bool exact, number, choice, f1, em, replace, finished;
	int rule, format;
	const char *regex, *command, *extract, *letters, *name, *out;
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
	  "the text has this form" },
	{ 'x', "command", OPT_STR, &o.command, "CMD",
	  "a program: one rollout a line in, one number a line out" },
	{ 'w', "weight", OPT_FLOAT, &o.weight, "X",
	  "the score counts X times in the reward (1)" },
	{ 0, "name", OPT_STR, &o.name, "NAME",
	  "what the score is called in rewards (the kind)" },
	OPT_OUTPUT(o.out),
	{ 0, "rule", OPT_ENUM, &o.rule, "either|strict|last|flexible",
	  "+which number counts, and how it is compared (either)" },
	{ 0, "letters", OPT_STR, &o.letters, "SET", "+of --choice (ABCD)" },
	{ 0, "extract", OPT_STR, &o.extract, "PATTERN",
	  "+grade only what its first match, or group 1, holds" },
	{ 0, "finished", OPT_FLAG, &o.finished, NULL,
	  "+an answer that was cut off (stop is \"length\") gets 0" },
	{ 0, "replace", OPT_FLAG, &o.replace, NULL,
	  "+forget the rewards that are there" },
	{ 0, "timeout", OPT_FLOAT, &o.timeout, "SECONDS",
	  "+for one answer of -x, then 0 (30)" },
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

enum { BATCH_BYTES = 256 << 10, BATCH_LINES = 16 };

/* What came of one rollout. */
enum outcome { GRADED, BAD_LINE, NO_ANSWER, TOO_SLOW, DIED, UNSCORABLE,
	NO_START, AT_END, SURPLUS };

struct item {
	struct rollout rollout;
	struct json_error error;
	double score;
	enum outcome outcome;
};

struct helper {		/* of a thread */
	struct grader_scratch scratch;
	struct coprocess *command;
	struct buf reply;
};

struct run {
	const char *name;
	struct buf path;		/* "rewards.NAME" */
	struct grader *grader;		/* NULL with -x */
	struct records *in;
	struct output *out;
	struct record_batch batch;
	struct item *items;
	struct helper *helpers;
	struct buf line;
	uint64_t n, full, slow, died, unscorable;
	unsigned deaths;		/* in a row */
	bool answered;
	bool told;			/* that the program should loop */
	double sum;
};

/* ---- options ---- */

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
		{ o.command != NULL, "command", GRADER_EXACT }
	};
	const char *name = NULL;
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!kinds[i].given)
			continue;
		if (name)
			die_usage("--%s and --%s: one grader at a time; join "
				"two by a pipe", name, kinds[i].name);
		name = kinds[i].name;
		g->kind = kinds[i].kind;
	}
	if (!name)
		die_usage("no grader: --number, --exact, --choice, --f1, "
			"--em, --regex, --format or -x");
	return name;
}

/* An option that does nothing is a mistake. */
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
}

static void check_options(void)
{
	option_range_real("weight", o.weight, -1e30, 1e30);
	if (o.name && (!*o.name || strpbrk(o.name, ".\"\\")))
		die_usage("--name: '%s' has a dot or a quote", o.name);
	if (!*o.letters)
		die_usage("--letters: it is empty");
	option_above("timeout", o.timeout, 0, 1e6, NULL);
}

static void set_up(struct run *run)
{
	struct grader_options g = { .rule = (enum number_rule)o.rule,
		.format = (enum grader_format)o.format, .pattern = o.regex,
		.extract = o.extract, .letters = o.letters };
	const char *kind = choose_kind(&g);
	size_t i, threads = (size_t)parallel_count();

	check_effects();
	run->name = o.name ? o.name : kind;
	buf_printf(&run->path, "rewards.%s", run->name);
	if (!o.command)
		run->grader = grader_new(&g);
	run->items = xcalloc(BATCH_LINES * threads, sizeof *run->items);
	run->helpers = xcalloc(threads, sizeof *run->helpers);
	for (i = 0; o.command && i < threads; i++)
		run->helpers[i].command = coprocess_new(o.command);
}

/* ---- one rollout ---- */

static enum outcome parse_reply(const struct buf *reply, double *score)
{
	char *end;

	*score = strtod(reply->p, &end);
	while (*end == ' ' || *end == '\t' || *end == '\r')
		end++;
	if (end == reply->p || *end)
		return UNSCORABLE;
	return isfinite(*score) ? GRADED : UNSCORABLE;
}

static enum outcome ask(struct helper *h, const struct rollout *x,
	double *score)
{
	*score = 0;
	switch (coprocess_ask(h->command, x->rec.p, x->rec.n, o.timeout,
		&h->reply)) {
	case COPROCESS_TIMEOUT:
		return TOO_SLOW;
	case COPROCESS_DIED:
		return DIED;
	case COPROCESS_NO_START:
		return NO_START;
	case COPROCESS_AT_END:
		return AT_END;
	case COPROCESS_SURPLUS:
		return SURPLUS;
	case COPROCESS_OK:
		break;
	}
	return parse_reply(&h->reply, score);
}

static void score_item(void *ctx, size_t i, int thread)
{
	struct run *run = ctx;
	struct item *it = &run->items[i];
	struct helper *h = &run->helpers[thread];
	const struct rollout *x = &it->rollout;

	it->rollout.rec = run->batch.v[i];
	it->outcome = BAD_LINE;
	if (!rollout_parse(&it->rollout, ROLLOUT_TEXT, &it->error))
		return;
	it->outcome = GRADED;
	it->score = 0;
	if (o.command) {
		it->outcome = ask(h, x, &it->score);
	} else {
		switch (grader_score(run->grader, &h->scratch, x->text,
			x->text_len, &x->answer, &it->score)) {
		case GRADE_OK:
			break;
		case GRADE_LIMIT:
			it->outcome = TOO_SLOW;
			break;
		case GRADE_NO_ANSWER:
			it->outcome = NO_ANSWER;
			break;
		}
	}
	if (o.finished && !strcmp(x->stop, "length"))
		it->score = 0;
}

/* ---- writing ---- */

/* An unscorable answer gets no reward: null, which trainers pass over. */
static void set_reward(struct run *run, struct item *it)
{
	struct rollout *x = &it->rollout;
	double reward = it->score * o.weight;
	struct json old;

	if (json_field(&x->fields, "rewards", &old) && !o.replace &&
		json_get(&old, run->name, &old))
		die("%s:%" PRIu64 ": there is a reward '%s' already: "
			"--name or --replace", x->rec.file, x->rec.line,
			run->name);
	if (it->outcome == UNSCORABLE)
		reward = NAN;
	else if (!o.replace && json_field(&x->fields, "reward", &old))
		reward += x->reward;	/* null stays null */
	if (fabs(reward) > FLT_MAX)
		die("%s:%" PRIu64 ": the reward %g is more than a trainer "
			"can read", x->rec.file, x->rec.line, reward);
	json_edit_double(&x->edits, "reward", reward);
	if (o.replace) {
		buf_reset(&run->line);
		buf_putc(&run->line, '{');
		json_add_key(&run->line, run->name);
		json_add_double(&run->line, it->outcome == UNSCORABLE ? NAN :
			it->score);
		buf_putc(&run->line, '}');
		json_edit(&x->edits, "rewards", run->line.p, run->line.n);
	} else {
		json_edit_double(&x->edits, run->path.p,
			it->outcome == UNSCORABLE ? NAN : it->score);
	}
}

#define SURPLUS_MESSAGE "the program of -x said more lines than it was " \
	"asked for: one line a rollout, and nothing before it"

/* A program that cannot answer at all, or whose answers are no longer those
 * of its questions, ends the run at once. */
static void check_program(const struct item *it)
{
	const struct record *rec = &it->rollout.rec;

	if (it->outcome == NO_START)
		die("%s:%" PRIu64 ": the program of -x cannot be started: "
			"'%s'", rec->file, rec->line, o.command);
	if (it->outcome == AT_END)
		die("%s:%" PRIu64 ": the program of -x answers only when its "
			"input ends: it must answer each line at once, "
			"unbuffered", rec->file, rec->line);
	if (it->outcome == SURPLUS)
		die("%s:%" PRIu64 ": " SURPLUS_MESSAGE, rec->file, rec->line);
}

/* A program that dies at each of the first questions will not do better; nor
 * will one that has answered none of them in time. */
static void count_death(struct run *run, const struct item *it)
{
	const struct record *rec = &it->rollout.rec;
	bool late = o.command && it->outcome == TOO_SLOW;

	run->answered |= !late && it->outcome != DIED;
	run->died += it->outcome == DIED;
	run->deaths = it->outcome == DIED ? run->deaths + 1 : 0;
	if (run->deaths >= 8)
		die("%s:%" PRIu64 ": the program of -x ended without an "
			"answer 8 times in a row", rec->file, rec->line);
	if (!run->answered && run->n >= 7)
		die("%s:%" PRIu64 ": the program of -x has not answered "
			"one of 8 rollouts", rec->file, rec->line);
}

static void write_item(struct run *run, struct item *it)
{
	const struct rollout *x = &it->rollout;

	if (it->outcome == BAD_LINE) {
		records_bad_json(run->in, &x->rec, &it->error);
		return;
	}
	if (it->outcome == NO_ANSWER) {
		records_bad(run->in, &x->rec,
			"no 'answer' that --%s can use", run->name);
		return;
	}
	check_program(it);
	count_death(run, it);
	run->slow += it->outcome == TOO_SLOW;
	run->unscorable += it->outcome == UNSCORABLE;
	run->n++;
	if (it->outcome != UNSCORABLE) {
		run->sum += it->score;
		run->full += it->score >= 1;
	}
	set_reward(run, it);
	buf_reset(&run->line);
	rollout_pass(&it->rollout, &run->line);
	output_write(run->out, run->line.p, run->line.n);
}

/* A program that ends after each answer works, but slowly. */
static void check_loop(struct run *run, uint64_t enough)
{
	size_t i, threads = (size_t)parallel_count();
	uint64_t singles = 0;

	for (i = 0; o.command && i < threads; i++)
		singles += coprocess_singles(run->helpers[i].command);
	if (run->told || !singles || singles < enough)
		return;
	warn("the program of -x ends after one answer and is started again "
		"for each rollout: let it loop over its lines");
	run->told = true;
}

static void run_all(struct run *run)
{
	size_t i, threads = (size_t)parallel_count();

	while (records_batch(run->in, &run->batch, BATCH_BYTES * threads,
			BATCH_LINES * threads)) {
		parallel_for(run->batch.n, score_item, run);
		for (i = 0; i < run->batch.n; i++)
			write_item(run, &run->items[i]);
		check_loop(run, 8);
		if (progress_due())
			progress_print("rollouts=%" PRIu64 " mean=%.4f",
				run->n, run->sum / (double)(run->n ? run->n : 1));
	}
}

static void summarise(const struct run *run)
{
	uint64_t scored = run->n - run->unscorable;

	if (run->slow)
		warn("%" PRIu64 " answers took too long to grade: they got 0",
			run->slow);
	if (run->died)
		warn("the program of -x ended without an answer %" PRIu64
			" times: those got 0", run->died);
	if (run->unscorable)
		warn("%" PRIu64 " answers could not be scored: they have no "
			"reward", run->unscorable);
	progress_summary("rollouts=%" PRIu64 " %s=%.4f full=%" PRIu64, run->n,
		run->name, run->sum / (double)(scored ? scored : 1), run->full);
}

/* Before the output is whole, since it may be wrong. */
static void close_programs(struct run *run)
{
	size_t i, threads = (size_t)parallel_count();
	bool surplus = false;

	for (i = 0; o.command && i < threads; i++)
		surplus |= coprocess_close(run->helpers[i].command);
	if (surplus)
		die(SURPLUS_MESSAGE);
}

static void free_all(struct run *run)
{
	size_t i, threads = (size_t)parallel_count();

	for (i = 0; i < BATCH_LINES * threads; i++)
		rollout_free(&run->items[i].rollout);
	for (i = 0; i < threads; i++) {
		grader_scratch_free(&run->helpers[i].scratch);
		buf_free(&run->helpers[i].reply);
	}
	free(run->items);
	free(run->helpers);
	if (run->grader)
		grader_free(run->grader);
	record_batch_free(&run->batch);
	buf_free(&run->path);
	buf_free(&run->line);
}

int main(int argc, char **argv)
{
	struct run run = { 0 };

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	set_up(&run);
	run.in = records_open(argv, "rollout");
	run.out = output_open(o.out);
	run_all(&run);
	records_close(run.in);
	check_loop(&run, (run.n + 1) / 2);
	close_programs(&run);
	if (run.n && run.died == run.n)
		die("the program of -x ended without an answer at every "
			"rollout");
	output_close(run.out);
	summarise(&run);
	free_all(&run);
	return 0;
}
