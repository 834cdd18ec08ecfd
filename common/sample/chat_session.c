/* chat_session.c - a conversation with a model: see chat_session.h */
#include "common/sample/chat_session.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

const char chat_session_too_long[] =
	"that is too long for the model's context";

/* ---- turns ---- */

static void add_turn(struct chat_session *s, struct chat_turn t)
{
	s->turns = grow(s->turns, s->n, &s->cap, sizeof *s->turns);
	s->turns[s->n++] = t;
}

static void drop_last_turn(struct chat_session *s)
{
	chat_turn_free(&s->turns[--s->n]);
}

static bool has_system(const struct chat_session *s)
{
	return s->n && !strcmp(s->turns[0].role, "system");
}

static void add_line(const struct chat_session *s, struct buf *b)
{
	size_t i;

	if (s->n <= has_system(s))
		return;
	buf_str(b, "{\"messages\":[");
	for (i = 0; i < s->n; i++)
		chat_turn_json(&s->turns[i], b);
	buf_str(b, "]}\n");
}

void chat_session_lines(const struct chat_session *s, struct buf *b)
{
	buf_add(b, s->finished.p, s->finished.n);
	add_line(s, b);
}

void chat_session_reset(struct chat_session *s, const char *system, size_t len)
{
	add_line(s, &s->finished);
	while (s->n)
		drop_last_turn(s);
	if (system)
		add_turn(s, chat_turn_new("system", system, len));
	s->oldest = s->n;
	s->told = false;
}

void chat_session_free(struct chat_session *s)
{
	while (s->n)
		drop_last_turn(s);
	free(s->turns);
	buf_free(&s->finished);
	if (s->cache)
		kv_segment_free(s->cache);
	ids_free(&s->cached);
}

/* ---- what the model sees ---- */

/* Renders it into the generator's `rendered`. Returns NULL, or why it
 * cannot. */
static const char *render(struct chat_session *s)
{
	struct generator *g = s->generator;
	struct message *v = xcalloc(s->n, sizeof *v);
	const struct chat_turn **answers = xcalloc(s->n, sizeof *answers);
	bool *learn = xcalloc(s->n, sizeof *learn), called = false;
	struct dialogue d = { .v = v, .prompt = true };
	const char *why;
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		const struct chat_turn *t = &s->turns[i];

		if (i < s->oldest && (i || !has_system(s)))
			continue;
		v[d.n++] = (struct message){ .role = t->role,
			.content = t->text, .len = t->len };
		if (strcmp(t->role, "assistant"))
			continue;
		learn[d.n - 1] = true;
		called |= t->tools != NULL;
		answers[n++] = t;
	}
	d.learn = called ? learn : NULL;	/* the mask says where they are */
	why = template_render(&g->template, g->encoder, &d, &g->rendered);
	if (!why && called)
		chat_turns_exact(&g->rendered, answers, n);
	free(answers);
	free(learn);
	free(v);
	return why;
}

static void forget_oldest(struct chat_session *s)
{
	do
		s->oldest++;
	while (s->oldest + 1 < s->n &&
		strcmp(s->turns[s->oldest].role, "user"));
}

/* Omits the oldest turns until there is room for an answer. Returns NULL, or
 * why the last message cannot be answered. */
static const char *fit(struct chat_session *s)
{
	size_t context = s->generator->model->config.context;
	size_t room = context / 4, before = s->oldest;
	const char *why;

	if ((size_t)s->length < room)
		room = (size_t)s->length;
	for (;;) {
		why = render(s);
		if (why)
			return why;
		if (s->generator->rendered.ids.n + room <= context)
			break;
		if (s->oldest + 1 >= s->n)
			return chat_session_too_long;
		forget_oldest(s);
	}
	if (s->oldest > before && !s->told && !option_quiet)
		warn("the conversation is longer than the model's context: "
			"it forgets the oldest turns from now on");
	s->told |= s->oldest > before;
	return NULL;
}

const char *chat_session_say(struct chat_session *s, const char *text,
	size_t len)
{
	const char *why;

	add_turn(s, chat_turn_new("user", text, len));
	why = fit(s);
	if (why)
		drop_last_turn(s);
	return why;
}

/* ---- answers ---- */

/* Keeps the cache of the prefix that the last prompt and answer share with the
 * new prompt. */
static void keep_common(struct chat_session *s)
{
	const struct ids *r = &s->generator->rendered.ids;
	size_t n = 0;

	if (!s->cache)
		s->cache = decoder_segment(s->generator->decoder);
	while (n < s->cache->n && n + 1 < r->n && s->cached.v[n] == r->v[n])
		n++;
	s->cache->n = n;
	s->cached.n = 0;
	memcpy(ids_room(&s->cached, r->n), r->v, r->n * sizeof *r->v);
	s->cached.n = r->n;
}

/* One prompt, and the callbacks for its answer. */
struct turn_run {
	struct chat_session *s;
	bool given;
	bool (*token)(struct answer *a);
	void (*ended)(struct answer *a);
};

static struct prompt *next(void *ctx)
{
	struct turn_run *run = ctx;

	if (run->given)
		return NULL;
	run->given = true;
	return &run->s->prompt;
}

static bool token(void *ctx, struct answer *a)
{
	struct turn_run *run = ctx;

	return run->token(a);
}

static void done(void *ctx, struct answer *a)
{
	struct turn_run *run = ctx;
	struct chat_session *s = run->s;
	size_t i;

	run->ended(a);
	add_turn(s, chat_turn_answer(a));
	for (i = 0; i < a->ids.n; i++)
		ids_add(&s->cached, a->ids.v[i]);
	answer_free(a);
}

void chat_session_answer(struct chat_session *s, const struct sampling *how,
	uint64_t seed, bool (*on_token)(struct answer *a),
	void (*ended)(struct answer *a))
{
	struct turn_run run = { .s = s, .token = on_token, .ended = ended };
	struct engine_calls calls = { .ctx = &run, .next = next,
		.token = token, .done = done };
	struct generator *g = s->generator;

	keep_common(s);
	s->prompt = (struct prompt){ .ids = s->cached.v, .n = s->cached.n,
		.samples = 1, .key = s->asked++, .cache = s->cache,
		.most = generator_room(g, s->cached.n, s->length) };
	generator_run(g, how, seed, &calls);
}
