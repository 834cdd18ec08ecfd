/* chat - talk with a model on the terminal or in a pipe: chat(1) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/chat/chat.h"
#include "common/base/io.h"
#include "common/base/lineedit.h"
#include "common/base/mem.h"
#include "common/base/signals.h"
#include "common/base/terminal.h"
#include "common/sample/sampling_options.h"

#define MAX_LINE ((size_t)16 << 20)

static struct {
	const char *model, *system, *prompt, *transcript;
	int64_t length;
	struct option_list stop;
	struct tool_options tools;
	struct sampling sampling;
} o = {
	.tools = TOOL_DEFAULTS,
	.length = 512,
	.sampling = { .temperature = 0.8, .top_p = 0.95, .repeat_penalty = 1,
		.repeat_last = 64 }
};

static const struct program program = {
	"chat", "-m DIR", "talk with a model on the terminal or in a pipe"
};

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model: directory or GGUF file" },
	{ 'S', "system", OPT_STR, &o.system, "TEXT",
	  "the system message, which describes the model's role" },
	{ 'p', "prompt", OPT_STR, &o.prompt, "TEXT",
	  "one message; exit after the answer" },
	{ 'o', "output", OPT_STR, &o.transcript, "FILE",
	  "save the conversation to FILE, as JSON lines" },
	{ 'n', "length", OPT_INT, &o.length, "N",
	  "maximum tokens of an answer (512)" },
	OPT_SAMPLING(o.sampling, "0.8", "0.95"),
	OPT_SEED,
	OPT_STOP(o.stop),
	OPT_KV,
	OPT_COMPUTE("auto"),
	OPT_TOOLS(o.tools),
	OPT_THREADS,
	OPT_COMMON
};

static struct generator generator;
static struct chat chat;
static struct input *in;	/* NULL with --prompt, or with editor */
static struct lineedit *editor;	/* NULL: no line editing */

/* ---- answers ---- */

static void put(const char *s, size_t n)
{
	if (!n)
		return;
	buf_reset(&chat.shown);
	if (chat.terminal)
		terminal_escape(&chat.shown, s, n);
	else
		buf_add(&chat.shown, s, n);
	output_write(chat.out, chat.shown.p, chat.shown.n);
	output_flush(chat.out);
}

static bool stream(struct answer *a)
{
	size_t n = answer_settled(a, &generator.stop);

	if (n > a->shown) {
		put(a->text.p + a->shown, n - a->shown);
		a->shown = n;
	}
	return !chat.interactive || !signals_caught();
}

static void ended(struct answer *a)
{
	put(a->text.p + a->shown, a->text.n - a->shown);
	output_putc(chat.out, '\n');
	output_flush(chat.out);
	if (chat.terminal)
		err_line_begin();	/* the newline ended the line */
}

static void refuse(const char *why)
{
	if (chat.interactive)
		warn("%s", why);
	else if (why == chat_session_too_long)
		die("a message of %zu tokens does not fit the model's context "
			"of %zu", generator.rendered.ids.n,
			generator.model->config.context);
	else
		die("%s", why);
}

static void ask(const char *text, size_t len)
{
	const char *why = chat_session_say(&chat.session, text, len);

	if (why) {
		refuse(why);
		return;
	}
	if (chat.interactive)
		signals_catch_interrupt();
	chat_session_answer(&chat.session, &o.sampling, (uint64_t)option_seed,
		stream, ended);
	if (chat.interactive)
		signals_release();
	if (o.transcript)
		chat_save(&chat, o.transcript);
}

/* ---- lines ---- */

/* Without a line editor, the terminal itself truncates lines. */
#define TERMINAL_LINE 4095

/* Reads the next line; false at the end. */
static bool next_line(const char **line, size_t *len)
{
	char *s;

	if (editor)
		return lineedit_read(editor, line, len);
	if (chat.interactive)
		chat_say(&chat, "> ");
	if (!input_line(in, &s, len, MAX_LINE))
		return false;
	if (chat.interactive && *len >= TERMINAL_LINE)
		warn("the terminal truncates lines at %d bytes, and this chat was "
			"built without libedit, which would not",
			TERMINAL_LINE);
	*line = s;
	return true;
}

static void talk(void)
{
	const char *line;
	char *copy;
	size_t len;
	enum chat_line what = CHAT_COMMAND;

	if (chat.interactive && !option_quiet)
		chat_say(&chat, "Type /help for a list of commands.\n");
	while (what != CHAT_QUIT) {
		if (!next_line(&line, &len)) {
			if (chat.interactive)	/* Ctrl-D at the prompt */
				chat_say(&chat, "\n");
			break;
		}
		while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
			len--;
		if (!len)
			continue;
		copy = xstrndup(line, len);
		what = chat_command(&chat, copy);
		if (!strncmp(copy, " /", 2))	/* an escaped slash */
			memmove(copy, copy + 1, len--);
		if (what == CHAT_MESSAGE)
			ask(copy, len);
		free(copy);
	}
}

/* A stream that the user sees, or NULL. */
static FILE *screen(void)
{
	return isatty(STDOUT_FILENO) ? stdout : isatty(STDERR_FILENO) ?
		stderr : fopen("/dev/tty", "w");
}

static void open_input(void)
{
	FILE *f;

	if (o.prompt)
		return;
	chat.interactive = isatty(STDIN_FILENO);
	f = chat.interactive && lineedit_there() ? screen() : NULL;
	if (f)
		editor = lineedit_open(f, "> ");
	if (!editor)
		in = input_open("-");
}

static void open_all(void)
{
	size_t len = o.system ? strlen(o.system) : 0;
	struct generator_limits one = { .rows = 1 };

	generator_open(&generator, o.model, &one, &o.stop, false);
	generator_use_tools(&generator, &o.tools);
	generator_need_chat(&generator);
	if (o.transcript)
		output_try(o.transcript);
	chat.out = output_open(NULL);
	chat.terminal = isatty(STDOUT_FILENO);
	chat.system = o.system;
	open_input();
	chat.session.generator = &generator;
	chat.session.length = o.length;
	chat_session_reset(&chat.session, o.system, len);
}

static void close_all(void)
{
	lineedit_close(editor);
	output_close(chat.out);
	input_close(in);
	if (option_verbose)
		generator_summary(&generator);
	chat_session_free(&chat.session);
	buf_free(&chat.shown);
	generator_close(&generator);
}

int main(int argc, char **argv)
{
	argv += options_parse(&program, rows, argc, argv);
	if (*argv)
		die_usage("'%s' is one operand too many: a message goes "
			"after --prompt", *argv);
	option_range("length", o.length, 1, INT64_MAX);
	sampling_options_check(&o.sampling);
	tool_options_check(&o.tools);
	open_all();
	if (o.prompt)
		ask(o.prompt, strlen(o.prompt));
	else
		talk();
	close_all();
	return 0;
}
