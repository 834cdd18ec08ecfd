/* api_params.c - the parameters of requests, a row each: see api.h */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/serve/api_parts.h"

enum { CHAT = 1, TEXT = 2, BOTH = CHAT | TEXT };	/* endpoints */

struct parameter {
	const char *name;
	int where;
	bool (*read)(struct api_reader *r, const struct parameter *p,
		const struct json *v);
	size_t at;		/* of its value in struct api_request */
	double from, to;	/* numbers: the range */
	const char *only;	/* read_only: the JSON value it may have */
};

bool api_fail(struct api_reader *r, const char *param, const char *why, ...)
{
	va_list args;
	char text[512];

	va_start(args, why);
	vsnprintf(text, sizeof text, why, args);
	va_end(args);
	r->e->status = r->e->status ? r->e->status : 400;
	snprintf(r->e->param, sizeof r->e->param, "%s", param);
	buf_reset(&r->e->message);
	if (*param)
		buf_printf(&r->e->message, "'%s': ", r->e->param);
	buf_str(&r->e->message, text);
	return false;
}

/* ---- values ---- */

static void *place(struct api_reader *r, const struct parameter *p)
{
	return (char *)r->q + p->at;
}

static bool read_real(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	double *to = place(r, p);

	if (json_double(v, to) && *to >= p->from && *to <= p->to)
		return true;
	return api_fail(r, p->name, "not a number from %g to %g", p->from,
		p->to);
}

static bool read_int(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	int64_t *to = place(r, p);

	if (json_int(v, to) && (double)*to >= p->from && (double)*to <= p->to)
		return true;
	return api_fail(r, p->name, "not an integer from %.0f to %.0f",
		p->from, p->to);
}

static bool read_bool(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	if (json_bool(v, place(r, p)))
		return true;
	return api_fail(r, p->name, "neither true nor false");
}

/* Has a meaning only in other services; any string. */
static bool read_string(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	return v->type == JSON_STRING || api_fail(r, p->name, "not a string");
}

/* A parameter whose default is the only value that is supported. */
static bool read_only(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	double x;

	if (json_double(v, &x) ? x == strtod(p->only, NULL) && *p->only != '"' :
		v->n == strlen(p->only) && !memcmp(v->p, p->only, v->n))
		return true;
	return api_fail(r, p->name, "only %s is supported", p->only);
}

static bool read_refused(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	return api_fail(r, p->name, "not supported");
}

/* ---- parameters with a reader of their own ---- */

static bool read_model(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	if (json_is_cstring(v, r->api->model))
		return true;
	if (v->type != JSON_STRING)
		return api_fail(r, p->name, "not a string");
	r->e->status = 404;
	r->e->code = "model_not_found";
	return api_fail(r, p->name, "there is no such model: this server has "
		"'%.200s'", r->api->model);
}

/* Encoded last, when the other parameters are known to be right. */
static bool read_input(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	r->input = *v;
	return true;
}

static bool read_most(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	int64_t n;

	if (!json_int(v, &n) || n < p->from)
		return api_fail(r, p->name, "not an integer of at least %.0f",
			p->from);
	if (n > r->api->length)
		return api_fail(r, p->name, "this server's answers have at most "
			"%lld tokens", (long long)r->api->length);
	if (r->q->most >= 0 && r->q->most != n)
		return api_fail(r, p->name, "max_tokens and "
			"max_completion_tokens differ");
	r->q->most = n;
	return true;
}

static bool read_temperature(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	struct sampling *how = &r->q->how;

	if (!read_real(r, p, v))
		return false;
	how->greedy = how->temperature == 0;
	how->temperature = how->greedy ? 1 : how->temperature;
	return true;
}

static bool read_top_p(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	return read_real(r, p, v) && (r->q->how.top_p > 0 ||
		api_fail(r, p->name, "not above 0"));
}

static bool read_top_k(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	if (!read_int(r, p, v))
		return false;
	if (r->q->how.top_k < 0)	/* vLLM's word for: off */
		r->q->how.top_k = 0;
	return true;
}

/* As in vLLM and transformers, for all tokens of prompt and answer. */
static bool read_penalty(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	r->q->how.repeat_last = 0;
	return read_real(r, p, v);
}

static bool read_seed(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	int64_t seed;

	if (!json_int(v, &seed))
		return api_fail(r, p->name, "not an integer of 64 bits");
	r->q->seed = (uint64_t)seed;
	r->q->has_seed = true;
	return true;
}

/* chat: a flag, with the number in top_logprobs; completions: the number. */
static bool read_logprobs(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	static const struct parameter flag = { "logprobs", CHAT, read_bool,
		offsetof(struct api_request, logprobs), 0, 0, NULL };

	if (r->q->chat)
		return read_bool(r, &flag, v);
	r->q->logprobs = true;
	return read_int(r, p, v);
}

static bool read_top_logprobs(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	r->q->has_top = true;
	return read_int(r, p, v);
}

static bool read_stream_options(struct api_reader *r,
	const struct parameter *p, const struct json *v)
{
	struct json_iter it;
	struct json key, value;

	if (v->type != JSON_OBJECT)
		return api_fail(r, p->name, "not an object");
	r->q->has_usage = true;
	for (json_begin(&it, v); json_next(&it, &key, &value);)
		if (!json_is_cstring(&key, "include_usage") ||
			!json_bool(&value, &r->q->usage))
			return api_fail(r, p->name, "only include_usage, true "
				"or false, is supported");
	return true;
}

static bool set_schema(struct api_reader *r, const char *name,
	const struct json *schema)
{
	struct buf why = { 0 };

	r->q->constraint = constraint_schema(schema, &why);
	if (!r->q->constraint)
		api_fail(r, name, "%s", why.n ? buf_end(&why) :
			"the schema is not supported");
	buf_free(&why);
	return r->q->constraint != NULL;
}

/* {"type":"json_schema","json_schema":{"name","schema","strict"}}; strict or not,
 * the schema is obeyed. */
static bool read_schema(struct api_reader *r, const char *name,
	const struct json *v)
{
	struct json_iter it;
	struct json named, key, value, schema = { 0 };

	if (!json_get(v, "json_schema", &named) || named.type != JSON_OBJECT)
		return api_fail(r, name, "there is no object json_schema");
	for (json_begin(&it, &named); json_next(&it, &key, &value);) {
		if (json_is_cstring(&key, "schema"))
			schema = value;
		else if (!json_is_cstring(&key, "name") &&
			!json_is_cstring(&key, "description") &&
			!json_is_cstring(&key, "strict"))
			return api_fail(r, name, "json_schema has a key besides "
				"name, description, schema and strict");
	}
	if (schema.type == JSON_NONE)
		return api_fail(r, name, "json_schema has no schema");
	return set_schema(r, name, &schema);
}

static bool read_format(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	static const char any[] = "{\"type\":\"object\"}";
	struct json object;

	if (json_says(v, "type", "json_schema") && json_count(v) == 2)
		return read_schema(r, p->name, v);
	if (json_says(v, "type", "json_object") && json_count(v) == 1)
		return json_check(any, sizeof any - 1, &object, NULL) &&
			set_schema(r, p->name, &object);
	return (json_says(v, "type", "text") && json_count(v) == 1) ||
		api_fail(r, p->name, "neither text, json_object nor "
			"json_schema");
}

static bool read_kwargs(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	return v->type == JSON_OBJECT || api_fail(r, p->name, "not an object");
}

/* Of the server's own tools; a request has none. */
static bool read_tool_choice(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	r->q->no_tools = json_is_cstring(v, "none");
	if (r->q->no_tools)
		return true;
	if (!json_is_cstring(v, "auto"))
		return api_fail(r, p->name, "neither none nor auto");
	return r->api->generator->tools || api_fail(r, p->name, "only none is "
		"supported: the server has no tools");
}

/* ---- stop strings, biases ---- */

static bool add_stop(struct api_reader *r, const char *name,
	const struct json *v)
{
	struct api_request *q = r->q;

	buf_reset(&r->text);
	if (!json_string(v, &r->text))
		return api_fail(r, name, "neither a string nor a list of "
			"strings");
	if (!r->text.n || r->text.n > API_STOP_LENGTH ||
		memchr(r->text.p, 0, r->text.n))
		return api_fail(r, name, "a string is empty, longer than %d "
			"bytes, or contains NUL", API_STOP_LENGTH);
	if (q->stop.nstring == API_STOPS_MAX)
		return api_fail(r, name, "more than %d strings", API_STOPS_MAX);
	if (!q->stops)
		q->stops = xcalloc(API_STOPS_MAX, sizeof *q->stops);
	q->stops[q->stop.nstring++] = xstrndup(r->text.p, r->text.n);
	return true;
}

static bool read_stop(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	struct json_iter it;
	struct json e;

	if (v->type != JSON_ARRAY)
		return add_stop(r, p->name, v);
	for (json_begin(&it, v); json_next(&it, NULL, &e);)
		if (!add_stop(r, p->name, &e))
			return false;
	return true;
}

/* The id that a key spells in decimal, or -1. */
static int64_t key_id(struct api_reader *r, const struct json *key)
{
	const char *s;
	char *end;
	size_t n;
	unsigned long id;

	if (!json_view(key, &r->text, &s, &n) || !n || n > 9)
		return -1;
	buf_reset(&r->text);
	buf_add(&r->text, s, n);
	s = buf_end(&r->text);
	id = strtoul(s, &end, 10);
	if (strspn(s, "0123456789") != n || *end)
		return -1;
	return id < r->api->generator->usable ? (int64_t)id : -1;
}

static bool add_bias(struct api_reader *r, const char *name, int64_t id,
	const struct json *v)
{
	struct sampling *how = &r->q->how;
	double bias;
	size_t i;

	if (id < 0)
		return api_fail(r, name, "a key is not an id of the vocabulary");
	if (!json_double(v, &bias) || !(fabs(bias) <= 100))
		return api_fail(r, name, "a bias is not a number from -100 to "
			"100");
	for (i = 0; i < how->nbias; i++)
		if (r->q->biases[i].id == (uint32_t)id)
			return api_fail(r, name, "duplicate id %lld",
				(long long)id);
	r->q->biases[how->nbias++] = (struct logit_bias){ (uint32_t)id,
		(float)bias };
	return true;
}

static bool read_bias(struct api_reader *r, const struct parameter *p,
	const struct json *v)
{
	struct json_iter it;
	struct json key, value;

	if (v->type != JSON_OBJECT || json_count(v) > API_BIASES_MAX)
		return api_fail(r, p->name, "not an object of at most %d ids",
			API_BIASES_MAX);
	r->q->biases = xrealloc(r->q->biases, json_count(v) + 1,
		sizeof *r->q->biases);
	r->q->how.nbias = 0;
	for (json_begin(&it, v); json_next(&it, &key, &value);)
		if (!add_bias(r, p->name, key_id(r, &key), &value))
			return false;
	return true;
}

/* ---- the table ---- */

#define AT(member) offsetof(struct api_request, member)
#define REFUSED(name, where) { name, where, read_refused, 0, 0, 0, NULL }
#define ONLY(name, where, value) { name, where, read_only, 0, 0, 0, value }

static const struct parameter parameters[] = {
	{ "model", BOTH, read_model, 0, 0, 0, NULL },
	{ "messages", CHAT, read_input, 0, 0, 0, NULL },
	{ "prompt", TEXT, read_input, 0, 0, 0, NULL },
	{ "max_tokens", TEXT, read_most, 0, 0, 0, NULL },
	{ "max_tokens", CHAT, read_most, 0, 1, 0, NULL },
	{ "max_completion_tokens", CHAT, read_most, 0, 1, 0, NULL },
	{ "temperature", BOTH, read_temperature, AT(how.temperature), 0, 100,
	  NULL },
	{ "top_p", BOTH, read_top_p, AT(how.top_p), 0, 1, NULL },
	{ "top_k", BOTH, read_top_k, AT(how.top_k), -1, INT32_MAX, NULL },
	{ "min_p", BOTH, read_real, AT(how.min_p), 0, 1, NULL },
	{ "repetition_penalty", BOTH, read_penalty, AT(how.repeat_penalty),
	  SAMPLING_PENALTY_MIN, SAMPLING_PENALTY_MAX, NULL },
	{ "presence_penalty", BOTH, read_real, AT(how.presence_penalty),
	  -SAMPLING_COUNT_PENALTY_MAX, SAMPLING_COUNT_PENALTY_MAX, NULL },
	{ "frequency_penalty", BOTH, read_real, AT(how.frequency_penalty),
	  -SAMPLING_COUNT_PENALTY_MAX, SAMPLING_COUNT_PENALTY_MAX, NULL },
	{ "seed", BOTH, read_seed, 0, 0, 0, NULL },
	{ "n", BOTH, read_int, AT(samples), 1, API_SAMPLES_MAX, NULL },
	{ "best_of", TEXT, read_int, AT(best_of), 1, API_SAMPLES_MAX, NULL },
	{ "stop", BOTH, read_stop, 0, 0, 0, NULL },
	{ "stream", BOTH, read_bool, AT(stream), 0, 0, NULL },
	{ "stream_options", BOTH, read_stream_options, 0, 0, 0, NULL },
	{ "logprobs", BOTH, read_logprobs, AT(top), 0, API_TOP_MAX, NULL },
	{ "top_logprobs", CHAT, read_top_logprobs, AT(top), 0, API_TOP_MAX,
	  NULL },
	{ "echo", TEXT, read_bool, AT(echo), 0, 0, NULL },
	{ "logit_bias", BOTH, read_bias, 0, 0, 0, NULL },
	{ "ignore_eos", BOTH, read_bool, AT(ignore_eos), 0, 0, NULL },
	{ "chat_template_kwargs", CHAT, read_kwargs, 0, 0, 0, NULL },
	{ "user", BOTH, read_string, 0, 0, 0, NULL },
	{ "response_format", CHAT, read_format, 0, 0, 0, NULL },
	ONLY("store", CHAT, "false"),
	{ "tool_choice", CHAT, read_tool_choice, 0, 0, 0, NULL },
	REFUSED("suffix", TEXT),
	REFUSED("tools", CHAT),
	REFUSED("parallel_tool_calls", CHAT),
	REFUSED("functions", CHAT),
	REFUSED("function_call", CHAT),
	REFUSED("audio", CHAT),
	REFUSED("metadata", CHAT),
	REFUSED("modalities", CHAT),
	REFUSED("prediction", CHAT),
	REFUSED("prompt_cache_key", CHAT),
	REFUSED("reasoning_effort", CHAT),
	REFUSED("safety_identifier", CHAT),
	REFUSED("service_tier", CHAT),
	REFUSED("verbosity", CHAT),
	REFUSED("web_search_options", CHAT)
};

static bool unknown(struct api_reader *r, const struct json *key)
{
	char name[64];

	buf_reset(&r->text);
	json_string(key, &r->text);
	snprintf(name, sizeof name, "%s", buf_end(&r->text));
	return api_fail(r, name, "there is no such parameter");
}

bool api_parameter(struct api_reader *r, const struct json *key,
	const struct json *value)
{
	int where = r->q->chat ? CHAT : TEXT;
	size_t i;

	for (i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		const struct parameter *p = &parameters[i];

		if (!(p->where & where) || !json_is_cstring(key, p->name))
			continue;
		if (r->given[i])
			return api_fail(r, p->name, "it is given twice");
		r->given[i] = true;
		return value->type == JSON_NULL || p->read(r, p, value);
	}
	return unknown(r, key);
}
