/* ckpt.h - what the parts of ckpt share */
#ifndef PIPELM_CKPT_H
#define PIPELM_CKPT_H

#include <stdbool.h>

#include "common/model/model.h"

/* How the configurations differ, to be freed, or NULL. ends: in the tokens that
 * begin and end a text too, which checkpoints of llm.c do not name. */
char *fit_config(const struct model *a, const struct model *b, bool ends);

/* Fatal unless both have the same tensors in the same shapes. */
void fit_shape(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name);

/* Fatal unless a parameter means the same in both, so that a mean of them makes
 * sense: also configuration, tokenizer and chat template. */
void fit_check(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name);

/* Prints a line for each tensor of the models argv[0] and argv[1]; fatal at the
 * end when one differs by more than tolerance, INFINITY for any, relatively,
 * or with a finite one the configurations do. */
void compare(char **argv, double tolerance);

#endif
