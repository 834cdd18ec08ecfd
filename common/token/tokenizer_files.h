/* tokenizer_files.h - the tokenizer of a model, from one model to another
 *
 * Vocabulary and chat template are files in a model directory, or keys of a GGUF
 * file.
 */
#ifndef PIPELM_TOKENIZER_FILES_H
#define PIPELM_TOKENIZER_FILES_H

#include "common/token/vocab_gguf.h"

/* Gives the model directory `to` the tokenizer of the model `from`, if it has
 * one: files of a directory are copied byte for byte, and left alone if both are
 * the same directory. context: model_max_length, for what is written. */
void tokenizer_copy(const char *from, const char *to, size_t context);

/* The same to a GGUF file for a model with `rows` tokens, including spare ones.
 * Warns if there is none. */
void tokenizer_copy_gguf(const char *from, struct gguf_writer *to,
	const struct gguf_ids *ids, size_t rows);

#endif
