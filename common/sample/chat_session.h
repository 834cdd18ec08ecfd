/* chat_session.h - a conversation of a user with a model
 *
 * Keeps the turns, and the KV cache of those already processed: a turn
 * processes only new tokens. When the context is full, the oldest turns are
 * omitted from what the model sees.
 */
#ifndef PIPELM_CHAT_SESSION_H
#define PIPELM_CHAT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sample/chat_turn.h"
#include "common/sample/generator.h"

/* Zero-initialise it, set generator and length, call chat_session_reset; free it
 * with chat_session_free. */
struct chat_session {
	struct generator *generator;	/* with a chat template */
	int64_t length;			/* maximum tokens of an answer */

	struct chat_turn *turns;	/* system first, if any */
	size_t n, cap;
	size_t oldest;		/* first turn after the system message that the
				 * model still sees */
	bool told;		/* the user, that turns were forgotten */
	struct buf finished;	/* conversations before the last reset */
	struct kv_segment *cache;	/* keys and values of cached */
	struct ids cached;
	struct prompt prompt;
	uint64_t asked;		/* messages so far */
};

void chat_session_free(struct chat_session *s);

/* Starts a new conversation; system NULL: without a system message. */
void chat_session_reset(struct chat_session *s, const char *system, size_t len);

/* Appends the conversations so far, one line each, in the format of
 * conversations(5): chat_turn.h. */
void chat_session_lines(const struct chat_session *s, struct buf *b);

/* Adds a message of the user. Returns NULL, or why it cannot be answered; it is
 * then not part of the conversation. The first time turns are forgotten, a
 * message says so. */
const char *chat_session_say(struct chat_session *s, const char *text,
	size_t len);
extern const char chat_session_too_long[];	/* one of the reasons */

/* Generates the model's answer, and adds it as a turn. token is called for each
 * token, false cancels; ended is called before the turn is added. */
void chat_session_answer(struct chat_session *s, const struct sampling *how,
	uint64_t seed, bool (*token)(struct answer *a),
	void (*ended)(struct answer *a));

#endif
