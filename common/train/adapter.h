/* adapter.h - training an adapter instead of the whole model: --lora
 *
 * The model is frozen and held in the types of its file; its gradient, moments and
 * checkpoints are those of the adapter (model/lora.h). Programs that offer it have
 * ADAPTER_OPTIONS, the others' models are always whole.
 */
#ifndef PIPELM_TRAIN_ADAPTER_H
#define PIPELM_TRAIN_ADAPTER_H

#include "common/base/buf.h"
#include "common/base/options.h"
#include "common/model/model.h"
#include "common/model/source.h"

struct adapter_options {
	int64_t rank;		/* 0: the whole model is trained */
	double alpha;
	int targets;		/* a bit for each word */
};
extern struct adapter_options adapter_options;

#define ADAPTER_TARGETS "q|k|v|o|gate|up|down|attention|mlp|all"

#define ADAPTER_OPTIONS \
	{ 0, "lora", OPT_INT, &adapter_options.rank, "R", \
	  "train an adapter of rank R; the model is frozen" }, \
	{ 0, "lora-alpha", OPT_FLOAT, &adapter_options.alpha, "X", \
	  "+scale of the adapter, times its rank (2 R)" }, \
	{ 0, "lora-targets", OPT_SET, &adapter_options.targets, \
	  ADAPTER_TARGETS, "+matrices of a block that get one (all)" }

/* Whether an adapter is trained. */
bool adapter_wanted(void);

/* Numbers out of range, and options without effect, are a usage error. */
void adapter_check_options(void);

/* The model of s, which it closes, frozen, with an adapter: that of s, if it has
 * one, otherwise a new one, which has embeddings of its own for the tokens in
 * `own`. path: of the model. Options that do not fit the model, and an adapter that
 * lacks these tokens, are fatal. */
struct model *adapter_open(struct model_source *s, const char *path,
	struct token_range own);

/* The model that a run starts from, whole or, with --lora, as by adapter_open. */
struct model *adapter_or_model(const char *path);

/* Appends "lora=... " for the settings of a run with m: what must match for it to
 * resume; nothing if m has no adapter. */
void adapter_setting(struct buf *settings, const struct model *m);

#endif
