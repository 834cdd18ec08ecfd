/* engine.h - many answers at once: the loop of generate, chat and rlsample
 *
 * Rows of a batch are answers in the making. A prompt is read once, in one
 * pass, and its keys and values serve all its samples. When an answer ends its
 * row takes the next sample, or the next prompt, so the batch stays full
 * (continuous batching; Yu et al. 2022). A sample depends on the prompt, its
 * key, its index and the options alone: not on the rows, the threads or what
 * else is asked.
 *
 * An answer can wait, for what a tool says to the text so far: it keeps its row
 * but takes no token, and the others go on. It waits from the call of token
 * that sets a->waiting to the call of resume that clears it, with the tokens
 * that it is to go on with added to a->forced (none: it goes on drawing). When
 * it waits, and how long, changes no bit of any answer.
 */
#ifndef PIPELM_ENGINE_H
#define PIPELM_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sample/answer.h"
#include "common/sample/decoder.h"
#include "common/sample/sampler.h"

struct prompt {
	const uint32_t *ids;	/* at least one */
	size_t n;
	size_t samples;
	size_t most;		/* tokens of an answer; n + most is at most
				 * the context */
	uint64_t key;		/* of its random numbers */

	/* NULL, or keys and values of the first cache->n < n of ids, kept by
	 * the caller for the next turn; samples is 1 then. */
	struct kvrun *cache;
};

/* What the loop asks of the program. */
struct engine_calls {
	void *ctx;

	/* The next prompt, or NULL. It stays there until its last sample is
	 * done. */
	struct prompt *(*next)(void *ctx);

	/* The prompt was read: the logits behind it. NULL: not needed. */
	void (*read)(void *ctx, struct prompt *p, const float *logits);

	/* A token was added to an answer that goes on or has just ended; false
	 * cancels it. One that goes on may be set waiting. NULL: not needed. */
	bool (*token)(void *ctx, struct answer *a);

	/* Answers wait: clears the waiting of those that go on, or are to end,
	 * with a->stop set to ANSWER_CANCELLED. Asked after each token of the
	 * other answers, and must return at once; but with idle there are none
	 * and nothing can begin: then it sleeps until at least one goes on.
	 * All calls come from the thread of engine_run; what other threads and
	 * processes find out is handed over here, through a pipe or the like.
	 * NULL: no answer ever waits. */
	void (*resume)(void *ctx, bool idle);

	/* The answer has ended, in any order; the callee owns it. a->prompt is
	 * the struct prompt. */
	void (*done)(void *ctx, struct answer *a);
};

/* What programs allow of rows at once, and of samples of one prompt. */
enum { BATCH_MAX = 4096, SAMPLES_MAX = 1000000 };

struct engine_stats {
	uint64_t prompt_tokens, tokens;		/* read and drawn */
	double read_seconds, step_seconds;
};

struct engine;
struct engine *engine_new(struct decoder *d);
void engine_free(struct engine *e);

/* Runs until next has no more and all answers are done. usable: ids below it
 * may be drawn. Logits that are not finite are fatal. */
void engine_run(struct engine *e, const struct sampling *how, uint64_t seed,
	const struct stop_criteria *stop, size_t usable,
	const struct engine_calls *calls);

const struct engine_stats *engine_stats(const struct engine *e);

#endif
