/* page.c - tokenize --html: see tokenize.h */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/tokenize/tokenize.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/format/conversation.h"
#include "common/format/doc.h"
#include "common/token/encode.h"
#include "common/token/template.h"
#include "common/token/token_page.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_DOCS 1024

/* A vocabulary, and what it encodes the current text to. */
struct voice {
	struct vocab *v;
	struct encoder *encoder;
	struct template template;
	struct rendered text;
};

static struct {
	const struct page_options *o;
	size_t n;
	struct voice *voice;		/* (n) */
	struct token_vocab *names;	/* (n) */
	struct token_page *page;
	uint64_t texts;
	struct buf title;
} w;

static void open_voices(const struct page_options *o)
{
	size_t i;

	w.o = o;
	w.n = o->tokenizers.n;
	w.voice = xcalloc(w.n, sizeof *w.voice);
	w.names = xcalloc(w.n, sizeof *w.names);
	for (i = 0; i < w.n; i++) {
		struct voice *x = &w.voice[i];
		const char *name = o->tokenizers.v[i];

		x->v = vocab_open(name, o->pattern);
		x->encoder = encoder_new(x->v);
		w.names[i] = (struct token_vocab){ name, x->v };
		if (o->chat && !template_find(&x->template, x->v, name))
			die("%s: %s", name, x->template.why);
	}
}

static void close_voices(void)
{
	size_t i;

	for (i = 0; i < w.n; i++) {
		if (w.o->chat)
			template_free(&w.voice[i].template);
		encoder_free(w.voice[i].encoder);
		vocab_free(w.voice[i].v);
		rendered_free(&w.voice[i].text);
	}
	free(w.voice);
	free(w.names);
	buf_free(&w.title);
}

/* Puts the text on the page, once every vocabulary has encoded it. */
static void put_text(size_t bytes)
{
	size_t i;

	token_page_text(w.page, buf_end(&w.title), bytes);
	for (i = 0; i < w.n; i++) {
		const struct rendered *x = &w.voice[i].text;

		token_page_column(w.page, x->ids.v, x->ids.n,
			w.o->chat ? x->mask : NULL);
	}
	w.texts++;
	if (progress_due())
		progress_print("documents=%" PRIu64, w.texts);
}

static void encode(const char *text, size_t len, const char *file,
	uint64_t line)
{
	size_t i;

	for (i = 0; i < w.n; i++) {
		struct voice *x = &w.voice[i];

		x->text.ids.n = 0;
		encoder_place(x->encoder, file, line);
		tok_encode(x->encoder, text, len, &x->text.ids);
	}
	put_text(len);
}

static void put_raw(char **files)
{
	for (files = input_names(files); *files; files++) {
		size_t len;
		char *text = file_read(*files, &len);
		const char *name = strcmp(*files, "-") ? *files :
			"standard input";

		buf_reset(&w.title);
		buf_str(&w.title, name);
		encode(text, len, name, 0);
		free(text);
	}
}

static void put_documents(char **files)
{
	struct docs *in = docs_open(files);
	struct doc_batch b = { 0 };
	size_t i, n;

	while (docs_batch_texts(in, &b, BATCH_BYTES, BATCH_DOCS))
		for (i = 0; i < b.n; i++) {
			const char *s;

			if (!doc_batch_good(in, &b, i))
				continue;
			buf_reset(&w.title);
			s = doc_id(&b.v[i], &n);
			buf_add(&w.title, s, n);
			s = doc_text(&b.v[i], &n);
			encode(s, n, b.v[i].rec.file, b.v[i].rec.line);
		}
	doc_batch_free(&b);
	docs_close(in);
}

/* Ends in the generation prompt unless the assistant has the last word. */
static const char *render(const struct conversation *c)
{
	bool prompt = !c->n || strcmp(c->v[c->n - 1].role, "assistant") != 0;
	const char *why = NULL;
	size_t i;

	for (i = 0; i < w.n && !why; i++)
		why = template_conversation(&w.voice[i].template,
			w.voice[i].encoder, c, prompt, &w.voice[i].text);
	return why;
}

static void put_conversations(char **files)
{
	struct conversations *in = conversations_open(files, "conversation");
	struct conversation c = { 0 };

	while (conversations_next(in, &c)) {
		const char *why = render(&c);
		struct json id;

		if (why) {
			conversations_bad(in, why);
			continue;
		}
		buf_reset(&w.title);
		if (!json_get(&c.json, "id", &id) ||
			!json_string(&id, &w.title))
			buf_printf(&w.title, "%s:%" PRIu64, c.rec.file,
				c.rec.line);
		put_text(0);
	}
	conversations_close(in);
}

void page_files(const struct page_options *o, char **files)
{
	struct output *out;

	open_voices(o);
	out = output_open(o->output);
	w.page = token_page_begin(out, w.names, w.n);
	if (o->chat)
		put_conversations(files);
	else if (o->raw)
		put_raw(files);
	else
		put_documents(files);
	token_page_end(w.page);
	output_close(out);
	progress_summary("documents=%" PRIu64 " vocabularies=%zu", w.texts,
		w.n);
	close_voices();
}
