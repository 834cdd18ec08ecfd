/* ranks DIR SHARD - training divided among ranks equals training by one: the same
 * rows in the same order, the same loss, the same model up to rounding; only one
 * rank writes
 *
 * Two processes each train a copy of the model in DIR on SHARD and sum what they
 * exchange through pipes; a third run is alone.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/model/model_dir.h"
#include "common/train/pretraining.h"
#include "common/train/ranks.h"

enum { BATCH = 5, STEPS = 6 };

static int failures;

static void check(bool right, const char *what)
{
	if (!right) {
		printf("%s\n", what);
		failures++;
	}
}

/* ---- shares ---- */

static void check_shares(void)
{
	size_t n, first, end, at;

	for (ranks.count = 1; ranks.count < 6; ranks.count++)
		for (n = 0; n < 9; n++) {
			at = 0;
			for (ranks.self = 0; ranks.self < ranks.count;
				ranks.self++) {
				ranks_share(n, &first, &end);
				check(first == at && end - first <=
					n / ranks.count + 1, "a wrong share");
				at = end;
			}
			check(at == n, "shares are not the whole");
		}
	ranks.self = 0;
	ranks.count = 1;
}

/* Rows of a shard, in batches of this size. */
static void rows_by(const char *shard, size_t time, size_t each, int32_t *ids)
{
	char *names[] = { (char *)shard, NULL };
	struct data *d = data_shards(names, time, 3);
	struct rows r;
	size_t from;

	rows_init(&r, each, time);
	for (from = 0; from < 4 * BATCH; from += each) {
		data_rows(d, &r, from, each, 1 << 20);
		memcpy(ids + from * time, r.ids, each * time * sizeof *ids);
	}
	rows_free(&r);
	data_free(d);
}

static void check_rows(const char *shard, size_t time)
{
	size_t n = 4 * BATCH * time;
	int32_t *one = xcalloc(n, sizeof *one), *five = xcalloc(n, sizeof *one);

	rows_by(shard, time, 1, one);
	rows_by(shard, time, BATCH, five);
	check(!memcmp(one, five, n * sizeof *one),
		"rows depend on how many come at once");
	free(one);
	free(five);
}

/* ---- a transport of two processes ---- */

static int to_other, from_other;

static void whole(ssize_t (*move)(int, void *, size_t), int fd, void *p,
	size_t n)
{
	char *at = p;

	while (n) {
		ssize_t got = move(fd, at, n);

		if (got <= 0)
			_exit(1);
		at += got;
		n -= (size_t)got;
	}
}

static ssize_t put(int fd, void *p, size_t n)
{
	return write(fd, p, n);
}

/* Rank 0 sends last, so that neither waits for a full pipe. */
static void swap(void *mine, void *theirs, size_t n)
{
	if (ranks.self) {
		whole(put, to_other, mine, n);
		whole(read, from_other, theirs, n);
	} else {
		whole(read, from_other, theirs, n);
		whole(put, to_other, mine, n);
	}
}

static void sum_floats(float *x, size_t n)
{
	float *other = xmalloc(n * sizeof *other);
	size_t i;

	swap(x, other, n * sizeof *x);
	for (i = 0; i < n; i++)
		x[i] += other[i];
	free(other);
}

static void sum_doubles(double *x, size_t n)
{
	double *other = xmalloc(n * sizeof *other);
	size_t i;

	swap(x, other, n * sizeof *x);
	for (i = 0; i < n; i++)
		x[i] += other[i];
	free(other);
}

/* ---- runs ---- */

static void run(const char *from, const char *shard, const char *to)
{
	char *shards[] = { (char *)shard, NULL }, *none[] = { NULL };
	struct pretraining p = { .from = from, .val_files = none,
		.batch = BATCH, .val_every = 100 };

	run_options.steps = STEPS;
	pretraining_open(&p, shards);
	p.run.dir = to;
	p.run.options = xstrdup("");
	run_open(&p.run, RECIPE_PRETRAIN);
	pretraining_begin(&p);
	run_train(&p.run);
	pretraining_close(&p);
}

static void run_two(const char *from, const char *shard)
{
	int there[2], back[2];
	pid_t child;
	int status = 1;

	if (pipe(there) || pipe(back) || (child = fork()) < 0)
		exit(1);
	ranks = (struct ranks) { .self = !child, .count = 2,
		.sum_floats = sum_floats, .sum_doubles = sum_doubles };
	to_other = child ? there[1] : back[1];
	from_other = child ? back[0] : there[0];
	run(from, shard, child ? "rank0" : "rank1");
	if (!child)
		_exit(0);
	waitpid(child, &status, 0);
	check(!status, "the other rank failed");
	ranks = (struct ranks) { .count = 1 };
}

static void compare(void)
{
	struct model *a = model_load("alone"), *b = model_load("rank0");
	double distance = 0, norm = 0;
	size_t i, n, k;
	char *x, *y;

	for (i = 0; i < a->size; i++) {
		double d = (double)a->params[i] - (double)b->params[i];

		distance += d * d;
		norm += (double)a->params[i] * (double)a->params[i];
	}
	check(sqrt(distance / norm) < 1e-5, "two ranks learn another model");
	x = file_read("alone/trainlog.tsv", &n);
	y = file_read("rank0/trainlog.tsv", &k);
	/* The first line is from equal parameters: its loss has the same bits. */
	i = strcspn(x, "\n") + 1;
	i += strcspn(x + i, "\t") + 1;
	i += strcspn(x + i, "\t");
	check(n > i && k > i && !memcmp(x, y, i), "the first loss differs");
	check(!file_exists("rank1"), "rank 1 wrote something");
	free(x);
	free(y);
	model_free(a);
	model_free(b);
}

int main(int argc, char **argv)
{
	static const struct program program = { "ranks", "DIR SHARD", "test" };
	static const struct option_row rows[] = { OPT_COMMON };
	struct model *m;

	argv += options_parse(&program, rows, argc, argv);
	/* First: a process with threads may be forked while one of them holds a
	 * lock of the allocator. */
	run_two(argv[0], argv[1]);
	m = model_load(argv[0]);
	check_shares();
	check_rows(argv[1], m->config.context);
	model_free(m);
	run(argv[0], argv[1], "alone");
	compare();
	return failures > 0;
}
