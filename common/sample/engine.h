/* engine.h - many answers at once: the loop of generate, chat and rlsample
 *
 * The rows of a batch are in-flight answers. A prompt is processed once, and its KV
 * cache serves all its samples; what it has in common with an earlier prompt whose
 * cache is still there is not computed again (prefixes.h). When an answer ends,
 * its row takes the next sample, or the next prompt, so the batch stays full
 * (continuous batching; Yu et al. 2022). Prompts are read while answers go on, in
 * the same passes of the model, several short ones at a time (reader.h). A sample
 * depends only on the prompt, its key, its index and the options: not on the rows,
 * the threads or other requests.
 *
 * An answer can wait for a tool's result on the text so far: it keeps its row but
 * takes no token, and the others continue. It waits from the call of token that
 * sets a->waiting to the call of resume that clears it, after appending the
 * tokens to continue with to a->forced (none: sampling resumes). When and how
 * long it waits does not change a bit of any answer.
 */
#ifndef PIPELM_ENGINE_H
#define PIPELM_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sample/answer.h"
#include "common/sample/constraint.h"
#include "common/sample/decoder.h"
#include "common/sample/sampler.h"

struct prompt {
	const uint32_t *ids;	/* at least one */
	size_t n;
	size_t samples;		/* at least 1 */
	size_t most;		/* maximum tokens of an answer; n + most is at
				 * most the context */
	uint64_t key;		/* for its random numbers */
	const struct constraint *constraint;	/* for the text of answers: it
				 * needs stop_criteria.vocab; or NULL */
	bool no_tools;		/* for generator_run: answers call none */

	/* For this prompt only; NULL: those of the run. */
	const struct sampling *how;
	const struct stop_criteria *stop;

	size_t top;		/* alternatives noted in answers, per token; at
				 * most the usable ids */
	struct prompt_logprobs *logprobs;	/* to fill in, or NULL; cache
						 * must then be NULL */

	/* NULL, or the KV cache of the first cache->n < n of ids, kept by the
	 * caller for the next turn; samples must then be 1. */
	struct kv_segment *cache;

	/* NULL, or keys and values of the first known->n < n of ids, which are
	 * copied; logprobs must then be NULL. */
	const struct kv_segment *known;
};

/* How likely the model finds the tokens of a prompt; complete when `read` is
 * called. Those of its first token are not set. */
struct prompt_logprobs {
	float *logprob;			/* (prompt.n) */
	struct alternative *top;	/* (prompt.n, prompt.top) */
};

/* Callbacks of the program. */
struct engine_calls {
	void *ctx;

	/* The next prompt, or NULL. It must stay valid until its last sample is
	 * done. */
	struct prompt *(*next)(void *ctx);

	/* More prompts may come after NULL, as to a server: next is called again
	 * before each pass of the model, and the run ends when it returns NULL
	 * while there are no answers. */
	bool open_ended;

	/* Clients wait for the first tokens of answers: fewer prompts are read
	 * together, so that those of the first ones come earlier. */
	bool clients_wait;

	/* A prompt was processed: the logits after it. NULL: not needed. */
	void (*read)(void *ctx, struct prompt *p, const float *logits);

	/* The same: the keys and values of all its tokens, valid until the next
	 * call; made before samples are drawn. NULL: not needed. */
	void (*computed)(void *ctx, struct prompt *p,
		const struct kv_segment *run);

	/* A token was added to an answer, which continues or has just ended;
	 * false cancels it. The callback may make one that continues wait.
	 * NULL: not needed. */
	bool (*token)(void *ctx, struct answer *a);

	/* Answers are waiting. Clears `waiting` of those that can continue, and
	 * of those to end, whose a->stop it sets to ANSWER_CANCELLED. Called
	 * after each token of the other answers, and must then return at once.
	 * If idle is set, there are no others and nothing can start: it then
	 * sleeps until an answer can continue, or for a moment; it is called
	 * again, and with open_ended, next before it. All calls come from the
	 * thread of engine_run; other threads and processes hand over their
	 * results here, through a pipe or the like. NULL: answers never wait. */
	void (*resume)(void *ctx, bool idle);

	/* An answer has ended; answers end in any order. The callee owns it.
	 * a->prompt is the struct prompt. */
	void (*done)(void *ctx, struct answer *a);
};

/* Limits on the rows of a batch, and on the samples of one prompt. */
enum { BATCH_MAX = 4096, SAMPLES_MAX = 1000000 };

struct engine_stats {
	uint64_t prompt_tokens, tokens;		/* processed, generated */
	double read_seconds, step_seconds;
};

/* Bytes that keys and values may take. A prompt or an answer begins when there is
 * memory for all tokens that it can have; until then, it waits for others to end.
 * No result depends on that. */
struct engine_memory {
	size_t kept;	/* of prompts, with those in flight; while there is more,
			 * those whose answers have ended are freed */
	size_t all;	/* also of answers; 0: any */
	size_t process;	/* for a message: that of the process, with `all` */
};

/* Keys and values of prompts remain between runs. */
struct engine;
struct engine *engine_new(struct decoder *d, const struct engine_memory *memory);
void engine_free(struct engine *e);

/* Bytes that it takes besides its decoder and keys and values. */
double engine_bytes(const struct model_config *c, size_t rows);

/* Runs until next returns NULL and all answers are done. usable: only ids below
 * this may be sampled. Non-finite logits are fatal, and so is a prompt that needs
 * more memory, alone, than there may be: -M. */
void engine_run(struct engine *e, const struct sampling *how, uint64_t seed,
	const struct stop_criteria *stop, size_t usable,
	const struct engine_calls *calls);

const struct engine_stats *engine_stats(const struct engine *e);

#endif
