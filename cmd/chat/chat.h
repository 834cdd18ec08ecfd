/* chat.h - what the parts of chat share: main.c and commands.c */
#ifndef PIPELM_CHAT_H
#define PIPELM_CHAT_H

#include <stdbool.h>

#include "common/base/io.h"
#include "common/sample/chat_session.h"

struct chat {
	struct chat_session session;
	struct output *out;		/* standard output: the answers */
	bool interactive, terminal;	/* a user types; out is a terminal */
	const char *system;		/* that /reset begins with, or NULL */
	struct buf shown;		/* scratch */
};

/* Prints for the user, but not where answers are collected. */
void chat_say(const struct chat *c, const char *s);

/* Writes the conversations so far to a file. */
void chat_save(const struct chat *c, const char *name);

enum chat_line { CHAT_MESSAGE, CHAT_COMMAND, CHAT_QUIT };

/* Executes a line that is a command, or reports that it is a message. */
enum chat_line chat_command(struct chat *c, const char *line);

#endif
