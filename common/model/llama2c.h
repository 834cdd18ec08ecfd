/* llama2c.h - checkpoints of llama2.c, version 0: Llama models in fp32
 *
 * Seven int32, little-endian: width, width of the MLP, layers, heads, key-value
 * heads, tokens (negative: the head is not tied), context; then each kind of tensor
 * over all layers as float, matrices as (out, in), and tables of rotations that
 * are not needed. There is no mark at the beginning, but the size of the file
 * follows from the header.
 */
#ifndef PIPELM_MODEL_LLAMA2C_H
#define PIPELM_MODEL_LLAMA2C_H

#include "common/model/source.h"

/* llama2c_is: whether a file is such a checkpoint, or one of a later version.
 * llama2c_open: opens one as a source; any error is fatal. */
bool llama2c_is(const char *file);
struct model_source *llama2c_open(const char *file);

#endif
