/* single.h - the only prompt of a run: an operand or standard input */
#ifndef PIPELM_SINGLE_H
#define PIPELM_SINGLE_H

#include <stddef.h>

#include "common/token/encode.h"

/* The operand, or standard input without its last newline if that is NULL or
 * "-". The caller frees it. */
char *single_read(const char *operand, size_t *n);

/* Parses decimal ids separated by white space; one that is not below vocab is
 * fatal. */
void single_ids(const char *s, size_t vocab, struct ids *ids);

#endif
