/* weights.h - weights of graders: "0.5" of a single one, or "number=1,format=.1" */
#ifndef PIPELM_GRADE_WEIGHTS_H
#define PIPELM_GRADE_WEIGHTS_H

#include "common/grade/judge.h"

/* Sets those of the judges (n) that s names; NULL says nothing. Invalid text is a
 * usage error. */
void weights_set(struct judge **judges, size_t n, const char *s);

#endif
