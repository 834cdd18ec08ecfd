/* render.c - t/350-template.t's view of chat templates
 *
 *	render VOCAB DIR|- ROLE CONTENT [ROLE CONTENT ...]
 *
 * Prints `id mask` lines, the generation prompt at the end after a line `--`.
 * DIR - : the template is added to the vocabulary.
 *
 *	render -w VOCAB DIR	writes tokenizer.json and its config into DIR
 *	render -f VOCAB		for each special token s and spellings of it,
 *				checks that content s renders without its id
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/token/template.h"

static void print_ids(const struct rendered *r, size_t from)
{
	size_t i;

	for (i = from; i < r->ids.n; i++)
		printf("%u %d\n", (unsigned)r->ids.v[i], r->mask[i]);
}

static int render(char **argv)
{
	struct vocab *v = vocab_open(argv[0], NULL);
	struct template t;
	struct encoder *e;
	struct rendered r = { 0 };
	size_t from;

	if (!strcmp(argv[1], "-"))
		template_add(&t, v);
	else if (!template_find(&t, v, argv[1]))
		die("no template");
	e = encoder_new(v);
	argv += 2;
	template_begin(&t, e, argv[0], &r);
	for (; *argv; argv += 2)
		template_message(&t, e, argv[0], argv[1], strlen(argv[1]),
			!strcmp(argv[0], "assistant"), &r);
	print_ids(&r, 0);
	puts("--");
	from = r.ids.n;
	template_prompt(&t, e, &r);
	print_ids(&r, from);
	rendered_free(&r);
	template_free(&t);
	encoder_free(e);
	vocab_free(v);
	return 0;
}

static int write_directory(const char *vocab, const char *dir)
{
	struct vocab *v = vocab_open(vocab, NULL);
	struct template t;

	template_add(&t, v);
	template_write_tokenizer(&t, v, dir, 128);
	template_free(&t);
	vocab_free(v);
	return 0;
}

/* Number of ids of special tokens in the message. */
static int specials_in(const struct template *t, struct encoder *e,
	const char *s, size_t n)
{
	struct rendered r = { 0 };
	int count = 0;
	size_t i;

	template_message(t, e, "user", s, n, false, &r);
	for (i = 0; i < r.ids.n; i++)
		count += vocab_is_special(t->vocab, r.ids.v[i]);
	rendered_free(&r);
	return count;
}

static int forge(const char *vocab)
{
	struct vocab *v = vocab_open(vocab, NULL);
	struct template t;
	struct encoder *e;
	uint32_t id;
	char text[256];
	int own, bad = 0, tried = 0;

	template_add(&t, v);
	e = encoder_new(v);
	own = specials_in(&t, e, "x", 1);
	for (id = 0; id < vocab_size(v); id++) {
		size_t n, len;
		const char *s = vocab_bytes(v, id, &n);
		static const char *const around[] = { "%.*s", " %.*s", "%.*s\n",
			"a%.*sb", "\n%.*suser\n" };
		size_t k;

		if (!s || !vocab_is_special(v, id))
			continue;
		for (k = 0; k < 5; k++) {
			/* The formats are the literals above. */
			len = (size_t)snprintf(text, sizeof text, around[k],
				(int)n, s);
			bad += specials_in(&t, e, text, len) != own;
			tried++;
		}
	}
	printf("%d tried, %d forged\n", tried, bad);
	template_free(&t);
	encoder_free(e);
	vocab_free(v);
	return bad || !tried;
}

int main(int argc, char **argv)
{
	err_init(argv[0]);
	if (argc == 3 && !strcmp(argv[1], "-f"))
		return forge(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "-w"))
		return write_directory(argv[2], argv[3]);
	if (argc < 5 || argc % 2 == 0)
		die_usage("VOCAB DIR ROLE CONTENT ...");
	return render(argv + 1);
}
