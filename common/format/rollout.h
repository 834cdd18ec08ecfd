/* rollout.h - rollouts(5): one sampled answer per line
 *
 *	{"id":"p7","sample":0,"prompt_ids":[..],"ids":[..],"mask":[..],
 *	 "logprobs":[..],"stop":"eos","text":"..","temperature":1,
 *	 "model_hash":"..","tokenizer_hash":"..","answer":..,
 *	 "reward":1,"rewards":{"number":1}}
 *
 * Keys that are not ours pass through byte for byte. logprobs are those of the
 * unmodified model (temperature 1, no filter); sample_logprobs, if the sampler
 * changed the distribution, are those of the distribution that was sampled. mask
 * is 1 for sampled tokens, 0 for tokens inserted by a tool. model_hash and
 * tokenizer_hash tell models apart: any text.
 */
#ifndef PIPELM_ROLLOUT_H
#define PIPELM_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/format/jsonedit.h"
#include "common/format/records.h"

/* Zero-initialise it; free it with rollout_free. */
struct rollout {
	struct record rec;
	struct json_fields fields;	/* all keys, in order */
	struct json json;		/* the whole line */
	struct json id;			/* of the prompt; a string or number */
	struct json answer;		/* passed through; JSON_NONE: missing */
	int64_t sample;			/* index among the prompt's samples; 0 */
	uint32_t *prompt_ids, *ids;
	size_t nprompt, n;		/* n also counts mask and logprobs */
	unsigned char *mask;
	float *logprobs;		/* NULL: missing */
	float *sample_logprobs;		/* NULL: the same as logprobs */
	const char *stop;		/* "eos", "length", "stop", "tool" */
	const char *text;		/* text[0..text_len) */
	size_t text_len;
	double temperature;		/* 1 when missing */
	const char *model_hash;		/* of the model that answered, and of */
	const char *tokenizer_hash;	/* its tokenizer; NULL: missing */
	double reward;			/* NaN until graded */
	bool ungraded;			/* the line says why it has no reward */
	struct json_edits edits;
	struct rollout_memory *memory;
};

/* The next rollout of r (records_open(files, "rollout")); invalid ones are
 * reported and skipped. need says which parts are required; ids, mask and
 * logprobs are read only on request. */
enum rollout_need {
	ROLLOUT_TEXT = 1,	/* text, for graders */
	ROLLOUT_IDS = 2,	/* prompt_ids, ids, mask, logprobs: trainers */
	ROLLOUT_TOKENS = 4	/* the same, where logprobs may be missing */
};
bool rollouts_next(struct records *r, struct rollout *x, int need);

/* The same for a line in memory; the caller sets x->rec. */
bool rollout_parse(struct rollout *x, int need, struct json_error *e);
void rollout_free(struct rollout *x);

/* Appends to key what identifies a prompt's id: equal for ids of equal value,
 * whatever their spelling ("é" and "\u00e9", 1 and 1.0), and different for a
 * string and a number. False for any other value. */
bool rollout_id_key(const struct json *id, struct buf *key);

/* Appends to an unfinished object, byte for byte, the keys of a prompt (its fields
 * from json_object) that are not a rollout's and not "messages", "prompt" or, unless it
 * is NULL, except. */
void rollout_carry(struct buf *out, const struct json_fields *prompt,
	const char *except);

/* Appends a rollout as a new line: id and sample first, then those of ids,
 * logprobs, stop, text, temperature and hashes that x has, then rollout_carry of
 * prompt (or NULL). If x->id is of type JSON_NONE, the prompt's id is used. reward is
 * written unless it is NaN. */
void rollout_write(struct buf *out, const struct rollout *x,
	const struct json_fields *prompt);

/* Appends the line of x as it was read, with the changes in x->edits. */
void rollout_pass(struct rollout *x, struct buf *out);

#endif
