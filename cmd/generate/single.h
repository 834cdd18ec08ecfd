/* single.h - the only prompt of a run: an operand or standard input */
#ifndef PIPELM_SINGLE_H
#define PIPELM_SINGLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/sample/generator.h"
#include "common/sample/prompts.h"
#include "common/sample/reorder.h"

/* The operand, or standard input without its last newline if that is NULL or
 * "-". The caller frees it. */
char *single_read(const char *operand, size_t *n);

/* A request for prompt[0..n), a C string: text, encoded as f says, or, if ids is
 * set, decimal ids separated by white space. A prompt that cannot be encoded,
 * an id that is not in the vocabulary, and no id at all are fatal. */
struct request *single_request(struct generator *g,
	const struct prompt_format *f, bool ids, const char *prompt, size_t n);

#endif
