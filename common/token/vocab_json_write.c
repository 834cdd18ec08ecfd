/* vocab_json_write.c - writes tokenizer.json: see vocab.h
 *
 * All tokens are in model.vocab, including added ones, since that makes readers
 * keep their ids.
 */
#include <inttypes.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/map.h"
#include "common/format/jsonwrite.h"
#include "common/token/vocab_parts.h"

static void add_token(struct buf *b, const struct vocab *v, uint32_t id)
{
	struct buf text = { 0 };

	vocab_spell(v, &text, id);
	json_add_string(b, text.p, text.n);
	buf_free(&text);
}

static void add_flag(struct buf *b, const char *name, bool value)
{
	buf_printf(b, ", \"%s\": %s", name, value ? "true" : "false");
}

static void add_row(struct buf *b, const struct added_token *t)
{
	buf_printf(b, "  {\"id\": %" PRIu32 ", \"content\": ", t->id);
	json_add_string(b, t->content, t->len);
	add_flag(b, "single_word", t->single_word);
	add_flag(b, "lstrip", t->lstrip);
	add_flag(b, "rstrip", t->rstrip);
	add_flag(b, "normalized", t->normalized);
	add_flag(b, "special", t->special);
	buf_putc(b, '}');
}

/* The tokens from the file, then special tokens added by programs. */
static void add_added(struct buf *b, const struct vocab *v)
{
	struct map listed = { 0 };
	const char *sep = "\n";
	size_t i, n;
	uint32_t id;

	buf_str(b, " \"added_tokens\": [");
	for (i = 0; i < v->nadded; i++) {
		map_put(&listed, &v->added[i]->id, sizeof id, NULL);
		buf_str(b, sep);
		add_row(b, v->added[i]);
		sep = ",\n";
	}
	for (id = 0; id < vocab_size(v); id++) {
		struct added_token t = { .id = id, .special = true };

		if (!vocab_is_special(v, id) ||
			map_get(&listed, &id, sizeof id))
			continue;
		t.content = (char *)vocab_bytes(v, id, &n);
		t.len = n;
		buf_str(b, sep);
		add_row(b, &t);
		sep = ",\n";
	}
	buf_str(b, "],\n");
	map_free(&listed);
}

#define BYTE_LEVEL(use_regex) "{\"type\": \"ByteLevel\", " \
	"\"add_prefix_space\": false, \"trim_offsets\": true, " \
	"\"use_regex\": " use_regex "}"

static void add_pre_tokenizer(struct buf *b, const struct vocab *v)
{
	const struct splitter *s = v->splitter;
	const char *regex = splitter_regex(s);

	buf_str(b, " \"pre_tokenizer\": ");
	if (v->steps) {
		buf_printf(b, "%s,\n", v->steps_json);
		return;
	}
	if (!strcmp(splitter_name(s), "gpt2")) {
		buf_str(b, BYTE_LEVEL("true") ",\n");
		return;
	}
	buf_str(b, "{\"type\": \"Sequence\", \"pretokenizers\": [\n  ");
	if (!strcmp(splitter_name(s), "smollm")) {
		buf_str(b, "{\"type\": \"Digits\", "
			"\"individual_digits\": true},\n  "
			BYTE_LEVEL("true") "]},\n");
		return;
	}
	buf_str(b, "{\"type\": \"Split\", \"pattern\": {\"Regex\": ");
	json_add_string(b, regex, strlen(regex));
	buf_str(b, "}, \"behavior\": \"Isolated\", \"invert\": false},\n  "
		BYTE_LEVEL("false") "]},\n");
}

static void add_splitting(struct buf *b, const struct vocab *v)
{
	if (v->spaces) {
		metaspace_write(b, v->spaces, v->nfc);
		return;
	}
	buf_printf(b, " \"normalizer\": %s,\n",
		v->nfc ? "{\"type\": \"NFC\"}" : "null");
	add_pre_tokenizer(b, v);
}

static void add_decoder(struct buf *b, const struct vocab *v)
{
	buf_str(b, " \"decoder\": ");
	if (v->spaces)
		metaspace_write_decoder(b, v->spaces);
	else
		buf_str(b, BYTE_LEVEL("true"));
	buf_str(b, ",\n");
}

static void add_vocab(struct buf *b, const struct vocab *v)
{
	const char *sep = "\n";
	uint32_t id;
	size_t n;

	buf_str(b, "  \"vocab\": {");
	for (id = 0; id < vocab_size(v); id++) {
		if (!vocab_bytes(v, id, &n))
			continue;
		buf_str(b, sep);
		add_token(b, v, id);
		buf_printf(b, ": %" PRIu32, id);
		sep = ",\n";
	}
	buf_str(b, "},\n");
}

static void add_merges(struct buf *b, const struct vocab *v)
{
	size_t i;

	buf_str(b, "  \"merges\": [");
	for (i = 0; i < v->nmerge; i++) {
		buf_str(b, i ? ",\n[" : "\n[");
		add_token(b, v, v->merges[i].left);
		buf_str(b, ", ");
		add_token(b, v, v->merges[i].right);
		buf_putc(b, ']');
	}
	buf_str(b, "]\n");
}

static void add_model(struct buf *b, const struct vocab *v)
{
	size_t n;

	buf_str(b, " \"model\": {\"type\": \"BPE\", \"dropout\": null, "
		"\"unk_token\": ");
	if (v->unk >= 0 && vocab_bytes(v, (uint32_t)v->unk, &n))
		add_token(b, v, (uint32_t)v->unk);
	else
		buf_str(b, "null");
	buf_printf(b, ", \"continuing_subword_prefix\": null, "
		"\"end_of_word_suffix\": null, \"fuse_unk\": %s, "
		"\"byte_fallback\": %s, \"ignore_merges\": %s,\n",
		v->fuse_unk ? "true" : "false", v->spaces ? "true" : "false",
		v->whole_words ? "true" : "false");
	add_vocab(b, v);
	add_merges(b, v);
	buf_str(b, " }\n");
}

/* So that other programs place the first token as before. */
static void add_post_processor(struct buf *b, const struct vocab *v)
{
	size_t n = 0;
	const char *name = v->first < 0 ? NULL :
		vocab_bytes(v, (uint32_t)v->first, &n);

	buf_str(b, " \"post_processor\": ");
	if (!name) {
		buf_str(b, "null,\n");
		return;
	}
	buf_str(b, "{\"type\": \"TemplateProcessing\", \"single\": "
		"[{\"SpecialToken\": {\"id\": ");
	json_add_string(b, name, n);
	buf_str(b, ", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", "
		"\"type_id\": 0}}],\n  \"pair\": [{\"Sequence\": {\"id\": "
		"\"A\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"B\", "
		"\"type_id\": 1}}],\n  \"special_tokens\": {");
	json_add_string(b, name, n);
	buf_str(b, ": {\"id\": ");
	json_add_string(b, name, n);
	buf_printf(b, ", \"ids\": [%" PRId64 "], \"tokens\": [", v->first);
	json_add_string(b, name, n);
	buf_str(b, "]}}},\n");
}

void vocab_write_json(const struct vocab *v, const char *name)
{
	struct buf b = { 0 };

	buf_str(&b, "{\"version\": \"1.0\",\n \"truncation\": null,\n"
		" \"padding\": null,\n");
	add_added(&b, v);
	add_splitting(&b, v);
	add_post_processor(&b, v);
	add_decoder(&b, v);
	add_model(&b, v);
	buf_str(&b, "}\n");
	file_write(name, b.p, b.n);
	buf_free(&b);
}
