/* template.h - chat templates: a conversation to ids and mask together
 *
 * ChatML, the default:
 *
 *	<|im_start|>ROLE\nCONTENT<|im_end|>\n ... <|im_start|>assistant\n
 *
 * The special tokens are placed as ids; role and newline, and content, are
 * encoded apart as ordinary text, so no content can forge a turn. mask is 1
 * on what an assistant writes: its content and the token that ends it.
 * Templates of other models (Llama 3) are rows of a table.
 */
#ifndef PIPELM_TEMPLATE_H
#define PIPELM_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/token/encode.h"

struct template {
	const struct template_form *form;
	const struct vocab *vocab;
	int64_t begin, open, role_end, close;	/* ids; -1: not used */
	char *system;	/* system message when a conversation has none, or NULL */
};

/* Ids and mask of a conversation: zero-initialise it. mask.v[i] belongs to
 * ids.v[i]. */
struct rendered {
	struct ids ids;
	unsigned char *mask;
	size_t mask_cap;
};
void rendered_reset(struct rendered *r);
void rendered_free(struct rendered *r);

/* Finds the template of a vocabulary by its special tokens and, where dir is
 * not NULL, what DIR/chat_template.jinja or DIR/tokenizer_config.json says.
 * False when it has none. */
bool template_find(struct template *t, const struct vocab *v, const char *dir);

/* Makes it ChatML, adding its special tokens to v where they are missing. */
void template_add(struct template *t, struct vocab *v);
void template_free(struct template *t);

/* What stands before the first message: the begin token, and the template's
 * own system message unless the first role is "system". role may be NULL. */
void template_begin(const struct template *t, struct encoder *e,
	const char *role, struct rendered *out);

/* Appends one message. mask is 1 on content and close when learn is true. */
void template_message(const struct template *t, struct encoder *e,
	const char *role, const char *content, size_t len, bool learn,
	struct rendered *out);

/* Appends what makes the model answer: <|im_start|>assistant\n. */
void template_prompt(const struct template *t, struct encoder *e,
	struct rendered *out);

/* The token at which an answer ends. */
uint32_t template_stop(const struct template *t);

/* Writes DIR/tokenizer.json, the vocabulary, and DIR/tokenizer_config.json:
 * class, special tokens, context length (model_max_length), chat template; t
 * may be NULL for a base model. A
 * DIR/chat_template.jinja, which would be read in its place, goes. The Jinja
 * template renders in transformers what template_message does. It encodes role
 * and content in one string; ids are the same unless white space at a border
 * joins with its neighbour. */
void template_write_tokenizer(const struct template *t, const struct vocab *v,
	const char *dir, int context);

#endif
