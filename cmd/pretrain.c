/* pretrain - next-token training of a model on token shards: pretrain(1) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/model/architecture.h"
#include "common/model/model_dir.h"
#include "common/token/template.h"
#include "common/train/data.h"
#include "common/train/run.h"
#include "common/train/train_options.h"

static struct {
	const char *from, *dir, *tokenizer;
	int arch;
	int64_t layers, width, heads, kv_heads, ffn, context, batch;
	int64_t val_every, val_windows;
	double rope_theta;
	bool untied, separate;
	struct option_list val;
} o = { .layers = 4, .width = 256, .context = 256,
	.rope_theta = 10000, .val_every = 100 };

static const struct program program = { "pretrain",
	"-o DIR [-m DIR0] [-t TOKENIZER] SHARD ...\n"
	"-o DIR [-m DIR0] [-t TOKENIZER] < tokens\n"
	"-o DIR --resume [SHARD ...]",
	"train a model to predict the next token" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.from, "DIR0",
	  "model to begin with, instead of random parameters" },
	{ 'o', "output", OPT_STR, &o.dir, "DIR", "model directory to write" },
	{ 't', "tokenizer", OPT_STR, &o.tokenizer, "FILE",
	  "vocabulary of the tokens, copied to the model" },
	{ 0, "arch", OPT_ENUM, &o.arch, ARCHITECTURE_WORDS,
	  "architecture (" ARCHITECTURE_DEFAULT ")" },
	{ 0, "layers", OPT_INT, &o.layers, "N", "blocks (4)" },
	{ 0, "width", OPT_INT, &o.width, "N",
	  "floats of the residual stream (256)" },
	{ 0, "heads", OPT_INT, &o.heads, "N",
	  "attention heads (width / 64, at least 4)" },
	{ 0, "kv-heads", OPT_INT, &o.kv_heads, "N",
	  "+heads of keys and values (heads)" },
	{ 0, "ffn", OPT_INT, &o.ffn, "N",
	  "+width inside the MLP (4 width; gated: 8/3 width)" },
	{ 0, "context", OPT_INT, &o.context, "N", "tokens of a row (256)" },
	{ 0, "rope-theta", OPT_FLOAT, &o.rope_theta, "X",
	  "+base of the rotary positions, if any (10000)" },
	{ 0, "untied", OPT_FLAG, &o.untied, NULL,
	  "+a head of its own instead of the embedding" },
	{ 0, "batch", OPT_INT, &o.batch, "N", "rows of an update (32)" },
	RUN_OPTIONS("one epoch"),
	TRAIN_OPTIONS("muon", "6e-4 * (768/width)^.75"),
	SCHEDULE_OPTIONS("0.65"),
	{ 0, "separate", OPT_FLAG, &o.separate, NULL,
	  "+no document of a row sees the one before it" },
	{ 0, "val-file", OPT_LIST, &o.val, "FILE",
	  "shard to validate on; may be repeated" },
	{ 0, "val-every", OPT_INT, &o.val_every, "N",
	  "+steps from one validation to the next (100)" },
	{ 0, "val-windows", OPT_INT, &o.val_windows, "N",
	  "+rows of a validation (all)" },
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

struct pretrain {
	struct run run;
	struct vocab *vocab;
	struct data *data, *val;
	struct model *model;
	char **val_names;
	size_t time;		/* T: tokens of a row */
	struct rows rows, val_rows;
	float *weight;		/* (batch,T) */
	int64_t eot;		/* that separates documents, or -1 */
	uint32_t *bytes;	/* (vocab) length of each token, or NULL */
	char *provenance;	/* of the model it goes on from; or NULL */
	double bits_per_byte;	/* of the last validation */
};

/* ---- the model ---- */

static void check_options(void)
{
	static const struct {
		const char *name;
		const int64_t *n;
		int64_t max;
	} ranges[] = {
		{ "layers", &o.layers, 4096 },
		{ "width", &o.width, 1 << 20 },
		{ "context", &o.context, 1 << 24 },
		{ "batch", &o.batch, 1 << 24 },
		{ "heads", &o.heads, 1 << 16 },
		{ "kv-heads", &o.kv_heads, 1 << 16 },
		{ "ffn", &o.ffn, 1 << 24 },
		{ "val-every", &o.val_every, 1L << 40 },
		{ "val-windows", &o.val_windows, 1L << 40 },
	};
	size_t i;

	for (i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (option_given(ranges[i].name))
			option_range(ranges[i].name, *ranges[i].n, 1,
				ranges[i].max);
	if (!option_given("batch"))
		o.batch = (int64_t)recipe_find(RECIPE_PRETRAIN)->batch;
	if (run_options.resume && o.from)
		die_usage("--resume goes on with the run in -o, -m begins "
			"another: give one of them");
	run_check_options();
}

/* Overwrites *to when the option was given. */
static void set_size(const char *name, size_t *to, int64_t n)
{
	if (option_given(name))
		*to = (size_t)n;
}

/* What the options say of a model, on top of c. */
static void apply_options(struct model_config *c)
{
	if (option_given("arch"))
		c->arch = architecture_at((size_t)o.arch);
	set_size("layers", &c->layers, o.layers);
	set_size("width", &c->width, o.width);
	set_size("heads", &c->heads, o.heads);
	set_size("kv-heads", &c->kv_heads, o.kv_heads);
	set_size("ffn", &c->ffn, o.ffn);
	if (option_given("rope-theta"))
		c->rope_theta = o.rope_theta;
	if (o.untied)
		c->tied = false;
}

/* Sizes that follow from others. */
static struct model_config new_config(size_t vocab, int64_t eot)
{
	struct model_config c = {
		.arch = option_given("arch") ? architecture_at((size_t)o.arch) :
			architecture_find(ARCHITECTURE_DEFAULT),
		.layers = (size_t)o.layers,
		.width = (size_t)o.width,
		.context = (size_t)o.context,
		.vocab = model_vocab_rows(vocab),
		.rope_theta = o.rope_theta,
		.tied = !o.untied,
		.bos = (int32_t)eot,
		.eos = (int32_t)eot
	};
	const char *why;

	c.heads = c.width / 64 < 4 ? 4 : c.width / 64;
	set_size("heads", &c.heads, o.heads);
	c.kv_heads = c.heads;
	set_size("kv-heads", &c.kv_heads, o.kv_heads);
	if (c.width % c.heads)
		die_usage("a width of %zu does not divide into %zu heads",
			c.width, c.heads);
	c.head_size = c.width / c.heads;
	c.arch->begin(&c);
	set_size("ffn", &c.ffn, o.ffn);
	why = model_config_check(&c);
	if (why)
		die_usage("no such model: %s", why);
	return c;
}

static void check_size(const char *dir, const char *name, size_t has,
	size_t wanted)
{
	if (has != wanted)
		die("%s: not the model that the options describe: it has "
			"--%s %zu", dir, name, has);
}

/* A model that is there already must be what the options say. */
static struct model *load(const char *dir)
{
	struct model *m = model_load(dir);
	struct model_config c = m->config;

	apply_options(&c);
	if (c.arch != m->config.arch)
		die("%s: not the model that the options describe: it has "
			"--arch %s", dir, m->config.arch->name);
	check_size(dir, "layers", m->config.layers, c.layers);
	check_size(dir, "width", m->config.width, c.width);
	check_size(dir, "heads", m->config.heads, c.heads);
	check_size(dir, "kv-heads", m->config.kv_heads, c.kv_heads);
	check_size(dir, "ffn", m->config.ffn, c.ffn);
	if (c.positions == POSITIONS_ROTARY &&
		(c.rope_theta < m->config.rope_theta ||
		c.rope_theta > m->config.rope_theta))
		die("%s: not the model that the options describe: it has "
			"--rope-theta %g", dir, m->config.rope_theta);
	if (c.tied != m->config.tied)
		die("%s: not the model that the options describe: its head is "
			"tied", dir);
	return m;
}

/* Tokens of a row. */
static size_t row_length(const struct model *m)
{
	if (!m || option_given("context"))
		return (size_t)o.context;
	return m->config.context;
}

/* ---- the tokens ---- */

/* A model that is gone on with keeps its vocabulary. */
static void check_same_tokenizer(const struct pretrain *r, const char *dir)
{
	if (r->model->tokens && r->model->tokenizer !=
			vocab_hash_below(r->vocab, r->model->tokens))
		die("%s: not the tokenizer that the model in %s was trained "
			"with", o.tokenizer, dir);
}

/* The tokenizer of -t, or of the model that is gone on with, or none. */
static void open_vocab(struct pretrain *r)
{
	const char *dir = run_options.resume ? o.dir : o.from;
	char *file;

	if (o.tokenizer) {
		r->vocab = vocab_open(o.tokenizer, NULL);
		if (r->model)
			check_same_tokenizer(r, dir);
	} else if (dir) {
		file = path_join(dir, "tokenizer.json");
		if (file_exists(file))
			r->vocab = vocab_open(dir, NULL);
		free(file);
		if (r->vocab)
			model_check_tokenizer(r->model, dir,
				vocab_hash_below(r->vocab, r->model->tokens));
	}
}

static void token_lengths(struct pretrain *r)
{
	size_t i, n, size = vocab_size(r->vocab);

	r->bytes = xcalloc(r->model->config.vocab, sizeof *r->bytes);
	for (i = 0; i < size && i < r->model->config.vocab; i++)
		if (!vocab_is_special(r->vocab, (uint32_t)i) &&
			vocab_bytes(r->vocab, (uint32_t)i, &n))
			r->bytes[i] = (uint32_t)n;
}

/* Vocabulary size and eot of the data, which must fit the tokenizer. */
static void check_tokens(const struct pretrain *r, size_t *vocab, int64_t *eot)
{
	const struct tok_info *info = data_info(r->data);

	*vocab = r->vocab ? vocab_size(r->vocab) : info->vocab;
	*eot = info->eot;
	if (!*vocab)
		die_usage("the shards do not say how large their vocabulary "
			"is: give the tokenizer with -t");
	if (info->vocab > *vocab)
		die("the tokens have a vocabulary of %" PRIu32 ", the "
			"tokenizer %zu", info->vocab, *vocab);
	if (r->vocab && info->tokenizer &&
		info->tokenizer != vocab_hash(r->vocab))
		die("%s: the tokens were not made with this tokenizer",
			o.tokenizer ? o.tokenizer : o.dir);
	if (*eot < 0 && r->vocab)
		*eot = vocab_eot(r->vocab);
	if (o.separate && *eot < 0)
		die("--separate: the tokens have no end-of-text id");
}

static void open_data(struct pretrain *r, char **argv)
{
	size_t i, n = o.val.n;
	char **names = xcalloc(n + 1, sizeof *names);

	r->data = *argv ? data_shards(argv, r->time, (uint64_t)option_seed) :
		data_stream(r->time);
	for (i = 0; i < n; i++)
		names[i] = (char *)o.val.v[i];
	if (n) {
		r->val = data_shards(names, r->time, 0);
		tok_info_match(data_info(r->data), "the training data",
			data_info(r->val), names[0]);
	}
	r->val_names = names;
	r->run.steps = (long)run_options.steps;
	if (r->run.steps || run_options.minutes > 0 || !*argv)
		return;
	r->run.steps = (long)(data_windows(r->data) / (uint64_t)o.batch);
	if (!r->run.steps)
		r->run.steps = 1;
}

/* ---- before the first step ---- */

static char *settings(const struct pretrain *r)
{
	struct buf b = { 0 };

	buf_printf(&b, "optimizer=%s batch=%" PRId64 " context=%zu seed=%"
		PRId64 " separate=%d windows=%" PRIu64,
		optimizer_name(train_optimizer(RECIPE_PRETRAIN,
			&r->model->config, 0).kind),
		o.batch, r->time, option_seed,
		o.separate, data_windows(r->data));
	buf_printf(&b, " data=%08" PRIx32, data_sum(r->data));
	return buf_end(&b);
}

/* The command lines behind this one: of the model it goes on from, else of
 * the tokens. */
static const char *provenance(void *ctx)
{
	const struct pretrain *r = ctx;
	const char *by = data_info(r->data)->by;

	if (r->provenance)
		return r->provenance;
	return by ? by : "";
}

static void open_model(struct pretrain *r, char **argv)
{
	const char *from = run_options.resume ? o.dir : o.from;
	size_t vocab;
	int64_t eot;

	if (from)
		r->model = load(from);
	r->time = row_length(r->model);
	open_vocab(r);
	open_data(r, argv);
	check_tokens(r, &vocab, &eot);
	r->eot = o.separate ? eot : -1;
	if (!from) {
		struct model_config c = new_config(vocab, eot);
		struct training_size size = { .config = &c,
			.batch = (size_t)o.batch, .time = r->time };

		train_rows(RECIPE_PRETRAIN, &size);	/* or too large */
		r->model = model_new(&c);
		model_init(r->model, (uint64_t)option_seed);
	}
	if (vocab > r->model->config.vocab)
		die("%s: a vocabulary of %zu, the tokens have %zu", from,
			r->model->config.vocab, vocab);
	if (r->time > r->model->config.context)
		die("%s: a context of %zu, less than --context", from,
			r->model->config.context);
	if (from)
		r->provenance = model_provenance(from);
	if (r->vocab) {
		token_lengths(r);
		r->model->tokens = vocab_size(r->vocab);
		r->model->tokenizer = vocab_hash_below(r->vocab,
			r->model->tokens);
	}
}

/* ---- steps ---- */

/* Adds up the gradient of the next rows. */
static bool gradient(void *ctx, struct update *u)
{
	struct pretrain *r = ctx;
	const struct batch *b = &r->rows.batch;
	size_t n, i;

	if (!data_rows(r->data, &r->rows, r->run.at.rows, (size_t)o.batch,
			r->model->config.vocab))
		return false;
	if (r->eot >= 0)
		rows_separate(&r->rows, r->eot);
	n = b->rows * b->time;
	for (i = 0; i < n; i++)
		r->weight[i] = 1 / (float)n;
	u->loss = trainer_add(&r->run.trainer, b, r->weight, NULL, NULL);
	u->rows = b->rows;
	u->tokens = n;
	u->last = !data_more(r->data);
	u->validate = (r->run.at.step + 1) % o.val_every == 0;
	return true;
}

static double validate(void *ctx)
{
	struct pretrain *r = ctx;
	struct evaluation e = evaluate(r->model, r->run.trainer.activations,
		r->val, &r->val_rows, (uint64_t)o.val_windows, r->bytes,
		r->eot);

	r->bits_per_byte = e.bits_per_byte;
	return e.loss;
}

static void write_tokenizer(void *ctx, const char *dir)
{
	const struct pretrain *r = ctx;

	if (r->vocab)
		template_write_tokenizer(NULL, r->vocab, dir,
			(int)r->model->config.context);
}

/* ---- the run ---- */

static void open_run(struct pretrain *r, char **argv)
{
	/* The tokenizer is in the directory by then. */
	static const char *const but[] = { "model", "output", "tokenizer",
		NULL };
	size_t batch = (size_t)o.batch;

	r->run.dir = o.dir;
	r->run.data = data_bytes(r->data) + data_bytes(r->val);
	r->run.model = r->model;
	r->run.provenance = provenance;
	r->run.settings = settings(r);
	r->run.options = run_remember(but, argv);
	r->run.ctx = r;
	r->run.gradient = gradient;
	r->run.validate = r->val ? validate : NULL;
	r->run.write_tokenizer = write_tokenizer;
	run_open(&r->run, RECIPE_PRETRAIN, batch, r->time);
	rows_init(&r->rows, batch, r->time);
	rows_init(&r->val_rows, r->run.trainer.rows, r->time);
	r->weight = xcalloc(batch * r->time, sizeof *r->weight);
}

static void summary(const struct pretrain *r)
{
	double rate = (double)(r->run.at.tokens - r->run.began_tokens) /
		(clock_seconds() - r->run.began);
	char bits[40] = "";

	if (r->bits_per_byte > 0)
		snprintf(bits, sizeof bits, " bits/byte=%.4f",
			r->bits_per_byte);
	progress_summary("%s%s tokens/s=%.0f", run_summary(&r->run), bits,
		rate);
}

static void close_run(struct pretrain *r)
{
	run_close(&r->run);
	model_free(r->model);
	data_free(r->data);
	data_free(r->val);
	rows_free(&r->rows);
	rows_free(&r->val_rows);
	if (r->vocab)
		vocab_free(r->vocab);
	free(r->val_names);
	free(r->weight);
	free(r->bytes);
	free(r->run.settings);
	free(r->run.options);
	free(r->provenance);
}

/* Nothing was left to do: not even a file was written. */
static void nothing_left(const struct pretrain *r)
{
	if (!r->run.at.step)
		die("the tokens do not fill one row of %zu", r->time);
	progress_summary("steps=%ld: the run is complete; more --steps go on "
		"with it", r->run.at.step);
}

/* The stream is read to its end, so that its writer ends well; a signal may
 * end that, since the model is complete. */
static void end_stream(struct pretrain *r)
{
	signals_release();
	data_drain(r->data);
}

int main(int argc, char **argv)
{
	struct pretrain r = { 0 };
	bool trained;

	argv += options_parse(&program, rows, argc, argv);
	if (!o.dir)
		die_usage("where to? -o DIR");
	argv = run_recall(o.dir, argv, "another -o with -m begins with it");
	check_options();
	mem_hint = "fewer --layers, --width, --context or --batch, or a "
		"smaller -M";
	if (*argv && !strcmp(*argv, "-") && !argv[1])
		argv++;		/* the stream, as without an operand */
	else if (!*argv && isatty(STDIN_FILENO))
		die_usage("no shards are named, and standard input is a "
			"terminal: name some, or pipe tokens in");
	run_check_dir(o.dir, o.from, o.tokenizer);
	open_model(&r, argv);
	open_run(&r, argv);
	if (!r.vocab)
		warn("without -t the model has no tokenizer.json");
	trained = run_train(&r.run);
	run_check_end(&r.run);
	if (trained)
		summary(&r);
	else
		nothing_left(&r);
	end_stream(&r);
	close_run(&r);
	return 0;
}
