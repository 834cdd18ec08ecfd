/* template_conversation.c - what is learned of a conversation: see template.h */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/template.h"

const char *template_conversation(const struct template *t, struct encoder *e,
	const struct conversation *c, bool prompt, struct rendered *out)
{
	bool *learn = xcalloc(c->n, sizeof *learn);
	struct dialogue talk = { .v = c->v, .n = c->n, .learn = learn,
		.prompt = prompt, .line = &c->json };
	const char *why;
	size_t i;

	for (i = 0; i < c->n; i++)
		learn[i] = !strcmp(c->v[i].role, "assistant") &&
			!c->v[i].unlearned &&
			(!c->divided || i >= c->nprompt);
	why = template_render(t, e, &talk, out);
	free(learn);
	return why;
}

const char *template_answer(const struct template *t, struct encoder *e,
	const struct conversation *c, const struct message *answer, size_t n,
	struct rendered *out)
{
	size_t all = c->nprompt + n, i;
	struct message *v = xcalloc(all, sizeof *v);
	bool *learn = xcalloc(all, sizeof *learn);
	struct dialogue d = { .v = v, .n = all, .learn = learn,
		.line = &c->json };
	const char *why;

	for (i = 0; i < all; i++) {
		v[i] = i < c->nprompt ? c->v[i] : answer[i - c->nprompt];
		learn[i] = i >= c->nprompt && !strcmp(v[i].role, "assistant");
	}
	why = template_render(t, e, &d, out);
	free(v);
	free(learn);
	return why;
}
