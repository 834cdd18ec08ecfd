/* turns DIR - the ids of answers in later prompts: t/735-tools.t
 *
 * The model's template must be ChatML.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/sample/chat_turn.h"
#include "common/token/template.h"

static struct vocab *vocab;
static struct encoder *encoder;

/* Appends a text, after a special token if name is not NULL. */
static void put(struct ids *out, const char *name, const char *text)
{
	if (name)
		ids_add(out, (uint32_t)vocab_special(vocab, name));
	tok_encode(encoder, text, strlen(text), out);
}

/* An answer with ids that no text gives. */
static struct chat_turn called(bool ended)
{
	struct chat_turn t = chat_turn_new("assistant", "1+23.", 5);

	put(&t.ids, "<|python_start|>", "1+2");
	put(&t.ids, "<|python_end|>", "3.");
	if (ended)
		put(&t.ids, "<|im_end|>", "");
	return t;
}

static void render(const struct template *t, struct rendered *r)
{
	static const struct message v[] = {
		{ .role = "user", .content = "a", .len = 1 },
		{ .role = "assistant", .content = "1+23.", .len = 5 },
		{ .role = "user", .content = "b", .len = 1 },
		{ .role = "assistant", .content = "1+23.", .len = 5 },
		{ .role = "user", .content = "c", .len = 1 },
	};
	static const bool answers[] = { false, true, false, true, false };
	const struct dialogue d = { .v = v, .n = 5, .prompt = true,
		.learn = answers };
	const char *why = template_render(t, encoder, &d, r);

	if (why)
		die("%s", why);
}

static void expect(struct ids *want)
{
	put(want, "<|im_start|>", "user\na");
	put(want, "<|im_end|>", "\n");
	put(want, "<|im_start|>", "assistant\n1+23.");
	put(want, "<|im_end|>", "\n");
	put(want, "<|im_start|>", "user\nb");
	put(want, "<|im_end|>", "\n");
	put(want, "<|im_start|>", "assistant\n");
	put(want, "<|python_start|>", "1+2");
	put(want, "<|python_end|>", "3.");
	put(want, "<|im_end|>", "\n");
	put(want, "<|im_start|>", "user\nc");
	put(want, "<|im_end|>", "\n");
	put(want, "<|im_start|>", "assistant\n");
}

int main(int argc, char **argv)
{
	struct chat_turn first = chat_turn_new("assistant", "1+23.", 5);
	struct template t;
	struct rendered r = { 0 };
	struct ids want = { 0 };
	int ended, bad = 0;

	vocab = vocab_open(argv[1], NULL);
	encoder = encoder_new(vocab);
	if (!template_find(&t, vocab, argv[1]))
		die("%s", t.why);
	expect(&want);
	/* Whether the answer has the token that ends it, or was cut. */
	for (ended = 0; ended < 2; ended++) {
		struct chat_turn second = called(ended);
		const struct chat_turn *const v[] = { &first, &second };

		render(&t, &r);
		chat_turns_exact(&r, v, 2);
		if (r.ids.n != want.n || memcmp(r.ids.v, want.v,
				want.n * sizeof *want.v)) {
			printf("not the ids of the answer (%d)\n", ended);
			bad = 1;
		}
		chat_turn_free(&second);
	}
	chat_turn_free(&first);
	rendered_free(&r);
	ids_free(&want);
	template_free(&t);
	encoder_free(encoder);
	vocab_free(vocab);
	return bad;
}
