/* keep.h - checkpoints that a run keeps beside its latest: --keep
 *
 * DIR/step-N is a directory like DIR as it was after step N: the model, its tokenizer,
 * the training state and the logs. Its files are links to those of DIR, which are
 * replaced and never changed, so they take no room until then; where the file system
 * has no links they are copies.
 */
#ifndef PIPELM_KEEP_H
#define PIPELM_KEEP_H

#include <stddef.h>

/* Keeps the checkpoint of DIR, of this step, and the `most` - 1 before it; others go,
 * those of later steps too, which a run that began again has not reached. What other
 * programs have put into their directories stays. */
void keep_checkpoint(const char *dir, long step, size_t most);

/* Removes them all: they are of a run that another replaces. */
void keep_none(const char *dir);

#endif
