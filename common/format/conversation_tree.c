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

/* ---- ranked answers ---- */

struct ranking {
	struct reading *r;
	struct branches path;		/* only its path */
	void (*fn)(void *ctx, const struct ranked_turn *t);
	void *ctx;
};

/* The usable answers with a rank among the replies. */
static bool ranked_answers(struct ranking *k, const struct json *replies,
	struct messages *answers, double **ranks)
{
	struct json reply, rank, text;
	struct json_iter it;
	size_t cap = 0;

	for (json_begin(&it, replies); json_next(&it, NULL, &reply);) {
		double x;

		json_list(&reply, &k->r->fields);
		if (!is_usable(&k->r->fields, "assistant") ||
			!json_field(&k->r->fields, "rank", &rank) ||
			!json_double(&rank, &x) || !isfinite(x))
			continue;
		if (!json_field(&k->r->fields, "text", &text) ||
			text.type != JSON_STRING)
			return messages_fail(k->r, reply.p,
				"a message has no text");
		*ranks = grow(*ranks, answers->n, &cap, sizeof **ranks);
		(*ranks)[answers->n] = x;
		if (!messages_read(k->r, answers, &text, "assistant"))
			return false;
	}
	return true;
}

/* For the answers to the turn that the path ends with. */
static bool tell_answers(struct ranking *k, const struct json *replies)
{
	struct messages answers = { 0 };
	double *ranks = NULL;
	bool good = ranked_answers(k, replies, &answers, &ranks);
	const struct ranked_turn t = { k->path.path.v, k->path.path.n,
		answers.v, ranks, answers.n };

	if (good && t.n > 1)
		k->fn(k->ctx, &t);
	messages_free(&answers);
	free(ranks);
	return good;
}

/* A usable node of either role and all that follow it. */
static bool walk_ranked(struct ranking *k, const struct json *node, bool user)
{
	size_t depth = k->path.path.n;
	struct json replies, reply;
	struct json_iter it;

	json_list(node, &k->r->fields);
	if (!is_usable(&k->r->fields, user ? "prompter" : "assistant"))
		return true;
	if (!push(k->r, &k->path, node, user ? "user" : "assistant", &replies))
		return false;
	if (user && !tell_answers(k, &replies))
		return false;
	for (json_begin(&it, &replies); json_next(&it, NULL, &reply);)
		if (!walk_ranked(k, &reply, !user))
			return false;
	k->path.path.n = depth;
	return true;
}

bool tree_ranked_turns(struct reading *r, const struct json *root,
	void (*fn)(void *ctx, const struct ranked_turn *t), void *ctx)
{
	struct ranking k = { .r = r, .fn = fn, .ctx = ctx };
	bool good = walk_ranked(&k, root, true);

	branches_free(&k.path);
	return good;
}

void branches_free(struct branches *b)
{
	free(b->v);
	messages_free(&b->messages);
	messages_free(&b->path);
}
