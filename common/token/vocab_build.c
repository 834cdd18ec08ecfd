/* vocab_build.c - makes a vocabulary of tokens and merges: see vocab_build.h */
#include "common/token/vocab_build.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

/* ---- the byte alphabet ---- */

/* GPT-2 represents bytes by visible characters: printable Latin-1 characters by
 * themselves, the other 68 in order from U+0100 on. */
static bool stands_for_itself(uint32_t c)
{
	return (c > 32 && c < 127) || (c > 160 && c < 256 && c != 173);
}

uint32_t vocab_byte_char(unsigned char byte)
{
	if (stands_for_itself(byte))
		return byte;
	return byte <= 32 ? 256u + byte : byte == 173 ? 323u :
		256u + 33 + (byte - 127u);
}

static int char_byte(uint32_t c)
{
	if (stands_for_itself(c))
		return (int)c;
	if (c < 256 || c > 323)
		return -1;
	c -= 256;
	return c < 33 ? (int)c : c < 67 ? (int)c - 33 + 127 : 173;
}

/* Converts a token in GPT-2's byte alphabet ("Ġthe"), as in files, to at most len
 * bytes in out. Returns their number, or -1 when a character is not in that
 * alphabet. */
static long unmap_bytes(const char *text, size_t len, char *out)
{
	size_t i = 0;
	long n = 0;

	while (i < len) {
		uint32_t c;
		int byte;

		i += (size_t)utf8_decode(text + i, len - i, &c, NULL);
		byte = char_byte(c);
		if (byte < 0)
			return -1;
		out[n++] = (char)byte;
	}
	return n;
}

void vocab_add_mapped(struct buf *b, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		b->n += (size_t)utf8_encode(buf_room(b, 4),
			vocab_byte_char((unsigned char)bytes[i]));
}

void vocab_spell(const struct vocab *v, struct buf *b, uint32_t id)
{
	size_t n;
	const char *s = vocab_bytes(v, id, &n);
	uint32_t kind = v->tokens[id].kind;

	if (kind == TOKEN_BYTE)
		buf_printf(b, "<0x%02X>", (unsigned char)*s);
	else if (kind == TOKEN_ORDINARY)
		(v->spaces ? metaspace_spell : vocab_add_mapped)(b, s, n);
	else
		buf_add(b, s, n);
}

/* ---- building ---- */

void vocab_build_end(struct vocab_build *b)
{
	buf_free(&b->bytes);
	map_free(&b->added);
}

/* The bytes that a string of the file represents; false when it is not in the
 * byte alphabet, or contains a space where spaces are spelled otherwise. */
static bool unmap(struct vocab_build *b, const char *s, size_t n,
	const char **bytes, size_t *len)
{
	bool good = true;
	long got;

	buf_reset(&b->bytes);
	if (b->v->spaces) {
		good = metaspace_unspell(&b->bytes, s, n);
		*bytes = buf_end(&b->bytes);
		*len = b->bytes.n;
		return good;
	}
	got = unmap_bytes(s, n, buf_room(&b->bytes, n));
	*bytes = b->bytes.p;
	*len = (size_t)got;
	return got >= 0;
}

_Noreturn void vocab_build_bad(const struct vocab_build *b, const char *what,
	const char *s, size_t n)
{
	die("%s: %s '%.*s'", b->name, what, n > 80 ? 80 : (int)n, s);
}

void vocab_build_added(struct vocab_build *b, const struct added_token *t)
{
	bool is_new;
	uint64_t *place = map_put(&b->added, t->content, t->len, &is_new);

	if (!is_new)
		return;
	if (!vocab_put_text(b->v, t->id, t->content, t->len, t->special))
		vocab_build_bad(b, "duplicate or too large id of added token",
			t->content, t->len);
	vocab_put_added(b->v, t);
	*place = b->v->nadded;
}

struct added_token *vocab_build_find_added(const struct vocab_build *b,
	const char *s, size_t n)
{
	const uint64_t *i = map_get(&b->added, s, n);

	return i ? b->v->added[*i - 1] : NULL;
}

/* Not in SentencePiece's family, where no text gives a special token: its merges
 * are left out. */
#define LEFT_OUT (-2)

static int64_t leave_out(const struct vocab_build *b, const char *s, size_t n)
{
	warn("%s: no text is encoded to the special token '%.*s', though "
		"merges make it", b->name, n > 80 ? 80 : (int)n, s);
	return LEFT_OUT;
}

/* An added token that merges make, or that represents a byte, is an ordinary
 * token too. Returns its id, or -1 when s is not in the vocabulary. */
static int64_t make_ordinary(struct vocab_build *b, const char *s, size_t n)
{
	struct added_token *t = vocab_build_find_added(b, s, n);
	const char *bytes;
	size_t len;

	if (t && t->special && b->v->spaces)
		return leave_out(b, s, n);
	if (!t || !t->in_vocab || !unmap(b, s, n, &bytes, &len) ||
		!vocab_make_ordinary(b->v, t->id, bytes, len))
		return -1;
	if (t->special)
		warn("%s: the special token '%.*s' is an ordinary token too: "
			"text can spell it", b->name, n > 80 ? 80 : (int)n, s);
	return t->id;
}

/* Whether merging starts from it. */
static bool is_single(struct vocab_build *b, const char *s, size_t n)
{
	const char *bytes;
	size_t len;

	return n <= (b->v->spaces ? 4 : 2) && unmap(b, s, n, &bytes, &len) &&
		(b->v->spaces ? utf8_length(bytes, len) : len) == 1;
}

/* A spelling that represents no bytes is a token that no text gives. */
void vocab_build_token(struct vocab_build *b, const char *s, size_t n,
	uint32_t id)
{
	struct added_token *t = vocab_build_find_added(b, s, n);
	const char *bytes;
	size_t len;
	int byte = b->v->spaces ? metaspace_byte(s, n) : -1;
	bool good;

	if (t) {
		if (t->id != id)
			vocab_build_bad(b, "two ids of added token", s, n);
		t->in_vocab = true;
		if (is_single(b, s, n))
			make_ordinary(b, s, n);
		return;
	}
	good = byte >= 0 ? vocab_put_byte(b->v, id, (unsigned char)byte) :
		unmap(b, s, n, &bytes, &len) ?
		vocab_put(b->v, id, bytes, len) :
		vocab_put_text(b->v, id, s, n, false);
	if (!good)
		vocab_build_bad(b, "empty or duplicate token, or duplicate id:",
			s, n);
}

/* ---- merges ---- */

int64_t vocab_build_find(struct vocab_build *b, const char *s, size_t n)
{
	const char *bytes;
	size_t len;
	int64_t id = unmap(b, s, n, &bytes, &len) ?
		vocab_find(b->v, bytes, len) : -1;

	return id >= 0 ? id : make_ordinary(b, s, n);
}

bool vocab_build_merge(struct vocab_build *b, int64_t left, int64_t right)
{
	struct buf join = { 0 };
	int64_t id;

	if (left == LEFT_OUT || right == LEFT_OUT)
		return true;
	if (left < 0 || right < 0)
		return false;
	if (vocab_put_merge(b->v, (uint32_t)left, (uint32_t)right))
		return true;
	vocab_spell(b->v, &join, (uint32_t)left);
	vocab_spell(b->v, &join, (uint32_t)right);
	id = make_ordinary(b, join.p, join.n);
	buf_free(&join);
	return id == LEFT_OUT || (id >= 0 &&
		vocab_put_merge(b->v, (uint32_t)left, (uint32_t)right));
}

bool vocab_build_pair(struct vocab_build *b, const char *s, size_t n)
{
	const char *gap = memchr(s, ' ', n);
	int64_t left;

	if (!gap)
		return false;
	left = vocab_build_find(b, s, (size_t)(gap - s));
	return vocab_build_merge(b, left, vocab_build_find(b, gap + 1,
		n - (size_t)(gap + 1 - s)));
}

void vocab_build_spaces(const struct vocab_build *b)
{
	int missing;

	if (!metaspace_prepare(b->v, &missing))
		die("%s: the token '<0x%02X>' is missing: characters without a "
			"token become one for each byte", b->name,
			(unsigned)missing);
}

void vocab_build_scores(const struct vocab_build *b, const float *score)
{
	size_t i;
	int64_t id;

	for (i = 0; i < vocab_size(b->v); i++)
		if (isnan(score[i]))
			die("%s: the score of token %zu is not a number",
				b->name, i);
	id = metaspace_merge_by_score(b->v, score);
	if (id >= 0)
		die("%s: token %" PRId64 " is too long to be merged: more than "
			"%d bytes", b->name, id, METASPACE_LONGEST);
	vocab_build_spaces(b);
}
