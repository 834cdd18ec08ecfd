/* waiting DIR - answers that wait for a tool: t/720-batch-invariance.t
 *
 * A toy tool is called after an answer has drawn 4 and 9 tokens, and returns three
 * tokens that follow from the last one. It responds at once, in the call of token;
 * or later, when it is polled or when all answers wait; or from another process
 * through a pipe. Every answer must have the same bits.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/model/model_dir.h"
#include "common/sample/engine.h"

enum { PROMPTS = 3, SAMPLES = 3, ANSWERS = PROMPTS * SAMPLES, MOST = 24,
	SAID = 3 };

enum how {
	AT_ONCE,
	POLLED,			/* at every second call of resume */
	WHEN_IDLE,		/* one, only when all wait */
	BY_PIPE,		/* a process that sleeps, then writes */
	CANCELLED		/* as WHEN_IDLE, but the first one is given up */
};

struct pending {
	struct answer *answer;
	uint32_t said[SAID];
	int fd;			/* that delivers them; BY_PIPE */
};

struct toy {
	enum how how;
	struct prompt prompts[PROMPTS];
	size_t next;
	struct pending pending[ANSWERS];
	size_t npending;
	struct answer *done[ANSWERS];
	size_t order[ANSWERS], ndone;	/* in which they finished */
	size_t polls, idle, asked;
	bool cancelled;
};

static int failures;
static size_t vocab;

static void check(bool right, const char *what, enum how how, size_t rows)
{
	if (right)
		return;
	printf("how %d, rows %zu: %s\n", how, rows, what);
	failures++;
}

static size_t number(const struct toy *t, const struct answer *a)
{
	return (size_t)((struct prompt *)a->prompt - t->prompts) * SAMPLES +
		a->index;
}

static struct prompt *next(void *ctx)
{
	struct toy *t = ctx;

	return t->next < PROMPTS ? &t->prompts[t->next++] : NULL;
}

static void force(struct answer *a, const uint32_t *said)
{
	size_t i;

	for (i = 0; i < SAID; i++)
		ids_add(&a->forced, said[i]);
}

/* A process that responds after some milliseconds. */
static int later(const uint32_t *said, long ms)
{
	struct timespec wait = { 0, ms * 1000000 };
	size_t n = SAID * sizeof *said;
	int ends[2];
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0)
		exit(2);
	if (!child) {
		nanosleep(&wait, NULL);
		_exit(write(ends[1], said, n) != (ssize_t)n);
	}
	close(ends[1]);
	return ends[0];
}

static size_t drawn(const struct answer *a)
{
	size_t n = 0, i;

	for (i = 0; i < a->ids.n; i++)
		n += a->mask[i];
	return n;
}

/* Answers with an even number call the tool. */
static bool token(void *ctx, struct answer *a)
{
	struct toy *t = ctx;
	struct pending *p = &t->pending[t->npending];
	size_t n = drawn(a), last = a->ids.n - 1, i;

	if (a->stop || number(t, a) % 2 || !a->mask[last] ||
		(n != 4 && n != 9))
		return true;
	t->asked++;
	for (i = 0; i < SAID; i++)
		p->said[i] = (uint32_t)((a->ids.v[last] + i + 1) % vocab);
	if (t->how == AT_ONCE) {
		force(a, p->said);
		return true;
	}
	p->answer = a;
	p->fd = t->how == BY_PIPE ? later(p->said,
		5 + (long)(t->asked * 7 % 40)) : -1;
	a->waiting = true;
	t->npending++;
	return true;
}

static void hand_over(struct toy *t, size_t i)
{
	struct pending *p = &t->pending[i];

	if (t->how == CANCELLED && !t->cancelled && !number(t, p->answer)) {
		t->cancelled = true;
		p->answer->stop = ANSWER_CANCELLED;
	} else {
		force(p->answer, p->said);
	}
	p->answer->waiting = false;
	memmove(p, p + 1, (--t->npending - i) * sizeof *p);
}

static void read_pipes(struct toy *t, bool idle)
{
	struct pollfd fds[ANSWERS];
	uint32_t said[SAID];
	size_t i;

	for (i = 0; i < t->npending; i++)
		fds[i] = (struct pollfd) { t->pending[i].fd, POLLIN, 0 };
	poll(fds, t->npending, idle ? -1 : 0);
	for (i = t->npending; i--;) {
		if (!fds[i].revents)
			continue;
		if (read(fds[i].fd, said, sizeof said) != sizeof said ||
			memcmp(said, t->pending[i].said, sizeof said))
			exit(2);
		close(fds[i].fd);
		hand_over(t, i);
	}
}

static void resume(void *ctx, bool idle)
{
	struct toy *t = ctx;

	t->idle += idle;
	t->polls++;
	if (t->how == BY_PIPE)
		read_pipes(t, idle);
	else if (idle || (t->how == POLLED && t->polls % 2))
		hand_over(t, t->npending - 1);
}

static void done(void *ctx, struct answer *a)
{
	struct toy *t = ctx;

	t->order[t->ndone++] = number(t, a);
	t->done[number(t, a)] = a;
}

/* ---- a run ---- */

static void run(struct toy *t, const struct model *m, enum how how,
	size_t rows)
{
	static const uint32_t ids[] = { 3, 1, 4, 1, 5, 9, 2, 6 };
	static const struct stop_criteria stop = { 0 };
	struct engine_calls calls = { .ctx = t, .next = next, .token = token,
		.resume = resume, .done = done };
	struct sampling sampling = sampling_plain;
	struct decoder *d = decoder_new(m, rows, DTYPE_F32);
	struct engine *e = engine_new(d, &(struct engine_memory){ .kept = 0 });
	size_t i;

	*t = (struct toy) { .how = how };
	for (i = 0; i < PROMPTS; i++)
		t->prompts[i] = (struct prompt) { .ids = ids, .n = 4 + 2 * i,
			.samples = SAMPLES, .most = MOST, .key = i + 1 };
	sampling.repeat_penalty = 1.3;	/* considers forced tokens too */
	engine_run(e, &sampling, 7, &stop, vocab, &calls);
	engine_free(e);
	decoder_free(d);
}

static void free_run(struct toy *t)
{
	size_t i;

	for (i = 0; i < ANSWERS; i++)
		answer_free(t->done[i]);
}

static bool same(const struct answer *a, const struct answer *b)
{
	size_t n = a->ids.n;

	return b->ids.n == n && a->stop == b->stop &&
		!memcmp(a->ids.v, b->ids.v, n * sizeof *a->ids.v) &&
		!memcmp(a->mask, b->mask, n) &&
		!memcmp(a->logprob, b->logprob, n * sizeof *a->logprob) &&
		!memcmp(a->sample_logprob, b->sample_logprob,
			n * sizeof *a->sample_logprob);
}

/* The tokens of the tool are where they belong, with mask 0. */
static void check_masks(const struct toy *t)
{
	size_t i, k, j;

	for (i = 0; i < ANSWERS; i++) {
		const struct answer *a = t->done[i];

		check(drawn(a) == (i % 2 ? MOST : MOST - 2 * SAID),
			"a wrong number of tokens drawn", t->how, 0);
		for (k = 4; i % 2 == 0 && k <= 9 + SAID; k += 5 + SAID)
			for (j = 0; j < SAID; j++)
				check(!a->mask[k + j] && a->ids.v[k + j] ==
					(a->ids.v[k - 1] + j + 1) % vocab,
					"not what the tool said", t->how, 0);
	}
}

static void compare(const struct toy *want, const struct model *m,
	enum how how, size_t rows)
{
	struct toy t;
	size_t i;

	run(&t, m, how, rows);
	check(t.ndone == ANSWERS, "answers are missing", how, rows);
	for (i = 0; i < ANSWERS; i++)
		if (how == CANCELLED && !i)
			check(t.done[i]->stop == ANSWER_CANCELLED &&
				t.done[i]->ids.n == 4, "not cancelled as it "
				"waits", how, rows);
		else
			check(same(want->done[i], t.done[i]),
				"waiting changes an answer", how, rows);
	/* At most one waiting call per response. */
	check(t.idle <= t.asked, "the loop is busy while all wait", how, rows);
	/* With a row each, those that never call the tool finish first. */
	for (i = 0; how == WHEN_IDLE && rows == ANSWERS && i < ANSWERS / 2; i++)
		check(t.order[i] % 2, "an answer did not continue while others "
			"waited", how, rows);
	free_run(&t);
}

int main(int argc, char **argv)
{
	static const size_t rows[] = { 1, 2, 4, ANSWERS };
	struct model *m = model_load(argv[argc - 1]);
	struct toy want;
	size_t i;
	int how;

	parallel_threads(1);	/* processes are forked */
	vocab = m->config.vocab;
	run(&want, m, AT_ONCE, 1);
	check_masks(&want);
	check(!want.polls, "resume is called for nobody", AT_ONCE, 1);
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		for (how = AT_ONCE; how <= CANCELLED; how++)
			compare(&want, m, (enum how)how, rows[i]);
	free_run(&want);
	model_free(m);
	return failures != 0;
}
