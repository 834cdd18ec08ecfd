/* fasttext.c - fuzz target: fastText models as files that are mapped; what is
 * accepted scores a text
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/text/fasttext.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	static const char text[] = "the ship \xe8\x88\xb9 </s>x __label__x \xff";
	static char name[64];
	struct fasttext *ft;
	float *score;
	FILE *f;

	if (!name[0])
		snprintf(name, sizeof name, "/tmp/fuzz-fasttext.%ld",
			(long)getpid());
	f = fopen(name, "wb");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	ft = fasttext_open(name);
	score = xcalloc(fasttext_labels(ft), sizeof *score);
	fasttext_score(ft, text, sizeof text, score);
	free(score);
	fasttext_close(ft);
}
