/* plaintext.c - plain text, cut into documents: see plaintext.h */
#include "common/format/plaintext.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/base/walk.h"
#include "common/format/archive.h"
#include "common/format/whatis.h"

#define HEAD ((size_t)32 << 10)	/* bytes in which a NUL byte is looked for */

struct plaintext {
	struct file_list files;
	size_t next;
	enum plaintext_by by;
	struct input *in;
	const char *name;
	struct buf raw;
	uint64_t left_out, repaired;
	struct buf repaired_first;
	uint64_t foreign;	/* files that look like data of another kind */
	struct buf foreign_first;
};

struct plaintext *plaintext_open(char **files, enum plaintext_by by)
{
	struct plaintext *p = xcalloc(1, sizeof *p);

	p->by = by;
	for (files = input_names(files); *files; files++) {
		size_t n = p->files.n;

		if (file_is_dir(*files))
			walk_files(&p->files, *files);
		else
			file_list_add(&p->files, *files);
		if (p->files.n == n)
			die("%s: no file in the directory", *files);
	}
	return p;
}

/* Pages, JSON lines and the like are text too, but seldom meant to be. */
static void note_kind(struct plaintext *p, const void *head, size_t n)
{
	const char *is = whatis(head, n);

	if (!is || (!strstr(is, "HTML") && !strstr(is, "web archive") &&
			!strstr(is, "JSON lines") &&
			!strstr(is, "conversations") &&
			!strstr(is, "rollouts") && !strstr(is, "prompts")))
		return;
	if (!p->foreign++)
		buf_printf(&p->foreign_first, "%s, which looks like %s",
			input_name(p->in), is);
}

static void report_foreign(const struct plaintext *p)
{
	if (p->foreign)
		warn("%llu %s taken for plain text, but may be something else: "
			"the first: %s", (unsigned long long)p->foreign,
			p->foreign == 1 ? "file was" : "files were",
			p->foreign_first.p);
}

static void report_repaired(const struct plaintext *p)
{
	if (p->repaired)
		warn("%llu %s not valid UTF-8 and lost characters: the first: "
			"%s; 'crawlclean -x' reads other encodings",
			(unsigned long long)p->repaired,
			p->repaired == 1 ? "text is" : "texts are",
			p->repaired_first.p);
}

void plaintext_close(struct plaintext *p)
{
	report_foreign(p);
	report_repaired(p);
	input_close(p->in);
	file_list_free(&p->files);
	buf_free(&p->raw);
	buf_free(&p->foreign_first);
	buf_free(&p->repaired_first);
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

/* A zero byte is in no text, but not in every PDF file or image either. */
static bool is_text(const void *head, size_t n)
{
	const char *is = whatis(head, n);

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
			note_kind(p, head, n);
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

static bool is_blank(const char *s, size_t n)
{
	while (n && strchr(" \t\v\f\r", *s) && *s) {
		s++;
		n--;
	}
	return n == 0;
}

/* Collects the lines of the next text in raw. False: the file has ended. */
static bool collect(struct plaintext *p, uint64_t *line)
{
	bool text = false;
	char *s;
	size_t n;

	buf_reset(&p->raw);
	while (input_line(p->in, &s, &n, 0)) {
		bool blank = is_blank(s, n);

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
	if (!utf8_valid(p->raw.p, p->raw.n) && !p->repaired++)
		buf_printf(&p->repaired_first, "%s", input_name(p->in));
	buf_reset(text);
	utf8_clean(text, p->raw.p, p->raw.n);
	buf_end(text);
	*name = p->name;
	return true;
}
