/* groups - which rollouts form a group, and pairs of the best and worst */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/train/groups.h"
#include "common/train/pairs.h"

static int failures;

static void check(bool right, const char *what)
{
	if (right)
		return;
	printf("%s\n", what);
	failures++;
}

/* The group of a rollout with these keys; -1 if its prompt differs. */
static int group(struct groups *g, const char *keys)
{
	struct rollout x = { 0 };
	struct buf line = { 0 };
	struct json_error e;
	size_t number;
	bool found;

	buf_printf(&line, "{%s,\"ids\":[1],\"logprobs\":[-1]}", keys);
	x.rec = (struct record) { buf_end(&line), line.n, "test", 1, true };
	if (!rollout_parse(&x, ROLLOUT_IDS, &e)) {
		check(false, e.what);
		return -2;
	}
	found = groups_find(g, &x, &number);
	rollout_free(&x);
	buf_free(&line);
	return found ? (int)number : -1;
}

static void check_find(void)
{
	struct groups g = { 0 };

#define IS(keys, number) check(group(&g, keys) == (number), keys)
	IS("\"id\":1,\"prompt_ids\":[5,6]", 0);
	IS("\"id\":\"1\",\"prompt_ids\":[7]", 1);	/* a string is not a number */
	IS("\"id\":1.0,\"prompt_ids\":[5,6]", 0);
	IS("\"id\":1e0,\"prompt_ids\":[5,6]", 0);
	IS("\"id\":\"\303\251\",\"prompt_ids\":[8]", 2);
	IS("\"id\":\"\\u00e9\",\"prompt_ids\":[8]", 2);
	IS("\"id\":1,\"prompt_ids\":[5,7]", -1);
	IS("\"id\":1,\"prompt_ids\":[5]", -1);
	IS("\"prompt_ids\":[5,6]", 3);		/* by its prompt */
	IS("\"prompt_ids\":[5,7]", 4);
	IS("\"prompt_ids\":[5,6]", 3);
	IS("\"id\":null,\"prompt_ids\":[5,7]", 4);
	IS("\"id\":12345678901234567890,\"prompt_ids\":[5]", 5);
	IS("\"id\":12345678901234567891,\"prompt_ids\":[5]", 6);
	groups_free(&g);
	g.by_prompt = true;	/* whatever the ids */
	IS("\"id\":1,\"prompt_ids\":[5,6]", 0);
	IS("\"id\":2,\"prompt_ids\":[5,6]", 0);
	IS("\"id\":1,\"prompt_ids\":[5]", 1);
	IS("\"prompt_ids\":[5]", 1);
	groups_free(&g);
}

static void add(struct examples *e, struct sampled **s, size_t *cap,
	struct sampled x)
{
	examples_add(e, 2)->learned = x.tokens;
	e->ids[e->tokens - 1] = (int32_t)e->n;		/* its number, from 1 */
	*s = grow(*s, e->n - 1, cap, sizeof **s);
	(*s)[e->n - 1] = x;
}

/* Numbers of the examples in order, as decimal digits. */
static long numbers(const struct examples *e)
{
	long all = 0;
	size_t i;

	for (i = 0; i < e->n; i++)
		all = 10 * all + e->ids[e->v[i].at + 1];
	return all;
}

static void check_pairs(void)
{
	static const struct sampled samples[] = {
		{ 0, 0, 1, 0 }, { 1, NAN, 1, 0 }, { 0, 1, 1, 0 },
		{ 1, -2, 1, 0 }, { 2, 1, 1, 0 }, { 1, -1, 1, 0 },
		{ 2, 1, 1, 0 }, { 3, 9, 0, 0 }, { 3, 5, 1, 0 },
	};
	struct examples e = { 0 };
	struct sampled *s = NULL;
	size_t cap = 0, i;

	for (i = 0; i < sizeof samples / sizeof *samples; i++)
		add(&e, &s, &cap, samples[i]);
	groups_sort(4, &e, &s);
	check(numbers(&e) == 132465789, "samples of a group are adjacent");
	check(s[4].group == 1 && s[4].reward == -1, "rewards move with their samples");
	/* Group 2 has no spread; the better answer of group 3 is empty. */
	check(pairs_best_worst(&e, s) == 2, "two pairs");
	check(numbers(&e) == 3164, "the better answer first");
	free(s);
	examples_free(&e);
}

int main(void)
{
	check_find();
	check_pairs();
	return failures != 0;
}
