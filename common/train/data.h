/* data.h - batches for next-token training: windows of shards, or a stream
 *
 * Shards are cut into windows of T+1 tokens; the last token of a window is the
 * first of the next. Each epoch shifts the cuts by a random amount and visits
 * the windows in random order. A row is a function of (seed, its number), so
 * a run can resume anywhere. A token stream is read once, in order.
 */
#ifndef PIPELM_TRAIN_DATA_H
#define PIPELM_TRAIN_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format/tokstream.h"
#include "common/model/forward.h"

/* The memory of a batch (rows, time); batch points into it. */
struct rows {
	struct batch batch;
	size_t max_rows;
	int32_t *ids, *target, *pos, *start;
};

void rows_init(struct rows *r, size_t rows, size_t time);
void rows_free(struct rows *r);

/* Fills pos and start so that each document starts at position 0, after the eot of
 * the previous one, and does not attend to it. */
void rows_separate(struct rows *r, int64_t eot);

struct data;

/* names: shards, all of one tokenizer. Ids are checked to be below vocab when
 * their window is read. */
struct data *data_shards(char *const *names, size_t time, uint64_t seed);

/* The token stream of standard input. */
struct data *data_stream(size_t time);

void data_free(struct data *d);

const struct tok_info *data_info(const struct data *d);

/* A checksum that identifies the shards; 0 for a stream. */
uint32_t data_sum(const struct data *d);

/* False if a stream holds no further row; reads ahead to find out. */
bool data_more(struct data *d);

/* Reads a stream to its end, so that its writer succeeds and its trailer is
 * checked; does nothing for shards. */
void data_drain(struct data *d);

/* Bytes of memory that d uses; shards are mapped and do not count. NULL: 0. */
double data_bytes(const struct data *d);

/* The number of windows in an epoch, 0 for a stream. */
uint64_t data_windows(const struct data *d);

/* Fills r with n rows, beginning with row number `from` of the run; returns how
 * many it got: fewer than n only when a stream ends. Rows of a stream must be
 * requested consecutively; a stream that ends before row `from` is fatal.
 * vocab: ids must be below it. */
size_t data_rows(struct data *d, struct rows *r, uint64_t from, size_t n,
	size_t vocab);

/* The same in the order of the file or stream, for validation: fewer than n at
 * the end of the last shard, or of the stream. */
size_t data_rows_in_order(struct data *d, struct rows *r, uint64_t from,
	size_t n, size_t vocab);

#endif
