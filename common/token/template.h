/* template.h - chat templates: a conversation to ids and mask together
 *
 * A template is Jinja, executed (jinja.h): that of the model's directory, or
 * one of those here, of which ChatML is the default:
 *
 *	<|im_start|>ROLE\nCONTENT<|im_end|>\n ... <|im_start|>assistant\n
 *
 * Only text of the template itself becomes special tokens; what messages and
 * tools bring is encoded as ordinary text, whatever it spells, so that nothing
 * in it forges a turn. Between special tokens text is encoded as a whole, as
 * transformers does.
 *
 * The mask is 1 on what an assistant writes: what {% generation %} holds,
 * where the template has that; else from where its answer begins, as the
 * prompt for one ends, to the token that ends its turn.
 */
#ifndef PIPELM_TEMPLATE_H
#define PIPELM_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/format/conversation.h"
#include "common/token/encode.h"
#include "common/token/jinja.h"

/* bos_token, eos_token ... as templates call them. */
struct template_name {
	const char *key;
	char *value;		/* NULL: the tokenizer has none */
};
#define TEMPLATE_NAMES 7

/* The white space before or behind goes with the token. */
#define TEMPLATE_LSTRIP ((uint64_t)1 << 32)
#define TEMPLATE_RSTRIP ((uint64_t)1 << 33)

struct template {
	struct jinja *jinja;	/* NULL: there is none */
	char *why;		/* where there is none: the reason */
	char *source;		/* of the template, source[0..length) */
	size_t length;
	bool built_in;
	const struct vocab *vocab;
	struct map specials;	/* names of special tokens to their ids, and
				 * TEMPLATE_LSTRIP, _RSTRIP */
	size_t longest;		/* bytes of such a name */
	struct template_name names[TEMPLATE_NAMES];
	int64_t close;		/* the token that ends an answer, or -1 */
	char *opening;		/* what makes a model answer, or "" */
};

/* A conversation to be rendered. */
struct dialogue {
	const struct message *v;
	size_t n;
	const bool *learn;	/* (n) put it on the mask, or NULL */
	bool prompt;		/* end with what makes the model answer */
	const struct json *line;	/* an object of which tools, documents and
				 * chat_template_kwargs are taken, or NULL */
};

/* Ids and mask of a conversation: zero-initialise it. mask[i] belongs to
 * ids.v[i]. */
struct rendered {
	struct ids ids;
	unsigned char *mask;
	size_t mask_cap;
	char why[512];
};
void rendered_free(struct rendered *r);

/* Finds the template of a model directory: chat_template.jinja,
 * tokenizer_config.json, chat_template.json. Where there is none, the built-in
 * one whose special tokens the vocabulary has. False, and t->why: there is
 * none, or it has something that is not supported. template_free either way.
 * The vocabulary must outlive it. */
bool template_find(struct template *t, const struct vocab *v, const char *dir);

/* Makes it a built-in one ("chatml", "llama3", "plain") or that of a file,
 * adding special tokens of built-in ones to v where they are missing. What
 * cannot be is fatal. */
void template_choose(struct template *t, struct vocab *v, const char *name);

/* Do both render alike, as far as their text tells? */
bool template_equal(const struct template *a, const struct template *b);

void template_free(struct template *t);

/* Renders d to out, which is emptied first. NULL, or why not (in out). */
const char *template_render(const struct template *t, struct encoder *e,
	const struct dialogue *d, struct rendered *out);

/* The token at which an answer ends, or -1. */
int64_t template_stop(const struct template *t);

/* Writes DIR/tokenizer.json, the vocabulary, and DIR/tokenizer_config.json:
 * class, special tokens, context length (model_max_length), chat template; t
 * may be NULL for a base model. Other files there that transformers would
 * take a template from go. */
void template_write_tokenizer(const struct template *t, const struct vocab *v,
	const char *dir, int context);

#endif
