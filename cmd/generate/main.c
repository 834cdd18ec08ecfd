/* generate - continue prompts with a model: generate(1) */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/generate/answers.h"
#include "cmd/generate/single.h"
#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/sample/constraint_options.h"
#include "common/sample/prompt_cache.h"
#include "common/sample/prompt_source.h"
#include "common/sample/sampling_options.h"

static struct {
	const char *model, *output, *cache;
	int64_t length, rows;
	size_t memory;
	bool jsonl, ignore_eos;
	struct option_list stop;
	struct prompt_format format;
	struct answers_options answers;
	struct tool_options tools;
	struct constraint_options constraint;
	struct sampling sampling;
} o = {
	.tools = TOOL_DEFAULTS,
	.length = 256, .rows = 32, .answers = { .samples = 1 },
	.sampling = { .temperature = 0.8, .top_p = 0.95, .repeat_penalty = 1,
		.repeat_last = 64 }
};

static const struct program program = {
	"generate", "-m DIR [PROMPT]\n-m DIR --jsonl [FILE ...]",
	"continue prompts with a model"
};

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model: directory or GGUF file" },
	{ 'n', "length", OPT_INT, &o.length, "N", "maximum tokens (256)" },
	{ 'N', "samples", OPT_INT, &o.answers.samples, "N",
	  "answers to each prompt (1)" },
	OPT_SAMPLING(o.sampling, "0.8", "0.95"),
	OPT_SEED,
	OPT_STOP(o.stop),
	{ 0, "ignore-eos", OPT_FLAG, &o.ignore_eos, NULL,
	  "+continue after the end-of-text token" },
	OPT_PROMPT_FORMAT(o.format),
	{ 0, "prompt-cache", OPT_STR, &o.cache, "FILE",
	  "+read the prompt's beginning from FILE, or write it there" },
	OPT_KV,
	OPT_COMPUTE("auto"),
	OPT_CONSTRAINT(o.constraint),
	OPT_TOOLS(o.tools),
	{ 0, "echo", OPT_FLAG, &o.answers.echo, NULL, "+repeat the prompt first" },
	{ 0, "jsonl", OPT_FLAG, &o.jsonl, NULL,
	  "JSON lines in and out: prompt or messages, ids, text" },
	{ 0, "top", OPT_INT, &o.answers.top, "K",
	  "+with --jsonl: the K largest logits after the prompt" },
	{ 0, "logprobs", OPT_FLAG, &o.answers.logprobs, NULL,
	  "+logprobs of the tokens; without --jsonl, a token per line" },
	{ 0, "ids", OPT_FLAG, &o.answers.ids, NULL,
	  "+prompt and answer are token ids, not text" },
	{ 0, "parallel", OPT_INT, &o.rows, "N",
	  "+answers decoded at once (32)" },
	OPT_MEMORY(o.memory),
	OPT_OUTPUT(o.output),
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

static struct generator generator;
static struct reorder reorder;
static struct prompt_source source;
static char *prompt;			/* the only one: text or ids */
static size_t prompt_len;
static struct constraint *constraint;	/* of all answers, or NULL */
static struct prompt_cache *cache;	/* NULL: none */
static uint64_t incomplete;		/* answers that do not satisfy it */
static struct map asked;		/* hash of a prompt's ids -> count */

/* ---- prompts ---- */

/* A function of the ids and of how often they have occurred before: other
 * requests make no difference. */
static uint64_t random_key(const struct ids *ids)
{
	uint64_t hash = hash64(ids->v, ids->n * sizeof *ids->v);
	uint64_t *times = map_put(&asked, &hash, sizeof hash, NULL);

	return hash_mix(hash + (*times)++);
}

static const char *identify(struct request *q)
{
	q->prompt.key = random_key(&q->ids);
	q->prompt.constraint = constraint;
	return NULL;
}

static void done(void *ctx, struct answer *a)
{
	incomplete += a->incomplete;
	reorder_done(&reorder, a);
}

static void take_single(void)
{
	struct request *q = single_request(&generator, &o.format,
		o.answers.ids, prompt, prompt_len);
	const char *why = prompt_source_only(&source, q);

	if (why)
		die("%s", why);
	if (cache)
		prompt_cache_use(cache, &q->prompt);
	answers_begin(prompt, prompt_len);
}

/* ---- the program ---- */

static void check_constraint(void)
{
	constraint = constraint_chosen(&o.constraint);
	if (constraint && o.stop.n)
		die_usage("--stop does not go with --regex or --json: it would "
			"cut answers short");
	if (constraint && o.tools.tools.n)
		die_usage("--tool does not go with --regex or --json");
}

static void check_options(char **operands)
{
	option_range("length", o.length, 0, INT64_MAX);
	option_range("samples", o.answers.samples, 1, SAMPLES_MAX);
	option_range("parallel", o.rows, 1, BATCH_MAX);
	option_range("top", o.answers.top, 0, INT64_MAX);
	if (o.answers.top && !o.jsonl)
		die_usage("--top needs --jsonl");
	if (o.jsonl && (o.answers.ids || o.answers.echo))
		die_usage("--ids and --echo do not go with --jsonl");
	if (o.jsonl && o.cache)
		die_usage("--prompt-cache does not go with --jsonl");
	if (o.answers.echo && o.answers.logprobs)
		die_usage("--echo does not go with --logprobs, where each "
			"line is a token of the answer");
	if (o.answers.ids && (o.format.chat || o.format.system || o.format.bos))
		die_usage("--ids: the prompt is ids already: --chat, --system "
			"and --bos do not go with it");
	if (!o.jsonl && operands[0] && operands[1])
		die_usage("more than one prompt: put it in quotes");
	sampling_options_check(&o.sampling);
	tool_options_check(&o.tools);
	check_constraint();
	prompt_format_check(&o.format);
	o.answers.streams = !o.jsonl && !o.answers.ids &&
		!o.answers.logprobs && o.answers.samples == 1;
}

static void keep(void *ctx, struct prompt *p, const struct kv_segment *computed)
{
	prompt_cache_keep(cache, p, computed);
}

static void run(struct output *out)
{
	struct engine_calls calls = { .ctx = &source, .open_ended = true,
		.next = prompt_source_next, .done = done };

	reorder.write = o.jsonl ? answers_json : answers_text;
	if (o.answers.streams)
		calls.token = answers_stream;
	if (o.answers.top)
		calls.read = answers_note_top;
	if (cache)
		calls.computed = keep;
	generator_run(&generator, &o.sampling, (uint64_t)option_seed, &calls);
	if (source.records)
		records_close(source.records);
	output_close(out);
	generator_summary(&generator);
	if (incomplete)
		die("%" PRIu64 " of the answers ended before they were complete",
			incomplete);
}

/* Opens the input before loading the model: errors in it show at once. */
static void open_input(char **operands)
{
	source = (struct prompt_source){ .generator = &generator,
		.format = &o.format, .reorder = &reorder,
		.length = o.length, .samples = (size_t)o.answers.samples,
		.identify = identify };
	if (o.jsonl)
		source.records = records_open(operands, "prompt");
	else
		prompt = single_read(operands[0], &prompt_len);
}

static void open_generator(void)
{
	bool from_ids = o.jsonl || o.answers.ids;
	struct generator_limits l = { .rows = (size_t)o.rows,
		.length = o.length ? (size_t)o.length : 1,
		.memory = o.memory, .other = REORDER_BYTES };

	if (!o.jsonl && o.answers.samples < o.rows)
		l.rows = (size_t)o.answers.samples;
	(from_ids ? generator_open_ids : generator_open)(&generator, o.model,
		&l, &o.stop, o.ignore_eos);
	generator_use_tools(&generator, &o.tools);
	if (constraint)
		generator_need_tokenizer(&generator);
	if (o.cache)
		cache = prompt_cache_open(o.cache, &generator);
}

int main(int argc, char **argv)
{
	struct output *out;

	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "a smaller --parallel or -M";
	check_options(argv);
	records_hint = "with --jsonl a line is {\"prompt\":\"...\"}";
	open_input(argv);
	open_generator();
	out = output_open(o.output);
	answers_open(&o.answers, &generator, out,
		!o.output && isatty(STDOUT_FILENO));
	if (!o.jsonl)
		take_single();
	run(out);
	answers_close();
	prompt_cache_close(cache);
	generator_close(&generator);
	constraint_free(constraint);
	map_free(&asked);
	free(prompt);
	return 0;
}
