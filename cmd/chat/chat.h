/* chat.h - shared by main.c and commands.c */
#ifndef PIPELM_CHAT_H
#define PIPELM_CHAT_H

#include <stdbool.h>

#include "common/base/io.h"
#include "common/sample/chat_session.h"

struct chat {
	struct chat_session session;
	struct output *out;		/* standard output: the answers */
	bool interactive, terminal;	/* a user types; out is a terminal */
	const char *system;		/* message after /reset, or NULL */
	struct buf shown;		/* scratch */
};

/* Prints a message for the user, never into collected answers. */
void chat_say(const struct chat *c, const char *s);

/* Writes the conversations so far to a file. */
void chat_save(const struct chat *c, const char *name);

enum chat_line { CHAT_MESSAGE, CHAT_COMMAND, CHAT_QUIT };

/* Executes the line if it is a command; CHAT_MESSAGE if it is a message. */
enum chat_line chat_command(struct chat *c, const char *line);

#endif
