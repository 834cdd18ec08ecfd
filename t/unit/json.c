/* json - the JSON reader and writer, applied to lines of standard input
 *
 * json			one line of output each: "ok" and the value rebuilt
 *			from its parts, or "bad BYTE WHAT"
 * json path PATH	the text of the value at PATH, or "-"
 * json edit PATH VALUE [PATH VALUE ...]	the object with values set
 */
#include <stdio.h>
#include <string.h>

#include "common/format/jsonedit.h"
#include "common/format/jsonscan.h"
#include "common/format/jsonwrite.h"
#include "common/format/records.h"

/* v, rebuilt through the getters. */
static void rebuild(const struct json *v, struct buf *out)
{
	struct json_iter it;
	struct json key, value;
	struct buf s = { 0 };
	int64_t i;
	double d;

	if (v->type == JSON_STRING) {
		json_string(v, &s);
		json_add_string(out, s.p, s.n);
		buf_free(&s);
	} else if (v->type == JSON_NUMBER) {
		json_double(v, &d);
		if (json_int(v, &i) && d == (double)i && v->n < 18 && i)
			json_add_int(out, i);
		else
			json_add_double(out, d);
	} else if (v->type == JSON_ARRAY || v->type == JSON_OBJECT) {
		bool object = v->type == JSON_OBJECT;

		buf_putc(out, object ? '{' : '[');
		json_begin(&it, v);
		while (json_next(&it, &key, &value)) {
			if (out->p[out->n - 1] != (object ? '{' : '['))
				buf_putc(out, ',');
			if (object) {
				rebuild(&key, out);
				buf_putc(out, ':');
			}
			rebuild(&value, out);
		}
		buf_putc(out, object ? '}' : ']');
	} else {
		buf_add(out, v->p, v->n);
	}
}

static void edit(const struct record *rec, char **args, struct buf *out)
{
	struct json_fields f = { 0 };
	struct json_edits e = { 0 };

	if (!json_object(rec->p, rec->n, &f, NULL))
		die("not an object");
	for (; args[0] && args[1]; args += 2)
		json_edit(&e, args[0], args[1], strlen(args[1]));
	json_edits_apply(&e, rec->p, rec->n, &f, out);
	json_edits_free(&e);
	json_fields_free(&f);
}

int main(int argc, char **argv)
{
	struct records *r;
	struct record rec;
	struct buf out = { 0 };
	struct json_error e;
	struct json v, part;

	err_init(argv[0]);
	r = records_open(NULL, "line");
	while (records_next(r, &rec)) {
		buf_reset(&out);
		if (!json_check(rec.p, rec.n, &v, &e))
			buf_printf(&out, "bad %zu %s", e.at, e.what);
		else if (argc > 2 && !strcmp(argv[1], "path"))
			json_path(&v, argv[2], &part) ?
				buf_add(&out, part.p, part.n) :
				buf_str(&out, "-");
		else if (argc > 2)
			edit(&rec, argv + 2, &out);
		else
			buf_str(&out, "ok "), rebuild(&v, &out);
		fwrite(out.p, 1, out.n, stdout);
		putchar('\n');
	}
	records_close(r);
	buf_free(&out);
	return 0;
}
