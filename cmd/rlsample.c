/* rlsample - sample answers to prompts, with logprobs: rlsample(1) */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/format/records.h"
#include "common/format/rollout.h"
#include "common/model/model_hash.h"
#include "common/sample/prompt_source.h"
#include "common/sample/sampling_options.h"

static struct {
	const char *model, *output;
	int64_t length, samples, rows;
	size_t memory;
	struct option_list stop;
	struct prompt_format format;
	struct tool_options tools;
	struct sampling sampling;
} o = {
	.tools = TOOL_DEFAULTS,
	.length = 256, .samples = 8, .rows = 64,
	.sampling = { .temperature = 1, .top_p = 1, .repeat_penalty = 1,
		.repeat_last = 64 }
};

static const struct program program = {
	"rlsample", "-m DIR [FILE ...]",
	"sample answers to prompts, with logprobs"
};

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model: directory or GGUF file" },
	{ 'n', "length", OPT_INT, &o.length, "N",
	  "maximum tokens of an answer (256)" },
	{ 'N', "samples", OPT_INT, &o.samples, "N",
	  "answers to each prompt (8)" },
	OPT_SAMPLING(o.sampling, "1", "1"),
	OPT_SEED,
	OPT_STOP(o.stop),
	OPT_PROMPT_FORMAT(o.format),
	OPT_TOOLS(o.tools),
	{ 0, "parallel", OPT_INT, &o.rows, "N",
	  "answers decoded at once (64)" },
	OPT_MEMORY(o.memory),
	OPT_KV,
	OPT_COMPUTE("fp32"),
	OPT_OUTPUT(o.output),
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

static struct generator generator;
static char model_id[17], tokenizer_id[17];	/* hashes, in hexadecimal */
static struct output *out;
static struct reorder reorder;
static struct map ids_seen;		/* by rollout_id_key; enum id_origin */
static struct map occurrences;		/* of prompts without id */
static struct buf line;
static uint64_t nprompt, nanonymous, nrollout, nlength;

/* ---- rollouts out ---- */

/* Whether the sampler used, or may have used, another distribution than the
 * model's. The options alone suffice, so that all answers record logprobs in
 * the same way. */
static bool other_distribution(const struct answer *a)
{
	const struct sampling *s = &o.sampling;
	size_t i;

	if (s->greedy || s->temperature != 1 || s->top_k || s->top_p != 1 ||
		s->min_p != 0 || s->repeat_penalty != 1 ||
		s->presence_penalty != 0 || s->frequency_penalty != 0)
		return true;
	for (i = 0; i < a->ids.n; i++)
		if (a->mask[i] && fabsf(a->logprob[i] - a->sample_logprob[i]) > 1e-5f)
			return true;
	return false;
}

static void write_rollout(void *ctx, struct request *q, struct answer *a)
{
	struct rollout r = {
		.sample = (int64_t)a->index, .prompt_ids = q->ids.v,
		.nprompt = q->ids.n, .ids = a->ids.v, .n = a->ids.n,
		.mask = a->mask, .logprobs = a->logprob,
		.stop = answer_stop_name(a->stop), .text = buf_end(&a->text),
		.text_len = a->text.n, .reward = NAN,
		.temperature = o.sampling.greedy ? 0 : o.sampling.temperature,
		.model_hash = model_id, .tokenizer_hash = tokenizer_id
	};

	if (other_distribution(a))
		r.sample_logprobs = a->sample_logprob;
	if (q->id.n)
		r.id = (struct json) { q->id.p, q->id.n, JSON_STRING, false };
	rollout_write(&line, &r, &q->fields);
	output_write(out, line.p, line.n);
	buf_reset(&line);
	nrollout++;
	nlength += a->stop == ANSWER_LENGTH;
	if (progress_due())
		progress_print("prompts=%" PRIu64 " rollouts=%" PRIu64
			" tokens=%" PRIu64, nprompt, nrollout,
			engine_stats(generator.engine)->tokens);
}

static void done(void *ctx, struct answer *a)
{
	reorder_done(&reorder, a);
}

/* ---- prompts in ---- */

enum id_origin { ID_GIVEN, ID_STAND_IN };

/* Records that the id was seen. Returns NULL, or what is wrong with it. */
static const char *new_id(const struct json *id, enum id_origin origin)
{
	struct buf key = { 0 };
	uint64_t *met;
	bool is_new;

	rollout_id_key(id, &key);
	met = map_put(&ids_seen, key.p, key.n, &is_new);
	buf_free(&key);
	if (!is_new)
		return *met == ID_GIVEN ? "duplicate id" :
			"the id stands for an earlier prompt without 'id'";
	*met = origin;
	return NULL;
}

/* Generates an id from the prompt and the number of its earlier occurrences
 * without id, so that it does not depend on the file or line. */
static void stand_in(struct request *q)
{
	size_t size = q->ids.n * sizeof *q->ids.v;
	uint64_t *n = map_put(&occurrences, q->ids.v, size, NULL);
	struct json id = { .type = JSON_STRING };

	do {
		buf_reset(&q->id);
		buf_printf(&q->id, "\"prompt-%016" PRIx64,
			hash64(q->ids.v, size));
		if (++*n > 1)
			buf_printf(&q->id, "-%" PRIu64, *n);
		buf_str(&q->id, "\"");
		id.p = buf_end(&q->id);
		id.n = q->id.n;
	} while (new_id(&id, ID_STAND_IN));
	nanonymous++;
}

/* A prompt's id determines its random numbers, whatever precedes it, and later
 * identifies its samples: two prompts with one id could not be told apart. */
static const char *identify(struct request *q)
{
	struct json id;
	const char *why = NULL;

	if (!json_field_given(&q->fields, "id", &id)) {
		stand_in(q);
		q->prompt.key = hash64(q->id.p, q->id.n);
	} else if (id.type != JSON_STRING && id.type != JSON_NUMBER) {
		why = "'id' is neither a string nor a number";
	} else {
		why = new_id(&id, ID_GIVEN);
		q->prompt.key = hash64(id.p, id.n);
	}
	nprompt += !why;
	return why;
}

/* ---- the program ---- */

static void check_options(void)
{
	option_range("length", o.length, 1, INT64_MAX);
	option_range("samples", o.samples, 1, SAMPLES_MAX);
	option_range("parallel", o.rows, 1, BATCH_MAX);
	sampling_options_check(&o.sampling);
	tool_options_check(&o.tools);
	prompt_format_check(&o.format);
	if (!option_quiet && (generator_options.kv ||
			generator_options.compute == COMPUTE_INT16 ||
			generator_options.compute == COMPUTE_INT8))
		warn("%s: the logprobs differ from those of rltrain by some "
			"hundredths", generator_options.kv ? "--kv bf16" :
			"--compute in integers");
}

static void open_generator(void)
{
	struct generator_limits l = { .rows = (size_t)o.rows,
		.length = (size_t)o.length, .memory = o.memory,
		.other = REORDER_BYTES };

	generator_open(&generator, o.model, &l, &o.stop, false);
	generator_use_tools(&generator, &o.tools);
	hash_text(model_id, model_hash(o.model));
	hash_text(tokenizer_id, vocab_hash(generator.vocab));
}

static void summarise(void)
{
	if (nanonymous)
		warn("%" PRIu64 " prompts without 'id': "
			"one made of the prompt stands for it", nanonymous);
	progress_summary("prompts=%" PRIu64 " rollouts=%" PRIu64
		" cut_at_length=%" PRIu64, nprompt, nrollout, nlength);
	generator_summary(&generator);
}

int main(int argc, char **argv)
{
	struct prompt_source source = { .generator = &generator,
		.format = &o.format, .reorder = &reorder,
		.identify = identify };
	struct engine_calls calls = { .ctx = &source, .open_ended = true,
		.next = prompt_source_next, .done = done };

	generator_options.compute = COMPUTE_FP32;
	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "a smaller --parallel or -M";
	check_options();
	records_hint = "a line is {\"id\":...,\"prompt\":\"...\"}, as jq writes it";
	source.records = records_open(argv, "prompt");
	source.length = o.length;
	source.samples = (size_t)o.samples;
	open_generator();
	out = output_open(o.output);
	reorder.write = write_rollout;
	generator_run(&generator, &o.sampling, (uint64_t)option_seed, &calls);
	records_close(source.records);
	output_close(out);
	summarise();
	generator_close(&generator);
	map_free(&ids_seen);
	map_free(&occurrences);
	buf_free(&line);
	return 0;
}
