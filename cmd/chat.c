/* chat - talk with a model on the terminal or in a pipe: chat(1) */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"
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
static struct input *in;	/* NULL with --prompt */
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
		signals_catch();
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
	"/quit           end\n"
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

static enum answered command(const char *line)
{
	const char *arg;

	if (argument(line, "/quit"))
		return QUIT;
	if (argument(line, "/help")) {
		output_str(out, help);
	} else if (argument(line, "/reset")) {
		reset(o.system, o.system ? strlen(o.system) : 0);
	} else if ((arg = argument(line, "/system"))) {
		reset(*arg ? arg : NULL, strlen(arg));
	} else if ((arg = argument(line, "/save"))) {
		if (!*arg)
			warn("/save needs the name of a file");
		else if (!output_possible(arg))
			warn("%s: cannot create: %s", arg, strerror(errno));
		else
			save(arg);
	} else {
		return MESSAGE;
	}
	return COMMAND;
}

static void talk(void)
{
	char *line, *copy;
	size_t len;
	enum answered what = COMMAND;

	if (interactive && !option_quiet)
		output_str(out, "/help tells what there is.\n");
	while (what != QUIT) {
		if (interactive) {
			output_str(out, "> ");
			output_flush(out);
		}
		if (!input_line(in, &line, &len, MAX_LINE)) {
			if (interactive)	/* Ctrl-D behind the prompt */
				output_putc(out, '\n');
			break;
		}
		while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
			len--;
		if (!len)
			continue;
		copy = xstrndup(line, len);
		what = command(copy);
		if (what == MESSAGE)
			ask(copy, len);
		free(copy);
	}
}

static void open_all(void)
{
	if (!o.prompt)
		in = input_open("-");
	speaker_open(&speaker, o.model, 1, &o.stop, false);
	if (!speaker.can_chat)
		die("%s: %s", o.model, speaker.template.why);
	if (o.transcript)
		output_try(o.transcript);
	cache = kvrun_new(&speaker.model->config);
	out = output_open(NULL);
	terminal = isatty(STDOUT_FILENO);
	interactive = !o.prompt && isatty(STDIN_FILENO);
	reset(o.system, o.system ? strlen(o.system) : 0);
}

static void close_all(void)
{
	output_close(out);
	if (in)
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
