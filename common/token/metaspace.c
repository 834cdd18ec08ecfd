/* metaspace.c - spaces, characters and bytes: see metaspace.h */
#include "common/token/metaspace.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/token/vocab_parts.h"

struct metaspace *metaspace_new(enum metaspace_prefix prefix)
{
	struct metaspace *m = xcalloc(1, sizeof *m);

	m->prefix = prefix;
	memset(m->byte_id, 0xff, sizeof m->byte_id);
	return m;
}

void metaspace_free(struct metaspace *m)
{
	if (!m)
		return;
	map_free(&m->lone);
	buf_free(&m->lone_text);
	free(m);
}

/* ---- spelling in files ---- */

/* Appends s with each `from` replaced by `to`. */
static void replace(struct buf *b, const char *s, size_t n, const char *from,
	const char *to)
{
	size_t len = strlen(from), i = 0;

	while (i < n) {
		const char *p = memchr(s + i, from[0], n - i);
		size_t at = p ? (size_t)(p - s) : n;

		buf_add(b, s + i, at - i);
		i = at;
		if (n - i >= len && !memcmp(s + i, from, len)) {
			buf_str(b, to);
			i += len;
		} else if (i < n) {
			buf_putc(b, s[i++]);
		}
	}
}

bool metaspace_unspell(struct buf *b, const char *s, size_t n)
{
	if (n && memchr(s, ' ', n))
		return false;
	replace(b, s, n, METASPACE_CHAR, " ");
	return true;
}

void metaspace_spell(struct buf *b, const char *bytes, size_t n)
{
	replace(b, bytes, n, " ", METASPACE_CHAR);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int metaspace_byte(const char *s, size_t n)
{
	int high, low;

	if (n != 6 || memcmp(s, "<0x", 3) || s[5] != '>')
		return -1;
	high = digit(s[3]);
	low = digit(s[4]);
	return high < 0 || low < 0 ? -1 : 16 * high + low;
}

/* ---- preparation ---- */

static bool is_joined(const struct metaspace *m, unsigned char a,
	unsigned char b)
{
	unsigned pair = (unsigned)a << 8 | b;

	return m->joins[pair / 64] >> pair % 64 & 1;
}

/* The text of a token, or of a character without one. */
static const char *symbol(const struct vocab *v, uint32_t id, size_t *len)
{
	const char *s;
	uint32_t c;

	if (id < VOCAB_MAX)
		return vocab_bytes(v, id, len);
	s = v->spaces->lone_text.p + (size_t)4 * (id - VOCAB_MAX);
	*len = (size_t)utf8_decode(s, 4, &c, NULL);
	return s;
}

/* Notes the bytes between which merges join. */
static void note_joins(struct vocab *v)
{
	size_t i, n, m;

	for (i = 0; v->table.slots && i <= v->table.mask; i++) {
		const struct merge *x = &v->table.slots[i];
		const char *left, *right;
		unsigned pair;

		if (x->rank == NO_RANK)
			continue;
		left = symbol(v, x->left, &n);
		right = symbol(v, x->right, &m);
		pair = (unsigned)(unsigned char)left[n - 1] << 8 |
			(unsigned char)right[0];
		v->spaces->joins[pair / 64] |= (uint64_t)1 << pair % 64;
	}
}

bool metaspace_prepare(struct vocab *v, int *missing)
{
	struct metaspace *m = v->spaces;
	int i;

	for (i = 0; i < 256; i++) {
		char c = (char)i;
		int64_t id = i < 128 ? vocab_find(v, &c, 1) : -1;

		if (m->byte_id[i] == METASPACE_NONE) {
			*missing = i;
			return false;
		}
		if (i < 128)
			m->char_id[i] = id < 0 ? METASPACE_NONE : (uint32_t)id;
	}
	note_joins(v);
	return true;
}

/* ---- encoding ---- */

void metaspace_text(const char **text, size_t *len, bool space, struct buf *b)
{
	const char *p = *text, *end = p + *len;

	while ((p = memchr(p, METASPACE_CHAR[0], (size_t)(end - p))) != NULL &&
		(end - p < 3 || memcmp(p, METASPACE_CHAR, 3)))
		p++;
	if (!p && !space)
		return;
	buf_reset(b);
	if (space)
		buf_putc(b, ' ');
	if (p)
		replace(b, *text, *len, METASPACE_CHAR, " ");
	else
		buf_add(b, *text, *len);
	*text = b->p;
	*len = b->n;
}

size_t metaspace_word(const struct metaspace *m, const char *text, size_t len,
	size_t at)
{
	const unsigned char *s = (const unsigned char *)text;

	while (++at < len)
		if ((s[at] & 0xc0) != 0x80 && !is_joined(m, s[at - 1], s[at]))
			break;
	return at;
}

/* The id while merging of a character without a token, or -1. */
int64_t metaspace_lone(const struct metaspace *m, const char *s, size_t n)
{
	const uint64_t *number = map_get(&m->lone, s, n);

	return number ? VOCAB_MAX + (int64_t)*number - 1 : -1;
}

/* Appends a token for each byte. */
static size_t add_bytes(const struct metaspace *m, const char *s, size_t n,
	uint32_t *ids)
{
	size_t i;

	for (i = 0; i < n; i++)
		ids[i] = m->byte_id[(unsigned char)s[i]];
	return n;
}

/* The symbols that merging starts from. */
static size_t add_symbols(const struct vocab *v, const char *s, size_t len,
	uint32_t *ids)
{
	const struct metaspace *m = v->spaces;
	size_t i, n, count = 0;

	for (i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)s[i];
		int64_t id = -1;
		uint32_t code;
		bool valid;

		n = c < 128 ? 1 : (size_t)utf8_decode(s + i, len - i, &code,
			&valid);
		if (c < 128 && m->char_id[c] != METASPACE_NONE)
			id = m->char_id[c];
		else if (c >= 128 && valid)
			id = vocab_find(v, s + i, n);
		if (id < 0 && m->lone.n && (c < 128 || valid))
			id = metaspace_lone(m, s + i, n);
		if (id >= 0)
			ids[count++] = (uint32_t)id;
		else
			count += add_bytes(m, s + i, n, ids + count);
	}
	return count;
}

/* Replaces characters without a token that were not merged by their bytes. */
static size_t replace_lone(const struct vocab *v, uint32_t *ids, size_t n)
{
	uint32_t *old = xmalloc((n + 1) * sizeof *old);
	size_t i, len, count = 0;

	memcpy(old, ids, n * sizeof *old);
	for (i = 0; i < n; i++) {
		if (old[i] < VOCAB_MAX) {
			ids[count++] = old[i];
		} else {
			const char *s = symbol(v, old[i], &len);

			count += add_bytes(v->spaces, s, len, ids + count);
		}
	}
	free(old);
	return count;
}

size_t metaspace_encode(const struct vocab *v, struct merge_scratch *s,
	const char *word, size_t len, uint32_t *ids)
{
	size_t n = add_symbols(v, word, len, ids);

	n = merge_ids(&v->table, s, ids, n);
	return v->spaces->lone.n ? replace_lone(v, ids, n) : n;
}
