/* conversation.h - conversations(5): messages with roles, in many formats
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
 * All are converted to the same structure. The first of these keys that is
 * present decides: chosen, messages, conversations, instruction, prompt,
 * replies. Roles become system, user, assistant or tool, or are kept as they are.
 */
#ifndef PIPELM_CONVERSATION_H
#define PIPELM_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/format/records.h"

struct message {
	const char *role;	/* a C string */
	const char *content;	/* content[0..len), valid UTF-8, NUL-terminated;
				 * NULL: null, only with tool_calls */
	size_t len;
	struct json json;	/* its object with all keys; or JSON_NONE */
	bool unlearned;		/* weight 0: not part of the loss */
};

/* v[0..nprompt) is given, v[nprompt..n) is what the model should say. In formats
 * without that division (messages, ShareGPT, OASST), nprompt counts what comes
 * before a final message of the assistant, or everything if there is none.
 * A preference pair has its chosen answer in v and the other one in rejected. */
struct conversation {
	struct record rec;	/* the line it came from */
	struct json json;	/* the value of the line: json_get(&c.json, "id") */
	struct message *v;
	size_t n, nprompt;
	struct message *rejected;	/* instead of v[nprompt..n); or NULL */
	size_t nrejected;
	bool divided;		/* prompt and completion were separate: learn
				 * only the completion */
	bool plain;		/* prompt was a string, without roles */
};

struct conversations;

/* Like records_open. */
struct conversations *conversations_open(char **files, const char *kind);

/* The next conversation, valid until the next call. A line of OASST gives
 * several: one for each branch of the user's messages, with the best-ranked
 * answer of the assistant at each point. */
bool conversations_next(struct conversations *in, struct conversation *c);

/* For programs that also read lines of other kinds: the reader of the lines, and
 * the first conversation in one of them; false: *e says why there is none. */
struct records *conversations_records(struct conversations *in);
bool conversations_read(struct conversations *in, const struct record *r,
	struct conversation *c, struct json_error *e);

/* The same without any files, only for conversations_read. */
struct conversations *conversations_new(void);

/* For errors that the caller finds in the last conversation ("no assistant
 * message"): it is counted and reported as an invalid record. */
void conversations_bad(struct conversations *in, const char *why);

void conversations_close(struct conversations *in);

#endif
