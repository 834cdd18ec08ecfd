/* answers.h - how generate writes answers: text, ids, logprobs or JSON lines */
#ifndef PIPELM_ANSWERS_H
#define PIPELM_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/io.h"
#include "common/sample/generator.h"
#include "common/sample/reorder.h"

struct answers_options {
	int64_t samples, top;	/* top: how many largest logits; or 0 */
	bool ids, logprobs, echo;
	bool streams;		/* the only answer is written as it grows */
};

/* o, g and out must remain valid. terminal: out is one, so control characters
 * are escaped. */
void answers_open(const struct answers_options *o, const struct generator *g,
	struct output *out, bool terminal);
void answers_close(void);

/* The only prompt, which must remain valid; echoed first if o->echo is set. */
void answers_begin(const char *prompt, size_t len);

/* Callbacks for struct reorder and struct engine_calls. */
void answers_text(void *ctx, struct request *q, struct answer *a);
void answers_json(void *ctx, struct request *q, struct answer *a);
bool answers_stream(void *ctx, struct answer *a);
void answers_note_top(void *ctx, struct prompt *p, const float *logits);

#endif
