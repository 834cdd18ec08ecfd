/* jinja.c - templates executed, for t/351-jinja.t
 *
 *	jinja [-m] FILE	reads lines {"template":"...","vars":{...}} and prints
 *			{"text":"..."} or {"error":"..."} for each; if vars is
 *			missing, those of an earlier line are used. With -m also
 *			"mark", one character per byte: 0 for the template's own
 *			text, 1 for text from vars.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/format/records.h"
#include "common/token/jinja.h"
#include "common/token/jinja_value.h"

static void set_vars(void *ctx, struct jinja_heap *h, struct jv_dict *vars)
{
	const struct json *v = ctx;
	struct json_iter it;
	struct json key, value;

	for (json_begin(&it, v); json_next(&it, &key, &value);)
		jv_set(h, vars, jv_from_json(h, &key, 0), jv_from_json(h,
			&value, JINJA_DATA));
}

static void put_result(struct buf *b, const struct jinja_output *o, bool marks)
{
	size_t i;

	buf_str(b, "{\"text\":");
	json_add_string(b, o->p, o->n);
	if (marks) {
		buf_str(b, ",\"mark\":\"");
		for (i = 0; i < o->n; i++)
			buf_putc(b, '0' + (o->mark ? o->mark[i] : 0));
		buf_putc(b, '"');
	}
	buf_str(b, "}\n");
}

static void put_error(struct buf *b, const char *why)
{
	buf_str(b, "{\"error\":");
	json_add_cstring(b, why);
	buf_str(b, "}\n");
}

static void one(const struct record *rec, struct json *vars, bool marks,
	struct buf *b)
{
	struct json line, template, own;
	struct jinja_output o;
	struct jinja_run *run;
	struct jinja *j;
	const char *why;
	char *text, *bad;

	if (!json_check(rec->p, rec->n, &line, NULL) ||
		!json_get(&line, "template", &template))
		die("not a line of a test");
	if (json_get(&line, "vars", &own)) {
		char *copy = xstrndup(own.p, own.n);	/* kept to the end */

		json_check(copy, own.n, vars, NULL);
	}
	text = json_strdup(&template);
	j = jinja_parse(text, strlen(text), "template", &bad);
	if (!j) {
		put_error(b, bad);
		free(bad);
	} else {
		run = jinja_begin(j);
		if (jinja_render(run, set_vars, vars, &o, &why))
			put_result(b, &o, marks);
		else
			put_error(b, why);
		jinja_end(run);
	}
	jinja_free(j);
	free(text);
}

int main(int argc, char **argv)
{
	bool marks = argc > 1 && !strcmp(argv[1], "-m");
	struct records *in;
	struct record rec;
	struct json vars = { 0 };
	struct buf b = { 0 };

	err_init(argv[0]);
	in = records_open(argv + 1 + marks, "case");
	while (records_next(in, &rec)) {
		one(&rec, &vars, marks, &b);
		fwrite(b.p, 1, b.n, stdout);
		buf_reset(&b);
	}
	records_close(in);
	buf_free(&b);
	return 0;
}
