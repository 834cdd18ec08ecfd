/* llmc.c - fuzz target: checkpoints of llm.c and llama2.c */
#include "common/model/llama2c.h"
#include "common/model/llmc.h"
#include "common/model/model_dir.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	const char *file = data_file(data, size);

	model_free(model_from(llama2c_is(file) ? llama2c_open(file) :
		llmc_open(file)));
}
