/* metaspace_score.c - merges by the scores of tokens, and scores by merges: see
 * metaspace.h
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/token/metaspace.h"
#include "common/token/vocab_parts.h"

/* ---- merges of scores ---- */

struct scored {
	float score;
	uint32_t id;
};

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* The token, or the character without one, that is s[0..n); -1 if it is
 * neither. */
static int64_t find_part(struct vocab *v, const char *s, size_t n)
{
	struct metaspace *m = v->spaces;
	int64_t id = vocab_find(v, s, n);
	char padded[4] = { 0 };
	bool valid, is_new;
	uint64_t *number;
	uint32_t c;

	if (id >= 0 || n > 4 || utf8_decode(s, n, &c, &valid) != (int)n ||
		!valid)
		return id;
	number = map_put(&m->lone, s, n, &is_new);
	if (is_new) {
		memcpy(padded, s, n);
		buf_add(&m->lone_text, padded, 4);
		*number = m->lone.n;
	}
	return metaspace_lone(m, s, n);
}

/* Adds the merges of a token: of each two parts, the longer left one first. */
static void add_merges(struct vocab *v, uint32_t id, uint32_t rank)
{
	size_t n, at;
	const char *s = vocab_bytes(v, id, &n);

	for (at = n; at-- > 1;) {
		int64_t left, right;

		if (((unsigned char)s[at] & 0xc0) == 0x80)
			continue;
		left = find_part(v, s, at);
		right = left < 0 ? -1 : find_part(v, s + at, n - at);
		if (right >= 0)
			vocab_add_merge(v, (struct merge){ (uint32_t)left,
				(uint32_t)right, rank, id });
	}
}

int64_t metaspace_merge_by_score(struct vocab *v, const float *score)
{
	struct scored *list = xmalloc((v->ntoken + 1) * sizeof *list);
	int64_t bad = -1;
	uint32_t rank = 0;
	size_t i, n = 0;

	for (i = 0; i < v->ntoken; i++)
		if (v->tokens[i].kind == TOKEN_ORDINARY)
			list[n++] = (struct scored){ score[i], (uint32_t)i };
	qsort(list, n, sizeof *list, by_score);
	for (i = 0; i < n && bad < 0; i++) {
		rank += i && list[i].score < list[i - 1].score;
		if (v->tokens[list[i].id].len > METASPACE_LONGEST)
			bad = list[i].id;
		else
			add_merges(v, list[i].id, rank);
	}
	free(list);
	return bad;
}

/* ---- scores of merges ---- */

/* Whether the parts of a token, wherever it is cut, merge only where they do by
 * the list. */
static bool merges_all(const struct vocab *v, uint32_t id)
{
	size_t n, at;
	const char *s = vocab_bytes(v, id, &n);

	for (at = 1; at < n; at++) {
		int64_t left = vocab_find(v, s, at);
		int64_t right = left < 0 ? -1 : vocab_find(v, s + at, n - at);

		if (right >= 0 && !merge_find(&v->table, (uint32_t)left,
				(uint32_t)right))
			return false;
	}
	return true;
}

/* A token gets the rank of its first merge, negative; those that no merge makes
 * come last. */
size_t metaspace_scores(const struct vocab *v, float *score, size_t n)
{
	size_t i, differ = 0;
	uint32_t last = METASPACE_NONE, rank = 0;
	bool *seen = xcalloc(n + 1, sizeof *seen);

	for (i = 0; i < v->nmerge; i++) {
		uint32_t id = v->merges[i].id;

		if (id != last && seen[id])
			differ++;
		if (!seen[id])
			score[id] = -(float)rank++;
		seen[id] = true;
		last = id;
	}
	for (i = 0; i < n; i++) {
		if (!seen[i])
			score[i] = -(float)rank;
		if (i < v->ntoken && v->tokens[i].kind == TOKEN_ORDINARY)
			differ += v->tokens[i].len > METASPACE_LONGEST ||
				!merges_all(v, (uint32_t)i);
	}
	free(seen);
	return differ;
}
