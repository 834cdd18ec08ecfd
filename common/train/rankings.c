/* rankings.c - comparisons of answers: see rankings.h */
#include "common/train/rankings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/format/conversation_tree.h"

/* A rollout that was graded. */
struct graded {
	size_t example, group;
	double reward;
};

/* Rankings that are being read. */
struct target {
	struct rankings *to;
	struct map prompts;	/* ids of prompts to their numbers */
	struct map examples;	/* ids of answers, with their prompt */
	struct map groups;	/* of rollouts */
	size_t *prompt;		/* (examples.n) of each */
	size_t prompt_cap;
	struct graded *graded;
	size_t ngraded, graded_cap;
};

struct reader {
	struct preferences *p;
	struct conversations *in;
	struct records *records;
	struct encoder *encoder;
	double share;
	struct target train, val;
	/* Of the line. */
	struct record rec;
	struct json_fields fields;
	struct json_error error;	/* if there is no other reason */
	struct conversation c;
	struct rollout rollout;
	struct rendered ids;
	size_t nprompt;
	/* Of a ranking. */
	struct reading reading;
	struct messages messages;	/* of all answers */
	struct part {
		size_t at, n;		/* messages of an answer */
	} *parts;
	struct graded *answers;
	size_t nanswer, answer_cap, part_cap;
	const char *why;		/* a turn of a tree is left out */
	struct buf key;
};

/* ---- what was read ---- */

void rankings_free(struct rankings *r)
{
	examples_free(&r->examples);
	free(r->v);
	free(r->prompts);
	*r = (struct rankings){ 0 };
}

uint64_t rankings_hash(const struct rankings *r)
{
	uint64_t h = hash64(r->examples.ids, r->examples.tokens *
		sizeof *r->examples.ids);

	h = hash64_seed(r->v, r->n * sizeof *r->v, h);
	return hash64_seed(r->prompts, r->nprompt * sizeof *r->prompts, h);
}

double rankings_bytes(const struct rankings *r)
{
	return examples_bytes(&r->examples) + (double)r->n * sizeof *r->v +
		(double)r->nprompt * (sizeof *r->prompts + sizeof(size_t)) +
		3 * (double)sizeof(float) * (double)r->examples.n;
}

void preferences_free(struct preferences *p)
{
	rankings_free(&p->train);
	rankings_free(&p->val);
}

/* ---- answers and comparisons ---- */

/* The number of a key, from 0 in the order of appearance. */
static size_t number_of(struct map *m, const void *key, size_t n)
{
	bool is_new;
	uint64_t *at = map_put(m, key, n, &is_new);

	if (is_new)
		*at = m->n - 1;
	return (size_t)*at;
}

/* Where the line belongs, by the prompt alone, whatever is before it. */
static struct target *choose(struct reader *d)
{
	uint64_t prompt = hash64(d->ids.ids.v, d->nprompt *
		sizeof *d->ids.ids.v);
	bool held = rng_uniform(d->p->seed, RNG_SHUFFLE, UINT32_MAX, prompt) <
		d->share;

	return held ? &d->val : &d->train;
}

/* The example of the answer in d->ids: a new one, or an equal one. */
static size_t add_example(struct reader *d, struct target *t)
{
	struct examples *e = &t->to->examples;
	size_t n = d->ids.ids.n, size = sizeof *d->ids.ids.v, known = e->n;
	size_t at = number_of(&t->examples, d->ids.ids.v, n * size), i;
	struct example *x;

	if (at < known)
		return at;
	x = examples_add(e, n + 1);
	for (i = 0; i < n; i++)
		e->ids[x->at + i] = (int32_t)d->ids.ids.v[i];
	t->prompt = grow(t->prompt, at, &t->prompt_cap, sizeof *t->prompt);
	t->prompt[at] = number_of(&t->prompts, d->ids.ids.v, d->nprompt * size);
	return at;
}

static void compare(struct target *t, size_t better, size_t worse,
	double margin, double weight)
{
	struct rankings *r = t->to;

	r->v = grow(r->v, r->n, &r->cap, sizeof *r->v);
	r->v[r->n++] = (struct comparison){ better, worse, margin, weight,
		t->prompt[better] };
}

/* Compares any two of the n answers that differ, in text and in reward. Returns
 * how many comparisons there are. */
static size_t compare_all(struct reader *d, struct target *t,
	const struct graded *v, size_t n)
{
	size_t first = t->to->n, i, k;

	for (i = 0; i < n; i++) {
		for (k = i + 1; k < n; k++) {
			bool up = v[i].reward > v[k].reward;

			if (!up && !(v[i].reward < v[k].reward))
				continue;
			if (v[i].example == v[k].example)
				d->p->same++;
			else
				compare(t, v[up ? i : k].example,
					v[up ? k : i].example, 0, 1);
		}
	}
	for (i = first; i < t->to->n; i++)
		t->to->v[i].weight = 1 / (double)(t->to->n - first);
	return t->to->n - first;
}

/* ---- lines ---- */

static bool given(const struct reader *d, const char *key, struct json *v)
{
	return json_field_given(&d->fields, key, v);
}

static bool is_empty(const struct message *answer, size_t n)
{
	struct json calls;

	return !n || (!answer[n - 1].len &&
		!json_given(&answer[n - 1].json, "tool_calls", &calls));
}

/* Renders an answer to the prompt of d->c into d->ids. */
static const char *render(struct reader *d, const struct message *answer,
	size_t n)
{
	const char *why = is_empty(answer, n) ? "an empty answer" :
		answers_render(d->p->answers, d->encoder, &d->c, answer, n,
			&d->ids, &d->nprompt);

	if (!why && d->ids.ids.n > d->p->context)
		why = "an answer that is longer than the model's context";
	return why;
}

static const char *take_pair(struct reader *d)
{
	const struct conversation *c = &d->c;
	size_t better, worse;
	struct target *t;
	double margin = 0;
	const char *why;
	struct json v;

	if (!conversations_read(d->in, &d->rec, &d->c, &d->error))
		return NULL;
	if (!c->rejected)
		return "one of 'chosen' and 'rejected' is missing";
	if (given(d, "margin", &v) && !(json_double(&v, &margin) &&
			isfinite(margin)))
		return "'margin' is not a finite number";
	/* Both, before one of them is kept. */
	why = render(d, c->rejected, c->nrejected);
	if (!why)
		why = render(d, c->v + c->nprompt, c->n - c->nprompt);
	if (why)
		return why;
	t = choose(d);
	better = add_example(d, t);
	render(d, c->rejected, c->nrejected);
	worse = add_example(d, t);
	if (better == worse)
		return "both answers are the same";
	compare(t, better, worse, margin, 1);
	return NULL;
}

/* ---- rankings ---- */

/* Adds the answer that consists of the messages from `at` on. */
static void add_answer(struct reader *d, size_t at, double reward)
{
	d->parts = grow(d->parts, d->nanswer, &d->part_cap, sizeof *d->parts);
	d->answers = grow(d->answers, d->nanswer, &d->answer_cap,
		sizeof *d->answers);
	d->parts[d->nanswer] = (struct part){ at, d->messages.n - at };
	d->answers[d->nanswer++].reward = reward;
}

/* Renders all answers to the prompt of d->c and, if there is a target, keeps
 * them. */
static const char *each_answer(struct reader *d, struct target *t)
{
	const char *why = NULL;
	size_t i;

	for (i = 0; !why && i < d->nanswer; i++) {
		const struct part *x = &d->parts[i];

		why = render(d, d->messages.v + x->at, x->n);
		if (!why && t)
			d->answers[i].example = add_example(d, t);
	}
	return why;
}

static const char *compare_answers(struct reader *d)
{
	const char *why = each_answer(d, NULL);	/* before one is kept */
	struct target *t;

	if (why)
		return why;
	t = choose(d);
	each_answer(d, t);
	return compare_all(d, t, d->answers, d->nanswer) ? NULL :
		"no two answers that differ in rank";
}

/* ranks, of which the lowest is best, or scores. */
static const char *read_places(struct reader *d)
{
	struct json list, v;
	struct json_iter it;
	double sign = 1, x;
	size_t n = 0;

	if (!given(d, "scores", &list)) {
		sign = -1;
		if (!given(d, "ranks", &list) && !given(d, "rank", &list))
			return "neither 'ranks' nor 'scores' of the answers";
	}
	if (list.type == JSON_ARRAY && json_count(&list) == d->nanswer)
		for (json_begin(&it, &list); json_next(&it, NULL, &v) &&
				json_double(&v, &x) && isfinite(x); n++)
			d->answers[n].reward = sign * x;
	return n == d->nanswer ? NULL : "'ranks' or 'scores' is not a finite "
		"number for each answer";
}

static const char *take_ranking(struct reader *d, const struct json *list)
{
	struct json_iter it;
	struct json v;
	const char *why;

	if (list->type != JSON_ARRAY || json_count(list) < 2)
		return "'answers' is not a list of two answers or more";
	if (!conversations_read(d->in, &d->rec, &d->c, &d->error))
		return NULL;
	for (json_begin(&it, list); json_next(&it, NULL, &v);) {
		size_t at = d->messages.n;

		if (!messages_read(&d->reading, &d->messages, &v, "assistant"))
			return d->reading.why;
		add_answer(d, at, 0);
	}
	why = read_places(d);
	return why ? why : compare_answers(d);
}

/* A turn of a tree; one that is of no use is left out. */
static void take_turn(void *ctx, const struct ranked_turn *t)
{
	struct reader *d = ctx;
	const char *why;
	size_t i;

	d->messages.n = d->nanswer = 0;
	d->c = (struct conversation){ .rec = d->rec, .json = d->fields.object,
		.v = (struct message *)t->path, .n = t->npath,
		.nprompt = t->npath };
	for (i = 0; i < t->n; i++) {
		messages_add(&d->messages, t->answers[i]);
		add_answer(d, i, -t->ranks[i]);
	}
	why = compare_answers(d);
	if (why)
		d->p->turns++;
	else
		d->why = NULL;
	if (why && d->why)
		d->why = why;
}

static void ignore_turn(void *ctx, const struct ranked_turn *t)
{
}

static const char *take_tree(struct reader *d, const struct json *root)
{
	uint64_t before = d->p->turns;

	if (!tree_ranked_turns(&d->reading, root, ignore_turn, NULL))
		return d->reading.why;
	d->why = "no turn has two answers with a rank";
	tree_ranked_turns(&d->reading, root, take_turn, d);
	if (d->why)
		d->p->turns = before;	/* the line counts as a whole */
	return d->why;
}

/* ---- rollouts ---- */

/* The rollout's ids, or those of its prompt and text, rendered. */
static const char *rollout_ids(struct reader *d)
{
	const struct rollout *x = &d->rollout;
	struct message answer = { .role = "assistant", .content = x->text,
		.len = x->text_len };
	struct json v;

	if (!given(d, "prompt", &v) && !given(d, "messages", &v)) {
		if (!rollout_parse(&d->rollout, ROLLOUT_TOKENS, &d->error))
			return NULL;
		d->nprompt = x->nprompt;
		return answers_take(d->p->answers, x, &d->ids);
	}
	if (!rollout_parse(&d->rollout, ROLLOUT_TEXT, &d->error) ||
		!conversations_read(d->in, &d->rec, &d->c, &d->error))
		return NULL;
	answer.content = x->text;
	answer.len = x->text_len;
	return answers_render(d->p->answers, d->encoder, &d->c, &answer, 1,
		&d->ids, &d->nprompt);
}

/* Its group has one prompt, for rewards of answers to two cannot be compared. */
static size_t find_group(struct reader *d, struct target *t)
{
	buf_reset(&d->key);
	rollout_id_key(&d->rollout.id, &d->key);
	buf_putc(&d->key, 0);
	buf_add(&d->key, d->ids.ids.v, d->nprompt * sizeof *d->ids.ids.v);
	return number_of(&t->groups, d->key.p, d->key.n);
}

static const char *take_rollout(struct reader *d)
{
	struct rollout *x = &d->rollout;
	struct target *t;
	struct graded g;
	const char *why;

	x->rec = d->rec;
	if (!rollout_parse(x, 0, &d->error))
		return NULL;
	if (isnan(x->reward)) {
		d->p->ungraded++;
		return NULL;
	}
	why = rollout_ids(d);
	if (why || d->error.what)
		return why;
	if (d->ids.ids.n > d->p->context)
		return "an answer that is longer than the model's context";
	t = choose(d);
	g = (struct graded){ .example = add_example(d, t),
		.group = find_group(d, t), .reward = x->reward };
	t->graded = grow(t->graded, t->ngraded, &t->graded_cap,
		sizeof *t->graded);
	t->graded[t->ngraded++] = g;
	return NULL;
}

/* ---- order ---- */

/* The numbers 0 to n - 1 in the order of their keys, which are below nkey; equal
 * ones keep theirs. begin (nkey + 1): where each key begins. */
static size_t *sorted(const size_t *key, size_t n, size_t nkey, size_t *begin)
{
	size_t *order = xcalloc(n, sizeof *order), i;

	memset(begin, 0, (nkey + 1) * sizeof *begin);
	for (i = 0; i < n; i++)
		begin[key[i] + 1]++;
	for (i = 0; i < nkey; i++)
		begin[i + 1] += begin[i];
	for (i = 0; i < n; i++)
		order[begin[key[i]]++] = i;
	for (i = nkey; i > 0; i--)
		begin[i] = begin[i - 1];
	begin[0] = 0;
	return order;
}

static void compare_groups(struct reader *d, struct target *t)
{
	size_t *key = xcalloc(t->ngraded, sizeof *key), i, from, *order;
	size_t *begin = xcalloc(t->groups.n + 1, sizeof *begin);
	struct graded *v = xcalloc(t->ngraded, sizeof *v);

	for (i = 0; i < t->ngraded; i++)
		key[i] = t->graded[i].group;
	order = sorted(key, t->ngraded, t->groups.n, begin);
	for (i = 0; i < t->ngraded; i++)
		v[i] = t->graded[order[i]];
	for (i = 0; i < t->groups.n; i++) {
		from = begin[i];
		if (!compare_all(d, t, v + from, begin[i + 1] - from))
			d->p->flat++;
	}
	free(key);
	free(begin);
	free(order);
	free(v);
}

/* Brings the comparisons into the order of their prompts. */
static void sort_comparisons(struct target *t)
{
	struct rankings *r = t->to;
	size_t *key = xcalloc(r->n, sizeof *key), all = t->prompts.n, i;
	size_t *begin = xcalloc(all + 1, sizeof *begin), *order;
	struct comparison *v = xcalloc(r->n, sizeof *v);

	for (i = 0; i < r->n; i++)
		key[i] = r->v[i].prompt;
	order = sorted(key, r->n, all, begin);
	for (i = 0; i < r->n; i++)
		v[i] = r->v[order[i]];
	free(r->v);
	r->v = v;
	r->cap = r->n;
	r->prompts = xcalloc(all, sizeof *r->prompts);
	for (i = 0; i < all; i++)
		if (begin[i + 1] > begin[i])
			r->prompts[r->nprompt++] = (struct ranked){ begin[i],
				begin[i + 1] - begin[i] };
	free(key);
	free(begin);
	free(order);
}

static void finish(struct reader *d, struct target *t)
{
	compare_groups(d, t);
	sort_comparisons(t);
	map_free(&t->prompts);
	map_free(&t->examples);
	map_free(&t->groups);
	free(t->prompt);
	free(t->graded);
}

/* ---- files ---- */

static const char *take(struct reader *d)
{
	struct json v;

	d->error.what = NULL;
	arena_reset(&d->reading.arena);
	d->messages.n = d->nanswer = 0;
	if (!json_object(d->rec.p, d->rec.n, &d->fields, &d->error))
		return NULL;
	if (given(d, "chosen", &v) || given(d, "rejected", &v))
		return take_pair(d);
	if (given(d, "answers", &v))
		return take_ranking(d, &v);
	if (given(d, "prompt", &v) && v.type == JSON_OBJECT)
		return take_tree(d, &v);
	if (given(d, "replies", &v))
		return take_tree(d, &d->fields.object);
	if (json_field(&d->fields, "reward", &v) || given(d, "ids", &v))
		return take_rollout(d);
	return "none of the keys chosen, answers, reward, replies";
}

static void read_files(struct preferences *p, char **files, double share)
{
	struct reader d = { .p = p, .share = share,
		.in = conversations_open(files, "comparison"),
		.encoder = encoder_new(p->answers->vocab),
		.train = { .to = &p->train }, .val = { .to = &p->val } };
	const char *why;

	d.records = conversations_records(d.in);
	while (records_next(d.records, &d.rec)) {
		why = take(&d);
		if (why)
			records_bad(d.records, &d.rec, "%s", why);
		else if (d.error.what)
			records_bad_json(d.records, &d.rec, &d.error);
	}
	conversations_close(d.in);
	if (share < 1)
		finish(&d, &d.train);
	if (share > 0)
		finish(&d, &d.val);
	rollout_free(&d.rollout);
	rendered_free(&d.ids);
	json_fields_free(&d.fields);
	reading_free(&d.reading);
	messages_free(&d.messages);
	free(d.answers);
	free(d.parts);
	buf_free(&d.key);
	encoder_free(d.encoder);
}

void preferences_read(struct preferences *p, char **files)
{
	read_files(p, files, p->share);
}

void preferences_read_val(struct preferences *p, const char *file)
{
	char *files[] = { (char *)file, NULL };

	read_files(p, files, 1);
}
