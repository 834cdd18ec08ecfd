/* dialogues.c - conversations as examples: see dialogues.h */
#include "common/train/dialogues.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/rng.h"

bool dialogues_add(struct examples *e, const struct rendered *x, size_t n)
{
	struct example *k = examples_add(e, n);
	size_t i;

	for (i = 0; i < n; i++) {
		e->ids[k->at + i] = (int32_t)x->ids.v[i];
		e->mask[k->at + i] = x->mask[i];
		k->learned += i && x->mask[i];
	}
	if (k->learned)
		return true;
	examples_drop(e);
	return false;
}

/* Adds what was rendered, truncated to what a row holds. Returns NULL, or why
 * nothing of it would be learned. */
static const char *keep(struct dialogues *d, struct examples *to,
	const struct rendered *x)
{
	size_t n = x->ids.n;

	if (n > d->time + 1) {
		n = d->time + 1;
		d->cut++;
	}
	return n >= 2 && dialogues_add(to, x, n) ? NULL :
		"nothing in it is learned: no assistant message within a row, "
		"or of weight 0";
}

static void read_files(struct dialogues *d, char **files,
	struct examples *to, double share)
{
	struct conversations *in = conversations_open(files, "conversation");
	struct encoder *e = encoder_new(d->vocab);
	struct rendered out = { 0 };
	struct conversation c = { 0 };
	uint64_t number;

	for (number = 0; conversations_next(in, &c); number++) {
		bool held = rng_uniform(d->seed, RNG_SHUFFLE, UINT32_MAX,
			number) < share;
		const char *why = template_conversation(d->template, e, &c, false,
			&out);

		if (!why)
			why = keep(d, held ? &d->val : to, &out);
		if (why)
			conversations_bad(in, why);
	}
	conversations_close(in);
	rendered_free(&out);
	encoder_free(e);
}

void dialogues_read(struct dialogues *d, char **files)
{
	read_files(d, files, &d->train, d->share);
}

void dialogues_read_val(struct dialogues *d, const char *file)
{
	char *files[] = { (char *)file, NULL };

	read_files(d, files, &d->val, 0);
}

void dialogues_free(struct dialogues *d)
{
	examples_free(&d->train);
	examples_free(&d->val);
}
