/* speaker.c - a model directory made ready to answer: see speaker.h */
#include "common/sample/speaker.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/format/messages.h"

void sampling_finish(struct sampling *s)
{
	if (s->temperature == 0) {
		s->greedy = true;
		s->temperature = 1;
	}
	option_above("temp", s->temperature, 0, INFINITY,
		"--greedy takes the most likely token");
	option_range("top-k", s->top_k, 0, INT64_MAX);
	option_above("top-p", s->top_p, 0, 1, NULL);
	option_range_real("min-p", s->min_p, 0, 1);
	option_range_real("repeat-penalty", s->repeat_penalty,
		SAMPLING_PENALTY_MIN, SAMPLING_PENALTY_MAX);
	option_range("repeat-last", s->repeat_last, 0, INT64_MAX);
}

void wording_check(const struct wording *w)
{
	if (w->raw && w->chat)
		die_usage("--raw and --chat exclude each other");
	if (w->raw && w->system)
		die_usage("--system needs the chat template: without --raw");
}

/* ---- opening ---- */

static void add_ending(struct speaker *s, int64_t id)
{
	size_t i;

	if (id < 0)
		return;
	for (i = 0; i < s->ending.nid; i++)
		if (s->ending_ids[i] == (uint32_t)id)
			return;
	s->ending_ids[s->ending.nid++] = (uint32_t)id;
}

static void set_ending(struct speaker *s, const struct option_list *stop,
	bool ignore_eos)
{
	size_t i;

	s->ending = (struct ending){ .vocab = s->vocab, .ids = s->ending_ids,
		.strings = stop->v, .nstring = stop->n };
	for (i = 0; i < stop->n; i++)
		if (!*stop->v[i])
			die_usage("--stop: the string is empty");
	if (ignore_eos)
		return;
	add_ending(s, s->model->config.eos);
	if (s->vocab)
		add_ending(s, vocab_eot(s->vocab));
	for (i = 0; i < s->model->config.nmore_eos; i++)
		add_ending(s, s->model->config.more_eos[i]);
	if (s->can_chat)
		add_ending(s, template_stop(&s->template));
}

static void open_model(struct speaker *s, const char *dir)
{
	if (!dir)
		die_usage("no model: -m DIR");
	*s = (struct speaker){ .dir = dir, .model = model_load_packed(dir) };
	s->usable = s->model->config.vocab;
}

static void open_tokenizer(struct speaker *s)
{
	size_t tokens;

	s->vocab = vocab_open(s->dir, NULL);
	model_check_tokenizer(s->model, s->dir,
		vocab_hash_below(s->vocab, s->model->tokens));
	tokens = vocab_size(s->vocab);
	if (tokens > s->model->config.vocab)
		die("%s: the tokenizer has %zu tokens, the model only %zu",
			s->dir, tokens, s->model->config.vocab);
	s->usable = tokens;
	s->encoder = encoder_new(s->vocab);
	s->can_chat = template_find(&s->template, s->vocab, s->dir);
}

static void open_engine(struct speaker *s, size_t rows,
	const struct option_list *stop, bool ignore_eos)
{
	set_ending(s, stop, ignore_eos);
	s->decoder = decoder_new(s->model, rows);
	s->engine = engine_new(s->decoder);
}

void speaker_open(struct speaker *s, const char *dir, size_t rows,
	const struct option_list *stop, bool ignore_eos)
{
	open_model(s, dir);
	open_tokenizer(s);
	open_engine(s, rows, stop, ignore_eos);
}

static bool has_tokenizer(const char *dir)
{
	static const char *const names[] = { "tokenizer.json", "vocab.json" };
	bool found = false;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names && !found; i++) {
		char *file = path_join(dir, names[i]);

		found = file_exists(file);
		free(file);
	}
	return found;
}

void speaker_open_ids(struct speaker *s, const char *dir, size_t rows,
	const struct option_list *stop, bool ignore_eos)
{
	open_model(s, dir);
	if (stop->n || has_tokenizer(dir))
		open_tokenizer(s);
	open_engine(s, rows, stop, ignore_eos);
}

void speaker_close(struct speaker *s)
{
	engine_free(s->engine);
	decoder_free(s->decoder);
	template_free(&s->template);
	if (s->vocab) {
		encoder_free(s->encoder);
		vocab_free(s->vocab);
	}
	model_free(s->model);
	rendered_free(&s->rendered);
	buf_free(&s->why);
}

/* ---- prompts ---- */

static void take_rendered(struct speaker *s, struct ids *out)
{
	const struct ids *r = &s->rendered.ids;

	memcpy(ids_room(out, r->n), r->v, r->n * sizeof *r->v);
	out->n += r->n;
}

/* The prompt of messages, behind w's system message unless they have one.
 * line: NULL, or the object they came in. */
static const char *chat(struct speaker *s, const struct wording *w,
	const struct message *m, size_t n, const struct json *line,
	struct ids *out)
{
	bool add = w->system && n && strcmp(m[0].role, "system");
	struct message *v = xcalloc(n + 1, sizeof *v);
	struct dialogue d = { .v = v, .n = n + add, .prompt = true,
		.line = line };
	const char *why;

	if (add)
		v[0] = (struct message){ .role = "system",
			.content = w->system, .len = strlen(w->system) };
	if (n)
		memcpy(v + add, m, n * sizeof *v);
	why = template_render(&s->template, s->encoder, &d, &s->rendered);
	free(v);
	if (!why)
		take_rendered(s, out);
	return why;
}

void speaker_need_chat(const struct speaker *s)
{
	if (!s->can_chat)
		die("%s: %s", s->dir, s->template.why);
}

/* Opening what is missing says so. */
static void need_tokenizer(const struct speaker *s)
{
	if (!s->vocab)
		vocab_free(vocab_open(s->dir, NULL));
}

static const char *chat_text(struct speaker *s, const struct wording *w,
	const char *text, size_t len, struct ids *out)
{
	struct message m = { .role = "user", .content = text, .len = len };

	speaker_need_chat(s);
	return chat(s, w, &m, 1, NULL, out);
}

const char *speaker_text(struct speaker *s, const struct wording *w,
	const char *text, size_t len, struct ids *out)
{
	int64_t first = s->model->config.bos;

	need_tokenizer(s);
	if (w->chat || w->system) {
		chat_text(s, w, text, len, out);
		return NULL;
	}
	if (!len && !w->bos)
		return "the prompt is empty (--bos lets the model begin)";
	if (first < 0)
		first = vocab_eot(s->vocab);
	if (w->bos && first < 0)
		return "the model has no first token for --bos";
	if (w->bos)
		ids_add(out, (uint32_t)first);
	tok_encode(s->encoder, text, len, out);
	return NULL;
}

static const char *take_ids(struct speaker *s, const struct json *v,
	struct ids *out)
{
	struct json_iter it;
	struct json element;

	for (json_begin(&it, v); json_next(&it, NULL, &element);) {
		int64_t id;

		if (!json_int(&element, &id) || id < 0 ||
			(uint64_t)id >= s->model->config.vocab)
			return "'prompt_ids' holds what is no id of the model";
		ids_add(out, (uint32_t)id);
	}
	return out->n ? NULL : "'prompt_ids' is not a list of ids";
}

/* A last message of the assistant is left out: the model has to find it. */
static const char *take_messages(struct speaker *s, const struct wording *w,
	const struct json *list, const struct json *line, struct ids *out)
{
	struct reading r = { 0 };
	struct messages m = { 0 };
	const char *why = NULL;
	size_t n;

	need_tokenizer(s);
	speaker_need_chat(s);
	if (!messages_read(&r, &m, list, "user")) {
		buf_reset(&s->why);	/* r.why goes with its arena */
		buf_str(&s->why, r.why);
		why = buf_end(&s->why);
	}
	n = m.n;
	if (n && !strcmp(m.v[n - 1].role, "assistant"))
		n--;
	if (!why && !n)
		why = "there is no message to answer";
	if (!why)
		why = chat(s, w, m.v, n, line, out);
	messages_free(&m);
	reading_free(&r);
	return why;
}

const char *speaker_object(struct speaker *s, const struct wording *w,
	const struct json_fields *f, struct ids *out)
{
	struct json v;
	struct buf text = { 0 };
	const char *why;

	if (json_field_given(f, "prompt_ids", &v))
		return take_ids(s, &v, out);
	if (json_field_given(f, "messages", &v))
		return w->raw ? "'messages' need the chat template: not with "
			"--raw" : take_messages(s, w, &v, &f->object, out);
	if (!json_field_given(f, "prompt", &v))
		return "no 'prompt' and no 'messages'";
	if (v.type == JSON_ARRAY)
		return w->raw ? "a list of messages needs the chat template: "
			"not with --raw" :
			take_messages(s, w, &v, &f->object, out);
	if (!json_string(&v, &text))
		return "'prompt' is not a text";
	why = speaker_text(s, w, buf_end(&text), text.n, out);
	buf_free(&text);
	return why;
}

size_t speaker_room(const struct speaker *s, size_t n, int64_t wanted)
{
	size_t context = s->model->config.context;

	if (n >= context || wanted <= 0)
		return 0;
	return (size_t)wanted < context - n ? (size_t)wanted : context - n;
}

static double rate(uint64_t n, double seconds)
{
	return seconds > 0 ? (double)n / seconds : 0;
}

void speaker_summary(const struct speaker *s)
{
	const struct engine_stats *t = engine_stats(s->engine);

	progress_summary("read %" PRIu64 " tokens at %.0f/s, "
		"wrote %" PRIu64 " at %.0f/s", t->prompt_tokens,
		rate(t->prompt_tokens, t->read_seconds), t->tokens,
		rate(t->tokens, t->step_seconds));
}
