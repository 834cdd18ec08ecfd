/* conversation_tree.c - reads OpenAssistant trees: see conversation_tree.h */
#include "common/format/conversation_tree.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"

static void end_branch(struct branches *b)
{
	size_t i;

	b->v = grow(b->v, b->n, &b->cap, sizeof *b->v);
	b->v[b->n++] = (struct branch){ b->messages.n, b->path.n };
	for (i = 0; i < b->path.n; i++)
		messages_add(&b->messages, b->path.v[i]);
}

static bool is_usable(const struct json_fields *node, const char *role)
{
	struct json v;

	if (json_field(node, "deleted", &v) && v.type == JSON_TRUE)
		return false;
	if (json_field(node, "review_result", &v) && v.type == JSON_FALSE)
		return false;
	return json_field(node, "role", &v) && json_is_cstring(&v, role);
}

/* The usable reply with the lowest rank; replies without a rank come last, and of
 * equals the first wins. */
static bool best_answer(struct reading *r, const struct json *replies,
	struct json *best)
{
	struct json reply, v;
	struct json_iter it;
	double rank, least = INFINITY;
	bool found = false;

	for (json_begin(&it, replies); json_next(&it, NULL, &reply);) {
		json_list(&reply, &r->fields);
		if (!is_usable(&r->fields, "assistant"))
			continue;
		if (!json_field(&r->fields, "rank", &v) ||
			!json_double(&v, &rank))
			rank = INFINITY;
		if (!found || rank < least) {
			*best = reply;
			least = rank;
			found = true;
		}
	}
	return found;
}

/* Adds the node's text, and returns its replies. */
static bool push(struct reading *r, struct branches *b,
	const struct json *node, const char *role, struct json *replies)
{
	struct json text;

	json_list(node, &r->fields);
	json_field(&r->fields, "replies", replies);
	if (!json_field(&r->fields, "text", &text) ||
		text.type != JSON_STRING)
		return messages_fail(r, node->p, "a message has no text");
	return messages_read(r, &b->path, &text, role);
}

/* Adds a turn of the user with the best answer and everything that follows it, or
 * nothing if the turn has no answer. */
static bool walk(struct reading *r, struct branches *b,
	const struct json *node)
{
	struct json answer, replies, reply;
	struct json_iter it;
	size_t before = b->n, depth = b->path.n;

	json_get(node, "replies", &replies);
	if (!best_answer(r, &replies, &answer))
		return true;
	if (!push(r, b, node, "user", &replies) ||
		!push(r, b, &answer, "assistant", &replies))
		return false;
	for (json_begin(&it, &replies); json_next(&it, NULL, &reply);) {
		json_list(&reply, &r->fields);
		if (is_usable(&r->fields, "prompter") && !walk(r, b, &reply))
			return false;
	}
	if (b->n == before)
		end_branch(b);
	b->path.n = depth;
	return true;
}

bool branches_read(struct reading *r, struct branches *b,
	const struct json *root)
{
	b->path.n = 0;
	if (!walk(r, b, root))
		return false;
	return b->n > 0 || messages_fail(r, root->p, "a tree has no answers");
}

void branches_free(struct branches *b)
{
	free(b->v);
	messages_free(&b->messages);
	messages_free(&b->path);
}
