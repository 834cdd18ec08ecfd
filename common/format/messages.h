/* messages.h - reads lists of messages from JSON, for conversation.c */
#ifndef PIPELM_MESSAGES_H
#define PIPELM_MESSAGES_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/format/conversation.h"

struct messages {
	struct message *v;
	size_t n, cap;
};

/* The state of reading a line: where texts go, working memory, and the error. */
struct reading {
	struct arena arena;
	struct buf text;
	struct json_fields fields;	/* of one message */
	const char *at;		/* position in the line */
	const char *why;
};

void reading_free(struct reading *r);

/* Records the error at `at`; returns false. */
bool messages_fail(struct reading *r, const char *at, const char *why);

void messages_add(struct messages *m, struct message x);

/* Adds a message with a copy of text[0..n). */
void messages_add_text(struct reading *r, struct messages *m, const char *role,
	const char *text, size_t n);

/* Adds the messages in v: a string is one message with that role; a list has
 * elements {role, content} or {from, value}. */
bool messages_read(struct reading *r, struct messages *m, const struct json *v,
	const char *role);

/* Adds the turns of a string "\n\nHuman: ...\n\nAssistant: ...". */
bool messages_read_transcript(struct reading *r, struct messages *m,
	const struct json *v);

/* The length of the longest common prefix of two lists. */
size_t messages_common(const struct message *a, size_t na,
	const struct message *b, size_t nb);

void messages_free(struct messages *m);

#endif
