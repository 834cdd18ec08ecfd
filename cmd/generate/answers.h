/* answers.h - how generate writes answers: text, ids, logprobs or JSON lines */
#ifndef PIPELM_ANSWERS_H
#define PIPELM_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/io.h"
#include "common/sample/generator.h"
#include "common/sample/reorder.h"

struct answers_options {
	int64_t samples, top;	/* top: so many of the largest logits; or 0 */
	bool ids, logprobs, echo;
	bool streams;		/* the one answer is written as it comes */
};

/* o, g and out must stay. terminal: out is one, so that control characters are
 * spelt out. */
void answers_open(const struct answers_options *o, const struct generator *g,
	struct output *out, bool terminal);
void answers_close(void);

/* The one prompt, which stays; written first where o->echo asks for it. */
void answers_begin(const char *prompt, size_t len);

/* For struct reorder and struct engine_calls. */
void answers_text(void *ctx, struct request *q, struct answer *a);
void answers_json(void *ctx, struct request *q, struct answer *a);
bool answers_stream(void *ctx, struct answer *a);
void answers_note_top(void *ctx, struct prompt *p, const float *logits);

#endif
