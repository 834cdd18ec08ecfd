/* api.c - fuzz target: the body of a request to chatd, after a byte that chooses
 * the interface ('c' or 't'); what is accepted is within its bounds, what is
 * refused has a reason that is JSON
 */
#include <stdlib.h>
#include <string.h>

#include "common/serve/api.h"
#include "fuzz/target.h"

enum { CONTEXT = 500 };

static struct vocab *bytes_vocab(void)
{
	struct vocab *v = vocab_new("gpt2", "fuzz");
	unsigned char byte;
	int i, missing;

	for (i = 0; i < 256; i++) {
		byte = (unsigned char)i;
		vocab_put(v, (uint32_t)i, &byte, 1);
	}
	vocab_finish(v, &missing);
	return v;
}

/* Made once, since a refusal by die returns from exit and frees nothing. */
static struct api *fuzzed_api(void)
{
	static struct generator g;
	static struct api a = { .generator = &g, .model = "m",
		.context = CONTEXT, .length = CONTEXT };

	if (g.vocab)
		return &a;
	g.vocab = bytes_vocab();
	template_choose(&g.template, g.vocab, "chatml");
	g.can_chat = true;
	g.encoder = encoder_new(g.vocab);
	g.usable = vocab_size(g.vocab);
	a.how = sampling_plain;
	return &a;
}

static void check_accepted(const struct api_request *q, size_t usable)
{
	size_t i, k;

	if (!q->nprompt || q->samples < 1 || q->most < 0 || q->top < 0 ||
		q->top > API_TOP_MAX || q->nprompt * (size_t)q->samples >
			API_CHOICES_MAX)
		abort();
	for (i = 0; i < q->nprompt; i++) {
		const struct ids *p = &q->prompts[i];

		if (!p->n || p->n + (size_t)q->most > CONTEXT)
			abort();
		for (k = 0; k < p->n; k++)
			if (p->v[k] >= usable)
				abort();
	}
}

static void check_refused(const struct api_error *e)
{
	struct buf b = { 0 };

	api_error_add(&b, e);
	if ((e->status != 400 && e->status != 404) || !e->message.n ||
		!json_check(b.p, b.n, &(struct json){ 0 }, NULL))
		abort();
	buf_free(&b);
}

static void target(const uint8_t *data, size_t size)
{
	struct api *a = fuzzed_api();
	struct api_request q;
	struct api_error e;

	if (!size)
		return;
	if (api_read(a, *data == 'c', (const char *)data + 1, size - 1, &q, &e))
		check_accepted(&q, a->generator->usable);
	else
		check_refused(&e);
	api_request_free(&q);
	buf_free(&e.message);
}
