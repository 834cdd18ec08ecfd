/* sft - supervised fine-tuning on conversations: sft(1) */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/base/rng.h"
#include "common/base/signals.h"
#include "common/format/conversation.h"
#include "common/format/trainlog.h"
#include "common/model/model_dir.h"
#include "common/token/template.h"
#include "common/train/checkpoint.h"
#include "common/train/examples.h"
#include "common/train/train_options.h"
#include "common/train/trainer.h"

static struct {
	const char *dir, *out, *template;
	int64_t epochs, batch, context, steps;
	double val;
} o = { .epochs = 2, .batch = 16 };

static const struct program program = { "sft",
	"-m DIR -o DIR2 [FILE ...]",
	"teach a model to answer in conversations" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.dir, "DIR", "model directory to begin with" },
	{ 'o', "output", OPT_STR, &o.out, "DIR2", "model directory to write" },
	{ 0, "epochs", OPT_INT, &o.epochs, "N", "passes over the data (2)" },
	{ 0, "steps", OPT_INT, &o.steps, "N",
	  "+updates, whatever --epochs is" },
	{ 0, "batch", OPT_INT, &o.batch, "N",
	  "rows of a step, filled with conversations (16)" },
	{ 0, "context", OPT_INT, &o.context, "N",
	  "tokens of a row (the model's context)" },
	{ 0, "val", OPT_FLOAT, &o.val, "X",
	  "share of the conversations held out for validation (0)" },
	{ 0, "template", OPT_STR, &o.template, "NAME",
	  "+chatml, llama3, plain or a file of Jinja (the model's own)" },
	TRAIN_OPTIONS("half of pretrain's"),
	SCHEDULE_OPTIONS,
	OPT_RECORDS,
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

struct run {
	struct model *model;
	struct vocab *vocab;
	struct template template;
	size_t time;		/* tokens of a row */
	struct examples train, val;
	uint64_t cut;		/* conversations longer than a row */
	size_t *order, *place;	/* (train.n or val.n) */
	struct pack pack;
	float *weight, *logprob;	/* (batch,T) */
	struct trainer trainer;
	struct schedule schedule;
	struct trainlog *log;
	long step, steps;
	uint64_t tokens;	/* learned so far */
	double lr, loss, val_loss;
};

static void check_options(void)
{
	if (!o.dir)
		die_usage("which model? -m DIR");
	if (!o.out)
		die_usage("where to? -o DIR2");
	option_range("epochs", o.epochs, 1, 1000000);
	option_range("batch", o.batch, 1, 1 << 20);
	if (option_given("steps"))
		option_range("steps", o.steps, 1, INT64_MAX);
	if (!(o.val >= 0 && o.val < 1))
		die_usage("--val: %g is not from 0 to below 1", o.val);
}

/* ---- model and tokenizer ---- */

/* Rows for special tokens that the model was not trained with begin as the
 * mean of the others; the rows are there, unless the vocabulary is full. */
static void make_room(struct run *r, size_t before)
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
static void open_template(struct run *r)
{
	struct template own;
	bool found = template_find(&own, r->vocab, o.dir);
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
			"--template %s", o.dir, name);
	template_free(&own);
}

static void open_model(struct run *r)
{
	size_t before;

	r->model = model_load(o.dir);
	r->vocab = vocab_open(o.dir, NULL);
	before = vocab_size(r->vocab);
	if (before > r->model->config.vocab)
		die("%s: the tokenizer has %zu tokens, the model %zu", o.dir,
			before, r->model->config.vocab);
	open_template(r);
	make_room(r, before);
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

static const char *render(const struct run *r, struct encoder *e,
	const struct conversation *c, struct rendered *out)
{
	bool *learn = xcalloc(c->n, sizeof *learn);
	struct dialogue d = { .v = c->v, .n = c->n, .learn = learn,
		.line = &c->json };
	const char *why;
	size_t i;

	for (i = 0; i < c->n; i++)
		learn[i] = !strcmp(c->v[i].role, "assistant") &&
			(!c->divided || i >= c->nprompt);
	why = template_render(&r->template, e, &d, out);
	free(learn);
	return why;
}

/* Adds what was rendered, as far as a row holds it; false when nothing of it
 * would be learned. */
static bool keep(struct run *r, struct examples *to, const struct rendered *x)
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

static void read_conversations(struct run *r, char **files)
{
	struct conversations *in = conversations_open(files);
	struct encoder *e = encoder_new(r->vocab);
	struct rendered out = { 0 };
	struct conversation c = { 0 };
	uint64_t number;

	for (number = 0; conversations_next(in, &c); number++) {
		bool held = rng_uniform((uint64_t)option_seed, RNG_SHUFFLE,
			UINT32_MAX, number) < o.val;

		const char *why = render(r, e, &c, &out);

		if (!why && !keep(r, held ? &r->val : &r->train, &out))
			why = "nothing in it is learned: no assistant message "
				"within a row";
		if (why)
			conversations_bad(in, why);
	}
	conversations_close(in);
	rendered_free(&out);
	encoder_free(e);
	if (!r->train.n)
		die("there is no conversation to learn from");
	if (r->cut)
		warn("%" PRIu64 " conversations were cut to %zu tokens",
			r->cut, r->time + 1);
}

/* ---- training ---- */

/* Updates of all epochs: packing decides how many. */
static long count_steps(struct run *r)
{
	long steps = 0;
	int64_t epoch;
	size_t from;

	if (o.steps)
		return (long)o.steps;
	for (epoch = 0; epoch < o.epochs; epoch++) {
		examples_shuffle(r->order, r->train.n, (uint64_t)option_seed,
			(uint32_t)epoch);
		for (from = 0; from < r->train.n; steps++)
			from += examples_pack(&r->train, &r->pack, r->order,
				from, r->train.n, r->place);
	}
	return steps;
}

static void set_weights(struct run *r)
{
	const struct batch *b = &r->pack.rows.batch;
	size_t i;

	for (i = 0; i < b->rows * b->time; i++)
		r->weight[i] = b->target[i] >= 0 ?
			1 / (float)r->pack.tokens : 0;
}

static double validate(struct run *r)
{
	const struct batch *b = &r->pack.rows.batch;
	double loss = 0, tokens = 0;
	size_t from = 0, i, k;

	for (i = 0; i < r->val.n; i++)
		r->order[i] = i;
	while (from < r->val.n) {
		from += examples_pack(&r->val, &r->pack, r->order, from,
			r->val.n, r->place);
		tokens += (double)r->pack.tokens;
		for (i = 0; i < b->rows; i += r->trainer.rows) {
			struct batch p = batch_part(b, i, r->trainer.rows);

			model_forward(r->model, r->trainer.activations, &p);
			model_score(r->model, r->trainer.activations, &p,
				r->logprob, NULL);
			for (k = 0; k < p.rows * p.time; k++)
				loss -= (double)r->logprob[k];
		}
	}
	return loss / tokens;
}

/* One update on what r->pack holds. */
static void step(struct run *r)
{
	double factor = schedule_factor(&r->schedule, r->step);

	set_weights(r);
	trainer_begin(&r->trainer);
	r->loss = trainer_add(&r->trainer, &r->pack.rows.batch, r->weight,
		NULL, NULL);
	trainer_update(&r->trainer, factor);
	r->step++;
	r->tokens += r->pack.tokens;
	if (progress_due())
		progress_print("step=%ld/%ld done=%.0f%% loss=%.4f", r->step,
			r->steps, 100 * (double)r->step / (double)r->steps,
			r->loss);
}

static void record(struct run *r, double val_loss)
{
	struct trainlog_row row = {
		.step = r->step,
		.loss = r->loss,
		.val_loss = val_loss,
		.lr = r->lr * schedule_factor(&r->schedule, r->step - 1),
		.grad_norm = r->trainer.grad_norm,
		.tokens = r->tokens
	};

	trainlog_add(r->log, &row);
}

static bool going(const struct run *r)
{
	return r->step < r->steps && !signals_caught();
}

static void train(struct run *r)
{
	uint32_t epoch;
	size_t from;

	signals_catch();
	for (epoch = 0; going(r); epoch++) {
		examples_shuffle(r->order, r->train.n, (uint64_t)option_seed,
			epoch);
		for (from = 0; from < r->train.n && going(r);) {
			bool end;

			from += examples_pack(&r->train, &r->pack, r->order,
				from, r->train.n, r->place);
			step(r);
			end = from == r->train.n || r->step == r->steps;
			if (end && r->val.n)
				r->val_loss = validate(r);
			record(r, end && r->val.n ? r->val_loss : NAN);
		}
	}
}

static void open_run(struct run *r)
{
	struct optimizer_config c = train_optimizer(&r->model->config, .5);
	size_t batch = (size_t)o.batch, fit, most;
	char *log;

	most = r->train.n > r->val.n ? r->train.n : r->val.n;
	r->order = xcalloc(most, sizeof *r->order);
	r->place = xcalloc(most, sizeof *r->place);
	pack_init(&r->pack, batch, r->time);
	r->weight = xcalloc(batch * r->time, sizeof *r->weight);
	r->logprob = xcalloc(batch * r->time, sizeof *r->logprob);
	fit = trainer_rows(r->model, batch, r->time,
		train_options.memory);
	trainer_init(&r->trainer, r->model, &c, fit, r->time,
		train_options.clip);
	r->lr = c.lr;
	r->steps = count_steps(r);
	r->schedule = train_schedule(r->steps, .02);
	dir_claim(o.out);
	log = path_join(o.out, "trainlog.tsv");
	r->log = trainlog_open(log, -1);
	free(log);
}

static void save(const struct run *r)
{
	char *before = model_provenance(o.dir);

	template_write_tokenizer(&r->template, r->vocab, o.out,
		(int)r->model->config.context);
	trainlog_save(r->log);
	checkpoint_remove(o.out);
	model_save(r->model, o.out, DTYPE_F32, before, NULL);
	free(before);
}

static void close_run(struct run *r)
{
	trainer_free(&r->trainer);
	model_free(r->model);
	template_free(&r->template);
	vocab_free(r->vocab);
	examples_free(&r->train);
	examples_free(&r->val);
	pack_free(&r->pack);
	trainlog_free(r->log);
	free(r->order);
	free(r->place);
	free(r->weight);
	free(r->logprob);
}

int main(int argc, char **argv)
{
	struct run r = { .val_loss = NAN };
	char val_loss[32] = "";

	train_options.schedule = SCHEDULE_LINEAR;
	train_options.last = 0;
	train_options.warmdown = .5;
	argv += options_parse(&program, rows, argc, argv);
	check_options();
	records_hint = "a line is as in conversations(5)";
	open_model(&r);
	read_conversations(&r, argv);
	open_run(&r);
	train(&r);
	save(&r);
	if (r.step < r.steps)
		die("stopped by a signal after step %ld of %ld; %s holds the "
			"model so far", r.step, r.steps, o.out);
	if (r.val.n)
		snprintf(val_loss, sizeof val_loss, " val_loss=%.4f",
			r.val_loss);
	progress_summary("conversations=%zu held_out=%zu steps=%ld loss=%.4f%s",
		r.train.n, r.val.n, r.steps, r.loss, val_loss);
	close_run(&r);
	return 0;
}
