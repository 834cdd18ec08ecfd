/* conversation.h - conversations(5): messages by role, from many formats
 *
 *	{"messages":[{"role":"user","content":"..."}, ...]}	(OpenAI, TRL)
 *	[{"role":"user","content":"..."}, ...]			(nanochat)
 *	{"conversations":[{"from":"human","value":"..."}, ...]}	(ShareGPT)
 *	{"instruction":"...","input":"...","output":"..."}	(Alpaca)
 *	{"prompt":"...","completion":"..."}	strings or messages
 *	{"prompt":"...","chosen":"...","rejected":"..."}	the same
 *	{"chosen":"\n\nHuman: ...","rejected":"..."}		(HH-RLHF)
 *	{"prompt":{"text","role":"prompter","replies":[...]}}	(OASST trees)
 *	{"prompt":"..."}	a prompt alone
 *
 * All become the same structure. Which it is, is decided by the keys that are
 * there, in the order: chosen, messages, conversations, instruction, prompt,
 * replies. Roles come out as system, user, assistant, tool, or as written.
 */
#ifndef PIPELM_CONVERSATION_H
#define PIPELM_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/format/records.h"

struct message {
	const char *role;	/* a C string */
	const char *content;	/* content[0..len), valid UTF-8, NUL behind;
				 * NULL: null, beside tool_calls */
	size_t len;
	struct json json;	/* the object it was in, all keys; or JSON_NONE */
	bool unlearned;		/* of weight 0: no loss on it */
};

/* v[0..nprompt) is given, v[nprompt..n) is what the model has to say. For
 * formats without that division (messages, ShareGPT, OASST) nprompt counts
 * what stands before the last message if that is the assistant's, else all.
 * A preference pair has its chosen answer in v and the other in rejected. */
struct conversation {
	struct record rec;	/* the line it came from */
	struct json json;	/* the whole line's value: json_get(&c.json, "id") */
	struct message *v;
	size_t n, nprompt;
	struct message *rejected;	/* instead of v[nprompt..n); or NULL */
	size_t nrejected;
	bool divided;		/* prompt and completion were apart: only the
				 * completion is to be learned */
	bool plain;		/* prompt was a plain string, without roles */
};

struct conversations;

/* As records_open. */
struct conversations *conversations_open(char **files, const char *kind);

/* The next conversation, which lives until the next call. A line of OASST
 * gives several: one for each branch of the user's messages, with the
 * best-ranked answer of the assistant at each place. */
bool conversations_next(struct conversations *in, struct conversation *c);

/* For what the caller finds wrong with the last one ("no assistant message"):
 * counted and reported as a bad record. */
void conversations_bad(struct conversations *in, const char *why);

void conversations_close(struct conversations *in);

#endif
