/* rope.c - the frequencies of a model's rotary positions, one a line, for
 * t/440-model-dir.t: rope DIR
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/model/config.h"

int main(int argc, char **argv)
{
	struct model_config c;
	char *file;
	float *f;
	size_t i;

	err_init(argv[0]);
	if (argc != 2)
		die_usage("DIR");
	file = path_join(argv[1], "config.json");
	model_config_read(&c, file);
	f = xcalloc(c.head_size, sizeof *f);
	model_rope_frequencies(&c, f);
	for (i = 0; i < c.head_size / 2; i++)
		printf("%.9g\n", (double)f[i]);
	free(f);
	free(file);
	return 0;
}
