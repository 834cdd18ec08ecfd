/* llmc.c - fuzz target: checkpoints of llm.c */
#include "common/model/llmc.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	model_free(llmc_read(data_file(data, size)));
}
