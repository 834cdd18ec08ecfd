/* template_mask.c - finds the bytes of a rendered conversation that an assistant
 * wrote: see template.h
 *
 * Marks identify the contents of messages. What the template puts around them is
 * the assistant's too where a model must generate it: from the end of the
 * generation prompt through the token that ends its turn.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/template_parts.h"

/* ---- probes ---- */

/* The text of a conversation, which the caller frees; NULL: the template refuses
 * it. pieces may be NULL; *mark is the end of the learned bytes. */
static char *probe(const struct template *t, const struct dialogue *d,
	size_t *n, struct template_pieces *pieces, size_t *mark)
{
	struct jinja_run *run = jinja_begin(t->jinja);
	struct jinja_output o;
	const char *why;
	char *text = NULL;
	size_t i;

	if (template_text(t, run, d, &o, &why)) {
		text = xstrndup(o.p, o.n);
		*n = o.n;
		for (i = 0; mark && i < o.n; i++)
			if (o.mark[i] & JINJA_LEARN)
				*mark = i + 1;
		if (pieces)
			template_cut(t, &o, pieces);
	}
	jinja_end(run);
	return text;
}

static const struct message turns[] = {
	{ .role = "user", .content = "Q", .len = 1 },
	{ .role = "assistant", .content = "A", .len = 1 }
};

/* What add_generation_prompt adds. */
static char *find_opening(const struct template *t)
{
	struct dialogue d = { .v = turns, .n = 1 };
	size_t n = 0, m = 0;
	char *without = probe(t, &d, &n, NULL, NULL), *with, *opening = NULL;

	d.prompt = true;
	with = probe(t, &d, &m, NULL, NULL);
	if (with && without && m > n && !memcmp(with, without, n))
		opening = xstrdup(with + n);
	free(with);
	free(without);
	return opening ? opening : xstrdup("");
}

/* The first special token after an answer. */
static int64_t find_close(const struct template *t)
{
	static const bool learn[2] = { false, true };
	struct dialogue d = { .v = turns, .n = 2, .learn = learn };
	struct template_pieces pieces = { 0 };
	size_t n, mark = 0, i;
	int64_t id = -1;
	char *text = probe(t, &d, &n, &pieces, &mark);

	for (i = 0; i < pieces.n && mark && id < 0; i++)
		if (pieces.v[i].at >= mark)
			id = pieces.v[i].id;
	free(text);
	free(pieces.v);
	return id;
}

void template_probe(struct template *t)
{
	t->opening = find_opening(t);
	t->close = find_close(t);
}

/* ---- blocks of {% generation %} ---- */

/* A block counts unless all of its content from messages is from messages that
 * are not to be learned. */
static void mark_generation(const struct jinja_output *text,
	unsigned char *learn)
{
	size_t i, end;

	for (i = 0; i < text->n; i = end) {
		bool data = false, learned = false;

		end = i + 1;
		if (!(text->mark[i] & JINJA_GENERATION))
			continue;
		for (end = i; end < text->n && text->mark[end] &
				JINJA_GENERATION; end++) {
			data |= text->mark[end] & JINJA_DATA;
			learned |= text->mark[end] & JINJA_LEARN;
		}
		if (learned || !data)
			memset(learn + i, 1, end - i);
	}
}

/* ---- turns ---- */

struct marking {
	const struct template *t;
	const struct jinja_output *text;
	const struct template_pieces *pieces;
	size_t opening;		/* length of the generation prompt */
	size_t piece;		/* first one that ends after the current byte */
	size_t done;		/* bytes already decided */
};

static bool opens_at(const struct marking *m, size_t at)
{
	return m->opening && at + m->opening <= m->text->n &&
		!memcmp(m->text->p + at, m->t->opening, m->opening);
}

/* The start of the answer that contains the learned byte i: after the generation
 * prompt before it, unless bytes of another message are between. */
static size_t answer_begin(const struct marking *m, size_t i)
{
	size_t at = i;

	while (at > m->done && !(m->text->mark[at - 1] & JINJA_DATA)) {
		at--;
		if (at + m->opening <= i && opens_at(m, at))
			return at + m->opening;
	}
	return i;
}

/* The start of the answer whose role contains byte i; 0 when unknown. */
static size_t answer_behind_role(const struct marking *m, size_t i)
{
	size_t from = i >= m->opening ? i - m->opening + 1 : 0;

	for (; from <= i; from++)
		if (from >= m->done && opens_at(m, from))
			return from + m->opening;
	return 0;
}

/* Whether byte i belongs to another message. */
static bool is_foreign(const struct jinja_output *text, size_t i)
{
	return text->mark[i] & JINJA_ROLE ||
		(text->mark[i] & (JINJA_DATA | JINJA_LEARN)) == JINJA_DATA;
}

/* The first piece that starts at or after `at`. */
static const struct template_piece *next_piece(struct marking *m, size_t at)
{
	const struct template_pieces *p = m->pieces;

	while (m->piece < p->n && p->v[m->piece].at < at)
		m->piece++;
	return m->piece < p->n ? &p->v[m->piece] : NULL;
}

/* The end of the answer that starts at i: after the token that ends turns, or
 * after the first special token following what was learned, or there. */
static size_t answer_end(struct marking *m, size_t i)
{
	size_t last = i, first = 0;	/* ends: of learned bytes, of a token */
	const struct template_piece *p;

	for (; i < m->text->n; i++) {
		if (is_foreign(m->text, i))
			break;
		if (m->text->mark[i] & JINJA_LEARN) {
			last = i + 1;
			first = 0;
		}
		p = next_piece(m, i);
		if (p && p->at == i && p->id >= 0 && p->id == m->t->close)
			return i + p->n;
		if (i >= last && opens_at(m, i))
			break;
		if (p && p->at == i && p->id >= 0 && !first)
			first = i + p->n;
	}
	return first ? first : last;
}

static void mark_turns(struct marking *m, unsigned char *learn)
{
	size_t i, from, to;

	for (i = 0; i < m->text->n;) {
		from = 0;
		if (m->text->mark[i] & JINJA_LEARN)
			from = answer_begin(m, i);
		else if (m->text->mark[i] & JINJA_ROLE)
			from = answer_behind_role(m, i);
		if (!from && !(m->text->mark[i] & JINJA_LEARN)) {
			i++;
			continue;
		}
		to = answer_end(m, from);
		memset(learn + from, 1, to - from);
		i = m->done = to > i ? to : i + 1;
	}
}

void template_mark(const struct template *t, const struct jinja_output *text,
	const struct template_pieces *pieces, unsigned char *learn)
{
	struct marking m = { .t = t, .text = text, .pieces = pieces,
		.opening = strlen(t->opening) };

	if (jinja_has_generation(t->jinja))
		mark_generation(text, learn);
	else
		mark_turns(&m, learn);
}
