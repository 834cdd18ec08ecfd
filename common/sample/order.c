/* order.c - answers leave in the order of the prompts: see order.h */
#include "common/sample/order.h"

#include <stdlib.h>

#include "common/base/mem.h"

static void free_asking(struct asking *q)
{
	ids_free(&q->ids);
	buf_free(&q->id);
	buf_free(&q->top);
	json_fields_free(&q->fields);
	free(q->line);
	free(q->answers);
	free(q);
}

struct asking *order_add(void)
{
	return xcalloc(1, sizeof(struct asking));
}

struct asking *order_add_record(const struct record *rec,
	struct json_error *e)
{
	struct asking *q = order_add();

	q->line = xstrndup(rec->p, rec->n);
	if (json_object(q->line, rec->n, &q->fields, e))
		return q;
	free_asking(q);
	return NULL;
}

void order_ready(struct order *o, struct asking *q, size_t samples)
{
	q->prompt.ids = q->ids.v;
	q->prompt.n = q->ids.n;
	q->prompt.samples = samples;
	q->answers = xcalloc(samples, sizeof *q->answers);
	if (o->last)
		o->last->next = q;
	else
		o->first = q;
	o->last = q;
}

void order_drop(struct asking *q)
{
	free_asking(q);
}

void order_done(struct order *o, struct answer *a)
{
	struct asking *q = a->prompt;

	q->answers[a->index] = a;
	while ((q = o->first) && (a = q->answers[q->written])) {
		o->write(o->ctx, q, a);
		answer_free(a);
		if (++q->written < q->prompt.samples)
			continue;
		o->first = q->next;
		if (!o->first)
			o->last = NULL;
		free_asking(q);
	}
}
