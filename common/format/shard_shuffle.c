/* shard_shuffle.c - shuffles the documents of shards: see shard_shuffle.h
 */
#include "common/format/shard_shuffle.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/format/tokstream.h"

#define BLOCK ((size_t)64 << 10)	/* tokens moved at once */

/* A document with its eot, or a piece of a file without them. */
struct part {
	uint32_t file, n;
	size_t at;
};

struct parts {
	struct part *v;
	size_t n, cap;
};

static void add_part(struct parts *p, size_t file, size_t at, size_t n)
{
	p->v = grow(p->v, p->n, &p->cap, sizeof *p->v);
	p->v[p->n++] = (struct part){ (uint32_t)file, (uint32_t)n, at };
}

/* Finds the documents of a shard, or divides it into pieces of equal length if it
 * does not know its eot. */
static void find_parts(struct parts *p, const struct shard *s, size_t file,
	size_t window)
{
	size_t at, start = 0;
	uint32_t ids[4096];

	for (at = 0; at < s->count;) {
		size_t i, n = s->count - at < 4096 ? s->count - at : 4096;

		shard_copy(s, at, n, ids);
		for (i = 0; i < n; i++, at++) {
			bool end = s->info.eot >= 0 ?
				(int64_t)ids[i] == s->info.eot :
				at + 1 - start == window;

			if (end) {
				add_part(p, file, start, at + 1 - start);
				start = at + 1;
			}
		}
	}
	if (start < s->count)
		add_part(p, file, start, s->count - start);
}

static void write_part(struct shard_row *out, const struct shard *s,
	const struct part *p, uint32_t *ids)
{
	size_t at = p->at, left = p->n;

	while (left) {
		size_t n = left < BLOCK ? left : BLOCK;

		shard_copy(s, at, n, ids);
		shard_row_write(out, ids, n);
		at += n;
		left -= n;
	}
}

/* Opens the shards, which must have the same tokenizer, and finds their parts; by
 * gets the commands that made them. */
static struct shard *open_all(char **files, size_t nfile, size_t window,
	struct parts *parts, struct buf *by)
{
	struct shard *s = xcalloc(nfile, sizeof *s);
	size_t i;

	for (i = 0; i < nfile; i++) {
		shard_open(&s[i], files[i]);
		shard_check(&s[i]);
		tok_info_match(&s[0].info, files[0], &s[i].info, files[i]);
		find_parts(parts, &s[i], i, window);
		if (s[i].info.by)
			tok_chain_add(by, s[i].info.by);
	}
	return s;
}

void shard_shuffle(char **files, size_t nfile, size_t window, uint64_t seed,
	const char *prefix, uint64_t size)
{
	struct parts parts = { 0 };
	struct buf by = { 0 };
	struct shard *s = open_all(files, nfile, window, &parts, &by);
	struct tok_info info = s[0].info;
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);
	struct shard_row *out;
	size_t i;

	rng_shuffle(parts.v, parts.n, sizeof *parts.v, seed, RNG_SHUFFLE, 0);
	info.by = by.p;
	out = shard_row_begin(prefix, size, &info);
	for (i = 0; i < parts.n; i++)
		write_part(out, &s[parts.v[i].file], &parts.v[i], ids);
	shard_row_end(out);
	for (i = 0; i < nfile; i++)
		shard_close(&s[i]);
	free(s);
	buf_free(&by);
	free(parts.v);
	free(ids);
}
