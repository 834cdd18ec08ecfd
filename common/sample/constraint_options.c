/* constraint_options.c - the options of constraints: see constraint_options.h */
#include "common/sample/constraint_options.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

static bool is_inline(const char *option)
{
	option += strspn(option, " \t\r\n");
	return !*option || *option == '{';
}

/* The text of a schema: the option itself, or that of the file. */
static char *schema_text(const char *option, size_t *n)
{
	if (!is_inline(option))
		return file_read(option, n);
	if (!*option)
		option = "true";
	*n = strlen(option);
	return xstrdup(option);
}

static struct constraint *from_schema(const char *option)
{
	const char *name = is_inline(option) ? "--json" : option;
	struct json_error error;
	struct json schema;
	struct buf why = { 0 };
	struct constraint *c;
	size_t n, mark;
	char *text = schema_text(option, &n);

	mark = utf8_mark(text, n);
	if (!json_check(text + mark, n - mark, &schema, &error))
		die("%s: not JSON: byte %zu: %s", name, error.at + mark + 1,
			error.what);
	c = constraint_schema(&schema, &why);
	if (!c)
		die("%s: %s", name, why.p);
	buf_free(&why);
	free(text);
	return c;
}

struct constraint *constraint_chosen(const struct constraint_options *o)
{
	if (o->regex && o->json)
		die_usage("--regex and --json exclude each other");
	if (o->regex)
		return constraint_regex(o->regex, "--regex");
	return o->json ? from_schema(o->json) : NULL;
}
