/* epochs - every member is in one update of each epoch, batches of any size */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/train/epochs.h"

enum { N = 7, EPOCHS = 3 };

static const size_t members[N] = { 3, 10, 11, 12, 20, 25, 40 };
static int failures;

static void check(bool right, const char *what, size_t batch)
{
	if (right)
		return;
	printf("batch %zu: %s\n", batch, what);
	failures++;
}

/* seen[m] counts member m over one epoch. */
static void one_epoch(struct epochs *e, size_t batch, size_t *order)
{
	size_t full = batch && batch < N ? batch : N, done = 0, n, i;
	size_t seen[64] = { 0 };

	while (done < N) {
		const size_t *update = epochs_next(e, &n);

		check(update != NULL, "the epoch is too short", batch);
		if (!update)
			return;
		check(n == (N - done < full ? N - done : full),
			"an update of the wrong size", batch);
		for (i = 0; i < n && done + i < N; i++) {
			seen[update[i] % 64]++;
			order[done + i] = update[i];
		}
		done += n;
	}
	for (i = 0; i < N; i++)
		check(seen[members[i]] == 1, "a member not exactly once", batch);
}

static void check_batch(size_t batch)
{
	size_t order[EPOCHS][N] = { { 0 } }, n, i;
	struct epochs e;

	epochs_init(&e, members, N, batch, EPOCHS, 1);
	for (i = 0; i < EPOCHS; i++)
		one_epoch(&e, batch, order[i]);
	check(!epochs_next(&e, &n), "updates after the last epoch", batch);
	check(memcmp(order[0], order[1], sizeof *order) != 0,
		"two epochs in one order", batch);
	epochs_free(&e);
}

int main(void)
{
	static const size_t batches[] = { 0, 1, 2, 3, 6, 7, 8, 100 };
	struct epochs e;
	size_t i, n, sum = 0;
	const size_t *update;

	for (i = 0; i < sizeof batches / sizeof *batches; i++)
		check_batch(batches[i]);
	epochs_init(&e, NULL, 4, 3, 1, 1);
	while ((update = epochs_next(&e, &n)))
		for (i = 0; i < n; i++)
			sum += (size_t)1 << 4 * update[i];
	check(sum == 0x1111, "without a list: all numbers", 3);
	epochs_free(&e);
	epochs_init(&e, NULL, 0, 0, 5, 1);
	check(!epochs_next(&e, &n), "an update of nothing", 0);
	epochs_free(&e);
	return failures != 0;
}
