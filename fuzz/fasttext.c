/* fasttext.c - fuzz target: fastText models as mapped files; accepted ones
 * score a text
 */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/filter/fasttext.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	static const char text[] = "the ship \xe8\x88\xb9 </s>x __label__x \xff";
	struct fasttext *ft;
	float *score;

	ft = fasttext_open(data_file(data, size));
	score = xcalloc(fasttext_labels(ft), sizeof *score);
	fasttext_score(ft, text, sizeof text, score);
	free(score);
	fasttext_close(ft);
}
