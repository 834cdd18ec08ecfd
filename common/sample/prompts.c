/* prompts.c - prompts as ids: see prompts.h */
#include "common/sample/prompts.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/format/messages.h"

void prompt_format_check(const struct prompt_format *f)
{
	if (f->raw && f->chat)
		die_usage("--raw and --chat exclude each other");
	if (f->raw && f->system)
		die_usage("--system needs the chat template: without --raw");
}

static void take_rendered(struct generator *g, struct ids *out)
{
	const struct ids *r = &g->rendered.ids;

	memcpy(ids_room(out, r->n), r->v, r->n * sizeof *r->v);
	out->n += r->n;
}

/* Renders the prompt of messages, after f's system message unless they have
 * one. line: NULL, or the object they came in. */
static const char *chat(struct generator *g, const struct prompt_format *f,
	const struct message *m, size_t n, const struct json *line,
	struct ids *out)
{
	bool add = f->system && n && strcmp(m[0].role, "system");
	struct message *v = xcalloc(n + 1, sizeof *v);
	struct dialogue d = { .v = v, .n = n + add, .prompt = true,
		.line = line };
	const char *why;

	if (add)
		v[0] = (struct message){ .role = "system",
			.content = f->system, .len = strlen(f->system) };
	if (n)
		memcpy(v + add, m, n * sizeof *v);
	why = template_render(&g->template, g->encoder, &d, &g->rendered);
	free(v);
	if (!why)
		take_rendered(g, out);
	return why;
}

static const char *chat_text(struct generator *g,
	const struct prompt_format *f, const char *text, size_t len,
	struct ids *out)
{
	struct message m = { .role = "user", .content = text, .len = len };

	generator_need_chat(g);
	return chat(g, f, &m, 1, NULL, out);
}

const char *prompt_from_text(struct generator *g, const struct prompt_format *f,
	const char *text, size_t len, struct ids *out)
{
	int64_t first = g->model->config.bos;

	generator_need_tokenizer(g);
	if (f->chat || f->system) {
		chat_text(g, f, text, len, out);
		return NULL;
	}
	if (!len && !f->bos)
		return "the prompt is empty (--bos lets the model begin)";
	if (first < 0)
		first = vocab_eot(g->vocab);
	if (f->bos && first < 0)
		return "the model has no first token for --bos";
	if (f->bos)
		ids_add(out, (uint32_t)first);
	tok_encode(g->encoder, text, len, out);
	return NULL;
}

static const char *take_ids(struct generator *g, const struct json *v,
	struct ids *out)
{
	struct json_iter it;
	struct json element;

	for (json_begin(&it, v); json_next(&it, NULL, &element);) {
		int64_t id;

		if (!json_int(&element, &id) || id < 0 ||
			(uint64_t)id >= g->model->config.vocab)
			return "'prompt_ids' has an id that is not in the model's vocabulary";
		ids_add(out, (uint32_t)id);
	}
	return out->n ? NULL : "'prompt_ids' is not a list of ids";
}

/* Omits a final message of the assistant: the model is to generate it. */
static const char *take_messages(struct generator *g,
	const struct prompt_format *f, const struct json *list,
	const struct json *line, struct ids *out)
{
	struct reading r = { 0 };
	struct messages m = { 0 };
	const char *why = NULL;
	size_t n;

	generator_need_tokenizer(g);
	generator_need_chat(g);
	if (!messages_read(&r, &m, list, "user")) {
		buf_reset(&g->why);	/* r.why is freed with its arena */
		buf_str(&g->why, r.why);
		why = buf_end(&g->why);
	}
	n = m.n;
	if (n && !strcmp(m.v[n - 1].role, "assistant"))
		n--;
	if (!why && !n)
		why = "there is no message to answer";
	if (!why)
		why = chat(g, f, m.v, n, line, out);
	messages_free(&m);
	reading_free(&r);
	return why;
}

const char *prompt_from_object(struct generator *g,
	const struct prompt_format *f, const struct json_fields *fields,
	struct ids *out)
{
	struct json v;
	struct buf text = { 0 };
	const char *why;

	if (json_field_given(fields, "prompt_ids", &v))
		return take_ids(g, &v, out);
	if (json_field_given(fields, "messages", &v))
		return f->raw ? "'messages' need the chat template: not with "
			"--raw" : take_messages(g, f, &v, &fields->object, out);
	if (!json_field_given(fields, "prompt", &v))
		return "no 'prompt' and no 'messages'";
	if (v.type == JSON_ARRAY)
		return f->raw ? "a list of messages needs the chat template: "
			"not with --raw" :
			take_messages(g, f, &v, &fields->object, out);
	if (!json_string(&v, &text))
		return "'prompt' is not a text";
	why = prompt_from_text(g, f, buf_end(&text), text.n, out);
	buf_free(&text);
	return why;
}
