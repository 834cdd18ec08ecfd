/* plaintext.c - splits plain text into documents: see plaintext.h */
#include "common/format/plaintext.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/utf8.h"
#include "common/base/walk.h"
#include "common/format/archive.h"
#include "common/format/whatis.h"

#define HEAD ((size_t)32 << 10)	/* bytes searched for a NUL byte */

struct plaintext {
	struct file_list files;
	size_t next;
	enum plaintext_by by;
	struct input *in;
	const char *name;
	struct buf raw;
	uint64_t left_out, repaired, markup;
	bool told_repair;	/* of the file that is open */
};

struct plaintext *plaintext_open(char **files, enum plaintext_by by)
{
	struct plaintext *p = xcalloc(1, sizeof *p);

	p->by = by;
	for (files = input_names(files); *files; files++) {
		size_t before = p->files.n;

		if (file_is_dir(*files))
			walk_files(&p->files, *files);
		else
			file_list_add(&p->files, *files);
		if (p->files.n == before)
			die("%s: no file in the directory", *files);
	}
	return p;
}

void plaintext_close(struct plaintext *p)
{
	input_close(p->in);
	file_list_free(&p->files);
	buf_free(&p->raw);
	free(p);
}

uint64_t plaintext_left_out(const struct plaintext *p)
{
	return p->left_out;
}

uint64_t plaintext_repaired(const struct plaintext *p)
{
	return p->repaired;
}

/* Text that another program reads is probably here by mistake: reports the first
 * such file, with -v each. */
static void warn_of_markup(struct plaintext *p, const char *head, size_t n)
{
	size_t part = n < WHATIS_HEAD ? n : WHATIS_HEAD;
	const char *kind = n ? whatis(head, part) : NULL;

	if (!kind || (!strstr(kind, "crawlclean") && *head != '{'))
		return;
	if (!p->markup++ || option_verbose)
		warn("%s: taken as plain text%s", input_name(p->in),
			whatis_note_bytes(head, part));
}

/* Reports the first file, with -v each file, whose text has been changed. */
static void count_repair(struct plaintext *p)
{
	if (!p->repaired++ || (option_verbose && !p->told_repair))
		warn("%s: not valid UTF-8: its invalid bytes become U+FFFD; "
			"'crawlclean -x -i text' reads other encodings",
			input_name(p->in));
	p->told_repair = true;
}

/* Text has no zero bytes, but neither does every PDF file or image. */
static bool is_text(const void *head, size_t n)
{
	const char *is = whatis(head, n < WHATIS_HEAD ? n : WHATIS_HEAD);

	return !memchr(head, 0, n) &&
		!(is && strstr(is, "no program here reads"));
}

/* Opens the next file that is text; false at the end. */
static bool next_file(struct plaintext *p)
{
	const void *head;
	size_t n;

	while (p->next < p->files.n) {
		p->name = p->files.v[p->next++];
		p->in = archive_open_stream(p->name);
		input_skip_mark(p->in);
		n = input_peek(p->in, &head, HEAD);
		if (!n || is_text(head, n)) {
			warn_of_markup(p, head, n);
			p->told_repair = false;
			return true;
		}
		warn("%s: left out: not text in UTF-8%s",
			input_name(p->in), whatis_note(p->name));
		p->left_out++;
		input_close(p->in);
		p->in = NULL;
	}
	return false;
}

/* Collects the lines of the next text in raw. False: the file has ended. */
static bool collect(struct plaintext *p, uint64_t *line)
{
	bool text = false;
	char *s;
	size_t n;

	buf_reset(&p->raw);
	while (input_line(p->in, &s, &n, 0)) {
		bool blank = ascii_only(s, n, ascii_space);

		n -= n && s[n - 1] == '\r';
		if (blank && p->by != PLAINTEXT_FILE) {
			if (text)
				return true;
			continue;
		}
		if (!p->raw.n)
			*line = input_lineno(p->in);
		text |= !blank;
		buf_add(&p->raw, s, n);
		if (p->by == PLAINTEXT_LINE)
			return true;
		buf_putc(&p->raw, '\n');
	}
	return text;
}

bool plaintext_next(struct plaintext *p, struct buf *text, const char **name,
	uint64_t *line)
{
	for (;;) {
		if (!p->in && !next_file(p))
			return false;
		if (collect(p, line))
			break;
		input_close(p->in);
		p->in = NULL;
	}
	while (p->raw.n && p->raw.p[p->raw.n - 1] == '\n')
		p->raw.n--;
	if (!utf8_valid(p->raw.p, p->raw.n))
		count_repair(p);
	buf_reset(text);
	utf8_clean(text, p->raw.p, p->raw.n);
	buf_end(text);
	*name = p->name;
	return true;
}
