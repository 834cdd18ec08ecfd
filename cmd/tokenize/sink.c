/* sink.c - where encoded documents go: see tokenize.h */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/tokenize/tokenize.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/shard.h"
#include "common/format/tokstream.h"
#include "common/token/view.h"

struct sink {
	struct sink_options o;
	const struct vocab *v;
	struct tok_info info;
	struct buf by;			/* info.by points here */
	struct sink_totals totals;
	struct sink_totals before;	/* totals when the file began */
	struct place place;		/* of the last piece */
	char **file;			/* its entry in o.files */
	struct output *out;
	struct tokstream_writer *stream;
	struct shard_row *train;
	struct shard_writer *val;
	struct view *view;
	bool begun;		/* a document is being written */
};

/* Writes the header, once the provenance of the documents is known. */
static void begin_stream(struct sink *s)
{
	if (s->o.kind == SINK_STREAM && !s->stream)
		s->stream = tokstream_begin(s->out, &s->info);
}

void sink_made_by(struct sink *s, const char *lines)
{
	tok_chain_add(&s->by, lines);
	s->info.by = s->by.n ? s->by.p : NULL;
}

static void write_number(struct output *out, uint32_t x)
{
	char digits[11];
	int i = sizeof digits;

	do
		digits[--i] = (char)('0' + x % 10);
	while (x /= 10);
	output_write(out, digits + i, sizeof digits - (size_t)i);
}

static struct shard_writer *begin_val(const struct sink *s)
{
	char *name = shard_path(s->o.output, "val", 0);
	struct shard_writer *w = shard_begin(name, &s->info);

	free(name);
	return w;
}

struct sink *sink_open(const struct vocab *v, const struct sink_options *o)
{
	struct sink *s = xcalloc(1, sizeof *s);
	bool binary = o->kind == SINK_STREAM || o->kind == SINK_SHARDS;

	s->o = *o;
	s->v = v;
	s->info = (struct tok_info){ .vocab = vocab_size(v),
		.tokenizer = vocab_hash(v), .eot = vocab_eot(v) };
	s->info.width = tok_width(s->info.vocab);
	if (binary && s->info.eot < 0 && !o->no_eot)
		die("the vocabulary has no token that ends a document: "
			"use --no-eot, or a tokenizer.json of bpe-train, "
			"which has one");
	if (o->kind != SINK_SHARDS)
		s->out = output_open(o->output);
	if (o->kind == SINK_STREAM) {
		output_refuse_terminal(s->out);
	} else if (o->kind == SINK_SHARDS) {
		s->val = begin_val(s);
		s->train = shard_row_begin(o->output,
			(uint64_t)o->shard_size, &s->info);
	} else if (o->kind == SINK_VIEW) {
		s->view = view_open(s->out, v);
	}
	s->file = s->o.files;
	if (o->kind == SINK_COUNT)
		output_printf(s->out, "documents\tbytes\ttokens\t"
			"bytes_per_token%s\n", o->by_file ? "\tfile" : "");
	return s;
}

/* The validation documents are spread evenly, whatever the seed: the last of
 * each hundred if the share is 0.01. */
static bool is_val(const struct sink *s)
{
	double i = (double)s->totals.documents;

	return (uint64_t)((i + 1) * s->o.val) > (uint64_t)(i * s->o.val);
}

static void write_shards(struct sink *s, const uint32_t *ids, size_t n)
{
	if (is_val(s) && shard_room(s->val) >= n)
		shard_write(s->val, ids, n);
	else
		shard_row_write(s->train, ids, n);
}

static void write_ids(struct sink *s, const uint32_t *ids, size_t n, bool last)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s->begun || i)
			output_putc(s->out, ' ');
		write_number(s->out, ids[i]);
	}
	if (last)
		output_putc(s->out, '\n');
}

static void write_piece(struct sink *s, const uint32_t *ids, size_t n,
	bool last)
{
	switch (s->o.kind) {
	case SINK_STREAM:
		begin_stream(s);
		tokstream_write(s->stream, ids, n);
		break;
	case SINK_SHARDS:
		write_shards(s, ids, n);
		break;
	case SINK_IDS:
		write_ids(s, ids, n, last);
		break;
	case SINK_VIEW:
		view_ids(s->view, ids, n);
		if (last)
			view_document_end(s->view);
		break;
	case SINK_COUNT:
		break;
	}
}

/* ---- counts ---- */

/* File names are untrusted: tabs and newlines in them must not be written. */
static void write_count(struct sink *s, const char *name)
{
	struct sink_totals t = s->totals;
	const char *p;

	t.documents -= s->before.documents;
	t.bytes -= s->before.bytes;
	t.tokens -= s->before.tokens;
	output_printf(s->out, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%.4f",
		t.documents, t.bytes, t.tokens,
		t.tokens ? (double)t.bytes / (double)t.tokens : 0.0);
	if (name)
		output_putc(s->out, '\t');
	for (p = name; p && *p; p++)
		output_putc(s->out, (unsigned char)*p < ' ' ? '?' : *p);
	output_putc(s->out, '\n');
}

static bool is_file(const char *operand, const char *name)
{
	return !strcmp(strcmp(operand, "-") ? operand : "standard input",
		name);
}

/* Writes the lines of the files that end before this position. */
static void reach(struct sink *s, struct place place)
{
	if (s->place.file == place.file && s->place.line <= place.line)
		return;
	if (s->place.file || !is_file(*s->file, place.file)) {
		do {
			write_count(s, *s->file);
			s->before = s->totals;
			s->file++;
		} while (!is_file(*s->file, place.file) && s->file[1]);
	}
	s->place = place;
}

static void end_counts(struct sink *s)
{
	if (s->o.by_file) {
		for (; *s->file; s->file++) {
			write_count(s, *s->file);
			s->before = s->totals;
		}
		s->before = (struct sink_totals){ 0 };
	}
	write_count(s, s->o.by_file ? "total" : NULL);
}

void sink_piece(struct sink *s, struct place place, size_t len,
	const uint32_t *ids, size_t n, bool last)
{
	bool binary = s->o.kind == SINK_STREAM || s->o.kind == SINK_SHARDS;
	uint32_t eot = (uint32_t)s->info.eot;

	if (s->o.kind == SINK_COUNT && s->o.by_file)
		reach(s, place);
	write_piece(s, ids, n, last);
	s->begun = !last && (s->begun || n);
	s->totals.bytes += len;
	s->totals.tokens += n;
	if (last && binary && !s->o.no_eot) {
		write_piece(s, &eot, 1, true);
		s->totals.tokens++;
	}
	s->totals.documents += last;
}

struct sink_totals sink_totals(const struct sink *s)
{
	return s->totals;
}

static void warn_if_no_val(const struct sink *s)
{
	if (s->o.val > 0 && (double)s->totals.documents * s->o.val < 1)
		warn("none of %" PRIu64 " documents was held out for validation: "
			"give a larger --val-share", s->totals.documents);
}

void sink_close(struct sink *s)
{
	begin_stream(s);
	if (s->stream)
		tokstream_end(s->stream);
	if (s->train) {
		shard_row_end(s->train);
		shard_end(s->val);
		warn_if_no_val(s);
	}
	if (s->o.kind == SINK_COUNT)
		end_counts(s);
	if (s->view)
		view_close(s->view);
	if (s->out)
		output_close(s->out);
	buf_free(&s->by);
	free(s);
}
