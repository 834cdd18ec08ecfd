/* ckpt.h - shared by the parts of ckpt */
#ifndef PIPELM_CKPT_H
#define PIPELM_CKPT_H

#include <stdbool.h>

#include "common/format/weight.h"
#include "common/model/model.h"

/* Prints lines about a model; tensors: also one for each tensor of its file. */
void info(const char *model, bool tensors);

/* How the configurations differ, or NULL if they do not; the caller frees it.
 * ends: also compare the tokens that begin and end a text, which checkpoints of
 * llm.c and llama2.c do not record. */
char *fit_config(const struct model *a, const struct model *b, bool ends);

/* Fatal unless both have the same tensors with the same shapes. */
void fit_shape(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name);

/* Fatal unless parameters mean the same in both, so that averaging them makes
 * sense: also compares configuration, tokenizer and chat template. */
void fit_check(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name);

/* Prints a line for each tensor of the models argv[0] and argv[1]. Fatal at the
 * end if the relative difference of one exceeds tolerance (INFINITY: no limit)
 * or, with a finite tolerance, if the configurations differ. */
void compare(char **argv, double tolerance);

/* Writes m, read from the model `from`, with the tokenizer of that, to a GGUF
 * file if the name ends in .gguf, to a checkpoint of llm.c if it ends in .bin,
 * else to a directory. Replaces an existing model in a directory, or a GGUF file,
 * only if force. */
void write_model(const struct model *m, const char *from, const char *to,
	enum dtype type, bool force);

#endif
