/* conversation_tree.h - the conversations in an OpenAssistant tree
 *
 * A node is {"text","role","rank","deleted","replies":[...]}. After each of the
 * user's turns, the best-ranked answer is followed; after each answer, every
 * continuation by the user is a branch of its own. A branch ends with its last
 * answer.
 */
#ifndef PIPELM_CONVERSATION_TREE_H
#define PIPELM_CONVERSATION_TREE_H

#include "common/format/messages.h"

struct branch {
	size_t at, n;		/* messages.v[at..at+n) */
};

struct branches {
	struct branch *v;
	size_t n, cap;
	struct messages messages;
	struct messages path;
};

bool branches_read(struct reading *r, struct branches *b,
	const struct json *root);
void branches_free(struct branches *b);

/* The answers with a rank to a turn of the user, the last message of the path;
 * of ranks the lowest is best. */
struct ranked_turn {
	const struct message *path;
	size_t npath;
	const struct message *answers;
	const double *ranks;
	size_t n;
};

/* Calls fn for each turn with two such answers or more. Returns false, with the
 * reason in r, for a tree that is invalid. */
bool tree_ranked_turns(struct reading *r, const struct json *root,
	void (*fn)(void *ctx, const struct ranked_turn *t), void *ctx);

#endif
