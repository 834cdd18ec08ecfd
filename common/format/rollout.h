/* rollout.h - rollouts(5): one sampled answer a line
 *
 *	{"id":"p7","sample":0,"prompt_ids":[..],"ids":[..],"mask":[..],
 *	 "logprobs":[..],"stop":"eos","text":"..","temperature":1,
 *	 "answer":..,"reward":1,"rewards":{"number":1}}
 *
 * Keys that are not ours pass byte for byte. logprobs are those of the model
 * itself (temperature 1, no cut); sample_logprobs, where the sampler changed
 * the distribution, of what was drawn from. mask is 1 on drawn tokens, 0 on
 * tokens that a tool put there.
 */
#ifndef PIPELM_ROLLOUT_H
#define PIPELM_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/format/jsonedit.h"
#include "common/format/records.h"

/* Zero-initialise; rollout_free. */
struct rollout {
	struct record rec;
	struct json_fields fields;	/* all keys, in order */
	struct json json;		/* the whole line */
	struct json id;			/* of the prompt; a string or number */
	struct json answer;		/* passed through; JSON_NONE: missing */
	int64_t sample;			/* which sample of the prompt; 0 */
	uint32_t *prompt_ids, *ids;
	size_t nprompt, n;		/* n also counts mask and logprobs */
	unsigned char *mask;
	float *logprobs;		/* NULL: missing */
	float *sample_logprobs;		/* NULL: the same as logprobs */
	const char *stop;		/* "eos", "length", "stop", "tool" */
	const char *text;		/* text[0..text_len) */
	size_t text_len;
	double temperature;		/* 1 when missing */
	double reward;			/* NaN until graded */
	struct json_edits edits;
	struct rollout_memory *memory;
};

/* The next rollout of r (records_open(files, "rollout")); bad ones are
 * reported and skipped. need says which parts must be there; ids, mask and
 * logprobs are read only when asked for. */
enum rollout_need {
	ROLLOUT_TEXT = 1,	/* text, for graders */
	ROLLOUT_IDS = 2,	/* prompt_ids, ids, mask, logprobs: trainers */
};
bool rollouts_next(struct records *r, struct rollout *x, int need);

/* The same for a line that is in memory; x->rec is set by the caller. */
bool rollout_parse(struct rollout *x, int need, struct json_error *e);
void rollout_free(struct rollout *x);

/* Appends to key what tells a prompt's id from others: equal for two ids of
 * equal value, however they are written ("é" and "\u00e9", 1 and 1.0), and
 * different for a string and a number. False for anything but these two. */
bool rollout_id_key(const struct json *id, struct buf *key);

/* Appends a rollout as a new line: id and sample first, then what x has of
 * ids, logprobs, stop, text, temperature, then the keys of prompt (its fields
 * as json_object gave them, or NULL) that are not among them and not
 * "messages" or "prompt", byte for byte. x->id of type JSON_NONE: the id of
 * the prompt. reward is written unless it is NaN. */
void rollout_write(struct buf *out, const struct rollout *x,
	const struct json_fields *prompt);

/* Appends the line of x as it was read, with what was noted in x->edits. */
void rollout_pass(struct rollout *x, struct buf *out);

#endif
