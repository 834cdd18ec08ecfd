/* options.h - one table for parser, help and shell completion
 *
 *	static const struct option_row rows[] = {
 *		{ 'n', "count", OPT_INT, &o.n, "N", "samples a prompt (8)" },
 *		OPT_COMMON
 *	};
 *	argv += options_parse(&prog, rows, argc, argv);
 *
 * Options may follow operands; "--" ends them. -h prints the short help, --help
 * the whole table, --version the version, each to standard output with exit 0. A
 * wrong option gives one line and a hint on standard error, exit 2.
 */
#ifndef PIPELM_OPTIONS_H
#define PIPELM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPT_FLAG,	/* bool: set to true; no argument */
	OPT_INT,	/* int64_t */
	OPT_BYTES,	/* size_t: 4096, 64K, 500M, 2G (powers of 1024) */
	OPT_FLOAT,	/* double */
	OPT_STR,	/* const char * */
	OPT_MAYBE,	/* const char *: "" without a value, which is given
			 * as --name=value only; no letter */
	OPT_LIST,	/* struct option_list: each use adds one */
	OPT_ENUM,	/* int: index of the word in the list arg "a|b|c" */
	OPT_SET,	/* int: bit i for each word i of "a|b|c" given as a,b */
	OPT_END
};

struct option_list {
	const char **v;
	size_t n;
};

/* letter 0: long form only. name: without the dashes, never NULL. arg: the name
 * of the argument in the help; for OPT_ENUM and OPT_SET, the words separated by
 * '|'. help: without a full stop; it ends with the default in parentheses, as it
 * would be typed, "(256)", or how it is derived: "(width / 64, at least 4)",
 * "(one epoch)". Pages give it in the same way, "Blocks (4)." An option that is
 * off by default has none. A row whose help starts with '+' is omitted from the
 * short help. */
struct option_row {
	char letter;
	const char *name;
	enum option_type type;
	void *value;
	const char *arg;
	const char *help;
};

struct program {
	const char *name;
	const char *operands;	/* "[FILE ...]", one alternative per line */
	const char *summary;	/* one line, as in NAME of the page */
};

/* -q, -v and the help options; every table ends with these. */
#define OPT_COMMON \
	{ 'q', "quiet", OPT_FLAG, &option_quiet, NULL, \
	  "+print no progress and no summary on standard error" }, \
	{ 'v', "verbose", OPT_FLAG, &option_verbose, NULL, \
	  "+print more on standard error" }, \
	{ 0, NULL, OPT_END, NULL, NULL, NULL }

/* -j N, for programs with threads: the value goes to parallel_threads. */
#define OPT_THREADS \
	{ 'j', "threads", OPT_INT, &option_threads, "N", \
	  "total number of threads (every processor)" }
#define OPT_SEED \
	{ 's', "seed", OPT_INT, &option_seed, "N", \
	  "seed of the random numbers (1)" }
/* -o FILE, for filters: the path goes to output_open. */
#define OPT_OUTPUT(path) \
	{ 'o', "output", OPT_STR, &(path), "FILE", \
	  "write to FILE, not standard output" }

extern bool option_quiet, option_verbose;
extern int64_t option_threads;	/* 0: every processor */
extern int64_t option_seed;	/* 1 */

/* Parses, moves the operands to the end of argv and returns the index of the first
 * one (argv[argc] remains NULL). Also calls err_init, records the command line for
 * provenance and applies -j. */
int options_parse(const struct program *p, const struct option_row *rows,
	int argc, char **argv);

/* Whether the option was given on the command line; for defaults that depend on
 * other options. */
bool option_given(const char *name);

/* Dies with a usage error, which names the option, unless from <= n <= to. to may
 * be INT64_MAX, for no upper bound. */
void option_range(const char *name, int64_t n, int64_t from, int64_t to);

/* The same for real numbers; to may be INFINITY. option_above also refuses `from`;
 * hint, which may be NULL, says what to do instead. */
void option_range_real(const char *name, double x, double from, double to);
void option_above(const char *name, double x, double from, double to,
	const char *hint);

/* The given options, a line "name=value" for each ("name" for a flag), except
 * those in the NULL-terminated list `but`: for a run to remember. The caller
 * frees it. */
char *options_text(const char *const *but);

/* Applies the options of such a text as if they had been given, except those on
 * the command line. from: the file that contains it, for messages. */
void options_recall(const char *text, const char *from);

/* The value of the first option with that name in such a text, which the caller
 * frees, or NULL. */
char *options_text_value(const char *text, const char *name);

/* The command line as a shell-quoted string without control characters, for
 * provenance chains. */
const char *option_command(void);

#define PIPELM_VERSION "0.1.0"

#endif
