/* reader.h - reads prompts for the engine
 *
 * Takes prompts from the program when rows are free for their answers, as many at
 * a time as a pass of the decoder has room for, so that short ones are read
 * together. Those that are there at once are; none waits for another, except for
 * one that is being read and begins alike: what they have in common is computed
 * once (prefixes.h). A prompt that has been read stays until its samples are done.
 */
#ifndef PIPELM_READER_H
#define PIPELM_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/sample/decoder.h"
#include "common/sample/engine.h"

/* A prompt that has been taken. */
struct source {
	struct prompt *prompt;
	struct kv_segment *run;
	struct prefix *prefix;	/* which owns run; NULL: the caller does */
	float *logits;		/* (vocab) after the prompt, once it is read */
	size_t begun, live;	/* samples */
	size_t cost;		/* memory: see reader.c */

	struct reader *reader;
	struct source *next;	/* whose samples begin after these */
};

/* samplers: one per thread, for logprobs. */
struct reader;
struct reader *reader_new(struct decoder *d, struct sampler *const *samplers,
	const struct engine_memory *memory);
void reader_free(struct reader *r);

/* Begins a run; see engine_run. */
void reader_start(struct reader *r, const struct engine_calls *calls,
	size_t usable);

/* Takes prompts, for samples in so many free rows. */
void reader_gather(struct reader *r, size_t rows);

/* The prompts that are being read, for a pass of the decoder; and that it has
 * completed the first n of them: logits (n, vocab). Non-finite ones are fatal. */
const struct decode_prompt *reader_prompts(const struct reader *r, size_t *n);
void reader_completed(struct reader *r, size_t n, const float *logits);

/* The prompt whose next sample can begin, or NULL; and the begin and end of a
 * sample of it. reader_begin returns its number, and frees the logits with the
 * last one. */
struct source *reader_first(const struct reader *r);
size_t reader_begin(struct reader *r, struct source *s);
void reader_end(struct reader *r, struct source *s);

/* Whether all samples have begun, and the program had no other prompt when it was
 * last asked. */
bool reader_exhausted(const struct reader *r);

/* Fatal: what a model that is damaged computes. */
_Noreturn void reader_not_finite(void);

#endif
