/* doc_chain.c - the commands that made documents: see doc_chain.h */
#include "common/format/doc_chain.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/options.h"
#include "common/format/jsonwrite.h"
#include "common/format/tokstream.h"

static const char path[] = "metadata.provenance";

/* "crawlclean --languages=en": omits options that do not affect the output, so
 * that equal documents have equal bytes whatever those options are. */
static void add_command(struct buf *b)
{
	static const char *const but[] = {
		"threads", "output", "quiet", "verbose", "strict", "stats",
		"clusters", "memory", NULL
	};
	char *text = options_text(but), *s = text;
	size_t n;

	buf_str(b, err_program());
	for (; *s; s += n + (s[n] == '\n')) {
		n = strcspn(s, "\n");
		buf_str(b, " --");
		buf_add(b, s, n);
	}
	buf_end(b);
	free(text);
}

void doc_chain_add(struct doc *doc, bool begin)
{
	struct buf command = { 0 }, array = { 0 };
	struct json old;
	bool has = doc_get(doc, path, &old) && old.type == JSON_ARRAY;

	if (!has && !begin)
		return;
	/* The existing array without its closing bracket. */
	if (has)
		buf_add(&array, old.p, old.n - 1);
	else
		buf_putc(&array, '[');
	if (has && json_count(&old))
		buf_putc(&array, ',');
	add_command(&command);
	json_add_string(&array, command.p, command.n);
	buf_putc(&array, ']');
	doc_set_json(doc, path, buf_end(&array), array.n);
	buf_free(&command);
	buf_free(&array);
}

void doc_chain_add_line(struct buf *line, bool begin)
{
	struct doc doc = { .rec = { .p = line->p, .n = line->n - 1,
		.whole = true } };
	struct buf out = { 0 };

	if (doc_parse(&doc, NULL)) {
		doc_chain_add(&doc, begin);
		doc_pass_to(&doc, &out);
		buf_reset(line);
		buf_add(line, out.p, out.n);
	}
	doc_free(&doc);
	buf_free(&out);
}

void doc_chain_collect(const struct doc *doc, struct buf *lines)
{
	struct buf command = { 0 };
	struct json array, v;
	struct json_iter it;
	size_t i;

	if (!doc_get(doc, path, &array))
		return;
	json_begin(&it, &array);
	while (json_next(&it, NULL, &v)) {
		buf_reset(&command);
		if (!json_string(&v, &command))
			continue;
		/* An entry of a chain must be one line, whoever wrote it. */
		for (i = 0; i < command.n; i++)
			if ((unsigned char)command.p[i] < ' ')
				command.p[i] = '?';
		tok_chain_add(lines, buf_end(&command));
	}
	buf_free(&command);
}
