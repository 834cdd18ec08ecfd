/* api.h - requests of OpenAI's interfaces, read strictly
 *
 * POST /v1/chat/completions and /v1/completions. A parameter that would not be
 * honoured is an error that names it: unknown, out of range, of the wrong type,
 * or not supported. null counts as missing. Beyond OpenAI's parameters those of
 * vLLM are read: top_k, min_p, repetition_penalty, ignore_eos,
 * chat_template_kwargs.
 */
#ifndef PIPELM_SERVE_API_H
#define PIPELM_SERVE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/sample/generator.h"

enum {
	API_TOP_MAX = 20,	/* alternatives per token */
	API_SAMPLES_MAX = 128,	/* n */
	API_CHOICES_MAX = 1024,	/* prompts times n */
	API_TOKENS_MAX = 1 << 20,	/* of all answers to a request */
	API_LOGPROBS_MAX = 1 << 19,	/* with alternatives, of a request */
	API_STOPS_MAX = 16,	/* stop strings, */
	API_STOP_LENGTH = 256,	/* bytes of one */
	API_BIASES_MAX = 1024
};

/* What the server offers; reading a request uses the generator's encoder and
 * working memory, so it is for one thread. */
struct api {
	struct generator *generator;
	const char *model;	/* the name of the model */
	size_t context;		/* most tokens of a prompt and its answer */
	int64_t length;		/* most tokens of an answer */
	struct sampling how;	/* what a request does not say */
	uint64_t seed, asked;	/* for requests without a seed: a number each */
};

struct api_request {
	bool chat;		/* messages, not prompts */
	bool stream, usage;	/* usage: at the end of the stream */
	bool echo;		/* the prompt is part of the answer */
	bool logprobs;
	int64_t top;		/* alternatives with them */
	int64_t samples;	/* per prompt */
	int64_t most;		/* tokens of an answer; -1: not given */
	uint64_t seed;
	struct ids *prompts;	/* (nprompt) */
	size_t nprompt;
	struct sampling how;
	struct logit_bias *biases;	/* of how */
	struct stop_criteria stop;
	char **stops;			/* of stop */
	struct constraint *constraint;	/* of response_format, or NULL */
	bool no_tools;			/* of tool_choice */

	/* While it is read: */
	bool has_seed, has_top, has_usage, ignore_eos;
	int64_t best_of;
};

struct api_error {
	int status;		/* 0: none */
	const char *code;	/* or NULL */
	char param[64];		/* the parameter, or "" */
	struct buf message;
};

/* Reads the body of a request; the caller frees q in any case. Returns false,
 * with the reason in *e, whose message the caller frees. */
bool api_read(struct api *a, bool chat, const char *body, size_t n,
	struct api_request *q, struct api_error *e);
void api_request_free(struct api_request *q);

/* Appends an error's JSON object to b: {"error":{...}}. */
void api_error_add(struct buf *b, const struct api_error *e);

#endif
