/* rule_options.h - thresholds, word lists and models of the rules, as the
 * options of a program give them */
#ifndef PIPELM_RULE_OPTIONS_H
#define PIPELM_RULE_OPTIONS_H

#include "common/base/io.h"
#include "common/base/options.h"
#include "common/filter/rules.h"
#include "common/filter/url.h"

struct rule_options {
	int rules_for;			/* enum rules_set_id */
	struct option_list set, on, off, url[URL_LISTS];
	const char *languages;		/* NULL: all */
	const char *language_model;	/* NULL: the built-in one */
	const char *quality_model, *quality_label;
};

/* For tables of options; o is a struct rule_options. */
#define OPT_RULES(o) \
	{ 'l', "languages", OPT_STR, &(o).languages, "LIST", \
	  "only these languages, such as en,de (all)" }, \
	{ 0, "rules-for", OPT_ENUM, &(o).rules_for, \
	  "fineweb|any-language|docs", \
	  "the set of rules: docs is for handbooks (fineweb)" }, \
	{ 0, "set", OPT_LIST, &(o).set, "RULE=N", \
	  "set the threshold of a rule" }, \
	{ 0, "off", OPT_LIST, &(o).off, "RULE", \
	  "switch off a rule, or a family such as gopher" }, \
	{ 0, "on", OPT_LIST, &(o).on, "RULE", \
	  "switch on a rule or family that is off" }

#define OPT_RULE_FILES(o) \
	{ 0, "language-model", OPT_STR, &(o).language_model, "FILE", \
	  "+a fastText model in place of the built-in one" }, \
	{ 0, "quality-model", OPT_STR, &(o).quality_model, "FILE", \
	  "+a fastText model that judges quality" }, \
	{ 0, "quality-label", OPT_STR, &(o).quality_label, "LABEL", \
	  "+whose score the rule 'quality' takes (the first)" }, \
	{ 0, "url-domains", OPT_LIST, &(o).url[URL_DOMAIN], "FILE", \
	  "+drop the hosts listed, and those below them" }, \
	{ 0, "url-addresses", OPT_LIST, &(o).url[URL_ADDRESS], "FILE", \
	  "+drop the addresses listed" }, \
	{ 0, "url-words", OPT_LIST, &(o).url[URL_WORD], "FILE", \
	  "+drop addresses with a word of the list" }, \
	{ 0, "url-soft-words", OPT_LIST, &(o).url[URL_SOFT_WORD], "FILE", \
	  "+drop addresses with several words of the list" }, \
	{ 0, "url-subwords", OPT_LIST, &(o).url[URL_SUBWORD], "FILE", \
	  "+drop addresses whose letters hold one of the list" }

/* Chooses the set of rules, then switches off and on, and sets; a rule that does not
 * exist is a usage error. */
void rule_options_apply(const struct rule_options *o);

/* Reads the lists and models into *env; what is wrong with them is fatal. */
void rule_options_open(const struct rule_options *o, struct rules_env *env);
void rule_options_close(struct rules_env *env);

/* A table of the rules with their thresholds as they are now. */
void rules_list(struct output *out);

#endif
