/* archive.c - compression and containers: see archive.h. gzip is read with zlib,
 * everything else with libarchive. Each level of nesting is a reader that takes
 * its bytes from the level below.
 */
#include "common/format/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/format/gzip.h"

#define CHUNK ((size_t)64 << 10)

enum {
	MAX_DEPTH = 5,		/* a tar of packages needs three */
	MAX_COMPRESSIONS = 3,
	REST_PEEK = 4096,
	PEEK = 32774		/* an ISO image is recognised at byte 32769 */
};

struct level {
	struct archive *a;
	struct input *in;	/* what a reads; NULL when it reads mem */
	struct buf mem;		/* for formats that need to seek */
	char *path;
	unsigned char *chunk;
	struct input *out;	/* what a gives */
	const void *block;	/* xar: the rest of a block of a member */
	size_t left;
	bool package;		/* ar whose first member is debian-binary */
	bool ended;		/* nothing was compressed, or a is damaged */
};

struct archive_walk {
	struct level level[MAX_DEPTH];
	int depth;		/* number of open containers */
	struct input *member;
	struct buf path;
	char *name;
	bool started;
};

struct magic {
	size_t at, n;
	const char *bytes;
};

static const struct magic compressions[] = {
	{ 0, 4, "\x28\xb5\x2f\xfd" },		/* zstd */
	{ 0, 6, "\xfd" "7zXZ" },		/* with its NUL */
	{ 0, 3, "BZh" },
	{ 0, 4, "\x04\x22\x4d\x18" },		/* lz4 */
	{ 0, 4, "LZIP" },
	{ 0, 2, "\x1f\x9d" },			/* compress */
	{ 0, 0, NULL }
};

static const struct magic containers[] = {
	{ 0, 8, "!<arch>\n" },
	{ 257, 5, "ustar" },
	{ 0, 4, "PK\3\4" },
	{ 0, 6, "7z\xbc\xaf\x27\x1c" },
	{ 0, 5, "07070" },			/* cpio */
	{ 0, 4, "MSCF" },
	{ 0, 6, "Rar!\x1a\x07" },
	{ 0, 4, "xar!" },
	{ 32769, 5, "CD001" },
	{ 0, 0, NULL }
};

static bool matches(const struct magic *m, const unsigned char *p, size_t n)
{
	for (; m->bytes; m++)
		if (n >= m->at + m->n && !memcmp(p + m->at, m->bytes, m->n))
			return true;
	return false;
}

/* Formats with a directory at the end of the file. */
static bool must_seek(const unsigned char *p, size_t n)
{
	return n >= 6 && (!memcmp(p, "7z", 2) || !memcmp(p, "PK", 2) ||
		!memcmp(p, "xar!", 4));
}

/* ---- libarchive's end of the pipe ---- */

/* Ends the program, or only this level: l->a cannot continue. */
static void bad(struct level *l, const char *name)
{
	const char *why = archive_error_string(l->a);
	struct buf message = { 0 };

	if (!l->ended)
		buf_printf(&message, "%s: byte %llu: %s",
			strcmp(name, "-") ? name : "standard input", l->in ?
			(unsigned long long)input_offset(l->in) :
			(unsigned long long)archive_filter_bytes(l->a, 0),
			why ? why : "damaged data");
	if (!input_on_damage)
		die("%s", message.p);
	if (!l->ended)
		input_on_damage(message.p);
	l->ended = true;
	buf_free(&message);
}

static la_ssize_t feed(struct archive *a, void *ctx, const void **p)
{
	struct level *l = ctx;

	*p = l->chunk;
	return (la_ssize_t)input_read_some(l->in, l->chunk, CHUNK);
}

static struct archive *new_reader(void)
{
	struct archive *a = archive_read_new();

	if (!a)
		die("out of memory");
	return a;
}

static void close_level(struct level *l)
{
	archive_read_free(l->a);
	input_close(l->in);
	buf_free(&l->mem);
	free(l->chunk);
	free(l->path);
	*l = (struct level){ 0 };
}

/* ---- compression ---- */

static size_t read_raw(void *ctx, void *buf, size_t n)
{
	struct level *l = ctx;
	la_ssize_t got = l->ended ? 0 : archive_read_data(l->a, buf, n);

	if (got >= 0)
		return (size_t)got;
	bad(l, input_name(l->in));
	input_break(l->out, INPUT_DAMAGED, 0, NULL);
	return 0;
}

static void close_raw(void *ctx)
{
	close_level(ctx);
	free(ctx);
}

static struct input *decompress(struct input *in)
{
	struct level *l = xcalloc(1, sizeof *l);
	struct archive_entry *entry;
	int status;

	l->in = in;
	l->chunk = xmalloc(CHUNK);
	l->a = new_reader();
	archive_read_support_filter_all(l->a);
	archive_read_support_format_raw(l->a);
	archive_read_support_format_empty(l->a);
	status = archive_read_open(l->a, l, NULL, feed, NULL);
	if (status == ARCHIVE_OK)
		status = archive_read_next_header(l->a, &entry);
	l->out = input_open_with(input_name(in), read_raw, close_raw, l);
	if (status == ARCHIVE_EOF) {
		l->ended = true;
	} else if (status != ARCHIVE_OK) {
		bad(l, input_name(in));
		input_break(l->out, INPUT_DAMAGED, 0, NULL);
	}
	return l->out;
}

/* Whether in, which does not start like any compression, is gzip data whose
 * beginning is missing: judged by its name and by zero bytes, which text does
 * not have. Only useful to a reader that continues after damage. */
static bool is_rest_of_gzip(struct input *in)
{
	const char *name = input_name(in);
	size_t len = strlen(name), n;
	const void *p;

	if (!input_on_damage || len < 3 || strcmp(name + len - 3, ".gz"))
		return false;
	n = input_peek(in, &p, REST_PEEK);
	return n && memchr(p, 0, n) && !matches(containers, p, n);
}

/* Decompresses in, if it is compressed; takes ownership of in. */
static struct input *uncompressed(struct input *in)
{
	const void *p;
	size_t n;
	int i;

	for (i = 0; i < MAX_COMPRESSIONS; i++) {
		n = input_peek(in, &p, 8);
		if (gzip_begins(p, n))
			in = gzip_open(in);
		else if (matches(compressions, p, n))
			in = decompress(in);
		else
			break;
	}
	if (i == 0 && is_rest_of_gzip(in))
		in = gzip_open(in);
	return in;
}

struct input *archive_open_stream(const char *name)
{
	return uncompressed(input_open(name));
}

/* Only libarchive's message distinguishes truncation from damage. */
static enum input_end how_it_ended(struct archive *a, la_ssize_t got)
{
	const char *why = archive_error_string(a);

	if (got == 0)
		return INPUT_WHOLE;
	return got > 0 || (why && strstr(why, "runcated")) ? INPUT_CUT :
		INPUT_DAMAGED;
}

enum input_end archive_inflate(struct buf *out, const void *p, size_t n,
	size_t max)
{
	struct archive *a = new_reader();
	struct archive_entry *entry;
	enum input_end end;
	la_ssize_t got = -1;
	size_t room;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, p, n) == ARCHIVE_OK &&
		archive_read_next_header(a, &entry) == ARCHIVE_OK)
		do {
			room = max < CHUNK ? max : CHUNK;
			got = archive_read_data(a, buf_room(out, room), room);
			out->n += got > 0 ? (size_t)got : 0;
			max -= got > 0 ? (size_t)got : 0;
		} while (got > 0 && max);
	end = how_it_ended(a, got);
	archive_read_free(a);
	buf_end(out);
	return end;
}

/* ---- containers ---- */

static void add_formats(struct archive *a)
{
	/* Names in zip and cab files are converted through the locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	archive_read_support_format_tar(a);
	archive_read_support_format_zip(a);
	archive_read_support_format_7zip(a);
	archive_read_support_format_ar(a);
	archive_read_support_format_cpio(a);
	archive_read_support_format_cab(a);
	archive_read_support_format_rar(a);
	archive_read_support_format_rar5(a);
	archive_read_support_format_xar(a);
	archive_read_support_format_iso9660(a);
	/* The directory of a xar file is compressed. */
	archive_read_support_filter_gzip(a);
}

static void slurp(struct buf *b, struct input *in)
{
	size_t got;

	do {
		got = input_read(in, buf_room(b, CHUNK), CHUNK);
		b->n += got;
	} while (got == CHUNK);
}

/* Opens the container in as one more level; takes ownership of in. False: it is
 * damaged. */
static bool push(struct archive_walk *w, struct input *in, const char *path)
{
	struct level *l = &w->level[w->depth];
	const void *p;
	size_t n = input_peek(in, &p, 8);
	int status;

	if (w->depth == MAX_DEPTH)
		die("%s: more than %d archives one inside another", path,
			MAX_DEPTH);
	l->path = xstrdup(path);
	l->a = new_reader();
	add_formats(l->a);
	if (must_seek(p, n)) {
		slurp(&l->mem, in);
		input_close(in);
		status = archive_read_open_memory(l->a, l->mem.p, l->mem.n);
	} else {
		l->in = in;
		l->chunk = xmalloc(CHUNK);
		status = archive_read_open(l->a, l, NULL, feed, NULL);
	}
	if (status != ARCHIVE_OK) {
		bad(l, path);
		close_level(l);
		return false;
	}
	w->depth++;
	return true;
}

/* The path in UTF-8 if the format declares its encoding, else as raw bytes: the
 * library would map different bytes to the same U+FFFD. */
static const char *entry_path(struct archive_entry *e)
{
	const char *p = archive_entry_pathname(e);
	const char *utf8 = archive_entry_pathname_utf8(e);

	if (utf8 && (!p || !strstr(utf8, "\xef\xbf\xbd")))
		p = utf8;
	if (!p)
		p = "unnamed";
	while (!strncmp(p, "./", 2))
		p += 2;
	return p;
}

static bool wanted(struct level *l, struct archive_entry *e, const char *path)
{
	if (archive_entry_hardlink(e) || archive_entry_symlink(e))
		return false;
	if (archive_entry_filetype(e) != AE_IFREG &&
		archive_entry_filetype(e) != 0)
		return false;
	if (!strcmp(path, "debian-binary"))
		l->package = true;
	return !l->package || !strncmp(path, "data.tar", 8);
}

/* archive_read_data() for xar. libarchive (3.6, 3.7) counts block offsets across
 * all members, and would insert zeros before the second. */
static la_ssize_t read_xar(struct level *l, void *buf, size_t n)
{
	la_int64_t offset;
	int status;

	while (!l->left) {
		status = archive_read_data_block(l->a, &l->block, &l->left,
			&offset);
		if (status != ARCHIVE_OK)
			return status == ARCHIVE_EOF ? 0 : status;
	}
	if (n > l->left)
		n = l->left;
	memcpy(buf, l->block, n);
	l->block = (const char *)l->block + n;
	l->left -= n;
	return (la_ssize_t)n;
}

static size_t read_member(void *ctx, void *buf, size_t n)
{
	struct level *l = ctx;
	la_ssize_t got = archive_format(l->a) == ARCHIVE_FORMAT_XAR ?
		read_xar(l, buf, n) : archive_read_data(l->a, buf, n);

	if (got >= 0)
		return (size_t)got;
	bad(l, l->path);
	l->ended = got == ARCHIVE_FATAL;	/* else the next may be intact */
	input_break(l->out, INPUT_DAMAGED, 0, NULL);
	return 0;
}

/* The next member of the innermost container; false: the container has ended. */
static bool next_in_level(struct archive_walk *w, struct level *l)
{
	struct archive_entry *e;
	int status;

	while (!l->ended) {
		status = archive_read_next_header(l->a, &e);
		l->left = 0;
		if (status == ARCHIVE_EOF)
			return false;
		if (status == ARCHIVE_RETRY)
			continue;
		if (status < ARCHIVE_WARN) {
			bad(l, l->path);
			return false;
		}
		if (!wanted(l, e, entry_path(e)))
			continue;
		buf_reset(&w->path);
		buf_printf(&w->path, "%s/%s", l->path, entry_path(e));
		w->member = l->out = input_open_with(w->path.p, read_member,
			NULL, l);
		return true;
	}
	return false;
}

/* True if w->member is a plain file; opens it as a level if it is a container. */
static bool settle(struct archive_walk *w)
{
	const void *p;
	size_t n;

	w->member = uncompressed(w->member);
	n = input_peek(w->member, &p, PEEK);
	if (!matches(containers, p, n))
		return true;
	push(w, w->member, w->path.p);
	w->member = NULL;
	return false;
}

bool archive_walk_next(struct archive_walk *w, struct archive_member *m)
{
	input_close(w->member);
	w->member = NULL;
	for (;;) {
		if (!w->started) {
			w->started = true;
			buf_str(&w->path, w->name);
			w->member = input_open(w->name);
		} else if (!w->depth) {
			return false;
		} else if (!next_in_level(w, &w->level[w->depth - 1])) {
			close_level(&w->level[--w->depth]);
			continue;
		}
		if (settle(w))
			break;
	}
	m->path = w->path.p;
	m->is_file = w->depth == 0;
	m->in = w->member;
	return true;
}

struct archive_walk *archive_walk_open(const char *name)
{
	struct archive_walk *w = xcalloc(1, sizeof *w);

	w->name = xstrdup(name);
	return w;
}

void archive_walk_close(struct archive_walk *w)
{
	input_close(w->member);
	while (w->depth)
		close_level(&w->level[--w->depth]);
	buf_free(&w->path);
	free(w->name);
	free(w);
}
