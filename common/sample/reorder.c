/* reorder.c - the reorder buffer: see reorder.h */
#include "common/sample/reorder.h"

#include <stdlib.h>

#include "common/base/mem.h"

struct request *request_new(void)
{
	return xcalloc(1, sizeof(struct request));
}

struct request *request_parse(const struct record *rec, struct json_error *e)
{
	struct request *q = request_new();

	q->line = xstrndup(rec->p, rec->n);
	q->bytes = rec->n;
	if (json_object(q->line, rec->n, &q->fields, e))
		return q;
	request_free(q);
	return NULL;
}

void request_free(struct request *q)
{
	ids_free(&q->ids);
	buf_free(&q->id);
	buf_free(&q->top);
	json_fields_free(&q->fields);
	free(q->line);
	free(q->answers);
	free(q);
}

void reorder_push(struct reorder *r, struct request *q, size_t samples)
{
	q->prompt.ids = q->ids.v;
	q->prompt.n = q->ids.n;
	q->prompt.samples = samples;
	q->answers = xcalloc(samples, sizeof *q->answers);
	q->bytes += sizeof *q + q->ids.n * sizeof *q->ids.v +
		samples * sizeof *q->answers;
	r->bytes += q->bytes;
	if (r->last)
		r->last->next = q;
	else
		r->first = q;
	r->last = q;
}

void reorder_done(struct reorder *r, struct answer *a)
{
	struct request *q = a->prompt;

	q->answers[a->index] = a;
	r->bytes += answer_memory(a);
	while ((q = r->first) && (a = q->answers[q->written])) {
		r->write(r->ctx, q, a);
		r->bytes -= answer_memory(a);
		answer_free(a);
		if (++q->written < q->prompt.samples)
			continue;
		r->first = q->next;
		if (!r->first)
			r->last = NULL;
		r->bytes -= q->bytes;
		request_free(q);
	}
}
