/* api.c - requests of OpenAI's interfaces: see api.h */
#include "common/serve/api.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/format/jsonwrite.h"
#include "common/serve/api_parts.h"

void api_request_free(struct api_request *q)
{
	size_t i;

	for (i = 0; i < q->nprompt; i++)
		ids_free(&q->prompts[i]);
	for (i = 0; q->stops && i < API_STOPS_MAX; i++)
		free(q->stops[i]);
	constraint_free(q->constraint);
	free(q->prompts);
	free(q->stops);
	free(q->biases);
}

static const char *error_type(int status)
{
	switch (status) {
	case 401:
		return "authentication_error";
	case 429: case 503:
		return "overloaded_error";
	default:
		return status < 500 ? "invalid_request_error" : "server_error";
	}
}

void api_error_add(struct buf *b, const struct api_error *e)
{
	buf_str(b, "{\"error\":{");
	json_add_key(b, "message");
	json_add_string(b, e->message.p, e->message.n);
	json_add_key(b, "type");
	json_add_cstring(b, error_type(e->status));
	json_add_key(b, "param");
	if (*e->param)
		json_add_cstring(b, e->param);
	else
		buf_str(b, "null");
	json_add_key(b, "code");
	if (e->code)
		json_add_cstring(b, e->code);
	else
		buf_str(b, "null");
	buf_str(b, "}}");
}

/* ---- what parameters mean together ---- */

static bool check_together(struct api_reader *r)
{
	struct api_request *q = r->q;

	if (q->has_usage && !q->stream)
		return api_fail(r, "stream_options", "it needs stream");
	if (q->has_top && !q->logprobs)
		return api_fail(r, "top_logprobs", "it needs logprobs");
	if (q->echo && q->stream)
		return api_fail(r, "echo", "a stream has no echo");
	if (q->constraint && q->stop.nstring)
		return api_fail(r, "stop", "it could end the text before it "
			"has the response_format");
	if (q->best_of && q->best_of != q->samples)
		return api_fail(r, "best_of", "only the value of n is "
			"supported: every sample is returned");
	if (!r->input.type)
		return api_fail(r, q->chat ? "messages" : "prompt",
			"it is missing");
	return true;
}

/* Without a maximum, completions have OpenAI's 16 tokens, chat what fits. */
static bool check_length(struct api_reader *r)
{
	struct api_request *q = r->q;
	size_t i, room, longest = 0, context = r->api->context;

	for (i = 0; i < q->nprompt; i++)
		longest = q->prompts[i].n > longest ? q->prompts[i].n : longest;
	room = longest < context ? context - longest : 0;
	if (q->most < 0 && !q->chat)
		q->most = room < 16 ? (int64_t)room : 16;
	if (q->most < 0)
		q->most = (int64_t)room < r->api->length ? (int64_t)room :
			r->api->length;
	if (longest <= context && (size_t)q->most <= room &&
		(room || (q->echo && !q->most)))
		return true;
	r->e->code = "context_length_exceeded";
	return api_fail(r, q->chat ? "messages" : "prompt", "%zu tokens and an "
		"answer of %lld do not fit the context of %zu tokens", longest,
		(long long)q->most, context);
}

/* What an answer may take of memory. */
static bool check_size(struct api_reader *r)
{
	struct api_request *q = r->q;
	size_t i, tokens = q->nprompt * (size_t)q->most;

	if (q->nprompt * (size_t)q->samples > API_CHOICES_MAX)
		return api_fail(r, "n", "%zu prompts times %lld samples are "
			"more than %d answers", q->nprompt,
			(long long)q->samples, API_CHOICES_MAX);
	if (tokens * (size_t)q->samples > API_TOKENS_MAX)
		return api_fail(r, q->chat ? "n" : "max_tokens", "the answers "
			"could have more than %d tokens in all",
			API_TOKENS_MAX);
	for (i = 0; q->echo && i < q->nprompt; i++)
		tokens += q->prompts[i].n;
	if (q->logprobs && tokens * (size_t)q->samples *
		(size_t)(q->top + 1) > API_LOGPROBS_MAX)
		return api_fail(r, "logprobs", "the answer could have more than "
			"%d of them in all: ask for fewer tokens",
			API_LOGPROBS_MAX);
	return true;
}

/* A request without a seed gets a number of its own, so that asking again gives
 * another answer. */
static void set_rest(struct api_reader *r)
{
	struct api_request *q = r->q;
	const struct generator *g = r->api->generator;

	if (!q->has_seed)
		q->seed = hash_mix(r->api->seed + ++r->api->asked * 0x9e3779b9u);
	q->how.bias = q->biases;
	q->stop.vocab = g->vocab;
	q->stop.strings = (const char *const *)q->stops;
	if (!q->ignore_eos) {
		q->stop.ids = g->stop.ids;
		q->stop.nid = g->stop.nid;
	}
}

static bool read_fields(struct api_reader *r)
{
	size_t i;

	for (i = 0; i < r->fields.n; i++)
		if (!api_parameter(r, &r->fields.v[i].key,
				&r->fields.v[i].value))
			return false;
	if (!check_together(r))
		return false;
	return (r->q->chat ? api_read_messages : api_read_prompt)(r, &r->input) &&
		check_length(r) && check_size(r);
}

bool api_read(struct api *a, bool chat, const char *body, size_t n,
	struct api_request *q, struct api_error *e)
{
	struct api_reader r = { .api = a, .q = q, .e = e };
	struct json_error error;
	bool done = false;

	*q = (struct api_request){ .chat = chat, .samples = 1, .most = -1,
		.how = a->how };
	*e = (struct api_error){ 0 };
	if (!json_object(body, n, &r.fields, &error))
		api_fail(&r, "", "the body is not a JSON object: byte %zu: %s",
			error.at, error.what);
	else
		done = read_fields(&r);
	if (done)
		set_rest(&r);
	json_fields_free(&r.fields);
	buf_free(&r.text);
	return done;
}
