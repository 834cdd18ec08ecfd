/* pairs.h - a better and a worse answer to one prompt, for preference.h
 *
 * Examples 2i and 2i+1 are the two answers of pair i, the better one first.
 */
#ifndef PIPELM_PAIRS_H
#define PIPELM_PAIRS_H

#include <stddef.h>

#include "common/format/conversation.h"
#include "common/model/model.h"
#include "common/token/template.h"
#include "common/train/examples.h"
#include "common/train/objective.h"

/* Appends the chosen and the rejected answer of c, rendered by t, to e.
 * Returns NULL, or what is wrong with the pair, a string that x may own; then
 * nothing was added. context: the model's. x: working memory, to be freed with
 * rendered_free. */
const char *pairs_add(struct examples *e, const struct template *t,
	struct encoder *encoder, const struct conversation *c, size_t context,
	struct rendered *x);

/* Appends the pairs of conversations(5), encoded and rendered with the
 * tokenizer and template of model m in dir. Invalid ones are counted as in
 * records.h; having no pairs is fatal. */
void pairs_read(struct examples *e, const struct model *m, const char *dir,
	char **files);

/* Keeps, as pairs, the samples with the highest and the lowest reward of each
 * group (adjacent in e, s[i] for example i), if these differ. Ungraded and
 * empty answers are skipped. Returns the number of pairs. */
size_t pairs_best_worst(struct examples *e, const struct sampled *s);

#endif
