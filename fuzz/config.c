/* config.c - fuzz target: config.json of a model; an accepted configuration is
 * written as an equivalent one
 */
#include <stdlib.h>
#include <string.h>

#include "common/model/config.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	struct model_config c = { 0 }, again = { 0 };
	struct buf text = { 0 };

	model_config_read(&c, data_file(data, size));
	if (model_config_check(&c))
		abort();
	model_config_write(&text, &c);
	model_config_read(&again, data_file((const uint8_t *)text.p, text.n));
	if (c.arch != again.arch || c.layers != again.layers ||
		c.width != again.width || c.heads != again.heads ||
		c.kv_heads != again.kv_heads ||
		c.head_size != again.head_size || c.ffn != again.ffn ||
		c.context != again.context || c.vocab != again.vocab ||
		c.tied != again.tied)
		abort();
	buf_free(&text);
}
