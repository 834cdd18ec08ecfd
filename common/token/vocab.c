/* vocab.c - tokens, merges and special tokens: see vocab.h */
#include "common/token/vocab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/nfc.h"
#include "common/token/vocab_parts.h"

struct vocab *vocab_new(const char *pattern, const char *what)
{
	struct vocab *v = xcalloc(1, sizeof *v);

	v->splitter = splitter_new(pattern, what);
	v->dropped = xcalloc(1, sizeof *v->dropped);
	v->eos = v->unk = v->first = -1;
	return v;
}

static void say_dropped(const struct vocab *v)
{
	if (*v->dropped)
		warn("%s: %" PRIu64 " bytes of text have no token in this "
			"vocabulary and were left out",
			v->name ? v->name : "tokenizer", *v->dropped);
}

static void free_added(struct vocab *v)
{
	size_t i;

	for (i = 0; i < v->nadded; i++) {
		free(v->added[i]->content);
		free(v->added[i]);
	}
	free(v->added);
	added_free(&v->plain);
	added_free(&v->normalized);
}

void vocab_free(struct vocab *v)
{
	if (!v)
		return;
	say_dropped(v);
	free_added(v);
	free(v->dropped);
	free(v->name);
	splitter_free(v->splitter);
	pretokenizer_free(v->steps);
	free(v->steps_json);
	metaspace_free(v->spaces);
	buf_free(&v->text);
	free(v->tokens);
	free(v->index);
	free(v->merges);
	merge_table_free(&v->table);
	free(v);
}

/* ---- tokens by bytes ---- */

/* Part of the hash of each token is kept beside its id, so that a search reads the
 * token itself only where it is most likely the one. */
static uint32_t mark_of(const void *bytes, size_t len)
{
	return (uint32_t)(hash64(bytes, len) >> 32);
}

/* The entry of the bytes, or the free one where it belongs. */
static struct indexed *place(const struct vocab *v, const void *bytes,
	size_t len, uint32_t mark)
{
	size_t mask = v->index_size - 1, i = mark & mask;

	for (; v->index[i].number; i = (i + 1) & mask) {
		const struct token *t = &v->tokens[v->index[i].number - 1];

		if (v->index[i].mark == mark && t->len == len &&
			!memcmp(v->text.p + t->at, bytes, len))
			break;
	}
	return &v->index[i];
}

static void enlarge_index(struct vocab *v)
{
	struct indexed *old = v->index;
	size_t nold = v->index_size, i, k;

	v->index_size = nold ? 2 * nold : 4096;
	v->index = xcalloc(v->index_size, sizeof *v->index);
	for (i = 0; i < nold; i++) {
		if (!old[i].number)
			continue;
		for (k = old[i].mark & (v->index_size - 1); v->index[k].number;)
			k = (k + 1) & (v->index_size - 1);
		v->index[k] = old[i];
	}
	free(old);
}

int64_t vocab_find(const struct vocab *v, const void *bytes, size_t len)
{
	if (!v->index)
		return -1;
	return (int64_t)place(v, bytes, len, mark_of(bytes, len))->number - 1;
}

/* ---- adding ---- */

static bool put(struct vocab *v, uint32_t id, const void *bytes, size_t len,
	enum token_kind kind)
{
	if (id >= VOCAB_MAX || !len || len > UINT32_MAX ||
		(id < v->ntoken && v->tokens[id].kind))
		return false;
	if (id >= v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 1024;

		v->cap = id >= cap ? (size_t)id + 1 : cap;
		v->tokens = xrealloc(v->tokens, v->cap, sizeof *v->tokens);
	}
	while (v->ntoken <= id)
		v->tokens[v->ntoken++] = (struct token){ 0 };
	v->tokens[id] = (struct token){ v->text.n, (uint32_t)len, kind };
	buf_add(&v->text, bytes, len);
	return true;
}

bool vocab_put(struct vocab *v, uint32_t id, const void *bytes, size_t len)
{
	uint32_t mark = mark_of(bytes, len);
	struct indexed *i;

	if (2 * v->nordinary >= v->index_size)
		enlarge_index(v);
	i = place(v, bytes, len, mark);
	if (i->number || !put(v, id, bytes, len, TOKEN_ORDINARY))
		return false;
	*i = (struct indexed){ id + 1, mark };
	v->nordinary++;
	if (len == 1)
		v->table.byte_id[*(const unsigned char *)bytes] = id;
	return true;
}

bool vocab_put_byte(struct vocab *v, uint32_t id, unsigned char byte)
{
	uint32_t *known = &v->spaces->byte_id[byte];

	if (*known != METASPACE_NONE || !put(v, id, &byte, 1, TOKEN_BYTE))
		return false;
	*known = id;
	return true;
}

bool vocab_put_text(struct vocab *v, uint32_t id, const char *text, size_t len,
	bool special)
{
	return put(v, id, text, len, special ? TOKEN_SPECIAL : TOKEN_ADDED);
}

bool vocab_make_ordinary(struct vocab *v, uint32_t id, const void *bytes,
	size_t len)
{
	v->tokens[id].kind = TOKEN_NONE;
	return vocab_put(v, id, bytes, len);
}

uint32_t vocab_add_special(struct vocab *v, const char *name)
{
	int64_t id = vocab_special(v, name);

	if (id >= 0)
		return (uint32_t)id;
	if (!put(v, (uint32_t)v->ntoken, name, strlen(name), TOKEN_SPECIAL))
		die("no id is left for the special token '%s'", name);
	return (uint32_t)v->ntoken - 1;
}

/* Merges of characters without a token cannot be listed. */
void vocab_add_merge(struct vocab *v, struct merge m)
{
	if (m.left < VOCAB_MAX && m.right < VOCAB_MAX) {
		v->merges = grow(v->merges, v->nmerge, &v->merges_cap,
			sizeof *v->merges);
		v->merges[v->nmerge++] = m;
	}
	merge_add(&v->table, m);
}

static void add_merge(struct vocab *v, uint32_t left, uint32_t right,
	uint32_t id)
{
	vocab_add_merge(v, (struct merge){ left, right, (uint32_t)v->nmerge,
		id });
}

bool vocab_put_merge(struct vocab *v, uint32_t left, uint32_t right)
{
	char small[256], *join = small;
	const struct token *a, *b;
	int64_t id;

	if (left >= v->ntoken || right >= v->ntoken)
		return false;
	a = &v->tokens[left];
	b = &v->tokens[right];
	if (a->kind != TOKEN_ORDINARY || b->kind != TOKEN_ORDINARY)
		return false;
	if ((size_t)a->len + b->len > sizeof small)
		join = xmalloc((size_t)a->len + b->len);
	memcpy(join, v->text.p + a->at, a->len);
	memcpy(join + a->len, v->text.p + b->at, b->len);
	id = vocab_find(v, join, (size_t)a->len + b->len);
	if (join != small)
		free(join);
	if (id >= 0)
		add_merge(v, left, right, (uint32_t)id);
	return id >= 0;
}

/* By the time a token can be made, all merges of lower rank within it are done,
 * so its parts are what the earlier tokens make of its bytes. If those do not
 * leave exactly two parts, the token is never made by merging, only matched as
 * a whole word. */
void vocab_merge_by_rank(struct vocab *v)
{
	struct merge_scratch scratch = { 0 };
	uint32_t *parts = NULL;
	size_t id, cap = 0;

	v->whole_words = true;
	for (id = 0; id < v->ntoken; id++) {
		const struct token *t = &v->tokens[id];

		if (t->kind != TOKEN_ORDINARY || t->len < 2)
			continue;
		if (t->len > cap) {
			cap = 2 * (size_t)t->len;
			parts = xrealloc(parts, cap, sizeof *parts);
		}
		if (merge_word(&v->table, &scratch, v->text.p + t->at, t->len,
				parts) == 2)
			add_merge(v, parts[0], parts[1], (uint32_t)id);
	}
	free(parts);
	merge_scratch_free(&scratch);
}

/* ---- added tokens ---- */

void vocab_put_added(struct vocab *v, const struct added_token *t)
{
	struct added_token *copy = xmalloc(sizeof *copy);

	*copy = *t;
	copy->content = xstrndup(t->content, t->len);
	v->added = grow(v->added, v->nadded, &v->added_cap, sizeof *v->added);
	v->added[v->nadded++] = copy;
}

/* The text as which an added token is matched. */
static void add_form(struct buf *form, const struct vocab *v,
	const struct added_token *t)
{
	struct buf spaced = { 0 };
	const char *s = t->content;
	size_t n = t->len;

	if (v->spaces && !v->spaces->late && t->normalized)
		metaspace_text(&s, &n, v->spaces->prefix != METASPACE_NEVER,
			&spaced);
	buf_reset(form);
	if (v->nfc && t->normalized)
		nfc_add(form, s, n);
	else
		buf_add(form, s, n);
	buf_free(&spaced);
}

void vocab_index_added(struct vocab *v)
{
	struct buf form = { 0 };
	size_t i;

	added_free(&v->plain);
	added_free(&v->normalized);
	for (i = 0; i < v->nadded; i++) {
		const struct added_token *t = v->added[i];

		add_form(&form, v, t);
		added_add(t->normalized ? &v->normalized : &v->plain, t,
			form.p, form.n);
	}
	buf_free(&form);
}

/* ---- bytes without a token ---- */

/* Bytes that never occur in valid UTF-8. */
static bool is_never_valid(int byte)
{
	return byte == 0xc0 || byte == 0xc1 || byte >= 0xf5;
}

void vocab_note_lacks(struct vocab *v)
{
	unsigned char byte;
	int i;

	for (i = 0; i < 256 && !v->spaces; i++) {
		byte = (unsigned char)i;
		v->lacks[i] = vocab_find(v, &byte, 1) < 0;
		v->lacking |= v->lacks[i];
		if (v->lacks[i])
			v->table.byte_id[i] = v->unk < 0 ? 0 :
				(uint32_t)v->unk;
	}
}

bool vocab_finish(struct vocab *v, int *missing)
{
	int i;

	vocab_note_lacks(v);
	for (i = 0; i < 256; i++) {
		if (v->lacks[i] && !is_never_valid(i)) {
			*missing = i;
			return false;
		}
	}
	return true;
}

/* ---- queries ---- */

uint32_t vocab_size(const struct vocab *v)
{
	return (uint32_t)v->ntoken;
}

const char *vocab_bytes(const struct vocab *v, uint32_t id, size_t *len)
{
	if (id >= v->ntoken || v->tokens[id].kind == TOKEN_NONE)
		return NULL;
	*len = v->tokens[id].len;
	return v->text.p + v->tokens[id].at;
}

bool vocab_is_special(const struct vocab *v, uint32_t id)
{
	return id < v->ntoken && v->tokens[id].kind == TOKEN_SPECIAL;
}

/* Searches from the end, where the few special tokens are. */
int64_t vocab_special(const struct vocab *v, const char *name)
{
	size_t i, n = strlen(name);

	for (i = v->ntoken; i-- > 0;) {
		const struct token *t = &v->tokens[i];

		if (t->kind == TOKEN_SPECIAL && t->len == n &&
			!memcmp(v->text.p + t->at, name, n))
			return (int64_t)i;
	}
	for (i = 0; i < v->nadded; i++)
		if (v->added[i]->special && v->added[i]->len == n &&
			!memcmp(v->added[i]->content, name, n))
			return v->added[i]->id;
	return -1;
}

int64_t vocab_eot(const struct vocab *v)
{
	static const char *const names[] = { "<|endoftext|>",
		"<|end_of_text|>", "<|eot|>", "</s>" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		int64_t id = vocab_special(v, names[i]);

		if (id >= 0)
			return id;
	}
	return v->eos;
}

uint64_t vocab_tokens_hash(const struct vocab *v, uint64_t h)
{
	struct buf b = { 0 };
	size_t id;

	for (id = 0; id < v->ntoken; id++) {
		const struct token *t = &v->tokens[id];
		uint32_t head[2] = { (uint32_t)id, t->len };

		if (t->kind != TOKEN_ORDINARY)
			continue;
		buf_add(&b, head, sizeof head);
		buf_add(&b, v->text.p + t->at, t->len);
	}
	h = hash64_seed(b.p, b.n, h);
	buf_free(&b);
	return h;
}

static void add_spaces(struct buf *b, const struct vocab *v)
{
	int i;

	buf_printf(b, "spaces %d %d %d\n", v->spaces->prefix,
		v->spaces->split, v->spaces->late);
	for (i = 0; i < 256; i++)
		buf_printf(b, "%" PRIu32 "\n", v->spaces->byte_id[i]);
}

/* Other properties that ids depend on; none for most vocabularies. */
static void add_rest(struct buf *b, const struct vocab *v)
{
	size_t i;

	if (v->nfc)
		buf_str(b, "nfc\n");
	if (v->spaces)
		add_spaces(b, v);
	if (v->lacking && v->unk >= 0)
		buf_printf(b, "unk %" PRId64 " %d\n", v->unk, v->fuse_unk);
	for (i = 0; i < v->nadded; i++) {
		const struct added_token *t = v->added[i];

		if (t->special)
			continue;
		buf_printf(b, "added %" PRIu32 " %d%d%d%d %zu ", t->id,
			t->single_word, t->lstrip, t->rstrip, t->normalized,
			t->len);
		buf_add(b, t->content, t->len);
	}
}

uint64_t vocab_hash_below(const struct vocab *v, size_t n)
{
	uint64_t h = 0;
	size_t i, len;

	for (i = 0; i < n && i < vocab_size(v); i++) {
		const char *bytes = vocab_bytes(v, (uint32_t)i, &len);

		h = bytes ? hash64_seed(bytes, len, h + 1) : hash_mix(h + 2);
	}
	return h;
}

uint64_t vocab_hash(const struct vocab *v)
{
	const char *pattern = v->spaces ? "" : v->steps ?
		pretokenizer_name(v->steps) : splitter_name(v->splitter);
	uint64_t h = hash64(pattern, strlen(pattern));
	struct buf b = { 0 };
	size_t i;

	h = vocab_tokens_hash(v, h);
	for (i = 0; i < v->nmerge; i++) {
		uint32_t pair[2] = { v->merges[i].left, v->merges[i].right };

		buf_add(&b, pair, sizeof pair);
	}
	h = hash64_seed(b.n ? b.p : "", b.n, h);
	buf_reset(&b);
	add_rest(&b, v);
	if (b.n)
		h = hash64_seed(b.p, b.n, h);
	buf_free(&b);
	return h;
}
