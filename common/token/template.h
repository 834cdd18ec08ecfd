/* template.h - chat templates: encode a conversation to ids and loss mask
 *
 * A template is executed Jinja (jinja.h): that of the model's directory, or a
 * built-in one; the default is ChatML:
 *
 *	<|im_start|>ROLE\nCONTENT<|im_end|>\n ... <|im_start|>assistant\n
 *
 * Only text of the template itself becomes special tokens. Text from messages
 * and tools is encoded as ordinary text, whatever it spells, so that it cannot
 * forge a turn. Text between special tokens is encoded as a whole, as in
 * transformers.
 *
 * The mask is 1 on what an assistant writes: the content of {% generation %} if
 * the template has it; otherwise from the start of the answer, where the
 * generation prompt would end, through the token that ends its turn.
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

/* bos_token, eos_token ..., as templates name them. */
struct template_name {
	const char *key;
	char *value;		/* NULL: the tokenizer has none */
};
#define TEMPLATE_NAMES 7

/* The token takes the white space before or after it. */
#define TEMPLATE_LSTRIP ((uint64_t)1 << 32)
#define TEMPLATE_RSTRIP ((uint64_t)1 << 33)

struct template {
	struct jinja *jinja;	/* NULL: none */
	char *why;		/* the reason for having none */
	char *source;		/* the text of the template, source[0..length) */
	size_t length;
	bool built_in;
	const struct vocab *vocab;
	struct map specials;	/* names of special tokens to their ids, and
				 * TEMPLATE_LSTRIP, _RSTRIP */
	size_t longest;		/* of these names, in bytes */
	struct template_name names[TEMPLATE_NAMES];
	int64_t close;		/* the token that ends an answer, or -1 */
	char *opening;		/* the generation prompt, or "" */
};

/* A conversation to render. */
struct dialogue {
	const struct message *v;
	size_t n;
	const bool *learn;	/* (n) include it in the mask, or NULL */
	bool prompt;		/* end with the generation prompt */
	const struct json *line;	/* the object that has tools, documents
				 * and chat_template_kwargs, or NULL */
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

/* Finds the template of a model directory, chat_template.jinja,
 * tokenizer_config.json, chat_template.json, or of a GGUF file. Without any, uses the built-in one
 * whose special tokens the vocabulary has. Returns false and sets t->why when
 * there is none, or it needs something that is not supported. Call
 * template_free in either case. The vocabulary must outlive it. */
bool template_find(struct template *t, const struct vocab *v, const char *dir);

/* Uses a built-in template ("chatml", "llama3", "plain") or that of a file;
 * built-in ones add their special tokens to v if they are missing. Errors are
 * fatal. */
void template_choose(struct template *t, struct vocab *v, const char *name);

/* Whether both render alike, judged by their text. */
bool template_equal(const struct template *a, const struct template *b);

void template_free(struct template *t);

/* Renders d to out, which is emptied first. Returns NULL, or why not (in out). */
const char *template_render(const struct template *t, struct encoder *e,
	const struct dialogue *d, struct rendered *out);

/* The same for a conversation; the mask is 1 on what its assistant says, except for
 * messages of weight 0 and, if prompt and completion were separate, the prompt's.
 * prompt: end with the generation prompt. */
const char *template_conversation(const struct template *t, struct encoder *e,
	const struct conversation *c, bool prompt, struct rendered *out);

/* The same for c's prompt with an answer of n messages, of which what the
 * assistant says is learned. */
const char *template_answer(const struct template *t, struct encoder *e,
	const struct conversation *c, const struct message *answer, size_t n,
	struct rendered *out);

/* The token that ends an answer, or -1. */
int64_t template_stop(const struct template *t);

/* Writes DIR/tokenizer.json, the vocabulary, and DIR/tokenizer_config.json:
 * class, special tokens, context length (model_max_length), chat template; t
 * may be NULL for a base model. Removes other files from which transformers
 * would take a template. */
void template_write_tokenizer(const struct template *t, const struct vocab *v,
	const char *dir, int context);

#endif
