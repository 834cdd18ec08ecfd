/* generator.c - a model directory loaded for generation: see generator.h */
#include "common/sample/generator.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/base/size.h"

#define MiB ((size_t)1 << 20)

struct generator_options generator_options;

/* For prompts that are kept for later ones, where no limit is given. */
#define PROMPTS_MEMORY (512 * MiB)

static const enum dtype kv_types[] = { DTYPE_F32, DTYPE_BF16 };

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
	*g = (struct generator){ .dir = dir, .model = model_load_packed(dir,
		(enum compute)generator_options.compute) };
	model_check_head(&g->model->config, dir, false);
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

/* ---- limits ---- */

/* Bytes of keys and values that must fit: of a prompt, and of its answer, or of
 * the copy that it begins with, whichever is longer. */
static double least_bytes(const struct model_config *c,
	const struct generator_limits *l)
{
	enum dtype kv = kv_types[generator_options.kv];
	size_t prompt = l->length ? 1 : l->context;
	size_t answer = size_min(l->length, l->context - 1);

	return (double)kv_segment_memory(c, kv, prompt) +
		(double)kv_segment_memory(c, kv, size_max(prompt, answer));
}

/* Bytes of everything but the model, keys and values, in a process of `memory`
 * bytes, generously. No sequence is longer than all memory. */
static double base_bytes(const struct generator *g,
	const struct generator_limits *l, size_t rows, double memory)
{
	const struct model_config *c = &g->model->config;
	double longest = (double)l->context;

	if (l->length)
		longest = fmin(longest, memory / (double)kv_token_bytes(c,
			kv_types[generator_options.kv]));
	return (double)(8 * MiB) + (double)l->other +
		engine_bytes(c, rows) + decoder_bytes(c, rows, (size_t)longest);
}

/* What one row needs: the more memory, the longer sequences may become. */
_Noreturn static void die_too_little(const struct generator *g,
	const struct generator_limits *l)
{
	double least = mem_resident() + least_bytes(&g->model->config, l);
	double need = (double)l->memory, before;
	int i;

	for (before = 0, i = 0; i < 100 && need > before; i++) {
		before = need;
		need = base_bytes(g, l, 1, need) + least;
	}
	need = ceil(fmax(need, mem_peak()) / (double)MiB) + 1;
	if (l->length)
		die("-M: %.0f MiB are needed for one answer of up to %zu tokens: "
			"more memory, or a smaller -n", need,
			size_min(l->length, l->context - 1));
	die("-M: %.0f MiB are needed for one answer of %zu tokens: "
		"more memory, or a smaller --context", need, l->context);
}

/* Sets the rows: a quarter of what is left may be working memory of them, for
 * without keys and values they are of no use. */
static void fit(const struct generator *g, struct generator_limits *l,
	struct engine_memory *m)
{
	const struct model_config *c = &g->model->config;
	double memory = (double)l->memory, least = least_bytes(c, l);
	double base = base_bytes(g, l, 0, memory);
	double row = base_bytes(g, l, 1, memory) - base;
	double left = memory - mem_resident() - base, rows;

	if (left < row + least || mem_peak() > memory)
		die_too_little(g, l);
	rows = fmin(left / 4, left - least) / row;
	if (rows < (double)l->rows)
		l->rows = rows < 1 ? 1 : (size_t)rows;
	m->all = (size_t)(left - (double)l->rows * row);
	m->kept = m->all;
	m->process = l->memory;
	l->tokens = m->all / kv_token_bytes(c, kv_types[generator_options.kv]);
}

/* ---- opening ---- */

static void open_engine(struct generator *g, struct generator_limits *l,
	const struct option_list *strings, bool ignore_eos)
{
	struct engine_memory memory = { .kept = PROMPTS_MEMORY };
	size_t most = g->model->config.context;

	if (l->context > most)
		die_usage("--context: the model's is %zu", most);
	if (!l->context)
		l->context = most;
	if (l->memory) {
		mem_give_back();
		fit(g, l, &memory);
	}
	set_stop(g, strings, ignore_eos);
	g->decoder = decoder_new(g->model, l->rows,
		kv_types[generator_options.kv]);
	g->engine = engine_new(g->decoder, &memory);
}

void generator_open(struct generator *g, const char *dir,
	struct generator_limits *l, const struct option_list *strings,
	bool ignore_eos)
{
	open_model(g, dir);
	open_tokenizer(g);
	open_engine(g, l, strings, ignore_eos);
}

void generator_open_ids(struct generator *g, const char *dir,
	struct generator_limits *l, const struct option_list *strings,
	bool ignore_eos)
{
	open_model(g, dir);
	if (strings->n || vocab_exists(dir))
		open_tokenizer(g);
	open_engine(g, l, strings, ignore_eos);
}

void generator_open_model(struct generator *g, const char *dir)
{
	open_model(g, dir);
	open_tokenizer(g);
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
	g->tools = tools_new(o, g->vocab);
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

	/* Before the callback, which sees whether the answer has ended. A call
	 * does not belong in a text under a constraint. */
	if (!p->no_tools && !p->constraint)
		tools_token(run->g->tools, a, p->most);
	if (!run->calls->token || run->calls->token(run->calls->ctx, a))
		return true;
	tools_cancel(run->g->tools, a);
	return false;
}

static bool interrupted(void *ctx, struct answer *a)
{
	return signals_caught() != 0;
}

static void run_resume(void *ctx, bool idle)
{
	const struct generator_run *run = ctx;

	if (run->calls->resume)
		run->calls->resume(run->calls->ctx, idle);
	else
		tools_cancel_if(run->g->tools, interrupted, NULL);
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
		.next = run_next, .open_ended = calls->open_ended,
		.clients_wait = calls->clients_wait,
		.read = calls->read ? run_read : NULL,
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
