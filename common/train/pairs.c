/* pairs.c - pairs of answers: see pairs.h */
#include "common/train/pairs.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/model/model_dir.h"
#include "common/train/dialogues.h"

static const char *add_answer(struct examples *e, const struct template *t,
	struct encoder *encoder, const struct conversation *c, bool rejected,
	size_t context, struct rendered *x)
{
	const char *why = template_answer(t, encoder, c, rejected ?
		c->rejected : c->v + c->nprompt, rejected ? c->nrejected :
		c->n - c->nprompt, x);

	if (why)
		return why;
	if (x->ids.n > context + 1)
		return "an answer that is longer than the model's context";
	if (x->ids.n < 2)
		return "an empty answer";
	return dialogues_add(e, x, x->ids.n) ? NULL :
		"an answer without a message of the assistant";
}

const char *pairs_add(struct examples *e, const struct template *t,
	struct encoder *encoder, const struct conversation *c, size_t context,
	struct rendered *x)
{
	size_t before = e->n;
	const char *why;

	if (!c->rejected)
		return "no rejected answer";
	why = add_answer(e, t, encoder, c, false, context, x);
	if (!why)
		why = add_answer(e, t, encoder, c, true, context, x);
	while (why && e->n > before)
		examples_drop(e);
	return why;
}

void pairs_read(struct examples *examples, const struct model *m,
	const char *dir, char **files)
{
	struct conversations *in = conversations_open(files,
		"preference pair");
	struct vocab *v = vocab_open(dir, NULL);
	struct encoder *e = encoder_new(v);
	struct conversation c = { 0 };
	struct rendered scratch = { 0 };
	struct template t;

	model_check_tokenizer(m, dir, vocab_hash_below(v, m->tokens));
	if (!template_find(&t, v, dir))
		die("%s: %s", dir, t.why);
	if (vocab_size(v) > m->config.vocab)
		die("%s: the tokenizer has more tokens than the model", dir);
	while (conversations_next(in, &c)) {
		const char *why = pairs_add(examples, &t, e, &c,
			m->config.context, &scratch);

		if (why)
			conversations_bad(in, why);
	}
	conversations_close(in);
	rendered_free(&scratch);
	encoder_free(e);
	template_free(&t);
	vocab_free(v);
	if (!examples->n)
		die("no preference pairs to learn from");
}

size_t pairs_best_worst(struct examples *e, const struct sampled *s)
{
	struct example *v = xcalloc(e->n + 1, sizeof *v);
	size_t i, end, n = 0, k;

	for (i = 0; i < e->n; i = end) {
		size_t best = i, worst = i;

		for (end = i; end < e->n && s[end].group == s[i].group; end++)
			;
		for (k = i; k < end; k++) {
			if (isnan(s[k].reward) || !s[k].tokens)
				continue;
			if (!(s[best].tokens && s[best].reward >= s[k].reward))
				best = k;
			if (!(s[worst].tokens &&
					s[worst].reward <= s[k].reward))
				worst = k;
		}
		if (!(s[best].reward > s[worst].reward))
			continue;
		v[n++] = e->v[best];
		v[n++] = e->v[worst];
	}
	free(e->v);
	e->v = v;
	e->n = e->cap = n;
	return n / 2;
}
