/* sampler.h - chooses the next token from logits
 *
 * A pure function of the logits, the options and one number in [0, 1), so a
 * token never depends on what else is decoded. The steps, in the order of
 * Hugging Face transformers:
 *
 *	1 biases: added to the logits of some tokens
 *	2 repetition penalty (Keskar et al. 2019)
 *	3 presence and frequency penalty, OpenAI's: subtracts presence +
 *	  count * frequency from the logit of each token that was sampled
 *	  `count` times, at least once
 *	4 greedy stops here: the largest logit; on a tie, the lowest id
 *	5 temperature: divides the logits
 *	6 top-k: keeps the k largest
 *	7 top-p: of these, keeps the fewest, from the largest down, whose
 *	  share of the probability reaches p (Holtzman et al. 2019)
 *	8 min-p: of these, keeps all with at least p times the probability of
 *	  the largest (Nguyen et al. 2024)
 *
 * The token is drawn from those left, in proportion to their probability. No
 * step sorts the whole vocabulary.
 */
#ifndef PIPELM_SAMPLER_H
#define PIPELM_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Penalties in this range keep logits far from the limits of float. */
#define SAMPLING_PENALTY_MIN 1e-6
#define SAMPLING_PENALTY_MAX 1e6

/* The largest presence and frequency penalty, and minus the smallest. */
#define SAMPLING_COUNT_PENALTY_MAX 2

struct logit_bias {
	uint32_t id;
	float bias;
};

struct sampling {
	bool greedy;
	double temperature;	/* over 0; values below the smallest normal
				 * float act like it: only ties are drawn */
	int64_t top_k;		/* 0: off */
	double top_p;		/* 1: off */
	double min_p;		/* 0: off */
	double repeat_penalty;	/* 1e-6 to 1e6; 1: off; over 1 makes repeats
				 * rarer */
	int64_t repeat_last;	/* how many tokens it looks back; 0: all */
	double presence_penalty, frequency_penalty;	/* 0: off; below 0 they
				 * make repeats likelier */
	const struct logit_bias *bias;	/* (nbias), distinct ids; or NULL */
	size_t nbias;
};

/* Temperature 1 and everything else off: the model's own distribution. */
extern const struct sampling sampling_plain;

/* The key of the random numbers of a prompt whose own key is `prompt`. */
uint64_t sampling_key(uint64_t seed, uint64_t prompt);

/* The number in [0, 1) used to draw token `position` of sample `sample`. */
double sampling_uniform(uint64_t key, uint32_t sample, uint64_t position);

/* Scratch memory of one thread, for rows of vocab logits. */
struct sampler;
struct sampler *sampler_new(size_t vocab);
void sampler_free(struct sampler *s);

struct choice {
	uint32_t id;
	float logprob;		/* of the unmodified model: temperature 1, no
				 * penalty, the whole vocabulary */
	float sample_logprob;	/* of the distribution drawn from */
};

/* The tokens before the one to draw, as the penalties see them; those that are
 * off need none, and without any it may be NULL. */
struct sampler_past {
	const uint32_t *recent;	/* (nrecent) of prompt and answer, the most
				 * recent last: repetition */
	size_t nrecent;
	const uint32_t *answer;	/* (nanswer): presence and frequency */
	const unsigned char *mask;	/* (nanswer) 0: not sampled, so it does
				 * not count; NULL: all were */
	size_t nanswer;
};

/* Draws from logits[0..vocab) the token that u in [0, 1) selects. Only ids
 * below usable are drawn (a model's vocabulary is padded). The logits are
 * unchanged on return. Returns false if they are not finite. */
bool sampler_choose(struct sampler *s, const struct sampling *o,
	float *logits, size_t usable, const struct sampler_past *past,
	double u, struct choice *out);

/* The same, among the tokens that allows(ctx, id) accepts. A token that it does
 * not accept is removed, and the steps are repeated for the others; after some
 * tries, all that it does not accept are removed at once. Without filters, this
 * draws from the distribution over the accepted tokens. Their share of the
 * probability is not known, so sample_logprob is only a lower bound. */
enum sampler_result {
	SAMPLER_CHOSEN,
	SAMPLER_NOT_FINITE,
	SAMPLER_NONE		/* no token is accepted */
};
enum sampler_result sampler_choose_allowed(struct sampler *s,
	const struct sampling *o, float *logits, size_t usable,
	const struct sampler_past *past, double u,
	bool (*allows)(void *ctx, uint32_t id), void *ctx, struct choice *out);

/* The logprob of a given token, as sampler_choose computes it; false if the
 * logits are not finite. */
bool sampler_logprob(struct sampler *s, const float *logits, uint32_t id,
	float *logprob);

/* The n likeliest of the tokens below usable, likeliest first, ties by ascending
 * id, with logprobs of the unmodified model: the same bits as in struct choice.
 * The logits must be finite. Returns how many there are, n at most. */
struct alternative {
	uint32_t id;
	float logprob;
};
size_t sampler_alternatives(struct sampler *s, const float *logits,
	size_t usable, size_t n, struct alternative *out);

/* The ids of the n largest of logits[0..usable), largest first, ties by
 * ascending id; returns how many there are, n at most. */
size_t sampler_top(struct sampler *s, const float *logits, size_t usable,
	size_t n, uint32_t *ids);

#endif
