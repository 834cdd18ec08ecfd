/* adapter.c - fuzz target: adapter_config.json, a NUL and adapter_model.safetensors;
 * an accepted adapter is merged into its base and stands beside a packed one
 */
#include "common/kernel/kernel.h"
#include "common/model/lora.h"
#include "common/model/model_dir.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void write_file(const char *dir, const char *name, const uint8_t *data,
	size_t size)
{
	char *file = path_join(dir, name);
	FILE *f = fopen(file, "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	free(file);
}

static void target(const uint8_t *data, size_t size)
{
	static char dir[256];
	const uint8_t *nul = memchr(data, '\0', size);
	size_t n = nul ? (size_t)(nul - data) : size;
	struct model *m;

	if (!dir[0]) {
		snprintf(dir, sizeof dir, "%s.adapter", data_file(data, 0));
		dir_make(dir);
	}
	write_file(dir, "adapter_config.json", data, n);
	write_file(dir, "adapter_model.safetensors", nul ? nul + 1 : data,
		nul ? size - n - 1 : 0);
	m = model_load_packed(dir, COMPUTE_FP32);
	if (m->lora && !vec_finite(m->lora->params, m->lora->size))
		abort();
	model_free(m);
	model_free(model_load(dir));
}
