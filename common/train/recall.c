/* recall.c - what a run remembers of its command line: see run.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/model/model_dir.h"
#include "common/train/run.h"

/* A stored command line is a line "@PROGRAM", options in the format of
 * options_text, and lines "=OPERAND". Returns where the operands begin in text,
 * which is what follows the first line. */
static size_t operands_at(const char *text)
{
	const char *s = *text == '=' ? text : strstr(text, "\n=");

	return s ? (size_t)(s - text) : strlen(text);
}

static char **recall_operands(const char *text, const char *dir)
{
	char **v = xcalloc(1, sizeof *v);
	size_t n, count = 0;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (*text != '=')
			continue;
		v = xrealloc(v, count + 2, sizeof *v);
		v[count] = xstrndup(text + 1, n - 1);
		if (strcmp(v[count], "-") && !file_exists(v[count]))
			die("%s: the run in %s read this file, which is "
				"missing: run in the directory where the run "
				"began, or give the files again", v[count], dir);
		v[++count] = NULL;
	}
	return v;
}

/* Without a training state a new run begins, but not over an existing model
 * whose state is missing. */
static void check_resume(const char *dir, const char *begin)
{
	char *file = model_dir_weights(dir);

	if (!checkpoint_exists(dir)) {
		if (file_exists(file))
			die("%s: a model without a training state to "
				"resume: %s, --force replaces it", dir, begin);
		warn("%s: no checkpoint to resume from: a new run begins",
			dir);
		run_options.resume = false;
	}
	free(file);
}

/* The text of DIR/run.txt, or NULL. */
static char *read_memory(const char *dir)
{
	char *file = path_join(dir, "run.txt"), *text = NULL;
	size_t n;

	if (file_exists(file))
		text = file_read(file, &n);
	free(file);
	return text;
}

/* Settings are separated by blanks. */
void run_setting_model(struct buf *settings, const char *dir)
{
	const char *s;

	buf_str(settings, "model=");
	for (s = dir ? dir : "random"; *s; s++)
		buf_putc(settings, *s == ' ' ? '?' : *s);
}

void run_write_options(const struct run *r)
{
	char *file = path_join(r->dir, "run.txt");

	file_write(file, r->options, strlen(r->options));
	free(file);
}

char **run_recall(const char *dir, char **operands, const char *begin)
{
	char *text, *options, *body;
	size_t n;

	if (!run_options.resume)
		return operands;
	check_resume(dir, begin);
	text = run_options.resume ? read_memory(dir) : NULL;
	if (!text)
		return operands;
	n = strcspn(text, "\n");
	if (*text != '@' || strncmp(text + 1, err_program(), n - 1))
		die("%s: its training state is of %.*s, not of this program: "
			"leave out --resume", dir, (int)n - 1, text + 1);
	body = text + n + (text[n] == '\n');
	options = xstrndup(body, operands_at(body));
	options_recall(options, dir);
	free(options);
	if (!*operands)
		operands = recall_operands(body, dir);
	free(text);
	return operands;
}

char *run_remember(const char *const *but, char *const *operands)
{
	static const char *const never[] = { "resume", "force", "threads",
		"quiet", "verbose" };
	const char *names[32];
	struct buf b = { 0 };
	size_t n = sizeof never / sizeof *never;
	char *options;

	memcpy(names, never, sizeof never);
	while (*but)
		names[n++] = *but++;
	names[n] = NULL;
	options = options_text(names);
	buf_printf(&b, "@%s\n", err_program());
	buf_str(&b, options);
	free(options);
	for (; *operands; operands++)
		buf_printf(&b, "=%s\n", *operands);
	return buf_end(&b);
}
