/* template_parts.h - shared by template*.c */
#ifndef PIPELM_TEMPLATE_PARTS_H
#define PIPELM_TEMPLATE_PARTS_H

#include "common/token/template.h"

/* Sets t->close and t->opening by rendering small conversations. */
void template_probe(struct template *t);

/* The text of d, in memory that jinja_end(run) frees; false sets *why. */
bool template_text(const struct template *t, struct jinja_run *run,
	const struct dialogue *d, struct jinja_output *out, const char **why);

/* A piece of rendered text: a special token, or the text between two. */
struct template_piece {
	size_t at, n;
	int64_t id;		/* -1: text */
};
struct template_pieces {
	struct template_piece *v;
	size_t n, cap;
};

/* Splits text at the special tokens that the template's own text spells. */
void template_cut(const struct template *t, const struct jinja_output *text,
	struct template_pieces *out);

/* Sets learn (text->n) to 1 on the bytes that an assistant writes. */
void template_mark(const struct template *t, const struct jinja_output *text,
	const struct template_pieces *pieces, unsigned char *learn);

#endif
