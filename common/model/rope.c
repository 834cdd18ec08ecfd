/* rope.c - rotary positions: keys of config.json and frequencies, scaled or not
 *
 * Version 5 of transformers keeps the rotary base in rope_parameters, version
 * 4 in rope_theta; both are written and either is read. Frequencies are
 * computed in fp32 with the operations in transformers' order
 * (modeling_rope_utils), so that logits are the same.
 */
#include <math.h>
#include <string.h>

#include "common/base/err.h"
#include "common/model/config_keys.h"

/* ---- reading ---- */

static const char *const rope_names[] = { "default", "linear", "llama3" };

static double above_zero(const struct jsontree *f,
	const struct jsontree_value *v, const char *key)
{
	double x = jsontree_real(f, v, key, 0);

	if (!(x > 0 && x < 1e30))
		die("%s: '%s' of the rotary positions is missing or not above "
			"0", jsontree_name(f), key);
	return x;
}

/* Refuses unknown keys, which may change the computation. */
static void check_keys(const struct jsontree *f, const struct jsontree_value *v)
{
	static const char *const known[] = { "rope_type", "type", "rope_theta",
		"factor", "low_freq_factor", "high_freq_factor",
		"original_max_position_embeddings", "partial_rotary_factor" };
	const struct jsontree_value *value;
	const char *key;
	void *state = NULL;
	size_t i;

	while (jsontree_next(v, &state, &key, &value)) {
		for (i = 0; i < sizeof known / sizeof *known; i++)
			if (!strcmp(key, known[i]))
				break;
		if (i == sizeof known / sizeof *known &&
			jsontree_type(value) != JSONTREE_NULL)
			die("%s: '%s' of the rotary positions is not supported",
				jsontree_name(f), key);
	}
}

/* Reads the object rope_parameters or rope_scaling. */
static void read_scaling(struct model_rope *r, const struct jsontree *f,
	const struct jsontree_value *v)
{
	const char *type = jsontree_string(f, v, "rope_type",
		jsontree_string(f, v, "type", "default"));
	size_t i;

	*r = (struct model_rope){ 0 };
	for (i = 0; i < 3 && strcmp(type, rope_names[i]);)
		i++;
	if (i == 3)
		die("%s: rope_type '%s' is not supported, only default, "
			"linear and llama3", jsontree_name(f), type);
	r->type = (enum model_rope_type)i;
	check_keys(f, v);
	if (r->type == ROPE_DEFAULT && jsontree_get(v, "factor") &&
		jsontree_real(f, v, "factor", 1) != 1)
		die("%s: a 'factor' of the rotary positions without a "
			"'rope_type' that has one", jsontree_name(f));
	if (jsontree_get(v, "partial_rotary_factor") &&
		jsontree_real(f, v, "partial_rotary_factor", 1) != 1)
		die("%s: 'partial_rotary_factor' is not supported",
			jsontree_name(f));
	if (r->type != ROPE_DEFAULT)
		r->factor = above_zero(f, v, "factor");
	if (r->type != ROPE_LLAMA3)
		return;
	r->low = above_zero(f, v, "low_freq_factor");
	r->high = above_zero(f, v, "high_freq_factor");
	r->context = above_zero(f, v, "original_max_position_embeddings");
	if (r->low >= r->high)
		die("%s: 'low_freq_factor' is not below 'high_freq_factor'",
			jsontree_name(f));
}

static void only_object(const struct jsontree *f, const char *key,
	const struct jsontree_value *v)
{
	if (v && jsontree_type(v) != JSONTREE_OBJECT)
		die("%s: '%s' is not an object", jsontree_name(f), key);
}

static bool same_scaling(const struct model_rope *a,
	const struct model_rope *b)
{
	return a->type == b->type && !(a->factor < b->factor) &&
		!(a->factor > b->factor) && !(a->low < b->low) &&
		!(a->low > b->low) && !(a->high < b->high) &&
		!(a->high > b->high) && !(a->context < b->context) &&
		!(a->context > b->context);
}

/* Version 4 of transformers has rope_theta and rope_scaling, 5 has both in
 * rope_parameters; a file may have either form, or both if they agree. */
void rope_read(struct model_config *c, const struct jsontree *f)
{
	const struct jsontree_value *root = jsontree_root(f);
	const struct jsontree_value *now = jsontree_get(root, "rope_parameters");
	const struct jsontree_value *old = jsontree_get(root, "rope_scaling");
	struct model_rope other;

	only_object(f, "rope_parameters", now);
	only_object(f, "rope_scaling", old);
	c->rope_theta = jsontree_real(f, NULL, "rope_theta", 10000);
	if (now || old)
		read_scaling(&c->rope, f, now ? now : old);
	if (now && old) {
		read_scaling(&other, f, old);
		if (!same_scaling(&c->rope, &other))
			die("%s: 'rope_scaling' and 'rope_parameters' "
				"disagree: remove one", jsontree_name(f));
	}
	if (old)
		c->rope_theta = jsontree_real(f, old, "rope_theta",
			c->rope_theta);
	if (now)
		c->rope_theta = jsontree_real(f, now, "rope_theta",
			c->rope_theta);
}

/* ---- writing ---- */

/* Writes the rest of the object rope_parameters. */
static void put_scaling(struct buf *out, const struct model_rope *r)
{
	if (r->type != ROPE_DEFAULT)
		buf_printf(out, ", \"factor\": %.17g", r->factor);
	if (r->type == ROPE_LLAMA3)
		buf_printf(out, ", \"low_freq_factor\": %.17g, "
			"\"high_freq_factor\": %.17g, "
			"\"original_max_position_embeddings\": %.17g",
			r->low, r->high, r->context);
	buf_str(out, "},\n");
}

void rope_write(struct buf *out, const struct model_config *c)
{
	buf_printf(out, "  \"rope_theta\": %.17g,\n", c->rope_theta);
	buf_printf(out, "  \"rope_parameters\": {\"rope_type\": \"%s\", "
		"\"rope_theta\": %.17g", rope_names[c->rope.type],
		c->rope_theta);
	put_scaling(out, &c->rope);
	if (c->rope.type == ROPE_DEFAULT)
		return;
	buf_printf(out, "  \"rope_scaling\": {\"rope_type\": \"%s\"",
		rope_names[c->rope.type]);
	put_scaling(out, &c->rope);
}

/* ---- frequencies ---- */

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
