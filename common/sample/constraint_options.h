/* constraint_options.h - the options that constrain the text of answers */
#ifndef PIPELM_CONSTRAINT_OPTIONS_H
#define PIPELM_CONSTRAINT_OPTIONS_H

#include "common/base/options.h"
#include "common/sample/constraint.h"

struct constraint_options {
	const char *regex;	/* a pattern; or NULL */
	const char *json;	/* a schema or its file, "": any value; or NULL */
};

/* For option tables: o is a struct constraint_options. */
#define OPT_CONSTRAINT(o) \
	{ 0, "regex", OPT_STR, &(o).regex, "PATTERN", \
	  "+answers match PATTERN, from their start to their end" }, \
	{ 0, "json", OPT_MAYBE, &(o).json, "SCHEMA", \
	  "+answers are JSON, of a JSON Schema or a file with one" }

/* What was asked for, or NULL. The caller frees it. Errors end the program. */
struct constraint *constraint_chosen(const struct constraint_options *o);

#endif
