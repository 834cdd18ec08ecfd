/* wordcount.c - fuzz target: word counts in the format of bpe-train; an accepted
 * file has as many words and occurrences as it states
 */
#include <stdlib.h>

#include "common/token/wordcount.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	struct wordcount *c = wordcount_new();
	char *pattern = NULL;
	size_t state = 0, words = 0;
	struct word_count w;

	wordcount_read(c, data_file(data, size), &pattern);
	while (wordcount_next(c, &state, &w)) {
		if (!w.len || !w.count)
			abort();
		words++;
	}
	if (words != wordcount_size(c))
		abort();
	wordcount_free(c);
	free(pattern);
}
