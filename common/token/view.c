/* view.c - shows tokens: see view.h */
#include "common/token/view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/token/encode.h"

#define NCOLOUR 8

struct view {
	struct output *out;
	const struct vocab *v;
	bool html;
	struct buf bytes;	/* of the segment so far */
	struct ids ids;
	uint64_t segments, tokens, characters;
	struct buf list;	/* html: ids of the document */
};

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<title>Tokens</title>\n<style>\n"
	"body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;"
	"padding:0 1em;color:#111;background:#fff}\n"
	"pre{font:15px/1.6 monospace;white-space:pre-wrap;"
	"overflow-wrap:anywhere;border:1px solid #ccc;padding:.8em;"
	"border-radius:4px}\n"
	"i,b{font-style:normal;font-weight:normal;border-radius:2px}\n"
	".c0{background:#bae6fd}.c1{background:#fde68a}"
	".c2{background:#bfdbfe}.c3{background:#bbf7d0}\n"
	".c4{background:#fed7aa}.c5{background:#a5f3fc}"
	".c6{background:#e9d5ff}.c7{background:#fecdd3}\n"
	".on{outline:2px solid #111}\n"
	"s{text-decoration:none;display:none;color:#777}"
	".white s{display:inline}\n"
	"</style>\n</head>\n<body>\n"
	"<label><input type=\"checkbox\" id=\"white\"> Show white space</label>\n";

static const char page_tail[] =
	"<script>\n"
	"document.getElementById('white').onchange=function(){\n"
	"document.body.classList.toggle('white',this.checked)};\n"
	"function mark(e){var t=e.target.closest('[data-s]');\n"
	"document.querySelectorAll('.on').forEach(function(x){"
	"x.classList.remove('on')});\n"
	"if(t)document.querySelectorAll('[data-s=\"'+t.dataset.s+'\"]')"
	".forEach(function(x){x.classList.add('on')})}\n"
	"document.addEventListener('mouseover',mark);\n"
	"</script>\n</body>\n</html>\n";

struct view *view_open(struct output *out, const struct vocab *v, bool html)
{
	struct view *w = xcalloc(1, sizeof *w);

	w->out = out;
	w->v = v;
	w->html = html;
	if (html) {
		output_str(out, page_head);
		output_str(out, "<pre>");
	}
	return w;
}

/* ---- one character ---- */

static void html_char(struct output *out, uint32_t c, const char *s, size_t n)
{
	switch (c) {
	case '<':
		output_str(out, "&lt;");
		break;
	case '>':
		output_str(out, "&gt;");
		break;
	case '&':
		output_str(out, "&amp;");
		break;
	case '"':
		output_str(out, "&quot;");
		break;
	case ' ':
		output_str(out, "<s>&sdot;</s> ");
		break;
	case '\t':
		output_str(out, "<s>&rarr;</s>\t");
		break;
	case '\n':
		output_str(out, "<s>\\n</s>\n");
		break;
	case '\r':
		output_str(out, "<s>\\r</s>");
		break;
	default:
		if (unicode_class(c) & UNI_CONTROL && c < 0xa0)
			output_str(out, "\xef\xbf\xbd");
		else
			output_write(out, s, n);
	}
}

/* A newline ends the colour first, so that the colour does not fill the line. */
static void terminal_char(struct output *out, uint32_t c, const char *s,
	size_t n)
{
	if (c == '\n')
		output_str(out, "\033[0m\n");
	else if (c != '\t' && unicode_class(c) & UNI_CONTROL)
		output_putc(out, '?');
	else
		output_write(out, s, n);
}

/* ---- segments ---- */

static void write_text(struct view *w)
{
	size_t i = 0;

	while (i < w->bytes.n) {
		const char *s = w->bytes.p + i;
		uint32_t c;
		bool valid;
		size_t n = (size_t)utf8_decode(s, w->bytes.n - i, &c, &valid);

		if (!valid)
			output_str(w->out, "\xef\xbf\xbd");
		else if (w->html)
			html_char(w->out, c, s, n);
		else
			terminal_char(w->out, c, s, n);
		w->characters++;
		i += n;
	}
}

static void begin_segment(struct view *w)
{
	static const int colours[NCOLOUR] = { 153, 222, 189, 157, 223, 159,
		183, 217 };
	unsigned colour = (unsigned)(w->segments % NCOLOUR);

	if (!w->html)
		output_printf(w->out, "\033[30;48;5;%dm", colours[colour]);
	else
		output_printf(w->out, "<i class=\"c%u\" data-s=\"%" PRIu64 "\">",
			colour, w->segments);
}

static void end_segment(struct view *w)
{
	size_t i;

	if (!w->ids.n)
		return;
	begin_segment(w);
	write_text(w);
	output_str(w->out, w->html ? "</i>" : "\033[0m");
	if (w->html) {
		buf_printf(&w->list, "%s<b data-s=\"%" PRIu64 "\">",
			w->list.n ? ", " : "", w->segments);
		for (i = 0; i < w->ids.n; i++)
			buf_printf(&w->list, "%s%" PRIu32, i ? ", " : "",
				w->ids.v[i]);
		buf_str(&w->list, "</b>");
	}
	w->segments++;
	w->ids.n = 0;
	buf_reset(&w->bytes);
}

void view_ids(struct view *w, const uint32_t *ids, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		ids_add(&w->ids, ids[i]);
		tok_decode(w->v, ids + i, 1, &w->bytes);
		w->tokens++;
		if (!utf8_partial(w->bytes.p, w->bytes.n))
			end_segment(w);
	}
}

void view_document_end(struct view *w)
{
	end_segment(w);
	if (!w->html) {
		output_putc(w->out, '\n');
		return;
	}
	output_printf(w->out, "</pre>\n<p>%" PRIu64 " tokens, %" PRIu64
		" characters</p>\n<pre>", w->tokens, w->characters);
	if (w->list.n)
		output_write(w->out, w->list.p, w->list.n);
	output_str(w->out, "</pre>\n<pre>");
	buf_reset(&w->list);
	w->tokens = w->characters = 0;
}

void view_close(struct view *w)
{
	if (w->html) {
		output_str(w->out, "</pre>\n");
		output_str(w->out, page_tail);
	}
	buf_free(&w->bytes);
	buf_free(&w->list);
	ids_free(&w->ids);
	free(w);
}
