/* judge_length.c - scores the length of an answer: see judge.h */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/base/unicode.h"
#include "common/base/parallel.h"
#include "common/format/jsonscan.h"
#include "common/grade/judge.h"

/* Of each thread. */
struct mask {
	int32_t *v;
	size_t cap;
};

struct length {
	struct judge judge;
	struct length_options o;
	struct mask *masks;
};

/* The number of sampled tokens; false without ids. */
static bool count_tokens(struct mask *m, const struct rollout *x, size_t *n)
{
	struct json ids, mask;
	size_t i, all;

	if (!json_field(&x->fields, "ids", &ids) || ids.type != JSON_ARRAY)
		return false;
	*n = all = json_count(&ids);
	if (!json_field_given(&x->fields, "mask", &mask))
		return true;
	if (!json_ints(&mask, &m->v, &all, &m->cap) || all != *n)
		return false;
	for (i = 0; i < all; i++)
		*n -= !m->v[i];
	return true;
}

/* Characters, or words: runs of what is no white space. */
static size_t count_text(const char *s, size_t len, bool words)
{
	size_t i = 0, n = 0;
	bool gap = true;

	while (i < len) {
		uint32_t c;
		bool space;

		i += (size_t)utf8_decode(s + i, len - i, &c, NULL);
		space = unicode_class(c) & UNI_SPACE;
		n += words ? gap && !space : 1;
		gap = space;
	}
	return n;
}

static void measure(struct judge *j, size_t i, int thread, struct rollout *x,
	struct verdict *v)
{
	struct length *l = (struct length *)j;
	size_t count;
	double n, off;

	if (l->o.unit != LENGTH_TOKENS) {
		count = count_text(x->text, x->text_len,
			l->o.unit == LENGTH_WORDS);
	} else if (!count_tokens(&l->masks[thread], x, &count)) {
		v->cause = "no ids";
		return;
	}
	n = (double)count;
	off = n < l->o.from ? l->o.from - n : n > l->o.to ? n - l->o.to : 0;
	v->score = off <= 0 ? 1 : off < l->o.edge ? 1 - off / l->o.edge : 0;
}

static void free_length(struct judge *j)
{
	struct length *l = (struct length *)j;
	int i;

	for (i = 0; i < parallel_count(); i++)
		free(l->masks[i].v);
	free(l->masks);
}

struct judge *judge_length(const struct length_options *o)
{
	static const struct judge_kind kind = { .one = measure,
		.free = free_length };
	struct length *l = xcalloc(1, sizeof *l);

	l->judge = (struct judge){ &kind, "length", 1, 0 };
	l->o = *o;
	l->masks = xcalloc((size_t)parallel_count(), sizeof *l->masks);
	return &l->judge;
}
