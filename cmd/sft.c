/* sft - supervised fine-tuning on conversations: sft(1) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/base/rng.h"
#include "common/format/conversation.h"
#include "common/model/model_dir.h"
#include "common/token/template.h"
#include "common/train/examples.h"
#include "common/train/run.h"
#include "common/train/train_options.h"

static struct {
	const char *dir, *out, *template, *val_file;
	int64_t epochs, batch, context;
	double val_share;
} o;

static const struct program program = { "sft",
	"-m DIR -o DIR2 [FILE ...]",
	"fine-tune a model on conversations" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.dir, "DIR", "model directory to begin with" },
	{ 'o', "output", OPT_STR, &o.out, "DIR2", "model directory to write" },
	{ 0, "epochs", OPT_INT, &o.epochs, "N",
	  "passes over the data (2; more of a small set)" },
	{ 0, "batch", OPT_INT, &o.batch, "N",
	  "rows of an update, filled with conversations (16; fewer of a small "
	  "set)" },
	{ 0, "context", OPT_INT, &o.context, "N",
	  "tokens of a row (the model's context)" },
	{ 0, "val-file", OPT_STR, &o.val_file, "FILE",
	  "conversations to validate on" },
	{ 0, "val-share", OPT_FLOAT, &o.val_share, "X",
	  "share of the conversations held out for validation (0)" },
	{ 0, "template", OPT_STR, &o.template, "NAME",
	  "+chatml, llama3, plain or a file of Jinja (the model's own)" },
	RUN_OPTIONS("all --epochs"),
	TRAIN_OPTIONS("adamw", "half of pretrain's"),
	SCHEDULE_OPTIONS("0.5"),
	OPT_RECORDS,
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

struct sft {
	struct run run;
	struct model *model;
	struct vocab *vocab;
	struct template template;
	size_t time;		/* tokens of a row */
	struct examples train, val;
	uint64_t cut;		/* conversations longer than a row */
	struct pack pack;
	struct passes passes;
	float *weight;		/* (batch,T) */
	char *provenance;
};

static void check_options(void)
{
	if (option_given("epochs"))
		option_range("epochs", o.epochs, 1, 1000000);
	if (option_given("batch"))
		option_range("batch", o.batch, 1, 1 << 20);
	if (!(o.val_share >= 0 && o.val_share < 1))
		die_usage("--val-share: %g is not from 0 to below 1",
			o.val_share);
	if (o.val_file && o.val_share > 0)
		die_usage("--val-file holds conversations out, and so does "
			"--val-share: give one of them");
	run_check_options();
}

/* ---- model and tokenizer ---- */

/* Rows for special tokens that the model was not trained with begin as the
 * mean of the others; the rows are there, unless the vocabulary is full. */
static void make_room(struct sft *r, size_t before)
{
	size_t vocab = r->model->config.vocab, need = vocab_size(r->vocab);
	struct model *m;

	if (need == before)
		return;
	if (need > vocab)
		vocab = model_vocab_rows(need);
	m = model_resize(r->model, vocab, before, (uint64_t)option_seed);
	model_free(r->model);
	r->model = m;
}

/* The model's own template, or what --template says; ChatML where there is
 * none. A template that is not supported is never replaced in silence. */
static void open_template(struct sft *r, const char *dir)
{
	struct template own;
	bool found = template_find(&own, r->vocab, dir);
	const char *name = o.template;

	if (!found && own.source && !name)
		die("%s (--template chatml takes ChatML in its place)",
			own.why);
	if (found && !name) {
		r->template = own;
		return;
	}
	template_choose(&r->template, r->vocab, name ? name : "chatml");
	if (own.source && !own.built_in && !template_equal(&own, &r->template))
		warn("%s: the chat template that is there is replaced: "
			"--template %s", dir, name);
	template_free(&own);
}

static void open_model(struct sft *r)
{
	const char *dir = run_options.resume ? o.out : o.dir;
	size_t before;

	r->model = model_load(dir);
	r->vocab = vocab_open(dir, NULL);
	before = vocab_size(r->vocab);
	if (before > r->model->config.vocab)
		die("%s: the tokenizer has %zu tokens, the model %zu", dir,
			before, r->model->config.vocab);
	model_check_tokenizer(r->model, dir,
		vocab_hash_below(r->vocab, r->model->tokens));
	r->provenance = model_provenance(dir);
	open_template(r, dir);
	make_room(r, before);
	r->model->tokens = vocab_size(r->vocab);
	r->model->tokenizer = vocab_hash_below(r->vocab, r->model->tokens);
	if (template_stop(&r->template) >= 0)
		model_config_stop_at(&r->model->config,
			(int32_t)template_stop(&r->template));
	r->time = r->model->config.context;
	if (option_given("context")) {
		if (o.context < 1 || (size_t)o.context > r->time)
			die_usage("--context: %" PRId64 " is not from 1 to "
				"the model's %zu", o.context, r->time);
		r->time = (size_t)o.context;
	}
}

/* ---- conversations ---- */

static const char *render(const struct sft *r, struct encoder *e,
	const struct conversation *c, struct rendered *out)
{
	bool *learn = xcalloc(c->n, sizeof *learn);
	struct dialogue d = { .v = c->v, .n = c->n, .learn = learn,
		.line = &c->json };
	const char *why;
	size_t i;

	for (i = 0; i < c->n; i++)
		learn[i] = !strcmp(c->v[i].role, "assistant") &&
			!c->v[i].unlearned &&
			(!c->divided || i >= c->nprompt);
	why = template_render(&r->template, e, &d, out);
	free(learn);
	return why;
}

/* Adds what was rendered, as far as a row holds it; false when nothing of it
 * would be learned. */
static bool keep(struct sft *r, struct examples *to, const struct rendered *x)
{
	size_t n = x->ids.n, i;
	struct example *e;

	if (n > r->time + 1) {
		n = r->time + 1;
		r->cut++;
	}
	if (n < 2)
		return false;
	e = examples_add(to, n);
	for (i = 0; i < n; i++) {
		to->ids[e->at + i] = (int32_t)x->ids.v[i];
		to->mask[e->at + i] = x->mask[i];
		e->learned += i && x->mask[i];
	}
	if (!e->learned) {
		examples_drop(to);
		return false;
	}
	return true;
}

/* Reads files into `in` memory; a share is held out, as validation. */
static void read_files(struct sft *r, char **files, struct examples *to,
	double share)
{
	struct conversations *in = conversations_open(files, "conversation");
	struct encoder *e = encoder_new(r->vocab);
	struct rendered out = { 0 };
	struct conversation c = { 0 };
	uint64_t number;

	for (number = 0; conversations_next(in, &c); number++) {
		bool held = rng_uniform((uint64_t)option_seed, RNG_SHUFFLE,
			UINT32_MAX, number) < share;
		const char *why = render(r, e, &c, &out);

		if (!why && !keep(r, held ? &r->val : to, &out))
			why = "nothing in it is learned: no assistant message "
				"within a row, or of weight 0";
		if (why)
			conversations_bad(in, why);
	}
	conversations_close(in);
	rendered_free(&out);
	encoder_free(e);
}

static void read_conversations(struct sft *r, char **files)
{
	char *val[] = { (char *)o.val_file, NULL };

	read_files(r, files, &r->train, o.val_share);
	if (!r->train.n)
		die("there is no conversation to learn from%s", r->val.n ?
			": --val-share holds all of them out" : "");
	if (o.val_share > 0 && !r->val.n)
		warn("--val-share %g holds none of %zu conversations out: "
			"there is no validation; a larger share gives one",
			o.val_share, r->train.n);
	if (o.val_file)
		read_files(r, val, &r->val, 0);
	if (o.val_file && !r->val.n)
		die("%s: no conversation to validate on", o.val_file);
	if (r->cut)
		warn("%" PRIu64 " conversations were cut to %zu tokens",
			r->cut, r->time + 1);
}

/* ---- training ---- */

/* Updates of the run; 0: as many as --minutes allow. */
static long count_steps(struct sft *r)
{
	if (run_options.steps)
		return (long)run_options.steps;
	if (run_options.minutes > 0 && !option_given("epochs"))
		return 0;
	return passes_count(&r->passes, o.epochs);
}

/* Batch and epochs that were not given, from the number of rows that a pass
 * over the conversations fills. */
static void plan(struct sft *r)
{
	struct sft_plan p;
	struct pack one;
	struct passes each;

	pack_init(&one, 1, r->time);
	passes_init(&each, &r->train, &one, (uint64_t)option_seed);
	p = recipe_sft_plan(r->train.tokens,
		(size_t)passes_count(&each, 1));
	passes_free(&each);
	pack_free(&one);
	if (!option_given("batch"))
		o.batch = (int64_t)p.batch;
	if (!option_given("epochs"))
		o.epochs = p.epochs;
}

static bool gradient(void *ctx, struct update *u)
{
	struct sft *r = ctx;
	const struct batch *b = &r->pack.rows.batch;
	size_t i;

	do	/* also what a run that goes on had taken */
		passes_next(&r->passes);
	while (r->passes.packs <= r->run.at.step);
	for (i = 0; i < b->rows * b->time; i++)
		r->weight[i] = b->target[i] >= 0 ?
			1 / (float)r->pack.tokens : 0;
	u->loss = trainer_add(&r->run.trainer, b, r->weight, NULL, NULL);
	u->rows = b->rows;
	u->tokens = r->pack.tokens;
	u->validate = passes_end(&r->passes);
	return true;
}

static double validate(void *ctx)
{
	struct sft *r = ctx;

	return evaluate_examples(r->model, r->run.trainer.activations,
		r->run.trainer.rows, &r->val, &r->pack);
}

static const char *provenance(void *ctx)
{
	const struct sft *r = ctx;

	return r->provenance;
}

static void write_tokenizer(void *ctx, const char *dir)
{
	const struct sft *r = ctx;

	template_write_tokenizer(&r->template, r->vocab, dir,
		(int)r->model->config.context);
}

/* What must be the same for a run to go on. */
static char *settings(const struct sft *r)
{
	struct buf b = { 0 };
	const char *s;
	uint64_t data = hash64(r->train.ids, r->train.tokens *
		sizeof *r->train.ids);

	data = hash64_seed(r->train.mask, r->train.tokens, data);
	buf_str(&b, "sft model=");
	for (s = o.dir; *s; s++)
		buf_putc(&b, *s == ' ' ? '?' : *s);	/* blanks part pairs */
	buf_printf(&b, " optimizer=%s batch=%" PRId64 " context=%zu seed=%"
		PRId64 " conversations=%zu data=%016" PRIx64,
		optimizer_name(train_optimizer(RECIPE_SFT,
			&r->model->config, 0).kind),
		o.batch, r->time, option_seed, r->train.n, data);
	return buf_end(&b);
}

static void open_run(struct sft *r, char **argv)
{
	static const char *const but[] = { "output", NULL };
	size_t batch;

	plan(r);
	batch = (size_t)o.batch;
	pack_init(&r->pack, batch, r->time);
	passes_init(&r->passes, &r->train, &r->pack, (uint64_t)option_seed);
	r->weight = xcalloc(batch * r->time, sizeof *r->weight);
	r->run.dir = o.out;
	r->run.data = examples_bytes(&r->train) + examples_bytes(&r->val);
	r->run.model = r->model;
	r->run.provenance = provenance;
	r->run.settings = settings(r);
	r->run.options = run_remember(but, argv);
	r->run.ctx = r;
	r->run.gradient = gradient;
	r->run.validate = r->val.n ? validate : NULL;
	r->run.write_tokenizer = write_tokenizer;
	r->run.steps = count_steps(r);
	run_open(&r->run, RECIPE_SFT, batch, r->time);
}

static void close_run(struct sft *r)
{
	run_close(&r->run);
	model_free(r->model);
	template_free(&r->template);
	vocab_free(r->vocab);
	examples_free(&r->train);
	examples_free(&r->val);
	pack_free(&r->pack);
	passes_free(&r->passes);
	free(r->weight);
	free(r->provenance);
	free(r->run.settings);
	free(r->run.options);
}

int main(int argc, char **argv)
{
	struct sft r = { 0 };

	argv += options_parse(&program, rows, argc, argv);
	if (!o.out)
		die_usage("where to? -o DIR2");
	argv = run_recall(o.out, argv, "-m begins with it");
	if (!o.dir)
		die_usage("which model? -m DIR");
	check_options();
	mem_hint = "a smaller --batch, --context or -M";
	records_hint = "a line is as in conversations(5)";
	run_check_dir(o.out, o.dir, NULL);
	open_model(&r);
	read_conversations(&r, argv);
	open_run(&r, argv);
	if (!run_train(&r.run)) {
		run_check_end(&r.run);
		progress_summary("steps=%ld: the run is complete; more "
			"--steps or --epochs go on with it", r.run.at.step);
	} else {
		run_check_end(&r.run);
		progress_summary("conversations=%zu held_out=%zu epochs=%"
			PRIu32 " batch=%" PRId64 " %s", r.train.n, r.val.n,
			r.passes.epoch + 1, o.batch, run_summary(&r.run));
	}
	close_run(&r);
	return 0;
}
