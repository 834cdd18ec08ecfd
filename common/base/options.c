/* options.c - parser, help and completion from the option table: see options.h */
#include "common/base/options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"

bool option_quiet, option_verbose;
int64_t option_threads;
int64_t option_seed = 1;

static const struct option_row *table;
static bool *given;		/* a flag for each row */
static struct buf *texts;	/* for each row: what was given, as options_text */
static struct buf command;

static bool takes_argument(const struct option_row *r)
{
	return r->type != OPT_FLAG;
}

/* ---- help ---- */

#define LEFT_COLUMN 26		/* letter, name and argument */
#define HELP_WIDTH 50		/* the text next to it: 80 in total */

/* Wraps lines at words, aligning further lines with the first. */
static void print_wrapped(const char *s)
{
	while (strlen(s) > HELP_WIDTH) {
		int n = HELP_WIDTH;

		while (n > 0 && s[n] != ' ')
			n--;
		if (!n)
			n = (int)strcspn(s, " ");
		printf("%.*s\n", n, s);
		s += n + (s[n] == ' ');
		if (!*s)
			return;
		printf("  %-*s  ", LEFT_COLUMN, "");
	}
	printf("%s\n", s);
}

/* An option too long for its column, on lines of its own: a list of words is
 * wrapped after the '|' of one of them. */
static void print_long(const char *left)
{
	size_t indent = 2, n;

	for (; strlen(left) + indent > 80; left += n, indent = 14) {
		n = 80 - indent;
		while (n && left[n - 1] != '|')
			n--;
		if (!n)
			break;
		printf("%*s%.*s\n", (int)indent, "", (int)n, left);
	}
	printf("%*s%s\n", (int)indent, "", left);
}

static void print_row(const struct option_row *r)
{
	const char *help = r->help + (*r->help == '+');
	char left[256];

	if (r->letter)
		snprintf(left, sizeof left, "-%c, --%s%s%s", r->letter, r->name,
			r->arg ? " " : "", r->arg ? r->arg : "");
	else
		snprintf(left, sizeof left, r->type == OPT_MAYBE ?
			"    --%s[%s%s]" : "    --%s%s%s", r->name,
			!r->arg ? "" : r->type == OPT_MAYBE ? "=" : " ",
			r->arg ? r->arg : "");
	if (strlen(left) > LEFT_COLUMN) {
		print_long(left);
		*left = '\0';
	}
	printf("  %-*s  ", LEFT_COLUMN, left);
	print_wrapped(help);
}

static void print_usage(const struct program *p)
{
	const char *s = p->operands, *nl;
	const char *lead = "usage:";

	for (;; s = nl + 1, lead = "      ") {
		nl = strchr(s, '\n');
		printf("%s %s [options] %.*s\n", lead, p->name,
			(int)(nl ? nl - s : (long)strlen(s)), s);
		if (!nl)
			break;
	}
	printf("%s\n\n", p->summary);
}

_Noreturn static void finish_stdout(void)
{
	if (fflush(stdout) || ferror(stdout))
		die_errno("standard output: cannot write");
	exit(0);
}

_Noreturn static void print_help(const struct program *p, bool whole)
{
	const struct option_row *r;

	print_usage(p);
	for (r = table; r->type != OPT_END; r++)
		if (whole || *r->help != '+')
			print_row(r);
	printf("  %-*s  %s\n", LEFT_COLUMN, "-h", "print this short help");
	printf("  %-*s  %s\n", LEFT_COLUMN, "    --help", "print every option");
	if (whole) {
		printf("  %-*s  %s\n", LEFT_COLUMN, "    --version",
			"print the version");
		printf("  %-*s  %s\n", LEFT_COLUMN, "    --completion",
			"print a completion script for bash");
	}
	printf("\nSee also the manual page %s(1).\n", p->name);
	finish_stdout();
}

/* The words that may follow an option. */
static void print_choice(const struct option_row *r)
{
	const char *s;

	printf("\t--%s", r->name);
	if (r->letter)
		printf("|-%c", r->letter);
	printf(")\twords='");
	for (s = r->arg; *s; s++)
		putchar(*s == '|' ? ' ' : *s);
	printf("' ;;\n");
}

/* Lower-case words at the start of a usage line are commands: "info FILE ..." and
 * "cat | head [FILE ...]". */
static void print_commands(const char *s)
{
	bool first = true;

	while (s) {
		size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

		if (n && (s[n] == ' ' || s[n] == '\n' || !s[n])) {
			printf(first ? "\t\t*)\t[ \"$COMP_CWORD\" -gt 1 ] || "
				"words='" : " ");
			printf("%.*s", (int)n, s);
			first = false;
		}
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	if (!first)
		printf("' ;;\n");
}

_Noreturn static void print_completion(const struct program *p)
{
	const struct option_row *r;
	char name[32];
	size_t i;

	/* In bash's POSIX mode, a function name cannot have a hyphen. */
	snprintf(name, sizeof name, "_%s", p->name);
	for (i = 0; name[i]; i++)
		if (name[i] == '-')
			name[i] = '_';
	printf("%s() {\n\tlocal words=\n\tcase $3 in\n", name);
	for (r = table; r->type != OPT_END; r++)
		if (r->type == OPT_ENUM || r->type == OPT_SET)
			print_choice(r);
	printf("\t*)\tcase $2 in\n\t\t-*)\twords='");
	for (r = table; r->type != OPT_END; r++)
		printf("--%s ", r->name);
	printf("--help --version --completion' ;;\n");
	print_commands(p->operands);
	printf("\t\tesac ;;\n\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" "
		"-- \"$2\"))\n}\ncomplete -o default -F %s %s\n", name,
		p->name);
	finish_stdout();
}

/* ---- misspelt names ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of insertions, deletions, changes and swaps of adjacent letters that
 * turn a[0..n) into b (Damerau 1964, restricted). Names of up to 31 bytes. */
static size_t edit_distance(const char *a, size_t n, const char *b)
{
	size_t d[32][32], i, j, m = strlen(b);

	if (n > 31 || m > 31)
		return 99;
	for (i = 0; i <= n; i++)
		d[i][0] = i;
	for (j = 0; j <= m; j++)
		d[0][j] = j;
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++) {
			d[i][j] = smaller(d[i - 1][j - 1] + (a[i - 1] !=
				b[j - 1]), 1 + smaller(d[i - 1][j],
				d[i][j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				a[i - 2] == b[j - 1])
				d[i][j] = smaller(d[i][j], 1 + d[i - 2][j - 2]);
		}
	return d[n][m];
}

/* How far name[0..n) is from an option's name; a prefix of one is nearer than any
 * misspelling. */
static size_t distance(const char *name, size_t n, const char *other)
{
	size_t m = strlen(other), d;

	if (n > 1 && m > 2 && !memcmp(name, other, smaller(n, m)))
		return 0;
	d = edit_distance(name, n, other);
	return d <= 2 && d * 3 <= n ? d : 99;
}

/* The option that name[0..n) probably means, or NULL. */
static const char *nearest(const char *name, size_t n)
{
	static const char *const always[] = { "help", "version", "completion" };
	const char *best = NULL;
	size_t least = 99, i, nrow, d;

	for (nrow = 0; table[nrow].type != OPT_END; nrow++)
		;
	for (i = 0; i < nrow + 3; i++) {
		const char *s = i < nrow ? table[i].name : always[i - nrow];

		d = distance(name, n, s);
		if (d < least) {
			least = d;
			best = s;
		}
	}
	return best;
}

static const char *cluster;	/* -abc, while its letters are parsed */

/* " (did you mean --steps?)" for a message about -step, or "". */
static const char *hint(void)
{
	static char text[64];
	const char *near = cluster && strlen(cluster) > 3 ?
		nearest(cluster + 1, strcspn(cluster + 1, "=")) : NULL;

	*text = 0;
	if (near)
		snprintf(text, sizeof text, " (did you mean --%s?)", near);
	return text;
}

/* ---- values ---- */

static int64_t parse_int(const char *opt, const char *s)
{
	char *end;
	intmax_t v;

	errno = 0;
	v = strtoimax(s, &end, 10);
	if (errno || end == s || *end)
		die_usage("%s: '%s' is not a whole number%s", opt, s, hint());
	return v;
}

static double parse_float(const char *opt, const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (end == s || *end || !isfinite(v))
		die_usage("%s: '%s' is not a number%s", opt, s, hint());
	return v;
}

static size_t parse_bytes(const char *opt, const char *s)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	double v = strtod(s, &end);
	int power = 0;

	if (end != s && *end && (unit = strchr(units, *end & ~0x20)) &&
		*unit) {
		power = (int)(unit - units) + 1;
		end++;
		if ((*end & ~0x20) == 'B')
			end++;
	}
	v = ldexp(v, 10 * power);
	if (end == s || *end || !(v >= 0 && v < 0x1p62))
		die_usage("%s: '%s' is not a size such as 500M or 2G%s", opt,
			s, hint());
	return (size_t)v;
}

/* The index of word[0..n) in the list "a|b|c", or -1. */
static int find_word(const char *list, const char *word, size_t n)
{
	int i;

	for (i = 0;; i++) {
		size_t len = strcspn(list, "|");

		if (len == n && !memcmp(list, word, n))
			return i;
		if (!list[len])
			return -1;
		list += len + 1;
	}
}

static int parse_word(const char *opt, const char *list, const char *s,
	size_t n)
{
	int i = find_word(list, s, n);

	if (i < 0)
		die_usage("%s: '%.*s' is not one of %s%s", opt, (int)n, s,
			list, hint());
	return i;
}

static int parse_set(const char *opt, const char *list, const char *s)
{
	int set = 0;

	for (;;) {
		size_t n = strcspn(s, ",");

		set |= 1 << parse_word(opt, list, s, n);
		if (!s[n])
			return set;
		s += n + 1;
	}
}

static void add_to_list(struct option_list *l, const char *s)
{
	l->v = xrealloc(l->v, l->n + 1, sizeof *l->v);
	l->v[l->n++] = s;
}

static void store(const struct option_row *r, const char *opt, const char *s)
{
	given[r - table] = true;
	buf_printf(&texts[r - table], "%s%s%s\n", r->name, s ? "=" : "",
		s ? s : "");
	switch (r->type) {
	case OPT_FLAG:
		*(bool *)r->value = true;
		break;
	case OPT_INT:
		*(int64_t *)r->value = parse_int(opt, s);
		break;
	case OPT_BYTES:
		*(size_t *)r->value = parse_bytes(opt, s);
		break;
	case OPT_FLOAT:
		*(double *)r->value = parse_float(opt, s);
		break;
	case OPT_STR:
	case OPT_MAYBE:
		*(const char **)r->value = s ? s : "";
		break;
	case OPT_LIST:
		add_to_list(r->value, s);
		break;
	case OPT_ENUM:
		*(int *)r->value = parse_word(opt, r->arg, s, strlen(s));
		break;
	case OPT_SET:
		*(int *)r->value = parse_set(opt, r->arg, s);
		break;
	case OPT_END:
		break;
	}
}

/* ---- the command line ---- */

static void record_command(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		const char *s = i ? argv[i] : err_program();
		bool plain = *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%")];

		if (i)
			buf_putc(&command, ' ');
		if (!plain)
			buf_putc(&command, '\'');
		for (; *s; s++) {
			if ((unsigned char)*s < 0x20 || *s == 0x7f)
				buf_putc(&command, '?');
			else if (*s == '\'')
				buf_str(&command, "'\\''");
			else
				buf_putc(&command, *s);
		}
		if (!plain)
			buf_putc(&command, '\'');
	}
	buf_end(&command);
}

const char *option_command(void)
{
	return command.p ? command.p : err_program();
}

/* The row of the option name[0..n), or NULL. */
static const struct option_row *find_row(const char *name, size_t n)
{
	const struct option_row *r;

	for (r = table; r->type != OPT_END; r++)
		if (strlen(r->name) == n && !memcmp(r->name, name, n))
			return r;
	return NULL;
}

_Noreturn static void no_such_option(const char *arg)
{
	size_t n = strcspn(arg + 2, "=");
	const char *near = nearest(arg + 2, n);

	if (near)
		die_usage("there is no option '%.*s' (did you mean --%s?)",
			(int)n + 2, arg, near);
	die_usage("there is no option '%.*s'", (int)n + 2, arg);
}

/* A long option; next is the argument after it. Returns how many arguments were
 * taken: 1, or 2 with its value. */
static int long_option(const struct program *p, const char *arg,
	const char *next)
{
	const char *name = arg + 2;
	size_t n = strcspn(name, "=");
	const struct option_row *r;

	if (!strcmp(name, "help"))
		print_help(p, true);
	if (!strcmp(name, "completion"))
		print_completion(p);
	if (!strcmp(name, "version")) {
		printf("%s (pipelm) %s\n", p->name, PIPELM_VERSION);
		finish_stdout();
	}
	r = find_row(name, n);
	if (!r)
		no_such_option(arg);
	if (r->type == OPT_MAYBE) {
		store(r, arg, name[n] ? name + n + 1 : NULL);
		return 1;
	}
	if (!takes_argument(r)) {
		if (name[n])
			die_usage("option '--%s' takes no value", r->name);
		store(r, arg, NULL);
		return 1;
	}
	if (!name[n] && !next)
		die_usage("option '--%s' needs a value", r->name);
	store(r, arg, name[n] ? name + n + 1 : next);
	return name[n] ? 1 : 2;
}

/* A long name after a single dash would be read as letters and a value. */
static void refuse_one_dash(const char *arg)
{
	size_t n = strcspn(arg + 1, "=");

	if (n > 2 && find_row(arg + 1, n))
		die_usage("'%.*s': long options start with two dashes: -%.*s",
			(int)n + 1, arg, (int)n + 1, arg);
}

/* A cluster of letters; the last one may have a value. */
static int short_options(const struct program *p, const char *arg,
	const char *next)
{
	const char *s;

	refuse_one_dash(arg);
	cluster = arg;
	for (s = arg + 1; *s; s++) {
		char opt[3] = { '-', *s, 0 };
		const struct option_row *r;

		for (r = table; r->type != OPT_END; r++)
			if (r->letter == *s)
				break;
		if (r->type == OPT_END && *s == 'h')
			print_help(p, false);
		if (r->type == OPT_END)
			die_usage("there is no option '%s'%s", opt, hint());
		if (!takes_argument(r)) {
			store(r, opt, NULL);
			continue;
		}
		if (!s[1] && !next)
			die_usage("option '%s' needs a value", opt);
		store(r, opt, s[1] ? s + 1 : next);
		cluster = NULL;
		return s[1] ? 1 : 2;
	}
	cluster = NULL;
	return 1;
}

/* Without -m, an operand is often the model. */
static void find_model(char **operands)
{
	const struct option_row *r = find_row("model", 5);

	if (!r || r->letter != 'm' || given[r - table])
		return;
	for (; *operands; operands++) {
		char *file = path_join(*operands, "config.json");

		if (file_exists(file))
			die_usage("no model: '%s' looks like one: -m %s",
				*operands, *operands);
		free(file);
	}
}

/* If a standard descriptor is closed, the next opened file would take its place.
 * It is filled with one opened the wrong way, so that using it fails. */
static void fill_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null",
				fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			exit(1);
}

int options_parse(const struct program *p, const struct option_row *rows,
	int argc, char **argv)
{
	char **rest;
	int i, n = 0, nrow = 0;

	fill_descriptors();
	signal(SIGXFSZ, SIG_IGN);	/* the failing write gives the reason */
	err_init(argc ? argv[0] : p->name);
	rest = xcalloc((size_t)argc + 1, sizeof *rest);
	record_command(argc, argv);
	table = rows;
	while (rows[nrow].type != OPT_END)
		nrow++;
	given = xcalloc((size_t)nrow + 1, sizeof *given);
	texts = xcalloc((size_t)nrow + 1, sizeof *texts);
	for (i = 1; i < argc;) {
		char *arg = argv[i], *next = argv[i + 1];

		if (!strcmp(arg, "--")) {
			i++;
			break;
		}
		if (arg[0] != '-' || !arg[1]) {
			rest[n++] = arg;
			i++;
		} else if (arg[1] == '-') {
			i += long_option(p, arg, next);
		} else {
			i += short_options(p, arg, next);
		}
	}
	while (i < argc)
		rest[n++] = argv[i++];
	for (i = 0; i < n; i++)
		argv[argc - n + i] = rest[i];
	free(rest);
	if (option_threads < 0 || option_threads > 1024)
		die_usage("-j: %" PRId64 " is not from 1 to 1024",
			option_threads);
	parallel_threads((int)option_threads);
	find_model(argv + argc - n);
	return argc - n;
}

bool option_given(const char *name)
{
	int i;

	for (i = 0; table && table[i].type != OPT_END; i++)
		if (!strcmp(table[i].name, name))
			return given[i];
	return false;
}

void option_range(const char *name, int64_t n, int64_t from, int64_t to)
{
	if (n < from && to == INT64_MAX)
		die_usage("--%s: %" PRId64 " is below %" PRId64, name, n, from);
	if (n < from || n > to)
		die_usage("--%s: %" PRId64 " is not from %" PRId64 " to %"
			PRId64, name, n, from, to);
}

void option_range_real(const char *name, double x, double from, double to)
{
	if (x < from && to == INFINITY)
		die_usage("--%s: %g is below %g", name, x, from);
	if (!(x >= from && x <= to))
		die_usage("--%s: %g is not from %g to %g", name, x, from, to);
}

void option_above(const char *name, double x, double from, double to,
	const char *hint)
{
	char end[32] = "";

	if (x > from && x <= to)
		return;
	if (to != INFINITY)
		snprintf(end, sizeof end, " and at most %g", to);
	die_usage("--%s: %g is not above %g%s%s%s%s", name, x, from, end,
		hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
}

/* ---- the options that a run remembers ---- */

char *options_text(const char *const *but)
{
	struct buf b = { 0 };
	const struct option_row *r;
	size_t i;

	for (r = table; r->type != OPT_END; r++) {
		for (i = 0; but[i] && strcmp(but[i], r->name); i++)
			;
		if (!but[i] && given[r - table])
			buf_add(&b, texts[r - table].p, texts[r - table].n);
	}
	return buf_end(&b);
}

void options_recall(const char *text, const char *from)
{
	size_t nrow = 0, n, name;
	bool *now;

	while (table[nrow].type != OPT_END)
		nrow++;
	now = xcalloc(nrow + 1, sizeof *now);
	memcpy(now, given, nrow * sizeof *now);
	for (; *text; text += n + (text[n] == '\n')) {
		const struct option_row *r;
		char opt[64];

		n = strcspn(text, "\n");
		name = strcspn(text, "=\n");
		r = find_row(text, name);
		if (!r || (r->type != OPT_MAYBE &&
			takes_argument(r) != (text[name] == '=')))
			die("%s: an option that this program does not have: "
				"'%.*s'", from, (int)n, text);
		snprintf(opt, sizeof opt, "%.40s: --%s", from, r->name);
		/* The value lives as long as the program, like argv. */
		if (!now[r - table])
			store(r, opt, name == n ? NULL :
				xstrndup(text + name + 1, n - name - 1));
	}
	free(now);
}

char *options_text_value(const char *text, const char *name)
{
	size_t n, len = strlen(name);

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n > len && !memcmp(text, name, len) && text[len] == '=')
			return xstrndup(text + len + 1, n - len - 1);
	}
	return NULL;
}
