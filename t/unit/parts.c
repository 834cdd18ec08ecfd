/* parts - batches of 1 to 9 rows in parts of 1 to 10: each row is in exactly one
 * part, with its own ids, targets, positions and starts
 */
#include <string.h>

#include "common/base/err.h"
#include "common/train/trainer.h"

#define ROWS 9
#define TIME 5

static int32_t ids[ROWS * TIME], target[ROWS * TIME], pos[ROWS * TIME],
	start[ROWS * TIME];

static void check(const struct batch *b, size_t max)
{
	size_t seen = 0, at;
	struct batch p;

	for (; seen < b->rows; seen += p.rows) {
		p = batch_part(b, seen, max);
		at = seen * b->time;
		if (!p.rows || p.rows > max || p.rows > b->rows - seen ||
			p.time != b->time)
			die("%zu rows by %zu: a part of %zu rows at %zu",
				b->rows, max, p.rows, seen);
		if (p.rows < max && seen + p.rows != b->rows)
			die("%zu rows by %zu: a short part that is not last",
				b->rows, max);
		if (p.ids != ids + at || p.target != target + at ||
			p.pos != (b->pos ? pos + at : NULL) ||
			p.start != (b->start ? start + at : NULL))
			die("%zu rows by %zu: another row's data", b->rows, max);
	}
}

int main(int argc, char **argv)
{
	struct batch b;
	size_t max;

	err_init(argv[0]);
	memset(&b, 0, sizeof b);
	b.time = TIME;
	b.ids = ids;
	b.target = target;
	for (b.rows = 1; b.rows <= ROWS; b.rows++)
		for (max = 1; max <= ROWS + 1; max++) {
			b.pos = b.start = NULL;
			check(&b, max);
			b.pos = pos;
			b.start = start;
			check(&b, max);
		}
	return 0;
}
