/* answers.c - prompts with answers as token ids: see answers.h */
#include "common/train/answers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/model/model_dir.h"

/* ---- opening ---- */

/* What a template writes after an answer, found by rendering one. */
static void find_tail(struct answers *a)
{
	static const struct message turns[] = {
		{ .role = "user", .content = "Q", .len = 1 },
		{ .role = "assistant", .content = "A", .len = 1 }
	};
	static const bool learn[2] = { false, true };
	const struct dialogue d = { .v = turns, .n = 2, .learn = learn };
	struct encoder *e = encoder_new(a->vocab);
	struct rendered x = { 0 };
	int64_t close = template_stop(&a->template);
	size_t i = 0, at;

	if (close >= 0 && !template_render(&a->template, e, &d, &x))
		for (i = x.ids.n; i && x.ids.v[i - 1] != close; i--)
			;
	for (at = i; i && at < x.ids.n; at++)
		ids_add(&a->tail, x.ids.v[at]);
	rendered_free(&x);
	encoder_free(e);
}

void answers_open(struct answers *a, const struct model *m, const char *dir)
{
	*a = (struct answers){ .dir = dir, .vocab = vocab_open(dir, NULL) };
	model_check_tokenizer(m, dir, vocab_hash_below(a->vocab, m->tokens));
	if (vocab_size(a->vocab) > m->config.vocab)
		die("%s: the tokenizer has %zu tokens, the model only %zu", dir,
			(size_t)vocab_size(a->vocab), m->config.vocab);
	if (!template_find(&a->template, a->vocab, dir))
		die("%s: %s", dir, a->template.why);
	find_tail(a);
}

void answers_free(struct answers *a)
{
	template_free(&a->template);
	vocab_free(a->vocab);
	ids_free(&a->tail);
}

/* A row whose last token is the one that fills rows would be scored at the token
 * before it, and rollouts may also end with the end of a document. */
int32_t answers_pad(const struct answers *a)
{
	int64_t eot = vocab_eot(a->vocab);
	int64_t close = template_stop(&a->template);
	uint32_t id;

	for (id = 0; id < vocab_size(a->vocab); id++)
		if (vocab_is_special(a->vocab, id) && id != close && id != eot)
			return (int32_t)id;
	return (int32_t)eot;
}

void answers_write(const struct answers *a, const char *dir, size_t context,
	int32_t pad)
{
	struct template t = a->template;
	const char *bytes;
	char *name = NULL;
	size_t n, i;

	if (pad >= 0 && (bytes = vocab_bytes(a->vocab, (uint32_t)pad, &n)))
		name = xstrndup(bytes, n);
	for (i = 0; i < TEMPLATE_NAMES; i++)
		if (!strcmp(t.names[i].key, "pad_token"))
			t.names[i].value = name;
	dir_make(dir);
	template_write_tokenizer(&t, a->vocab, dir, (int)context);
	free(name);
}

/* ---- answers ---- */

const char *answers_render(const struct answers *a, struct encoder *e,
	const struct conversation *c, const struct message *answer, size_t n,
	struct rendered *x, size_t *nprompt)
{
	const unsigned char *first;
	const char *why;

	why = template_answer(&a->template, e, c, answer, n, x);
	if (why)
		return why;
	first = x->ids.n ? memchr(x->mask, 1, x->ids.n) : NULL;
	if (!first)
		return "an answer without a message of the assistant";
	*nprompt = (size_t)(first - x->mask);
	return NULL;
}

static bool add_ids(const struct answers *a, const uint32_t *ids, size_t n,
	struct ids *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (ids[i] >= vocab_size(a->vocab))
			return false;
		ids_add(out, ids[i]);
	}
	return true;
}

/* Compared as JSON, which has no invalid UTF-8. The text may omit a stop string,
 * or half a character. */
static bool spells(const struct answers *a, const struct rollout *r)
{
	int64_t before = r->prompt_ids[r->nprompt - 1];
	struct buf bytes = { 0 }, ours = { 0 }, theirs = { 0 };
	bool same;

	tok_decode_on(a->vocab, &before, r->ids, r->n, false, &bytes);
	json_add_string(&ours, bytes.p, bytes.n);
	json_add_string(&theirs, r->text, r->text_len);
	same = ours.n >= theirs.n &&
		!memcmp(ours.p, theirs.p, theirs.n - 1);
	buf_free(&bytes);
	buf_free(&ours);
	buf_free(&theirs);
	return same;
}

const char *answers_take(const struct answers *a, const struct rollout *r,
	struct rendered *x)
{
	size_t i;

	x->ids.n = 0;
	if (!add_ids(a, r->prompt_ids, r->nprompt, &x->ids) ||
		!add_ids(a, r->ids, r->n, &x->ids) || !spells(a, r))
		return "ids of another tokenizer than the reward model's, and "
			"no prompt as text";
	if (!r->n || r->ids[r->n - 1] != template_stop(&a->template))
		return NULL;
	for (i = 0; i < a->tail.n; i++)
		ids_add(&x->ids, a->tail.v[i]);
	return NULL;
}
