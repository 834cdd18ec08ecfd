/* api_prompt.c - prompts and messages of requests as ids: see api.h */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/messages.h"
#include "common/serve/api_parts.h"

static struct ids *add_prompt(struct api_reader *r)
{
	struct api_request *q = r->q;

	if (q->nprompt == API_CHOICES_MAX) {
		api_fail(r, "prompt", "more than %d prompts", API_CHOICES_MAX);
		return NULL;
	}
	if (!q->prompts)
		q->prompts = xcalloc(API_CHOICES_MAX, sizeof *q->prompts);
	return &q->prompts[q->nprompt++];
}

static bool add_text(struct api_reader *r, const struct json *v)
{
	struct ids *out = add_prompt(r);

	if (!out)
		return false;
	buf_reset(&r->text);
	json_string(v, &r->text);
	if (!r->text.n)
		return api_fail(r, "prompt", "a text is empty");
	tok_encode(r->api->generator->encoder, r->text.p, r->text.n, out);
	return true;
}

static bool add_ids(struct api_reader *r, const struct json *v)
{
	struct ids *out = add_prompt(r);
	struct json_iter it;
	struct json e;
	int64_t id;

	if (!out)
		return false;
	for (json_begin(&it, v); json_next(&it, NULL, &e);) {
		if (!json_int(&e, &id) || id < 0 ||
			(uint64_t)id >= r->api->generator->usable)
			return api_fail(r, "prompt", "an id is not in the "
				"vocabulary");
		if (out->n > r->api->context)
			break;	/* too long; check_length says so */
		ids_add(out, (uint32_t)id);
	}
	return out->n || api_fail(r, "prompt", "a list of ids is empty");
}

/* A text, ids, a list of texts, or a list of lists of ids. */
bool api_read_prompt(struct api_reader *r, const struct json *v)
{
	struct json_iter it;
	struct json e;

	json_begin(&it, v);
	if (v->type == JSON_STRING)
		return add_text(r, v);
	if (v->type == JSON_ARRAY && json_next(&it, NULL, &e) &&
		e.type == JSON_NUMBER)
		return add_ids(r, v);
	for (json_begin(&it, v); json_next(&it, NULL, &e);)
		if (e.type == JSON_STRING ? !add_text(r, &e) :
			e.type != JSON_ARRAY ? !api_fail(r, "prompt", "neither "
				"texts nor ids") : !add_ids(r, &e))
			return false;
	return r->q->nprompt || api_fail(r, "prompt", v->type == JSON_ARRAY ?
		"the list is empty" : "neither a text nor a list");
}

static bool render(struct api_reader *r, const struct messages *m)
{
	struct generator *g = r->api->generator;
	struct dialogue d = { .v = m->v, .n = m->n, .prompt = true,
		.line = &r->fields.object };
	const char *why = template_render(&g->template, g->encoder, &d,
		&g->rendered);
	struct ids *out;

	if (why)
		return api_fail(r, "messages", "%s", why);
	out = add_prompt(r);
	memcpy(ids_room(out, g->rendered.ids.n), g->rendered.ids.v,
		g->rendered.ids.n * sizeof *out->v);
	out->n = g->rendered.ids.n;
	return true;
}

bool api_read_messages(struct api_reader *r, const struct json *v)
{
	struct reading reading = { 0 };
	struct messages m = { 0 };
	bool done;

	if (!r->api->generator->can_chat)
		return api_fail(r, "messages", "the model has no chat template: "
			"use /v1/completions");
	if (v->type != JSON_ARRAY)
		return api_fail(r, "messages", "not a list");
	done = messages_read(&reading, &m, v, "user");
	if (!done)
		api_fail(r, "messages", "%s", reading.why);
	else if (!m.n)
		done = api_fail(r, "messages", "the list is empty");
	else
		done = render(r, &m);
	messages_free(&m);
	reading_free(&reading);
	return done;
}
