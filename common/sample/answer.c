/* answer.c - an answer in progress: see answer.h */
#include "common/sample/answer.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sample/tool_track.h"

const char *answer_stop_name(enum answer_stop stop)
{
	static const char *const names[] = {
		"", "eos", "length", "stop", "cancelled", "stuck"
	};

	return names[stop];
}

struct answer *answer_new(void *prompt, size_t index)
{
	struct answer *a = xcalloc(1, sizeof *a);

	a->prompt = prompt;
	a->before = -1;
	a->index = index;
	return a;
}

void answer_free(struct answer *a)
{
	if (!a)
		return;
	ids_free(&a->ids);
	ids_free(&a->forced);
	free(a->logprob);
	free(a->sample_logprob);
	free(a->mask);
	free(a->top);
	buf_free(&a->text);
	tool_track_free(a->tools);
	free(a);
}

size_t answer_memory(const struct answer *a)
{
	return sizeof *a + (a->ids.cap + a->forced.cap) * sizeof *a->ids.v +
		a->cap * (sizeof *a->logprob + sizeof *a->sample_logprob +
		sizeof *a->mask + a->ntop * sizeof *a->top) + a->text.n;
}

static void add_token(struct answer *a, const struct choice *c,
	const struct alternative *top, bool drawn)
{
	size_t n = a->ids.n;

	if (n == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 64;
		a->logprob = xrealloc(a->logprob, a->cap,
			sizeof *a->logprob);
		a->sample_logprob = xrealloc(a->sample_logprob, a->cap,
			sizeof *a->sample_logprob);
		a->mask = xrealloc(a->mask, a->cap, 1);
		if (a->ntop)
			a->top = xrealloc(a->top, a->cap * a->ntop,
				sizeof *a->top);
	}
	if (a->ntop)
		memcpy(a->top + n * a->ntop, top, a->ntop * sizeof *top);
	ids_add(&a->ids, c->id);
	a->logprob[n] = c->logprob;
	a->sample_logprob[n] = c->sample_logprob;
	a->mask[n] = drawn;
}

bool stop_has_id(const struct stop_criteria *e, uint32_t id)
{
	size_t i;

	for (i = 0; i < e->nid; i++)
		if (e->ids[i] == id)
			return true;
	return false;
}

/* The first position of s in text[from..n), or n. */
static size_t find(const struct buf *text, size_t from, const char *s,
	size_t len)
{
	size_t i;

	for (i = from; i + len <= text->n; i++)
		if (!memcmp(text->p + i, s, len))
			return i;
	return text->n;
}

/* Truncates the text before the first stop string; the bytes before `old` have
 * already been searched. */
static bool cut_at_string(struct answer *a, const struct stop_criteria *e, size_t old)
{
	size_t i, cut = a->text.n;

	for (i = 0; i < e->nstring; i++) {
		size_t len = strlen(e->strings[i]), at;

		at = find(&a->text, old < len ? 0 : old - len + 1,
			e->strings[i], len);
		if (at < cut)
			cut = at;
	}
	if (cut == a->text.n)
		return false;
	a->text.n = cut;
	buf_end(&a->text);
	return true;
}

const char *answer_bytes(const struct answer *a, const struct stop_criteria *e,
	size_t i, uint32_t id, size_t *n)
{
	return tok_bytes(e->vocab, i ? a->ids.v[i - 1] : a->before, id, n);
}

void answer_add(struct answer *a, const struct stop_criteria *e, size_t most,
	const struct choice *c, const struct alternative *top, bool drawn)
{
	size_t old = a->text.n, n;
	const char *bytes;

	add_token(a, c, top, drawn);
	if (drawn && stop_has_id(e, c->id)) {
		a->stop = ANSWER_EOS;
		return;
	}
	if (e->vocab && !vocab_is_special(e->vocab, c->id) &&
		(bytes = answer_bytes(a, e, a->ids.n - 1, c->id, &n)) != NULL)
		buf_add(&a->text, bytes, n);
	if (drawn && cut_at_string(a, e, old)) {
		a->stop = ANSWER_STOP;
	} else if (a->ids.n >= most) {
		a->stop = ANSWER_LENGTH;
		a->text.n -= utf8_partial(a->text.p, a->text.n);
		buf_end(&a->text);
	}
}

size_t answer_settled(const struct answer *a, const struct stop_criteria *e)
{
	size_t i, hold = 0, k;

	if (a->stop)
		return a->text.n;
	for (i = 0; i < e->nstring; i++) {
		k = buf_begins(&a->text, e->strings[i], strlen(e->strings[i]));
		hold = k > hold ? k : hold;
	}
	return a->text.n - hold - utf8_partial(a->text.p, a->text.n - hold);
}
