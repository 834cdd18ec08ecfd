/* chat_turn.h - the turns of a conversation, and how transcripts record them
 *
 * An answer that called tools keeps its ids: a later prompt has the tokens that
 * the model wrote and read, which its text would not give back.
 */
#ifndef PIPELM_CHAT_TURN_H
#define PIPELM_CHAT_TURN_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/sample/tool_track.h"
#include "common/token/template.h"

struct chat_turn {
	const char *role;
	char *text;
	size_t len;
	struct tool_track *tools;	/* its calls, or NULL */
	struct ids ids;			/* empty without calls */
};

/* Copies text[0..len). role must stay valid. */
struct chat_turn chat_turn_new(const char *role, const char *text, size_t len);

/* The model's answer as a turn; takes the calls out of it. */
struct chat_turn chat_turn_answer(struct answer *a);
void chat_turn_free(struct chat_turn *t);

/* Appends the messages of a turn to a JSON array. An answer that calls tools
 * gives a message of the assistant with tool_calls for each, one of the role
 * tool with the result, and one with the text after it. The start marker is the
 * name of the function. */
void chat_turn_json(const struct chat_turn *t, struct buf *b);

/* Puts the ids of answers that called tools into a rendered conversation, v[0..n)
 * being its assistant turns. An answer is where the mask is 1; if the template
 * renders them otherwise, nothing is changed. The mask is then invalid. */
void chat_turns_exact(struct rendered *r, const struct chat_turn *const *v,
	size_t n);

#endif
