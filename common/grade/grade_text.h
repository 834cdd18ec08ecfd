/* grade_text.h - what the rules of grader.h share */
#ifndef PIPELM_GRADE_TEXT_H
#define PIPELM_GRADE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

/* The first occurrence of `what` in s[0..n), or NULL. */
const char *grade_find(const char *s, size_t n, const char *what);

/* The last occurrence. */
const char *grade_find_last(const char *s, size_t n, const char *what);

/* Narrows *text to what is meant as the answer: without <think>..</think> and
 * what comes before, and without a question that follows the answer. */
void grade_trim(const char **text, size_t *n);

/* The next \boxed{...} with balanced braces, or \boxed X, at or after *at; its
 * content is content[0..len). Of nested ones, the innermost. *at moves past it. */
bool grade_next_boxed(const char *s, size_t n, size_t *at,
	const char **content, size_t *len);

#endif
