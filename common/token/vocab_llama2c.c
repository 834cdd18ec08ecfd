/* vocab_llama2c.c - reads the tokenizer.bin of llama2.c: see vocab_parts.h
 *
 * The maximum length of a token, then for each token its score, its length (32
 * bits each, little-endian) and its text, in which a space is a space: those of a
 * SentencePiece model. The first three are special, whatever their text; they are
 * named as in that model.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/token/vocab_build.h"

#define NAME "tokenizer.bin"
#define FIRST_BYTE 3	/* the id of the token for byte 0 */

struct entry {
	float score;
	const char *text;
	size_t n;
};

/* Reads the entry at *at and moves it on; false at the end, or when it is not
 * whole. */
static bool next(const char *p, size_t len, size_t *at, struct entry *e)
{
	const unsigned char *s = (const unsigned char *)p + *at;
	uint32_t bits;

	if (len - *at < 8 || get_le32(s + 4) > len - *at - 8)
		return false;
	bits = get_le32(s);
	memcpy(&e->score, &bits, sizeof e->score);
	e->n = get_le32(s + 4);
	e->text = p + *at + 8;
	*at += 8 + e->n;
	return true;
}

bool vocab_llama2c_is(const char *p, size_t len)
{
	size_t at = 4, i;
	struct entry e;

	if (len < 4)
		return false;
	for (i = 0; i <= FIRST_BYTE; i++)
		if (!next(p, len, &at, &e))
			return false;
	return metaspace_byte(e.text, e.n) == 0;
}

static void add_special(struct vocab_build *b, uint32_t id)
{
	static const char *const names[] = { "<unk>", "<s>", "</s>" };
	struct added_token t = { .content = (char *)names[id],
		.len = strlen(names[id]), .id = id, .special = true };

	vocab_build_added(b, &t);
}

struct vocab *vocab_parse_llama2c(const char *p, size_t len, const char *name)
{
	struct vocab_build b = { .name = name };
	struct buf spelled = { 0 };
	float *score = NULL;
	size_t at = 4, n, cap = 0;
	struct entry e;

	b.v = vocab_new("gpt2", "");
	b.v->name = xstrdup(name);
	b.v->spaces = metaspace_new(METASPACE_ALWAYS);
	for (n = 0; next(p, len, &at, &e) && n < VOCAB_MAX; n++) {
		score = grow(score, n, &cap, sizeof *score);
		score[n] = e.score;
		buf_reset(&spelled);
		metaspace_spell(&spelled, e.text, e.n);
		if (n < FIRST_BYTE)
			add_special(&b, (uint32_t)n);
		else
			vocab_build_token(&b, buf_end(&spelled), spelled.n,
				(uint32_t)n);
	}
	if (at != len)
		die("%s: token %zu is not whole, or there are too many", name,
			n);
	vocab_build_scores(&b, score);
	b.v->unk = 0;
	b.v->fuse_unk = true;
	b.v->first = 1;
	b.v->eos = 2;
	vocab_index_added(b.v);
	vocab_build_end(&b);
	buf_free(&spelled);
	free(score);
	return b.v;
}

/* Whether the file may be a checkpoint of llama2.c: it begins with the width of
 * the model, other formats with larger numbers. */
static bool is_checkpoint(const char *file)
{
	struct mapped m;
	bool is;

	if (!file_exists(file))
		return false;
	file_map(file, &m);
	is = m.n >= 4 && get_le32(m.p) < 1 << 16 &&
		!vocab_llama2c_is((const char *)m.p, m.n);
	file_unmap(&m);
	return is;
}

char *vocab_llama2c_beside(const char *model)
{
	const char *slash = strrchr(model, '/');
	char *dir = slash ? xstrndup(model, (size_t)(slash - model) + 1) :
		xstrdup(".");
	char *path = path_join(dir, NAME);

	free(dir);
	if (file_exists(path) && is_checkpoint(model))
		return path;
	free(path);
	return NULL;
}
