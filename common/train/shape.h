/* shape.h - the shape of a model, as the options of pretrain describe it */
#ifndef PIPELM_SHAPE_H
#define PIPELM_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/model/architecture.h"
#include "common/model/model.h"

struct shape_options {
	int arch;
	int64_t depth, layers, width, heads, kv_heads, ffn, context;
	double rope_theta;
	bool untied;
};
extern struct shape_options shape_options;

#define SHAPE_OPTIONS \
	{ 0, "arch", OPT_ENUM, &shape_options.arch, ARCHITECTURE_WORDS, \
	  "architecture (" ARCHITECTURE_DEFAULT ")" }, \
	{ 0, "depth", OPT_INT, &shape_options.depth, "N", \
	  "a whole model of N blocks, its updates and their size" }, \
	{ 0, "layers", OPT_INT, &shape_options.layers, "N", "blocks (4)" }, \
	{ 0, "width", OPT_INT, &shape_options.width, "N", \
	  "floats of the residual stream (256)" }, \
	{ 0, "heads", OPT_INT, &shape_options.heads, "N", \
	  "attention heads (width / 64, at least 4)" }, \
	{ 0, "kv-heads", OPT_INT, &shape_options.kv_heads, "N", \
	  "+heads of keys and values (heads)" }, \
	{ 0, "ffn", OPT_INT, &shape_options.ffn, "N", \
	  "+width inside the MLP (4 width; gated: 8/3 width)" }, \
	{ 0, "context", OPT_INT, &shape_options.context, "N", \
	  "tokens of a row (256)" }, \
	{ 0, "rope-theta", OPT_FLOAT, &shape_options.rope_theta, "X", \
	  "+base of the rotary positions, if any (10000)" }, \
	{ 0, "untied", OPT_FLAG, &shape_options.untied, NULL, \
	  "+a head of its own instead of the embedding" }

/* Numbers out of range are a usage error. --depth gives the sizes that no option
 * gives. */
void shape_check_options(void);

/* The shape of a new model for a vocabulary of `vocab` tokens. eot: the id that
 * ends a document, or -1. An impossible shape is a usage error. */
struct model_config shape_new(size_t vocab, int64_t eot);

/* Loads the model in dir, which must match the shape options given. */
struct model *shape_load(const char *dir);

/* Tokens per row: --context, or the context of m, which may be NULL. */
size_t shape_time(const struct model *m);

#endif
