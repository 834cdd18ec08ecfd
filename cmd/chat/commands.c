/* commands.c - the lines of a chat that begin with a slash: see chat.h */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/chat/chat.h"
#include "common/base/options.h"
#include "common/base/terminal.h"

void chat_say(const struct chat *c, const char *s)
{
	if (c->terminal) {
		output_str(c->out, s);
		output_flush(c->out);
	} else {
		fputs(s, stderr);
	}
}

void chat_save(const struct chat *c, const char *name)
{
	struct buf all = { 0 };

	chat_session_lines(&c->session, &all);
	file_write(name, all.p, all.n);
	buf_free(&all);
}

static const char help[] =
	"/reset          forget the conversation\n"
	"/system TEXT    start again with this system message\n"
	"/save FILE      write the conversation as JSON lines\n"
	"/help           this list\n"
	"/quit           end\n"
	"To send a message that starts with a slash, put a space before it.\n"
	"Ctrl-C stops an answer.\n";

/* The argument if line is the command `name`, else NULL. */
static const char *argument(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) || (line[n] && line[n] != ' '))
		return NULL;
	line += n;
	return line + strspn(line, " ");
}

static void begin_anew(struct chat *c, const char *system)
{
	chat_session_reset(&c->session, system, system ? strlen(system) : 0);
	if (option_quiet)
		return;
	chat_say(c, system ? "A new conversation begins, with this system message: " :
		"A new conversation begins, without a system message.\n");
	if (!system)
		return;
	buf_reset(&c->shown);
	terminal_escape(&c->shown, system, strlen(system));
	buf_putc(&c->shown, '\n');
	chat_say(c, buf_end(&c->shown));
}

/* Whether /save would replace a file; it may write to devices and pipes. */
static bool is_taken(const char *name)
{
	struct stat st;

	if (lstat(name, &st))
		return false;
	return stat(name, &st) || S_ISREG(st.st_mode);
}

static void save_as(struct chat *c, const char *name)
{
	if (!*name) {
		warn("/save needs the name of a file");
	} else if (is_taken(name)) {
		warn("%s: exists already: /save writes new files only", name);
	} else if (!output_possible(name)) {
		warn("%s: cannot create: %s", name, strerror(errno));
	} else {
		chat_save(c, name);
		if (!option_quiet)
			chat_say(c, "Saved.\n");
	}
}

/* A slash followed by a word that is not the start of a path. */
static bool looks_like_command(const char *line)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strspn(line + 1, letters);

	if (line[0] != '/' || strchr(line, '\n'))
		return false;
	n += !n && line[1] == '?';
	n += strspn(line + 1 + n, "0123456789_-");
	return n && (!line[1 + n] || line[1 + n] == ' ');
}

enum chat_line chat_command(struct chat *c, const char *line)
{
	const char *arg;

	if (!looks_like_command(line))
		return CHAT_MESSAGE;
	if (argument(line, "/quit"))
		return CHAT_QUIT;
	if (argument(line, "/help"))
		chat_say(c, help);
	else if (argument(line, "/reset"))
		begin_anew(c, c->system);
	else if ((arg = argument(line, "/system")))
		begin_anew(c, *arg ? arg : NULL);
	else if ((arg = argument(line, "/save")))
		save_as(c, arg);
	else
		warn("unknown command '%.*s': the commands are /reset, "
			"/system TEXT, /save FILE, /help and /quit; put a "
			"space before a message that starts with a slash",
			(int)strcspn(line, " "), line);
	return CHAT_COMMAND;
}
