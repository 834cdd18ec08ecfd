/* ranks DIR SHARD - training divided among ranks equals training by one: the same
 * rows in the same order, the same loss, the same model up to rounding; only one
 * rank writes, and what it writes is resumed by any number of ranks
 *
 * Each rank is a process that trains the model in DIR on SHARD; they exchange
 * parcels through sockets.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/model/model_dir.h"
#include "common/train/pretraining.h"
#include "common/train/ranks.h"
#include "common/train/train_options.h"

enum { BATCH = 5, STEPS = 6, HALF = 4, MOST = 4 };

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

/* Each element of a tensor that is cut belongs to one rank, in their order, and the
 * shares are equal but for a cache line; what is updated as a whole has one owner. */
static void check_ranges(const struct model *m, size_t count)
{
	struct trained_tensors of = model_trained(m);
	double *work = xcalloc(of.ntensor, sizeof *work), load[MOST] = { 0 };
	struct shares *s;
	size_t i, r;

	for (i = 0; i < of.ntensor; i++)
		work[i] = of.tensors[i].role == TENSOR_MATRIX;
	s = shares_new(&of, work, count);
	for (i = 0; i < of.ntensor; i++) {
		size_t at = 0, n = of.tensors[i].n;

		for (r = 0; r < count; r++) {
			struct range x = shares_range(s, i, r);
			size_t got = x.end - x.first;

			check(!got || x.first == at, "a gap between ranges");
			check(work[i] > 0 ? !got || got == n :
				got <= n / count + 32, "a wrong range");
			at += got;
			load[r] += got ? work[i] : 0;
		}
		check(at == n, "ranges are not the whole");
	}
	for (r = 0; r < count; r++)
		check(fabs(load[r] - load[0]) <= 1, "matrices are not balanced");
	shares_free(s);
	free(work);
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

/* ---- a transport of processes ---- */

static int peers[MOST];		/* a socket to each other rank */
static atomic_flag busy = ATOMIC_FLAG_INIT;

/* What is left of a parcel after another part of it has gone one way. */
static void advance(struct parcel *x, ssize_t n)
{
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		_exit(1);
	if (n > 0) {
		x->p = (char *)x->p + n;
		x->n -= (size_t)n;
	}
}

static void trade(const struct parcel *to, const struct parcel *from)
{
	struct parcel out[MOST], in[MOST];
	struct pollfd p[MOST];
	size_t r, left;

	check(ranks.count > 1, "one rank has nobody to trade with");
	if (atomic_flag_test_and_set(&busy))
		_exit(3);	/* two threads at once */
	memcpy(out, to, ranks.count * sizeof *out);
	memcpy(in, from, ranks.count * sizeof *in);
	out[ranks.self].n = in[ranks.self].n = 0;
	for (;;) {
		for (r = left = 0; r < ranks.count; r++) {
			short events = (out[r].n ? POLLOUT : 0) |
				(in[r].n ? POLLIN : 0);

			p[r] = (struct pollfd){ events ? peers[r] : -1, events,
				0 };
			left += out[r].n + in[r].n;
		}
		if (!left)
			break;
		poll(p, ranks.count, -1);
		for (r = 0; r < ranks.count; r++) {
			if (p[r].revents && out[r].n)
				advance(&out[r], send(peers[r], out[r].p,
					out[r].n, MSG_DONTWAIT | MSG_NOSIGNAL));
			if (p[r].revents && in[r].n)
				advance(&in[r], recv(peers[r], in[r].p,
					in[r].n, MSG_DONTWAIT));
		}
	}
	atomic_flag_clear(&busy);
}

/* ---- runs ---- */

struct plan {
	const char *to;
	size_t ranks, batch;
	long steps;
	const char *optimizer, *moments, *wire;
	bool resume;
};
static const struct program program = { "ranks", "DIR SHARD", "test" };
static char *from, *shard;

static const struct option_row rows[] = {
	TRAIN_OPTIONS("", ""),
	RANKS_OPTION,
	SCHEDULE_OPTIONS(""),
	OPT_THREADS,
	OPT_COMMON
};

static void set_options(const struct plan *x)
{
	const char *argv[] = { "ranks", "-q", "-j2", "--schedule", "constant",
		"--warmup", "0", "--optimizer", x->optimizer, "--moments",
		x->moments ? x->moments : "fp32", "--wire",
		x->wire ? x->wire : "fp32", NULL };

	options_parse(&program, rows, sizeof argv / sizeof *argv - 1,
		(char **)argv);
	run_options.steps = x->steps;
	run_options.resume = x->resume;
}

/* All ranks have the same parameters, and each a part of the moments. */
static void check_rank(struct run *r)
{
	const struct model *m = r->model;
	uint64_t h = hash64(m->params, m->size * sizeof *m->params) >> 12;
	size_t own = 0, i;

	if (ranks_first((double)h) != (double)h)
		_exit(4);
	for (i = 0; i < m->ntensor; i++) {
		struct range x = optimizer_range(r->trainer.optimizer, i);

		own += x.end - x.first;
	}
	if (train_options.optimizer == OPTIMIZER_ADAMW && own > m->nparam /
			ranks.count + 16 * m->ntensor)
		_exit(5);
}

static void run(const struct plan *x)
{
	char *shards[] = { shard, NULL };
	struct pretraining p = { .from = x->resume ? x->to : from,
		.base = from, .val_files = shards, .val_windows = 7,
		.batch = (int64_t)x->batch, .val_every = 2 };

	set_options(x);
	pretraining_open(&p, shards);
	p.run.dir = x->to;
	p.run.options = xstrdup("");
	run_open(&p.run, RECIPE_PRETRAIN);
	pretraining_begin(&p);
	run_train(&p.run);
	check_rank(&p.run);
	pretraining_close(&p);
}

/* In a process of its own for each rank, so that this one, which has no threads, can
 * be forked again. */
static void run_ranks(const struct plan *x)
{
	int pair[MOST][MOST][2], status;
	size_t i, k;

	for (i = 0; i < x->ranks; i++)
		for (k = i + 1; k < x->ranks; k++)
			if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair[i][k]))
				exit(1);
	for (i = 0; i < x->ranks; i++) {
		pid_t child = fork();

		if (child)
			continue;
		alarm(120);
		ranks = (struct ranks){ .self = i, .count = x->ranks,
			.trade = trade };
		for (k = 0; k < x->ranks; k++)
			if (k != i)
				peers[k] = pair[k < i ? k : i][k < i ? i : k][k < i];
		run(x);
		_exit(failures > 0);
	}
	for (i = 0; i < x->ranks; i++)
		for (k = i + 1; k < x->ranks; k++) {
			close(pair[i][k][0]);
			close(pair[i][k][1]);
		}
	for (i = 0; i < x->ranks; i++)
		if (wait(&status) > 0 && status) {
			printf("%s: a rank ended with %x\n", x->to, status);
			failures++;
		}
}

/* ---- what came of it ---- */

/* The same model up to rounding, relative to the norm of the parameters. */
static void compare(const char *one, const char *other, double bound)
{
	struct model *a = model_load(one), *b = model_load(other);
	double distance = 0, norm = 0;
	size_t i;

	for (i = 0; i < a->size; i++) {
		double d = (double)a->params[i] - (double)b->params[i];

		distance += d * d;
		norm += (double)a->params[i] * (double)a->params[i];
	}
	if (!(sqrt(distance / norm) <= bound)) {
		printf("%s and %s: another model, by %g\n", one, other,
			sqrt(distance / norm));
		failures++;
	}
	model_free(a);
	model_free(b);
}

/* Text of a file in dir, which the caller frees. */
static char *text_of(const char *dir, const char *name, size_t *n)
{
	char *file = path_join(dir, name), *text = file_read(file, n);

	free(file);
	return text;
}

static void compare_files(const char *one, const char *other, const char *name)
{
	size_t n, k;
	char *x = text_of(one, name, &n), *y = text_of(other, name, &k);

	if (n != k || memcmp(x, y, n)) {
		printf("%s/%s is not that of %s\n", other, name, one);
		failures++;
	}
	free(x);
	free(y);
}

/* Loss and validation loss of each step. The first loss is from equal parameters, and
 * has the same digits. */
static void compare_logs(const char *one, const char *other, double bound)
{
	size_t n, k;
	char *x = text_of(one, "trainlog.tsv", &n), *a = strchr(x, '\n');
	char *y = text_of(other, "trainlog.tsv", &k), *b = strchr(y, '\n');
	double loss[2], val[2];

	for (k = 0; a[1] && b[1]; k++) {
		n = (size_t)sscanf(a + 1, "%*d %lf %lf", &loss[0], &val[0]);
		n += (size_t)sscanf(b + 1, "%*d %lf %lf", &loss[1], &val[1]);
		check(n == 4, "a log without losses");
		check(fabs(loss[0] - loss[1]) <= (k ? bound : 0), "other losses");
		check(isnan(val[0]) == isnan(val[1]) &&
			!(fabs(val[0] - val[1]) > bound), "other validation losses");
		a = strchr(a + 1, '\n');
		b = strchr(b + 1, '\n');
	}
	check(k == STEPS && !a[1] && !b[1], "logs of another length");
	free(x);
	free(y);
}

static void compare_runs(const char *one, const char *other, double bound)
{
	compare(one, other, bound);
	compare_logs(one, other, bound);
}

/* ---- the cases: runs first, since a process that has threads is not forked ---- */

static void run_all(void)
{
	static const struct plan plans[] = {
		{ "a1", 1, BATCH, STEPS, "adamw", NULL, NULL, false },
		{ "a2", 2, BATCH, STEPS, "adamw", NULL, NULL, false },
		{ "a3", 3, BATCH, STEPS, "adamw", NULL, NULL, false },
		{ "a3again", 3, BATCH, STEPS, "adamw", NULL, NULL, false },
		{ "wire", 2, BATCH, STEPS, "adamw", NULL, "bf16", false },
		{ "m1", 1, BATCH, STEPS, "muon", NULL, NULL, false },
		{ "m2", 2, BATCH, STEPS, "muon", NULL, NULL, false },
		{ "m3", 3, BATCH, STEPS, "muon", NULL, NULL, false },
		{ "few1", 1, 2, STEPS, "muon", NULL, NULL, false },
		{ "few4", 4, 2, STEPS, "muon", NULL, NULL, false },
		{ "half1", 1, BATCH, STEPS, "adamw", "bf16", NULL, false },
		{ "half3", 3, BATCH, STEPS, "adamw", "bf16", NULL, false },
		/* begun by two, ended by one and by three */
		{ "to1", 2, BATCH, HALF, "muon", "bf16", NULL, false },
		{ "to1", 1, BATCH, STEPS, "muon", "bf16", NULL, true },
		{ "to3", 2, BATCH, HALF, "muon", "bf16", NULL, false },
		{ "to3", 3, BATCH, STEPS, "muon", "bf16", NULL, true },
		{ "whole", 1, BATCH, STEPS, "muon", "bf16", NULL, false },
		{ "same", 2, BATCH, HALF, "adamw", NULL, NULL, false },
		{ "same", 2, BATCH, STEPS, "adamw", NULL, NULL, true },
	};
	size_t i;

	for (i = 0; i < sizeof plans / sizeof *plans; i++)
		run_ranks(&plans[i]);
}

static void compare_all(void)
{
	static const char *const files[] = { "model.safetensors",
		"training.safetensors", "trainlog.tsv" };
	size_t i;

	compare_runs("a1", "a2", 1e-5);
	compare_runs("a1", "a3", 1e-5);
	compare_runs("a1", "wire", 2e-3);
	compare_runs("m1", "m2", 1e-5);
	compare_runs("m1", "m3", 1e-5);
	compare_runs("few1", "few4", 1e-5);
	/* Moments near the middle of two numbers are rounded to another one. */
	compare_runs("half1", "half3", 1e-4);
	compare_runs("whole", "to1", 1e-4);
	compare_runs("whole", "to3", 1e-4);
	for (i = 0; i < 3; i++) {
		compare_files("a3", "a3again", files[i]);
		compare_files("a2", "same", files[i]);
	}
}

int main(int argc, char **argv)
{
	struct model *m;
	size_t i;

	argv += options_parse(&program, rows, argc, argv);
	from = argv[0];
	shard = argv[1];
	setvbuf(stdout, NULL, _IONBF, 0);
	run_all();
	m = model_load(from);
	check_shares();
	for (i = 1; i <= MOST; i++)
		check_ranges(m, i);
	check_rows(shard, m->config.context);
	model_free(m);
	compare_all();
	return failures > 0;
}
