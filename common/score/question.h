/* question.h - multiple-choice questions: a prompt, choices, the right one
 *
 *	{"ctx":"A man","endings":["sits.","flies."],"label":"0"}	HellaSwag
 *	{"question":"Ice is","choices":{"text":["hot","cold"],
 *	 "label":["A","B"]},"answerKey":"B"}				ARC
 *	{"question":{"stem":"Ice is","choices":[{"text":"hot",
 *	 "label":"A"}, ...]},"answerKey":"A"}		ARC as first published
 *	{"prompt":"2+2=","choices":["3","4"],"answer":1}	the general form
 *
 * The prompt is the first of "prompt", "ctx", "question", "query"; the choices
 * are "choices" or "endings". The answer is the first of "answer", "label",
 * "answerKey", "gold": the label of a choice, else its number from 0, a letter
 * from A, or its text. An ARC question becomes "Question: ...\nAnswer:", as
 * lm-eval asks it.
 */
#ifndef PIPELM_QUESTION_H
#define PIPELM_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/format/records.h"

/* Zero-initialise; question_free. Reused, it soon allocates nothing more. */
struct question {
	struct json_fields fields;	/* of the line */
	struct json id;			/* JSON_NONE: missing */
	struct buf prompt;
	struct buf *choice;		/* (n) texts */
	struct buf *label;		/* (n), empty if they have none */
	size_t n, cap;
	size_t answer;			/* below n */
};

/* Reads a record; NULL, or what is wrong with it. On a JSON error, returns NULL
 * and sets e->what. */
const char *question_parse(struct question *q, const struct record *rec,
	struct json_error *e);
void question_free(struct question *q);

#endif
