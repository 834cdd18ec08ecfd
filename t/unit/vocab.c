/* vocab.c - writes the vocabulary of a file as a tokenizer.json, as the trainers
 * do, and prints its hash
 *
 *	vocab IN OUT
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/base/err.h"
#include "common/token/vocab.h"

int main(int argc, char **argv)
{
	struct vocab *v;

	err_init(argv[0]);
	if (argc != 3)
		die_usage("IN and OUT are needed");
	v = vocab_open(argv[1], NULL);
	vocab_write_json(v, argv[2]);
	printf("%016" PRIx64 "\n", vocab_hash(v));
	vocab_free(v);
	return 0;
}
