/* prompts.h - encodes prompts: plain text, chat template, JSON records */
#ifndef PIPELM_PROMPTS_H
#define PIPELM_PROMPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/options.h"
#include "common/format/jsonscan.h"
#include "common/sample/generator.h"

/* How a prompt becomes ids. */
struct prompt_format {
	bool raw, chat;		/* options; neither: the record decides */
	bool bos;		/* start raw prompts with the bos token */
	const char *system;	/* message before chat prompts, or NULL */
};

/* f is a struct prompt_format. */
#define OPT_PROMPT_FORMAT(f) \
	{ 0, "raw", OPT_FLAG, &(f).raw, NULL, \
	  "the prompt begins a text, as without --chat" }, \
	{ 0, "chat", OPT_FLAG, &(f).chat, NULL, \
	  "the prompt is what a user says" }, \
	{ 'S', "system", OPT_STR, &(f).system, "TEXT", \
	  "system message before it; implies --chat" }, \
	{ 0, "bos", OPT_FLAG, &(f).bos, NULL, \
	  "+begin a raw prompt with the first token" }

/* Refuses --raw with --chat and the like: a usage error. */
void prompt_format_check(const struct prompt_format *f);

/* Both append the ids of a prompt to out and return NULL, or what is wrong with
 * it. Text is a raw prompt or, with f->chat, a user's message. An object has
 * "prompt_ids", "prompt" (a text) or "messages". If the model lacks what every
 * such prompt needs, a chat template or a tokenizer, that is fatal. */
const char *prompt_from_text(struct generator *g, const struct prompt_format *f,
	const char *text, size_t len, struct ids *out);
const char *prompt_from_object(struct generator *g,
	const struct prompt_format *f, const struct json_fields *fields,
	struct ids *out);

#endif
