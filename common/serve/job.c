/* job.c - a request on its way through the engine: see job.h */
#include "common/serve/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

/* Differs between requests and between runs. */
static uint64_t new_id(void)
{
	static uint64_t last;

	if (!last)
		last = (uint64_t)time(NULL) << 20;
	return hash_mix(++last);
}

static void set_prompt(struct job *j, size_t i)
{
	struct job_prompt *p = &j->prompts[i];
	const struct api_request *q = &j->q;
	const struct ids *ids = &q->prompts[i];
	size_t s;

	p->job = j;
	p->choices = j->choices + i * (size_t)q->samples;
	for (s = 0; s < (size_t)q->samples; s++)
		p->choices[s].index = i * (size_t)q->samples + s;
	p->prompt = (struct prompt){ .ids = ids->v, .n = ids->n,
		.samples = (size_t)q->samples, .most = (size_t)q->most,
		.key = hash_mix(q->seed) + i, .how = &j->q.how, .stop = &j->q.stop,
		.constraint = q->constraint, .no_tools = q->no_tools,
		.top = q->logprobs ? (size_t)q->top : 0 };
	j->prompt_tokens += ids->n;
	if (!q->echo || !q->logprobs)
		return;
	p->prompt.logprobs = &p->logprobs;
	p->logprobs.logprob = xcalloc(ids->n, sizeof *p->logprobs.logprob);
	p->logprobs.top = xcalloc(ids->n * p->prompt.top,
		sizeof *p->logprobs.top);
}

/* Ids of prompts; ids, mask, two logprobs and some text per token of answers;
 * alternatives; calls of tools. */
static size_t most_bytes(const struct job *j)
{
	const struct api_request *q = &j->q;
	size_t n = q->nprompt * (size_t)q->samples;
	size_t alternatives = q->logprobs ? (size_t)q->top *
		sizeof(struct alternative) : 0;
	size_t bytes = j->prompt_tokens * sizeof(uint32_t) +
		n * (size_t)q->most * (20 + alternatives) +
		n * sizeof(struct answer);

	if (!q->no_tools && !q->constraint)
		bytes += n * tools_bytes(j->api->generator->tools,
			(size_t)q->most);

	if (q->echo && q->logprobs)
		bytes += j->prompt_tokens * (sizeof(float) + alternatives);
	return bytes;
}

struct job *job_new(const struct api *api, struct http_call *call,
	struct api_request *q)
{
	struct job *j = xcalloc(1, sizeof *j);
	size_t usable = api->generator->usable, i;

	j->api = api;
	j->call = call;
	j->q = *q;
	if (j->q.top > (int64_t)usable)
		j->q.top = (int64_t)usable;
	j->created = time(NULL);
	snprintf(j->id, sizeof j->id, "%s-%016" PRIx64,
		q->chat ? "chatcmpl" : "cmpl", new_id());
	j->unfinished = q->nprompt * (size_t)q->samples;
	j->prompts = xcalloc(q->nprompt, sizeof *j->prompts);
	j->choices = xcalloc(j->unfinished, sizeof *j->choices);
	for (i = 0; i < q->nprompt; i++)
		set_prompt(j, i);
	j->bytes = most_bytes(j);
	return j;
}

void job_free(struct job *j)
{
	size_t i;

	for (i = 0; i < j->q.nprompt; i++) {
		free(j->prompts[i].logprobs.logprob);
		free(j->prompts[i].logprobs.top);
	}
	for (i = 0; i < j->q.nprompt * (size_t)j->q.samples; i++)
		answer_free(j->choices[i].answer);
	free(j->prompts);
	free(j->choices);
	api_request_free(&j->q);
	free(j);
}
