/* docs - convert plain text to documents, and back: docs(1) */
#include <inttypes.h>
#include <string.h>

#include "common/base/options.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/format/doc.h"
#include "common/format/doc_chain.h"
#include "common/format/plaintext.h"

enum { BATCH_BYTES = 4 << 20, BATCH_DOCS = 4096 };

static struct {
	int by;
	bool decode;
	const char *out;
} o;

static const struct program program = {
	"docs", "[FILE | DIR ...]\n-d [FILE ...]",
	"convert plain text to documents, and documents to plain text"
};

static const struct option_row rows[] = {
	{ 'b', "by", OPT_ENUM, &o.by, "file|paragraph|line",
	  "part of a text that becomes a document (file)" },
	{ 'd', "decode", OPT_FLAG, &o.decode, NULL,
	  "read documents and write their texts" },
	OPT_OUTPUT(o.out),
	OPT_RECORDS,
	OPT_COMMON
};

/* ---- text to documents ---- */

/* The id of a file is its name; that of a part adds its first line's number. */
static void make(struct buf *line, const struct buf *text, const char *name,
	uint64_t lineno)
{
	struct buf id = { 0 };
	struct doc_parts d = {
		.text = text->p, .text_len = text->n,
		.source = name, .source_len = strlen(name)
	};

	buf_str(&id, name);
	if (o.by != PLAINTEXT_FILE)
		buf_printf(&id, ":%" PRIu64, lineno);
	d.id = buf_end(&id);
	d.id_len = id.n;
	buf_reset(line);
	doc_make(line, &d);
	buf_free(&id);
}

static int encode(char **files, struct output *out)
{
	struct plaintext *p = plaintext_open(files, (enum plaintext_by)o.by);
	struct buf text = { 0 }, line = { 0 };
	uint64_t n = 0, bytes = 0, lineno = 0;
	const char *name;
	bool left_out;

	for (; plaintext_next(p, &text, &name, &lineno); n++) {
		make(&line, &text, name, lineno);
		if (!n)
			doc_chain_add_line(&line, true);
		output_write(out, line.p, line.n);
		bytes += text.n;
		if (progress_due())
			progress_print("documents=%" PRIu64 " text=%" PRIu64,
				n, bytes);
	}
	progress_summary("documents=%" PRIu64 " text=%" PRIu64
		" invalid_utf8=%" PRIu64, n, bytes, plaintext_repaired(p));
	left_out = plaintext_left_out(p) > 0;
	plaintext_close(p);
	buf_free(&text);
	buf_free(&line);
	return left_out;
}

/* ---- and back ---- */

/* Writes one document per line: its own line breaks become blanks. */
static void write_line(struct output *out, const char *s, size_t n)
{
	size_t part;

	for (; n; s += part, n -= part) {
		part = strcspn(s, "\r\n");
		part = part < n ? part : n;
		output_write(out, s, part);
		if (part < n) {
			output_putc(out, ' ');
			part++;
		}
	}
	output_putc(out, '\n');
}

static void write_text(struct output *out, struct doc *doc, bool first)
{
	size_t n;
	const char *s = doc_text(doc, &n);

	if (o.by == PLAINTEXT_LINE) {
		write_line(out, s, n);
		return;
	}
	if (!first)
		output_putc(out, '\n');
	output_write(out, s, n);
	if (!n || s[n - 1] != '\n')
		output_putc(out, '\n');
}

static int decode(char **files, struct output *out)
{
	struct docs *in = docs_open(files);
	struct doc_batch b = { 0 };
	uint64_t n = 0;
	size_t i;

	while (docs_batch_texts(in, &b, BATCH_BYTES, BATCH_DOCS))
		for (i = 0; i < b.n; i++)
			if (doc_batch_good(in, &b, i))
				write_text(out, &b.v[i], n++ == 0);
	doc_batch_free(&b);
	progress_summary("documents=%" PRIu64, n);
	docs_close(in);
	return 0;
}

int main(int argc, char **argv)
{
	struct output *out;
	int status;

	argv += options_parse(&program, rows, argc, argv);
	out = output_open(o.out);
	status = (o.decode ? decode : encode)(argv, out);
	output_close(out);
	return status;
}
