/* generator.c - a model directory loaded for generation: see generator.h */
#include "common/sample/generator.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/progress.h"

static void add_stop(struct generator *g, int64_t id)
{
	size_t i;

	if (id < 0)
		return;
	for (i = 0; i < g->stop.nid; i++)
		if (g->stop_ids[i] == (uint32_t)id)
			return;
	g->stop_ids[g->stop.nid++] = (uint32_t)id;
}

static void set_stop(struct generator *g, const struct option_list *strings,
	bool ignore_eos)
{
	size_t i;

	g->stop = (struct stop_criteria){ .vocab = g->vocab, .ids = g->stop_ids,
		.strings = strings->v, .nstring = strings->n };
	for (i = 0; i < strings->n; i++)
		if (!*strings->v[i])
			die_usage("--stop: the string is empty");
	if (ignore_eos)
		return;
	add_stop(g, g->model->config.eos);
	if (g->vocab)
		add_stop(g, vocab_eot(g->vocab));
	for (i = 0; i < g->model->config.nmore_eos; i++)
		add_stop(g, g->model->config.more_eos[i]);
	if (g->can_chat)
		add_stop(g, template_stop(&g->template));
}

static void open_model(struct generator *g, const char *dir)
{
	if (!dir)
		die_usage("no model: -m DIR");
	*g = (struct generator){ .dir = dir, .model = model_load_packed(dir) };
	g->usable = g->model->config.vocab;
}

static void open_tokenizer(struct generator *g)
{
	size_t tokens;

	g->vocab = vocab_open(g->dir, NULL);
	model_check_tokenizer(g->model, g->dir,
		vocab_hash_below(g->vocab, g->model->tokens));
	tokens = vocab_size(g->vocab);
	if (tokens > g->model->config.vocab)
		die("%s: the tokenizer has %zu tokens, the model only %zu",
			g->dir, tokens, g->model->config.vocab);
	g->usable = tokens;
	g->encoder = encoder_new(g->vocab);
	g->can_chat = template_find(&g->template, g->vocab, g->dir);
}

/* ---- the engine ---- */

/* For prompts that are kept for later ones, where no limit is given. */
#define PROMPTS_MEMORY ((size_t)512 << 20)

int generator_kv;

static const enum dtype kv_types[] = { DTYPE_F32, DTYPE_BF16 };

static void open_engine(struct generator *g, size_t rows, size_t memory,
	const struct option_list *strings, bool ignore_eos)
{
	set_stop(g, strings, ignore_eos);
	g->decoder = decoder_new(g->model, rows, kv_types[generator_kv]);
	g->engine = engine_new(g->decoder, memory);
}

void generator_open(struct generator *g, const char *dir, size_t rows,
	const struct option_list *strings, bool ignore_eos)
{
	open_model(g, dir);
	open_tokenizer(g);
	open_engine(g, rows, PROMPTS_MEMORY, strings, ignore_eos);
}

/* ---- within limits ---- */

/* Bytes of the keys and values of a prompt or an answer of `context` tokens. */
static double segment_bytes(const struct model_config *c, size_t context)
{
	return (double)kv_token_bytes(c, kv_types[generator_kv]) *
		(double)context;
}

/* Bytes of an answer besides its prompt: the segment of a row is as long as the
 * longest that it ever held. */
static double row_bytes(const struct model_config *c, size_t context)
{
	return segment_bytes(c, context) + (double)c->vocab * sizeof(float);
}

/* Bytes of a pass through the model, generously. */
static double pass_bytes(const struct model_config *c)
{
	return (double)(32 << 20) + (double)DECODER_PART * (double)c->vocab *
		sizeof(float) + 4096.0 * (double)(c->width + c->ffn);
}

/* Sets the rows; returns the bytes that are left for prompts, at least one for
 * each row. */
static size_t fit_rows(const struct generator *g, struct generator_limits *l)
{
	const struct model_config *c = &g->model->config;
	double answer = row_bytes(c, l->context);
	double row = answer + segment_bytes(c, l->context);
	double base = mem_resident() + pass_bytes(c) + (double)l->other;
	double rows = ((double)l->memory - base) / row;

	if (rows < 1)
		die("-M: %.0f MiB are needed for one answer of %zu tokens: "
			"more memory, or a smaller --context", (base + row) /
			(1 << 20), l->context);
	if (rows < (double)l->rows)
		l->rows = (size_t)rows;
	return (size_t)((double)l->memory - base - (double)l->rows * answer);
}

void generator_open_within(struct generator *g, const char *dir,
	struct generator_limits *l)
{
	static const struct option_list none;
	size_t most, memory = PROMPTS_MEMORY;

	open_model(g, dir);
	open_tokenizer(g);
	most = g->model->config.context;
	if (l->context > most)
		die_usage("--context: the model's is %zu", most);
	if (!l->context)
		l->context = most;
	if (l->memory)
		memory = fit_rows(g, l);
	open_engine(g, l->rows, memory, &none, false);
}

/* ---- for other uses ---- */

void generator_open_model(struct generator *g, const char *dir)
{
	open_model(g, dir);
	open_tokenizer(g);
}

void generator_open_ids(struct generator *g, const char *dir, size_t rows,
	const struct option_list *strings, bool ignore_eos)
{
	open_model(g, dir);
	if (strings->n || vocab_exists(dir))
		open_tokenizer(g);
	open_engine(g, rows, PROMPTS_MEMORY, strings, ignore_eos);
}

void generator_close(struct generator *g)
{
	engine_free(g->engine);
	tools_free(g->tools);
	decoder_free(g->decoder);
	template_free(&g->template);
	if (g->vocab) {
		encoder_free(g->encoder);
		vocab_free(g->vocab);
	}
	model_free(g->model);
	rendered_free(&g->rendered);
	buf_free(&g->why);
}

void generator_need_chat(const struct generator *g)
{
	if (!g->can_chat)
		die("%s: %s", g->dir, g->template.why);
}

/* Opening a missing tokenizer is fatal, with the right message. */
void generator_need_tokenizer(const struct generator *g)
{
	if (!g->vocab)
		vocab_free(vocab_open(g->dir, NULL));
}

size_t generator_room(const struct generator *g, size_t n, int64_t wanted)
{
	size_t context = g->model->config.context;

	if (n >= context || wanted <= 0)
		return 0;
	return (size_t)wanted < context - n ? (size_t)wanted : context - n;
}

void generator_use_tools(struct generator *g, const struct tool_options *o)
{
	if (!o->tools.n)
		return;
	generator_need_tokenizer(g);
	g->tools = tools_new(o, g->vocab, g->encoder);
}

/* ---- running ---- */

/* The program's callbacks, and the generator's around them. */
struct generator_run {
	struct generator *g;
	const struct engine_calls *calls;
};

static struct prompt *run_next(void *ctx)
{
	const struct generator_run *run = ctx;

	return run->calls->next(run->calls->ctx);
}

static void run_read(void *ctx, struct prompt *p, const float *logits)
{
	const struct generator_run *run = ctx;

	run->calls->read(run->calls->ctx, p, logits);
}

static void run_computed(void *ctx, struct prompt *p,
	const struct kv_segment *segment)
{
	const struct generator_run *run = ctx;

	run->calls->computed(run->calls->ctx, p, segment);
}

static bool run_token(void *ctx, struct answer *a)
{
	const struct generator_run *run = ctx;
	const struct prompt *p = a->prompt;

	/* Before the callback, which sees whether the answer has ended. */
	tools_token(run->g->tools, a, p->most);
	if (!run->calls->token || run->calls->token(run->calls->ctx, a))
		return true;
	tools_cancel(run->g->tools, a);
	return false;
}

static void run_resume(void *ctx, bool idle)
{
	const struct generator_run *run = ctx;

	tools_resume(run->g->tools, idle);
}

static void run_done(void *ctx, struct answer *a)
{
	const struct generator_run *run = ctx;

	run->calls->done(run->calls->ctx, a);
}

void generator_run(struct generator *g, const struct sampling *how,
	uint64_t seed, const struct engine_calls *calls)
{
	struct generator_run run = { g, calls };
	const struct engine_calls with_tools = { .ctx = &run,
		.next = run_next, .read = calls->read ? run_read : NULL,
		.computed = calls->computed ? run_computed : NULL,
		.token = run_token, .resume = run_resume, .done = run_done };

	engine_run(g->engine, how, seed, &g->stop, g->usable,
		g->tools ? &with_tools : calls);
}

/* ---- the end ---- */

static double rate(uint64_t n, double seconds)
{
	return seconds > 0 ? (double)n / seconds : 0;
}

void generator_summary(const struct generator *g)
{
	const struct engine_stats *t = engine_stats(g->engine);

	progress_summary("read %" PRIu64 " tokens at %.0f/s, "
		"wrote %" PRIu64 " at %.0f/s", t->prompt_tokens,
		rate(t->prompt_tokens, t->read_seconds), t->tokens,
		rate(t->tokens, t->step_seconds));
	if (g->tools)
		tools_summary(g->tools);
}
