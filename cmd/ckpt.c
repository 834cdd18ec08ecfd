/* ckpt - look at, convert, average and compare models: ckpt(1) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/format/jsontree.h"
#include "common/model/architecture.h"
#include "common/model/llmc.h"
#include "common/model/model_dir.h"
#include "common/model/source.h"
#include "common/token/vocab.h"

static struct {
	const char *out;
	int type;
	double tolerance;
	bool tensors, force;
} o = { .tolerance = INFINITY };

static const enum dtype types[] = { DTYPE_F32, DTYPE_F16, DTYPE_BF16 };

static const struct program program = { "ckpt",
	"info MODEL\nconvert MODEL OUT\naverage -o DIR MODEL ...\n"
	"compare MODEL MODEL",
	"inspect, convert, average and compare models" };

static const struct option_row rows[] = {
	{ 'o', "output", OPT_STR, &o.out, "DIR", "average: directory to write" },
	{ 0, "type", OPT_ENUM, &o.type, "f32|f16|bf16",
	  "convert, average: type of the numbers written (f32)" },
	{ 0, "tensors", OPT_FLAG, &o.tensors, NULL,
	  "info: a line for each tensor of the file" },
	{ 0, "tolerance", OPT_FLOAT, &o.tolerance, "X",
	  "compare: fail when a tensor differs by more, relatively" },
	{ 0, "force", OPT_FLAG, &o.force, NULL,
	  "convert, average: replace a model that is there" },
	OPT_COMMON
};

/* Claims the directory for a model; one that is there already, other than the
 * one that was read, is replaced with --force only. */
static void claim(const char *dir, const char *from)
{
	if (!o.force)
		model_dir_check(dir, from, NULL, "--force replaces it");
	dir_claim(dir);
}

/* ---- info ---- */

static void put_config(struct output *out, const struct model *m)
{
	const struct model_config *c = &m->config;
	size_t i;

	output_printf(out, "arch\t%s\nlayers\t%zu\nwidth\t%zu\nheads\t%zu\n"
		"kv_heads\t%zu\nhead_size\t%zu\nffn\t%zu\ncontext\t%zu\n"
		"vocab\t%zu\n", c->arch->name, c->layers, c->width,
		c->heads, c->kv_heads, c->head_size, c->ffn, c->context,
		c->vocab);
	output_printf(out, "norm_eps\t%g\n", (double)c->norm_eps);
	if (c->positions == POSITIONS_ROTARY)
		output_printf(out, "rope_theta\t%g\n", c->rope_theta);
	output_printf(out, "tied\t%s\nbos\t%d\neos\t%d",
		c->tied ? "yes" : "no", (int)c->bos, (int)c->eos);
	for (i = 0; i < c->nmore_eos; i++)
		output_printf(out, " %d", (int)c->more_eos[i]);
	output_printf(out, "\nparameters\t%zu\n", m->nparam);
}

static void put_tensors(struct output *out, const char *dir)
{
	struct safetensors *s = source_dir_tensors(dir);
	size_t i;
	int d;

	for (i = 0; i < s->n; i++) {
		const struct st_tensor *t = &s->tensors[i];

		output_printf(out, "%s\t%s\t", t->name, dtype_row(t->type)->name);
		for (d = 0; d < t->ndim; d++)
			output_printf(out, d ? ",%zu" : "%zu", t->shape[d]);
		output_putc(out, '\n');
	}
	safetensors_close(s);
}

static void info(char **argv)
{
	struct output *out = output_open(NULL);
	struct model *m = model_load(argv[0]);
	char *by = model_provenance(argv[0]);
	const char *line, *end;

	put_config(out, m);
	for (line = by; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		output_printf(out, "by\t%.*s\n", (int)(end - line), line);
	}
	if (o.tensors && file_is_dir(argv[0]))
		put_tensors(out, argv[0]);
	output_close(out);
	free(by);
	model_free(m);
}

/* ---- convert ---- */

static void convert(char **argv)
{
	struct model *m = model_load(argv[0]);
	char *by = model_provenance(argv[0]);

	if (name_ends(argv[1], ".gguf"))
		die_usage("%s: GGUF files are not written", argv[1]);
	if (name_ends(argv[1], ".bin")) {
		llmc_write(m, argv[1], types[o.type]);
	} else {
		claim(argv[1], argv[0]);
		model_copy_tokenizer(argv[0], argv[1]);
		model_save(m, argv[1], types[o.type], by, NULL);
	}
	free(by);
	model_free(m);
}

/* ---- average ---- */

/* NULL: there is none. ends: of the tokens that begin and end, too, which
 * checkpoints of llm.c do not name. */
static char *config_difference(const struct model *a, const struct model *b,
	bool ends)
{
	struct model_config c = b->config;

	if (!ends) {
		c.bos = a->config.bos;
		c.eos = a->config.eos;
	}
	return model_config_difference(&a->config, &c);
}

static void check_shape(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name)
{
	size_t i;

	if (a->ntensor != b->ntensor || a->size != b->size)
		die("%s and %s are not models of one shape: %s", a_name,
			b_name, config_difference(a, b, false));
	for (i = 0; i < a->ntensor; i++)
		if (strcmp(a->tensors[i].name, b->tensors[i].name) ||
			a->tensors[i].shape[0] != b->tensors[i].shape[0] ||
			a->tensors[i].shape[1] != b->tensors[i].shape[1])
			die("%s and %s differ in tensor '%s'", a_name, b_name,
				a->tensors[i].name);
}

static bool has_tokenizer(const char *name)
{
	char *file = path_join(name, "tokenizer.json");
	bool has = file_exists(file);

	free(file);
	return has;
}

/* The Jinja of a model, to be freed; NULL when it has none, or a list. */
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

/* A mean makes sense where a parameter means the same in both. */
static void check_fit(const struct model *a, const char *a_name,
	const struct model *b, const char *b_name)
{
	char *why;

	check_shape(a, a_name, b, b_name);
	why = config_difference(a, b, file_is_dir(a_name) &&
		file_is_dir(b_name));
	if (why)
		die("%s and %s differ in config.json: %s", a_name, b_name,
			why);
	if (has_tokenizer(a_name) && has_tokenizer(b_name))
		check_tokenizer(a_name, b_name);
}

static void average(char **argv)
{
	struct model *mean = model_load(argv[0]);
	double *sum = xcalloc(mean->size, sizeof *sum);
	char *by = model_provenance(argv[0]);
	size_t i, n;

	for (n = 0; argv[n]; n++) {
		struct model *m = model_load(argv[n]);

		check_fit(mean, argv[0], m, argv[n]);
		for (i = 0; i < m->size; i++)
			sum[i] += (double)m->params[i];
		model_free(m);
	}
	for (i = 0; i < mean->size; i++)
		mean->params[i] = (float)(sum[i] / (double)n);
	claim(o.out, argv[0]);
	model_copy_tokenizer(argv[0], o.out);
	model_save(mean, o.out, types[o.type], by, NULL);
	free(by);
	free(sum);
	model_free(mean);
}

/* ---- compare ---- */

/* Prints the largest difference of a tensor and ||a-b|| / ||a||, which it
 * returns. */
static double compare_tensor(struct output *out, const struct tensor *a,
	const struct tensor *b)
{
	const float *x = a->data, *y = b->data;
	double d2 = 0, x2 = 0, worst = 0, relative;
	size_t i;

	for (i = 0; i < a->n; i++) {
		double d = (double)x[i] - (double)y[i];

		d2 += d * d;
		x2 += (double)x[i] * (double)x[i];
		worst = fmax(worst, fabs(d));
	}
	relative = d2 > 0 ? sqrt(d2 / x2) : 0;
	output_printf(out, "%s\t%.6g\t%.6g\n", a->name, worst, relative);
	return relative;
}

static void compare(char **argv)
{
	struct output *out = output_open(NULL);
	struct model *a = model_load(argv[0]), *b = model_load(argv[1]);
	double worst = 0;
	char *differ;
	size_t i;

	check_shape(a, argv[0], b, argv[1]);
	differ = config_difference(a, b, false);
	output_str(out, "tensor\tmax_difference\trelative\n");
	for (i = 0; i < a->ntensor; i++)
		worst = fmax(worst, compare_tensor(out, &a->tensors[i],
			&b->tensors[i]));
	output_close(out);
	model_free(a);
	model_free(b);
	if (differ && option_given("tolerance"))
		die("%s and %s differ in config.json: %s", argv[0], argv[1],
			differ);
	if (differ)
		warn("%s and %s differ in config.json: %s", argv[0], argv[1],
			differ);
	free(differ);
	if (worst > o.tolerance)
		die("%s and %s differ by %g, more than %g", argv[0], argv[1],
			worst, o.tolerance);
}

static const struct {
	const char *name;
	void (*run)(char **argv);
	int least, most;	/* operands */
} commands[] = {
	{ "info", info, 1, 1 },
	{ "convert", convert, 2, 2 },
	{ "average", average, 1, 1 << 20 },
	{ "compare", compare, 2, 2 },
};

int main(int argc, char **argv)
{
	size_t i, ncommand = sizeof commands / sizeof *commands;
	int n = 0;

	argv += options_parse(&program, rows, argc, argv);
	if (!*argv)
		die_usage("do what? info, convert, average or compare");
	while (argv[n + 1])
		n++;
	for (i = 0; i < ncommand; i++)
		if (!strcmp(*argv, commands[i].name))
			break;
	if (i == ncommand)
		die_usage("'%s' is not one of info, convert, average, compare",
			*argv);
	if (n < commands[i].least || n > commands[i].most)
		die_usage("%s takes %s%d operand%s", *argv,
			commands[i].most > commands[i].least ? "at least " :
			"", commands[i].least,
			commands[i].least == 1 ? "" : "s");
	option_range_real("tolerance", o.tolerance, 0, INFINITY);
	if (!strcmp(*argv, "average") && !o.out)
		die_usage("where to? -o DIR");
	commands[i].run(argv + 1);
	return 0;
}
