/* fit.c - checks whether two models are compatible: see ckpt.h */
#include <stdlib.h>
#include <string.h>

#include "cmd/ckpt/ckpt.h"
#include "common/base/io.h"
#include "common/format/gguf.h"
#include "common/token/template.h"

char *fit_config(const struct model *a, const struct model *b,
	bool ends)
{
	struct model_config c = b->config;

	if (!ends) {
		c.bos = a->config.bos;
		c.eos = a->config.eos;
		c.nmore_eos = a->config.nmore_eos;
		memcpy(c.more_eos, a->config.more_eos, sizeof c.more_eos);
	}
	return model_config_difference(&a->config, &c);
}

void fit_shape(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name)
{
	size_t i;

	if (a->ntensor != b->ntensor || a->size != b->size)
		die("%s and %s are not models of one shape: %s", a_name,
			b_name, fit_config(a, b, false));
	for (i = 0; i < a->ntensor; i++)
		if (strcmp(a->tensors[i].name, b->tensors[i].name) ||
			a->tensors[i].shape[0] != b->tensors[i].shape[0] ||
			a->tensors[i].shape[1] != b->tensors[i].shape[1])
			die("%s and %s differ in tensor '%s'", a_name, b_name,
				a->tensors[i].name);
}

static void check_tokenizer(const char *a, const char *b)
{
	struct vocab *v = vocab_open(a, NULL), *w = vocab_open(b, NULL);
	char *why = vocab_difference(v, w);
	struct template t, u;

	if (why)
		die("%s and %s have other tokenizers: %s", a, b, why);
	template_find(&t, v, a);
	template_find(&u, w, b);
	if (!template_equal(&t, &u))
		die("%s and %s have other chat templates", a, b);
	template_free(&t);
	template_free(&u);
	vocab_free(v);
	vocab_free(w);
}

static bool has_ends(const char *name)
{
	return file_is_dir(name) || gguf_is(name);
}

/* Averaging makes sense only if parameters mean the same in both. */
void fit_check(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name)
{
	char *why;

	fit_shape(a, a_name, b, b_name);
	why = fit_config(a, b, has_ends(a_name) && has_ends(b_name));
	if (why)
		die("%s and %s differ in config.json: %s", a_name, b_name,
			why);
	if (vocab_exists(a_name) && vocab_exists(b_name))
		check_tokenizer(a_name, b_name);
}
