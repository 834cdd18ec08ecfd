/* llmc.c - fuzz target: checkpoints of llm.c */
#include "common/model/llmc.h"
#include "common/model/model_dir.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	model_free(model_from(llmc_open(data_file(data, size)), false));
}
