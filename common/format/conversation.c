/* conversation.c - reads conversations in common formats: see conversation.h.
 * Each format has a function that fills lists of messages; texts live in an arena
 * that is emptied for each line.
 */
#include "common/format/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/conversation_tree.h"
#include "common/format/messages.h"

struct conversations {
	struct records *records;
	struct record rec;
	struct json_fields fields;
	struct reading now;
	struct messages prompt, answer, rejected;
	struct branches branches;	/* of a tree, not yet returned */
	size_t branch;
};

struct conversations *conversations_open(char **files, const char *kind)
{
	struct conversations *in = xcalloc(1, sizeof *in);

	in->records = records_open(files, kind);
	return in;
}

struct conversations *conversations_new(void)
{
	return xcalloc(1, sizeof(struct conversations));
}

void conversations_bad(struct conversations *in, const char *why)
{
	records_bad(in->records, &in->rec, "%s", why);
}

void conversations_close(struct conversations *in)
{
	if (in->records)
		records_close(in->records);
	messages_free(&in->prompt);
	messages_free(&in->answer);
	messages_free(&in->rejected);
	branches_free(&in->branches);
	json_fields_free(&in->fields);
	reading_free(&in->now);
	free(in);
}

/* Puts the answers after the prompt. */
static bool finish(struct conversations *in, struct conversation *c,
	bool divided)
{
	size_t i;

	c->divided = divided;
	c->nprompt = in->prompt.n;
	for (i = 0; i < in->answer.n; i++)
		messages_add(&in->prompt, in->answer.v[i]);
	c->v = in->prompt.v;
	c->n = in->prompt.n;
	if (!divided && c->n && !strcmp(c->v[c->n - 1].role, "assistant"))
		c->nprompt = c->n - 1;
	if (!c->n)
		return messages_fail(&in->now, in->fields.object.p, "no message");
	return true;
}

static bool read_alpaca(struct conversations *in, struct conversation *c)
{
	struct json instruction, input, output;
	struct buf *b = &in->now.text;

	json_field(&in->fields, "instruction", &instruction);
	buf_reset(b);
	if (!json_string(&instruction, b))
		return messages_fail(&in->now, instruction.p,
			"'instruction' is not a string");
	if (json_field_given(&in->fields, "input", &input)) {
		if (input.type != JSON_STRING)
			return messages_fail(&in->now, input.p,
				"'input' is not a string");
		if (input.n > 2)
			buf_str(b, "\n\n");
		json_string(&input, b);
	}
	messages_add_text(&in->now, &in->prompt, "user", b->p, b->n);
	if (!json_field_given(&in->fields, "output", &output))
		return finish(in, c, true);
	return messages_read(&in->now, &in->answer, &output, "assistant") &&
		finish(in, c, true);
}

/* Drops the first n messages of prompt from m, if it starts with them. */
static void drop_prefix(struct messages *m, const struct message *prompt,
	size_t n)
{
	if (n > m->n || messages_common(m->v, m->n, prompt, n) < n)
		return;
	memmove(m->v, m->v + n, (m->n - n) * sizeof *m->v);
	m->n -= n;
}

/* chosen and rejected both contain the prompt: it is their common prefix, at most
 * up to the last message but one of the shorter. */
static void split_common(struct conversations *in)
{
	struct messages *a = &in->answer, *b = &in->rejected;
	size_t n = messages_common(a->v, a->n, b->v, b->n), i;

	if (n && (n == a->n || n == b->n))
		n--;
	for (i = 0; i < n; i++)
		messages_add(&in->prompt, a->v[i]);
	drop_prefix(a, in->prompt.v, n);
	drop_prefix(b, in->prompt.v, n);
}

/* A complete conversation given as an answer: a list, or a transcript. */
static bool read_answer(struct conversations *in, struct messages *m,
	const char *key, bool alone)
{
	struct json v;

	if (!json_field_given(&in->fields, key, &v))
		return messages_fail(&in->now, in->fields.object.p,
			"one of 'chosen' and 'rejected' is missing");
	if (alone && v.type == JSON_STRING)
		return messages_read_transcript(&in->now, m, &v);
	return messages_read(&in->now, m, &v, "assistant");
}

static bool read_pair(struct conversations *in, struct conversation *c)
{
	struct json prompt;
	bool alone = !json_field_given(&in->fields, "prompt", &prompt);

	c->plain = prompt.type == JSON_STRING;
	if (!alone && !messages_read(&in->now, &in->prompt, &prompt, "user"))
		return false;
	if (!read_answer(in, &in->answer, "chosen", alone) ||
		!read_answer(in, &in->rejected, "rejected", alone))
		return false;
	if (alone) {
		split_common(in);
	} else {
		drop_prefix(&in->answer, in->prompt.v, in->prompt.n);
		drop_prefix(&in->rejected, in->prompt.v, in->prompt.n);
	}
	if (!in->answer.n || !in->rejected.n)
		return messages_fail(&in->now, in->fields.object.p,
			"an answer of the pair is empty");
	c->rejected = in->rejected.v;
	c->nrejected = in->rejected.n;
	return finish(in, c, true);
}

static bool read_prompt(struct conversations *in, struct conversation *c,
	const struct json *prompt)
{
	struct json completion;

	c->plain = prompt->type == JSON_STRING;
	if (!messages_read(&in->now, &in->prompt, prompt, "user"))
		return false;
	if (json_field_given(&in->fields, "completion", &completion) &&
		!messages_read(&in->now, &in->answer, &completion,
			"assistant"))
		return false;
	return finish(in, c, true);
}

static bool next_branch(struct conversations *in, struct conversation *c)
{
	const struct branch *b = &in->branches.v[in->branch++];
	size_t i;

	for (i = 0; i < b->n; i++)
		messages_add(&in->prompt, in->branches.messages.v[b->at + i]);
	return finish(in, c, false);
}

static bool read_tree(struct conversations *in, struct conversation *c,
	const struct json *root)
{
	return branches_read(&in->now, &in->branches, root) &&
		next_branch(in, c);
}

static bool read_value(struct conversations *in, struct conversation *c)
{
	const struct json_fields *f = &in->fields;
	const struct json *j = &f->object;
	struct json v;

	if (j->type == JSON_ARRAY)
		return messages_read(&in->now, &in->prompt, j, "user") &&
			finish(in, c, false);
	if (j->type != JSON_OBJECT)
		return messages_fail(&in->now, j->p,
			"neither an object nor a list of messages");
	if (json_field_given(f, "chosen", &v))
		return read_pair(in, c);
	if (json_field_given(f, "messages", &v) ||
		json_field_given(f, "conversations", &v)) {
		if (v.type != JSON_ARRAY)
			return messages_fail(&in->now, v.p,
				"the messages are not a list");
		return messages_read(&in->now, &in->prompt, &v, "user") &&
			finish(in, c, false);
	}
	if (json_field_given(f, "instruction", &v))
		return read_alpaca(in, c);
	if (json_field_given(f, "prompt", &v))
		return v.type == JSON_OBJECT ? read_tree(in, c, &v) :
			read_prompt(in, c, &v);
	if (json_field_given(f, "replies", &v))
		return read_tree(in, c, j);
	return messages_fail(&in->now, j->p,
		"none of the keys messages, conversations, chosen, "
		"instruction, prompt, replies");
}

struct records *conversations_records(struct conversations *in)
{
	return in->records;
}

static void begin(struct conversations *in, struct conversation *c)
{
	in->prompt.n = in->answer.n = in->rejected.n = 0;
	*c = (struct conversation){ .rec = in->rec, .json = in->fields.object };
}

bool conversations_read(struct conversations *in, const struct record *r,
	struct conversation *c, struct json_error *e)
{
	in->rec = *r;
	arena_reset(&in->now.arena);
	in->branch = in->branches.n = in->branches.messages.n = 0;
	if (!json_scan(r->p, r->n, &in->fields, e))
		return false;
	begin(in, c);
	if (read_value(in, c))
		return true;
	in->branches.n = 0;
	e->at = in->now.at ? (size_t)(in->now.at - r->p) : 0;
	e->what = in->now.why;
	return false;
}

bool conversations_next(struct conversations *in, struct conversation *c)
{
	struct json_error e;
	struct record r;

	if (in->branch < in->branches.n) {
		begin(in, c);
		return next_branch(in, c);
	}
	while (records_next(in->records, &r)) {
		if (conversations_read(in, &r, c, &e))
			return true;
		records_bad_json(in->records, &r, &e);
	}
	return false;
}
