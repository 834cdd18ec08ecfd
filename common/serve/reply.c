/* reply.c - answers in OpenAI's JSON: see reply.h */
#include "common/serve/reply.h"

#include <string.h>

#include "common/base/size.h"
#include "common/base/utf8.h"
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
	if (j->api->generator->tools) {
		json_add_key(b, "tool_tokens");
		json_add_int(b, (int64_t)j->tool_tokens);
	}
	json_add_key(b, "total_tokens");
	json_add_int(b, (int64_t)(j->prompt_tokens + j->tokens +
		j->tool_tokens));
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

/* ---- tools ---- */

/* Appends what of text[from..to) a client sees. Calls separate what they stand
 * between: a character cannot begin before one and end after it. */
static void add_visible(struct buf *out, const struct job *j,
	const struct answer *a, size_t from, size_t to)
{
	size_t n = j->q.chat && a->tools ? a->tools->n : 0, i;

	for (i = 0; i < n && from < to; i++) {
		const struct tool_call *call = &a->tools->calls[i];

		if (call->from > from)
			utf8_clean(out, a->text.p + from,
				size_min(call->from, to) - from);
		from = size_max(from, call->to);
	}
	if (from < to)
		utf8_clean(out, a->text.p + from, to - from);
}

static void add_call(struct buf *b, const struct tool_call *call, size_t index)
{
	const struct tool_marker *name = &call->tool->start;

	json_add_comma(b);
	buf_putc(b, '{');
	json_add_key(b, "index");
	json_add_int(b, (int64_t)index);
	json_add_key(b, "type");
	json_add_string(b, name->text, name->n);
	json_add_key(b, "arguments");
	json_add_string(b, call->input.p, call->input.n);
	json_add_key(b, "output");
	json_add_string(b, call->result.p, call->result.n);
	buf_putc(b, '}');
}

/* The key with the calls that have not been told, if there are any. */
static void add_calls(struct buf *b, const struct job_choice *c)
{
	size_t n = tool_track_done(c->answer), i;

	if (c->calls == n)
		return;
	json_add_key(b, "executed_tools");
	buf_putc(b, '[');
	for (i = c->calls; i < n; i++)
		add_call(b, &c->answer->tools->calls[i], i);
	buf_putc(b, ']');
}

/* ---- whole answers ---- */

static void add_message(struct buf *b, const struct job *j,
	const struct job_choice *c)
{
	struct buf text = { 0 };

	add_visible(&text, j, c->answer, 0, c->answer->text.n);
	json_add_key(b, "message");
	buf_str(b, "{\"role\":\"assistant\",\"content\":");
	json_add_string(b, text.p, text.n);
	add_calls(b, c);
	buf_putc(b, '}');
	buf_free(&text);
}

static void add_text(struct buf *b, const struct job *j, size_t prompt,
	const struct job_choice *c)
{
	const struct ids *ids = &j->q.prompts[prompt];
	const struct answer *a = c->answer;
	struct buf text = { 0 };
	int64_t before = -1;

	if (j->q.echo)
		tok_decode_on(j->api->generator->vocab, &before, ids->v,
			ids->n, true, &text);
	if (a->text.n)
		buf_add(&text, a->text.p, a->text.n);
	json_add_key(b, "text");
	json_add_string(b, text.p, text.n);
	add_calls(b, c);
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
			add_message(b, j, c);
		else
			add_text(b, j, prompt, c);
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

/* Without a stop, the end of the text may be the start of a stop string, a
 * character or, in a chat, a call. */
static size_t settled_of(const struct job *j, const struct answer *a)
{
	size_t n = answer_settled(a, &j->q.stop);

	if (a->stop || !j->q.chat)
		return n;
	n = size_max(a->shown, size_min(n, tool_track_settled(a)));
	return n - utf8_partial(a->text.p + a->shown, n - a->shown);
}

static bool has_news(const struct job *j, const struct job_choice *c,
	const struct buf *text)
{
	const struct answer *a = c->answer;

	return text->n || a->stop || tool_track_done(a) > c->calls ||
		(j->q.logprobs && a->ids.n > c->told && a->mask[a->ids.n - 1]);
}

static void add_piece(struct buf *b, const struct job *j,
	const struct job_choice *c, const struct buf *text)
{
	bool empty = !text->n && c->answer->stop;

	json_add_key(b, j->q.chat ? "delta" : "text");
	if (j->q.chat && !empty)
		buf_str(b, "{\"content\":");
	else if (j->q.chat)
		buf_putc(b, '{');
	if (!j->q.chat || !empty)
		json_add_string(b, text->p, text->n);
	add_calls(b, c);
	if (j->q.chat)
		buf_putc(b, '}');
}

void reply_piece(struct buf *b, const struct job *j, struct job_choice *c)
{
	struct answer *a = c->answer;
	size_t settled = settled_of(j, a);
	struct buf text = { 0 };

	add_visible(&text, j, a, a->shown, settled);
	if (has_news(j, c, &text)) {
		begin_event(b, j);
		begin_choice(b, c);
		add_piece(b, j, c, &text);
		reply_logprobs(b, j, NULL, c);
		add_reason(b, a);
		buf_putc(b, '}');
		end_event(b, j);
		c->told = a->ids.n;
		c->calls = tool_track_done(a);
	}
	a->shown = settled;
	buf_free(&text);
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
