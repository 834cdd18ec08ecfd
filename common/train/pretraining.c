/* pretraining.c - a run of next-token training: see pretraining.h */
#include "common/train/pretraining.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/model/model_dir.h"
#include "common/token/encode.h"
#include "common/token/template.h"
#include "common/train/plan.h"
#include "common/train/preview.h"
#include "common/train/shape.h"
#include "common/train/train_options.h"

/* ---- the tokens ---- */

/* A resumed model keeps its vocabulary. */
static void check_same_tokenizer(const struct pretraining *p)
{
	if (p->run.model->tokens && p->run.model->tokenizer !=
			vocab_hash_below(p->vocab, p->run.model->tokens))
		die("%s: not the tokenizer that the model in %s was trained "
			"with", p->tokenizer, p->from);
}

/* The tokenizer of -t, or of the resumed model, or none. */
static void open_vocab(struct pretraining *p)
{
	if (p->tokenizer) {
		p->vocab = vocab_open(p->tokenizer, NULL);
		if (p->run.model)
			check_same_tokenizer(p);
	} else if (p->from && vocab_exists(p->from)) {
		p->vocab = vocab_open(p->from, NULL);
		model_check_tokenizer(p->run.model, p->from,
			vocab_hash_below(p->vocab, p->run.model->tokens));
	}
}

/* Sets the vocabulary size and eot of the data, which must fit the
 * tokenizer. */
static void check_tokens(const struct pretraining *p, size_t *vocab,
	int64_t *eot)
{
	const struct tok_info *info = data_info(p->data);

	*vocab = p->vocab ? vocab_size(p->vocab) : info->vocab;
	*eot = info->eot;
	if (!*vocab)
		die_usage("the shards do not say how large their vocabulary "
			"is: give the tokenizer with -t");
	if (info->vocab > *vocab)
		die("the tokens have a vocabulary of %" PRIu32 ", the "
			"tokenizer %zu", info->vocab, *vocab);
	if (p->vocab && info->tokenizer &&
		info->tokenizer != vocab_hash(p->vocab))
		die("%s: the tokens were not made with this tokenizer",
			p->tokenizer ? p->tokenizer : p->from);
	if (*eot < 0 && p->vocab)
		*eot = vocab_eot(p->vocab);
	if (p->separate && *eot < 0)
		die("--separate: the tokens have no end-of-text id");
}

static void open_data(struct pretraining *p, char **shards)
{
	p->data = *shards ?
		data_shards(shards, p->time, (uint64_t)option_seed) :
		data_stream(p->time);
	if (*p->val_files) {
		p->val = data_shards(p->val_files, p->time, 0);
		tok_info_match(data_info(p->data), "the training data",
			data_info(p->val), p->val_files[0]);
	}
}

/* Text that is read more than four times teaches less and less (Muennighoff et al.
 * 2023). */
enum { EPOCHS = 4 };

/* One epoch, unless an option sets the length. */
static long count_steps(const struct pretraining *p)
{
	uint64_t windows = p->data ? data_windows(p->data) : 0;
	uint64_t steps = windows / (uint64_t)p->batch, most = EPOCHS * steps;

	if (run_options.steps || run_options.minutes > 0)
		return (long)run_options.steps;
	if (p->by_depth)
		steps = windows && p->updates > most ? most : p->updates;
	else if (!windows)
		return 0;
	return steps ? (long)steps : 1;
}

/* What --depth says of a model with this configuration. */
static void follow_depth(struct pretraining *p, const struct model_config *c)
{
	struct recipe_length l = recipe_length(model_parameters(c), p->time);

	if (!p->batch)
		p->batch = (int64_t)l.batch;
	p->updates = (uint64_t)ceil((double)l.updates * (double)l.batch /
		(double)p->batch);
}

/* ---- the model ---- */

static char *settings(const struct pretraining *p)
{
	struct buf b = { 0 };

	run_setting_model(&b, p->base);
	buf_printf(&b, " optimizer=%s batch=%" PRId64 " context=%zu seed=%"
		PRId64 " separate=%d windows=%" PRIu64,
		optimizer_name(train_optimizer(RECIPE_PRETRAIN,
			&p->run.model->config, 0).kind),
		p->batch, p->time, option_seed,
		p->separate, data_windows(p->data));
	buf_printf(&b, " data=%08" PRIx32, data_sum(p->data));
	train_setting(&b);
	return buf_end(&b);
}

/* The provenance of the tokens, for a model trained from scratch. */
static const char *provenance(void *ctx)
{
	const struct pretraining *p = ctx;
	const char *by = data_info(p->data)->by;

	return by ? by : "";
}

static struct model *make_model(struct pretraining *p, size_t vocab, int64_t eot)
{
	struct model_config c = shape_new(vocab, eot);
	struct training_size size = { .config = &c, .time = p->time };
	struct model *m;

	if (p->by_depth)
		follow_depth(p, &c);
	size.batch = (size_t)p->batch;
	train_rows(RECIPE_PRETRAIN, &size);	/* fatal if it is too large */
	m = model_new(&c);
	model_init(m, (uint64_t)option_seed);
	return m;
}

static void check_model(const struct pretraining *p, size_t vocab)
{
	const struct model_config *c = &p->run.model->config;

	if (vocab > c->vocab)
		die("%s: a vocabulary of %zu, the tokens have %zu", p->from,
			c->vocab, vocab);
	if (p->time > c->context)
		die("%s: a context of %zu, less than --context", p->from,
			c->context);
}

static void name_tokenizer(struct pretraining *p)
{
	struct model *m = p->run.model;

	m->tokens = vocab_size(p->vocab);
	m->tokenizer = vocab_hash_below(p->vocab, m->tokens);
}

/* ---- updates ---- */

/* Accumulates the gradient of the next rows. */
static bool gradient(void *ctx, struct update *u)
{
	struct pretraining *p = ctx;
	const struct batch *b = &p->rows.batch;
	size_t n, i;

	if (!data_rows(p->data, &p->rows, p->run.at.rows, (size_t)p->batch,
			p->run.model->config.vocab))
		return false;
	if (p->eot >= 0)
		rows_separate(&p->rows, p->eot);
	n = b->rows * b->time;
	for (i = 0; i < n; i++)
		p->weight[i] = 1 / (float)n;
	trainer_last(&p->run.trainer);
	trainer_add(&p->run.trainer, b, p->weight);
	u->rows = b->rows;
	u->tokens = n;
	u->last = !data_more(p->data);
	u->validate = (p->run.at.step + 1) % p->val_every == 0;
	return true;
}

static double validate(void *ctx)
{
	struct pretraining *p = ctx;
	struct evaluation e = evaluate(p->run.model,
		p->run.trainer.activations, p->val, &p->val_rows,
		(uint64_t)p->val_windows, p->vocab, p->eot);

	p->bits_per_byte = e.bits_per_byte;
	return e.loss;
}

static void write_tokenizer(void *ctx, const char *dir)
{
	const struct pretraining *p = ctx;

	if (p->vocab)
		template_write_tokenizer(NULL, p->vocab, dir,
			(int)p->run.model->config.context);
}

/* ---- samples ---- */

/* A sample begins as a document does, then with the prompt. */
static void add_prompt(const struct pretraining *p, struct ids *ids)
{
	const char *prompt = measure_options.sample_prompt;
	struct encoder *e = encoder_new(p->vocab);

	if (p->end >= 0)
		ids_add(ids, (uint32_t)p->end);
	tok_encode_at(e, p->end >= 0 ? TOK_AFTER : TOK_START, prompt,
		strlen(prompt), ids);
	encoder_free(e);
}

/* Refuses at the start what would fail at the first sample. */
static void check_prompt(const struct pretraining *p)
{
	struct ids ids = { 0 };

	if (!measure_options.sample_every)
		return;
	if (!p->vocab)
		die_usage("--sample-every: samples are text: give the tokenizer "
			"with -t");
	add_prompt(p, &ids);
	if (!ids.n)
		die_usage("--sample-every: the tokens have no end-of-text id to "
			"begin with: give --sample-prompt");
	if (ids.n >= p->time)
		die_usage("--sample-prompt: %zu tokens leave none of the %zu of "
			"--context", ids.n, p->time);
	ids_free(&ids);
}

static void sample(void *ctx, struct buf *out)
{
	struct pretraining *p = ctx;
	const char *prompt = measure_options.sample_prompt;
	struct ids ids = { 0 };
	struct buf text = { 0 };
	int64_t before;
	size_t n;

	add_prompt(p, &ids);
	n = ids.n;
	before = (int64_t)ids.v[n - 1];
	preview(p->run.model, p->run.trainer.activations, &ids, p->time,
		vocab_size(p->vocab), p->end, (uint64_t)option_seed,
		p->run.at.step);
	tok_decode_on(p->vocab, &before, ids.v + n, ids.n - n, true, &text);
	buf_printf(out, SAMPLES_BEGIN "%ld", p->run.at.step);
	json_add_key(out, "prompt");
	json_add_cstring(out, prompt);
	json_add_key(out, "text");
	json_add_string(out, text.p ? text.p : "", text.n);
	buf_str(out, "}\n");
	ids_free(&ids);
	buf_free(&text);
}

/* ---- a run ---- */

static void prepare_run(struct pretraining *p)
{
	struct run *r = &p->run;

	r->steps = count_steps(p);
	r->size = (struct training_size) { .batch = (size_t)p->batch,
		.time = p->time,
		.data = data_bytes(p->data) + data_bytes(p->val) };
	r->settings = settings(p);
	r->chain = p->from ? model_provenance(p->from) : NULL;
	r->provenance = provenance;
	r->ctx = p;
	r->gradient = gradient;
	r->validate = p->val ? validate : NULL;
	r->write_tokenizer = write_tokenizer;
	r->flops = plan_flops(&r->model->config, p->time);
	r->sample = sample;
}

static void open_model(struct pretraining *p)
{
	if (p->from)
		p->run.model = shape_load(p->from);
	p->time = shape_time(p->run.model);
	open_vocab(p);
}

void pretraining_plan(struct pretraining *p, char **shards, struct output *out)
{
	struct plan plan = { .recipe = RECIPE_PRETRAIN };
	struct model_config c;
	size_t vocab;
	int64_t eot = -1;

	open_model(p);
	if (!p->vocab && !*shards)
		die_usage("--plan: the size of the vocabulary is missing: give "
			"shards, or the tokenizer with -t");
	vocab = *shards ? 0 : vocab_size(p->vocab);
	if (*shards) {
		open_data(p, shards);
		check_tokens(p, &vocab, &eot);
	}
	c = p->from ? p->run.model->config : shape_new(vocab, eot);
	if (p->by_depth)
		follow_depth(p, &c);
	plan.size = (struct training_size){ .config = &c,
		.batch = (size_t)p->batch, .time = p->time };
	plan.updates = p->data || p->by_depth ? (uint64_t)count_steps(p) :
		(uint64_t)run_options.steps;
	plan.tokens = p->data ? data_windows(p->data) * p->time : 0;
	plan_write(out, &plan);
}

void pretraining_open(struct pretraining *p, char **shards)
{
	size_t vocab;
	int64_t eot;

	open_model(p);
	open_data(p, shards);
	check_tokens(p, &vocab, &eot);
	p->eot = p->separate ? eot : -1;
	p->end = eot;
	check_prompt(p);
	if (p->from)
		check_model(p, vocab);
	else
		p->run.model = make_model(p, vocab, eot);
	if (p->from && p->by_depth)
		follow_depth(p, &p->run.model->config);
	if (p->vocab)
		name_tokenizer(p);
	prepare_run(p);
}

void pretraining_begin(struct pretraining *p)
{
	size_t batch = (size_t)p->batch;

	rows_init(&p->rows, batch, p->time);
	rows_init(&p->val_rows, p->run.trainer.rows, p->time);
	p->weight = xcalloc(batch * p->time, sizeof *p->weight);
}

void pretraining_close(struct pretraining *p)
{
	run_close(&p->run);
	model_free(p->run.model);
	data_free(p->data);
	data_free(p->val);
	rows_free(&p->rows);
	rows_free(&p->val_rows);
	if (p->vocab)
		vocab_free(p->vocab);
	free(p->weight);
}
