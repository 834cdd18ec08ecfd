/* records.c - reads files of JSON lines: see records.h */
#include "common/format/records.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/utf16.h"
#include "common/base/utf8.h"
#include "common/format/archive.h"
#include "common/format/whatis.h"

bool records_strict;
size_t records_max_line = (size_t)1 << 30;
const char *records_hint;

struct records {
	char **files;
	const char *kind;
	struct input *in;
	bool borrowed;		/* in belongs to the caller */
	const char *file;
	char *name;
	uint64_t count, bad, bytes;
	struct buf first;	/* what was wrong with the first invalid one */
	struct buf head;	/* its bytes, up to WHATIS_HEAD */
	const char *first_file;
};

/* For a file that is wrong as a whole. */
static void refuse_utf16(const struct records *r)
{
	const void *p;
	size_t n = input_peek(r->in, &p, 4);

	if (utf16_mark(p, n, NULL) || utf16_guess(p, n))
		die("%s: is in UTF-16 or UTF-32: JSON lines are in UTF-8",
			r->file);
}

static bool open_next(struct records *r)
{
	if (!*r->files)
		return false;
	r->file = strcmp(*r->files, "-") ? *r->files : "standard input";
	r->in = archive_open_stream(*r->files++);
	refuse_utf16(r);
	return true;
}

struct records *records_open(char **files, const char *kind)
{
	struct records *r = xcalloc(1, sizeof *r);

	r->kind = kind;
	r->files = input_names(files);
	open_next(r);
	return r;
}

struct records *records_open_input(struct input *in, const char *kind)
{
	static char *no_files[] = { NULL };
	struct records *r = xcalloc(1, sizeof *r);

	r->kind = kind;
	r->files = no_files;
	r->in = in;
	r->borrowed = true;
	r->file = r->name = xstrdup(input_name(in));
	refuse_utf16(r);
	return r;
}

bool records_next(struct records *r, struct record *rec)
{
	char *line;
	size_t mark;

	while (r->in) {
		while (input_line(r->in, &line, &rec->n, records_max_line)) {
			r->bytes += rec->n + 1;
			/* Files that start so may have been concatenated. */
			mark = utf8_mark(line, rec->n);
			rec->n -= mark;
			rec->p = line + mark;
			if (ascii_only(rec->p, rec->n, ascii_json_space))
				continue;
			rec->file = r->file;
			rec->line = input_lineno(r->in);
			rec->whole = input_ended_in_newline(r->in);
			r->count++;
			return true;
		}
		if (!r->borrowed)
			input_close(r->in);
		r->in = NULL;
		open_next(r);
	}
	return false;
}

bool records_batch(struct records *r, struct record_batch *b, size_t bytes,
	size_t most)
{
	struct record rec;
	size_t i, at = 0;

	b->n = 0;
	buf_reset(&b->lines);
	while (b->n < most && b->lines.n < bytes && records_next(r, &rec)) {
		b->v = grow(b->v, b->n, &b->cap, sizeof *b->v);
		b->v[b->n++] = rec;
		buf_add(&b->lines, rec.p, rec.n);
	}
	for (i = 0; i < b->n; i++) {	/* lines.p no longer moves */
		b->v[i].p = b->lines.p + at;
		at += b->v[i].n;
	}
	return b->n > 0;
}

void record_batch_free(struct record_batch *b)
{
	free(b->v);
	buf_free(&b->lines);
	*b = (struct record_batch){ 0 };
}

static void report(struct records *r, const struct record *rec,
	const char *why)
{
	unsigned long long line = rec->line;

	if (records_strict)
		die("%s:%llu: not a %s: %s", rec->file, line, r->kind, why);
	if (option_verbose)
		warn("%s:%llu: not a %s: %s", rec->file, line, r->kind, why);
	if (r->bad++)
		return;
	buf_printf(&r->first, "%s:%llu: %s", rec->file, line, why);
	buf_add(&r->head, rec->p, rec->n < WHATIS_HEAD ? rec->n : WHATIS_HEAD);
	r->first_file = rec->file;
}

void records_bad(struct records *r, const struct record *rec,
	const char *why, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof text, why, ap);
	va_end(ap);
	report(r, rec, text);
}

void records_bad_json(struct records *r, const struct record *rec,
	const struct json_error *e)
{
	bool begun = e->at || *rec->p == '{' || *rec->p == '[';

	/* A file without a valid line is not truncated but of another kind. */
	if (!rec->whole && begun && (r->count == 1 || r->bad + 1 < r->count))
		die("%s:%llu: byte %zu: %s: the last line is cut off",
			rec->file, (unsigned long long)rec->line, e->at + 1,
			e->what);
	records_bad(r, rec, "byte %zu: %s", e->at + 1, e->what);
}

uint64_t records_bytes(const struct records *r)
{
	return r->bytes;
}

/* What the file is instead; for a compressed file, what is inside it. */
static const char *what_instead(const struct records *r)
{
	const char *note = whatis_note(r->first_file);

	if (!*note || strstr(note, "like data compressed"))
		note = whatis_note_bytes(r->head.p, r->head.n);
	return note;
}

/* No line is a record: gives the program's own hint if the file is just text. */
static _Noreturn void die_all_bad(struct records *r)
{
	const char *note = what_instead(r);

	if (strstr(note, "plain text")) {
		if (records_hint)
			die("none of %llu lines is a %s: the first: %s: %s",
				(unsigned long long)r->count, r->kind,
				buf_end(&r->first), records_hint);
	} else if (strstr(note, r->kind) || name_ends(note, " JSON")) {
		note = "";	/* as intended, or nothing new */
	}
	die("none of %llu lines is a %s: the first: %s%s",
		(unsigned long long)r->count, r->kind, buf_end(&r->first),
		note);
}

void records_close(struct records *r)
{
	unsigned long long bad = r->bad, count = r->count;

	if (bad && bad == count)
		die_all_bad(r);
	if (bad)
		warn("skipped %llu invalid %s%s of %llu lines: the first: %s",
			bad, r->kind, bad > 1 ? "s" : "", count, r->first.p);
	if (!r->borrowed)
		input_close(r->in);
	buf_free(&r->first);
	buf_free(&r->head);
	free(r->name);
	free(r);
}
