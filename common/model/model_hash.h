/* model_hash.h - tells whether two paths hold the same model
 *
 * For rollouts, which are of use only to the model that wrote them: a training
 * step changes the hash, a copy of the files keeps it.
 */
#ifndef PIPELM_MODEL_HASH_H
#define PIPELM_MODEL_HASH_H

#include <stdint.h>

/* Of a directory: config.json, and of each tensor name, type, shape and all
 * bytes; neither the header's metadata nor files of a tokenizer count. Of an
 * adapter, as PEFT lays it out: likewise adapter_config.json, which names its base
 * model, and its own tensors. Of a file: all bytes. They are read once, in
 * parallel; for large models that takes a fraction of the time of loading. A
 * model that cannot be read is fatal. */
uint64_t model_hash(const char *path);

#endif
