/* fit.c - checks whether two models are compatible: see ckpt.h */
#include <stdlib.h>
#include <string.h>

#include "cmd/ckpt/ckpt.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/jsontree.h"
#include "common/token/vocab.h"

char *fit_config(const struct model *a, const struct model *b,
	bool ends)
{
	struct model_config c = b->config;

	if (!ends) {
		c.bos = a->config.bos;
		c.eos = a->config.eos;
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

/* The Jinja template of a model; NULL if it has none, or a list. The caller
 * frees it. */
static char *chat_template(const char *dir)
{
	char *own = path_join(dir, "chat_template.jinja");
	char *file = path_join(dir, "tokenizer_config.json");
	char *text = NULL;
	size_t n;

	if (file_exists(own)) {
		text = file_read(own, &n);
	} else if (file_exists(file)) {
		struct jsontree *c = jsontree_open(file);
		const char *s = jsontree_text(jsontree_get(jsontree_root(c),
			"chat_template"), NULL);

		text = s ? xstrdup(s) : NULL;
		jsontree_close(c);
	}
	free(own);
	free(file);
	return text;
}

static void check_tokenizer(const char *a, const char *b)
{
	char *why, *x = chat_template(a), *y = chat_template(b);
	struct vocab *v = vocab_open(a, NULL), *w = vocab_open(b, NULL);

	why = vocab_difference(v, w);
	if (why)
		die("%s and %s have other tokenizers: %s", a, b, why);
	if (!x != !y || (x && strcmp(x, y)))
		die("%s and %s have other chat templates", a, b);
	vocab_free(v);
	vocab_free(w);
	free(x);
	free(y);
}

/* Averaging makes sense only if parameters mean the same in both. */
void fit_check(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name)
{
	char *why;

	fit_shape(a, a_name, b, b_name);
	why = fit_config(a, b, file_is_dir(a_name) &&
		file_is_dir(b_name));
	if (why)
		die("%s and %s differ in config.json: %s", a_name, b_name,
			why);
	if (vocab_exists(a_name) && vocab_exists(b_name))
		check_tokenizer(a_name, b_name);
}
