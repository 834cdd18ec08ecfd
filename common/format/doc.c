/* doc.c - documents as unchanged lines with known fields: see doc.h */
#include "common/format/doc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/format/jsonwrite.h"

struct docs {
	struct records *records;
};

struct docs *docs_open(char **files)
{
	struct docs *in = xcalloc(1, sizeof *in);

	in->records = records_open(files, "document");
	return in;
}

struct records *docs_records(struct docs *in)
{
	return in->records;
}

void docs_close(struct docs *in)
{
	records_close(in->records);
	free(in);
}

/* ---- one document ---- */

static bool no(const struct doc *doc, const char *at, const char *what,
	struct json_error *e)
{
	e->at = (size_t)(at - doc->rec.p);
	e->what = what;
	return false;
}

/* Where the value of one of our keys is kept, or NULL. */
static struct json *place_of(struct doc *doc, const struct json *key)
{
	static const struct {
		const char *name;
		size_t n, offset;
	} ours[] = {
		{ "text", 4, offsetof(struct doc, text) },
		{ "id", 2, offsetof(struct doc, id) },
		{ "source", 6, offsetof(struct doc, source) },
		{ "created", 7, offsetof(struct doc, created) },
		{ "metadata", 8, offsetof(struct doc, metadata) },
	};
	size_t i;

	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		if (json_is(key, ours[i].name, ours[i].n))
			return (struct json *)((char *)doc + ours[i].offset);
	return NULL;
}

bool doc_parse(struct doc *doc, struct json_error *e)
{
	size_t i;

	doc->has_text = false;
	doc->text = doc->id = doc->source = doc->created = doc->metadata =
		(struct json){ 0 };
	json_edits_reset(&doc->edits);
	if (!json_object(doc->rec.p, doc->rec.n, &doc->fields, e))
		return false;
	for (i = 0; i < doc->fields.n; i++) {
		const struct json_field *f = &doc->fields.v[i];
		struct json *place = place_of(doc, &f->key);

		if (place && place->type != JSON_NONE)
			return no(doc, f->key.p, "duplicate key", e);
		if (place)
			*place = f->value;
	}
	if (doc->text.type == JSON_NONE)
		return no(doc, doc->rec.p, "no key 'text'", e);
	if (doc->text.type != JSON_STRING)
		return no(doc, doc->text.p, "'text' is not a string", e);
	return true;
}

void doc_free(struct doc *doc)
{
	json_fields_free(&doc->fields);
	json_edits_free(&doc->edits);
	buf_free(&doc->unescaped);
	buf_free(&doc->name);
	*doc = (struct doc){ 0 };
}

const char *doc_text(struct doc *doc, size_t *n)
{
	if (!doc->text.escaped) {
		*n = doc->text.n - 2;
		return doc->text.p + 1;
	}
	if (!doc->has_text) {
		buf_reset(&doc->unescaped);
		json_string(&doc->text, &doc->unescaped);
		doc->has_text = true;
	}
	*n = doc->unescaped.n;
	return doc->unescaped.p;
}

const char *doc_id(struct doc *doc, size_t *n)
{
	const char *s;

	if (json_view(&doc->id, &doc->name, &s, n))
		return s;
	if (doc->id.type == JSON_NUMBER) {
		*n = doc->id.n;
		return doc->id.p;
	}
	buf_reset(&doc->name);
	buf_printf(&doc->name, "%s:%" PRIu64, doc->rec.file, doc->rec.line);
	*n = doc->name.n;
	return doc->name.p;
}

bool doc_get(const struct doc *doc, const char *path, struct json *value)
{
	return json_field_path(&doc->fields, path, value);
}

void doc_set_text(struct doc *doc, const char *s, size_t n)
{
	json_edit_string(&doc->edits, "text", s, n);
}

void doc_set_string(struct doc *doc, const char *path, const char *s, size_t n)
{
	json_edit_string(&doc->edits, path, s, n);
}

void doc_set_json(struct doc *doc, const char *path, const char *json, size_t n)
{
	json_edit(&doc->edits, path, json, n);
}

void doc_pass_to(struct doc *doc, struct buf *out)
{
	json_edits_apply(&doc->edits, doc->rec.p, doc->rec.n, &doc->fields,
		out);
	buf_putc(out, '\n');
}

void doc_pass(struct doc *doc, struct output *out)
{
	if (!doc->edits.n) {
		output_write(out, doc->rec.p, doc->rec.n);
		output_putc(out, '\n');
		return;
	}
	buf_reset(&doc->name);
	doc_pass_to(doc, &doc->name);
	output_write(out, doc->name.p, doc->name.n);
}

/* ---- batches ---- */

bool docs_batch(struct docs *in, struct doc_batch *b, size_t bytes,
	size_t most)
{
	size_t i, cap = b->cap;

	if (!records_batch(in->records, &b->records, bytes, most))
		return false;
	b->n = b->records.n;
	if (b->n > cap) {
		b->cap = b->records.cap;
		b->v = xrealloc(b->v, b->cap, sizeof *b->v);
		memset(b->v + cap, 0, (b->cap - cap) * sizeof *b->v);
		b->error = xrealloc(b->error, b->cap, sizeof *b->error);
	}
	for (i = 0; i < b->n; i++)
		b->v[i].rec = b->records.v[i];
	return true;
}

void doc_batch_parse(struct doc_batch *b, size_t i)
{
	b->error[i].what = NULL;
	doc_parse(&b->v[i], &b->error[i]);
}

static void parse_text(void *ctx, size_t i, int thread)
{
	struct doc_batch *b = ctx;
	size_t n;

	doc_batch_parse(b, i);
	if (!b->error[i].what)
		doc_text(&b->v[i], &n);
}

bool docs_batch_texts(struct docs *in, struct doc_batch *b, size_t bytes,
	size_t most)
{
	if (!docs_batch(in, b, bytes, most))
		return false;
	parallel_for(b->n, parse_text, b);
	return true;
}

bool doc_batch_good(struct docs *in, struct doc_batch *b, size_t i)
{
	if (!b->error[i].what)
		return true;
	records_bad_json(in->records, &b->v[i].rec, &b->error[i]);
	return false;
}

void doc_batch_free(struct doc_batch *b)
{
	size_t i;

	for (i = 0; i < b->cap; i++)
		doc_free(&b->v[i]);
	free(b->v);
	free(b->error);
	record_batch_free(&b->records);
	*b = (struct doc_batch){ 0 };
}

/* ---- new documents ---- */

static void add_string_key(struct buf *out, const char *key, const char *s,
	size_t n)
{
	json_add_key(out, key);
	json_add_string(out, s, n);
}

void doc_make(struct buf *out, const struct doc_parts *p)
{
	buf_putc(out, '{');
	add_string_key(out, "text", p->text, p->text_len);
	add_string_key(out, "id", p->id, p->id_len);
	if (p->source)
		add_string_key(out, "source", p->source, p->source_len);
	if (p->metadata_len) {
		buf_str(out, ",\"metadata\":{");
		buf_add(out, p->metadata, p->metadata_len);
		buf_putc(out, '}');
	}
	buf_str(out, "}\n");
}
