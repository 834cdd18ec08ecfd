/* data.c - batches of next-token training: see data.h */
#include "common/train/data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/rng.h"
#include "common/format/shard.h"

struct data {
	size_t time;
	uint64_t seed;
	/* Shards. */
	struct shard *shards;
	uint64_t *first;	/* (nshard + 1) number of its first window */
	size_t nshard;
	uint64_t epoch;		/* whose order is below; -1: none */
	uint64_t *order;	/* (windows) */
	struct tok_info info;	/* of the first shard; by: of all */
	struct buf by;
	uint32_t sum;		/* CRC-32 of sizes and CRCs of all */
	/* A stream. */
	struct tokstream_reader *stream;
	uint64_t next;		/* number of the next row */
	uint32_t last;		/* the token before it */
	bool ahead;		/* tokens already holds the next row */
	uint32_t *tokens;	/* (T+1) */
};

/* ---- rows ---- */

void rows_init(struct rows *r, size_t rows, size_t time)
{
	size_t n = rows * time;

	memset(r, 0, sizeof *r);
	r->max_rows = rows;
	r->ids = xcalloc(n, sizeof *r->ids);
	r->target = xcalloc(n, sizeof *r->target);
	r->pos = xcalloc(n, sizeof *r->pos);
	r->start = xcalloc(n, sizeof *r->start);
	r->batch.rows = rows;
	r->batch.time = time;
	r->batch.ids = r->ids;
	r->batch.target = r->target;
}

void rows_free(struct rows *r)
{
	free(r->ids);
	free(r->target);
	free(r->pos);
	free(r->start);
	memset(r, 0, sizeof *r);
}

void rows_separate(struct rows *r, int64_t eot)
{
	size_t time = r->batch.time, i;

	for (i = 0; i < r->batch.rows * time; i++) {
		size_t t = i % time;

		if (t == 0)
			r->start[i] = 0;
		else
			r->start[i] = r->ids[i - 1] == eot ? (int32_t)t :
				r->start[i - 1];
		r->pos[i] = (int32_t)t - r->start[i];
	}
	r->batch.pos = r->pos;
	r->batch.start = r->start;
}

/* Row i of r from T+1 tokens. */
static void put_row(struct rows *r, size_t i, const uint32_t *tokens,
	size_t vocab, const char *name)
{
	size_t time = r->batch.time, t;

	for (t = 0; t <= time; t++)
		if (tokens[t] >= vocab)
			die("%s: id %" PRIu32 " is not below the model's "
				"vocabulary of %zu", name, tokens[t], vocab);
	for (t = 0; t < time; t++) {
		r->ids[i * time + t] = (int32_t)tokens[t];
		r->target[i * time + t] = (int32_t)tokens[t + 1];
	}
}

/* ---- shards ---- */

static uint64_t windows_of(const struct data *d, const struct shard *s)
{
	return s->count ? (s->count - 1) / d->time : 0;
}

/* Adds a shard to the checksum and the provenance chain of the whole data. */
static void add_shard(struct data *d, const struct shard *s)
{
	const uint32_t is[2] = { (uint32_t)s->count, s->crc };

	d->sum = crc32_add(d->sum, is, sizeof is);
	if (s->info.by)
		tok_chain_add(&d->by, s->info.by);
}

uint32_t data_sum(const struct data *d)
{
	return d->sum;
}

struct data *data_shards(char *const *names, size_t time, uint64_t seed)
{
	struct data *d = xcalloc(1, sizeof *d);
	size_t i;

	d->time = time;
	d->seed = seed;
	d->epoch = UINT64_MAX;
	d->tokens = xcalloc(time + 1, sizeof *d->tokens);
	while (names[d->nshard])
		d->nshard++;
	d->shards = xcalloc(d->nshard, sizeof *d->shards);
	d->first = xcalloc(d->nshard + 1, sizeof *d->first);
	for (i = 0; i < d->nshard; i++) {
		shard_open(&d->shards[i], names[i]);
		shard_check(&d->shards[i]);
		if (i)
			tok_info_match(&d->shards[0].info, names[0],
				&d->shards[i].info, names[i]);
		d->first[i + 1] = d->first[i] +
			windows_of(d, &d->shards[i]);
		add_shard(d, &d->shards[i]);
	}
	if (!d->first[d->nshard])
		die("%s: fewer tokens than one window of %zu", names[0],
			time + 1);
	d->info = d->shards[0].info;
	d->info.by = d->by.p;
	return d;
}

uint64_t data_windows(const struct data *d)
{
	return d->stream ? 0 : d->first[d->nshard];
}

double data_bytes(const struct data *d)
{
	return d && !d->stream ? (double)data_windows(d) *
		(double)sizeof *d->order : 0;
}

/* Reads a window by its number, shifted forward by shift tokens if that
 * fits. */
static void read_window(struct data *d, uint64_t window, uint64_t shift,
	const char **name)
{
	const struct shard *s;
	uint64_t at;
	size_t i = 0;

	while (d->first[i + 1] <= window)
		i++;
	s = &d->shards[i];
	at = (window - d->first[i]) * d->time;
	if (at + shift + d->time + 1 <= s->count)
		at += shift;
	shard_copy(s, (size_t)at, d->time + 1, d->tokens);
	*name = s->name;
}

/* The order of an epoch's windows: a Fisher-Yates shuffle. */
static void shuffle(struct data *d, uint64_t epoch)
{
	uint64_t n = data_windows(d), i;

	if (!d->order)
		d->order = xcalloc((size_t)n, sizeof *d->order);
	for (i = 0; i < n; i++)
		d->order[i] = i;
	rng_shuffle(d->order, (size_t)n, sizeof *d->order, d->seed,
		RNG_SHUFFLE, (uint32_t)epoch);
	d->epoch = epoch;
}

/* Counter 0 is not used by shuffle. */
static uint64_t epoch_shift(const struct data *d, uint64_t epoch)
{
	return epoch ? rng_below(d->seed, RNG_SHUFFLE, (uint32_t)epoch, 0,
		d->time) : 0;
}

static size_t shard_rows(struct data *d, struct rows *r, uint64_t from,
	size_t n, size_t vocab)
{
	const char *name;
	size_t i;

	for (i = 0; i < n; i++, from++) {
		uint64_t epoch = from / data_windows(d);

		if (epoch != d->epoch)
			shuffle(d, epoch);
		read_window(d, d->order[from % data_windows(d)],
			epoch_shift(d, epoch), &name);
		put_row(r, i, d->tokens, vocab, name);
	}
	return n;
}

/* ---- a stream ---- */

struct data *data_stream(size_t time)
{
	struct data *d = xcalloc(1, sizeof *d);

	d->time = time;
	d->tokens = xcalloc(time + 1, sizeof *d->tokens);
	d->stream = tokstream_open(NULL);
	if (tokstream_read(d->stream, &d->last, 1) < 1)
		die("%s: the token stream is empty",
			tokstream_name(d->stream));
	return d;
}

/* Reads the T tokens after the last one; false if fewer are left. */
static bool read_ahead(struct data *d)
{
	if (d->ahead)
		return true;
	d->tokens[0] = d->last;
	if (tokstream_read(d->stream, d->tokens + 1, d->time) < d->time)
		return false;
	d->last = d->tokens[d->time];
	d->ahead = true;
	return true;
}

static bool stream_window(struct data *d)
{
	if (!read_ahead(d))
		return false;
	d->ahead = false;
	d->next++;
	return true;
}

bool data_more(struct data *d)
{
	return !d->stream || read_ahead(d);
}

void data_drain(struct data *d)
{
	uint32_t ids[4096];

	while (d->stream && tokstream_read(d->stream, ids, 4096) == 4096)
		if (progress_due())
			progress_print("the run is complete; reading the "
				"stream to its end: tokens=%" PRIu64,
				tokstream_count(d->stream));
}

static size_t stream_rows(struct data *d, struct rows *r, uint64_t from,
	size_t n, size_t vocab)
{
	size_t i;

	while (d->next < from)	/* a resumed run */
		if (!stream_window(d))
			die("%s: the token stream ends after %" PRIu64 " rows, "
				"but the run had consumed %" PRIu64 ": feed "
				"the same stream from its beginning",
				tokstream_name(d->stream), d->next, from);
	for (i = 0; i < n && stream_window(d); i++)
		put_row(r, i, d->tokens, vocab, tokstream_name(d->stream));
	return i;
}

/* ---- both ---- */

size_t data_rows(struct data *d, struct rows *r, uint64_t from, size_t n,
	size_t vocab)
{
	size_t got = d->stream ? stream_rows(d, r, from, n, vocab) :
		shard_rows(d, r, from, n, vocab);

	r->batch.rows = got;
	return got;
}

size_t data_rows_in_order(struct data *d, struct rows *r, uint64_t from,
	size_t n, size_t vocab)
{
	const char *name;
	size_t i;

	if (d->stream)
		return data_rows(d, r, from, n, vocab);
	for (i = 0; i < n && from + i < data_windows(d); i++) {
		read_window(d, from + i, 0, &name);
		put_row(r, i, d->tokens, vocab, name);
	}
	r->batch.rows = i;
	return i;
}

const struct tok_info *data_info(const struct data *d)
{
	return d->stream ? tokstream_info(d->stream) : &d->info;
}

void data_free(struct data *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->nshard; i++)
		shard_close(&d->shards[i]);
	if (d->stream)
		tokstream_close(d->stream);
	free(d->shards);
	free(d->first);
	free(d->order);
	free(d->tokens);
	buf_free(&d->by);
	free(d);
}
