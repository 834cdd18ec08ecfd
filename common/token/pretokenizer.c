/* pretokenizer.c - applies the steps: see pretokenizer.h */
#include "common/token/pretokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/token/pretokenizer_parts.h"
#include "common/token/vocab_parts.h"

void pretokenizer_free(struct pretokenizer *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->n; i++)
		splitter_free(p->v[i].splitter);
	free(p->v);
	buf_free(&p->name);
	free(p);
}

const char *pretokenizer_name(const struct pretokenizer *p)
{
	return p->name.p;
}

static bool is_named(const struct step *s, const char *name)
{
	return s->splitter && !s->mapped &&
		!strcmp(splitter_name(s->splitter), name);
}

/* Known patterns match everything, so they leave no gaps to drop. */
static bool keeps_words(const struct step *s)
{
	if (!s->splitter || s->mapped)
		return false;
	return s->behavior == SPLIT_ISOLATED ||
		(s->behavior == SPLIT_REMOVED && s->invert &&
		splitter_is_known(s->splitter));
}

struct splitter *pretokenizer_one(struct pretokenizer *p)
{
	struct splitter *s = NULL;

	if (p->n == 1 && keeps_words(&p->v[0])) {
		s = p->v[0].splitter;
		p->v[0].splitter = NULL;
	} else if (p->n == 2 && keeps_words(&p->v[0]) &&
		is_named(&p->v[0], "\\p{N}") && keeps_words(&p->v[1]) &&
		is_named(&p->v[1], "gpt2")) {
		s = splitter_new("smollm", "");
	}
	return s;
}

/* ---- running ---- */

static void add_piece(struct pieces *p, size_t at, size_t end)
{
	if (at == end)
		return;
	p->v = grow(p->v, p->n, &p->cap, sizeof *p->v);
	p->v[p->n++] = (struct piece_span){ at, end };
}

/* The pieces made of one piece by one behaviour: a run of pieces, the last of
 * which may grow. */
struct cutter {
	const struct step *step;
	struct pieces *out;
	size_t first;		/* earlier pieces belong to other text */
	enum split_kind before;	/* of the previous word */
	bool was_match;
	bool open;		/* for MERGED_WITH_NEXT: a match is pending */
	size_t open_at;
};

/* Two adjacent gaps occur only where an empty match separates them. */
static bool joins_last(const struct cutter *c, enum split_kind kind, bool match)
{
	if (c->out->n == c->first)
		return false;
	if (c->step->behavior == SPLIT_CONTIGUOUS)
		return kind == SPLIT_MATCH && c->before == SPLIT_MATCH;
	return c->step->behavior == SPLIT_MERGED_WITH_PREVIOUS && match &&
		!c->was_match;
}

/* The last of several consecutive matches belongs to the gap after it. */
static void merge_with_next(struct cutter *c, size_t at, size_t end,
	bool match)
{
	if (c->open && match)
		add_piece(c->out, c->open_at, at);
	if (!match)
		add_piece(c->out, c->open ? c->open_at : at, end);
	c->open = match;
	c->open_at = at;
}

static void take_word(struct cutter *c, size_t at, size_t end,
	enum split_kind kind)
{
	bool match = (kind == SPLIT_MATCH) != c->step->invert;

	if (kind == SPLIT_BAD && c->step->behavior == SPLIT_REMOVED)
		match = false;
	if (c->step->behavior == SPLIT_MERGED_WITH_NEXT)
		merge_with_next(c, at, end, match);
	else if (joins_last(c, kind, match))
		c->out->v[c->out->n - 1].end = end;
	else if (c->step->behavior != SPLIT_REMOVED || !match)
		add_piece(c->out, at, end);
	c->was_match = match;
	c->before = kind;
}

static void cut(const struct step *step, struct pieces *p, const char *text,
	size_t at, size_t end)
{
	struct cutter c = { .step = step, .out = p, .first = p->n };
	struct split *w = &p->split;
	size_t n, i, from = 0;

	split_start(w, step->splitter, text + at, end - at);
	while ((n = split_next(w)) > 0) {
		for (i = 0; i < n; i++) {
			take_word(&c, at + from, at + w->ends[i],
				w->kinds ? w->kinds[i] : SPLIT_MATCH);
			from = w->ends[i];
		}
	}
	if (c.open)
		add_piece(p, c.open_at, end);
}

/* The same for a pattern that sees the characters representing the bytes: each
 * stands for one byte of the piece. */
static void cut_mapped(const struct step *step, struct pieces *p,
	const char *text, size_t at, size_t end)
{
	struct buf *m = &p->mapped;
	size_t i, k, first = p->n, seen = 0, byte = at;

	buf_reset(m);
	for (i = at; i < end; i++)
		m->n += (size_t)utf8_encode(buf_room(m, 4),
			vocab_byte_char((unsigned char)text[i]));
	cut(step, p, m->p, 0, m->n);
	for (k = first; k < p->n; k++) {
		struct piece_span *s = &p->v[k];

		for (; seen < s->at; seen++)
			byte += (m->p[seen] & 0xc0) != 0x80;
		s->at = byte;
		for (; seen < s->end; seen++)
			byte += (m->p[seen] & 0xc0) != 0x80;
		s->end = byte;
	}
}

/* Copies all pieces, inserting a space before each. */
static void put_spaces(struct pieces *p)
{
	struct buf with = { 0 };
	size_t i;

	for (i = 0; i < p->n; i++) {
		struct piece_span *s = &p->v[i];
		size_t at = with.n;

		if (p->text[s->at] != ' ')
			buf_putc(&with, ' ');
		buf_add(&with, p->text + s->at, s->end - s->at);
		*s = (struct piece_span){ at, with.n };
	}
	buf_free(&p->copy);
	p->copy = with;
	p->text = with.p;
	p->len = with.n;
}

static void run_step(const struct step *step, struct pieces *p)
{
	struct piece_span *old = p->v;
	size_t i, n = p->n, cap = p->cap;

	if (!step->splitter) {
		put_spaces(p);
		return;
	}
	p->v = p->old;
	p->cap = p->old_cap;
	p->n = 0;
	for (i = 0; i < n; i++)
		(step->mapped ? cut_mapped : cut)(step, p, p->text, old[i].at,
			old[i].end);
	p->old = old;
	p->old_cap = cap;
}

void pretokenizer_run(const struct pretokenizer *p, struct pieces *out,
	const char *text, size_t len)
{
	size_t i;

	out->text = text;
	out->len = len;
	out->n = 0;
	add_piece(out, 0, len);
	for (i = 0; i < p->n && out->n; i++)
		run_step(&p->v[i], out);
}

void pieces_free(struct pieces *p)
{
	split_free(&p->split);
	free(p->v);
	free(p->old);
	buf_free(&p->copy);
	buf_free(&p->mapped);
	*p = (struct pieces){ 0 };
}
