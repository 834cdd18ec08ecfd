/* rollout.c - reads and writes sampled answers as lines: see rollout.h */
#include "common/format/rollout.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"

struct rollout_memory {
	struct buf text, stop, model_hash, tokenizer_hash;
	int32_t *prompt_ids, *ids, *mask;
	float *logprobs, *sample_logprobs;
	size_t prompt_cap, ids_cap, mask_cap, logprobs_cap, sample_cap;
	size_t bytes_cap;		/* of x->mask */
};

static bool no(const struct rollout *x, const struct json *at,
	const char *what, struct json_error *e)
{
	e->at = at->p ? (size_t)(at->p - x->rec.p) : 0;
	e->what = what;
	return false;
}

static bool is_null(const struct json *v)
{
	return v->type == JSON_NONE || v->type == JSON_NULL;
}

static bool get(const struct rollout *x, const char *key, struct json *v)
{
	return json_field_given(&x->fields, key, v);
}

static bool none_below(const int32_t *v, size_t n, int32_t least)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i] < least)
			return false;
	return true;
}

/* The token ids; false also for negative ones. */
static bool read_ids(const struct json *v, int32_t **ids, size_t *n,
	size_t *cap)
{
	return json_ints(v, ids, n, cap) && none_below(*ids, *n, 0);
}

/* The mask as bytes; without one, all tokens were sampled. */
static bool read_mask(struct rollout *x, const struct json *v)
{
	struct rollout_memory *m = x->memory;
	size_t n = x->n, i;

	if (m->bytes_cap < x->n) {
		m->bytes_cap = 2 * x->n;
		m->mask = xrealloc(m->mask, m->bytes_cap, sizeof *m->mask);
		m->mask_cap = m->bytes_cap;
		x->mask = xrealloc(x->mask, m->bytes_cap, 1);
	}
	if (is_null(v)) {
		if (n)
			memset(x->mask, 1, n);
		return true;
	}
	if (!json_ints(v, &m->mask, &n, &m->mask_cap) || n != x->n)
		return false;
	for (i = 0; i < n; i++) {
		if (m->mask[i] != 0 && m->mask[i] != 1)
			return false;
		x->mask[i] = (unsigned char)m->mask[i];
	}
	return true;
}

/* Log-probabilities: one per id; for sampled tokens neither missing, nor above 0,
 * nor out of the range of a float. */
static bool read_logprobs(const struct rollout *x, const struct json *v,
	float **store, size_t *cap, float **out)
{
	size_t n, i;

	if (!json_floats(v, store, &n, cap) || n != x->n)
		return false;
	for (i = 0; i < n; i++)
		if (x->mask[i] && !((*store)[i] <= 1e-4f &&
				isfinite((*store)[i])))
			return false;
	*out = *store;
	return true;
}

static bool parse_tokens(struct rollout *x, int need, struct json_error *e)
{
	struct rollout_memory *m = x->memory;
	struct json ids, v;

	if (get(x, "prompt_ids", &v) && !read_ids(&v, &m->prompt_ids,
			&x->nprompt, &m->prompt_cap))
		return no(x, &v, "'prompt_ids' is not a list of ids", e);
	if (get(x, "ids", &ids) && !read_ids(&ids, &m->ids, &x->n, &m->ids_cap))
		return no(x, &ids, "'ids' is not a list of ids", e);
	x->prompt_ids = (uint32_t *)m->prompt_ids;
	x->ids = (uint32_t *)m->ids;
	get(x, "mask", &v);
	if (!read_mask(x, &v))
		return no(x, &v, "'mask' is not a 0 or 1 for each id", e);
	if (get(x, "logprobs", &v) && !read_logprobs(x, &v, &m->logprobs,
			&m->logprobs_cap, &x->logprobs))
		return no(x, &v, "'logprobs' is not a finite number up "
			"to 0 for each id", e);
	if (get(x, "sample_logprobs", &v) && !read_logprobs(x, &v,
			&m->sample_logprobs, &m->sample_cap,
			&x->sample_logprobs))
		return no(x, &v, "'sample_logprobs' is not a finite "
			"number up to 0 for each id", e);
	if (!x->nprompt || is_null(&ids))
		return no(x, &x->json, "no prompt_ids or ids", e);
	if ((need & ROLLOUT_IDS) && !x->logprobs)
		return no(x, &x->json, "no logprobs", e);
	return true;
}

/* Training computes in floats, so a number must fit in one. */
static bool read_number(const struct json *v, double *out)
{
	return json_double(v, out) && fabs(*out) <= FLT_MAX;
}

static bool parse_numbers(struct rollout *x, struct json_error *e)
{
	struct json v;

	x->sample = 0;
	x->temperature = 1;
	x->reward = NAN;
	if (get(x, "sample", &v) && !json_int(&v, &x->sample))
		return no(x, &v, "'sample' is not a whole number", e);
	if (get(x, "temperature", &v) && !(read_number(&v, &x->temperature) &&
			x->temperature >= 0))
		return no(x, &v, "'temperature' is not a finite number from "
			"0 on", e);
	if (get(x, "reward", &v) && !read_number(&v, &x->reward))
		return no(x, &v, "'reward' is not a finite number", e);
	/* A second run of graders may leave an object without causes. */
	x->ungraded = get(x, "ungraded", &v) &&
		!(v.type == JSON_OBJECT && !json_count(&v));
	return true;
}

/* A text that may be missing: then *out is NULL. */
static bool read_text(const struct rollout *x, const char *key,
	struct buf *store, const char **out)
{
	struct json v;

	*out = NULL;
	buf_reset(store);
	if (!get(x, key, &v))
		return true;
	if (!json_string(&v, store))
		return false;
	*out = buf_end(store);
	return true;
}

static bool parse_hashes(struct rollout *x, struct json_error *e)
{
	struct rollout_memory *m = x->memory;

	if (!read_text(x, "model_hash", &m->model_hash, &x->model_hash))
		return no(x, &x->json, "'model_hash' is not a string", e);
	if (!read_text(x, "tokenizer_hash", &m->tokenizer_hash,
			&x->tokenizer_hash))
		return no(x, &x->json, "'tokenizer_hash' is not a string", e);
	return true;
}

bool rollout_parse(struct rollout *x, int need, struct json_error *e)
{
	struct json v;

	if (!x->memory)
		x->memory = xcalloc(1, sizeof *x->memory);
	json_edits_reset(&x->edits);
	if (!json_object(x->rec.p, x->rec.n, &x->fields, e))
		return false;
	x->json = x->fields.object;
	if (get(x, "id", &x->id) && x->id.type != JSON_STRING &&
		x->id.type != JSON_NUMBER)
		return no(x, &x->id, "'id' is neither a string nor a "
			"number", e);
	get(x, "answer", &x->answer);
	buf_reset(&x->memory->stop);
	buf_reset(&x->memory->text);
	if (get(x, "stop", &v) && !json_string(&v, &x->memory->stop))
		return no(x, &v, "'stop' is not a string", e);
	if (get(x, "text", &v) && !json_string(&v, &x->memory->text))
		return no(x, &v, "'text' is not a string", e);
	if ((need & ROLLOUT_TEXT) && is_null(&v))
		return no(x, &x->json, "no key 'text'", e);
	x->stop = buf_end(&x->memory->stop);
	x->text = buf_end(&x->memory->text);
	x->text_len = x->memory->text.n;
	x->logprobs = x->sample_logprobs = NULL;
	x->nprompt = x->n = 0;
	if ((need & (ROLLOUT_IDS | ROLLOUT_TOKENS)) &&
		!(parse_tokens(x, need, e) && parse_hashes(x, e)))
		return false;
	return parse_numbers(x, e);
}

bool rollout_id_key(const struct json *id, struct buf *key)
{
	int64_t n;

	if (id->type == JSON_STRING) {
		buf_putc(key, 's');
		return json_string(id, key);
	}
	if (id->type != JSON_NUMBER)
		return false;
	buf_putc(key, 'n');
	if (json_int(id, &n))
		buf_printf(key, "%" PRId64, n);
	else
		buf_add(key, id->p, id->n);
	return true;
}

bool rollouts_next(struct records *r, struct rollout *x, int need)
{
	struct json_error e;

	while (records_next(r, &x->rec)) {
		if (rollout_parse(x, need, &e))
			return true;
		records_bad_json(r, &x->rec, &e);
	}
	return false;
}

void rollout_free(struct rollout *x)
{
	struct rollout_memory *m = x->memory;

	if (m) {
		buf_free(&m->text);
		buf_free(&m->stop);
		buf_free(&m->model_hash);
		buf_free(&m->tokenizer_hash);
		free(m->prompt_ids);
		free(m->ids);
		free(m->mask);
		free(m->logprobs);
		free(m->sample_logprobs);
		free(m);
		free(x->mask);
	}
	json_fields_free(&x->fields);
	json_edits_free(&x->edits);
	*x = (struct rollout){ 0 };
}

/* ---- writing ---- */

/* Keys of a rollout, and those of a prompt that rollout_carry omits. */
static bool is_ours(const struct json *key)
{
	static const char *const ours[] = { "id", "sample", "prompt_ids",
		"ids", "mask", "logprobs", "sample_logprobs", "stop", "text",
		"temperature", "model_hash", "tokenizer_hash", "reward",
		"rewards", "ungraded", "messages", "prompt" };
	size_t i;

	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		if (json_is_cstring(key, ours[i]))
			return true;
	return false;
}

static void add_ids(struct buf *out, const char *key, const uint32_t *ids,
	size_t n)
{
	json_add_key(out, key);
	json_add_ints(out, (const int32_t *)ids, n);
}

static void add_mask(struct buf *out, const unsigned char *mask, size_t n)
{
	size_t i;

	json_add_key(out, "mask");
	buf_putc(out, '[');
	for (i = 0; i < n; i++) {
		if (i)
			buf_putc(out, ',');
		buf_putc(out, mask && !mask[i] ? '0' : '1');
	}
	buf_putc(out, ']');
}

static void add_floats(struct buf *out, const char *key, const float *v,
	size_t n)
{
	if (!v)
		return;
	json_add_key(out, key);
	json_add_floats(out, v, n);
}

/* The id: that of x, or of the prompt. */
static void add_id(struct buf *out, const struct rollout *x,
	const struct json_fields *prompt)
{
	struct json id = x->id;

	if (id.type == JSON_NONE &&
		!(prompt && json_field(prompt, "id", &id)))
		return;
	json_add_key(out, "id");
	buf_add(out, id.p, id.n);
}

static void add_hash(struct buf *out, const char *key, const char *hash)
{
	if (!hash)
		return;
	json_add_key(out, key);
	json_add_cstring(out, hash);
}

static void add_text(struct buf *out, const struct rollout *x)
{
	if (x->stop) {
		json_add_key(out, "stop");
		json_add_cstring(out, x->stop);
	}
	json_add_key(out, "text");
	json_add_string(out, x->text, x->text_len);
	json_add_key(out, "temperature");
	json_add_double(out, x->temperature);
	add_hash(out, "model_hash", x->model_hash);
	add_hash(out, "tokenizer_hash", x->tokenizer_hash);
	if (!isnan(x->reward)) {
		json_add_key(out, "reward");
		json_add_double(out, x->reward);
	}
}

void rollout_carry(struct buf *out, const struct json_fields *prompt,
	const char *except)
{
	size_t i;

	for (i = 0; i < prompt->n; i++) {
		const struct json_field *f = &prompt->v[i];

		if (is_ours(&f->key) || (except && json_is_cstring(&f->key, except)))
			continue;
		buf_putc(out, ',');
		buf_add(out, f->key.p, f->key.n);
		buf_putc(out, ':');
		buf_add(out, f->value.p, f->value.n);
	}
}

void rollout_write(struct buf *out, const struct rollout *x,
	const struct json_fields *prompt)
{
	buf_putc(out, '{');
	add_id(out, x, prompt);
	json_add_key(out, "sample");
	json_add_int(out, x->sample);
	add_ids(out, "prompt_ids", x->prompt_ids, x->nprompt);
	add_ids(out, "ids", x->ids, x->n);
	add_mask(out, x->mask, x->n);
	add_floats(out, "logprobs", x->logprobs, x->n);
	add_floats(out, "sample_logprobs", x->sample_logprobs, x->n);
	add_text(out, x);
	if (prompt)
		rollout_carry(out, prompt, NULL);
	buf_str(out, "}\n");
}

void rollout_pass(struct rollout *x, struct buf *out)
{
	json_edits_apply(&x->edits, x->rec.p, x->rec.n, &x->fields, out);
	buf_putc(out, '\n');
}
