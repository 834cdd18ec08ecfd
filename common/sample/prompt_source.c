/* prompt_source.c - prompts for the engine: see prompt_source.h */
#include "common/sample/prompt_source.h"

/* Queues a request whose ids are set. Returns NULL, or why it cannot be
 * answered. */
static const char *queue(struct prompt_source *s, struct request *q)
{
	size_t context = s->generator->model->config.context;
	const char *why;

	q->prompt.most = generator_room(s->generator, q->ids.n, s->length);
	if (q->ids.n > context || (!q->prompt.most && s->length))
		return "the prompt leaves no room in the model's context";
	why = s->identify(q);
	if (!why)
		reorder_push(s->reorder, q, s->samples);
	return why;
}

const char *prompt_source_only(struct prompt_source *s, struct request *q)
{
	const char *why = queue(s, q);

	if (!why)
		s->single = q;
	return why;
}

/* The request of a record, or NULL if it is invalid, which was reported. */
static struct request *take(struct prompt_source *s, const struct record *rec)
{
	struct json_error error;
	struct request *q = request_parse(rec, &error);
	const char *why;

	if (!q) {
		records_bad_json(s->records, rec, &error);
		return NULL;
	}
	why = prompt_from_object(s->generator, s->format, &q->fields, &q->ids);
	if (!why)
		why = queue(s, q);
	if (!why)
		return q;
	records_bad(s->records, rec, "%s", why);
	request_free(q);
	return NULL;
}

struct prompt *prompt_source_next(void *ctx)
{
	struct prompt_source *s = ctx;
	struct request *q = s->single;
	struct record rec;

	s->single = NULL;
	if (s->reorder->bytes > REORDER_BYTES)
		return NULL;
	while (!q && s->records && records_next(s->records, &rec))
		q = take(s, &rec);
	return q ? &q->prompt : NULL;
}
