/* chat - talk with a model on the terminal or in a pipe: chat(1) */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/lineedit.h"
#include "common/base/mem.h"
#include "common/base/signals.h"
#include "common/format/jsonwrite.h"
#include "common/sample/show.h"
#include "common/sample/speaker.h"

#define MAX_LINE ((size_t)16 << 20)

static struct {
	const char *model, *system, *prompt, *transcript;
	int64_t length;
	struct option_list stop;
	struct sampling sampling;
} o = {
	.length = 512,
	.sampling = { .temperature = 0.8, .top_p = 0.95, .repeat_penalty = 1,
		.repeat_last = 64 }
};

static const struct program program = {
	"chat", "", "talk with a model on the terminal or in a pipe"
};

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model directory" },
	{ 'S', "system", OPT_STR, &o.system, "TEXT",
	  "the system message: what the model shall be" },
	{ 'p', "prompt", OPT_STR, &o.prompt, "TEXT",
	  "one message; ends after the answer" },
	{ 'o', "output", OPT_STR, &o.transcript, "FILE",
	  "keep the conversation in FILE, as JSON lines" },
	{ 'n', "length", OPT_INT, &o.length, "N",
	  "tokens of an answer at most (512)" },
	OPT_SAMPLING(o.sampling, "0.8", "0.95"),
	OPT_SEED,
	OPT_STOP(o.stop),
	OPT_THREADS,
	OPT_COMMON
};

struct turn {
	const char *role;
	char *text;
	size_t len;
};

static struct speaker speaker;
static struct input *in;	/* NULL with --prompt, or with editor */
static struct lineedit *editor;	/* NULL: lines are not typed */
static struct output *out;
static bool interactive, terminal;

static struct turn *turns;	/* the conversation; system first, if any */
static size_t nturn, turn_cap;
static size_t oldest;		/* first turn after the system message that
				 * the model still sees */
static bool told;		/* that turns were forgotten */
static struct buf finished;	/* lines of conversations before a /reset */
static struct kvrun *cache;	/* keys and values of cached */
static struct ids cached;
static struct prompt prompt;
static uint64_t asked;		/* messages so far */
static struct buf shown;

/* What is for the user's eyes does not go where answers are collected. */
static void say(const char *s)
{
	if (terminal) {
		output_str(out, s);
		output_flush(out);
	} else {
		fputs(s, stderr);
	}
}

/* ---- the conversation ---- */

static void add_turn(const char *role, const char *text, size_t len)
{
	turns = grow(turns, nturn, &turn_cap, sizeof *turns);
	turns[nturn++] = (struct turn){ role, xstrndup(text, len), len };
}

static void drop_last_turn(void)
{
	free(turns[--nturn].text);
}

static bool has_system(void)
{
	return nturn && !strcmp(turns[0].role, "system");
}

static void add_line(struct buf *b)
{
	size_t i;

	if (nturn <= has_system())
		return;
	buf_str(b, "{\"messages\":[");
	for (i = 0; i < nturn; i++) {
		json_add_comma(b);
		buf_putc(b, '{');
		json_add_key(b, "role");
		json_add_cstring(b, turns[i].role);
		json_add_key(b, "content");
		json_add_string(b, turns[i].text, turns[i].len);
		buf_putc(b, '}');
	}
	buf_str(b, "]}\n");
}

static void save(const char *name)
{
	struct buf all = { 0 };

	buf_add(&all, finished.p, finished.n);
	add_line(&all);
	file_write(name, all.p, all.n);
	buf_free(&all);
}

static void reset(const char *system, size_t len)
{
	add_line(&finished);
	while (nturn)
		drop_last_turn();
	if (system)
		add_turn("system", system, len);
	oldest = nturn;
	told = false;
}

/* ---- asking ---- */

static const char too_long[] = "that is too long for the model's context";

/* The ids of what the model sees, into speaker.rendered; NULL, or why not. */
static const char *render(void)
{
	struct message *v = xcalloc(nturn, sizeof *v);
	struct dialogue d = { .v = v, .prompt = true };
	const char *why;
	size_t i;

	for (i = 0; i < nturn; i++)
		if (i >= oldest || (!i && has_system()))
			v[d.n++] = (struct message){ .role = turns[i].role,
				.content = turns[i].text,
				.len = turns[i].len };
	why = template_render(&speaker.template, speaker.encoder, &d,
		&speaker.rendered);
	free(v);
	return why;
}

/* Leaves oldest turns out until an answer has room; NULL, or why the last
 * message cannot be answered. */
static const char *fit(void)
{
	size_t context = speaker.model->config.context;
	size_t room = context / 4;
	bool dropped = false;
	const char *why;

	if ((size_t)o.length < room)
		room = (size_t)o.length;
	for (;;) {
		why = render();
		if (why)
			return why;
		if (speaker.rendered.ids.n + room <= context)
			break;
		if (oldest + 1 >= nturn)
			return too_long;
		do
			oldest++;
		while (oldest + 1 < nturn &&
			strcmp(turns[oldest].role, "user"));
		dropped = true;
	}
	if (dropped && !told && !option_quiet)
		warn("the conversation is longer than the model's context: "
			"it forgets the oldest turns from now on");
	told |= dropped;
	return NULL;
}

/* What the last prompt and answer share with the new prompt is kept. */
static void keep_common(void)
{
	const struct ids *r = &speaker.rendered.ids;
	size_t n = 0;

	while (n < cache->n && n + 1 < r->n && cached.v[n] == r->v[n])
		n++;
	cache->n = n;
	cached.n = 0;
	memcpy(ids_room(&cached, r->n), r->v, r->n * sizeof *r->v);
	cached.n = r->n;
}

static struct prompt *next(void *ctx)
{
	bool *given = ctx;

	if (*given)
		return NULL;
	*given = true;
	return &prompt;
}

static void put(const char *s, size_t n)
{
	if (!n)
		return;
	buf_reset(&shown);
	if (terminal)
		show_safe(&shown, s, n);
	else
		buf_add(&shown, s, n);
	output_write(out, shown.p, shown.n);
	output_flush(out);
}

static bool stream(void *ctx, struct answer *a)
{
	size_t n = answer_settled(a, &speaker.ending);

	if (n > a->shown) {
		put(a->text.p + a->shown, n - a->shown);
		a->shown = n;
	}
	return !interactive || !signals_caught();
}

static void done(void *ctx, struct answer *a)
{
	size_t i;

	put(a->text.p + a->shown, a->text.n - a->shown);
	output_putc(out, '\n');
	output_flush(out);
	if (terminal)
		err_line_begin();	/* that newline frees the line */
	add_turn("assistant", buf_end(&a->text), a->text.n);
	for (i = 0; i < a->ids.n; i++)
		ids_add(&cached, a->ids.v[i]);
	answer_free(a);
}

static void ask(const char *text, size_t len)
{
	bool given = false;
	struct engine_calls calls = { .ctx = &given, .next = next,
		.token = stream, .done = done };

	const char *why;

	add_turn("user", text, len);
	why = fit();
	if (why == too_long && !interactive)
		die("a message of %zu tokens does not fit the model's context "
			"of %zu", speaker.rendered.ids.n,
			speaker.model->config.context);
	if (why && !interactive)
		die("%s", why);
	if (why) {
		warn("%s", why);
		drop_last_turn();
		return;
	}
	keep_common();
	prompt = (struct prompt){ .ids = cached.v, .n = cached.n,
		.samples = 1, .key = asked++, .cache = cache,
		.most = speaker_room(&speaker, cached.n, o.length) };
	if (interactive)
		signals_catch_interrupt();
	engine_run(speaker.engine, &o.sampling, (uint64_t)option_seed,
		&speaker.ending, speaker.usable, &calls);
	if (interactive)
		signals_release();
	if (o.transcript)
		save(o.transcript);
}

/* ---- lines ---- */

static const char help[] =
	"/reset          forget the conversation\n"
	"/system TEXT    begin anew with this system message\n"
	"/save FILE      write the conversation as JSON lines\n"
	"/help           this list\n"
	"/quit           end\n"
	"A space before it makes a message of what begins with a slash.\n"
	"Ctrl-C stops an answer.\n";

/* The argument when line is that command, NULL when it is not. */
static const char *argument(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) || (line[n] && line[n] != ' '))
		return NULL;
	line += n;
	return line + strspn(line, " ");
}

enum answered { MESSAGE, COMMAND, QUIT };

static void begin_anew(const char *system)
{
	reset(system, system ? strlen(system) : 0);
	if (option_quiet)
		return;
	say(system ? "A new conversation begins, with this system message: " :
		"A new conversation begins, without a system message.\n");
	if (!system)
		return;
	buf_reset(&shown);
	show_safe(&shown, system, strlen(system));
	buf_putc(&shown, '\n');
	say(buf_end(&shown));
}

/* Something that /save would replace; devices and pipes it writes to. */
static bool is_taken(const char *name)
{
	struct stat st;

	if (lstat(name, &st))
		return false;
	return stat(name, &st) || S_ISREG(st.st_mode);
}

static void save_as(const char *name)
{
	if (!*name) {
		warn("/save needs the name of a file");
	} else if (is_taken(name)) {
		warn("%s: exists already: /save writes new files only", name);
	} else if (!output_possible(name)) {
		warn("%s: cannot create: %s", name, strerror(errno));
	} else {
		save(name);
		if (!option_quiet)
			say("Saved.\n");
	}
}

/* A slash and a word, and it is not the beginning of a path. */
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

static enum answered command(const char *line)
{
	const char *arg;

	if (!looks_like_command(line))
		return MESSAGE;
	if (argument(line, "/quit"))
		return QUIT;
	if (argument(line, "/help"))
		say(help);
	else if (argument(line, "/reset"))
		begin_anew(o.system);
	else if ((arg = argument(line, "/system")))
		begin_anew(*arg ? arg : NULL);
	else if ((arg = argument(line, "/save")))
		save_as(arg);
	else
		warn("there is no command '%.*s': the commands are /reset, "
			"/system TEXT, /save FILE, /help and /quit; put a "
			"space before a message that begins with a slash",
			(int)strcspn(line, " "), line);
	return COMMAND;
}

/* The terminal itself cuts lines where nothing else edits them. */
#define TERMINAL_LINE 4095

/* The next line; false at the end. */
static bool next_line(const char **line, size_t *len)
{
	char *s;

	if (editor)
		return lineedit_read(editor, line, len);
	if (interactive)
		say("> ");
	if (!input_line(in, &s, len, MAX_LINE))
		return false;
	if (interactive && *len >= TERMINAL_LINE)
		warn("the terminal cuts lines at %d bytes, and this chat was "
			"built without libedit, which does not",
			TERMINAL_LINE);
	*line = s;
	return true;
}

static void talk(void)
{
	const char *line;
	char *copy;
	size_t len;
	enum answered what = COMMAND;

	if (interactive && !option_quiet)
		say("/help tells what there is.\n");
	while (what != QUIT) {
		if (!next_line(&line, &len)) {
			if (interactive)	/* Ctrl-D behind the prompt */
				say("\n");
			break;
		}
		while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
			len--;
		if (!len)
			continue;
		copy = xstrndup(line, len);
		what = command(copy);
		if (!strncmp(copy, " /", 2))	/* the space that says so */
			memmove(copy, copy + 1, len--);
		if (what == MESSAGE)
			ask(copy, len);
		free(copy);
	}
}

/* Where the user sees it: NULL when nowhere. */
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
	interactive = isatty(STDIN_FILENO);
	f = interactive && lineedit_there() ? screen() : NULL;
	if (f)
		editor = lineedit_open(f, "> ");
	if (!editor)
		in = input_open("-");
}

static void open_all(void)
{
	speaker_open(&speaker, o.model, 1, &o.stop, false);
	speaker_need_chat(&speaker);
	if (o.transcript)
		output_try(o.transcript);
	cache = kvrun_new(&speaker.model->config);
	out = output_open(NULL);
	terminal = isatty(STDOUT_FILENO);
	open_input();
	reset(o.system, o.system ? strlen(o.system) : 0);
}

static void close_all(void)
{
	lineedit_close(editor);
	output_close(out);
	input_close(in);
	if (option_verbose)
		speaker_summary(&speaker);
	while (nturn)
		drop_last_turn();
	free(turns);
	buf_free(&finished);
	buf_free(&shown);
	kvrun_free(cache);
	ids_free(&cached);
	speaker_close(&speaker);
}

int main(int argc, char **argv)
{
	argv += options_parse(&program, rows, argc, argv);
	if (*argv)
		die_usage("'%s' is one operand too many: a message goes "
			"after --prompt", *argv);
	option_range("length", o.length, 1, INT64_MAX);
	sampling_finish(&o.sampling);
	open_all();
	if (o.prompt)
		ask(o.prompt, strlen(o.prompt));
	else
		talk();
	close_all();
	return 0;
}
