/* grade_text.h - what the rules of grader.h have in common */
#ifndef PIPELM_GRADE_TEXT_H
#define PIPELM_GRADE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

/* First place of what in s[0..n), or NULL. */
const char *grade_find(const char *s, size_t n, const char *what);

/* The next \boxed{...} or \boxed X from *at on, whose braces are closed:
 * content[0..len). Of nested ones the innermost. *at goes on behind it. */
bool grade_next_boxed(const char *s, size_t n, size_t *at,
	const char **content, size_t *len);

#endif
