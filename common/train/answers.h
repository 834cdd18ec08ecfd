/* answers.h - a prompt with an answer as the token ids that a reward model scores
 *
 * The template renders the whole conversation, as apply_chat_template of
 * transformers does, and the score is the one at the last token. Rollouts have
 * ids; the template's text after the token that ends an answer, as the line break
 * of ChatML, is appended to them. So both forms of an answer give the same ids,
 * in training as in grading.
 */
#ifndef PIPELM_TRAIN_ANSWERS_H
#define PIPELM_TRAIN_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/format/conversation.h"
#include "common/format/rollout.h"
#include "common/model/model.h"
#include "common/token/template.h"

struct answers {
	const char *dir;
	struct vocab *vocab;
	struct template template;
	struct ids tail;	/* what it writes after its close token */
};

/* Opens tokenizer and template of model m in dir; a missing one is fatal. */
void answers_open(struct answers *a, const struct model *m, const char *dir);
void answers_free(struct answers *a);

/* A special token that does not end answers, to fill rows in transformers; for
 * want of one, any; or -1. */
int32_t answers_pad(const struct answers *a);

/* Writes tokenizer and template to dir as files that make transformers render the
 * same, and fill rows with the token pad, or -1. */
void answers_write(const struct answers *a, const char *dir, size_t context,
	int32_t pad);

/* Sets x->ids to c's prompt with an answer of n messages, and *nprompt to how many
 * of them are the prompt's. Returns NULL, or what is wrong, a string that x may
 * own. */
const char *answers_render(const struct answers *a, struct encoder *e,
	const struct conversation *c, const struct message *answer, size_t n,
	struct rendered *x, size_t *nprompt);

/* Sets x->ids to those of a rollout that was parsed with ROLLOUT_IDS. What is
 * wrong: ids that this vocabulary does not have or that do not spell the rollout's
 * text. */
const char *answers_take(const struct answers *a, const struct rollout *r,
	struct rendered *x);

#endif
