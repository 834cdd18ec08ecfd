/* adapter.c - training an adapter instead of the whole model: see adapter.h */
#include "common/train/adapter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/format/adapter_config.h"
#include "common/model/adapter_dir.h"
#include "common/model/architecture.h"
#include "common/model/model_dir.h"
#include "common/train/train_options.h"

struct adapter_options adapter_options;

static const struct adapter_options *const o = &adapter_options;

bool adapter_wanted(void)
{
	return o->rank > 0;
}

void adapter_check_options(void)
{
	static const char *const names[] = { "lora-alpha", "lora-targets" };
	size_t i;

	for (i = 0; !option_given("lora") && i < 2; i++)
		if (option_given(names[i]))
			die_usage("--%s has no effect without --lora R",
				names[i]);
	if (!option_given("lora"))
		return;
	option_range("lora", o->rank, 1, ADAPTER_MAX_RANK);
	if (option_given("lora-alpha"))
		option_above("lora-alpha", o->alpha, 0, 1e6, NULL);
	if (train_options.optimizer == OPTIMIZER_MUON)
		die_usage("--optimizer muon: adapters are trained with adamw");
	if (train_bits() == 16)
		die_usage("--compute bf16: adapters are trained in fp32");
}

/* ---- which matrices ---- */

enum target {
	TARGET_Q = 1, TARGET_K = 2, TARGET_V = 4, TARGET_O = 8,
	TARGET_GATE = 16, TARGET_UP = 32, TARGET_DOWN = 64,
	TARGET_ATTENTION = TARGET_Q | TARGET_K | TARGET_V | TARGET_O,
	TARGET_MLP = TARGET_GATE | TARGET_UP | TARGET_DOWN
};

/* What tensor i of m is; 0: no matrix of a block. */
static int target_of(const struct model *m, size_t i)
{
	const struct tensor *t = &m->tensors[i];
	bool first = !i || !tensor_joins(t, &m->tensors[i - 1]);

	if (t->role != TENSOR_MATRIX)
		return 0;
	switch (t->place) {
	case PLACE_QKV:
		if (t->parts > 1)
			return TARGET_Q | TARGET_K | TARGET_V;
		return first ? TARGET_Q : tensor_columns_before(m->tensors, i) ==
			m->config.heads * m->config.head_size ? TARGET_K :
			TARGET_V;
	case PLACE_OUT:
		return TARGET_O;
	case PLACE_UP:
		return first && m->config.mlp == MLP_SWIGLU ? TARGET_GATE :
			TARGET_UP;
	default:
		return TARGET_DOWN;
	}
}

/* The targets given, with groups as their members. */
static int targets_given(void)
{
	int set = o->targets;

	if (!option_given("lora-targets") || set & 1 << 9)
		return TARGET_ATTENTION | TARGET_MLP;
	return (set & 127) | (set & 1 << 7 ? TARGET_ATTENTION : 0) |
		(set & 1 << 8 ? TARGET_MLP : 0);
}

/* Refuses a matrix that was named but that the model does not have. */
static void check_all_there(const struct model *m, int there)
{
	static const char *const names[] = { "q", "k", "v", "o", "gate", "up",
		"down" };
	int i;

	for (i = 0; option_given("lora-targets") && i < 7; i++)
		if (o->targets & 1 << i && !(there & 1 << i))
			die_usage("--lora-targets: %s has no matrix '%s'",
				m->config.arch->name, names[i]);
}

/* Which tensors of m get an adapter. The caller frees it. */
static bool *choose(const struct model *m)
{
	bool *has = xcalloc(m->ntensor, sizeof *has);
	int given = targets_given(), there = 0;
	size_t i, least;

	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];
		int target = target_of(m, i), named = target & given;

		there |= target;
		if (named && named != target)
			die_usage("--lora-targets: q, k and v of %s are one "
				"matrix: give all three", m->config.arch->name);
		has[i] = named;
		least = size_min(t->shape[0], t->shape[1]);
		if (named && (size_t)o->rank > least)
			die_usage("--lora: the rank %" PRId64 " is more than "
				"%zu, the smaller side of '%s'", o->rank, least,
				t->name);
	}
	check_all_there(m, there);
	return has;
}

/* ---- a new one ---- */

/* The path of the base from anywhere: the adapter may be moved, and loaded from
 * another directory. */
static char *whole_path(const char *path)
{
	char *whole = realpath(path, NULL);

	return whole ? whole : xstrdup(path);
}

static struct model *open_new(struct model_source *s, const char *path,
	struct token_range own)
{
	struct lora_config c = { .rank = (size_t)o->rank,
		.alpha = option_given("lora-alpha") ? o->alpha :
			2 * (double)o->rank,
		.first = own.first, .tokens = own.n };
	uint64_t seed = (uint64_t)option_seed;
	struct model *m;
	struct lora *l;
	bool *has;

	source_own_tokens(s, own.first, own.n);
	m = model_packed_from(s, COMPUTE_FP32);
	has = choose(m);
	l = lora_new(m, &c, has);
	l->base = whole_path(path);
	lora_init(l, seed);
	token_rows_init(l, m, seed);
	lora_attach(m, l);
	free(has);
	return m;
}

/* ---- one that is trained on ---- */

static void check_targets(const struct model *m, const char *path)
{
	const struct lora *l = m->lora;
	bool *has = choose(m);
	size_t i;

	for (i = 0; i < l->npair; i++)
		has[l->pairs[i].of] = !has[l->pairs[i].of];
	for (i = 0; i < m->ntensor; i++)
		if (has[i])
			die("%s: an adapter of other matrices than "
				"--lora-targets: '%s'", path, m->tensors[i].name);
	free(has);
}

static void check_same(const struct model *m, const char *path)
{
	const struct lora *l = m->lora;

	if ((size_t)o->rank != l->config.rank)
		die("%s: an adapter of rank %zu, which --lora %" PRId64
			" cannot continue; ckpt merge makes a model of it", path,
			l->config.rank, o->rank);
	if (option_given("lora-alpha") && o->alpha != l->config.alpha)
		die("%s: an adapter whose alpha is %g, not %g", path,
			l->config.alpha, o->alpha);
	if (option_given("lora-targets"))
		check_targets(m, path);
}

struct model *adapter_open(struct model_source *s, const char *path,
	struct token_range own)
{
	struct model *m;

	if (!s->adapter)
		return open_new(s, path, own);
	if (own.n)
		die("%s: the template needs tokens for which this adapter has no "
			"embeddings: ckpt merge makes a model of it", path);
	m = model_packed_from(s, COMPUTE_FP32);
	check_same(m, path);
	return m;
}

struct model *adapter_or_model(const char *path)
{
	if (!adapter_wanted())
		return model_load(path);
	return adapter_open(source_open(path), path,
		(struct token_range){ 0, 0 });
}

void adapter_setting(struct buf *settings, const struct model *m)
{
	if (m->lora)
		buf_printf(settings, "lora=%zu,%g,%zu ", m->lora->config.rank,
			m->lora->config.alpha, m->lora->npair);
}
