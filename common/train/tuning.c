/* tuning.c - a run of supervised fine-tuning: see tuning.h */
#include "common/train/tuning.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/model/model_dir.h"
#include "common/train/adapter.h"
#include "common/train/train_options.h"

/* ---- model and tokenizer ---- */

/* Embedding rows for special tokens that the model was not trained with start
 * as the mean of the others; spare rows exist unless the vocabulary is full. */
static void make_room(struct tuning *t, size_t before)
{
	size_t vocab = t->run.model->config.vocab, need = vocab_size(t->vocab);
	struct model *m;

	if (need == before)
		return;
	if (need > vocab)
		vocab = model_vocab_rows(need);
	m = model_resize(t->run.model, vocab, before, (uint64_t)option_seed);
	model_free(t->run.model);
	t->run.model = m;
}

/* The template of --template, else the model's own, else ChatML. An unsupported
 * template is never silently replaced. */
static void open_template(struct tuning *t, const char *dir)
{
	struct template own;
	bool found = template_find(&own, t->vocab, dir);
	const char *name = t->template_name;

	if (!found && own.source && !name)
		die("%s (--template chatml uses ChatML instead)",
			own.why);
	if (found && !name) {
		t->template = own;
		return;
	}
	template_choose(&t->template, t->vocab, name ? name : "chatml");
	if (own.source && !own.built_in && !template_equal(&own, &t->template))
		warn("%s: --template %s replaces the model's own chat "
			"template", dir, name);
	template_free(&own);
}

static void set_time(struct tuning *t)
{
	t->time = t->run.model->config.context;
	if (!option_given("context"))
		return;
	if (t->context < 1 || (size_t)t->context > t->time)
		die_usage("--context: %" PRId64 " is not from 1 to the model's "
			"%zu", t->context, t->time);
	t->time = (size_t)t->context;
}

/* The model of s, which it closes, with embeddings for the tokens that the template
 * has added to the first `before`. */
static void load_model(struct tuning *t, struct model_source *s, size_t before)
{
	struct token_range added = { before, vocab_size(t->vocab) - before };

	if (adapter_wanted()) {
		t->run.model = adapter_open(s, t->base, added);
		return;
	}
	t->run.model = model_from(s);
	make_room(t, before);
}

static void open_model(struct tuning *t)
{
	struct model_source *s = source_open(t->from);
	size_t before;

	model_check_head(&s->config, t->from, false);
	t->vocab = vocab_open(t->from, NULL);
	before = vocab_size(t->vocab);
	if (before > s->config.vocab)
		die("%s: the tokenizer has %zu tokens, the model %zu", t->from,
			before, s->config.vocab);
	source_check_tokenizer(s, t->from,
		vocab_hash_below(t->vocab, s->tokens));
	open_template(t, t->from);
	load_model(t, s, before);
	t->run.model->tokens = vocab_size(t->vocab);
	t->run.model->tokenizer = vocab_hash_below(t->vocab,
		t->run.model->tokens);
	if (template_stop(&t->template) >= 0)
		model_config_stop_at(&t->run.model->config,
			(int32_t)template_stop(&t->template));
	set_time(t);
}

static void read_conversations(struct tuning *t, char **files)
{
	struct dialogues *d = &t->dialogues;

	d->template = &t->template;
	d->vocab = t->vocab;
	d->time = t->time;
	d->share = t->val_share;
	d->seed = (uint64_t)option_seed;
	dialogues_read(d, files);
	if (!d->train.n)
		die("no conversation to learn from%s", d->val.n ?
			": --val-share holds all of them out" : "");
	if (d->share > 0 && !d->val.n)
		warn("--val-share %g holds none of %zu conversations out: "
			"there is no validation; a larger share gives one",
			d->share, d->train.n);
	if (t->val_file)
		dialogues_read_val(d, t->val_file);
	if (t->val_file && !d->val.n)
		die("%s: no conversation to validate on", t->val_file);
	if (d->cut)
		warn("%" PRIu64 " conversations were cut to %zu tokens",
			d->cut, d->time + 1);
}

/* ---- training ---- */

/* The number of updates of the run; 0: as many as --minutes allows. */
static long count_steps(struct tuning *t)
{
	if (run_options.steps)
		return (long)run_options.steps;
	if (run_options.minutes > 0 && !option_given("epochs"))
		return 0;
	return passes_count(&t->passes, t->epochs);
}

/* Derives batch and epochs, unless given, from the number of rows that a pass
 * over the conversations fills. */
static void plan(struct tuning *t)
{
	struct recipe_plan p;
	struct pack one;
	struct passes each;

	pack_init(&one, 1, t->time);
	passes_init(&each, &t->dialogues.train, &one, (uint64_t)option_seed);
	p = recipe_sft_plan(t->dialogues.train.tokens,
		(size_t)passes_count(&each, 1));
	passes_free(&each);
	pack_free(&one);
	if (!option_given("batch"))
		t->batch = (int64_t)p.batch;
	if (!option_given("epochs"))
		t->epochs = p.epochs;
}

static bool gradient(void *ctx, struct update *u)
{
	struct tuning *t = ctx;
	const struct batch *b = &t->pack.rows.batch;
	size_t i;

	do	/* a resumed run first skips what it had taken */
		passes_next(&t->passes);
	while (t->passes.packs <= t->run.at.step);
	for (i = 0; i < b->rows * b->time; i++)
		t->weight[i] = b->target[i] >= 0 ?
			1 / (float)t->pack.tokens : 0;
	trainer_last(&t->run.trainer);
	trainer_add(&t->run.trainer, b, t->weight);
	u->rows = b->rows;
	u->tokens = t->pack.tokens;
	u->validate = passes_end(&t->passes);
	return true;
}

static double validate(void *ctx)
{
	struct tuning *t = ctx;

	return evaluate_examples(t->run.model, t->run.trainer.activations,
		t->run.trainer.rows, &t->dialogues.val, &t->pack);
}

static void write_tokenizer(void *ctx, const char *dir)
{
	const struct tuning *t = ctx;

	template_write_tokenizer(&t->template, t->vocab, dir,
		(int)t->run.model->config.context);
}

/* What must match for a run to resume. */
static char *settings(const struct tuning *t)
{
	struct buf b = { 0 };
	uint64_t data = hash64(t->dialogues.train.ids, t->dialogues.train.tokens *
		sizeof *t->dialogues.train.ids);

	data = hash64_seed(t->dialogues.train.mask, t->dialogues.train.tokens, data);
	buf_str(&b, "sft ");
	adapter_setting(&b, t->run.model);
	run_setting_model(&b, t->base);
	buf_printf(&b, " optimizer=%s batch=%" PRId64 " context=%zu seed=%"
		PRId64 " conversations=%zu data=%016" PRIx64,
		optimizer_name(train_optimizer(RECIPE_SFT,
			&t->run.model->config, 0).kind),
		t->batch, t->time, option_seed, t->dialogues.train.n, data);
	train_setting(&b);
	return buf_end(&b);
}

/* ---- a run ---- */

static void prepare_run(struct tuning *t)
{
	const struct dialogues *d = &t->dialogues;
	struct run *r = &t->run;

	r->steps = count_steps(t);
	r->size = (struct training_size) { .batch = (size_t)t->batch,
		.time = t->time, .data = examples_bytes(&d->train) +
			examples_bytes(&d->val) };
	r->settings = settings(t);
	r->chain = model_provenance(t->from);
	r->ctx = t;
	r->gradient = gradient;
	r->validate = d->val.n ? validate : NULL;
	r->write_tokenizer = write_tokenizer;
}

void tuning_open(struct tuning *t, char **files)
{
	size_t batch;

	open_model(t);
	read_conversations(t, files);
	plan(t);
	batch = (size_t)t->batch;
	pack_init(&t->pack, batch, t->time);
	passes_init(&t->passes, &t->dialogues.train, &t->pack,
		(uint64_t)option_seed);
	t->weight = xcalloc(batch * t->time, sizeof *t->weight);
	prepare_run(t);
}

void tuning_close(struct tuning *t)
{
	run_close(&t->run);
	model_free(t->run.model);
	template_free(&t->template);
	vocab_free(t->vocab);
	dialogues_free(&t->dialogues);
	pack_free(&t->pack);
	passes_free(&t->passes);
	free(t->weight);
}
