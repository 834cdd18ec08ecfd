/* job.h - a request on its way through the engine */
#ifndef PIPELM_SERVE_JOB_H
#define PIPELM_SERVE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sample/engine.h"
#include "common/serve/api.h"
#include "common/serve/http.h"

/* An answer to one prompt of the request. */
struct job_choice {
	struct answer *answer;	/* NULL until its first token */
	size_t index;		/* in the answer's JSON */
	size_t told;		/* tokens already streamed */
	size_t calls;		/* of tools, likewise */
	size_t chars;		/* characters of the text before them */
};

struct job_prompt {
	struct prompt prompt;	/* first: the engine passes this around */
	struct job *job;
	struct prompt_logprobs logprobs;	/* with echo */
	struct job_choice *choices;		/* (samples) */
};

struct job {
	struct job *next;	/* in the queue */
	struct http_call *call;
	struct api_request q;
	const struct api *api;
	char id[40];
	int64_t created;	/* seconds since 1970 */
	struct job_prompt *prompts;	/* (q.nprompt) */
	struct job_choice *choices;	/* (q.nprompt * q.samples) */
	size_t begun;		/* prompts given to the engine */
	size_t unfinished;	/* choices */
	uint64_t prompt_tokens, tokens;
	uint64_t tool_tokens;	/* of results, in the answers */
	size_t bytes;		/* of memory that it may need */
	bool stopped;		/* by us or the client: no answer is wanted */
};

/* Takes over call and the content of q. */
struct job *job_new(const struct api *api, struct http_call *call,
	struct api_request *q);
void job_free(struct job *j);

#endif
