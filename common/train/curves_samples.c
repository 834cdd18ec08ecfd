/* curves_samples.c - texts that runs wrote as they trained, on their page */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/format/jsonscan.h"
#include "common/train/curves_parts.h"

enum { SHOWN = 24 };		/* of a run, at most: spread over it, the last one too */

/* A line of samples.jsonl: its text as it is shown, the prompt before it. */
static void put_sample(struct page *p, const struct json_fields *f,
	const char *run, struct buf *text)
{
	struct json step, prompt, rest;

	if (!json_field(f, "step", &step) || !json_field(f, "prompt", &prompt) ||
			!json_field(f, "text", &rest))
		return;
	page_heading(p, "%s%sstep %.*s", run, *run ? ", " : "", (int)step.n,
		step.p);
	buf_reset(text);
	json_string(&prompt, text);
	page_markup(p, "<pre>\n<b>");
	page_text(p, text->p ? text->p : "", text->n);
	page_markup(p, "</b>");
	buf_reset(text);
	json_string(&rest, text);
	page_text(p, text->p ? text->p : "", text->n);
	page_markup(p, "</pre>\n");
}

static size_t count_lines(const char *file)
{
	struct input *in = input_open(file);
	size_t n = 0, len;
	char *line;

	while (input_line(in, &line, &len, 0))
		n++;
	input_close(in);
	return n;
}

/* Of n lines, SHOWN at equal distances, from the last one back. */
static bool is_shown(size_t i, size_t n)
{
	size_t back = n - 1 - i;

	return !back || back * SHOWN / n != (back - 1) * SHOWN / n;
}

static void put_run(struct page *p, const char *file, const char *run)
{
	struct input *in;
	struct json_fields f = { 0 };
	struct json_error e;
	struct buf text = { 0 };
	size_t n = count_lines(file), len, i;
	char *line;

	in = input_open(file);
	for (i = 0; i < n && input_line(in, &line, &len, 0); i++) {
		if (!json_object(line, len, &f, &e))
			die("%s:%zu: byte %zu: %s", file, i + 1, e.at + 1, e.what);
		if (is_shown(i, n))
			put_sample(p, &f, run, &text);
	}
	input_close(in);
	json_fields_free(&f);
	buf_free(&text);
	if (n > SHOWN)
		page_paragraph(p, "%d of %zu samples.", SHOWN, n);
}

void curves_put_samples(struct page *p, const struct curves *c)
{
	size_t i, begun = 0;

	for (i = 0; i < c->n; i++) {
		char *file = logged_file(&c->v[i], "samples.jsonl");

		if (!file)
			continue;
		if (!begun++)
			page_section(p, "Samples");
		put_run(p, file, c->n > 1 ? c->v[i].name : "");
		free(file);
	}
}
