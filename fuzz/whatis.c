/* whatis.c - fuzz target: what a file looks like */
#include "common/format/whatis.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	whatis(data, size);
}
