/* generator.h - a model directory loaded for generation: weights, tokenizer,
 * chat template, stop criteria and engine, for generate, chat and rlsample;
 * without an engine also for score
 */
#ifndef PIPELM_GENERATOR_H
#define PIPELM_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/model/model_dir.h"
#include "common/sample/engine.h"
#include "common/sample/tools.h"
#include "common/token/template.h"

/* How all programs that load a model in this way compute with it: options of
 * their tables. */
struct generator_options {
	int compute;		/* enum compute; the default is COMPUTE_AUTO */
	int kv;			/* 0: fp32, 1: bf16 */
};
extern struct generator_options generator_options;

#define OPT_COMPUTE(compute_) \
	{ 0, "compute", OPT_ENUM, &generator_options.compute, \
	  "auto|fp32|bf16|int16|int8", \
	  "+products in fp32, bf16 or integers (" compute_ ")" }
#define OPT_KV \
	{ 0, "kv", OPT_ENUM, &generator_options.kv, "fp32|bf16", \
	  "+keys and values kept of each token, bf16: in half the memory (fp32)" }

struct generator {
	const char *dir;
	struct model *model;
	struct vocab *vocab;	/* NULL: see generator_open_ids */
	struct encoder *encoder;
	struct template template;
	bool can_chat;		/* template is set */
	struct decoder *decoder;
	struct engine *engine;	/* NULL: see generator_open_model */
	struct tools *tools;	/* NULL: none */
	struct stop_criteria stop;
	uint32_t stop_ids[MODEL_EOS + 2];
	size_t usable;		/* ids with a token; without vocab: all */
	struct rendered rendered;	/* working memory */
	struct buf why;			/* what is wrong with a prompt */
};

/* How much of it is computed at a time, and in how much memory. */
struct generator_limits {
	size_t rows;		/* most answers at a time; set to how many there
				 * is memory for, at least 1 */
	size_t context;		/* most tokens of a prompt and its answer; 0:
				 * set to the model's context, the upper bound */
	size_t memory;		/* bytes of the whole process; 0: any */
	size_t other;		/* bytes of it that the program needs itself */
	size_t length;		/* if not 0: it is enough that an answer of so
				 * many tokens to a short prompt fits; otherwise,
				 * what fills the context must */
	size_t tokens;		/* set to how many of prompts and answers fit at
				 * a time; 0: any */
};

/* -M of programs that take prompts one after the other. */
#define OPT_MEMORY(memory_) \
	{ 'M', "memory", OPT_BYTES, &(memory_), "SIZE", \
	  "memory of the whole process: limits answers decoded at once" }

/* Loads dir and packs its weights for batches of answers within the limits; fatal
 * if not even one fits. strings: stop strings. ignore_eos: end-of-text tokens do
 * not end answers. */
void generator_open(struct generator *g, const char *dir,
	struct generator_limits *l, const struct option_list *strings,
	bool ignore_eos);

/* The same, but the directory may lack a tokenizer: prompts are then ids,
 * answers have no text, and a text prompt is fatal. */
void generator_open_ids(struct generator *g, const char *dir,
	struct generator_limits *l, const struct option_list *strings,
	bool ignore_eos);

/* The same as the first without an engine, for programs that score texts. */
void generator_open_model(struct generator *g, const char *dir);
void generator_close(struct generator *g);

/* From now on, answers can call these tools; does nothing if there are none. The
 * model needs a tokenizer. */
void generator_use_tools(struct generator *g, const struct tool_options *o);

/* Runs the engine with the stop criteria and tools of the generator. With tools,
 * token is called for forced tokens too. calls->resume is called before results
 * are taken, and may cancel answers by tools_cancel_if; if it is NULL, interrupts
 * (signals.h) cancel all that wait. */
void generator_run(struct generator *g, const struct sampling *how,
	uint64_t seed, const struct engine_calls *calls);

/* Fatal, naming the model, if it has no chat template, or no tokenizer. */
void generator_need_chat(const struct generator *g);
void generator_need_tokenizer(const struct generator *g);

/* The number of tokens that may follow n: `wanted`, or as many as fit in the
 * context. 0 if there is no room. */
size_t generator_room(const struct generator *g, size_t n, int64_t wanted);

/* Reports on standard error how many tokens were processed and generated, and
 * how fast. */
void generator_summary(const struct generator *g);

#endif
