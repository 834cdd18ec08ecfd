/* data.h - batches of next-token training: windows of shards, or a stream
 *
 * Shards are cut into windows of T+1 tokens, the last of which is the first
 * of the next window; each epoch moves the cuts by a random amount and takes
 * the windows in a random order. A row is a function of (seed, its number), so
 * a run can resume anywhere. A token stream is read once, in order.
 */
#ifndef PIPELM_TRAIN_DATA_H
#define PIPELM_TRAIN_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format/tokstream.h"
#include "common/model/forward.h"

/* Memory of a batch (rows, time); batch points into it. */
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

/* names: shards, all of one tokenizer; every id is checked to be below vocab
 * when its window comes. */
struct data *data_shards(char *const *names, size_t time, uint64_t seed);

/* The token stream of standard input. */
struct data *data_stream(size_t time);

void data_free(struct data *d);

const struct tok_info *data_info(const struct data *d);

/* A checksum that identifies the shards; 0 for a stream. */
uint32_t data_sum(const struct data *d);

/* False when a stream holds no further row; reads ahead to find out. */
bool data_more(struct data *d);

/* Reads a stream to its end, so that its writer succeeds and its trailer is
 * checked; does nothing for shards. */
void data_drain(struct data *d);

/* Memory that it takes; the shards are mapped, and do not count. NULL: 0. */
double data_bytes(const struct data *d);

/* Windows of an epoch, 0 for a stream. */
uint64_t data_windows(const struct data *d);

/* Fills r with n rows from row number `from` on, of all that the run takes;
 * returns how many came: less than n only when a stream ends. A stream must
 * be asked for consecutive rows; one that ends before row `from` is fatal.
 * vocab: ids must be below it. */
size_t data_rows(struct data *d, struct rows *r, uint64_t from, size_t n,
	size_t vocab);

/* The same in file order from the start, for validation: fewer than n at the
 * end of the last shard. */
size_t data_rows_in_order(struct data *d, struct rows *r, uint64_t from,
	size_t n, size_t vocab);

#endif
