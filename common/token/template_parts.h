/* template_parts.h - what the halves of template.c share */
#ifndef PIPELM_TEMPLATE_PARTS_H
#define PIPELM_TEMPLATE_PARTS_H

#include "common/token/template.h"

/* Sets t->close and t->opening by rendering small conversations. */
void template_probe(struct template *t);

/* The text of d, of which jinja_end(run) takes the memory; false, and *why. */
bool template_text(const struct template *t, struct jinja_run *run,
	const struct dialogue *d, struct jinja_output *out, const char **why);

/* Pieces of rendered text: a special token, or what is between two. */
struct template_piece {
	size_t at, n;
	int64_t id;		/* -1: text */
};
struct template_pieces {
	struct template_piece *v;
	size_t n, cap;
};

/* Cuts text at the special tokens that the template's own text spells. */
void template_cut(const struct template *t, const struct jinja_output *text,
	struct template_pieces *out);

/* learn (text->n) becomes 1 on the bytes that an assistant writes. */
void template_mark(const struct template *t, const struct jinja_output *text,
	const struct template_pieces *pieces, unsigned char *learn);

#endif
