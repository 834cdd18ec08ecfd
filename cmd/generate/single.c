/* single.c - the only prompt of a run: see single.h */
#include "cmd/generate/single.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"

char *single_read(const char *operand, size_t *n)
{
	char *prompt;

	if (operand && strcmp(operand, "-")) {
		*n = strlen(operand);
		return xstrdup(operand);
	}
	if (isatty(STDIN_FILENO) && !option_quiet)
		warn("reading the prompt from the terminal, up to Ctrl-D");
	prompt = file_read("-", n);
	if (*n && prompt[*n - 1] == '\n')
		prompt[--*n] = 0;
	return prompt;
}

static void read_ids(const char *s, size_t vocab, struct ids *ids)
{
	for (;;) {
		char *end;
		unsigned long id;

		while (isspace((unsigned char)*s))
			s++;
		if (!*s)
			break;
		errno = 0;
		id = strtoul(s, &end, 10);
		if (!isdigit((unsigned char)*s) || errno ||
			id >= vocab ||
			(*end && !isspace((unsigned char)*end)))
			die("the prompt: '%.20s' is not an id of the model", s);
		ids_add(ids, (uint32_t)id);
		s = end;
	}
	if (!ids->n)
		die("the prompt is empty");
}

struct request *single_request(struct generator *g,
	const struct prompt_format *f, bool ids, const char *prompt, size_t n)
{
	struct request *q = request_new();
	const char *why = NULL;

	if (ids)
		read_ids(prompt, g->model->config.vocab, &q->ids);
	else
		why = prompt_from_text(g, f, prompt, n, &q->ids);
	if (why)
		die("%s", why);
	return q;
}
