/* metaspace_json.c - how a tokenizer.json says that spaces are U+2581: see
 * metaspace.h
 *
 * Either its normalizer puts a space before a text (Prepend) and replaces spaces
 * (Replace), or a pre-tokenizer does both (Metaspace).
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/metaspace.h"

#define DEPTH 8		/* nested sequences */

struct reading {
	const char *file;
	bool nfc, prepends, replaces;	/* the normalizer */
	struct metaspace *m;		/* NULL: no Metaspace so far */
	int depth;
};

static _Noreturn void refuse(const struct reading *r, const char *where,
	const struct json *v)
{
	struct json type;

	json_get(v, "type", &type);
	die("%s: %s: %.*s is not supported with 'byte_fallback'", r->file,
		where, type.n > 80 ? 80 : type.n ? (int)type.n : 14,
		type.n ? type.p : "a missing type");
}

static bool says(const struct json *v, const char *path, const char *text)
{
	struct json e;

	json_path(v, path, &e);
	return json_is_cstring(&e, text);
}

static void each(struct reading *r, const struct json *v, const char *key,
	void (*read)(struct reading *r, const struct json *v))
{
	struct json_iter it;
	struct json list, e;

	if (++r->depth > DEPTH || !json_get(v, key, &list) ||
		list.type != JSON_ARRAY)
		die("%s: a Sequence has no array '%s', or is nested too deep",
			r->file, key);
	json_begin(&it, &list);
	while (json_next(&it, NULL, &e))
		read(r, &e);
	r->depth--;
}

static void read_normalizer(struct reading *r, const struct json *v)
{
	if (v->type == JSON_NONE || v->type == JSON_NULL)
		return;
	if (json_says(v, "type", "Sequence"))
		each(r, v, "normalizers", read_normalizer);
	else if (json_says(v, "type", "NFC"))
		r->nfc = true;
	else if (json_says(v, "type", "Prepend") && !r->prepends &&
		says(v, "prepend", METASPACE_CHAR))
		r->prepends = true;
	else if (json_says(v, "type", "Replace") &&
		says(v, "pattern.String", " ") &&
		says(v, "content", METASPACE_CHAR))
		r->replaces = true;
	else
		refuse(r, "normalizer", v);
}

/* Files of older releases have add_prefix_space instead of prepend_scheme. */
static void read_metaspace(struct reading *r, const struct json *v)
{
	bool prefix = json_flag(v, "add_prefix_space", true);
	struct json scheme;

	if (r->m || !says(v, "replacement", METASPACE_CHAR))
		refuse(r, "pre_tokenizer: a second one or another replacement:",
			v);
	r->m = metaspace_new(METASPACE_NEVER);
	r->m->split = json_flag(v, "split", true);
	json_get(v, "prepend_scheme", &scheme);
	if (scheme.type == JSON_NONE ? prefix :
		json_is_cstring(&scheme, "always"))
		r->m->prefix = METASPACE_MISSING;
	else if (json_is_cstring(&scheme, "first"))
		r->m->prefix = METASPACE_FIRST;
	else if (scheme.type != JSON_NONE && !json_is_cstring(&scheme, "never"))
		die("%s: pre_tokenizer: the prepend_scheme %.*s is not "
			"supported", r->file, scheme.n > 80 ? 80 :
			(int)scheme.n, scheme.p);
}

/* A Split at spaces does nothing after a normalizer that leaves none. */
static void read_pre_tokenizer(struct reading *r, const struct json *v)
{
	if (v->type == JSON_NONE || v->type == JSON_NULL)
		return;
	if (json_says(v, "type", "Sequence"))
		each(r, v, "pretokenizers", read_pre_tokenizer);
	else if (json_says(v, "type", "Metaspace"))
		read_metaspace(r, v);
	else if (!json_says(v, "type", "Split") || !r->replaces ||
		!says(v, "pattern.String", " "))
		refuse(r, "pre_tokenizer", v);
}

struct metaspace *metaspace_parse(const struct json *root, const char *file,
	bool *nfc)
{
	struct reading r = { .file = file };
	struct json v;

	json_get(root, "normalizer", &v);
	read_normalizer(&r, &v);
	json_get(root, "pre_tokenizer", &v);
	read_pre_tokenizer(&r, &v);
	if (!r.m && !r.replaces)
		die("%s: 'byte_fallback' is not supported unless a normalizer "
			"or pre_tokenizer replaces spaces by U+2581", file);
	if (r.m && r.m->prefix != METASPACE_NEVER && (r.prepends || r.replaces))
		die("%s: both normalizer and pre_tokenizer replace spaces or "
			"put one before a text, which is not supported", file);
	if (r.prepends && !r.replaces)
		die("%s: normalizer: 'Prepend' is not supported without "
			"'Replace'", file);
	if (!r.m)
		r.m = metaspace_new(METASPACE_NEVER);
	r.m->late = !r.replaces;
	if (r.prepends)
		r.m->prefix = METASPACE_ALWAYS;
	*nfc = r.nfc;
	return r.m;
}

/* ---- writing ---- */

#define NFC "{\"type\": \"NFC\"}"
#define PREPEND "{\"type\": \"Prepend\", \"prepend\": \"" METASPACE_CHAR "\"}"
#define REPLACE(from, to) "{\"type\": \"Replace\", \"pattern\": " \
	"{\"String\": \"" from "\"}, \"content\": \"" to "\"}"

static void write_normalizer(struct buf *b, const struct metaspace *m,
	bool nfc)
{
	const char *sep = "";

	buf_str(b, " \"normalizer\": ");
	if (m->late) {
		buf_str(b, nfc ? NFC ",\n" : "null,\n");
		return;
	}
	buf_str(b, "{\"type\": \"Sequence\", \"normalizers\": [");
	if (nfc) {
		buf_str(b, NFC);
		sep = ",\n  ";
	}
	if (m->prefix != METASPACE_NEVER) {
		buf_printf(b, "%s" PREPEND, sep);
		sep = ",\n  ";
	}
	buf_printf(b, "%s" REPLACE(" ", METASPACE_CHAR) "]},\n", sep);
}

void metaspace_write(struct buf *b, const struct metaspace *m, bool nfc)
{
	static const char *const schemes[] = { [METASPACE_NEVER] = "never",
		[METASPACE_ALWAYS] = "never", [METASPACE_MISSING] = "always",
		[METASPACE_FIRST] = "first" };

	write_normalizer(b, m, nfc);
	if (m->late || m->split)
		buf_printf(b, " \"pre_tokenizer\": {\"type\": \"Metaspace\", "
			"\"replacement\": \"" METASPACE_CHAR "\", "
			"\"prepend_scheme\": \"%s\", \"split\": %s},\n",
			schemes[m->prefix], m->split ? "true" : "false");
	else
		buf_str(b, " \"pre_tokenizer\": null,\n");
}

void metaspace_write_decoder(struct buf *b, const struct metaspace *m)
{
	buf_str(b, "{\"type\": \"Sequence\", \"decoders\": [\n  "
		REPLACE(METASPACE_CHAR, " ") ",\n  {\"type\": \"ByteFallback\"},"
		" {\"type\": \"Fuse\"}");
	if (m->prefix != METASPACE_NEVER)
		buf_str(b, ",\n  {\"type\": \"Strip\", \"content\": \" \", "
			"\"start\": 1, \"stop\": 0}");
	buf_str(b, "]}");
}
