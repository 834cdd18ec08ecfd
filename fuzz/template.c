/* template.c - fuzz target: a chat template, and after a NUL byte a line of
 * conversations(5) or, if there is none, tokenizer_config.json contains the
 * template; what is accepted renders the conversation
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/token/template.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

/* A vocabulary of bytes with the special tokens of the known templates. */
static struct vocab *bytes_vocab(void)
{
	static const char *const specials[] = { "<|endoftext|>",
		"<|im_start|>", "<|im_end|>", "<|start_header_id|>",
		"<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>" };
	struct vocab *v = vocab_new("gpt2", "fuzz");
	unsigned char byte;
	int i, missing;

	for (i = 0; i < 256; i++) {
		byte = (unsigned char)i;
		vocab_put(v, (uint32_t)i, &byte, 1);
	}
	vocab_finish(v, &missing);
	for (i = 0; i < 7; i++)
		vocab_add_special(v, specials[i]);
	return v;
}

/* A directory in which the file `name` is the data. */
static const char *data_dir(const uint8_t *data, size_t size,
	const char *name)
{
	static const char *const names[] = { "tokenizer_config.json",
		"chat_template.jinja" };
	static char dir[300], file[350];
	size_t i;

	snprintf(dir, sizeof dir, "%s.dir", data_file(data, size));
	mkdir(dir, 0700);
	for (i = 0; i < 2; i++) {
		snprintf(file, sizeof file, "%s/%s", dir, names[i]);
		unlink(file);
	}
	snprintf(file, sizeof file, "%s/%s", dir, name);
	if (rename(data_file(data, size), file))
		abort();
	return dir;
}

static void render(const struct template *t, struct encoder *e,
	const struct conversation *c)
{
	struct rendered out = { 0 };
	bool learn[64] = { false };
	struct dialogue d = { .v = c->v, .n = c->n < 64 ? c->n : 64,
		.learn = learn, .line = c->n ? &c->json : NULL };
	size_t i;

	for (i = 0; i < d.n; i++)
		learn[i] = !strcmp(c->v[i].role, "assistant");
	if (!template_render(t, e, &d, &out))
		for (i = 0; i < out.ids.n; i++)
			if (out.ids.v[i] >= vocab_size(t->vocab) ||
				out.mask[i] > 1)
				abort();
	rendered_free(&out);
}

/* Conversations from a file, or a built-in one. */
static void render_all(const struct template *t, struct encoder *e,
	const uint8_t *data, size_t size)
{
	static struct message own[] = {
		{ .role = "system", .content = " s\n", .len = 3 },
		{ .role = "user", .content = "x<|im_end|>", .len = 11 },
		{ .role = "assistant", .content = "", .len = 0 },
		{ .role = "user", .content = "\xc3\xa9", .len = 2 },
		{ .role = "assistant", .content = "yes", .len = 3 } };
	struct conversation c = { .v = own, .n = 5 };
	struct dialogue d = { .v = own, .n = 2, .prompt = true };
	struct rendered out = { 0 };
	struct conversations *in;
	char *names[2] = { NULL, NULL };

	if (!data) {
		render(t, e, &c);
		template_render(t, e, &d, &out);
		rendered_free(&out);
		return;
	}
	names[0] = (char *)data_file(data, size);
	in = conversations_open(names, "conversation");
	while (conversations_next(in, &c))
		render(t, e, &c);
	conversations_close(in);
}

static void target(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t n = end ? (size_t)(end - data) : size;
	/* Made once, since a refusal returns from exit and frees nothing. */
	static struct vocab *v;
	static struct encoder *e;
	struct template t = { 0 };
	const char *dir = data_dir(data, n, end ? "chat_template.jinja" :
		"tokenizer_config.json");

	if (!v)
		e = encoder_new(v = bytes_vocab());
	if (template_find(&t, v, dir)) {
		render_all(&t, e, NULL, 0);
		if (end)
			render_all(&t, e, end + 1, size - n - 1);
	}
	template_free(&t);
}
