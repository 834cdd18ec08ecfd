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

#endif
