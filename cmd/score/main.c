/* score - log-likelihoods of texts under a model: score(1) */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "cmd/score/score.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/score/choices.h"

static struct {
	const char *model, *output, *html;
	bool bpb, each, tokens, tsv, choices, chat, windows, separate, bos,
		no_bos;
	int64_t recite, context, stride, batch, top, html_texts;
} o = { .batch = 2048, .html_texts = 10 };

static const struct program program = { "score",
	"-m DIR [--bpb] [--each] [--html FILE] [FILE ...]\n"
	"-m DIR --tokens [FILE ...]\n"
	"-m DIR --recite N [--each] [FILE ...]\n"
	"-m DIR --choices [--each] [FILE ...]\n"
	"-m DIR --windows [SHARD ...]",
	"log-likelihoods of texts under a model" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model: directory or GGUF file" },
	{ 0, "bpb", OPT_FLAG, &o.bpb, NULL,
	  "loss, perplexity, bits per byte of all documents" },
	{ 0, "each", OPT_FLAG, &o.each, NULL,
	  "a line per document, conversation or question instead" },
	{ 0, "tokens", OPT_FLAG, &o.tokens, NULL,
	  "a line per token: probability, surprise, rank" },
	{ 0, "choices", OPT_FLAG, &o.choices, NULL,
	  "answer multiple-choice questions; the share answered right" },
	{ 0, "recite", OPT_INT, &o.recite, "N",
	  "verbatim memory: what is continued right after N tokens" },
	{ 0, "chat", OPT_FLAG, &o.chat, NULL,
	  "read conversations; score what the assistant says" },
	{ 0, "windows", OPT_FLAG, &o.windows, NULL,
	  "read tokens, cut as pretrain --val-file cuts them" },
	{ 0, "html", OPT_STR, &o.html, "FILE",
	  "also a page: tokens, alternatives, layers, attention" },
	{ 0, "html-texts", OPT_INT, &o.html_texts, "N",
	  "+how many texts are on the page (10)" },
	{ 0, "separate", OPT_FLAG, &o.separate, NULL,
	  "+with --windows: documents do not attend to one another" },
	{ 0, "context", OPT_INT, &o.context, "N",
	  "tokens that a prediction can see (the model's context)" },
	{ 0, "stride", OPT_INT, &o.stride, "N",
	  "+distance of the windows of a long text (the context)" },
	{ 0, "top", OPT_INT, &o.top, "K",
	  "+with --tokens: the K likeliest tokens; --html: K, not 10" },
	{ 0, "tsv", OPT_FLAG, &o.tsv, NULL,
	  "+with --tokens: tab-separated, with a header line" },
	{ 0, "bos", OPT_FLAG, &o.bos, NULL,
	  "+with --choices: put the first token before each prompt" },
	{ 0, "no-bos", OPT_FLAG, &o.no_bos, NULL,
	  "+put no first token before a document" },
	{ 0, "batch", OPT_INT, &o.batch, "N",
	  "+tokens computed at once (2048, and at least a window)" },
	OPT_OUTPUT(o.output),
	OPT_COMPUTE("fp32"),
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

/* Options that have no effect without another are mistakes. */
static void check_effects(void)
{
	const struct {
		const char *name, *with;
		bool ok;
	} needs[] = {
		{ "tsv", "--tokens", o.tokens },
		{ "top", "--tokens or --html", o.tokens || o.html },
		{ "html-texts", "--html", o.html != NULL },
		{ "separate", "--windows", o.windows },
		{ "bos", "--choices", o.choices },
	};
	size_t i;

	for (i = 0; i < sizeof needs / sizeof *needs; i++)
		if (option_given(needs[i].name) && !needs[i].ok)
			die_usage("--%s has no effect without %s",
				needs[i].name, needs[i].with);
	if (o.html && (o.choices || o.windows))
		die_usage("--html shows documents or conversations");
	if (o.tsv && o.top && !o.html)
		die_usage("--top: --tsv has no column for the likeliest tokens");
	if (o.no_bos && (o.chat || o.choices || o.windows))
		die_usage("--no-bos is for documents");
	if (o.windows && option_given("stride"))
		die_usage("--stride: the windows of --windows are adjacent");
}

static void check_options(void)
{
	int results = o.bpb + o.tokens + option_given("recite");
	int inputs = o.chat + o.choices + o.windows;

	if (!o.model)
		die_usage("no model: -m DIR");
	if (results > 1)
		die_usage("only one of --bpb, --tokens and --recite");
	if (inputs > 1)
		die_usage("only one of --chat, --choices and --windows");
	if (o.choices && results)
		die_usage("--choices has results of its own: not with --bpb, "
			"--tokens or --recite");
	if (o.windows && (o.each || o.tokens))
		die_usage("--windows gives totals: not with --each or "
			"--tokens");
	if (option_given("recite") && inputs)
		die_usage("--recite reads documents");
	if (o.tokens && o.each)
		die_usage("--tokens writes a line per token: not with --each");
	check_effects();
	option_range("batch", o.batch, 1, 1 << 24);
	option_range("top", o.top, 0, LOGITS_BEST);
	option_range("html-texts", o.html_texts, 1, 1 << 20);
	if (option_given("recite"))
		option_range("recite", o.recite, 0, 1 << 24);
	output_try_second("html", o.html, o.output);
}

/* Ranges that depend on the model. */
static struct scorer_options scorer_options(const struct generator *g)
{
	int64_t most = (int64_t)g->model->config.context;

	if (!option_given("context"))
		o.context = most;
	option_range("context", o.context, 1, most);
	if (!option_given("stride"))
		o.stride = o.context;
	option_range("stride", o.stride, 1, o.context);
	if ((size_t)o.top > g->usable)
		o.top = (int64_t)g->usable;
	return (struct scorer_options){ .context = (size_t)o.context,
		.stride = (size_t)o.stride, .batch = (size_t)o.batch,
		.usable = g->usable,
		.rank = o.tokens || option_given("recite"),
		.entropy = o.tokens,
		.top = o.tokens && !o.tsv ? (size_t)o.top : 0 };
}

static void score_questions(char **files, struct generator *g,
	const struct scorer_options *so, struct output *out)
{
	struct scorer *s = scorer_new(g->model, so);
	struct choices_options co = { .first = texts_first(g),
		.always = o.bos, .each = o.each };
	struct choices_totals t;

	if (o.bos && co.first < 0)
		die("%s: the model has no first token for --bos", o.model);
	t = choices_run(files, g, s, so, &co, out);
	if (t.cut)
		warn("the context is too short for %" PRIu64 " prompts with a "
			"choice: their beginning was cut off", t.cut);
	summarize_choices(&t);
	scorer_free(s);
}

static void score(char **files, struct generator *g, struct output *out)
{
	struct scorer_options so = scorer_options(g);
	struct text_options to = {
		.texts = { .chat = o.chat, .batch = (size_t)1 << 20,
			.first = o.no_bos ? -1 : texts_first(g) },
		.result = o.tokens ? RESULT_TOKENS : option_given("recite") ?
			RESULT_RECITAL : RESULT_LOSS,
		.each = o.each, .tsv = o.tsv, .prefix = (size_t)o.recite,
		.html = o.html, .html_texts = (uint64_t)o.html_texts,
		.html_top = option_given("top") ? (size_t)o.top : 10 };

	if (o.chat)
		generator_need_chat(g);
	if (o.choices)
		score_questions(files, g, &so, out);
	else if (o.windows)
		score_windows(files, g, &so, o.separate, out);
	else
		score_texts(files, g, &so, &to, out);
}

int main(int argc, char **argv)
{
	struct generator g;
	struct output *out;

	generator_options.compute = COMPUTE_FP32;
	argv += options_parse(&program, rows, argc, argv);
	check_options();
	mem_hint = "a smaller --context or --batch";
	records_hint = o.choices ? "a question is {\"prompt\",\"choices\","
		"\"answer\"}: see score(1)" :
		"docs converts plain text to documents";
	generator_open_model(&g, o.model);
	out = output_open(o.output);
	score(argv, &g, out);
	output_close(out);
	generator_close(&g);
	return 0;
}
