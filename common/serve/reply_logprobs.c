/* reply_logprobs.c - "logprobs" of a choice: see reply_logprobs.h
 *
 * Chat lists objects, which have the bytes of each token:
 *	{"content":[{"token","logprob","bytes","top_logprobs":[...]}]}
 * Completions have parallel lists; a token that is not whole characters is
 * spelt "bytes:\xe2\x82":
 *	{"tokens":[],"token_logprobs":[],"top_logprobs":[],"text_offset":[]}
 */
#include "common/serve/reply_logprobs.h"

#include "common/base/utf8.h"
#include "common/format/jsonwrite.h"

/* A token in a list, with its alternatives. */
struct token {
	uint32_t id;
	int64_t before;		/* the token before it, or -1 */
	float logprob;
	bool known;		/* logprob and top are set: not the first token
				 * of a prompt */
	bool forced;		/* of a tool's result: not listed */
	const struct alternative *top;
	size_t ntop;
};

static const char *bytes_of(const struct job *j, uint32_t id, size_t *n)
{
	const char *s = vocab_bytes(j->api->generator->vocab, id, n);

	if (!s)
		*n = 0;
	return s ? s : "";
}

/* Token i of the list: first those of the prompt p. */
static struct token token_at(const struct job *j, const struct job_prompt *p,
	const struct job_choice *c, size_t i)
{
	const struct answer *a = c->answer;
	size_t k;

	if (p && i < p->prompt.n)
		return (struct token){ p->prompt.ids[i],
			i ? (int64_t)p->prompt.ids[i - 1] : -1,
			p->logprobs.logprob[i], i > 0,
			false, p->logprobs.top + i * p->prompt.top,
			p->prompt.top };
	k = c->told + i - (p ? p->prompt.n : 0);
	return (struct token){ a->ids.v[k], k ? a->ids.v[k - 1] : a->before,
		a->logprob[k], true, !a->mask[k], a->top + k * a->ntop, a->ntop };
}

/* ---- chat ---- */

static void add_bytes(struct buf *b, const char *s, size_t n)
{
	size_t i;

	json_add_key(b, "bytes");
	buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		json_add_comma(b);
		json_add_int(b, (unsigned char)s[i]);
	}
	buf_putc(b, ']');
}

/* The object is left open. */
static void begin_object(struct buf *b, const struct job *j, uint32_t id,
	float logprob)
{
	size_t n;
	const char *s = bytes_of(j, id, &n);

	json_add_comma(b);
	buf_putc(b, '{');
	json_add_key(b, "token");
	json_add_string(b, s, n);
	json_add_key(b, "logprob");
	json_add_float(b, logprob);
	add_bytes(b, s, n);
}

static void add_chat_token(struct buf *b, const struct job *j,
	const struct token *t)
{
	size_t i;

	begin_object(b, j, t->id, t->logprob);
	json_add_key(b, "top_logprobs");
	buf_putc(b, '[');
	for (i = 0; i < t->ntop; i++) {
		begin_object(b, j, t->top[i].id, t->top[i].logprob);
		buf_putc(b, '}');
	}
	buf_str(b, "]}");
}

/* ---- completions ---- */

static void add_spelling(struct buf *b, const struct job *j, uint32_t id)
{
	struct buf text = { 0 };
	size_t n, i;
	const char *s = bytes_of(j, id, &n);

	if (utf8_valid(s, n)) {
		json_add_string(b, s, n);
		return;
	}
	buf_str(&text, "bytes:");
	for (i = 0; i < n; i++)
		buf_printf(&text, "\\x%02x", (unsigned char)s[i]);
	json_add_string(b, text.p, text.n);
	buf_free(&text);
}

static void add_pair(struct buf *b, const struct job *j, uint32_t id,
	float logprob)
{
	if (b->p[b->n - 1] != '{')
		buf_putc(b, ',');
	add_spelling(b, j, id);
	buf_putc(b, ':');
	json_add_float(b, logprob);
}

/* The alternatives, and the token itself if it is not among them. */
static void add_map(struct buf *b, const struct job *j, const struct token *t)
{
	bool own = false;
	size_t i;

	json_add_comma(b);
	if (!t->known) {
		buf_str(b, "null");
		return;
	}
	buf_putc(b, '{');
	for (i = 0; i < t->ntop; i++) {
		own |= t->top[i].id == t->id;
		add_pair(b, j, t->top[i].id, t->top[i].logprob);
	}
	if (!own)
		add_pair(b, j, t->id, t->logprob);
	buf_putc(b, '}');
}

/* The characters that begin in a token's part of the text. */
static size_t characters(const struct job *j, const struct token *t)
{
	size_t n, i, count = 0;
	const char *s = tok_bytes(j->api->generator->vocab, t->before, t->id,
		&n);

	for (i = 0; s && i < n; i++)
		count += ((unsigned char)s[i] & 0xc0) != 0x80;
	return count;
}

/* Special tokens have no text in an answer; results of tools have. */
static void add_offset(struct buf *b, const struct job *j,
	struct job_choice *c, const struct token *t, bool answer)
{
	if (!t->forced) {
		json_add_comma(b);
		json_add_int(b, (int64_t)c->chars);
	}
	if (!answer || !vocab_is_special(j->api->generator->vocab, t->id))
		c->chars += characters(j, t);
}

static void add_lists(struct buf *b, const struct job *j,
	const struct job_prompt *p, struct job_choice *c, size_t n)
{
	size_t i;
	struct token t;

	buf_str(b, "{\"tokens\":[");
	for (i = 0; i < n; i++) {
		t = token_at(j, p, c, i);
		if (t.forced)
			continue;
		json_add_comma(b);
		add_spelling(b, j, t.id);
	}
	buf_str(b, "],\"token_logprobs\":[");
	for (i = 0; i < n; i++) {
		t = token_at(j, p, c, i);
		if (t.forced)
			continue;
		json_add_comma(b);
		if (t.known)
			json_add_float(b, t.logprob);
		else
			buf_str(b, "null");
	}
	buf_str(b, "],\"top_logprobs\":[");
	for (i = 0; i < n; i++) {
		t = token_at(j, p, c, i);
		if (!t.forced)
			add_map(b, j, &t);
	}
	buf_str(b, "],\"text_offset\":[");
	for (i = 0; i < n; i++) {
		t = token_at(j, p, c, i);
		add_offset(b, j, c, &t, !p || i >= p->prompt.n);
	}
	buf_str(b, "]}");
}

/* ---- both ---- */

void reply_logprobs(struct buf *b, const struct job *j,
	const struct job_prompt *p, struct job_choice *c)
{
	size_t i, n = c->answer->ids.n - c->told + (p ? p->prompt.n : 0);
	struct token t;

	json_add_key(b, "logprobs");
	if (!j->q.logprobs) {
		buf_str(b, "null");
		return;
	}
	if (!j->q.chat) {
		add_lists(b, j, p, c, n);
		return;
	}
	buf_str(b, "{\"content\":[");
	for (i = 0; i < n; i++) {
		t = token_at(j, p, c, i);
		if (!t.forced)
			add_chat_token(b, j, &t);
	}
	buf_str(b, "]}");
}
