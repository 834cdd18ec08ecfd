/* weights.c - what -w says: see weights.h */
#include "cmd/grade/weights.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/options.h"

static double read_weight(const char *s, const char *end)
{
	char *stop;
	double w = strtod(s, &stop);

	if (stop != end || stop == s)
		die_usage("--weight: '%.*s' is not a number", (int)(end - s), s);
	option_range_real("weight", w, -1e30, 1e30);
	return w;
}

static void set_weight(struct judge **judges, size_t n, const char *s,
	const char *end)
{
	const char *value = memchr(s, '=', (size_t)(end - s));
	size_t i;

	if (!value && n > 1)
		die_usage("--weight: which grader has '%s'? Several are "
			"NAME=X,NAME=X", s);
	for (i = 0; value && i < n; i++)
		if (strlen(judges[i]->name) == (size_t)(value - s) &&
			!memcmp(judges[i]->name, s, (size_t)(value - s)))
			break;
	if (value && i == n)
		die_usage("--weight: there is no grader '%.*s'",
			(int)(value - s), s);
	judges[value ? i : 0]->weight = read_weight(value ? value + 1 : s,
		end);
}

void weights_set(struct judge **judges, size_t n, const char *s)
{
	const char *end;

	for (; s; s = *end ? end + 1 : NULL) {
		end = s + strcspn(s, ",");
		set_weight(judges, n, s, end);
	}
}
