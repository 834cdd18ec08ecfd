/* rule_options.c - the rules as options say: see rule_options.h */
#include "common/filter/rule_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/filter/fasttext.h"
#include "common/filter/language.h"

/* ---- thresholds ---- */

static void set_rule(const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *name, *end;
	double v;

	if (!eq || eq == arg)
		die_usage("--set: '%s' is not RULE=NUMBER", arg);
	v = strtod(eq + 1, &end);
	if (end == eq + 1 || *end || !isfinite(v))
		die_usage("--set: '%s' is not a number", eq + 1);
	name = xstrndup(arg, (size_t)(eq - arg));
	if (!rules_set(name, v))
		die_usage("--set: there is no rule '%s' with a threshold; "
			"--rules lists them", name);
	free(name);
}

static void switch_rules(const char *option, const struct option_list *names,
	bool off)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!rules_switch(names->v[i], off))
			die_usage("%s: there is no rule '%s'; --rules lists "
				"them", option, names->v[i]);
}

void rule_options_apply(const struct rule_options *o)
{
	size_t i;

	rules_for((enum rules_set_id)o->rules_for);
	switch_rules("--off", &o->off, true);
	switch_rules("--on", &o->on, false);
	for (i = 0; i < o->set.n; i++)
		set_rule(o->set.v[i]);
}

/* ---- lists and models ---- */

static struct urls *read_lists(const struct rule_options *o)
{
	struct urls *u = urls_new(true);
	size_t i;
	int list;

	for (list = 0; list < URL_LISTS; list++)
		for (i = 0; i < o->url[list].n; i++)
			urls_add_file(u, list, o->url[list].v[i]);
	urls_finish(u);
	return u;
}

/* The number of the label, with or without "__label__". */
static size_t find_label(const struct rule_options *o,
	const struct fasttext *ft)
{
	static const char mark[] = "__label__";
	size_t i, n = fasttext_labels(ft);

	for (i = 0; i < n; i++) {
		const char *label = fasttext_label(ft, i);

		if (!strcmp(label, o->quality_label) ||
			(!strncmp(label, mark, strlen(mark)) &&
			!strcmp(label + strlen(mark), o->quality_label)))
			return i;
	}
	die("%s: there is no label '%s' in it", o->quality_model,
		o->quality_label);
}

static void open_quality(const struct rule_options *o, struct rules_env *env)
{
	struct fasttext *ft;

	if (!o->quality_model) {
		if (o->quality_label)
			die_usage("--quality-label needs --quality-model");
		return;
	}
	env->quality = ft = fasttext_open(o->quality_model);
	env->quality_label = o->quality_label ? find_label(o, ft) : 0;
}

static void check_languages(const char *s, const struct language *l)
{
	for (; s; s = strchr(s, ',')) {
		size_t n;

		s += *s == ',';
		n = strcspn(s, ",");
		if (!language_knows(l, s, n))
			die_usage("-l: '%.*s' is no language that the model "
				"knows; codes are as in en,de,zh-Hant", (int)n,
				s);
	}
}

void rule_options_open(const struct rule_options *o, struct rules_env *env)
{
	struct language *language = language_open(o->language_model);

	check_languages(o->languages, language);
	*env = (struct rules_env){ .urls = read_lists(o),
		.language = language, .languages = o->languages };
	open_quality(o, env);
}

void rule_options_close(struct rules_env *env)
{
	urls_free((struct urls *)env->urls);
	language_close((struct language *)env->language);
	fasttext_close((struct fasttext *)env->quality);
}

/* ---- the list ---- */

void rules_list(struct output *out)
{
	int i;

	output_str(out, "rule\ton\tthreshold\twhat it drops\n");
	for (i = 0; i < RULES; i++) {
		const struct rule *r = &rules[i];

		output_printf(out, "%s\t%s\t", r->name, r->off ? "no" : "yes");
		if (isnan(r->limit))
			output_str(out, "-");
		else
			output_printf(out, "%g", r->limit);
		output_printf(out, "\t%s%s\n", r->test ? "" : "takes out: ",
			r->drops);
	}
}
