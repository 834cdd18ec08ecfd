/* reply.c - answers in OpenAI's JSON: see reply.h */
#include "common/serve/reply.h"

#include <string.h>

#include "common/format/jsonwrite.h"
#include "common/serve/reply_logprobs.h"

/* ---- what all objects have ---- */

static void add_head(struct buf *b, const struct job *j, bool chunk)
{
	buf_putc(b, '{');
	json_add_key(b, "id");
	json_add_cstring(b, j->id);
	json_add_key(b, "object");
	json_add_cstring(b, !j->q.chat ? "text_completion" :
		chunk ? "chat.completion.chunk" : "chat.completion");
	json_add_key(b, "created");
	json_add_int(b, j->created);
	json_add_key(b, "model");
	json_add_cstring(b, j->api->model);
	json_add_key(b, "choices");
	buf_putc(b, '[');
}

static void add_usage(struct buf *b, const struct job *j)
{
	json_add_key(b, "usage");
	buf_putc(b, '{');
	json_add_key(b, "prompt_tokens");
	json_add_int(b, (int64_t)j->prompt_tokens);
	json_add_key(b, "completion_tokens");
	json_add_int(b, (int64_t)j->tokens);
	json_add_key(b, "total_tokens");
	json_add_int(b, (int64_t)(j->prompt_tokens + j->tokens));
	buf_putc(b, '}');
}

static void add_reason(struct buf *b, const struct answer *a)
{
	json_add_key(b, "finish_reason");
	if (!a || !a->stop)
		buf_str(b, "null");
	else
		json_add_cstring(b, a->stop == ANSWER_LENGTH ||
			a->stop == ANSWER_STUCK ? "length" : "stop");
}

static void begin_choice(struct buf *b, const struct job_choice *c)
{
	json_add_comma(b);
	buf_putc(b, '{');
	json_add_key(b, "index");
	json_add_int(b, (int64_t)c->index);
}

/* ---- whole answers ---- */

static void add_message(struct buf *b, const struct answer *a)
{
	json_add_key(b, "message");
	buf_str(b, "{\"role\":\"assistant\",\"content\":");
	json_add_string(b, a->text.p, a->text.n);
	buf_putc(b, '}');
}

static void add_text(struct buf *b, const struct job *j, size_t prompt,
	const struct answer *a)
{
	const struct ids *ids = &j->q.prompts[prompt];
	struct buf text = { 0 };

	if (j->q.echo)
		tok_decode(j->api->generator->vocab, ids->v, ids->n, &text);
	if (a->text.n)
		buf_add(&text, a->text.p, a->text.n);
	json_add_key(b, "text");
	json_add_string(b, text.p, text.n);
	buf_free(&text);
}

void reply_whole(struct buf *b, const struct job *j)
{
	size_t i, n = j->q.nprompt * (size_t)j->q.samples;

	add_head(b, j, false);
	for (i = 0; i < n; i++) {
		struct job_choice *c = &j->choices[i];
		size_t prompt = i / (size_t)j->q.samples;

		begin_choice(b, c);
		if (j->q.chat)
			add_message(b, c->answer);
		else
			add_text(b, j, prompt, c->answer);
		reply_logprobs(b, j, j->q.echo ? &j->prompts[prompt] : NULL,
			c);
		add_reason(b, c->answer);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
	add_usage(b, j);
	buf_str(b, "}\n");
}

/* ---- streams ---- */

static void begin_event(struct buf *b, const struct job *j)
{
	buf_str(b, "data: ");
	add_head(b, j, true);
}

/* With include_usage, OpenAI's events have usage: null but the last. */
static void end_event(struct buf *b, const struct job *j)
{
	buf_putc(b, ']');
	if (j->q.usage)
		buf_str(b, ",\"usage\":null");
	buf_str(b, "}\n\n");
}

void reply_start(struct buf *b, const struct job *j,
	const struct job_choice *c)
{
	if (!j->q.chat)
		return;
	begin_event(b, j);
	begin_choice(b, c);
	buf_str(b, ",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
		"\"logprobs\":null,\"finish_reason\":null}");
	end_event(b, j);
}

void reply_piece(struct buf *b, const struct job *j, struct job_choice *c,
	size_t settled)
{
	struct answer *a = c->answer;
	const char *text = a->text.n ? a->text.p + a->shown : "";
	size_t n = settled - a->shown;

	begin_event(b, j);
	begin_choice(b, c);
	json_add_key(b, j->q.chat ? "delta" : "text");
	if (j->q.chat && (n || !a->stop))
		buf_str(b, "{\"content\":");
	else if (j->q.chat)
		buf_putc(b, '{');
	if (!j->q.chat || n || !a->stop)
		json_add_string(b, text, n);
	if (j->q.chat)
		buf_putc(b, '}');
	reply_logprobs(b, j, NULL, c);
	add_reason(b, a);
	buf_putc(b, '}');
	end_event(b, j);
	a->shown = settled;
	c->told = a->ids.n;
}

void reply_usage(struct buf *b, const struct job *j)
{
	begin_event(b, j);
	buf_putc(b, ']');
	add_usage(b, j);
	buf_str(b, "}\n\n");
}

void reply_done(struct buf *b)
{
	buf_str(b, "data: [DONE]\n\n");
}

void reply_error(struct buf *b, const struct api_error *e)
{
	buf_str(b, "data: ");
	api_error_add(b, e);
	buf_str(b, "\n\n");
}
