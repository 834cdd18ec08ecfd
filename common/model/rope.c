/* rope.c - frequencies of rotary positions, scaled or not: see config.h
 *
 * In fp32 in the order of transformers (modeling_rope_utils), so that logits
 * are the same.
 */
#include <math.h>

#include "common/model/config.h"

static float scale_llama3(const struct model_rope *r, float f)
{
	float wave = 2 * (float)M_PI / f, smooth;
	float factor = (float)r->factor;
	float low = (float)(r->context / r->low);
	float high = (float)(r->context / r->high);

	if (wave < high)
		return f;
	if (wave > low)
		return f / factor;
	smooth = ((float)r->context / wave - (float)r->low) /
		(float)(r->high - r->low);
	return (1 - smooth) * f / factor + smooth * f;
}

void model_rope_frequencies(const struct model_config *c, float *out)
{
	size_t j;

	for (j = 0; j < c->head_size / 2; j++) {
		float e = (float)(2 * j) / (float)c->head_size;
		float f = 1.0f / (float)pow((float)c->rope_theta, e);

		if (c->rope.type == ROPE_LINEAR)
			f /= (float)c->rope.factor;
		else if (c->rope.type == ROPE_LLAMA3)
			f = scale_llama3(&c->rope, f);
		out[j] = f;
	}
}
