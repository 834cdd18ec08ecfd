/* vocab_gguf_write.c - writes the tokenizer of a GGUF file: see vocab_gguf.h */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/vocab_gguf.h"
#include "common/token/vocab_parts.h"

#define KEY(name) "tokenizer.ggml." name

static void set_text(struct gguf_writer *w, const char *key, const char *text)
{
	gguf_set_text(w, key, text, strlen(text));
}

/* ---- how text is split ---- */

/* Whether merging makes each token of its own bytes, so that it does not matter
 * whether words that are tokens are merged. */
static bool merges_make_all(const struct vocab *v)
{
	struct merge_scratch scratch = { 0 };
	uint32_t *parts = NULL;
	bool all = true;
	size_t id, cap = 0;

	for (id = 0; id < v->ntoken && all; id++) {
		const struct token *t = &v->tokens[id];

		if (t->kind != TOKEN_ORDINARY)
			continue;
		if (t->len > cap) {
			cap = 2 * (size_t)t->len;
			parts = xrealloc(parts, cap, sizeof *parts);
		}
		all = merge_word(&v->table, &scratch, v->text.p + t->at,
			t->len, parts) == 1;
	}
	free(parts);
	merge_scratch_free(&scratch);
	return all;
}

/* Rows that agree in more come first. */
static const struct gguf_pre *find_pre(const struct vocab *v)
{
	const struct gguf_pre *p, *best = NULL;
	int most = -1;
	size_t i;

	for (i = 0; !v->steps && (p = gguf_pre_at(i)) != NULL; i++) {
		int fit = 2 * (p->nfc == v->nfc) +
			(p->whole_words == v->whole_words);

		if (fit > most && !strcmp(p->pattern,
				splitter_name(v->splitter))) {
			best = p;
			most = fit;
		}
	}
	return best;
}

static void set_pre(struct gguf_writer *w, const struct vocab *v)
{
	const struct gguf_pre *p = find_pre(v);
	const char *file = gguf_writer_name(w);

	if (!p)
		die("%s: GGUF has no name for how the tokenizer splits text: "
			"%s", file, v->steps ? v->steps_json :
			splitter_name(v->splitter));
	if (p->nfc != v->nfc)
		warn("%s: the tokenizer %s text (NFC), that of '%s' does %s",
			file, v->nfc ? "normalizes" : "does not normalize",
			p->name, p->nfc ? "when read here" : "not");
	if (p->whole_words != v->whole_words && !merges_make_all(v))
		warn("%s: words that are tokens, but that merging does not "
			"make, get other ids: GGUF's '%s' %s them whole", file,
			p->name, p->whole_words ? "takes" : "does not take");
	set_text(w, KEY("pre"), p->name);
}

/* ---- tokens ---- */

/* The type of each of `rows` ids; the caller frees it. */
static unsigned char *token_types(const struct vocab *v, size_t rows)
{
	static const unsigned char kinds[] = { [TOKEN_NONE] = GGUF_TOKEN_UNUSED,
		[TOKEN_ORDINARY] = GGUF_TOKEN_NORMAL,
		[TOKEN_ADDED] = GGUF_TOKEN_NORMAL,
		[TOKEN_BYTE] = GGUF_TOKEN_BYTE,
		[TOKEN_SPECIAL] = GGUF_TOKEN_CONTROL };
	unsigned char *types = xcalloc(rows, 1);
	size_t i;

	for (i = 0; i < rows; i++)
		types[i] = kinds[i < v->ntoken ? v->tokens[i].kind :
			TOKEN_NONE];
	for (i = 0; i < v->nadded; i++)
		types[v->added[i]->id] = v->added[i]->special ?
			GGUF_TOKEN_CONTROL : GGUF_TOKEN_USER;
	if (v->spaces && v->unk >= 0 && vocab_is_special(v, (uint32_t)v->unk))
		types[v->unk] = GGUF_TOKEN_UNKNOWN;
	return types;
}

/* Ordinary tokens that are special too are written as such. Spare ones get the
 * names that other programs give them. */
static void add_token(struct gguf_writer *w, const struct vocab *v, uint32_t id,
	int type)
{
	struct buf b = { 0 };
	size_t n;
	const char *bytes = vocab_bytes(v, id, &n);

	if (!bytes)
		buf_printf(&b, "[PAD%" PRIu32 "]", id);
	else if (type == GGUF_TOKEN_NORMAL || type == GGUF_TOKEN_BYTE)
		vocab_spell(v, &b, id);
	else
		buf_add(&b, bytes, n);
	gguf_add_text(w, b.p, b.n);
	buf_free(&b);
}

static void set_tokens(struct gguf_writer *w, const struct vocab *v,
	size_t rows)
{
	unsigned char *types = token_types(v, rows);
	uint32_t id;

	gguf_set_array(w, KEY("tokens"), GGUF_TEXT, rows);
	for (id = 0; id < rows; id++)
		add_token(w, v, id, types[id]);
	gguf_set_array(w, KEY("token_type"), GGUF_I32, rows);
	for (id = 0; id < rows; id++)
		gguf_add_i32(w, types[id]);
	free(types);
}

static void set_merges(struct gguf_writer *w, const struct vocab *v)
{
	struct buf b = { 0 };
	size_t i;

	gguf_set_array(w, KEY("merges"), GGUF_TEXT, v->nmerge);
	for (i = 0; i < v->nmerge; i++) {
		buf_reset(&b);
		vocab_spell(v, &b, v->merges[i].left);
		buf_putc(&b, ' ');
		vocab_spell(v, &b, v->merges[i].right);
		gguf_add_text(w, b.p, b.n);
	}
	buf_free(&b);
}

/* Scores instead of merges, and how a space is put before a text. */
static void set_scores(struct gguf_writer *w, const struct vocab *v,
	size_t rows)
{
	const struct metaspace *m = v->spaces;
	float *score = xcalloc(rows + 1, sizeof *score);
	size_t i, n = metaspace_scores(v, score, rows);

	gguf_set_array(w, KEY("scores"), GGUF_F32, rows);
	for (i = 0; i < rows; i++)
		gguf_add_f32(w, score[i]);
	free(score);
	gguf_set_bool(w, KEY("add_space_prefix"),
		m->prefix != METASPACE_NEVER);
	if (n)
		warn("%s: %zu tokens may be merged otherwise: GGUF's scores "
			"cannot express the tokenizer's merges",
			gguf_writer_name(w), n);
	if (m->prefix == METASPACE_MISSING || m->prefix == METASPACE_FIRST ||
		m->split || v->nfc || v->whole_words)
		warn("%s: GGUF cannot express when the tokenizer puts a space "
			"before a text, splits or normalizes it",
			gguf_writer_name(w));
}

static void tell_losses(const struct gguf_writer *w, const struct vocab *v)
{
	size_t i, n = 0;

	for (i = 0; i < v->nadded; i++)
		n += v->added[i]->lstrip || v->added[i]->rstrip ||
			v->added[i]->single_word;
	if (n)
		warn("%s: GGUF cannot express that %zu added tokens take the "
			"white space around them, or match whole words only",
			gguf_writer_name(w), n);
}

/* ---- special ids ---- */

static void set_id(struct gguf_writer *w, const char *key, int64_t id)
{
	if (id >= 0)
		gguf_set_u32(w, key, (size_t)id);
}

/* The token that the template calls so, or -1. */
static int64_t named(const struct template *t, const struct vocab *v,
	const char *key)
{
	size_t i;

	for (i = 0; t && i < TEMPLATE_NAMES; i++)
		if (!strcmp(t->names[i].key, key) && t->names[i].value)
			return vocab_special(v, t->names[i].value);
	return -1;
}

static void set_ids(struct gguf_writer *w, const struct vocab *v,
	const struct template *t, const struct gguf_ids *ids)
{
	static const char *const more[] = { KEY("eot_token_id"),
		KEY("eom_token_id") };
	size_t i;

	set_id(w, KEY("bos_token_id"), v->first >= 0 ? v->first :
		ids->bos >= 0 ? ids->bos : named(t, v, "bos_token"));
	set_id(w, KEY("eos_token_id"), ids->eos >= 0 ? ids->eos :
		named(t, v, "eos_token"));
	for (i = 0; i < ids->nmore_eos && i < 2; i++)
		set_id(w, more[i], ids->more_eos[i]);
	if (i < ids->nmore_eos)
		warn("%s: GGUF has room for 3 ids that end a text, of %zu",
			gguf_writer_name(w), ids->nmore_eos + 1);
	set_id(w, KEY("unknown_token_id"), v->spaces && v->unk >= 0 ? v->unk :
		named(t, v, "unk_token"));
	set_id(w, KEY("padding_token_id"), named(t, v, "pad_token"));
	gguf_set_bool(w, KEY("add_bos_token"), v->first >= 0);
}

void vocab_write_gguf(struct gguf_writer *w, const struct vocab *v,
	const struct template *t, const struct gguf_ids *ids, size_t rows)
{
	set_text(w, KEY("model"), v->spaces ? "llama" : "gpt2");
	if (v->spaces)
		set_text(w, KEY("pre"), "default");
	else
		set_pre(w, v);
	set_tokens(w, v, rows);
	if (v->spaces)
		set_scores(w, v, rows);
	else
		set_merges(w, v);
	set_ids(w, v, t, ids);
	if (t && t->source && !t->built_in)
		gguf_set_text(w, "tokenizer.chat_template", t->source,
			t->length);
	tell_losses(w, v);
}
