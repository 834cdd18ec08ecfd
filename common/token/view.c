/* view.c - shows tokens on a terminal: see view.h */
#include "common/token/view.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/token/segment.h"

#define NCOLOUR 8

struct view {
	struct output *out;
	const struct vocab *v;
	struct segment segment;
	unsigned segments;
};

struct view *view_open(struct output *out, const struct vocab *v)
{
	struct view *w = xcalloc(1, sizeof *w);

	w->out = out;
	w->v = v;
	return w;
}

/* A newline ends the colour first, so that the colour does not fill the line. */
static void put_char(struct output *out, uint32_t c, const char *s, size_t n)
{
	if (c == '\n')
		output_str(out, "\033[0m\n");
	else if (c != '\t' && unicode_class(c) & UNI_CONTROL)
		output_putc(out, '?');
	else
		output_write(out, s, n);
}

static void put_text(struct view *w)
{
	const struct buf *b = &w->segment.bytes;
	size_t i = 0;

	while (i < b->n) {
		uint32_t c;
		bool valid;
		size_t n = (size_t)utf8_decode(b->p + i, b->n - i, &c, &valid);

		if (valid)
			put_char(w->out, c, b->p + i, n);
		else
			output_str(w->out, "\xef\xbf\xbd");
		i += n;
	}
}

static void end_segment(struct view *w)
{
	static const int colours[NCOLOUR] = { 153, 222, 189, 157, 223, 159,
		183, 217 };

	if (!w->segment.ids.n)
		return;
	output_printf(w->out, "\033[30;48;5;%dm",
		colours[w->segments++ % NCOLOUR]);
	put_text(w);
	output_str(w->out, "\033[0m");
	segment_reset(&w->segment);
}

void view_ids(struct view *w, const uint32_t *ids, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (segment_add(&w->segment, w->v, ids[i]))
			end_segment(w);
}

void view_document_end(struct view *w)
{
	end_segment(w);
	output_putc(w->out, '\n');
}

void view_close(struct view *w)
{
	segment_free(&w->segment);
	free(w);
}
