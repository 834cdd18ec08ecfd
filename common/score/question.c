/* question.c - multiple-choice questions: see question.h */
#include "common/score/question.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"

static bool first_given(const struct json_fields *f, const char *const *names,
	struct json *v)
{
	for (; *names; names++)
		if (json_field_given(f, *names, v))
			return true;
	return false;
}

/* ---- choices ---- */

/* Empty memory for the next choice and its label. */
static void add_choice(struct question *q)
{
	if (q->n == q->cap) {
		size_t cap = 2 * q->cap + 4, more = cap - q->cap;

		q->choice = xrealloc(q->choice, cap, sizeof *q->choice);
		q->label = xrealloc(q->label, cap, sizeof *q->label);
		memset(q->choice + q->cap, 0, more * sizeof *q->choice);
		memset(q->label + q->cap, 0, more * sizeof *q->label);
		q->cap = cap;
	}
	buf_reset(&q->choice[q->n]);
	buf_reset(&q->label[q->n]);
	q->n++;
}

/* An element is a text, or an object with one and perhaps a label. */
static bool take_choice(struct question *q, const struct json *v)
{
	struct json text = *v, label;

	add_choice(q);
	if (v->type == JSON_OBJECT) {
		if (!json_get(v, "text", &text))
			return false;
		if (json_given(v, "label", &label))
			json_string(&label, &q->label[q->n - 1]);
	}
	return json_string(&text, &q->choice[q->n - 1]);
}

/* ARC's {"text":[...],"label":[...]}, or a list. */
static bool take_choices(struct question *q, const struct json *v)
{
	struct json list = *v, labels, x;
	struct json_iter it;
	size_t i;

	if (v->type == JSON_OBJECT && !json_get(v, "text", &list))
		return false;
	if (list.type != JSON_ARRAY)
		return false;
	for (json_begin(&it, &list); json_next(&it, NULL, &x);)
		if (!take_choice(q, &x))
			return false;
	if (v->type != JSON_OBJECT || !json_given(v, "label", &labels))
		return true;
	json_begin(&it, &labels);
	for (i = 0; i < q->n && json_next(&it, NULL, &x); i++)
		json_string(&x, &q->label[i]);
	return true;
}

/* ---- the answer ---- */

static bool is(const struct buf *b, const char *s, size_t n)
{
	return n && b->n == n && !memcmp(b->p, s, n);
}

static bool find(const struct question *q, const struct buf *in, const char *s,
	size_t n, size_t *answer)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (is(&in[i], s, n)) {
			*answer = i;
			return true;
		}
	return false;
}

/* A number from 0 in decimal, or a letter from A. */
static bool number(const char *s, size_t n, size_t *answer)
{
	size_t i, x = 0;

	if (n == 1 && ascii_letter(s[0])) {
		*answer = (size_t)((s[0] | 32) - 'a');
		return true;
	}
	for (i = 0; i < n && i < 6 && ascii_digit(s[i]); i++)
		x = 10 * x + (size_t)(s[i] - '0');
	*answer = x;
	return n && i == n;
}

static const char *take_answer(struct question *q, const struct json *v)
{
	struct buf text = { 0 };
	int64_t i = -1;
	bool found;

	if (v->type == JSON_STRING) {
		json_string(v, &text);
		found = find(q, q->label, text.p, text.n, &q->answer) ||
			find(q, q->choice, text.p, text.n, &q->answer) ||
			number(text.p, text.n, &q->answer);
		buf_free(&text);
	} else {
		found = json_int(v, &i) && i >= 0;
		q->answer = found ? (size_t)i : 0;
	}
	return found && q->answer < q->n ? NULL :
		"the answer is none of the choices";
}

/* ---- a question ---- */

/* Sets *choices unless the line has them itself. */
static const char *take_prompt(struct question *q, struct json *choices)
{
	static const char *const names[] = { "prompt", "ctx", "question",
		"query", NULL };
	struct json v, stem, text;
	bool arc = json_field_given(&q->fields, "question", &v) &&
		json_field_given(&q->fields, "answerKey", &stem);

	if (!first_given(&q->fields, names, &v))
		return "no 'prompt', 'ctx' or 'question'";
	text = v;
	if (v.type == JSON_OBJECT && json_get(&v, "stem", &stem)) {
		text = stem;
		json_get(&v, "choices", choices);
	}
	if (arc)
		buf_str(&q->prompt, "Question: ");
	if (!json_string(&text, &q->prompt))
		return "the prompt is not a text";
	if (arc)
		buf_str(&q->prompt, "\nAnswer:");
	return NULL;
}

const char *question_parse(struct question *q, const struct record *rec,
	struct json_error *e)
{
	static const char *const lists[] = { "choices", "endings", NULL };
	static const char *const answers[] = { "answer", "label", "answerKey",
		"gold", NULL };
	struct json choices = { 0 }, answer;
	const char *why;

	buf_reset(&q->prompt);
	q->n = 0;
	e->what = NULL;
	if (!json_object(rec->p, rec->n, &q->fields, e))
		return NULL;
	json_field(&q->fields, "id", &q->id);
	why = take_prompt(q, &choices);
	if (why)
		return why;
	if (choices.type == JSON_NONE &&
		!first_given(&q->fields, lists, &choices))
		return "no 'choices' and no 'endings'";
	if (!take_choices(q, &choices))
		return "the choices are not a list of texts";
	if (q->n < 2)
		return "fewer than two choices";
	if (!first_given(&q->fields, answers, &answer))
		return "no 'answer', 'label' or 'answerKey'";
	return take_answer(q, &answer);
}

void question_free(struct question *q)
{
	size_t i;

	for (i = 0; i < q->cap; i++) {
		buf_free(&q->choice[i]);
		buf_free(&q->label[i]);
	}
	free(q->choice);
	free(q->label);
	buf_free(&q->prompt);
	json_fields_free(&q->fields);
	*q = (struct question){ 0 };
}
