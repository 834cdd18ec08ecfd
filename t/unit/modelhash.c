/* modelhash PATH - prints the hash of a model */
#include <stdio.h>

#include "common/base/hash.h"
#include "common/model/model_hash.h"

int main(int argc, char **argv)
{
	char text[17];

	if (argc != 2)
		return 2;
	hash_text(text, model_hash(argv[1]));
	puts(text);
	return 0;
}
