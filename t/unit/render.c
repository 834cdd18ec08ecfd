/* render.c - renders chat templates for t/350-template.t and
 * t/352-template-parity.t
 *
 *	render VOCAB DIR|-|=NAME ROLE CONTENT [ROLE CONTENT ...]
 *
 * Prints `id mask` lines, then a line `--` and the generation prompt.
 * DIR -: ChatML, added to the vocabulary; =NAME: the template of that name.
 *
 *	render -j DIR	conversations from standard input; prints for each
 *			{"ids":[...],"mask":[...],"prompt":[...],"stop":N}, prompt
 *			being the ids with the generation prompt, or {"error":..}
 *	render -w VOCAB DIR	writes tokenizer.json and its config into DIR
 *	render -f VOCAB		for each special token s and spellings of it,
 *				checks that content s renders without its id
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/token/template.h"

static void print_ids(const struct rendered *r, size_t from)
{
	size_t i;

	for (i = from; i < r->ids.n; i++)
		printf("%u %d\n", (unsigned)r->ids.v[i], r->mask[i]);
}

static void must(const char *why)
{
	if (why)
		die("%s", why);
}

static void open_template(struct template *t, struct vocab *v,
	const char *name)
{
	if (!strcmp(name, "-"))
		template_choose(t, v, "chatml");
	else if (*name == '=')
		template_choose(t, v, name + 1);
	else if (!template_find(t, v, name))
		die("%s", t->why);
}

static int render(int argc, char **argv)
{
	struct vocab *v = vocab_open(argv[0], NULL);
	struct message *m = xcalloc((size_t)argc, sizeof *m);
	bool *learn = xcalloc((size_t)argc, sizeof *learn);
	struct dialogue d = { .v = m, .learn = learn };
	struct rendered r = { 0 };
	struct template t;
	struct encoder *e;
	size_t from;

	open_template(&t, v, argv[1]);
	e = encoder_new(v);
	for (argv += 2; *argv; argv += 2, d.n++) {
		m[d.n] = (struct message){ .role = argv[0],
			.content = argv[1], .len = strlen(argv[1]) };
		learn[d.n] = !strcmp(argv[0], "assistant");
	}
	must(template_render(&t, e, &d, &r));
	print_ids(&r, 0);
	puts("--");
	from = r.ids.n;
	d.prompt = true;
	must(template_render(&t, e, &d, &r));
	print_ids(&r, from);
	rendered_free(&r);
	template_free(&t);
	encoder_free(e);
	vocab_free(v);
	free(m);
	free(learn);
	return 0;
}

/* ---- conversations ---- */

static const char *render_both(const struct template *t, struct encoder *e,
	struct dialogue *d, struct rendered *r, struct buf *out)
{
	const char *why = template_render(t, e, d, r);
	int32_t *mask;
	size_t i;

	if (why)
		return why;
	mask = xcalloc(r->ids.n + 1, sizeof *mask);
	for (i = 0; i < r->ids.n; i++)
		mask[i] = r->mask[i];
	buf_str(out, "{\"ids\":");
	json_add_ints(out, (const int32_t *)r->ids.v, r->ids.n);
	buf_str(out, ",\"mask\":");
	json_add_ints(out, mask, r->ids.n);
	free(mask);
	d->prompt = true;
	why = template_render(t, e, d, r);
	if (why)
		return why;
	buf_str(out, ",\"prompt\":");
	json_add_ints(out, (const int32_t *)r->ids.v, r->ids.n);
	buf_printf(out, ",\"stop\":%d}\n", (int)template_stop(t));
	return NULL;
}

static int render_lines(const char *dir)
{
	struct vocab *v = vocab_open(dir, NULL);
	struct conversations *in = conversations_open(NULL, "conversation");
	struct conversation c;
	struct rendered r = { 0 };
	struct buf out = { 0 };
	struct template t;
	struct encoder *e;
	size_t i;

	if (!template_find(&t, v, dir))
		die("%s", t.why);
	e = encoder_new(v);
	while (conversations_next(in, &c)) {
		bool *learn = xcalloc(c.n, sizeof *learn);
		struct dialogue d = { .v = c.v, .n = c.n, .learn = learn,
			.line = &c.json };
		const char *why;

		for (i = 0; i < c.n; i++)
			learn[i] = !strcmp(c.v[i].role, "assistant");
		buf_reset(&out);
		why = render_both(&t, e, &d, &r, &out);
		if (why) {
			buf_reset(&out);
			buf_str(&out, "{\"error\":");
			json_add_cstring(&out, why);
			buf_str(&out, "}\n");
		}
		fwrite(out.p, 1, out.n, stdout);
		free(learn);
	}
	conversations_close(in);
	rendered_free(&r);
	buf_free(&out);
	template_free(&t);
	encoder_free(e);
	vocab_free(v);
	return 0;
}

static int write_directory(const char *vocab, const char *dir)
{
	struct vocab *v = vocab_open(vocab, NULL);
	struct template t;

	template_choose(&t, v, "chatml");
	template_write_tokenizer(&t, v, dir, 128);
	template_free(&t);
	vocab_free(v);
	return 0;
}

/* ---- content that spells special tokens ---- */

/* Number of ids of special tokens in the message. */
static int specials_in(const struct template *t, struct encoder *e,
	const char *s, size_t n)
{
	struct message m = { .role = "user", .content = s, .len = n };
	struct dialogue d = { .v = &m, .n = 1 };
	struct rendered r = { 0 };
	int count = 0;
	size_t i;

	must(template_render(t, e, &d, &r));
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

	template_choose(&t, v, "chatml");
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
	if (argc == 3 && !strcmp(argv[1], "-j"))
		return render_lines(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "-w"))
		return write_directory(argv[2], argv[3]);
	if (argc < 5 || argc % 2 == 0)
		die_usage("VOCAB DIR ROLE CONTENT ...");
	return render(argc, argv + 1);
}
